import { FoveaError } from '../../../src-shared/errors.ts';
import type { ValueMap } from '../../../src-shared/importance/value-map.ts';
import type { LayerRange } from '../../../src-shared/precision/layer-range.ts';
import { planOfPass, type PrecisionPlan, saliencyPass } from '../../../src-shared/precision/precision-plan.ts';
import type { FrameFile } from '../../datasets/frames.ts';
import type { Network } from '../../network/network.ts';
import type { PlannedImage } from '../../network/level-maps.ts';
import { batch, inCompany, planImage, type PreparedImage, prepareImage } from './image-analysis.ts';
import type { OpenedModel } from './opened-model.ts';
import { saliencyKey } from './saliency-key.ts';
import { type TaskContext, throwIfCancelled } from './task-context.ts';

/** What a saliency map is computed with. */
interface Scene {
  readonly network: Network;
  readonly model: OpenedModel;
  readonly rangesOf: (plan: PrecisionPlan) => readonly LayerRange[] | null;
  readonly signal: TaskContext['signal'];
}

/** An image whose map is wanted, with the frames before it that its map depends on, the first one first. */
export interface FramedImage {
  readonly prepared: PreparedImage;
  readonly before: readonly FrameFile[];
}

/**
 * Finds the saliency maps of images under plans, where those take any: afterwards `planImage` has them. With maps of the image's own they
 * come of a cheap pass; with those of the frame before, of that frame's run under the same plan, and so on back to one that made a pass.
 */
export async function prepareSaliency(
  scene: Scene,
  images: readonly FramedImage[],
  plans: readonly PrecisionPlan[],
): Promise<void> {
  for (const plan of plans) {
    const pass = saliencyPass(plan);
    if (!pass) continue;
    const key = saliencyKey(plan);
    const missing = images.filter(({ prepared }) => !prepared.saliency.has(key));
    if (pass.from === 'pass')
      await passOver(
        scene,
        missing.map(({ prepared }) => prepared),
        plan,
      );
    else for (const { prepared, before } of missing) await follow(scene, prepared, before, plan, images);
  }
}

/** A pass over images that have no map yet. */
async function passOver(
  { network, rangesOf, signal }: Scene,
  images: readonly PreparedImage[],
  plan: PrecisionPlan,
): Promise<void> {
  const uniform = planOfPass(plan, plan.saliency!.bits);
  const planned = { plan: uniform, grid: { rows: 1, columns: 1 }, values: new Float32Array(1) };
  for (let at = 0, end; at < images.length; at = end) {
    throwIfCancelled(signal);
    end = at + network.partOf(images.length - at);
    const part = images.slice(at, end);
    const maps = await activationsOf(
      network,
      part,
      part.map(() => planned),
      rangesOf(uniform),
    );
    part.forEach((image, index) => image.saliency.set(saliencyKey(plan), { map: maps[index]!, passes: 1 }));
  }
}

/** Class-activation maps of some images, which may be one: see `inCompany`. */
async function activationsOf(
  network: Network,
  images: readonly PreparedImage[],
  planned: readonly PlannedImage[],
  ranges: readonly LayerRange[] | null,
): Promise<(ValueMap & { readonly scores: Float32Array })[]> {
  const pixels = batch(inCompany(images).map((image) => image.pixels));
  return network.classActivations.of(pixels, inCompany(planned), ranges);
}

/**
 * Maps of frames' own runs that later frames take, which mostly come in order; null of a frame that cannot be read: who comes after it
 * makes a pass.
 */
const kept = new WeakMap<Network, Map<string, ValueMap | null>>();
const MOST_KEPT = 256;

/** Takes the map of the frame before, which that frame's own run under the plan gives. */
async function follow(
  scene: Scene,
  image: PreparedImage,
  before: readonly FrameFile[],
  plan: PrecisionPlan,
  images: readonly FramedImage[],
): Promise<void> {
  const key = saliencyKey(plan);
  const maps = kept.get(scene.network) ?? new Map<string, ValueMap | null>();
  kept.set(scene.network, maps);
  const mapAfter = (frames: number) => JSON.stringify([key, before.slice(0, frames).map(({ sha256 }) => sha256)]);
  const take = async (frame: PreparedImage, frames: number) => {
    const last = maps.get(mapAfter(frames));
    if (last) frame.saliency.set(key, { map: last, passes: 0 });
    else if (!frame.saliency.has(key)) await passOver(scene, [frame], plan);
  };
  // Back to a frame whose map is known, or to the one that makes a pass; then on from there.
  let known = before.length;
  while (known > 0 && !maps.has(mapAfter(known))) known--;
  for (; known < before.length; known++) {
    throwIfCancelled(scene.signal);
    const frame = await frameAt(scene, before[known]!, images);
    if (frame) await take(frame, known);
    const map =
      frame && (await activationsOf(scene.network, [frame], [planImage(frame, plan)], scene.rangesOf(plan)))[0]!;
    // Its own answer, too: who evaluates it need not run it again.
    if (map) frame.answers.set(key, map.scores);
    if (maps.size >= MOST_KEPT) maps.delete(maps.keys().next().value!);
    maps.set(mapAfter(known + 1), map);
  }
  await take(image, before.length);
}

/** @returns null where it cannot be read */
async function frameAt(
  { network, model }: Scene,
  { path, sha256 }: FrameFile,
  images: readonly FramedImage[],
): Promise<PreparedImage | null> {
  const open = images.find(({ prepared }) => prepared.path === path)?.prepared;
  try {
    const frame = open ?? (await prepareImage(path, model.preprocessing, new Float32Array(network.inputLength)));
    if (frame.loaded.sha256 === sha256) return frame;
  } catch (error) {
    if (error instanceof FoveaError && error.code.startsWith('image-')) return null;
    throw error;
  }
  throw new FoveaError('dataset-unreadable', `${path}: was changed after the work had begun`, 'Begin anew.');
}
