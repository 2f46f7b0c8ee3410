import { readFile, stat } from 'node:fs/promises';
import { systemCode } from './system-error.ts';

/**
 * Reads a file that a user has named and that is small by its nature. What is no file (a pipe would be waited for without end) or
 * larger than any such is refused before it is read.
 * @param maxBytes far more than the largest of its kind takes
 * @throws Error with a reason in plain words, or the system's
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer> {
  const stats = await stat(path).catch((error: unknown) => {
    const code = systemCode(error);
    if (code !== 'ENOENT') throw error;
    throw Object.assign(new Error('there is no such file', { cause: error }), { code });
  });
  if (!stats.isFile()) throw new Error(noFile(stats));
  if (stats.size > maxBytes)
    throw new Error(
      `expected a file of ${maxBytes / 2 ** 20} MiB at most, found ${Math.ceil(stats.size / 2 ** 20)} MiB`,
    );
  return readFile(path);
}

/** What is said of what is no file. */
export function noFile(stats: { isDirectory(): boolean; isFIFO(): boolean; isSocket(): boolean }): string {
  const kind = stats.isDirectory() ? 'folder' : stats.isFIFO() ? 'pipe' : stats.isSocket() ? 'socket' : 'device';
  return `expected a file, found a ${kind}`;
}
