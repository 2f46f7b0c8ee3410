import { basename } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import {
  type PlanOptions,
  type PrecisionPlan,
  type RangeMode,
  resolvePlan,
} from '../../src-shared/precision/precision-plan.ts';
import { type Profile, profileText, searchProfile } from '../../src-shared/precision/profile-search.ts';
import { UNIFORM_WIDTHS, withControls } from '../../src-shared/runs/controls.ts';
import { FEW_IMAGES } from '../../src-shared/runs/paired-statistics.ts';
import { type DatasetImage, inFirstHalf, type Shard } from '../../src-shared/runs/run-record.ts';
import type { Work } from '../../src-shared/work.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { Bench } from './bench.ts';
import { type EvaluatedRun, evaluated } from './evaluate.ts';
import { Evaluator, type EvaluatorOptions, type Images } from './evaluator.ts';
import { type FoundProfile, PlanSearch, type SearchedImages, type SearchOrder } from './plan-search.ts';

/** How several tasks share an order that begins with a search for bits. */
export interface SharedSearch {
  /** The part of the images that is measured here, once the bits are found. */
  readonly shard?: Shard | undefined;
  /** Store in which one task has done the search for all. */
  readonly searchFrom?: string | undefined;
  /** Nothing but the search. */
  readonly searchOnly?: boolean | undefined;
}

export interface FindProfileOrder extends EvaluatorOptions, Omit<SearchOrder, 'name'>, SharedSearch {
  readonly range: RangeMode;
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** Default: after the folder. */
  readonly name?: string | undefined;
}

/** A profile and what it gives on the images it was not found on; layers in their order. */
export interface MeasuredProfile {
  readonly found: FoundProfile;
  readonly layers: readonly LayerGeometry[];
  /** Null where only the search was asked for. */
  readonly measured: EvaluatedRun | null;
}

/**
 * Finds bits layer by layer on one half of a folder (the Stripes way), and measures them on the other, beside their controls; where
 * labels are few, finds them by agreement on all images, and measures them there. All is kept: the same order given again goes on with the runs it began.
 * @throws RunEnded, FoveaError `dataset-empty` when a half has no images, ...
 */
export async function findProfile(bench: Bench, order: FindProfileOrder, work: Work): Promise<MeasuredProfile> {
  using evaluator = await Evaluator.open(order, bench, work);
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const name = order.name ?? `${basename(dataset.root)}: static profile`;
  const split = await halves(evaluator, dataset);
  const { layers } = evaluator.model;
  const space = layerWise(evaluator.model, order.range);
  const found = await searchProfileOn(evaluator, dataset, split, { ...order, name }, space);
  if (order.searchOnly) return { found, layers, measured: null };
  const run = await evaluator.run(dataset, {
    name,
    plans: withControls([found.plan], layers),
    detail: 'basic',
    seed: order.seed,
    shard: order.shard ?? null,
    images: split.rest,
    again: { digests: split.digests, grows: false },
  });
  return { found, layers, measured: evaluated(evaluator, run) };
}

/** Bits of each tensor, the Stripes way: lists of widths that are lowered one by one. */
export interface SearchSpace {
  /** By tensor: multiply-accumulates that its width decides. */
  readonly macs: readonly number[];
  readonly planOf: (widths: Profile) => PrecisionPlan;
  /** The same bits everywhere, but for the image's own. */
  readonly uniform: (bits: number) => Profile;
}

export function layerWise(model: OpenedModel, range: RangeMode): SearchSpace {
  const macs = macsByTensor(model);
  const image = imageTensors(model);
  return {
    macs,
    planOf: (tensorBits) => profilePlan(model, layerBits(model, tensorBits), { range }),
    // Pixels have 8 bits, and uniform widths leave them alone.
    uniform: (bits) => macs.map((_, tensor) => (image.has(tensor) ? 8 : bits)),
  };
}

