import { statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { addToHistogram, emptyHistogram } from '../../src-shared/precision/activation-histogram.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { calibratedRange, type LayerRange } from '../../src-shared/precision/layer-range.ts';
import { type LayerCounts, topClasses } from '../../src-shared/measurement.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { TopClasses } from '../../src-shared/runs/run-record.ts';
import type {
  CalibratedRanges,
  EngineProgress,
  EvaluatedImage,
  FailedPath,
  TaskInput,
  TaskName,
  TaskResult,
  ToEngine,
} from './engine-protocol.ts';
import {
  analyseImage,
  batch,
  layerCounts,
  planImage,
  prepareImage,
  probabilities,
  runBaseline,
  split,
  type PreparedImage,
} from './image-analysis.ts';
import { withWeightsInside } from '../onnx/external-data.ts';
import { cardPath } from '../models/model-card-file.ts';
import { fileChunks } from '../onnx/model-file.ts';
import { rewriteOptionsOf, type Network } from '../network/network.ts';
import { openModel, type ModelRequest, type OpenedModel } from './opened-model.ts';
import { comparePresets } from './preset-comparison.ts';
import { rewrittenInputs } from '../network/rewritten-inputs.ts';

export interface TaskContext {
  readonly signal: AbortSignal;
  progress(progress: EngineProgress): void;
}

/** Images of one inference call: enough to keep the processor busy, few enough to stay in its caches. */
const BATCH = 8;
/** Decoded images kept for the next plan; a slider's drag then costs inference alone. */
const KEPT_IMAGES = 4;

let current: { readonly key: string; readonly network: Network; readonly model: OpenedModel } | null = null;
const prepared = new Map<string, PreparedImage>();

type Task = Extract<ToEngine, { kind: 'task' }>;

/** Carries out one task. */
export function runTask(task: Task, context: TaskContext): Promise<TaskResult<TaskName>> {
  switch (task.name) {
    case 'open':
      return opened(task.input.model).then(({ model }) => model);
    case 'analyse':
      return analyse(task.input);
    case 'evaluate':
      return evaluate(task.input, context);
    case 'calibrate':
      return calibrate(task.input, context);
    case 'comparePresets':
      return opened(task.input.model).then(({ network, model }) =>
        comparePresets(network, model, task.input.images, context),
      );
    case 'exportRewritten':
      return exportRewritten(task.input, context);
  }
}

/** One model is open at a time: the next one takes the memory of the last. A file or card that changes is opened anew. */
async function opened(request: ModelRequest) {
  const key = JSON.stringify([request, stamp(request.path), stamp(cardPath(request.path))]);
  if (current?.key === key) return current;
  await current?.network.close();
  current = null;
  prepared.clear();
  current = { key, ...(await openModel(request)) };
  return current;
}

function stamp(path: string): readonly number[] | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? [stats.mtimeMs, stats.size] : null;
}

async function analyse({ model: request, image, plan, ranges, counts }: TaskInput<'analyse'>) {
  const { network, model } = await opened(request);
  const start = performance.now();
  const key = JSON.stringify([image, stamp(image)]);
  let kept = prepared.get(key);
  // Most recently used last.
  prepared.delete(key);
  kept ??= await prepareImage(image, model.preprocessing, network.inputLength);
  prepared.set(key, kept);
  if (prepared.size > KEPT_IMAGES) prepared.delete(prepared.keys().next().value!);
  const decodeMs = performance.now() - start;
  return analyseImage(network, model, kept, plan, tensorRanges(network, model, plan.range, ranges), counts, decodeMs);
}

async function evaluate(
  { model: request, images, plans, ranges, counts }: TaskInput<'evaluate'>,
  { signal, progress }: TaskContext,
): Promise<EvaluatedImage[]> {
  const { network, model } = await opened(request);
  const results: EvaluatedImage[] = [];
  // A mask that is the same for every image gives the same counts, unless the activations are looked at.
  const countsOfMask = new Map<number, LayerCounts[]>();
  for (let first = 0; first < images.length; first += BATCH) {
    throwIfCancelled(signal);
    const wanted = images.slice(first, first + BATCH);
    const loaded = await Promise.all(
      wanted.map(({ path }) =>
        prepareImage(path, model.preprocessing, network.inputLength).catch((error: unknown) => ({
          path,
          failure: toErrorRecord(error),
        })),
      ),
    );
    const good = loaded.flatMap((image) => ('failure' in image ? [] : [image]));
    await runBaseline(
      network,
      model,
      good.filter((image) => wanted[loaded.indexOf(image)]!.baseline),
    );
    const answers = new Map<PreparedImage, { plan: number; top: TopClasses; layers: LayerCounts[] }[]>(
      good.map((image) => [image, []]),
    );
    // A call mixes images and plans as long as they share a graph.
    const jobs = good.flatMap((image) => wanted[loaded.indexOf(image)]!.plans.map((plan) => ({ image, plan })));
    for (const group of groupedByGraph(jobs, (job) => plans[job.plan]!))
      for (let at = 0; at < group.length; at += BATCH) {
        throwIfCancelled(signal);
        const calls = group
          .slice(at, at + BATCH)
          .map((job) => ({ ...job, planned: planImage(job.image, plans[job.plan]!) }));
        const own = tensorRanges(network, model, calls[0]!.planned.plan.range, ranges);
        const { scores, activations } = await network.quantised(
          batch(calls.map(({ image }) => image.pixels)),
          calls.map(({ planned }) => planned),
          own,
          counts,
        );
        const each = activations.map((values) => split(values, calls.length));
        split(scores, calls.length).forEach((score, index) => {
          const { image, plan, planned } = calls[index]!;
          const layers =
            countsOfMask.get(plan) ??
            layerCounts(network, planned, own, counts ? each.map((values) => values[index]!) : null, null);
          if (!counts && !dependsOnImage(planned.plan)) countsOfMask.set(plan, layers);
          answers.get(image)!.push({ plan, top: topOf(probabilities(score, model)), layers });
        });
      }
    for (const image of loaded)
      results.push(
        'failure' in image
          ? image
          : {
              path: image.path,
              sha256: image.loaded.sha256,
              baseline: image.baseline && topOf(image.baseline),
              results: answers.get(image)!,
            },
      );
    progress({ done: results.length, total: images.length });
  }
  return results;
}

