import { price } from '../../src-shared/energy/price-order.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import { reproducePlans } from '../../src-shared/runs/reproduce-plans.ts';
import { type Reproduction, reproductionOf } from '../../src-shared/runs/reproduction.ts';
import type { FailedImage, RemarkedImage, RunRecord } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { runFailures, runRemarks } from '../store/run-query.ts';
import type { Bench } from './bench.ts';
import { layerWise, searchProfileOn } from './find-profile.ts';
import { onHalves, type PricedOrder, SEED } from './on-halves.ts';
import { inputLayers } from './plan-layers.ts';
import type { FoundProfile } from './plan-search.ts';
import { readOutcomes } from './read-outcomes.ts';

export type ReproduceOrder = PricedOrder;

export interface ReproducedRun {
  readonly run: RunRecord;
  readonly profile: FoundProfile;
  readonly found: Reproduction;
  readonly failed: readonly FailedImage[];
  readonly remarked: readonly RemarkedImage[];
  readonly layers: readonly LayerGeometry[];
  /** What of the network is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
}

/** What one task of several did: claims are those of all images. */
export interface ReproducedPart {
  /** Null where only the search was asked for. */
  readonly run: RunRecord | null;
  readonly profile: FoundProfile;
  readonly found: null;
  readonly failed: readonly FailedImage[];
}

/**
 * The paper's table on a folder: finds a static profile on half of the images, then evaluates all plans on all of them. All is kept:
 * the same order given again goes on with the runs it began.
 * @throws RunEnded, FoveaError `dataset-empty` when a half has no images, ...
 */
export async function reproduce(
  bench: Bench,
  order: ReproduceOrder,
  work: Work,
): Promise<ReproducedRun | ReproducedPart> {
  return onHalves(bench, order, 'reproduction', work, async ({ evaluator, dataset, split, name, search }) => {
    const { model, store } = evaluator;
    const profile = await searchProfileOn(evaluator, dataset, split, search, layerWise(model, 'position'));
    if (order.searchOnly) return { run: null, profile, found: null, failed: [] };
    const { shard = null } = order;
    const plans = reproducePlans(inputLayers(model), profile.path, model.layers);
    const again = { digests: split.digests, grows: false };
    const run = await evaluator.run(dataset, { name, plans: plans.plans, detail: 'basic', seed: SEED, shard, again });
    const failed = runFailures(store, run.id);
    if (shard) return { run, profile, found: null, failed };
    work.progress(figuresOf('counting-up'));
    const { layers, leftOut } = model;
    const found = reproductionOf(readOutcomes(store, run.id), plans, SEED, (counts, staticProfile) =>
      price(order.pricing, counts, { ...(staticProfile ? { staticProfile } : {}), leftOut }),
    );
    return { run, profile, found, layers, leftOut, failed, remarked: runRemarks(store, run.id) };
  });
}
