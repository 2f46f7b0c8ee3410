import type { AnalysisTimings } from '../../src-shared/analysis.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { topClasses } from '../../src-shared/top-classes.ts';
import type { EngineKeeper } from '../engine/engine-keeper.ts';
import type { CalibratedRanges } from '../engine/engine-protocol.ts';
import { answersAlike } from '../engine/answering-model.ts';
import type { ModelRequest, OpenedModel } from '../engine/inside/opened-model.ts';
import { frameDigests, type FrameFile } from '../datasets/frames.ts';
import type { MapFile } from '../datasets/map-files.ts';
import { imageDigest } from '../images/image-digest.ts';
import { isWhole, type Measurement, type MeasurementKey, type Measurements } from '../store/measurements.ts';
import { runModelOf } from '../store/run-model.ts';

export interface MeasureOrder {
  readonly image: string;
  readonly model: OpenedModel;
  readonly request: ModelRequest;
  readonly plan: PrecisionPlan;
  readonly ranges: CalibratedRanges | null;
  /** Also count zeros, one-bits, clipping and noise. */
  readonly counts: boolean;
  /** For metric `given`. */
  readonly map?: MapFile | undefined;
  /** For metric `saliency` from the frame before. */
  readonly before?: readonly FrameFile[] | undefined;
}

/** A measurement, made now or looked up. */
export interface MeasuredImage extends Measurement {
  readonly fromEarlierRun: boolean;
  readonly timings: AnalysisTimings;
  /** The engine found the model, or its card, changed since it was opened. */
  readonly modelChanged: boolean;
}

/**
 * One image under one plan: what an earlier run measured is looked up, without any engine; else it is measured and, with all
 * counts, kept.
 * @param measurements null when nothing is to be looked up or kept
 * @throws FoveaError `image-…`, `cancelled`, and what the engine throws
 */
export async function measure(
  engine: EngineKeeper,
  measurements: Measurements | null,
  { image, model, request, plan, ranges, counts, map, before }: MeasureOrder,
  signal?: AbortSignal,
): Promise<MeasuredImage> {
  if (signal?.aborted) throw new FoveaError('cancelled', 'cancelled before it began');
  const start = performance.now();
  const known = isWhole(model) ? measurements : null;
  const keyOf = (sha256: string): MeasurementKey => ({
    image: sha256,
    model: runModelOf('', model, ranges, request, {
      ...(map ? { maps: { '': map.sha256 } } : {}),
      ...(before ? { frames: frameDigests(new Map([['', before]])) } : {}),
    }),
    plan,
  });
  const found = known?.find(keyOf(await imageDigest(image)));
  if (found) {
    const totalMs = performance.now() - start;
    const timings = { decodeMs: 0, importanceMs: 0, inferenceMs: 0, totalMs };
    return { ...found, fromEarlierRun: true, timings, modelChanged: false };
  }
  const result = await engine.run(
    'analyse',
    { model: request, image, plan, ranges, counts, ...(map ? { map } : {}), ...(before ? { before } : {}) },
    signal ? { signal } : {},
  );
  const { timings, model: used, ...measured } = result;
  const measurement: Measurement = {
    ...measured,
    baseline: topClasses(measured.baseline),
    quantised: topClasses(measured.quantised),
  };
  const modelChanged = !answersAlike(used, model);
  // The store keeps no remarks: an image that has some is looked at again.
  if (counts && !modelChanged && measurement.image.remarks.length === 0)
    known?.keep(keyOf(measurement.image.sha256), measurement);
  return { ...measurement, fromEarlierRun: false, timings, modelChanged };
}