/** Those that are the image itself. */
export function imageTensors({ tensorOfLayer, readsImage }: OpenedModel): ReadonlySet<number> {
  return new Set(tensorOfLayer.filter((_, layer) => readsImage[layer]));
}

/**
 * Finds layer-wise bits on some images; see `searchProfile`. Layers that read the same tensor are lowered together.
 */
export async function searchProfileOn(
  evaluator: Evaluator,
  dataset: Images,
  images: SearchedImages,
  order: SearchOrder,
  { macs, planOf, uniform }: SearchSpace,
): Promise<FoundProfile> {
  const search = await PlanSearch.begin(
    evaluator,
    dataset,
    images,
    order,
    UNIFORM_WIDTHS.map((bits) => planOf(uniform(bits))),
  );
  const path: PrecisionPlan[] = [];
  const found = await searchProfile({
    macs,
    uniform,
    floor: search.floor,
    evaluate: async (profiles) =>
      (await search.sift(profiles.map(planOf))).map((score) => score && { ...score, right: search.worth(score) }),
    onRound: (profile) => {
      path.push(planOf(profile));
      search.best = profileText(layerBits(evaluator.model, profile));
    },
  });
  return search.finish(planOf(found), path);
}

/** One level everywhere, each layer its own bits. */
export function profilePlan(model: OpenedModel, bits: Profile, range: PlanOptions): PrecisionPlan {
  const byName = Object.fromEntries(model.layers.map(({ name }, index) => [name, bits[index]!]));
  return resolvePlan({ metric: 'uniform', bits: [8], ...range, layerBits: byName });
}

export function layerBits(model: OpenedModel, tensorBits: Profile): number[] {
  return model.tensorOfLayer.map((tensor) => tensorBits[tensor]!);
}

export function macsByTensor({ layers, tensorOfLayer }: OpenedModel): number[] {
  const macs: number[] = Array.from({ length: Math.max(...tensorOfLayer) + 1 }, () => 0);
  layers.forEach((layer, index) => (macs[tensorOfLayer[index]!]! += layer.macs));
  return macs;
}

/** More images would not change what is found, only take long. */
const MAX_SEARCH_IMAGES = 500;

/** Images to search on, and those to report what was found on. */
export interface Halves extends SearchedImages {
  /** All images where the search is by agreement. */
  readonly rest: readonly DatasetImage[];
  /** By the digests of the files, at most as many as a search needs. */
  readonly first: readonly DatasetImage[];
  readonly second: readonly DatasetImage[];
}

/**
 * Halves a dataset by the digests of its files: what is found on one half is reported on the other. Where halves would have fewer than
 * {@link FEW_IMAGES} labels, both are all images, to be searched by agreement.
 * @throws FoveaError `dataset-empty` when a half has none
 */
export async function halves(evaluator: Evaluator, dataset: Images): Promise<Halves> {
  const digests = await evaluator.digests(dataset);
  const readable = dataset.images.filter(({ path }) => digests.get(path));
  const { first = [], second = [] } = Object.groupBy(readable, ({ path }) =>
    inFirstHalf(digests.get(path)!) ? 'first' : 'second',
  );
  const labelled = readable.filter(({ label }) => label !== null).length;
  const byAgreement = labelled > 0 && labelled < 2 * FEW_IMAGES;
  const searched = (images: readonly DatasetImage[]) => {
    const every = Math.ceil(images.length / MAX_SEARCH_IMAGES);
    return images.filter((_, index) => index % every === 0);
  };
  if (first.length === 0 || second.length === 0)
    throw new FoveaError(
      'dataset-empty',
      `${dataset.root}: ${dataset.images.length} images are too few to choose on one half and report on the other`,
      'Give some hundred images.',
    );
  return {
    calibration: searched(byAgreement ? readable : first),
    first: searched(first),
    second: searched(second),
    rest: byAgreement ? readable : second,
    byAgreement,
    digests,
  };
}
