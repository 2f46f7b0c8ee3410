import { setPriority } from 'node:os';
import type { EncodedImage } from '../src-shared/contract/images.ts';
import { toErrorRecord, type ErrorRecord } from '../src-shared/errors.ts';
import { decodePreview, imageSize, loadSharp } from './images/image-file.ts';
import { guardProcess } from './engine/process-guard.ts';
import { parentPort } from './engine/process-port.ts';

/** To the process that reads images for the view, one at a time; each is answered once. */
export type ImageTask =
  | { readonly kind: 'size'; readonly path: string }
  | { readonly kind: 'picture'; readonly path: string; readonly maxSide: number };

export type ImageAnswer =
  | { readonly kind: 'size'; readonly size: { readonly width: number; readonly height: number } }
  | { readonly kind: 'picture'; readonly picture: EncodedImage }
  | { readonly kind: 'error'; readonly error: ErrorRecord };

/** Up to here a picture is kept without loss, for whoever looks at single pixels. */
const LOSSLESS_PIXELS = 512 * 512;
/** The analysis that the user waits for goes before thumbnails. */
const NICENESS = 10;

const port = parentPort();
guardProcess();
setPriority(NICENESS);
port.onMessage((message) => void answer(message as ImageTask).then((reply) => port.send(reply)));

async function answer(task: ImageTask): Promise<ImageAnswer> {
  try {
    if (task.kind === 'size') return { kind: 'size', size: await imageSize(task.path) };
    return { kind: 'picture', picture: await picture(task.path, task.maxSide) };
  } catch (error) {
    return { kind: 'error', error: toErrorRecord(error) };
  }
}

async function picture(path: string, maxSide: number): Promise<EncodedImage> {
  const { image } = await decodePreview(path, maxSide);
  const { width, height, data } = image;
  const sharp = await loadSharp();
  const raw = sharp(data, { raw: { width, height, channels: 3 } });
  const lossless = width * height <= LOSSLESS_PIXELS;
  const encoded = lossless ? raw.png({ compressionLevel: 3 }) : raw.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
  return { mime: lossless ? 'image/png' : 'image/jpeg', bytes: await encoded.toBuffer(), width, height };
}
