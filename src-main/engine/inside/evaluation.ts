import { toErrorRecord } from '../../../src-shared/errors.ts';
import { bitsOfNetwork } from '../../../src-shared/left-out.ts';
import { type LayerCounts, macWeightedLockstepBits } from '../../../src-shared/measurement.ts';
import type { LayerRange } from '../../../src-shared/precision/layer-range.ts';
import { METRIC_TABLE, metricParts } from '../../../src-shared/precision/metrics.ts';
import { foundLevels, type PrecisionPlan, saliencyPass } from '../../../src-shared/precision/precision-plan.ts';
import { topClasses } from '../../../src-shared/top-classes.ts';
import type { NetworkWindow } from '../../network/map-windows.ts';
import type { PlannedImage } from '../../network/level-maps.ts';
import type { Network } from '../../network/network.ts';
import { rewriteOptionsOf } from '../../network/rewrite-options.ts';
import { release } from '../../network/session-outputs.ts';
import type { EvaluationImage, TaskInput } from '../engine-protocol.ts';
import type { ImageOutcome } from '../../../src-shared/runs/run-record.ts';
import { Climb } from './first-success.ts';
import {
  batch,
  type EightBits,
  eightBitsOf,
  inCompany,
  layerCounts,
  notFinite,
  passesOf,
  PLAIN,
  planImage,
  prepareImage,
  probabilities,
  roomIn,
  runBaseline,
  split,
  type PreparedImage,
} from './image-analysis.ts';
import type { OpenedModel } from './opened-model.ts';
import { prepareSaliency } from './saliency.ts';
import { saliencyKey } from './saliency-key.ts';
import { type PrefixPlan, sharedPrefixes, type SharedPrefix } from './shared-prefixes.ts';
import { type TaskContext, throwIfCancelled } from './task-context.ts';
import { tensorRanges } from './tensor-ranges.ts';

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

/** Images under plans that a network has been run for. */
const runsOf = new WeakMap<Network, number>();

/** To be used again and again: a buffer for each batch would keep the garbage collector busy. */
export function batchBuffers({ inputLength }: Network): readonly [BatchBuffer, BatchBuffer] {
  const fitting = Math.floor(BATCH_BYTES / (inputLength * Float32Array.BYTES_PER_ELEMENT));
  const images = Math.max(FEWEST_IMAGES, Math.min(fitting, MOST_IMAGES));
  const buffer = () => split(new Float32Array(images * inputLength), images);
  return [buffer(), buffer()];
}

type Evaluation = Omit<TaskInput<'evaluate'>, 'model'>;
type Outcome = Exclude<ImageOutcome, { failure: unknown }>;
type Unreadable = Extract<ImageOutcome, { failure: unknown }>;

/** An image that could be read, what is wanted of it, and what it has given so far. */
interface WorkImage {
  readonly wanted: EvaluationImage;
  readonly prepared: PreparedImage;
  readonly results: Outcome['results'][number][];
}

/** A plan by its index, with its mask for any image. */
interface MaskedPlan extends PrefixPlan {
  readonly index: number;
  readonly plan: PrecisionPlan;
  /** What of the network it needs; null: all. */
  readonly window: NetworkWindow | null;
}

/** What is the same for every image, by index of the plan: masks that do not look at it, and the counts under them. */
interface Shared {
  readonly costs: Map<number, number>;
  readonly masks: Map<number, PlannedImage>;
  readonly counts: Map<number, readonly LayerCounts[]>;
  readonly windows: Map<number, NetworkWindow | null>;
  /** Plans that begin alike, once they have been put together. */
  prefixes: readonly SharedPrefix<MaskedPlan>[] | null;
  /** Runs after which parts of the network are worth their sessions. */
  readonly partsFrom: number;
}

/** Whether beginnings that plans share, and windows, are worth looking for. */
const findsParts = (network: Network, { partsFrom }: Shared) => (runsOf.get(network) ?? 0) >= partsFrom;

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
  const shared: Shared = {
    masks: new Map(),
    counts: new Map(),
    costs: new Map(),
    windows: new Map(),
    prefixes: null,
    partsFrom: wholeRunsFirst,
  };
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
      await evaluateBatch(network, model, readable, evaluation, shared, signal);
      const runs = readable.reduce((sum, { results }) => sum + results.length, runsOf.get(network) ?? 0);
      runsOf.set(network, runs);
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

