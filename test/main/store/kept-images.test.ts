import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runsDelete, runsKept } from '../../../src-main/commands/runs-command.ts';
import { KeptImages } from '../../../src-main/store/kept-images.ts';
import { newRunId } from '../../../src-main/store/run-identity.ts';
import { releaseKeptImages } from '../../../src-main/work/release-kept-images.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { newRun } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Two stores, and an image that a page sent. */
function scene(below = '') {
  const all = temporaryFolder({ [join(below, 'sent/one.jpg')]: 'pixels' });
  const folder = join(all, below);
  const sent = join(folder, 'sent', 'one.jpg');
  const storeNamed = (name: string) => {
    const store = openRunStore(join(folder, name));
    onTestFinished(() => store.close());
    return store;
  };
  const kept = new KeptImages(folder);
  /** A run that keeps the image; `begun` is false for one that its store does not know yet. */
  const keep = async (store: RunStore, { begun = true } = {}) => {
    const runId = newRunId();
    const path = await kept.keep(store.path, runId, sent, 'one.jpg');
    if (begun) store.createRun(newRun(1, { id: runId })).finish('cancelled');
    return { runId, path };
  };
  return { kept, keep, sent, store: storeNamed('runs.sqlite'), other: storeNamed('other.sqlite') };
}

/** Makes a folder look as if a process had made it that lives no more. */
function orphan(path: string): void {
  const owner = join(dirname(dirname(path)), 'owner.json');
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(owner, readFileSync(owner, 'utf8').replace(/"pid": \d+/, `"pid": ${pid}`));
}

test('the same bytes take room once, and each run lets go of its own name alone', async () => {
  const { kept, keep, store, other } = scene();
  const [first, second, third] = [await keep(store), await keep(store), await keep(other)];
  expect(await kept.list(store)).toMatchObject({ images: 1, bytes: 'pixels'.length });
  for (const { runId, path } of [first, third]) {
    await kept.remove(runId);
    expect(existsSync(path)).toBe(false);
  }
  expect(readFileSync(second.path, 'utf8')).toBe('pixels');
  expect((await kept.list(store)).runs.map(({ runId }) => runId)).toEqual([second.runId]);
});

test('a small picture in the place of an original leaves those of other runs, and is found by digest', async () => {
  const { kept, keep, store } = scene();
  const [first, second] = [await keep(store), await keep(store)];
  await kept.reduce(first.path, Uint8Array.of(1));
  expect(readdirSync(dirname(first.path))).toEqual(['preview.jpg']);
  expect(readdirSync(dirname(second.path))).toEqual(['one.jpg']);
  const digest = dirname(first.path).slice(-64);
  expect(await kept.preview(digest)).toBe(join(dirname(first.path), 'preview.jpg'));
  expect(await kept.preview('0'.repeat(64))).toBe(null);
});

test.each(['..', '../..', '.', '', 'a/../..', '..\\..', 'C:', '\0'])(
  'the id %j, of a page or of a store that was merged, leads to no other folder',
  async (runId) => {
    // So deep that what goes wrong goes wrong in the test's own folder.
    const { kept, keep, store, sent } = scene('a/b/c/d');
    const { path } = await keep(store);
    const unknown = { code: 'run-unknown' };
    await expect(releaseKeptImages(store, kept, runId)).rejects.toMatchObject(unknown);
    await expect(kept.forget(store, [runId])).rejects.toMatchObject(unknown);
    await expect(kept.keepLabels(runId, [])).rejects.toMatchObject(unknown);
    await expect(kept.keep(store.path, runId, sent, 'one.jpg')).rejects.toMatchObject(unknown);
    expect([path, sent, store.path].filter((file) => !existsSync(file))).toEqual([]);
    expect(readdirSync(kept.folder)).toHaveLength(1);
  },
);

test('what is kept for a run that never began is swept away, unless its process may be about to begin it', async () => {
  const { kept, keep, store, other } = scene();
  const begun = await keep(store);
  const [dead, alive, elsewhere] = [
    await keep(store, { begun: false }),
    await keep(store, { begun: false }),
    await keep(other, { begun: false }),
  ];
  for (const { path } of [begun, dead, elsewhere]) orphan(path);
  await kept.sweep(store);
  expect([begun, dead, alive, elsewhere].map(({ path }) => existsSync(path))).toEqual([true, false, true, true]);
});

test('a process of another container or machine cannot be looked up: it may be about to begin its run for a day', async () => {
  const { kept, keep, store } = scene();
  const [fresh, old] = [await keep(store, { begun: false }), await keep(store, { begun: false })];
  for (const { path } of [fresh, old]) {
    orphan(path);
    const owner = join(dirname(dirname(path)), 'owner.json');
    writeFileSync(owner, JSON.stringify({ ...JSON.parse(readFileSync(owner, 'utf8')), space: 'another' }));
  }
  const longAgo = new Date(Date.now() - 2 * 24 * 3_600_000);
  utimesSync(dirname(dirname(old.path)), longAgo, longAgo);
  await kept.sweep(store);
  expect([fresh, old].map(({ path }) => existsSync(path))).toEqual([true, false]);
});

test('the terminal lists what is kept, lets go of a run, and deletes a run with what only it kept', async () => {
  const { kept, keep, store, other } = scene();
  const [first, second, third] = [await keep(store), await keep(store), await keep(other)];
  const { json, text } = await runsKept(store, kept);
  expect(json).toMatchObject({
    images: 1,
    bytes: 'pixels'.length,
    runs: [{ images: 1 }, { images: 1 }, { images: 1 }],
  });
  expect(text).toContain('1 image, 6 bytes');
  expect(text).toContain(third.runId);
  await runsKept(store, kept, first.runId);
  expect([first, second].map(({ path }) => existsSync(path))).toEqual([false, true]);
  await runsDelete(store, [second.runId], kept);
  expect([second, third].map(({ path }) => existsSync(path))).toEqual([false, true]);
});

test('a run that is deleted but can be brought back keeps its images', async () => {
  const { kept, keep, store } = scene();
  const { runId, path } = await keep(store);
  orphan(path);
  store.hideRun(runId);
  await kept.sweep(store);
  expect(existsSync(path)).toBe(true);
  await kept.forget(store, store.purgeRuns(Date.now() + 1000));
  expect(existsSync(path)).toBe(false);
});
