import { basename } from 'node:path';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import { reproducePlans } from '../../src-shared/runs/reproduce-plans.ts';
import { type Reproduction, reproductionOf } from '../../src-shared/runs/reproduction.ts';
import type { FailedImage, RemarkedImage, RunRecord } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { runFailures, runRemarks } from '../store/run-query.ts';
import type { Bench } from './bench.ts';
import { Evaluator, type EvaluatorOptions } from './evaluator.ts';
import { type FoundProfile, halves, layerWise, searchProfileOn, type SharedSearch } from './find-profile.ts';
import { inputLayers } from './plan-layers.ts';
import { readOutcomes } from './read-outcomes.ts';

const SEED = 1;

export interface ReproduceOrder extends EvaluatorOptions, SharedSearch {
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** Default: after the folder. */
  readonly name?: string | undefined;
  readonly pricing: PriceOrder;
}

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
  using evaluator = await Evaluator.open(order, bench, work);
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const name = order.name ?? `${basename(dataset.root)}: reproduction`;
  const split = await halves(evaluator, dataset);
  const { shard = null, searchFrom, searchOnly } = order;
  const search = { name, keeps: 'top1', tolerance: TOLERANCE, seed: SEED, searchFrom } as const;
  const space = layerWise(evaluator.model, 'position');
  const profile = await searchProfileOn(evaluator, dataset, split, search, space);
  if (searchOnly) return { run: null, profile, found: null, failed: [] };
  const plans = reproducePlans(inputLayers(evaluator.model), profile.path, evaluator.model.layers);
  const again = { digests: split.digests, grows: false };
  const run = await evaluator.run(dataset, { name, plans: plans.plans, detail: 'basic', seed: SEED, shard, again });
  const { store } = evaluator;
  const failed = runFailures(store, run.id);
  if (shard) return { run, profile, found: null, failed };
  work.progress(figuresOf('counting-up'));
  const { layers, leftOut } = evaluator.model;
  const found = reproductionOf(readOutcomes(store, run.id), plans, SEED, (counts, staticProfile) =>
    price(order.pricing, counts, { ...(staticProfile ? { staticProfile } : {}), leftOut }),
  );
  return { run, profile, found, layers, leftOut, failed, remarked: runRemarks(store, run.id) };
}