async function evaluateBatch(
  network: Network,
  model: OpenedModel,
  images: readonly WorkImage[],
  evaluation: Evaluation,
  shared: Shared,
  signal: AbortSignal,
): Promise<void> {
  const { plans, ranges, counts, ladders } = evaluation;
  const rangesOf = (plan: PrecisionPlan) => tensorRanges(network, model, plan, ranges);
  const eightBits = plans.map((plan) => (counts ? eightBitsOf(plan, rangesOf(plan)) : null));
  const references = [...new Map(eightBits.flatMap((own) => (own ? [[own.key, own]] : []))).values()];
  const plain = images.flatMap(({ wanted, prepared }) => (wanted.baseline || references.length > 0 ? [prepared] : []));
  // Activations are counted call by call: those of a whole batch would fill the memory.
  for (let at = 0, end; at < plain.length; at = end) {
    end = references.length > 0 ? at + network.partOf(plain.length - at) : plain.length;
    throwIfCancelled(signal);
    await runBaseline(network, model, inCompany(plain.slice(at, end)), references);
  }
  const scene = { network, model, rangesOf, signal };
  const framed = images.map(({ wanted, prepared }) => ({ wanted, prepared, before: wanted.before ?? [] }));
  for (const [index, plan] of plans.entries()) {
    // What an image needs of a ladder, its climb alone tells.
    const wanting = framed.filter(({ wanted }) => ladders ?? wanted.plans.includes(index));
    await prepareSaliency(scene, wanting, [plan]);
  }
  // Counts need all of a network's activations, and what a climb asks for is known to it alone.
  if (!counts && !ladders) settleFrames(network, model, images, plans, shared);
  const run = (jobs: readonly Job[]) =>
    evaluateJobs(network, model, jobs, { counts, rangesOf, eightBits, shared, signal });
  if (ladders) {
    const climbs = images.flatMap((image) =>
      ladders.flatMap((ladder) => climbOf(network, model, image, ladder, plans, shared) ?? []),
    );
    for (let jobs = nextJobs(climbs, plans); jobs.length > 0; jobs = nextJobs(climbs, plans)) await run(jobs);
    return;
  }
  // Counts need all of a network's activations.
  if (!counts && findsParts(network, shared))
    await evaluateShared(network, model, images, plans, rangesOf, shared, signal);
  // Plan by plan, because images that follow one another need not be copied for a call.
  await run(
    plans.flatMap((plan, index) =>
      images.filter((image) => isWanted(image, index)).map((image) => ({ image, plan, index })),
    ),
  );
}

interface JobsContext {
  readonly counts: boolean;
  readonly rangesOf: (plan: PrecisionPlan) => readonly LayerRange[] | null;
  /** By index of the plan. */
  readonly eightBits: readonly (EightBits | null)[];
  readonly shared: Shared;
  readonly signal: AbortSignal;
}

async function evaluateJobs(
  network: Network,
  model: OpenedModel,
  all: readonly Job[],
  { counts, rangesOf, eightBits, shared, signal }: JobsContext,
): Promise<void> {
  const groups = await groupedByGraph(network, all, counts, rangesOf, shared);
  for (const { window, jobs: group } of groups)
    for (let at = 0, end; at < group.length; at = end) {
      throwIfCancelled(signal);
      end = at + network.partOf(group.length - at);
      const jobs = group.slice(at, end);
      const calls = inCompany(jobs);
      const masks = calls.map((job) => maskOf(job, shared));
      const own = rangesOf(calls[0]!.plan);
      const pixels = batch(calls.map(({ image }) => image.prepared.pixels));
      const room = counts && roomIn(network);
      const inside = window && (await network.windows.run(window, [], pixels, masks, own));
      const { scores, activations, planned } = inside
        ? { scores: inside.scores, activations: [], planned: masks }
        : await network.quantised(pixels, masks, own, room);
      const activationsOf = activations.map((values) => split(values, calls.length));
      const scoresOf = split(scores, calls.length);
      for (const [call, { image, plan, index }] of jobs.entries()) {
        const reference = eightBits[index];
        const at8Bits = reference ? image.prepared.at8Bits.get(reference.key)! : null;
        const layers =
          shared.counts.get(index) ??
          layerCounts(
            network,
            planned[call]!,
            own,
            counts ? activationsOf.map((values) => values[call]!) : null,
            at8Bits,
            passesOf(image.prepared, plan),
          );
        if (!counts && shared.masks.has(index)) shared.counts.set(index, layers);
        image.results.push(resultOf(index, scoresOf[call]!, layers, model));
      }
    }
}

interface ImageClimb {
  readonly image: WorkImage;
  readonly climb: Climb;
}

function climbOf(
  network: Network,
  model: OpenedModel,
  image: WorkImage,
  ladder: readonly number[],
  plans: readonly PrecisionPlan[],
  shared: Shared,
): ImageClimb | null {
  const { baseline } = image.prepared;
  if (!baseline) return null;
  const steps = () =>
    ladder.map((index) => ({
      plan: index,
      cost: costOf(network, model, { image, plan: plans[index]!, index }, shared),
    }));
  const climb = Climb.of(topClasses(baseline), image.wanted.label ?? null, steps);
  return climb && { image, climb };
}

