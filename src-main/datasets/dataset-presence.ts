import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { whyNotInFolder } from '../files/system-error.ts';

/**
 * Makes sure that a folder holds images of a run before each of them fails for itself: where nothing is mounted, the folder is
 * missing, or empty.
 * @param root absolute path of the folder
 * @param paths of the run's images, relative to it
 * @param next what the user can do where it does not
 * @throws FoveaError `dataset-unreadable` when the folder, or every image, is missing
 */
export async function checkPresence(root: string, paths: readonly string[], next: string): Promise<void> {
  const missing = (reason: string, cause?: unknown) =>
    new FoveaError('dataset-unreadable', `${root}: ${reason}`, next, { cause });
  let folder;
  try {
    folder = await stat(root);
  } catch (error) {
    throw missing(`the folder cannot be read: ${whyNotInFolder(error)}`, error);
  }
  if (!folder.isDirectory()) throw missing('expected a folder, found a file');
  for (const path of paths) if (await isThere(join(root, path))) return;
  if (paths.length > 0) throw missing(`none of the ${paths.length} images of the run is in this folder`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
