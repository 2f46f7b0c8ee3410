import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { OpenedModel } from '../../../src-main/engine/inside/opened-model.ts';
import { calibrationFile } from '../../../src-main/models/calibration.ts';
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
