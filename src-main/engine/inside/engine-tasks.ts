import { statSync } from 'node:fs';
import { addToHistogram, emptyHistogram, layerHistogram } from '../../../src-shared/precision/activation-histogram.ts';
import { FoveaError, toErrorRecord } from '../../../src-shared/errors.ts';
import { channelCount } from '../../../src-shared/preprocessing.ts';
import { topClasses } from '../../../src-shared/top-classes.ts';
import { addScores, calibratedScores, emptyScores } from '../../../src-shared/precision/layer-scores.ts';
import { calibratedRange } from '../../../src-shared/precision/layer-range.ts';
import { type AnsweringModel, answersAlike } from '../answering-model.ts';
import type { TaskInput, TaskName, TaskResult, ToEngine } from '../engine-protocol.ts';
import { batchBuffers, evaluateImages, type EvaluatedModel } from './evaluation.ts';
import { analyseImage, prepareImage, type PreparedImage, probabilities } from './image-analysis.ts';
import { writeWholeFile } from '../../files/whole-file.ts';
import { whatIsMissing } from '../../network/device-probe.ts';
import { withWeightsInside } from '../../onnx/external-data.ts';
import { cardPath } from '../../models/model-card-file.ts';
import { fileChunks } from '../../onnx/model-file.ts';
import { rewriteOptionsOf } from '../../network/rewrite-options.ts';
import type { PrecisionPlan } from '../../../src-shared/precision/precision-plan.ts';
import { boundOfImage } from './map-bound.ts';
import { openModel, type ModelRequest } from './opened-model.ts';
import { prepareSaliency } from './saliency.ts';
import { comparePresets } from './preset-comparison.ts';
import { type FailedPath, type TaskContext, throwIfCancelled } from './task-context.ts';
import { tensorPicture } from './tensor-picture.ts';
import { tensorRanges } from './tensor-ranges.ts';
import { rewrittenInputs } from '../../network/rewritten-inputs.ts';

/** Decoded images kept for the next plan; a slider's drag then costs inference alone. */
const KEPT_IMAGES = 4;

let current: (EvaluatedModel & { readonly key: string }) | null = null;
const prepared = new Map<string, PreparedImage>();

type Task = Extract<ToEngine, { kind: 'task' }>;

/** Carries out one task. */
export function runTask(task: Task, context: TaskContext): Promise<TaskResult<TaskName>> {
  switch (task.name) {
    case 'open':
      return opened(task.input.model, context).then(({ model }) => model);
    case 'probe':
      return whatIsMissing(task.input.device).then((missing) => ({ device: task.input.device, missing }));
    case 'analyse':
      return analyse(task.input, context);
    case 'evaluate':
      return opened(task.input.model, context, task.input.as).then((open) => evaluateImages(open, task.input, context));
    case 'boundMap': {
      const { model: request, as, ...image } = task.input;
      return opened(request, context, as).then(({ network, model }) => boundOfImage(network, model, image, context));
    }
    case 'calibrate':
      return calibrate(task.input, context);
    case 'comparePresets':
      return opened(task.input.model, context).then(({ network, model }) =>
        comparePresets(network, model, task.input.images, context),
      );
    case 'preview':
      return preview(task.input, context);
    case 'exportRewritten':
      return exportRewritten(task.input, context);
  }
}

/**
 * The model as it is now.
 * @param as what it has to be still, where that matters
 * @throws FoveaError `model-unsupported` where it is another by now
 */
async function opened(request: ModelRequest, context: TaskContext, as?: AnsweringModel): Promise<EvaluatedModel> {
  const open = await openedNow(request, context);
  if (as && !answersAlike(open.model, as))
    throw new FoveaError(
      'model-unsupported',
      `${open.model.path}: ${open.model.sha256 === as.sha256 ? 'its card' : 'the model'} was changed after the work had begun`,
      'Bring it back as it was to go on, or begin anew.',
    );
  return open;
}

/** One model is open at a time: the next one takes the memory of the last. A file or card that changes is opened anew. */
async function openedNow(request: ModelRequest, { opening }: TaskContext): Promise<EvaluatedModel> {
  const key = JSON.stringify([request, stamp(request.path), stamp(cardPath(request.path))]);
  if (current?.key === key) return current;
  await current?.network.close();
  current = null;
  prepared.clear();
  opening?.(true);
  const { network, model } = await openModel(request);
  opening?.(false);
  current = { key, network, model, buffers: batchBuffers(network) };
  return current;
}

function stamp(path: string): readonly number[] | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? [stats.mtimeMs, stats.size] : null;
}

