import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { mergeStores } from '../../../src-main/store/run-merge.ts';
import { findRun, imageResults, runPlans } from '../../../src-main/store/run-query.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { runReport } from '../../../src-main/work/run-report.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { doRest, finishRun, newRun, outcomeOf, PLANS, sha256 } from './stored-runs.ts';

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

function rows(store: RunStore, table: string): number {
  return Number(store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}

const TRIED = [2, 3].map((bits) => resolvePlan({ metric: 'uniform', bits: [bits] }));
const PATHS = ['image 1.jpg', 'image 4.jpg'];

/** A run of six images and the usual plans, done but not ended, and two more plans tried on two of them. */
function tried(store: RunStore) {
  const writer = store.createRun(newRun(6));
  writer.write(
    writer.pending().map(({ path }) => outcomeOf(path, PLANS.length)),
    1,
  );
  const trial = writer.trying(TRIED, PATHS);
  const pending = trial.pending().map(({ path }) => path);
  trial.write(
    pending.map((path) => outcomeOf(path, TRIED.length)),
    1,
  );
  return { writer, trial, pending };
}

it('a plan that is tried is measured on the images that are named, and is none of the run', () => {
  const store = newStore();
  const { writer, trial, pending } = tried(store);
  expect(pending).toEqual(PATHS);
  expect(trial.pending()).toEqual([]);
  expect(trial.answers(1).map(({ path }) => path)).toEqual(PATHS);
  expect(trial.answers(1)[0]!.quantised.classes).toHaveLength(5);
  expect(runPlans(store, writer.runId)).toEqual(PLANS);
  expect(findRun(store, writer.runId)).toMatchObject({ plans: 2, finished: 6 });
  finishRun(writer);
  const untried = newStore();
  const other = untried.createRun(newRun(6));
  doRest(other, PLANS.length);
  expect(runReport(store, writer.runId)).toEqual(runReport(untried, other.runId));
  expect(findRun(store, writer.runId).resultsSha256).toBe(findRun(untried, other.runId).resultsSha256);
});

it('what it has stays: on all images the rest is pending, and measured it becomes one of the run', () => {
  const store = newStore();
  const { writer } = tried(store);
  const whole = writer.trying(TRIED.slice(0, 1), null);
  expect(whole.pending().map(({ path }) => path)).toEqual([0, 2, 3, 5].map((image) => `image ${image}.jpg`));
  expect(whole.missing(sha256('image 1.jpg')).plans).toEqual([]);
  expect(whole.missing(sha256('image 2.jpg')).plans).toEqual([0]);
  whole.write(
    whole.pending().map(({ path }) => outcomeOf(path, 1)),
    1,
  );
  store.addPlan(writer.runId, TRIED[0]!);
  writer.plansChanged();
  expect(writer.pending()).toEqual([]);
  finishRun(writer);
  expect(findRun(store, writer.runId)).toMatchObject({ status: 'complete', plans: 3, finished: 6 });
  expect([...imageResults(store, writer.runId, 2)]).toHaveLength(6);
  expect(rows(store, 'run_trials')).toBe(1);
});

it('an image that fails under it has failed in the run', () => {
  const store = newStore();
  const { writer } = tried(store);
  const failure = { code: 'engine-crashed', message: 'ended', next: '' } as const;
  writer.trying(TRIED, ['image 2.jpg']).write([{ path: 'image 2.jpg', failure }], 1);
  expect(findRun(store, writer.runId).failed).toBe(1);
});

it('what it has goes with its run, and to another store with it', () => {
  const [store, other] = [newStore(), newStore()];
  const { writer } = tried(store);
  finishRun(writer);
  mergeStores(other, [store.path], () => undefined);
  expect(rows(other, 'run_trials')).toBe(2);
  const again = other.resumeRun(writer.runId);
  expect(again.trying(TRIED, PATHS).pending()).toEqual([]);
  again.finish('cancelled');
  finishRun(again);
  other.deleteRuns([writer.runId]);
  for (const table of ['run_trials', 'results', 'series', 'plans', 'images']) expect(rows(other, table)).toBe(0);
});
