import { stat } from 'node:fs/promises';
import type { Preprocessing } from '../../../src-shared/preprocessing.ts';
import { loadImage, type LoadedImage } from '../../images/image-file.ts';

/**
 * Of decoded images, at their network's size: the 500 that a search takes at most, for a network of 224 x 224. Of a search that takes more
 * than fit, each round would find only images of the last one gone.
 */
const KEPT_BYTES = 72 * 2 ** 20;

/** By what {@link identityOf} tells; those that were used last stand last. */
const kept = new Map<string, LoadedImage>();
let bytes = 0;

/**
 * What `loadImage` gives, and again without decoding as long as the file is the same: a search asks for the same images with every
 * round.
 * @throws FoveaError as `loadImage`
 */
export async function decodedImage(path: string, preprocessing: Preprocessing): Promise<LoadedImage> {
  const identity = await identityOf(path, preprocessing);
  const known = identity === null ? undefined : forget(identity);
  const image = known ?? (await loadImage(path, preprocessing));
  if (identity !== null) keep(identity, image);
  return image;
}

/** @returns null where there is no such file: why, decoding tells */
async function identityOf(path: string, preprocessing: Preprocessing): Promise<string | null> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs, JSON.stringify(preprocessing), path].join(' ');
  } catch {
    return null;
  }
}

function keep(identity: string, loaded: LoadedImage): void {
  forget(identity);
  kept.set(identity, loaded);
  bytes += loaded.image.data.byteLength;
  for (const [oldest] of kept) {
    if (bytes <= KEPT_BYTES) return;
    forget(oldest);
  }
}

function forget(identity: string): LoadedImage | undefined {
  const loaded = kept.get(identity);
  if (loaded && kept.delete(identity)) bytes -= loaded.image.data.byteLength;
  return loaded;
}