const MASKS_OF_NO_IMAGE = ['centre', 'random', 'uniform'];

function dependsOnImage({ metric, bits }: PrecisionPlan): boolean {
  return bits.length > 1 && !MASKS_OF_NO_IMAGE.includes(metric.replace(/^inverse:/, ''));
}

function groupedByGraph<Job>(jobs: readonly Job[], planOf: (job: Job) => PrecisionPlan): Job[][] {
  return [...Map.groupBy(jobs, (job) => JSON.stringify(rewriteOptionsOf(planOf(job), false))).values()];
}

function topOf(values: Float32Array): TopClasses {
  const top = topClasses(values, 5, []);
  return { classes: top.map((score) => score.class), probabilities: top.map((score) => score.probability) };
}

async function calibrate(
  { model: request, images, percentile }: TaskInput<'calibrate'>,
  { signal, progress }: TaskContext,
) {
  const { network, model } = await opened(request);
  const histograms = network.tensors.map(() => emptyHistogram());
  const failed: FailedPath[] = [];
  for (const [index, path] of images.entries()) {
    throwIfCancelled(signal);
    try {
      const image = await prepareImage(path, model.preprocessing, network.inputLength);
      const { activations } = await network.activations(image.pixels, 1);
      activations.forEach((values, tensor) => addToHistogram(histograms[tensor]!, values));
    } catch (error) {
      failed.push({ path, error: toErrorRecord(error) });
    }
    progress({ done: index + 1, total: images.length });
  }
  const byTensor = histograms.map((histogram) => calibratedRange(histogram, percentile));
  const ranges = Object.fromEntries(
    network.layers.map((layer, index) => [layer.name, byTensor[network.tensorOfLayer[index]!]!]),
  );
  return { ranges, images: images.length - failed.length, failed };
}

async function exportRewritten(
  { model: request, plan, ranges, out }: TaskInput<'exportRewritten'>,
  { signal }: TaskContext,
) {
  const { network, model } = await opened(request);
  const inputs = rewrittenInputs(network, plan, tensorRanges(network, model, plan.range, ranges));
  const rewritten = network.rewritten(rewriteOptionsOf(plan, false));
  const unfinished = `${out}.${process.pid}.tmp`;
  let bytes = 0;
  const file = await open(unfinished, 'w').catch((error: unknown) => {
    throw new FoveaError(
      'output-unwritable',
      `${out}: cannot be written`,
      'Check that the folder exists and is writable.',
      { cause: error },
    );
  });
  try {
    for (const chunk of fileChunks(network.file, withWeightsInside(network.file, rewritten))) {
      throwIfCancelled(signal);
      bytes += (await file.write(chunk)).bytesWritten;
    }
    await file.close();
    await rename(unfinished, out);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(unfinished, { force: true });
    throw error;
  }
  return { bytes, inputs };
}

/**
 * The calibrated range of each tensor; null where the plan needs none.
 * @throws FoveaError `calibration-missing`
 */
function tensorRanges(
  network: Network,
  model: OpenedModel,
  range: 'layer' | 'position',
  given: CalibratedRanges | null,
): LayerRange[] | null {
  if (range === 'position') return null;
  const ranges = given ?? model.card?.calibration?.ranges;
  return network.tensors.map((_, tensor) => {
    const layer = network.layers[network.tensorOfLayer.indexOf(tensor)]!.name;
    const own = ranges?.[layer];
    if (own === undefined)
      throw new FoveaError(
        'calibration-missing',
        `${model.path}: no calibrated range for layer ${layer}, which range "layer" needs`,
        'Run fovea models calibrate, or use --range position.',
      );
    return own;
  });
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
}
