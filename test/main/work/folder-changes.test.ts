import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findRun, listRuns } from '../../../src-main/store/run-query.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { evaluate, resume } from '../../../src-main/work/evaluate.ts';
import { folderChanges } from '../../../src-main/work/folder-changes.ts';
import { noteText } from '../../../src-main/text/work-text.ts';
import type { WorkNote } from '../../../src-shared/work.ts';
import { fakeBench, heardWork } from '../fake-bench.ts';
import { outcomeOf, PLANS } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A folder of photos, and a bench whose engines give each photo the digest of its content, and end at the photos named. */
function scene() {
  const folder = temporaryFolder();
  const root = join(folder, 'photos');
  mkdirSync(join(root, 'cats'), { recursive: true });
  // A photo is its own name: what `outcomeOf` takes for its digest is that of its path.
  const write = (path: string, content = join(root, path)) => writeFileSync(join(root, path), content);
  for (const path of ['a.jpg', 'b.jpg', 'cats/c.jpg', 'cats/d.jpg']) write(path);
  const work = heardWork();
  const refused = new Set<string>();
  const bench = fakeBench(folder, {
    evaluate: ({ images, plans }) => {
      if (images.some(({ path }) => refused.has(path))) throw new FoveaError('cancelled', 'cancelled');
      return images.map(({ path }) => outcomeOf(path, plans.length));
    },
  });
  const order = {
    model: { id: 'tiny', path: '/models/tiny.onnx', embedded: false },
    images: { folder: root, labels: 'none' },
    detail: 'basic',
    seed: 1,
    plans: () => [PLANS[0]!],
    again: 'unfinished',
  } as const;
  return { root, write, work, bench, order, refused };
}

it('names what was added, edited and is gone since the run began, whatever else the folder holds', async () => {
  const { root, write, work, bench, order } = scene();
  write('notes.txt');
  const { run } = await evaluate(bench, order, work);
  using store = openRunStore(bench.db);
  const changes = () => folderChanges(store, findRun(store, run.id), root);
  expect(await changes()).toEqual({ added: [], edited: [], gone: [] });
  write('cats/e.jpg');
  write('more.txt');
  write('b.jpg', 'another photo');
  renameSync(join(root, 'a.jpg'), join(root, 'z.jpg'));
  rmSync(join(root, 'cats', 'd.jpg'));
  // Written again as it was: its times are new, its content is not.
  write('cats/c.jpg');
  expect(await changes()).toEqual({ added: ['cats/e.jpg', 'z.jpg'], edited: ['b.jpg'], gone: ['a.jpg', 'cats/d.jpg'] });
});

it('is told of when a run is resumed', async () => {
  const { write, work, bench, order } = scene();
  const { run } = await evaluate(bench, order, work);
  write('z.jpg');
  const again = heardWork();
  await resume(bench, { run: run.id, model: order.model }, again);
  const notes = again.notes.filter(({ note }) => note === 'folder-changed');
  expect(notes.map(noteText)).toEqual([
    'the folder has changed since the run began: 1 image added, and not part of it (z.jpg)',
  ]);
});

it('an order that is given again after its run was stopped goes on with it: there are no two of one name', async () => {
  const { work, bench, order, root, refused } = scene();
  refused.add(join(root, 'cats/d.jpg'));
  await expect(evaluate(bench, order, work)).rejects.toMatchObject({ code: 'cancelled' });
  refused.clear();
  const again = heardWork();
  const { run } = await evaluate(bench, order, again);
  const runs = () => {
    using store = openRunStore(bench.db);
    return listRuns(store).map(({ id, status }) => [id, status]);
  };
  expect(again.notes).toContainEqual({ note: 'goes-on', run: run.id });
  expect(runs()).toEqual([[run.id, 'complete']]);
  // One that is done is done: the same order begins another.
  await evaluate(bench, order, heardWork());
  expect(runs()).toHaveLength(2);
});

it('an order that is given again while its run is in the hands of a host that died waits until that is certain, and goes on', async () => {
  const { work, bench, order, root, refused } = scene();
  refused.add(join(root, 'cats/d.jpg'));
  await expect(evaluate(bench, order, work)).rejects.toMatchObject({ code: 'cancelled' });
  refused.clear();
  using store = openRunStore(bench.db);
  const inHands = (secondsAgo: number) =>
    store.db
      .prepare(
        "UPDATE runs SET status = 'running', owner = 'node-b:7', owner_space = 'boot-2', owner_token = 'x', seen_at = ?",
      )
      .run(Date.now() - secondsAgo * 1000);
  // A wait that is cancelled changes nothing.
  inHands(0);
  const stop = new AbortController();
  const stopped = heardWork();
  const note = (one: WorkNote) => {
    stopped.note(one);
    if (one.note === 'follows') stop.abort();
  };
  await expect(evaluate(bench, order, { ...stopped, note, signal: stop.signal })).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(stopped.notes.map(noteText).at(-1)).toMatch(
    /worked on by node-b:7: waiting for its end, or a minute where that is gone/,
  );
  expect(listRuns(store).map(({ status }) => status)).toEqual(['running']);
  // However much of the last second is over by the time it is looked at, it is gone on with.
  inHands(59);
  const { run } = await evaluate(bench, order, heardWork());
  expect(listRuns(store).map(({ id, status }) => [id, status])).toEqual([[run.id, 'complete']]);
});
