import { readFile, stat } from 'node:fs/promises';
import { FoveaError } from '../../src-shared/errors.ts';
import { digestOf } from '../files/digest.ts';
import { systemCode } from '../files/system-error.ts';

const MAX_IMAGE_BYTES = 2 ** 30;

/**
 * SHA-256 of an image file, hexadecimal; whether it is an image is not looked at.
 * @throws FoveaError `image-missing`, `image-is-directory`, `image-unreadable`, `image-empty`, `image-too-large`
 */
export async function imageDigest(path: string): Promise<string> {
  return digestOf(await readImageFile(path));
}

/** @throws FoveaError as {@link imageDigest} */
export async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory())
      throw new FoveaError(
        'image-is-directory',
        `${path}: is a folder, expected an image file`,
        'Name an image in it.',
      );
    // Reading a pipe or a device might never end.
    if (!stats.isFile()) throw new FoveaError('image-unreadable', `${path}: is not a regular file`);
    if (stats.size === 0) throw new FoveaError('image-empty', `${path}: the file is empty`, 'Fetch or save it again.');
    if (stats.size > MAX_IMAGE_BYTES)
      throw new FoveaError(
        'image-too-large',
        `${path}: the file has ${stats.size} bytes, at most ${MAX_IMAGE_BYTES} are read`,
        'Make the image smaller.',
      );
    return await readFile(path);
  } catch (error) {
    if (error instanceof FoveaError) throw error;
    const code = systemCode(error) ?? String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new FoveaError('image-missing', `${path}: no such file`, 'Check the path.', { cause: error });
    throw new FoveaError(
      'image-unreadable',
      `${path}: cannot be read (${code})`,
      'Check the permissions of the file.',
      {
        cause: error,
      },
    );
  }
}
