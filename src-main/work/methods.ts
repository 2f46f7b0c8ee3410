import { basename } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import { compareMethods, type MethodsComparison } from '../../src-shared/runs/methods-comparison.ts';
import { type MethodContext, methodsPlans } from '../../src-shared/runs/methods-plans.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import type { FailedImage, RemarkedImage, RunRecord } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { runFailures, runRemarks } from '../store/run-query.ts';
import type { Bench } from './bench.ts';
import { Evaluator } from './evaluator.ts';
import { searchJointPlanOn } from './find-joint-plan.ts';
import { type FoundProfile, halves, layerWise, searchProfileOn } from './find-profile.ts';
import { inputLayers } from './plan-layers.ts';
import { readOutcomes } from './read-outcomes.ts';
import type { ReproduceOrder } from './reproduce.ts';

const SEED = 1;

export type MethodsOrder = ReproduceOrder;

/** Bits found on one half of the images, layer by layer and by layer and level. */
export interface FoundOnHalf {
  readonly layerWise: FoundProfile;
  readonly joint: FoundProfile;
}

export interface ComparedMethods {
  readonly run: RunRecord;
  readonly searched: readonly [FoundOnHalf, FoundOnHalf];
  readonly found: MethodsComparison;
  readonly failed: readonly FailedImage[];
  readonly remarked: readonly RemarkedImage[];
  readonly layers: readonly LayerGeometry[];
  /** What of the network is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
}

/** What one task of several did: methods are compared on all images. */
export interface ComparedMethodsPart {
  /** Null where only the searches were asked for. */
  readonly run: RunRecord | null;
  readonly searched: readonly [FoundOnHalf, FoundOnHalf];
  readonly found: null;
  readonly failed: readonly FailedImage[];
}

/**
 * Every method on a folder: searches for bits on each half of the images, evaluates the plans of all methods on all of them, and tells
 * each half by what was chosen on the other. All is kept: the same order given again goes on with the runs it began.
 * @throws RunEnded, FoveaError `dataset-empty` when a half has no images, ...
 */
export async function methods(
  bench: Bench,
  order: MethodsOrder,
  work: Work,
): Promise<ComparedMethods | ComparedMethodsPart> {
  using evaluator = await Evaluator.open(order, bench, work);
  const { model, store } = evaluator;
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const name = order.name ?? `${basename(dataset.root)}: methods`;
  const split = await halves(evaluator, dataset);
  const { digests, byAgreement } = split;
  const { shard = null, searchFrom, searchOnly } = order;
  const settings = { keeps: 'top1', tolerance: TOLERANCE, seed: SEED, searchFrom } as const;
  const searchOn = async (half: string, calibration: typeof split.first): Promise<FoundOnHalf> => {
    const images = { calibration, digests, byAgreement };
    const search = { ...settings, name: `${name}, ${half}` };
    const alone = await searchProfileOn(evaluator, dataset, images, search, layerWise(model, 'position'));
    const joint = { ...search, name: `${search.name}, layers and levels` };
    return { layerWise: alone, joint: await searchJointPlanOn(evaluator, dataset, images, joint) };
  };
  const searched = [await searchOn('first half', split.first), await searchOn('second half', split.second)] as const;
  if (searchOnly) return { run: null, searched, found: null, failed: [] };
  const [first, second] = searched.map(({ layerWise, joint }): MethodContext => ({
    layers: model.layers,
    inputLayers: inputLayers(model),
    staticPath: layerWise.path,
    jointPath: joint.path,
  })) as [MethodContext, MethodContext];
  const plans = methodsPlans([first, second]);
  const again = { digests, grows: false };
  const run = await evaluator.run(dataset, { name, plans: plans.plans, detail: 'full', seed: SEED, shard, again });
  const failed = runFailures(store, run.id);
  if (shard) return { run, searched, found: null, failed };
  work.progress(figuresOf('counting-up'));
  const { layers, leftOut } = model;
  const outcomes = readOutcomes(store, run.id);
  if (outcomes.calibration.length === 0 || outcomes.rest.length === 0)
    throw new FoveaError(
      'dataset-empty',
      `${dataset.root}: too few images could be evaluated to choose on one half and report on the other`,
      'Give some hundred images.',
    );
  const pricing: PriceOrder = { ...order.pricing, modes: order.pricing.shownModes };
  const found = compareMethods(outcomes, plans, SEED, (counts) => price(pricing, counts, { leftOut }));
  return { run, searched, found, layers, leftOut, failed, remarked: runRemarks(store, run.id) };
}
