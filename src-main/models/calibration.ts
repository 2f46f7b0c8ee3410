import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../../src-shared/errors.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import { type LayerHistogram, layerHistogramSchema } from '../../src-shared/precision/activation-histogram.ts';
import {
  type LayerRange,
  layerRangeSchema,
  withoutScores,
  withScores,
} from '../../src-shared/precision/layer-range.ts';
import type { ModelCard } from '../../src-shared/model-card.ts';
import { canonicalJson } from '../../src-shared/runs/run-record.ts';
import { foundLevels, needsCalibration, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { EngineKeeper } from '../engine/engine-keeper.ts';
import type { CalibratedRanges } from '../engine/engine-protocol.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { cardInput } from './card-input.ts';
import { cardPath, readCard, writeCard } from './model-card-file.ts';
import type { ModelRequest, OpenedModel } from '../engine/inside/opened-model.ts';

/** Share of activations, in percent, that a calibrated range holds: rare outliers would cost all others their resolution. */
export const CALIBRATION_PERCENTILE = 99.99;
/** Images that calibrate a model that has no ranges yet. */
const CALIBRATION_IMAGES = 64;

const storedSchema = z.strictObject({
  percentile: z.number(),
  images: z.int(),
  ranges: z.record(z.string(), layerRangeSchema),
});
export type Calibration = z.infer<typeof storedSchema>;

const storedFolder = (dataFolder: string) => join(dataFolder, 'calibrations');
/** Where the calibration of a model is kept that is in no card, by the digest of the model file. */
export const calibrationFile = (dataFolder: string, sha256: string) => join(storedFolder(dataFolder), `${sha256}.json`);
/** Beside it, what was counted: other percentiles can be chosen without images. */
const histogramsPath = (dataFolder: string, sha256: string) =>
  join(storedFolder(dataFolder), `${sha256}.histograms.json`);

/** The model's calibration: the user's own, else the card's, else null. */
export async function knownCalibration(dataFolder: string, model: OpenedModel): Promise<Calibration | null> {
  const names = model.layers.map((layer) => layer.name);
  return (await storedCalibration(dataFolder, model.sha256, names)) ?? cardCalibration(model.card, names);
}

/**
 * Whether {@link knownCalibration} finds one, for a model that is not open; its digest is asked for only where that decides.
 * @param layers their names
 */
export async function isCalibrated(
  dataFolder: string,
  card: ModelCard | null,
  layers: readonly string[],
  sha256: () => Promise<string>,
): Promise<boolean> {
  if (cardCalibration(card, layers)) return true;
  return existsSync(storedFolder(dataFolder)) && (await storedCalibration(dataFolder, await sha256(), layers)) !== null;
}

function cardCalibration(card: ModelCard | null, layers: readonly string[]): Calibration | null {
  const own = card?.calibration;
  if (!own || !isComplete(own.ranges, layers)) return null;
  return { percentile: own.percentile, images: own.images, ranges: own.ranges };
}

async function storedCalibration(
  dataFolder: string,
  sha256: string,
  layers: readonly string[],
): Promise<Calibration | null> {
  const text = await readFile(calibrationFile(dataFolder, sha256), 'utf8').catch(() => null);
  const stored = text === null ? null : storedSchema.safeParse(parsed(text)).data;
  return stored && isComplete(stored.ranges, layers) ? stored : null;
}

function isComplete(ranges: CalibratedRanges, layers: readonly string[]): boolean {
  return layers.every((layer) => Object.hasOwn(ranges, layer));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Keeps a calibration with the model: in its card, whose other fields are left as they are by now; in the data folder where there is no
 * card, it cannot be written, or it came with Fovea.
 * @param model as it was calibrated
 * @returns the file it is in
 * @throws FoveaError `calibration-missing` where its card prepares images otherwise by now, `card-invalid`, `output-unwritable`
 */
export async function storeCalibration(
  dataFolder: string,
  model: OpenedModel,
  calibration: Calibration,
  embedded: boolean,
): Promise<string> {
  const path = calibrationFile(dataFolder, model.sha256);
  const card = embedded ? null : await readCard(model.path);
  if (card && canonicalJson(card.input) !== canonicalJson(cardInput(model)))
    throw new FoveaError(
      'calibration-missing',
      `${cardPath(model.path)}: prepares images otherwise than when the calibration began; nothing was changed`,
      'Calibrate it again.',
    );
  if (card)
    try {
      await writeCard(model.path, { ...card, calibration });
      // An older one in the data folder would go before the card's.
      await forgetCalibration(dataFolder, model);
      return cardPath(model.path);
    } catch (error) {
      if (!(error instanceof FoveaError && error.code === 'output-unwritable')) throw error;
    }
  await writeWholeFile(path, `${JSON.stringify(calibration, null, 2)}\n`, { withFolder: true, mode: 0o600 });
  return path;
}

/** What a calibration counted, by layer. */
export type CalibrationHistograms = Readonly<Record<string, LayerHistogram>>;

/**
 * Keeps a calibration and what it counted. Whatever ends this, there are the earlier ranges or the new ones, and beside them what was counted
 * for just these, or nothing.
 * @returns the file the ranges are in
 * @throws FoveaError `output-unwritable`; then the earlier ranges stay
 */
export async function storeCounted(
  dataFolder: string,
  model: OpenedModel,
  calibration: Calibration,
  histograms: CalibrationHistograms,
  embedded: boolean,
): Promise<string> {
  const path = histogramsPath(dataFolder, model.sha256);
  // Another process may be at the same.
  const unnamed = `${path}.${randomBytes(4).toString('hex')}.new`;
  // The larger of the two first: where the disk is full, nothing has changed yet.
  await writeWholeFile(unnamed, `${JSON.stringify(histograms)}\n`, { withFolder: true, mode: 0o600 });
  try {
    await rm(path, { force: true });
    const file = await storeCalibration(dataFolder, model, calibration, embedded);
    await rename(unnamed, path);
    return file;
  } catch (error) {
    await rm(unnamed, { force: true });
    throw error;
  }
}

/**
 * What the calibration of a model counted; null where it is not kept.
 * @param embedded whether the model came with Fovea: once the user's own calibration of it is removed, that of its card counts, which was
 * counted elsewhere
 */
export async function knownHistograms(
  dataFolder: string,
  model: OpenedModel,
  embedded: boolean,
): Promise<CalibrationHistograms | null> {
  const names = model.layers.map(({ name }) => name);
  if (embedded && !(await storedCalibration(dataFolder, model.sha256, names))) return null;
  const text = await readFile(histogramsPath(dataFolder, model.sha256), 'utf8').catch(() => null);
  const stored = text === null ? null : z.record(z.string(), layerHistogramSchema).safeParse(parsed(text)).data;
  return stored && names.every((name) => Object.hasOwn(stored, name)) ? stored : null;
}

/** Drops a calibration from the data folder; one in the card is the card's business. */
async function forgetCalibration(dataFolder: string, { sha256 }: OpenedModel): Promise<void> {
  await rm(calibrationFile(dataFolder, sha256), { force: true });
}

/** The same with what was counted: ranges belong to the preprocessing they were found with. */
export async function forgetAllOfCalibration(dataFolder: string, model: OpenedModel): Promise<void> {
  await forgetCalibration(dataFolder, model);
  await rm(histogramsPath(dataFolder, model.sha256), { force: true });
}

/** `count` of the items, evenly spread over the list, in its order. */
export function evenChoice<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!);
}

