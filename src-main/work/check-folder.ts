import { availableParallelism } from 'node:os';
import type { FolderCheck } from '../../src-shared/contract/runs.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { placesOfMaps } from '../datasets/map-files.ts';
import { type Dataset, readDataset } from '../datasets/dataset.ts';
import { modelClasses } from '../models/model-classes.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { listRuns } from '../store/run-query.ts';
import { openRunStoreToRead } from '../store/run-store.ts';
import type { Bench } from './bench.ts';
import { workerCount } from './worker-count.ts';

/** Multiply-accumulates a second that one engine does, about, where no run of the model has told. */
const MACS_PER_SECOND = 30e9;
const DECODE_SECONDS = 0.006;
/** In the store: an answer with its indexes, and the counts of a layer. */
const BYTES_PER_ANSWER = 110;
const BYTES_PER_LAYER = 10;

export interface CheckOrder {
  readonly folder: string;
  /** See `DatasetOptions.labels`; null: what is found. */
  readonly labels: string | null;
  readonly model: InstalledModel;
  /** Look for importance maps: in a folder, or (null) beside the photos. Default: do not. */
  readonly maps?: string | null | undefined;
}

/**
 * Looks at a folder as an evaluation would, and estimates what one would take.
 * @throws FoveaError `dataset-…`, `labels-unreadable`, `model-…`, `store-…`, `cancelled`
 */
export async function checkFolder(
  bench: Bench,
  { folder, labels, model, maps }: CheckOrder,
  work: Work,
): Promise<FolderCheck> {
  const known = await bench.known(model, work);
  const dataset = await readDataset(folder, await modelClasses(known), {
    labels: labels ?? undefined,
    maps: maps ?? undefined,
    signal: work.signal,
    onProgress: (images) => work.progress(figuresOf('finding-images', { done: images })),
  });
  const workers = workerCount(availableParallelism(), process.availableMemory(), known.bytes);
  const macs = known.layers.reduce((sum, layer) => sum + layer.macs, 0);
  const measured = secondsOfEarlierRuns(bench.db, known.sha256);
  return {
    folder: dataset.root,
    images: dataset.images.length,
    labelled: dataset.images.filter(({ label }) => label !== null).length,
    labels: dataset.labels,
    unlabelledImages: dataset.unlabelledImages,
    skippedFiles: dataset.skippedFiles,
    maps: maps === undefined ? null : await mapsFound(dataset, maps),
    secondsPerAnswer: measured === null ? macs / MACS_PER_SECOND + DECODE_SECONDS : measured * workers,
    measured: measured !== null,
    bytesPerAnswer: BYTES_PER_ANSWER + BYTES_PER_LAYER * known.layers.length,
    workers,
  };
}

async function mapsFound({ root, images }: Dataset, maps: string | null): Promise<FolderCheck['maps']> {
  const found = await placesOfMaps(
    root,
    images.map(({ path }) => path),
    maps,
  );
  const lacking = [...found].flatMap(([path, place]) => (typeof place === 'string' ? [] : [{ path, error: place }]));
  return { found: found.size - lacking.length, lacking: lacking[0] ?? null };
}

/** Runs of fewer answers say little: their engines were starting. */
const TELLING_ANSWERS = 50;

/** Of the newest run of a model that tells, by answer, all its engines together; null where there is none. */
function secondsOfEarlierRuns(db: string, modelSha256: string): number | null {
  using store = openRunStoreToRead(db);
  for (const { model, seconds, finished, plans } of listRuns(store)) {
    const answers = finished * (plans + 1);
    // A run whose answers were all in the store took no time.
    if (model.sha256 === modelSha256 && answers >= TELLING_ANSWERS && seconds > 1) return seconds / answers;
  }
  return null;
}
