import { readdirSync, utimesSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runsDelete, runsKept } from '../../../src-main/commands/runs-command.ts';
import { KeptImages } from '../../../src-main/store/kept-images.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { newRun } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** An image that is kept, and a store of runs that refer to it. */
async function scene() {
  const folder = temporaryFolder({ 'sent/one.jpg': 'pixels' });
  const store = openRunStore(join(folder, 'runs.sqlite'));
  onTestFinished(() => store.close());
  const kept = new KeptImages(folder);
  const keep = () => kept.keep(join(folder, 'sent', 'one.jpg'), 'one.jpg');
  const path = await keep();
  const refer = () => {
    const images = [{ path: relative(kept.folder, path).replaceAll('\\', '/'), label: null }];
    const dataset = { path: kept.folder, labels: { kind: 'none' }, sha256: null, images } as const;
    return store.createRun(newRun(1, { dataset })).runId;
  };
  return { store, kept, keep, path, refer, files: () => readdirSync(dirname(path)) };
}

test('images of a run that the store does not know yet stay when those of another are removed', async () => {
  const { store, kept, keep, path, refer, files } = await scene();
  const first = refer();
  kept.done(path);
  await keep();
  await kept.remove(store, first);
  await kept.remove(store, 'a run without images');
  expect(files()).toContain('one.jpg');
  const second = refer();
  kept.done(path);
  await kept.remove(store, second);
  expect((await kept.list(store)).images).toBe(0);
});

test('an original stays as long as another run refers to it, or is about to', async () => {
  const { store, kept, keep, path, refer, files } = await scene();
  const first = refer();
  const preview = Uint8Array.of(1);
  await kept.reduce(store, first, path, preview);
  expect(files()).toEqual(['one.jpg']);
  kept.done(path);
  await keep();
  const second = refer();
  kept.done(path);
  await kept.reduce(store, first, path, preview);
  expect(files()).toEqual(['one.jpg']);
  await kept.remove(store, second);
  await kept.reduce(store, first, path, preview);
  expect(files()).toContain('preview.jpg');
  expect(files()).not.toContain('one.jpg');
});

test('the terminal lists what is kept, lets go of a run, and deletes a run with what only it kept', async () => {
  const { store, kept, path, refer, files } = await scene();
  const first = refer();
  const second = refer();
  kept.done(path);
  const { json, text } = await runsKept(store, kept);
  expect(json).toMatchObject({ images: 1, bytes: 'pixels'.length, runs: [{ images: 1 }, { images: 1 }] });
  expect(text).toContain('1 image, 6 bytes');
  for (const id of [first, second]) store.db.prepare("UPDATE runs SET status = 'complete' WHERE id = ?").run(id);
  expect((await runsKept(store, kept, first)).json).toMatchObject({ images: 1, runs: [{ runId: second }] });
  expect(files()).toContain('one.jpg');
  await runsDelete(store, [second], kept);
  expect((await runsKept(store, kept)).json).toEqual({ images: 0, bytes: 0, runs: [] });
});

test('what another store refers to stays when a run of this one goes, however long ago it was sent', async () => {
  const { store, kept, path, refer, files } = await scene();
  refer();
  kept.done(path);
  utimesSync(dirname(path), 0, 0);
  const other = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => other.close());
  const { runId } = other.createRun(newRun(1));
  await kept.remove(other, runId);
  expect(files()).toEqual(['one.jpg']);
  expect((await kept.list(store)).images).toBe(1);
});
