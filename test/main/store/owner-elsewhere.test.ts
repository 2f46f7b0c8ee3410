import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isOwnerGone, ownerElsewhere } from '../../../src-main/store/owner-elsewhere.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { newRun } from './stored-runs.ts';

const SECOND = 1000;

/** A run that a process of another host works on, seen so many seconds ago. */
function scene(secondsAgo: number) {
  const store: RunStore = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  const { runId } = store.createRun(newRun(2));
  const seen = (at: number, token = 'theirs') =>
    store.db
      .prepare("UPDATE runs SET owner = 'node-b:7', owner_space = 'boot-2', owner_token = ?, seen_at = ? WHERE id = ?")
      .run(token, at, runId);
  const begun = Date.now();
  seen(begun - secondsAgo * SECOND);
  const signal = new AbortController().signal;
  /** A clock that goes as fast as it is slept; `during` is called in each sleep with the milliseconds slept so far. */
  const clock = (during: (slept: number) => void = () => undefined) => {
    let slept = 0;
    const sleep = (milliseconds: number) => {
      during((slept += milliseconds));
      return Promise.resolve();
    };
    return { signal, now: () => begun + slept, sleep, slept: () => slept };
  };
  return { store, runId, seen, begun, clock };
}

describe('the owner of a run', () => {
  it('is named where it cannot be looked up', () => {
    const { store, runId } = scene(12);
    expect(ownerElsewhere(store, runId)).toBe('node-b:7');
    const { runId: own } = store.createRun(newRun(2));
    expect(ownerElsewhere(store, own)).toBeNull();
    const old = scene(90);
    expect(ownerElsewhere(old.store, old.runId)).toBeNull();
  });

  it('is gone when it has not been seen for a minute, and not before', async () => {
    const { store, runId, clock } = scene(12);
    const time = clock();
    expect(await isOwnerGone(store, runId, time)).toBe(true);
    expect(time.slept()).toBe(48 * SECOND);
  });

  it('is there as soon as it shows itself, or another takes the run', async () => {
    for (const token of ['theirs', 'another']) {
      const { store, runId, seen, begun, clock } = scene(12);
      const time = clock((slept) => slept === 3 * SECOND && seen(begun + 2 * SECOND, token));
      expect(await isOwnerGone(store, runId, time)).toBe(false);
      expect(time.slept()).toBe(3 * SECOND);
    }
  });

  it('is gone when it says that it is done', async () => {
    const { store, runId, clock } = scene(12);
    const done = () => store.db.prepare("UPDATE runs SET status = 'cancelled' WHERE id = ?").run(runId);
    const time = clock((slept) => slept === SECOND && done());
    expect(await isOwnerGone(store, runId, time)).toBe(true);
    expect(time.slept()).toBe(SECOND);
  });
});
