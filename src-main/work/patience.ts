import { setTimeout } from 'node:timers/promises';
import { isFileLocked } from '../files/sqlite-file.ts';

/** Milliseconds that another process may keep the store locked before work on a run ends: what it has done waits in memory. */
export const LOCK_PATIENCE_MS = 120_000;
export const LOCK_RETRY_MS = 250;

/** Writes what has been done to the store, again and again while another process has it locked. What only begins is told of that at once. */
export async function patiently<Result>(write: () => Result): Promise<Result> {
  const start = performance.now();
  for (;;) {
    try {
      return write();
    } catch (error) {
      if (!isFileLocked(error) || performance.now() - start >= LOCK_PATIENCE_MS) throw error;
    }
    await setTimeout(LOCK_RETRY_MS);
  }
}
