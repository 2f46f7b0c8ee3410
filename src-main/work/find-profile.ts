import { basename } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { type LayerGeometry, macWeightedGroupBits } from '../../src-shared/measurement.ts';
import type { Keeps } from '../../src-shared/runs/policies.ts';
import {
  type PlanOptions,
  type PrecisionPlan,
  type RangeMode,
  resolvePlan,
} from '../../src-shared/precision/precision-plan.ts';
import {
  type Profile,
  type ProfileScore,
  profileText,
  searchProfile,
} from '../../src-shared/precision/profile-search.ts';
import { agreementFor } from '../../src-shared/runs/agreement-floor.ts';
import { UNIFORM_WIDTHS, withControls } from '../../src-shared/runs/controls.ts';
import { FEW_IMAGES } from '../../src-shared/runs/paired-statistics.ts';
import {
  canonicalJson,
  type CountDetail,
  type DatasetImage,
  inFirstHalf,
  type Shard,
  type TopClasses,
} from '../../src-shared/runs/run-record.ts';
import { count } from '../../src-shared/count-text.ts';
import { sharedProbability } from '../../src-shared/top-classes.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import type { Bench } from './bench.ts';
import { type EvaluatedRun, evaluated } from './evaluate.ts';
import { Evaluator, type EvaluatorOptions, type Images } from './evaluator.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { LayerCountsMean } from '../store/layer-counts-blob.ts';
import { imageResults, runPlans } from '../store/run-query.ts';

export interface SearchOrder {
  readonly name: string;
  readonly keeps: Keeps;
  /** Accuracy that may be lost, 0..1. */
  readonly tolerance: number;
  readonly seed: number;
  readonly searchFrom?: string | undefined;
}

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

