import { toErrorRecord } from '../../../src-shared/errors.ts';
import { type PrecisionPlan, saliencyPass } from '../../../src-shared/precision/precision-plan.ts';
import { topClasses } from '../../../src-shared/top-classes.ts';
import type { NetworkWindow } from '../../network/map-windows.ts';
import type { Network } from '../../network/network.ts';
import type { EvaluationImage } from '../engine-protocol.ts';
import type { ImageOutcome } from '../../../src-shared/runs/run-record.ts';
import { EvaluatedPlans, type Evaluation, isWanted, type Job, type WorkImage } from './evaluated-plans.ts';
import { Climb } from './first-success.ts';
import {
  batch,
  type EightBits,
  eightBitsOf,
  inCompany,
  notFinite,
  PLAIN,
  prepareImage,
  roomIn,
  runBaseline,
  split,
} from './image-analysis.ts';
import type { OpenedModel } from './opened-model.ts';
import { prepareSaliency } from './saliency.ts';
import { saliencyKey } from './saliency-key.ts';
import { graphKey, SharedRuns } from './shared-runs.ts';
import { type TaskContext, throwIfCancelled } from './task-context.ts';

/**
 * Images that are read at once, and then evaluated together: many, because decoding and inference take the caches from each other
 * with every change, but not so many that their inputs would fill the memory.
 */
const MOST_IMAGES = 24;
const FEWEST_IMAGES = 8;
const BATCH_BYTES = 16 * 2 ** 20;

/** Inputs of the images of a batch, one after another in memory. */
type BatchBuffer = readonly Float32Array[];

/** An open model with room for the images it is at and for those that are read meanwhile. */
export interface EvaluatedModel {
  readonly network: Network;
  readonly model: OpenedModel;
  readonly buffers: readonly [BatchBuffer, BatchBuffer];
  /** Runs as a whole before beginnings and windows are looked for. Default: {@link WHOLE_RUNS_FIRST}. */
  readonly wholeRunsFirst?: number;
}

/**
 * Images under plans that a network is run for as a whole, before it is asked where it can be cut and which windows it has: their sessions
 * and trials cost as much as some hundred runs, which few photos never save. Results are the same to the bit either way.
 */
const WHOLE_RUNS_FIRST = 128;

/** To be used again and again: a buffer for each batch would keep the garbage collector busy. */
export function batchBuffers({ inputLength }: Network): readonly [BatchBuffer, BatchBuffer] {
  const fitting = Math.floor(BATCH_BYTES / (inputLength * Float32Array.BYTES_PER_ELEMENT));
  const images = Math.max(FEWEST_IMAGES, Math.min(fitting, MOST_IMAGES));
  const buffer = () => split(new Float32Array(images * inputLength), images);
  return [buffer(), buffer()];
}

type Unreadable = Extract<ImageOutcome, { failure: unknown }>;

/**
 * Images under plans, a batch at a time, the next batch being read meanwhile. A bad image fails alone.
 * @returns one result an image, in the order of the images
 */
export async function evaluateImages(
  { network, model, buffers, wholeRunsFirst = WHOLE_RUNS_FIRST }: EvaluatedModel,
  evaluation: Evaluation,
  { signal, progress }: TaskContext,
): Promise<ImageOutcome[]> {
  const { images } = evaluation;
  const outcomes: ImageOutcome[] = [];
  const plans = new EvaluatedPlans(network, model, evaluation, wholeRunsFirst);
  const work = { plans, shared: new SharedRuns(plans), evaluation, signal };
  const batchSize = buffers[0].length;
  const read = (first: number) => {
    const buffer = buffers[(first / batchSize) % 2]!;
    const next = images.slice(first, first + batchSize);
    return Promise.all(next.map((image, slot) => readImage(image, model, buffer[slot]!)));
  };
  let reading = read(0);
  try {
    for (let first = 0; first < images.length; first += batchSize) {
      const batchImages = await reading;
      throwIfCancelled(signal);
      if (first + batchSize < images.length) reading = read(first + batchSize);
      const readable = batchImages.flatMap((image) => ('failure' in image ? [] : [image]));
      await evaluateBatch(work, readable);
      plans.count(readable.reduce((sum, { results }) => sum + results.length, 0));
      outcomes.push(...batchImages.map((image) => ('failure' in image ? image : outcomeOf(image))));
      progress({ done: outcomes.length, total: images.length });
    }
  } finally {
    // It fills buffers that the next task uses.
    await reading;
  }
  return outcomes;
}