/** What each image is to be run under next; ladders share plans. */
function nextJobs(climbs: readonly ImageClimb[], plans: readonly PrecisionPlan[]): Job[] {
  const jobs = new Map<string, Job>();
  for (const { image, climb } of climbs) {
    const index = climb.next((plan) => image.results.find((result) => result.plan === plan)?.top);
    if (index !== null) jobs.set(`${image.prepared.path} ${index}`, { image, plan: plans[index]!, index });
  }
  return [...jobs.values()];
}

/** MAC-weighted bits in lock-step, over the whole network; of levels that the graph finds, what their shares would cost somewhere. */
function costOf(network: Network, { leftOut }: OpenedModel, job: Job, shared: Shared): number {
  const known = shared.costs.get(job.index);
  if (known !== undefined) return known;
  const layers = layerCounts(network, maskOf(job, shared), null, null, null, passesOf(job.image.prepared, job.plan));
  const cost = bitsOfNetwork(macWeightedLockstepBits(layers), network.layers, leftOut);
  if (!dependsOnImage(job.plan)) shared.costs.set(job.index, cost);
  return cost;
}

/** A plan of an image is wanted that it does not have yet. */
function isWanted({ wanted, results }: WorkImage, index: number): boolean {
  return wanted.plans.includes(index) && !results.some(({ plan }) => plan === index);
}

/** What was last found of a network's plans, by their indexes: call by call they are the same. */
const lastPrefixes = new WeakMap<Network, { readonly key: string; readonly found: readonly SharedPrefix<number>[] }>();

/** Where the network can be cut is not asked where no plan could gain. */
async function prefixesOf(
  network: Network,
  groups: readonly (readonly MaskedPlan[])[],
): Promise<readonly SharedPrefix<MaskedPlan>[]> {
  const several = groups.filter((group) => group.length > 1);
  const byIndex = new Map(several.flat().map((plan) => [plan.index, plan]));
  const key = JSON.stringify([...byIndex].map(([index, { plan }]) => [index, plan]));
  let last = lastPrefixes.get(network);
  if (last?.key !== key) {
    const cuts = several.length > 0 ? await network.cuts.tensors() : [];
    // In a window the network can be cut at the first place alone.
    const cutsOf = ([plan]: readonly MaskedPlan[]) => (plan?.window ? cuts.slice(0, 1) : cuts);
    const shared = several.flatMap((group) => (cuts.length > 0 ? sharedPrefixes(network, cutsOf(group), group) : []));
    const found = shared
      .filter(({ followers }) => followers.length > 0)
      .map(({ first, followers }) => ({
        first: first.index,
        followers: followers.map(({ plan, cut }) => ({ plan: plan.index, cut })),
      }));
    lastPrefixes.set(network, (last = { key, found }));
  }
  return last.found.map(({ first, followers }) => ({
    first: byIndex.get(first)!,
    followers: followers.map(({ plan, cut }) => ({ plan: byIndex.get(plan)!, cut })),
  }));
}

/** Plans that begin alike, of images that want all of them: the beginnings are run once. */
async function evaluateShared(
  network: Network,
  model: OpenedModel,
  images: readonly WorkImage[],
  plans: readonly PrecisionPlan[],
  rangesOf: (plan: PrecisionPlan) => readonly LayerRange[] | null,
  shared: Shared,
  signal: AbortSignal,
): Promise<void> {
  const [anyImage] = images;
  if (!anyImage) return;
  if (!shared.prefixes) {
    const masked: MaskedPlan[] = [];
    for (const [index, plan] of plans.entries()) {
      // The levels that a graph finds come with the whole of it alone.
      if (!isWanted(anyImage, index) || foundLevels(plan)) continue;
      const job = { image: anyImage, plan, index };
      const window = await windowOf(network, job, rangesOf, shared);
      masked.push({ index, plan, window, planned: maskOf(job, shared), varies: dependsOnImage(plan) });
    }
    const groups = Map.groupBy(masked, ({ plan, window }) => `${graphKey(plan)} ${window?.key ?? ''}`);
    shared.prefixes = await prefixesOf(network, [...groups.values()]);
  }
  for (const { first, followers } of shared.prefixes) {
    const indexes = [first, ...followers.map(({ plan }) => plan)].map(({ index }) => index);
    const willing = images.filter((image) => indexes.every((index) => isWanted(image, index)));
    const followed = [...new Set(followers.map(({ cut }) => cut))];
    const ranges = rangesOf(first.plan);
    for (let at = 0, end; at < willing.length; at = end) {
      throwIfCancelled(signal);
      end = at + network.partOf(willing.length - at);
      const part = willing.slice(at, end);
      const calls = inCompany(part);
      const pixels = batch(calls.map(({ prepared }) => prepared.pixels));
      const maskedBy = ({ index, plan }: MaskedPlan) => calls.map((image) => maskOf({ image, plan, index }, shared));
      const { window } = first;
      const inside = window && (await network.windows.run(window, followed, pixels, maskedBy(first), ranges));
      const whole = inside ?? (await network.cuts.run(window ? [] : followed, pixels, maskedBy(first), ranges));
      settle(network, model, part, first, split(whole.scores, calls.length), shared);
      for (const { plan, cut } of followers) {
        const values = whole.tensors.get(cut);
        const scores =
          values &&
          (window
            ? await network.windows.runFrom(window, cut, values, maskedBy(plan), ranges)
            : await network.cuts.runFrom(cut, values, maskedBy(plan), ranges));
        // What is left is run as a whole.
        if (!scores) continue;
        settle(network, model, part, plan, split(scores, calls.length), shared);
      }
      whole.tensors.forEach(release);
    }
  }
}

