import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';

/**
 * Makes a folder and those above it that are not there, one after another: Node's own way of making several at once may never come
 * back from a system that refuses.
 * @param mode of the folders that are made
 * @throws FoveaError `output-unwritable`
 */
export function makeFolder(path: string, mode = 0o777): void {
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // It may be there, or another process has made it meanwhile.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    throw new FoveaError(
      'output-unwritable',
      `${path}: this folder cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      'Check the permissions of the folder above it, or name another place.',
      { cause: error },
    );
  }
}
