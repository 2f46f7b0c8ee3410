import { createHash } from 'node:crypto';
import type { LayerCounts, LayerGeometry } from '../../../src-shared/measurement.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import type { ImageOutcome, TopClasses } from '../../../src-shared/runs/run-record.ts';
import type { NewRun, RunStore } from '../../../src-main/store/run-store.ts';
import type { RunWriter } from '../../../src-main/store/run-writer.ts';
import { completeRun as makeReport } from '../../../src-main/work/run-report.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';

/** SHA-256 of a text: stands for a file's. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export const LAYERS: readonly LayerGeometry[] = ['conv1', 'conv2', 'fc'].map((name, index) => ({
  name,
  op: index === 2 ? 'Gemm' : 'Conv',
  inputShape: [3, 8, 8],
  outputShape: [4, 8, 8],
  kernel: [3, 3],
  groups: 1,
  macs: 1000 * (index + 1),
  values: 192,
  weights: 108,
}));

export const CLASSES = ['ant', 'bee', 'cat', 'dog', 'emu', 'fox', 'gnu', 'hen', 'ibis', '=jay'];

export const SETTINGS = { ranges: null, mean: [0, 0, 0] };

export const PLANS = [resolvePlan({ bits: [4, 3] }), resolvePlan({ bits: [5], metric: 'uniform' })];

/** A run over images `image 0.jpg`, `image 1.jpg`, ... of ten classes. */
export function newRun(images: number, changes: Partial<NewRun> = {}): NewRun {
  return {
    name: 'a run',
    model: {
      id: 'tiny',
      path: '/models/tiny.onnx',
      sha256: sha256('tiny'),
      settings: SETTINGS,
      leftOut: [],
      layers: LAYERS,
      labels: CLASSES,
    },
    dataset: {
      path: '/photos',
      labels: { kind: 'folders' },
      sha256: null,
      images: Array.from({ length: images }, (_, index) => ({ path: `image ${index}.jpg`, label: index % 10 })),
    },
    plans: PLANS,
    detail: 'basic',
    seed: 1,
    shard: null,
    version: '0.1.0',
    ...changes,
  };
}

/** What a machine that always answers alike would give for an image. */
export function outcomeOf(path: string, plans: number, layers: readonly LayerGeometry[] = LAYERS): ImageOutcome {
  const random = randomGenerator(Number.parseInt(sha256(path).slice(0, 8), 16));
  const answer = (): TopClasses => {
    const first = Math.floor(random() * 10);
    return { classes: [0, 1, 2, 3, 4].map((step) => (first + step) % 10), probabilities: [0.5, 0.2, 0.1, 0.1, 0.05] };
  };
  return {
    path,
    sha256: sha256(path),
    baseline: answer(),
    results: Array.from({ length: plans }, (_, plan) => ({
      plan,
      top: answer(),
      layers: layers.map((layer): LayerCounts => {
        const meanBits = 2 + plan + random();
        return {
          ...uniformCounts(layer, meanBits),
          lockstepBits: meanBits + 0.5,
          compactedBits: meanBits + 0.25,
          crossbarBits: meanBits + 1,
          maxBits: 8,
          levelMapBits: 196,
          rangeExponents: 64,
        };
      }),
    })),
  };
}

/** Ends a sitting at a run, as `finishRun` of the sources does, but at once. */
export function finishRun(writer: RunWriter): void {
  if (writer.finish('cancelled')) makeReport(writer.store, writer.runId);
  writer.rest();
}

/** Does what is left of a run, in batches, and ends it. */
export function doRest(writer: RunWriter, plans: number, batch = 16): void {
  const pending = writer.pending();
  for (let start = 0; start < pending.length; start += batch)
    writer.write(
      pending.slice(start, start + batch).map(({ path }) => outcomeOf(path, plans)),
      0.5,
    );
  finishRun(writer);
}

/** A complete run; returns its id. */
export function completeRun(store: RunStore, images: number, changes: Partial<NewRun> = {}): string {
  const run = newRun(images, changes);
  const writer = store.createRun(run);
  doRest(writer, run.plans.length);
  return writer.runId;
}