/** Frames that were run under a plan for the sake of the frame after them have their answer. */
function settleFrames(
  network: Network,
  model: OpenedModel,
  images: readonly WorkImage[],
  plans: readonly PrecisionPlan[],
  shared: Shared,
): void {
  for (const [index, plan] of plans.entries()) {
    if (saliencyPass(plan)?.from !== 'previous') continue;
    for (const image of images) {
      const scores = image.prepared.answers.get(saliencyKey(plan));
      if (scores && isWanted(image, index)) settle(network, model, [image], { index, plan }, [scores], shared);
    }
  }
}

/** Writes down what a plan gave for some images. */
function settle(
  network: Network,
  model: OpenedModel,
  images: readonly WorkImage[],
  { index, plan }: Pick<MaskedPlan, 'index' | 'plan'>,
  scores: readonly Float32Array[],
  shared: Shared,
): void {
  for (const [place, image] of images.entries()) {
    const mask = () => maskOf({ image, plan, index }, shared);
    const passes = passesOf(image.prepared, plan);
    const layers = shared.counts.get(index) ?? layerCounts(network, mask(), null, null, null, passes);
    if (shared.masks.has(index)) shared.counts.set(index, layers);
    image.results.push(resultOf(index, scores[place]!, layers, model));
  }
}

function resultOf(plan: number, scores: Float32Array, layers: readonly LayerCounts[], model: OpenedModel) {
  const shares = probabilities(scores, model);
  // No answer: no class is right, kept or chosen.
  return { plan, top: shares ? topClasses(shares) : { classes: [], probabilities: [] }, layers };
}

/** An image under a plan, by the plan's index. */
interface Job {
  readonly image: WorkImage;
  readonly plan: PrecisionPlan;
  readonly index: number;
}

function maskOf({ image, plan, index }: Job, { masks }: Shared): PlannedImage {
  const mask = masks.get(index) ?? planImage(image.prepared, plan);
  if (!dependsOnImage(plan)) masks.set(index, mask);
  return mask;
}

/** Jobs whose plans share a graph, and a window of it, share a call. */
async function groupedByGraph(
  network: Network,
  jobs: readonly Job[],
  counts: boolean,
  rangesOf: (plan: PrecisionPlan) => readonly LayerRange[] | null,
  shared: Shared,
): Promise<{ readonly window: NetworkWindow | null; readonly jobs: readonly Job[] }[]> {
  // Counts need all of a network's activations.
  if (!counts) for (const job of jobs) await windowOf(network, job, rangesOf, shared);
  const of = ({ index }: Job) => (counts ? null : (shared.windows.get(index) ?? null));
  const groups = Map.groupBy(jobs, (job) => `${graphKey(job.plan)} ${of(job)?.key ?? ''}`);
  return [...groups.values()].map((own) => ({ window: of(own[0]!), jobs: own }));
}

/** What of the network a plan needs, where that is the same of every image. */
async function windowOf(
  network: Network,
  job: Job,
  rangesOf: (plan: PrecisionPlan) => readonly LayerRange[] | null,
  shared: Shared,
): Promise<NetworkWindow | null> {
  const { plan, index } = job;
  let window = shared.windows.get(index);
  if (window === undefined) {
    const isFixed = plan.bits.includes(0) && !dependsOnImage(plan);
    // What was not looked for may be later.
    if (isFixed && !findsParts(network, shared)) return null;
    window = isFixed ? await network.windows.windowFor(maskOf(job, shared), rangesOf(plan)) : null;
    shared.windows.set(index, window);
  }
  return window;
}

const graphKey = (plan: PrecisionPlan) => JSON.stringify(rewriteOptionsOf(plan, false));

/** Whether the mask of a plan can differ from one image to another. */
function dependsOnImage(plan: PrecisionPlan): boolean {
  const { readsImage, drawn } = METRIC_TABLE[metricParts(plan.metric).name];
  return foundLevels(plan) !== null || (plan.bits.length > 1 && (readsImage || drawn));
}
