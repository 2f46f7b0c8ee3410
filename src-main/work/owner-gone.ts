import { setTimeout } from 'node:timers/promises';
import { FoveaError } from '../../src-shared/errors.ts';
import type { Work } from '../../src-shared/work.ts';
import { THIS_PROCESS } from '../store/run-owner.ts';
import type { RunStore } from '../store/run-store.ts';

const POLL_MS = 1000;

/**
 * Waits until a run's owner on another machine is known to be gone: a task that was killed there and queued again comes before that.
 * Returns at once where nobody is at work on the run or its owner can be looked up here, and as soon as the owner is seen again.
 * @throws FoveaError `cancelled`
 */
export async function ownerGone(store: RunStore, runId: string, { note, signal }: Work): Promise<void> {
  const owner = store.ownerOf(runId);
  if (!owner || owner.owner_space === THIS_PROCESS.owner_space || !store.isAtWork(runId)) return;
  note({ note: 'waits-for-owner', run: runId, owner: owner.owner });
  while (store.isAtWork(runId) && store.ownerOf(runId)?.seen_at === owner.seen_at) {
    if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
    await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