export interface FoundProfile {
  /** Bits by layer, in the order of the layers. */
  readonly bits: Profile;
  readonly plan: PrecisionPlan;
  /** What the search went through, each cheaper than the one before; the last one is `plan`. */
  readonly path: readonly PrecisionPlan[];
  /**
   * Labels were few: all images were searched on, and judged by agreement with the plain network, which tells harm earlier than right
   * answers. The labels said how much agreement goes with the accuracy to be kept, and nothing else.
   */
  readonly byAgreement: boolean;
  /** Images the search was judged by, and how many the plain network and the profile get right. */
  readonly images: number;
  readonly plainRight: number;
  readonly right: number;
  readonly plansTried: number;
  /** The fewest uniform bits that keep what the profile had to keep. */
  readonly uniformBits: number;
  /** Id of the run that holds all that was tried. */
  readonly runId: string;
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

/** What a search goes through: lists of widths that are lowered one by one. */
export interface SearchSpace {
  /** By entry of a list: multiply-accumulates that its width decides. */
  readonly macs: readonly number[];
  /** The least of each entry. Default: one bit. */
  readonly least?: readonly number[];
  readonly planOf: (widths: Profile) => PrecisionPlan;
  /** The same bits everywhere, but for the image's own. */
  readonly uniform: (bits: number) => Profile;
  /** See `ProfileSearch.seeds`. */
  readonly seeds?: (uniformBits: number) => readonly Profile[];
  /** With `full`, plans are judged by what the widths of groups cost. */
  readonly detail: CountDetail;
}

/** Bits of each tensor, the Stripes way. */
export function layerWise(model: OpenedModel, range: RangeMode): SearchSpace {
  const macs = macsByTensor(model);
  const image = imageTensors(model);
  return {
    macs,
    planOf: (tensorBits) => profilePlan(model, layerBits(model, tensorBits), { range }),
    // Pixels have 8 bits, and uniform widths leave them alone.
    uniform: (bits) => macs.map((_, tensor) => (image.has(tensor) ? 8 : bits)),
    detail: 'basic',
  };
}

/** Those that are the image itself. */
export function imageTensors({ tensorOfLayer, readsImage }: OpenedModel): ReadonlySet<number> {
  return new Set(tensorOfLayer.filter((_, layer) => readsImage[layer]));
}

/**
 * Finds layer-wise bits on the first half of the images. All that is tried is kept in a run of its own, which the same search
 * goes on with: one that was stopped is soon where it was. Layers that read the same tensor are lowered together.
 */
export async function searchProfileOn(
  evaluator: Evaluator,
  dataset: Images,
  { calibration: images, digests, byAgreement }: SearchedImages,
  { name, keeps, tolerance, seed, searchFrom }: SearchOrder,
  space: SearchSpace,
): Promise<FoundProfile> {
  const { model, store } = evaluator;
  const { planOf, macs, detail } = space;
  const first = planOf(macs.map(() => 8));
  const begun = await evaluator.begin(dataset, {
    name: `${name} (search for bits)`,
    note: `Keeps ${keeps === 'top1' ? 'Top-1' : 'Top-5'}, at most ${count(Number((100 * tolerance).toFixed(6)), 'point')} lost`,
    plans: [first],
    detail,
    seed,
    images,
    again: { digests, grows: true },
    takenFrom: searchFrom,
  });
  const { writer } = begun;
  const plans = runPlans(store, writer.runId);
  const indexes = new Map(plans.map((plan, index) => [canonicalJson(plan), index]));

  let best: string | null = null;

  async function evaluate(profiles: readonly Profile[]): Promise<readonly ProfileScore[]> {
    const wanted = profiles.map((profile) => {
      const plan = planOf(profile);
      const key = canonicalJson(plan);
      const known = indexes.get(key);
      if (known !== undefined) return known;
      const index = store.addPlan(writer.runId, plan);
      writer.plansChanged();
      indexes.set(key, index);
      plans.push(plan);
      return index;
    });
    await evaluator.work(begun, plans, figuresOf('searching', { subject: best }));
    return wanted.map((index) => score(index));
  }

  function score(plan: number): ProfileScore & { readonly plainRight: number; readonly images: number } {
    let judged = 0;
    let right = 0;
    let plainRight = 0;
    let agreement = 0;
    const groups = new LayerCountsMean(model.layers);
    for (const { label, baseline, quantised, counts } of imageResults(store, writer.runId, plan)) {
      const wanted = label ?? baseline.classes[0];
      judged++;
      if (isRight(baseline, wanted, keeps)) plainRight++;
      if (isRight(quantised, wanted, keeps)) right++;
      agreement += sharedProbability(baseline, quantised);
      if (detail === 'full') groups.add(counts);
    }
    return {
      images: judged,
      right,
      plainRight,
      agreement,
      ...(detail === 'full' ? { cost: macWeightedGroupBits(groups.mean()) } : {}),
    };
  }

  await evaluate([macs.map(() => 8)]);
  const uniform = score(0);
  // A network that 8 bits harm already is not asked for more than it has.
  const floor = Math.min(uniform.plainRight, uniform.right) - tolerance * images.length - 1e-9;
  const agreementFloor = byAgreement
    ? agreementFor(await evaluate(UNIFORM_WIDTHS.map(space.uniform)), images.length, uniform.plainRight, floor)
    : null;
  const path: PrecisionPlan[] = [];
  const found = await searchProfile({
    macs,
    ...(space.least ? { least: space.least } : {}),
    uniform: space.uniform,
    ...(space.seeds ? { seeds: space.seeds } : {}),
    floor: agreementFloor ?? floor,
    evaluate:
      agreementFloor === null
        ? evaluate
        : async (profiles) => (await evaluate(profiles)).map((score) => ({ ...score, right: score.agreement })),
    onRound: (profile) => {
      path.push(planOf(profile));
      best = profileText(layerBits(model, profile));
    },
  });
  const [foundScore] = await evaluate([found]);
  const widthScores = await evaluate(UNIFORM_WIDTHS.map(space.uniform));
  const failing = widthScores.findIndex(({ right, agreement }) =>
    agreementFloor === null ? right < floor : agreement < agreementFloor,
  );
  evaluator.finish(begun);
  return {
    byAgreement,
    bits: layerBits(model, found),
    plan: planOf(found),
    path,
    images: images.length,
    plainRight: uniform.plainRight,
    right: foundScore!.right,
    plansTried: plans.length,
    uniformBits: UNIFORM_WIDTHS.at(failing < 0 ? -1 : Math.max(0, failing - 1))!,
    runId: writer.runId,
  };
}

export function isRight({ classes }: TopClasses, wanted: number | undefined, keeps: Keeps): boolean {
  return keeps === 'top1' ? classes[0] === wanted : wanted !== undefined && classes.includes(wanted);
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

/** The part of {@link Halves} that a search is given. */
export type SearchedImages = Pick<Halves, 'calibration' | 'digests' | 'byAgreement'>;

/** Images to search on, and those to report what was found on. */
export interface Halves {
  readonly calibration: readonly DatasetImage[];
  readonly rest: readonly DatasetImage[];
  /** Both are all images: see {@link FoundProfile.byAgreement}. */
  readonly byAgreement: boolean;
  /** By the digests of the files, at most as many as a search needs. */
  readonly first: readonly DatasetImage[];
  readonly second: readonly DatasetImage[];
  /** Digest of every image of the dataset by its path; null where it cannot be read. */
  readonly digests: ReadonlyMap<string, string | null>;
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
