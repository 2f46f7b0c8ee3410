import { basename } from 'node:path';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import { reproducePlans } from '../../src-shared/runs/reproduce-plans.ts';
import { type Reproduction, reproductionOf } from '../../src-shared/runs/reproduction.ts';
import type { FailedImage, RunRecord } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { runFailures } from '../store/run-query.ts';
import type { Bench } from './bench.ts';
import { Evaluator, type EvaluatorOptions } from './evaluator.ts';
import { type FoundProfile, halves, searchProfileOn } from './find-profile.ts';
import { inputLayers } from './plan-layers.ts';
import { readOutcomes } from './read-outcomes.ts';

const SEED = 1;

export interface ReproduceOrder extends EvaluatorOptions {
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
}

/**
 * The paper's table on a folder: finds a static profile on half of the images, then evaluates all plans on all of them. All is kept:
 * the same order given again goes on with the runs it began.
 * @throws RunEnded, FoveaError `dataset-empty` when a half has no images, ...
 */
export async function reproduce(bench: Bench, order: ReproduceOrder, work: Work): Promise<ReproducedRun> {
  using evaluator = await Evaluator.open(order, bench, work);
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const name = order.name ?? `${basename(dataset.root)}: reproduction`;
  const split = await halves(evaluator, dataset);
  const search = { name, range: 'position', keeps: 'top1', tolerance: TOLERANCE, seed: SEED } as const;
  const profile = await searchProfileOn(evaluator, dataset, split, search);
  const plans = reproducePlans(inputLayers(evaluator.model), profile.path, evaluator.model.layers);
  const again = { digests: split.digests, grows: false };
  const run = await evaluator.run(dataset, { name, plans: plans.plans, detail: 'basic', seed: SEED, again });
  work.progress(figuresOf('counting-up'));
  const { store } = evaluator;
  const found = reproductionOf(readOutcomes(store, run.id), plans, SEED, (layers, staticProfile) =>
    price(order.pricing, layers, staticProfile ? { staticProfile } : {}),
  );
  return { run, profile, found, failed: runFailures(store, run.id) };
}
