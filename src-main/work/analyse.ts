import type { Analysis } from '../../src-shared/analysis.ts';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import { basename, dirname } from 'node:path';
import type { Device } from '../../src-shared/device.ts';
import { type ErrorRecord, fromErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import type { ClassScore } from '../../src-shared/measurement.ts';
import { bitsOfLayers, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import { findFrames } from '../datasets/frames.ts';
import { findMaps, type MapFile, refuseOneFile } from '../datasets/map-files.ts';
import type { CalibratedRanges } from '../engine/engine-protocol.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { TopClasses } from '../../src-shared/runs/run-record.ts';
import { type Bench, noteOnModel } from './bench.ts';
import { measure, type MeasuredImage } from './measure.ts';
import { checkPlans } from './plan-layers.ts';

/** One image to analyse. */
export interface AnalyseOrder {
  readonly image: string;
  readonly model: InstalledModel;
  readonly plan: PrecisionPlan;
  readonly pricing: PriceOrder;
  /** Also count zeros, one-bits, clipping and noise. */
  readonly counts: boolean;
  /** Ranges to use with range `layer`; without them the model's own, or the image's. */
  readonly ranges?: CalibratedRanges | null;
  /** Where the maps of metric `given` are, see `findMaps`. Default: beside the photos. */
  readonly maps?: string | null | undefined;
  /** What the networks run on; default: as the bench has it. */
  readonly device?: Device | undefined;
}

/** One image under one plan, against the plain network. */
export async function analyse(bench: Bench, order: AnalyseOrder, work: Work): Promise<Analysis> {
  const { image, model, plan, counts, pricing, device = bench.device } = order;
  const opened = await bench.known(model, work);
  const ranges = order.ranges ?? (await bench.ranges(model, opened, [plan], [image], work));
  const map = await mapOf(image, plan, order.maps);
  const before = (await findFrames(dirname(image), [basename(image)], [plan], bench.digests))?.get(basename(image));
  const measured = await measure(
    bench.engineFor(model.path),
    bench.measurements,
    { image, model: opened, request: bench.requestFor(model.path, device), plan, ranges, counts, map, before },
    work.signal,
  );
  if (measured.modelChanged) bench.forget(model);
  return analysisOf(bench.version, image, map, model, opened, device, plan, measured, pricing);
}

/** @throws FoveaError `map-missing`, `map-invalid` */
async function mapOf(
  image: string,
  plan: PrecisionPlan,
  maps: string | null | undefined,
): Promise<MapFile | undefined> {
  const found = (await findMaps(dirname(image), [basename(image)], [plan], maps))?.get(basename(image));
  if (found && !('sha256' in found)) throw fromErrorRecord(found);
  return found;
}

export interface AnalyseImagesOrder extends Omit<AnalyseOrder, 'image' | 'ranges'> {
  readonly images: readonly string[];
  /** Takes each analysis as it comes. */
  readonly onAnalysis?: (analysis: Analysis, index: number, opened: OpenedModel) => Promise<void>;
}

export interface AnalysedImages {
  readonly analyses: readonly Analysis[];
  readonly failed: readonly { readonly path: string; readonly error: ErrorRecord }[];
}

/**
 * Several images under one plan; a bad image fails alone.
 * @throws FoveaError for all that is not an image's own fault
 */
export async function analyseImages(bench: Bench, order: AnalyseImagesOrder, work: Work): Promise<AnalysedImages> {
  const { images, model, plan, onAnalysis } = order;
  const opened = await bench.known(model, work);
  checkPlans([plan], opened);
  noteOnModel(model, opened, work);
  if (images.length > 1) await refuseOneFile(images.length, [plan], order.maps);
  const ranges = await bench.ranges(model, opened, [plan], images, work);
  const meter = new WorkMeter(work, figuresOf('analysing', { total: images.length }), () => performance.now());
  // A single image is done as soon as it is told.
  const advance = (failures: number) => images.length > 1 && meter.advance(1, failures);
  const analyses: Analysis[] = [];
  const failed: { path: string; error: ErrorRecord }[] = [];
  for (const [index, image] of images.entries())
    try {
      const analysis = await analyse(bench, { ...order, image, ranges }, work);
      analyses.push(analysis);
      await onAnalysis?.(analysis, index, opened);
      advance(0);
    } catch (error) {
      const record = toErrorRecord(error);
      if (!/^(?:image|map)-/.test(record.code) && record.code !== 'scores-not-finite') throw error;
      failed.push({ path: image, error: record });
      advance(1);
    }
  return { analyses, failed };
}

function analysisOf(
  version: string,
  path: string,
  map: MapFile | undefined,
  model: InstalledModel,
  opened: OpenedModel,
  device: Device,
  plan: PrecisionPlan,
  measured: MeasuredImage,
  pricing: PriceOrder,
): Analysis {
  const baseline = scoresOf(measured.baseline, opened.labels);
  const quantised = scoresOf(measured.quantised, opened.labels);
  const answer = baseline[0]!.class;
  const energy = price(pricing, measured.layers, { leftOut: opened.leftOut });
  return {
    version,
    image: { path, ...measured.image },
    model: { id: model.id, sha256: opened.sha256 },
    device,
    plan: { ...plan, layerBits: bitsOfLayers(plan, opened) },
    baseline: { top: baseline },
    quantised: { top: quantised },
    top1Kept: quantised[0]!.class === answer,
    top5Kept: quantised.some((score) => score.class === answer),
    importance: { ...measured.importance, ...(map ? { map } : {}) },
    layers: measured.layers,
    leftOut: opened.leftOut,
    energy: energy.estimates,
    notPriced: energy.notPriced,
    fromEarlierRun: measured.fromEarlierRun,
    timings: measured.timings,
  };
}

function scoresOf({ classes, probabilities }: TopClasses, labels: readonly string[]): ClassScore[] {
  return classes.map((index, rank) => ({
    class: index,
    label: labels[index] ?? `class ${index}`,
    probability: probabilities[rank]!,
  }));
}
