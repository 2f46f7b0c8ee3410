import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOf } from '../files/digest.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { type ImageBound, imageBoundSchema, type MapBound, mapBound } from '../../src-shared/runs/map-bound.ts';
import {
  canonicalJson,
  type DatasetImage,
  type FailedImage,
  type LabelSource,
  RESULTS_VERSION,
} from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import { makeFolder } from '../files/make-folder.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../files/private-folder.ts';
import { answeringModel } from '../engine/answering-model.ts';
import type { Bench } from './bench.ts';
import { Evaluator, type EvaluatorOptions } from './evaluator.ts';

export interface BoundOrder extends EvaluatorOptions {
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** At most so many, spread over the folder. */
  readonly images: number;
}

export interface BoundFolder {
  readonly model: { readonly id: string; readonly sha256: string };
  readonly dataset: { readonly path: string; readonly labels: LabelSource; readonly images: number };
  /** Null where no image could be searched. */
  readonly found: MapBound;
  readonly images: readonly (ImageBound & { readonly path: string })[];
  readonly failed: readonly FailedImage[];
}

/** Masks tried for each pair of widths: all windows, and some rounds about their border. */
const TRIES = 240;
/** Of the search: raised when it finds something else in the same image. */
const SEARCH_VERSION = 1;
const SEED = 1;

/**
 * How much any map could earn on the images of a folder: see `mapBound`. Every image is kept as soon as it is done, by its digest: the
 * same order given again, or one of more images, goes on from there.
 * @throws FoveaError `cancelled`, `dataset-empty`, why the first image failed where all do, ...
 */
export async function boundMaps(bench: Bench, order: BoundOrder, work: Work): Promise<BoundFolder> {
  using evaluator = await Evaluator.open(order, bench, work);
  const { model } = evaluator;
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const { images: most } = order;
  const every = Math.max(1, dataset.images.length / most);
  const chosen = Array.from(
    { length: Math.min(most, dataset.images.length) },
    (_, at) => dataset.images[Math.floor(at * every)]!,
  );
  const digests = await evaluator.digests({ ...dataset, images: chosen });
  const kept = keptBounds(bench, evaluator);
  const done = new Map<DatasetImage, ImageBound>();
  for (const image of chosen) {
    const known = kept.find(digests.get(image.path), image.label);
    if (known) done.set(image, known);
  }
  const failures = new Map<DatasetImage, FoveaError>();
  const meter = new WorkMeter(work, figuresOf('searching', { total: chosen.length }), () => performance.now());
  meter.reach(done.size);
  await evaluator.each(
    'boundMap',
    chosen.filter((image) => !done.has(image)),
    ({ path, label }, request) => ({
      model: request,
      as: answeringModel(model),
      path: join(dataset.root, path),
      label,
      tries: TRIES,
    }),
    (image, result) => {
      if (result instanceof FoveaError) failures.set(image, result);
      else {
        kept.add(result, image.label);
        done.set(image, result);
      }
      meter.advance(1, result instanceof FoveaError ? 1 : 0);
    },
  );
  const images = chosen.flatMap((image) => {
    const found = done.get(image);
    return found ? [{ path: image.path, ...found }] : [];
  });
  if (images.length === 0) throw failures.values().next().value ?? noImages(dataset.root);
  return {
    model: { id: order.model.id, sha256: model.sha256 },
    dataset: { path: dataset.root, labels: dataset.labels, images: dataset.images.length },
    found: mapBound(images, { seed: SEED }),
    images,
    failed: [...failures].map(([{ path }, { code, message }]) => ({ path, code, reason: message })),
  };
}

function noImages(root: string): FoveaError {
  return new FoveaError('dataset-empty', `${root}: no images`, 'Give a folder with images.');
}

const keptSchema = z.strictObject({ label: z.int().nullable(), bound: imageBoundSchema });

interface KeptBounds {
  find(sha256: string | null | undefined, label: number | null): ImageBound | null;
  add(bound: ImageBound, label: number | null): void;
}

/** What was found before, an image a line; a file for all that decides it, in the data folder. With `--no-cache` nothing is looked up. */
function keptBounds({ dataFolder, measurements }: Bench, { settings }: Evaluator): KeptBounds {
  const decides = canonicalJson({ settings, results: RESULTS_VERSION, search: SEARCH_VERSION, tries: TRIES });
  const folder = join(dataFolder, 'bounds');
  const file = join(folder, `${digestOf(decides).slice(0, 32)}.jsonl`);
  const keyOf = (sha256: string, label: number | null) => `${sha256} ${label}`;
  const known = new Map<string, ImageBound>();
  if (measurements && existsSync(file))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const read = keptSchema.safeParse(parsed(line));
      if (read.success) known.set(keyOf(read.data.bound.sha256, read.data.label), read.data.bound);
    }
  return {
    find: (sha256, label) => (sha256 ? (known.get(keyOf(sha256, label)) ?? null) : null),
    add(bound, label) {
      makeFolder(folder, PRIVATE_FOLDER);
      // A line break before each: one that was cut off by a full disk costs itself alone.
      appendFileSync(file, `\n${JSON.stringify({ label, bound })}`, { mode: PRIVATE_FILE });
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
