import { chmodSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** Of this user alone. On Windows a user's own folders are so by themselves. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

/** What Fovea keeps in its data folder; there may be other things, where the user has named one. */
const OWN = [
  'runs.sqlite',
  'runs.sqlite-wal',
  'runs.sqlite-shm',
  'models',
  'kept',
  'uploads',
  'calibrations',
  'bounds',
];

/**
 * Makes the data folder this user's alone, and so what an older Fovea has left in it: runs and photos are nobody else's business. A
 * folder that the user has named and made keeps its own permissions, for others may have a part in it; what lies in it does not.
 * @param isNamed the user has named it
 */
export function keepPrivate(folder: string, isNamed = Boolean(process.env.FOVEA_DATA)): void {
  if (!isNamed) restrict(folder);
  for (const name of OWN) restrict(join(folder, name));
}

/** Makes the data folder where there is none. Where it cannot be made, what needs it says so, and much does without it. */
export function makePrivate(folder: string): void {
  try {
    makeFolder(folder, PRIVATE_FOLDER);
  } catch {
    return;
  }
}

/** What cannot be changed, on a disk that is read alone or as somebody else's, is left as it is; so is what a link leads to. */
function restrict(path: string): void {
  try {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink() || (stats.mode & 0o077) === 0) return;
    chmodSync(path, stats.isDirectory() ? PRIVATE_FOLDER : PRIVATE_FILE);
  } catch {
    return;
  }
}
