import { setTimeout as pause } from 'node:timers/promises';
import type { RunStore } from './run-store.ts';
import { canBeLookedUp, isAtWork } from './run-owner.ts';

/** How often it is looked whether an owner has shown itself, in milliseconds. */
const LOOK_EVERY_MS = 500;

export interface Waiting {
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/** Waits until no process works on a run any more. @throws AbortError where nobody wants to wait any more */
export async function untilAtRest(
  store: RunStore,
  runId: string,
  { signal, sleep = (milliseconds) => pause(milliseconds, undefined, { signal }) }: Waiting,
): Promise<void> {
  while (store.isAtWork(runId)) await sleep(LOOK_EVERY_MS);
}

/** Who works on a run, as `host:pid`, where this process cannot see whether it is still there; null elsewhere. */
export function ownerElsewhere(store: RunStore, runId: string): string | null {
  const owner = store.ownerOf(runId);
  return owner && isAtWork(owner, Date.now()) && !canBeLookedUp(owner) ? owner.owner : null;
}

/**
 * Waits until it is known whether the process elsewhere that works on a run is still there. A job that a cluster has put on another
 * host after the first one died finds its run in the hands of a process that was seen seconds ago: only a heartbeat that stays away
 * tells that it is gone.
 * @returns whether it is gone, after `OWNER_TIMEOUT_MS` at most
 */
export async function isOwnerGone(
  store: RunStore,
  runId: string,
  { signal, now = Date.now, sleep = (milliseconds) => pause(milliseconds, undefined, { signal }) }: Waiting,
): Promise<boolean> {
  const first = store.ownerOf(runId);
  for (;;) {
    const owner = store.ownerOf(runId);
    if (!owner || !isAtWork(owner, now())) return true;
    if (owner.owner_token !== first?.owner_token || owner.seen_at !== first.seen_at) return false;
    await sleep(LOOK_EVERY_MS);
  }
}
