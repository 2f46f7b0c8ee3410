import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { makeFolder } from './make-folder.ts';
import { whyNotInFolder } from './system-error.ts';

export interface WholeFileOptions {
  /** Make the folder where there is none. */
  readonly withFolder?: boolean;
  /** Permissions of the file; those of a folder that is made let its owner alone in where they do. */
  readonly mode?: number;
}

/** What is renamed onto a device or a pipe would take its place, for all programs of the machine. */
async function refuseDevice(path: string): Promise<void> {
  const there = await stat(path).catch(() => null);
  if (there && !there.isFile())
    throw new FoveaError(
      'output-unwritable',
      `${path}: ${there.isDirectory() ? 'is a folder' : 'is a device or a pipe'}, expected the name of a file`,
      'Name a file that may be replaced.',
    );
}

/**
 * Writes a file that appears under its name only when it is whole: a reader sees the old one or the new one, whatever happens.
 * @param content the whole, or pieces that are made one after another
 * @returns bytes written
 * @throws FoveaError `output-unwritable`, and what making the pieces throws; then nothing has changed
 */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array | Iterable<string | Uint8Array>,
  { withFolder = false, mode }: WholeFileOptions = {},
): Promise<number> {
  // Others may write the same file at the same time, in this process or in another container, whose processes have the same numbers.
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  await refuseDevice(path);
  let bytes = 0;
  try {
    if (withFolder) makeFolder(dirname(path), mode === undefined ? undefined : mode | 0o100);
    const file = await open(unfinished, 'w', mode);
    try {
      for (const piece of pieces)
        bytes += await writeWhole(file, typeof piece === 'string' ? Buffer.from(piece) : piece);
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    return bytes;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    if (error instanceof FoveaError) throw error;
    throw unwritable(path, error);
  }
}

/** What is said of a file that cannot be written: in words where it is the plainest of reasons. */
export function unwritable(path: string, error: unknown): FoveaError {
  return new FoveaError(
    'output-unwritable',
    `${path}: cannot be written: ${whyNotInFolder(error)}`,
    'Check that the folder exists, is writable and has room.',
    { cause: error },
  );
}

/** The system may take less than it is given, as at the end of a disk: the rest is offered again, and then fails with a reason. */
async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<number> {
  for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
  return piece.length;
}
