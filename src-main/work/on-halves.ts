import { basename } from 'node:path';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import type { Work } from '../../src-shared/work.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Bench } from './bench.ts';
import { Evaluator, type EvaluatorOptions } from './evaluator.ts';
import { type Halves, halves, type SharedSearch } from './find-profile.ts';
import type { SearchOrder } from './plan-search.ts';

/** What is searched for on a half of a folder, and told by all of it. */
export interface HalvedOrder extends EvaluatorOptions, SharedSearch {
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** Default: after the folder. */
  readonly name?: string | undefined;
  readonly pricing: PriceOrder;
}

/** A folder with its halves, and a model open to search and evaluate it with. */
export interface HalvedFolder {
  readonly evaluator: Evaluator;
  readonly dataset: Dataset;
  readonly split: Halves;
  readonly name: string;
  /** Bits that lose at most a point of Top-1. */
  readonly search: SearchOrder;
}

export const SEED = 1;

/**
 * Opens the model, reads and halves the folder, and does something with both.
 * @param title of what is done, in the run's name
 * @param maps see `DatasetOptions.maps`
 * @throws FoveaError `dataset-empty` when a half has no images, ...
 */
export async function onHalves<Result>(
  bench: Bench,
  { maps, ...order }: HalvedOrder & { readonly maps?: string | undefined },
  title: string,
  work: Work,
  action: (folder: HalvedFolder) => Promise<Result>,
): Promise<Result> {
  using evaluator = await Evaluator.open(order, bench, work);
  const dataset = await evaluator.readDataset(order.folder, order.labels, { maps });
  const name = order.name ?? `${basename(dataset.root)}: ${title}`;
  const split = await halves(evaluator, dataset);
  const { searchFrom } = order;
  const search = { name, keeps: 'top1', tolerance: TOLERANCE, seed: SEED, searchFrom } as const;
  // Awaited here: the evaluator is closed behind it.
  return await action({ evaluator, dataset, split, name, search });
}
