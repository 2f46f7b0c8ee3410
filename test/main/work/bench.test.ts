import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { OpenedModel } from '../../../src-main/engine/inside/opened-model.ts';
import { calibrationFile } from '../../../src-main/models/calibration.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { fakeBench, heardWork, tinyModel } from '../fake-bench.ts';
import { smallCard } from '../small-card.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A bench over engines that count what they open, and whom it tells of changes. */
function scene() {
  const folder = temporaryFolder({ 'tiny.onnx': 'a model' });
  const path = join(folder, 'tiny.onnx');
  const opened: string[] = [];
  const told: string[] = [];
  let broken = false;
  let changes: Partial<OpenedModel> = {};
  let held: Promise<void> = Promise.resolve();
  const open = async ({ model }: { readonly model: { readonly path: string } }) => {
    opened.push(model.path);
    await held;
    if (broken) throw new Error('half a card');
    return { ...tinyModel(model), ...changes };
  };
  const bench = fakeBench(folder, { open }, { cache: false, onModelChanged: ({ id }) => told.push(id) });
  return {
    bench,
    model: { id: 'tiny', path, embedded: false },
    card: join(folder, 'tiny.json'),
    opened,
    told,
    opensWith: (now: Partial<OpenedModel>) => (changes = now),
    breaks: (now: boolean) => (broken = now),
    hold: (until: Promise<void>) => (held = until),
  };
}

test('a model is opened once, and again when its file or its card is another', async () => {
  const { bench, model, card, opened, told } = scene();
  const work = heardWork();
  await bench.opened(model, work);
  await bench.known(model, work);
  bench.lookAgain();
  expect([opened.length, told]).toEqual([1, []]);
  writeFileSync(card, '{}');
  await bench.known(model, work);
  expect([opened.length, told]).toEqual([2, ['tiny']]);
  utimesSync(model.path, 1, 1);
  await bench.opened(model, work);
  rmSync(card);
  await bench.opened(model, work);
  expect([opened.length, told]).toEqual([4, ['tiny', 'tiny', 'tiny']]);
});

test('a card edited beside it is told of once, without being asked for', async () => {
  const { bench, model, card, opened, told } = scene();
  await bench.opened(model, heardWork());
  writeFileSync(card, '{}');
  bench.lookAgain();
  bench.lookAgain();
  expect([opened.length, told]).toEqual([1, ['tiny']]);
});

test('the labels that a card names and a calibration in the data folder count as the card does', async () => {
  const { bench, model, told, opensWith } = scene();
  const labels = join(dirname(model.path), 'names.txt');
  writeFileSync(labels, 'ant');
  opensWith({ card: { ...smallCard('scores'), labels: 'names.txt' } });
  const { sha256 } = await bench.opened(model, heardWork());
  writeFileSync(labels, 'ant\nbee');
  bench.lookAgain();
  expect(told).toEqual(['tiny']);
  await bench.opened(model, heardWork());
  const file = calibrationFile(bench.dataFolder, sha256);
  mkdirSync(dirname(file));
  writeFileSync(file, '{}');
  bench.lookAgain();
  bench.lookAgain();
  expect(told).toEqual(['tiny', 'tiny']);
});

test('a card that cannot be used at first is told of again when it is mended', async () => {
  const { bench, model, card, told, breaks } = scene();
  await bench.opened(model, heardWork());
  breaks(true);
  writeFileSync(card, '{');
  bench.lookAgain();
  await expect(bench.opened(model, heardWork())).rejects.toThrow('half a card');
  breaks(false);
  writeFileSync(card, '{}');
  bench.lookAgain();
  expect(told).toEqual(['tiny', 'tiny']);
  expect(await bench.opened(model, heardWork())).toMatchObject({ path: model.path });
});

test('a card edited while the model is being opened is read again', async () => {
  const { bench, model, card, opened, hold } = scene();
  let release = () => {};
  hold(new Promise((resolve) => (release = resolve)));
  const opening = bench.opened(model, heardWork());
  writeFileSync(card, '{}');
  bench.lookAgain();
  release();
  await opening;
  await bench.opened(model, heardWork());
  expect(opened).toHaveLength(2);
});

test('what was changed through the bench is told of once', async () => {
  const { bench, model, card, told } = scene();
  await bench.opened(model, heardWork());
  writeFileSync(card, '{}');
  bench.forget(model);
  bench.lookAgain();
  expect(told).toEqual(['tiny']);
});

test('a model nobody knows yet is opened in an engine of its own, while work with the other goes on', async () => {
  const { bench, model, opened, hold } = scene();
  const work = heardWork();
  await bench.opened(model, work);
  const live = bench.engineFor(model.path);
  hold(new Promise(() => undefined));
  const stop = new AbortController();
  const other = { id: 'other', path: `${model.path}.other`, embedded: false };
  const opening = bench.opened(other, { ...work, signal: stop.signal });
  await expect.poll(() => opened.at(-1)).toBe(other.path);
  const analysis = { image: 'a.jpg', plan: resolvePlan({}), ranges: null, counts: false };
  expect(await live.run('analyse', { ...analysis, model: { path: model.path } })).toMatchObject({ quantised: {} });
  stop.abort();
  await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
  expect(bench.engine).toBe(live);
  expect(live.isIdle).toBe(true);
});

test('what is asked of another model than that of live analysis goes to an engine that has it open', async () => {
  const { bench, model, opened } = scene();
  const work = heardWork();
  await bench.opened(model, work);
  const live = bench.engineFor(model.path);
  expect(await bench.engineWith(model, work)).toBe(live);
  const other = { id: 'other', path: `${model.path}.other`, embedded: false };
  const own = await bench.engineWith(other, work);
  expect(own).not.toBe(live);
  expect(await bench.engineWith(other, work)).toBe(own);
  expect([bench.engine === live, opened]).toEqual([true, [model.path, other.path]]);
});

test('of two that wait for the same model, one that gives up does not take the opening along that the other waits for', async () => {
  const { bench, model, hold, opened } = scene();
  const other = { id: 'other', path: `${model.path}.other`, embedded: false };
  const work = heardWork();
  // In the engine of live analysis, which opens nothing yet, and in engines of their own beside it.
  for (const asked of [model, other]) {
    const before = opened.length;
    let release = () => {};
    hold(new Promise((resolve) => (release = resolve)));
    const stop = new AbortController();
    const givenUp = bench.opened(asked, { ...work, signal: stop.signal });
    const waited = bench.opened(asked, work);
    await expect.poll(() => opened.length).toBeGreaterThan(before);
    stop.abort();
    await expect(givenUp).rejects.toMatchObject({ code: 'cancelled' });
    release();
    expect(await waited).toMatchObject({ path: asked.path });
    expect(await bench.engineFor(asked.path).run('open', { model: { path: asked.path } })).toMatchObject({});
  }
});

test('the engine that has opened a model takes the place of the last when it is used, and is not asked to open it again', async () => {
  const { bench, model, opened } = scene();
  const work = heardWork();
  await bench.opened(model, work);
  const live = bench.engine;
  const other = { id: 'other', path: `${model.path}.other`, embedded: false };
  await bench.opened(other, work);
  expect(bench.engineFor(model.path)).toBe(live);
  expect(opened).toEqual([model.path, other.path]);
  const next = bench.engineFor(other.path);
  expect(next).not.toBe(live);
  expect(bench.engine).toBe(next);
  await expect(live.run('open', { model: { path: model.path } })).rejects.toMatchObject({ code: 'cancelled' });
});
