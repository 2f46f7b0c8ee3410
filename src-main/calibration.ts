import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../src-shared/errors.ts';
import type { PrecisionPlan } from '../src-shared/precision-plan.ts';
import type { EngineHost, TaskOptions } from './engine-host.ts';
import type { CalibratedRanges } from './engine-protocol.ts';
import { writeCard } from './model-card-file.ts';
import type { OpenedModel } from './opened-model.ts';

/** Share of activations, in percent, that a calibrated range holds: rare outliers would cost all others their resolution. */
export const CALIBRATION_PERCENTILE = 99.99;
/** Images that calibrate a model that has no ranges yet. */
const CALIBRATION_IMAGES = 64;

const storedSchema = z.strictObject({
  percentile: z.number(),
  images: z.int(),
  ranges: z.record(z.string(), z.number().nonnegative()),
});
export type Calibration = z.infer<typeof storedSchema>;

/** Calibrations of models whose own folder cannot be written, by the digest of the model file. */
const storedPath = (dataFolder: string, model: OpenedModel) => join(dataFolder, 'calibrations', `${model.sha256}.json`);

/** The model's calibration: the user's own, else the card's, else null. */
export async function knownCalibration(dataFolder: string, model: OpenedModel): Promise<Calibration | null> {
  const text = await readFile(storedPath(dataFolder, model), 'utf8').catch(() => null);
  const stored = text === null ? null : storedSchema.safeParse(parsed(text)).data;
  const complete = (ranges: CalibratedRanges) => model.layers.every((layer) => layer.name in ranges);
  if (stored && complete(stored.ranges)) return stored;
  const own = model.card?.calibration;
  return own && complete(own.ranges) ? { percentile: own.percentile, images: own.images, ranges: own.ranges } : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keeps a calibration with the model: in its card, or in the data folder where the card is missing or read-only. */
export async function storeCalibration(
  dataFolder: string,
  model: OpenedModel,
  calibration: Calibration,
): Promise<string> {
  if (model.card)
    try {
      await writeCard(model.path, { ...model.card, calibration });
      return model.path.replace(/\.onnx$/, '.json');
    } catch (error) {
      if (!(error instanceof FoveaError && error.code === 'output-unwritable')) throw error;
    }
  const path = storedPath(dataFolder, model);
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, `${JSON.stringify(calibration, null, 2)}\n`);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new FoveaError('output-unwritable', `${path}: cannot be written`, 'Check that the data folder is writable.', {
      cause: error,
    });
  }
  return path;
}

/**
 * The ranges a plan needs: null for ranges per position; the model's own; else calibrated now, on an even choice of `images`.
 * @param images paths, in an order that does not depend on chance
 * @param onCalibrated told how many images had to stand in for a stored calibration
 */
export async function rangesFor(
  engine: EngineHost,
  dataFolder: string,
  model: OpenedModel,
  plans: readonly PrecisionPlan[],
  images: readonly string[],
  options: TaskOptions & { readonly threads?: number; readonly onCalibrated?: (images: number) => void } = {},
): Promise<CalibratedRanges | null> {
  if (plans.every((plan) => plan.range === 'position')) return null;
  const known = await knownCalibration(dataFolder, model);
  if (known) return known.ranges;
  const every = Math.max(1, Math.floor(images.length / CALIBRATION_IMAGES));
  const chosen = images.filter((_, index) => index % every === 0).slice(0, CALIBRATION_IMAGES);
  const request = {
    path: model.path,
    ...(model.preset ? { preset: model.preset } : {}),
    ...(options.threads ? { threads: options.threads } : {}),
  };
  const result = await engine.run(
    'calibrate',
    { model: request, images: chosen, percentile: CALIBRATION_PERCENTILE },
    options,
  );
  if (result.images === 0)
    throw new FoveaError(
      'calibration-missing',
      `${model.path}: none of the images could be read to calibrate its ranges`,
      'Use --range position, or readable images.',
    );
  options.onCalibrated?.(result.images);
  return result.ranges;
}
