import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type PrecisionPlan, saliencyPass } from '../../src-shared/precision/precision-plan.ts';
import { digestOf, FileDigests } from '../files/digest.ts';
import { imagesAmong } from './image-walk.ts';

/** A frame of a sequence as it was when it was looked at. */
export interface FrameFile {
  /** Absolute path. */
  readonly path: string;
  /** Digest of its bytes, hexadecimal. */
  readonly sha256: string;
}

/** By path of the image: the frames that its saliency map depends on, the first one first; none where it makes a pass of its own. */
export type ImageFrames = ReadonlyMap<string, readonly FrameFile[]>;

/** Every so many frames one makes a pass of its own: any frame can then be computed from a few others, and no map goes on for ever. */
export const FRAMES_A_PASS = 16;

/**
 * The frames before images, where plans take the map of the frame before. A sequence is the images of one folder in natural order
 * (`2.jpg` before `10.jpg`), whatever part of them is evaluated. The first frame and every {@link FRAMES_A_PASS}th after it make a pass. A frame
 * that is the same file as an earlier one of the images has that one's frames before it: results are kept by a photo's content.
 * @param root absolute path of the folder that the paths are relative to
 * @param digests of files that may have been read already
 * @returns null where no plan asks for frames
 */
export async function findFrames(
  root: string,
  images: readonly string[],
  plans: readonly PrecisionPlan[],
  digests = new FileDigests(),
): Promise<ImageFrames | null> {
  if (!plans.some((plan) => saliencyPass(plan)?.from === 'previous')) return null;
  const wanted = new Set(images);
  const found = new Map<string, readonly FrameFile[]>();
  const first = new Map<string, readonly FrameFile[]>();
  for (const folder of new Set(images.map((image) => posix.dirname(image)))) {
    const names = imagesAmong(await readdir(join(root, folder)).catch(() => [])).sort(naturalOrder);
    const frameOf = async (name: string): Promise<FrameFile> => {
      const path = join(root, folder, name);
      // What cannot be read is known by its name: who comes after it makes a pass.
      return { path, sha256: await digests.of(path).catch(() => digestOf(name)) };
    };
    for (const [at, name] of names.entries()) {
      const image = folder === '.' ? name : posix.join(folder, name);
      if (!wanted.has(image)) continue;
      const { sha256 } = await frameOf(name);
      const before = first.get(sha256) ?? (await Promise.all(names.slice(at - (at % FRAMES_A_PASS), at).map(frameOf)));
      first.set(sha256, before);
      found.set(image, before);
    }
  }
  return found;
}

/** What of frames decides the results of a run: a digest of those before each image, by its path. */
export function frameDigests(frames: ImageFrames): Record<string, string> {
  return Object.fromEntries(
    [...frames].map(([image, before]) => [image, digestOf(before.map(({ sha256 }) => sha256).join())]),
  );
}

const { compare } = new Intl.Collator('en', { numeric: true });

/** Numbers in names count as such; what is then the same goes by its characters. */
function naturalOrder(a: string, b: string): number {
  return compare(a, b) || (a < b ? -1 : 1);
}
