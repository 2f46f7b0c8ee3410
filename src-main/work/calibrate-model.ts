import { join, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { RANGE_PERCENTILES } from '../../src-shared/precision/activation-histogram.ts';
import type { FailedImage } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import { walkImages } from '../datasets/image-walk.ts';
import type { EngineProgress } from '../engine/inside/task-context.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import {
  type Calibration,
  CALIBRATION_PERCENTILE,
  type CalibrationHistograms,
  evenChoice,
  knownCalibration,
  knownHistograms,
  storeCalibration,
  storeCounted,
} from '../models/calibration.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { Bench } from './bench.ts';

/** Images that give stable ranges; more take longer and change little. */
const CALIBRATION_IMAGES = 512;

export interface CalibrateModelOrder {
  readonly model: InstalledModel;
  readonly folder: string;
  /** Share of the activations a range holds, in percent. */
  readonly percentile?: number | undefined;
  /** Use so many of the images, evenly chosen. */
  readonly limit?: number | undefined;
  /** Told now and then of what has been counted so far. */
  readonly onHistograms?: ((histograms: CalibrationHistograms, images: number) => void) | undefined;
}

export interface CalibratedModel {
  readonly opened: OpenedModel;
  readonly calibration: Calibration;
  /** What counted before; null where nothing did. */
  readonly replaced: Calibration | null;
  /** The file the calibration is in. */
  readonly file: string;
  /** Images found in the folder. */
  readonly found: number;
  /** Images chosen of them. */
  readonly chosen: number;
  readonly failed: readonly FailedImage[];
}

/**
 * Finds the range of each layer's input on images, and keeps it with the model.
 * @throws FoveaError `dataset-…`, `calibration-missing` when no image can be used, `output-unwritable`, `cancelled`
 */
export async function calibrateModel(bench: Bench, order: CalibrateModelOrder, work: Work): Promise<CalibratedModel> {
  const { model, percentile = CALIBRATION_PERCENTILE, limit = CALIBRATION_IMAGES } = order;
  const folder = resolve(order.folder);
  const opened = await bench.open(model, work);
  const found = await walkImages(folder, {
    signal: work.signal,
    onProgress: (images) => work.progress(figuresOf('finding-images', { done: images })),
  });
  const images = evenChoice(found.files, limit).map((file) => join(folder, file));
  if (images.length === 0)
    throw new FoveaError('dataset-empty', `${order.folder}: no image files`, 'Name a folder that holds images.');
  const meter = new WorkMeter(work, figuresOf('calibrating', { total: images.length }), () => performance.now());
  const onProgress = ({ done, histograms }: EngineProgress) => {
    meter.reach(done);
    if (histograms) order.onHistograms?.(histograms, done);
  };
  const result = await bench
    .engineFor(model.path)
    .run(
      'calibrate',
      { model: bench.requestFor(model.path), images, percentile, scores: true },
      { signal: work.signal, onProgress },
    );
  const failed = result.failed.map(({ path, error }) => ({ path, code: error.code, reason: error.message }));
  if (result.images === 0)
    throw new FoveaError(
      'calibration-missing',
      `none of ${images.length} images could be used; the first: ${failed[0]!.reason}`,
      'Nothing was changed. Name a folder of readable images.',
    );
  const calibration = { percentile, images: result.images, ranges: result.ranges };
  const replaced = await knownCalibration(bench.dataFolder, opened);
  const file = await storeCounted(bench.dataFolder, opened, calibration, result.histograms, model.embedded);
  bench.forget(model);
  return { opened, calibration, replaced, file, found: found.files.length, chosen: images.length, failed };
}

/**
 * Gives the layers of a calibrated model the ranges of another percentile of what was counted then; no image is looked at.
 * @param percentile one of `RANGE_PERCENTILES`
 * @throws FoveaError `calibration-missing` where nothing was counted, `bad-argument`, `output-unwritable`
 */
export async function choosePercentile(
  bench: Bench,
  { model, percentile }: { readonly model: InstalledModel; readonly percentile: number },
  work: Work,
): Promise<void> {
  const opened = await bench.opened(model, work);
  const known = await knownCalibration(bench.dataFolder, opened);
  const histograms = await knownHistograms(bench.dataFolder, opened, model.embedded);
  const which = RANGE_PERCENTILES.findIndex((one) => one === percentile);
  if (which < 0)
    throw new FoveaError('bad-argument', `percentile ${percentile}: expected one of ${RANGE_PERCENTILES.join(', ')}`);
  if (!known || !histograms)
    throw new FoveaError(
      'calibration-missing',
      `${model.id}: its activations have not been counted`,
      'Calibrate it first.',
    );
  const ranges = Object.entries(known.ranges).map(([layer, range]) => {
    const magnitude = histograms[layer]!.magnitudes[which]!;
    return [layer, typeof range === 'number' ? magnitude : { ...range, range: magnitude }];
  });
  const calibration = { percentile, images: known.images, ranges: Object.fromEntries(ranges) as Calibration['ranges'] };
  await storeCalibration(bench.dataFolder, opened, calibration, model.embedded);
  bench.forget(model);
}
