import { pipeline } from 'node:stream/promises';
import { FoveaError } from '../../src-shared/errors.ts';

/**
 * Writes to stdout. A reader that has seen enough (`| head`) closes its end: that is no error.
 * @throws FoveaError `output-unwritable`
 */
export async function print(pieces: Iterable<string>): Promise<void> {
  await pipeline(pieces, process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    // What makes the pieces may throw, too.
    if (error.syscall !== 'write') throw error;
    throw new FoveaError(
      'output-unwritable',
      `stdout: cannot be written (${error.message})`,
      'Make room where it leads, or lead it elsewhere.',
      { cause: error },
    );
  });
}