async function readImage(
  wanted: EvaluationImage,
  { preprocessing }: OpenedModel,
  pixels: Float32Array,
): Promise<WorkImage | Unreadable> {
  const { path, map } = wanted;
  try {
    return { wanted, prepared: await prepareImage(path, preprocessing, pixels, map), results: [] };
  } catch (error) {
    return { path, failure: toErrorRecord(error) };
  }
}

function outcomeOf({ wanted, prepared: { path, loaded, baseline }, results }: WorkImage): ImageOutcome {
  // Without the plain network's answer there is nothing to hold the plans against.
  if (wanted.baseline && !baseline) return { path, failure: toErrorRecord(notFinite(path, PLAIN)) };
  const answer = wanted.baseline && baseline ? topClasses(baseline) : null;
  return {
    path,
    sha256: loaded.sha256,
    remarks: loaded.remarks,
    baseline: answer,
    results: results.toSorted((a, b) => a.plan - b.plan),
  };
}

/** A task, with what is kept from batch to batch. */
interface Task {
  readonly plans: EvaluatedPlans;
  readonly shared: SharedRuns;
  readonly evaluation: Evaluation;
  readonly signal: AbortSignal;
}

async function evaluateBatch(task: Task, images: readonly WorkImage[]): Promise<void> {
  const { plans, shared, evaluation, signal } = task;
  const { network, model } = plans;
  const { counts, ladders } = evaluation;
  const rangesOf = (plan: PrecisionPlan) => plans.rangesOf(plan);
  const eightBits = plans.plans.map((plan) => (counts ? eightBitsOf(plan, rangesOf(plan)) : null));
  const references = [...new Map(eightBits.flatMap((own) => (own ? [[own.key, own]] : []))).values()];
  const plain = images.flatMap(({ wanted, prepared }) => (wanted.baseline || references.length > 0 ? [prepared] : []));
  // Activations are counted call by call: those of a whole batch would fill the memory.
  for (let at = 0, end; at < plain.length; at = end) {
    end = references.length > 0 ? at + network.partOf(plain.length - at) : plain.length;
    throwIfCancelled(signal);
    await runBaseline(network, model, inCompany(plain.slice(at, end)), references);
  }
  const framed = images.map(({ wanted, prepared }) => ({ wanted, prepared, before: wanted.before ?? [] }));
  for (const [index, plan] of plans.plans.entries()) {
    // What an image needs of a ladder, its climb alone tells.
    const wanting = framed.filter(({ wanted }) => ladders ?? wanted.plans.includes(index));
    await prepareSaliency({ network, model, rangesOf, signal }, wanting, [plan]);
  }
  if (ladders) {
    const climbs = images.flatMap((image) => ladders.flatMap((ladder) => climbOf(plans, image, ladder) ?? []));
    for (let jobs = nextJobs(climbs); jobs.length > 0; jobs = nextJobs(climbs)) await runJobs(task, jobs, eightBits);
    return;
  }
  // Counts need all of a network's activations.
  if (!counts) settleFrames(plans, images);
  if (!counts && plans.findsParts) await shared.run(images, signal);
  // Plan by plan, because images that follow one another need not be copied for a call.
  const left = [...plans.plans.keys()].flatMap((index) =>
    images.filter((image) => isWanted(image, index)).map((image) => ({ image, index })),
  );
  await runJobs(task, left, eightBits);
}

