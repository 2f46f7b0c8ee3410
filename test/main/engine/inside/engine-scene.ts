import { join } from 'node:path';
import sharp from 'sharp';
import type { TaskInput, TaskName, TaskResult } from '../../../../src-main/engine/engine-protocol.ts';
import type { ImageOutcome } from '../../../../src-shared/runs/run-record.ts';
import type { EngineProgress } from '../../../../src-main/engine/inside/task-context.ts';
import { batchBuffers, evaluateImages } from '../../../../src-main/engine/inside/evaluation.ts';
import { openModel } from '../../../../src-main/engine/inside/opened-model.ts';
import { runTask } from '../../../../src-main/engine/inside/engine-tasks.ts';
import { randomGenerator } from '../../../../src-shared/importance/random.ts';
import { resolvePlan, type PlanOptions, type PrecisionPlan } from '../../../../src-shared/precision/precision-plan.ts';
import { smallClassifier, writeModel } from '../../onnx/onnx-models.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/** Carries out one task; like an engine, one at a time. */
export async function run<Name extends TaskName>(
  name: Name,
  input: TaskInput<Name>,
  signal = new AbortController().signal,
  progress: (progress: EngineProgress) => void = () => undefined,
): Promise<TaskResult<Name>> {
  // Name and input belong together by the signature above.
  const task = { kind: 'task', id: 1, name, input } as Parameters<typeof runTask>[0];
  return (await runTask(task, { signal, progress })) as TaskResult<Name>;
}

/** Evaluates images under plans as a folder run does: a network's parts are used after so many runs as a whole. */
export async function folderRun(path: string, images: readonly string[], plans: readonly PrecisionPlan[]) {
  const { network, model } = await openModel({ path });
  const buffers = batchBuffers(network);
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const evaluate = async (wanted: readonly number[], wholeRunsFirst?: number) => {
    const own = images.map((image) => ({ path: image, baseline: true, plans: wanted }));
    const evaluated = { network, model, buffers, ...(wholeRunsFirst === undefined ? {} : { wholeRunsFirst }) };
    return measured(await evaluateImages(evaluated, { images: own, plans, ranges: null, counts: false }, context));
  };
  return { network, evaluate };
}

/** A classifier in a folder of its own, with `count` pictures of noise. */
export async function scene(
  count: number,
  classifier = smallClassifier(),
): Promise<{ folder: string; model: { path: string }; photos: string[] }> {
  const folder = temporaryFolder();
  const model = { path: writeModel(folder, 'small.onnx', classifier) };
  const photos = await Promise.all(
    Array.from({ length: count }, (_, seed) => picture(join(folder, `${seed}.png`), seed)),
  );
  return { folder, model, photos };
}

export async function picture(path: string, seed: number): Promise<string> {
  const random = randomGenerator(seed);
  const data = new Uint8Array(40 * 40 * 3).map(() => Math.floor(random() * 256));
  await sharp(data, { raw: { width: 40, height: 40, channels: 3 } }).toFile(path);
  return path;
}

export const plans = (...options: PlanOptions[]) => options.map((own) => resolvePlan(own));

export type Measured = Exclude<ImageOutcome, { failure: unknown }>;
export const measured = (results: readonly ImageOutcome[]) =>
  results.filter((result): result is Measured => !('failure' in result));
