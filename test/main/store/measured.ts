import type { Measurement, MeasurementKey } from '../../../src-main/store/measurements.ts';
import type { OpenedModel } from '../../../src-main/engine/inside/opened-model.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { presetPreprocessing } from '../../../src-shared/preprocessing.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';
import { CLASSES, LAYERS, newRun, PLANS, sha256 } from './stored-runs.ts';

export const PLAN = PLANS[0]!;

/** What images are measured under; each has a digest of its own. */
export function keyOf(image: string, changes: Partial<MeasurementKey> = {}): MeasurementKey {
  return { image: sha256(image), model: newRun(0).model, plan: PLAN, ...changes };
}

/** What a machine that always answers alike would give for an image. */
export function measurementOf(image: string, plan = PLAN): Measurement {
  const random = randomGenerator(Number.parseInt(sha256(image).slice(0, 8), 16));
  const cells = plan.regions ** 2;
  const top = () => ({
    classes: [3, 1, 4, 0, 5],
    probabilities: Array.from(Float32Array.from({ length: 5 }, (_, rank) => random() / 2 ** rank)),
  });
  return {
    image: { sha256: sha256(image), width: 640, height: 480, remarks: [] },
    baseline: top(),
    quantised: top(),
    importance: {
      metric: plan.metric,
      grid: [plan.regions, plan.regions],
      values: Array.from(Float32Array.from({ length: cells }, random)),
      levels: Array.from({ length: cells }, () => Math.floor(plan.bits.length * random())),
    },
    layers: LAYERS.map((layer) => ({
      ...uniformCounts(layer, 2 + random()),
      lockstepBits: 3 + random(),
      compactedBits: 2.5 + random(),
      crossbarBits: 4 + random(),
      maxBits: 8,
      zeroShare: random(),
      nonZeroBits: random(),
      lockstepNonZeroBits: 2 * random(),
      groupBits: 3 * random(),
      palletBits: 4 * random(),
      zeroShareAt8: random(),
      nonZeroBitsAt8: 3 * random(),
      lockstepNonZeroBitsAt8: 4 * random(),
      groupBitsAt8: 5 * random(),
      palletBitsAt8: 6 * random(),
      clippedShare: random() / 9,
      sqnrDb: 30 * random(),
      levelMapBits: 196,
      rangeExponents: 64,
      rescaledSums: 1e6 * random(),
    })),
  };
}

export function openedModelOf(path: string, changes: Partial<OpenedModel> = {}): OpenedModel {
  return {
    path,
    sha256: sha256('tiny'),
    bytes: 4,
    externalFiles: [],
    signature: { inputName: 'image', inputShape: [null, 3, 8, 8], outputName: 'scores', outputShape: [null, 10] },
    card: null,
    preprocessing: presetPreprocessing('imagenet', { layout: 'NCHW', height: 8, width: 8, channelCount: 3 }),
    preset: 'imagenet',
    outputKind: 'logits',
    labels: [],
    classes: CLASSES.length,
    layers: LAYERS,
    leftOut: [],
    remarks: [],
    readsImage: [true, false, false],
    tensorOfLayer: [0, 1, 2],
    withoutActivation: null,
    opset: 13,
    ...changes,
  };
}

export const OTHER_PLAN = resolvePlan({ bits: [6, 2] });