async function analyse(
  { model: request, image, plan, ranges, counts, map, before = [] }: TaskInput<'analyse'>,
  context: TaskContext,
) {
  const { network, model } = await opened(request, context);
  const start = performance.now();
  const key = JSON.stringify([image, stamp(image), map, before]);
  let kept = prepared.get(key);
  // Most recently used last.
  prepared.delete(key);
  kept ??= await prepareImage(image, model.preprocessing, new Float32Array(network.inputLength), map);
  prepared.set(key, kept);
  if (prepared.size > KEPT_IMAGES) prepared.delete(prepared.keys().next().value!);
  const decodeMs = performance.now() - start;
  const rangesOf = (own: PrecisionPlan) => tensorRanges(network, model, own, ranges);
  await prepareSaliency({ network, model, rangesOf, signal: context.signal }, [{ prepared: kept, before }], [plan]);
  return analyseImage(network, model, kept, plan, rangesOf(plan), counts, decodeMs);
}

async function calibrate(
  { model: request, images, percentile, scores: counted = false }: TaskInput<'calibrate'>,
  context: TaskContext,
) {
  const { signal, progress } = context;
  const { network, model } = await opened(request, context);
  const pixels = new Float32Array(network.inputLength);
  const histograms = network.tensors.map(() => emptyHistogram());
  const scores = network.tensors.map((_, tensor) => (counted && network.findsLevels(tensor) ? emptyScores() : null));
  const summaries = () => histograms.map(layerHistogram);
  let told = -Infinity;
  const failed: FailedPath[] = [];
  for (const [index, path] of images.entries()) {
    throwIfCancelled(signal);
    try {
      const image = await prepareImage(path, model.preprocessing, pixels);
      const { activations } = await network.activations(image.pixels, 1);
      activations.forEach((values, tensor) => {
        addToHistogram(histograms[tensor]!, values);
        const ofPositions = scores[tensor];
        if (ofPositions) addScores(ofPositions, { ...network.tensors[tensor]!, values });
      });
    } catch (error) {
      failed.push({ path, error: toErrorRecord(error) });
    }
    const isLast = index + 1 === images.length;
    // Whoever looks on sees them grow; more often than this costs more than it shows.
    const tell = !isLast && performance.now() - told > HISTOGRAMS_EVERY_MS;
    if (tell) told = performance.now();
    progress({
      done: index + 1,
      total: images.length,
      ...(tell ? { histograms: ofLayers(network, summaries()) } : {}),
    });
  }
  const ranges = histograms.map((histogram, tensor) => {
    const own = scores[tensor];
    return calibratedRange(histogram, percentile, own ? calibratedScores(own) : null);
  });
  return {
    ranges: ofLayers(network, ranges),
    histograms: ofLayers(network, summaries()),
    images: images.length - failed.length,
    failed,
  };
}

const HISTOGRAMS_EVERY_MS = 250;

/** What is known of tensors, by the layers that read them. */
function ofLayers<Known>({ layers, tensorOfLayer }: EvaluatedModel['network'], byTensor: readonly Known[]) {
  return Object.fromEntries(layers.map(({ name }, index) => [name, byTensor[tensorOfLayer[index]!]!]));
}

async function preview(
  { model: request, image, preprocessing, outputKind }: TaskInput<'preview'>,
  context: TaskContext,
) {
  const { network, model } = await opened(request, context);
  const fixed = ['layout', 'height', 'width'] as const;
  const other = fixed.find((field) => preprocessing[field] !== model.preprocessing[field]);
  if (other !== undefined || channelCount(preprocessing) !== channelCount(model.preprocessing))
    throw new FoveaError(
      'card-contradicts-model',
      `${model.path}: field input.${other ?? 'channels'} is not that of the model as it is open`,
      'Save the card to open the model anew.',
    );
  const pixels = new Float32Array(network.inputLength);
  await prepareImage(image, preprocessing, pixels);
  const { scores } = await network.plain(pixels, 1);
  const shares = probabilities(scores, { outputKind });
  return { ...(await tensorPicture(pixels, preprocessing)), top: shares ? topClasses(shares) : null };
}

async function exportRewritten(
  { model: request, plan, ranges, out }: TaskInput<'exportRewritten'>,
  context: TaskContext,
) {
  const { network, model } = await opened(request, context);
  const inputs = rewrittenInputs(network, plan, tensorRanges(network, model, plan, ranges));
  const rewritten = await network.rewritten({ ...rewriteOptionsOf(plan, false), byLevel: true });
  const bytes = await writeWholeFile(
    out,
    untilCancelled(fileChunks(network.file, withWeightsInside(network.file, rewritten)), context.signal),
  );
  return { bytes, inputs };
}

function* untilCancelled<Piece>(pieces: Iterable<Piece>, signal: AbortSignal): Generator<Piece> {
  for (const piece of pieces) {
    throwIfCancelled(signal);
    yield piece;
  }
}
