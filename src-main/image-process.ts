import { setPriority } from 'node:os';
import type { EncodedImage } from '../src-shared/contract/images.ts';
import { toErrorRecord, type ErrorRecord } from '../src-shared/errors.ts';
import { imageSize } from './images/image-file.ts';
import { picture } from './images/picture.ts';
import { parentPort } from './engine/process-port.ts';

/** To the process that reads images for the view, one at a time; each is answered once. */
export type ImageTask =
  | { readonly kind: 'size'; readonly path: string }
  | { readonly kind: 'picture'; readonly path: string; readonly maxSide: number };

export type ImageAnswer =
  | { readonly kind: 'size'; readonly size: { readonly width: number; readonly height: number } }
  | { readonly kind: 'picture'; readonly picture: EncodedImage }
  | { readonly kind: 'error'; readonly error: ErrorRecord };

/** The analysis that the user waits for goes before thumbnails. */
const NICENESS = 10;

const port = parentPort();
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
