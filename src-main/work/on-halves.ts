import { basename } from 'node:path';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { FEW_IMAGES } from '../../src-shared/runs/paired-statistics.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import { type DatasetImage, inFirstHalf, type Shard } from '../../src-shared/runs/run-record.ts';
import type { Work } from '../../src-shared/work.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Bench } from './bench.ts';
import { Evaluator, type EvaluatorOptions, type Images } from './evaluator.ts';
import type { SearchedImages, SearchOrder } from './plan-search.ts';

/** How several tasks share an order that begins with a search for bits. */
export interface SharedSearch {
  /** The part of the images that is measured here, once the bits are found. */
  readonly shard?: Shard | undefined;
  /** Store in which one task has done the search for all. */
  readonly searchFrom?: string | undefined;
  /** Nothing but the search. */
  readonly searchOnly?: boolean | undefined;
}

/** What is searched for on a half of a folder, and told by all of it. Default: bits that lose at most a point of Top-1. */
export interface HalvedOrder extends EvaluatorOptions, SharedSearch, Partial<Omit<SearchOrder, 'name'>> {
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** Default: after the folder. */
  readonly name?: string | undefined;
}

/** The same with what its plans save. */
export interface PricedOrder extends HalvedOrder {
  readonly pricing: PriceOrder;
}

/** A folder with its halves, and a model open to search and evaluate it with. */
export interface HalvedFolder {
  readonly evaluator: Evaluator;
  readonly dataset: Dataset;
  readonly split: Halves;
  readonly name: string;
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
  const { keeps = 'top1', tolerance = TOLERANCE, seed = SEED, searchFrom } = order;
  // Awaited here: the evaluator is closed behind it.
  return await action({ evaluator, dataset, split, name, search: { name, keeps, tolerance, seed, searchFrom } });
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
async function halves(evaluator: Evaluator, dataset: Images): Promise<Halves> {
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
