import type { LayerGeometry } from '../../src-shared/measurement.ts';
import {
  type PlanOptions,
  type PrecisionPlan,
  type RangeMode,
  resolvePlan,
} from '../../src-shared/precision/precision-plan.ts';
import { type Profile, profileText, searchProfile } from '../../src-shared/precision/profile-search.ts';
import { UNIFORM_WIDTHS, withControls } from '../../src-shared/runs/controls.ts';
import type { Work } from '../../src-shared/work.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { Bench } from './bench.ts';
import { type EvaluatedRun, evaluated } from './evaluate.ts';
import type { Evaluator, Images } from './evaluator.ts';
import { type HalvedOrder, onHalves } from './on-halves.ts';
import { type FoundProfile, PlanSearch, type SearchedImages, type SearchOrder } from './plan-search.ts';

export interface FindProfileOrder extends HalvedOrder {
  readonly range: RangeMode;
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
  return onHalves(bench, order, 'static profile', work, async ({ evaluator, dataset, split, name, search }) => {
    const { layers } = evaluator.model;
    const found = await searchProfileOn(evaluator, dataset, split, search, layerWise(evaluator.model, order.range));
    if (order.searchOnly) return { found, layers, measured: null };
    const run = await evaluator.run(dataset, {
      name,
      plans: withControls([found.plan], layers),
      detail: 'basic',
      seed: search.seed,
      shard: order.shard ?? null,
      images: split.rest,
      again: { digests: split.digests, grows: false },
    });
    return { found, layers, measured: evaluated(evaluator, run) };
  });
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
