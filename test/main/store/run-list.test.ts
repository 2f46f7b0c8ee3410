import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { comparableRuns, listRunsToShow } from '../../../src-main/store/run-list.ts';
import { findRun, listRuns } from '../../../src-main/store/run-query.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { completeRun, newRun, sha256 } from './stored-runs.ts';

function newStore() {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

it('marks runs, takes them out of sight and brings them back until they are purged', () => {
  const store = newStore();
  const [first, second] = [completeRun(store, 3), completeRun(store, 3, { name: 'other' })];
  store.markRun(first, { starred: true });
  store.markRun(first, { archived: true });
  expect(listRunsToShow(store).map(({ id, starred, archived }) => [id, starred, archived])).toEqual([
    [second, false, false],
    [first, true, true],
  ]);
  store.hideRun(first);
  expect(listRuns(store).map(({ id }) => id)).toEqual([second]);
  expect(() => findRun(store, first)).toThrow('no run');
  store.restoreRun(first);
  expect(listRunsToShow(store)[1]).toMatchObject({ id: first, starred: true, planText: expect.stringContaining('4') });
  store.hideRun(first);
  store.purgeRuns(Date.now() + 1);
  expect(() => store.restoreRun(first)).toThrow('no run');
  expect(() => store.markRun(first, { starred: true })).toThrow('no run');
});

it('says why a run cannot be put beside another', () => {
  const store = newStore();
  const base = completeRun(store, 4);
  const fewer = completeRun(store, 2);
  const begun = store.createRun(newRun(2)).runId;
  const other = completeRun(store, 2, { model: { ...newRun(0).model, id: 'large', sha256: sha256('large') } });
  const reasons = Object.fromEntries(comparableRuns(store, base).map(({ runId, ...said }) => [runId, said]));
  expect(reasons).toMatchObject({
    [base]: { images: 4, reason: null },
    [fewer]: { images: 2, reason: null },
    [begun]: { images: 0, reason: 'no image is done yet (running)' },
    [other]: { reason: 'other model: large' },
  });
});