/** Frames that were run under a plan for the sake of the frame after them have their answer. */
function settleFrames(plans: EvaluatedPlans, images: readonly WorkImage[]): void {
  for (const [index, plan] of plans.plans.entries()) {
    if (saliencyPass(plan)?.from !== 'previous') continue;
    for (const image of images) {
      const scores = image.prepared.answers.get(saliencyKey(plan));
      if (scores && isWanted(image, index)) plans.settle({ image, index }, scores);
    }
  }
}

/** @param eightBits by index of the plan; null where nothing is counted at 8 bits */
async function runJobs(
  { plans, evaluation: { counts }, signal }: Task,
  all: readonly Job[],
  eightBits: readonly (EightBits | null)[],
): Promise<void> {
  const { network } = plans;
  for (const { window, jobs: group } of await groupedByGraph(plans, all, counts))
    for (let at = 0, end; at < group.length; at = end) {
      throwIfCancelled(signal);
      end = at + network.partOf(group.length - at);
      const jobs = group.slice(at, end);
      const calls = inCompany(jobs);
      const masks = calls.map((job) => plans.maskOf(job));
      const ranges = plans.rangesOf(plans.plans[jobs[0]!.index]!);
      const pixels = batch(calls.map(({ image }) => image.prepared.pixels));
      const inside = window && (await network.windows.run(window, [], pixels, masks, ranges));
      const { scores, activations, planned } = inside
        ? { scores: inside.scores, activations: [], planned: masks }
        : await network.quantised(pixels, masks, ranges, counts && roomIn(network));
      const activationsOf = activations.map((values) => split(values, calls.length));
      const scoresOf = split(scores, calls.length);
      for (const [call, job] of jobs.entries()) {
        const reference = eightBits[job.index];
        const at8Bits = reference ? job.image.prepared.at8Bits.get(reference.key)! : null;
        const own = activationsOf.map((values) => values[call]!);
        const counted = counts ? { ranges, activations: own, at8Bits } : undefined;
        plans.settle(job, scoresOf[call]!, planned[call]!, counted);
      }
    }
}

/** Jobs whose plans share a graph, and a window of it, share a call. Counts need all of a network's activations, and so no window. */
async function groupedByGraph(
  plans: EvaluatedPlans,
  jobs: readonly Job[],
  counts: boolean,
): Promise<{ readonly window: NetworkWindow | null; readonly jobs: readonly Job[] }[]> {
  const groups = new Map<string, { readonly window: NetworkWindow | null; readonly jobs: Job[] }>();
  for (const job of jobs) {
    const window = counts ? null : await plans.windowOf(job);
    const key = `${graphKey(plans.plans[job.index]!)} ${window?.key ?? ''}`;
    const group = groups.get(key) ?? { window, jobs: [] };
    groups.set(key, group);
    group.jobs.push(job);
  }
  return [...groups.values()];
}

interface ImageClimb {
  readonly image: WorkImage;
  readonly climb: Climb;
}

function climbOf(plans: EvaluatedPlans, image: WorkImage, ladder: readonly number[]): ImageClimb | null {
  const { baseline } = image.prepared;
  if (!baseline) return null;
  const steps = () => ladder.map((index) => ({ plan: index, cost: plans.costOf({ image, index }) }));
  const climb = Climb.of(topClasses(baseline), image.wanted.label ?? null, steps);
  return climb && { image, climb };
}

/** What each image is to be run under next; ladders share plans. */
function nextJobs(climbs: readonly ImageClimb[]): Job[] {
  const jobs = new Map<string, Job>();
  for (const { image, climb } of climbs) {
    const index = climb.next((plan) => image.results.find((result) => result.plan === plan)?.top);
    if (index !== null) jobs.set(`${image.prepared.path} ${index}`, { image, index });
  }
  return [...jobs.values()];
}
