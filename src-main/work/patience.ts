import { setTimeout } from 'node:timers/promises';
import type { Work } from '../../src-shared/work.ts';
import { isFileLocked } from '../files/sqlite-file.ts';

/** Milliseconds that another process may keep the store locked before work on a run ends: what it has done waits in memory. */
export const LOCK_PATIENCE_MS = 120_000;
export const LOCK_RETRY_MS = 250;

/**
 * Writes to the store what a run cannot do without, again and again while another process has it locked.
 * @param work that may be given up meanwhile; default: it is over, and what it has done is to be kept
 */
export async function patiently<Result>(write: () => Result, work?: Pick<Work, 'signal'>): Promise<Result> {
  const start = performance.now();
  for (;;) {
    try {
      return write();
    } catch (error) {
      const isOver = performance.now() - start >= LOCK_PATIENCE_MS || work?.signal.aborted;
      if (!isFileLocked(error) || isOver) throw error;
    }
    await setTimeout(LOCK_RETRY_MS);
  }
}