/**
 * The ranges plans need: null for ranges per position; the model's own; else calibrated now, on an even choice of `images`. Scores, which
 * thresholds of levels come from, are among them where a plan needs those, and only there: they would make other results of the same.
 * @param images paths, in an order that does not depend on chance
 * @param name what the model is called where its images had to stand in for a stored calibration
 */
export async function rangesFor(
  engine: EngineKeeper,
  dataFolder: string,
  model: OpenedModel,
  plans: readonly PrecisionPlan[],
  images: readonly string[],
  work: Work,
  { request, name }: { readonly request: ModelRequest; readonly name: string },
): Promise<CalibratedRanges | null> {
  if (!plans.some(needsCalibration)) return null;
  const known = await knownCalibration(dataFolder, model);
  const found = plans.some((plan) => foundLevels(plan) !== null);
  if (known && !found) return mapped(known.ranges, withoutScores);
  if (known && Object.values(known.ranges).some((range) => typeof range !== 'number' && range.scores))
    return known.ranges;
  const chosen = evenChoice(images, CALIBRATION_IMAGES);
  const meter = new WorkMeter(work, figuresOf('calibrating', { total: chosen.length }), () => performance.now());
  const result = await engine.run(
    'calibrate',
    {
      model: { ...onCpu(request), ...(model.preset ? { preset: model.preset } : {}) },
      images: chosen,
      percentile: CALIBRATION_PERCENTILE,
      scores: found,
    },
    { signal: work.signal, onProgress: ({ done }) => meter.reach(done) },
  );
  if (result.images === 0)
    throw new FoveaError(
      'calibration-missing',
      `${model.path}: none of the images could be read to calibrate its ranges`,
      'Use --range position and a metric of the image, or readable images.',
    );
  work.note({ note: 'calibrated-on-the-spot', model: name, images: result.images });
  if (!found) return mapped(result.ranges, withoutScores);
  // An older calibration has ranges without scores: they stay as they were.
  return known ? mapped(known.ranges, (range, layer) => withScores(range, result.ranges[layer]!)) : result.ranges;
}

function mapped(ranges: CalibratedRanges, change: (range: LayerRange, layer: string) => LayerRange): CalibratedRanges {
  return Object.fromEntries(Object.entries(ranges).map(([layer, range]) => [layer, change(range, layer)]));
}

/** Ranges are the model's own, whatever it runs on. */
function onCpu({ device: _, ...request }: ModelRequest): ModelRequest {
  return request;
}
