import { setPriority } from 'node:os';
import type { EncodedImage } from '../src-shared/contract/images.ts';
import { toErrorRecord, type ErrorRecord } from '../src-shared/errors.ts';
import type { LevelMap } from '../src-shared/contract/runs.ts';
import { importanceMap, seedOfImage } from '../src-shared/importance/importance.ts';
import { levelMap } from '../src-shared/precision/level-map.ts';
import type { PrecisionPlan } from '../src-shared/precision/precision-plan.ts';
import { visibleRectangle, type Preprocessing } from '../src-shared/preprocessing.ts';
import { imageSize, loadImage } from './images/image-file.ts';
import { checkMap } from './images/map-file.ts';
import { guardProcess } from './engine/process-guard.ts';
import { picture } from './images/picture.ts';
import { parentPort } from './engine/process-port.ts';

/** To the process that reads images for the view, one at a time; each is answered once. */
export type ImageTask =
  | { readonly kind: 'size'; readonly path: string }
  /** `small`: in few bytes, at the cost of losses that a thumbnail hides. */
  | { readonly kind: 'picture'; readonly path: string; readonly maxSide: number; readonly small: boolean }
  /** Whether a file can be the map of a photo of a size. */
  | { readonly kind: 'map'; readonly path: string; readonly photo: { readonly width: number; readonly height: number } }
  | {
      readonly kind: 'levels';
      readonly path: string;
      readonly preprocessing: Preprocessing;
      readonly plan: PrecisionPlan;
    };

export type ImageAnswer =
  | { readonly kind: 'size'; readonly size: { readonly width: number; readonly height: number } }
  | { readonly kind: 'picture'; readonly picture: EncodedImage }
  | { readonly kind: 'map'; readonly sha256: string }
  | { readonly kind: 'levels'; readonly map: LevelMap }
  | { readonly kind: 'error'; readonly error: ErrorRecord };

/** The analysis that the user waits for goes before thumbnails. */
const NICENESS = 10;

const port = parentPort();
guardProcess();
setPriority(NICENESS);
port.onMessage((message) => void answer(message as ImageTask).then((reply) => port.send(reply)));

async function answer(task: ImageTask): Promise<ImageAnswer> {
  try {
    if (task.kind === 'size') return { kind: 'size', size: await imageSize(task.path) };
    if (task.kind === 'picture')
      return { kind: 'picture', picture: await picture(task.path, task.maxSide, task.small) };
    if (task.kind === 'map') return { kind: 'map', sha256: await checkMap(task.path, task.photo) };
    return { kind: 'levels', map: await levels(task.path, task.preprocessing, task.plan) };
  } catch (error) {
    return { kind: 'error', error: toErrorRecord(error) };
  }
}

/** The levels as an engine finds them, on the part of the photo that the network sees. */
async function levels(path: string, preprocessing: Preprocessing, plan: PrecisionPlan): Promise<LevelMap> {
  const { image, sha256, width, height } = await loadImage(path, preprocessing);
  const { left, top, right, bottom } = visibleRectangle(width, height, preprocessing);
  const grid = { rows: plan.regions, columns: plan.regions };
  return {
    ...grid,
    levels: levelMap({
      plan,
      grid,
      values: importanceMap(image, grid, plan.metric, seedOfImage(plan, sha256), plan.combinedWeights),
    }),
    crop: { left: left / width, top: top / height, right: right / width, bottom: bottom / height },
    aspect: width / height,
  };
}
