import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MethodsComparison } from '../../../src-shared/runs/methods-comparison.ts';
import { type AbsentMethod, METHODS } from '../../../src-shared/runs/methods-plans.ts';
import type { RunRecord } from '../../../src-shared/runs/run-record.ts';
import type { BoundFolder } from '../../../src-main/work/bound-maps.ts';
import { heldEngines } from '../held-engines.ts';
import { pooledClassifier, writeModel } from '../onnx/onnx-models.ts';
import { folder, json, run, runsOf, started, toldOf, writePhotos } from './batch-scene.ts';

beforeAll(async () => {
  writeModel(folder, 'pooled.onnx', pooledClassifier());
  await writePhotos('few', 24);
});

describe('fovea methods', () => {
  const words = ['methods', 'few', '--model', 'small.onnx', '--workers', '1', '--accelerator', 'stripes'];
  const whole = 'whole methods.sqlite';
  type Found = MethodsComparison & { readonly run: RunRecord; readonly absent: readonly AbsentMethod[] };
  /** All but what tells the one run from the other. */
  const findings = ({ bits, machines, images, halves }: Found) => ({ bits, machines, images, halves });
  let found: Found;

  beforeAll(async () => {
    found = await json<Found>(run(...words, '--db', whole, '--out', 'methods.html', '--json'));
  });

  test('holds every method against uniform widths by bits and on machines, each image told of once', async () => {
    expect(found).toMatchObject({ images: 24, judgedBy: 'labels', chosenBy: 'agreement' });
    expect(found.halves[0] + found.halves[1]).toBe(24);
    const tables = [...Object.values(found.bits), ...found.machines.flatMap((own) => [own.compute, own.wholeChip])];
    expect(tables).toHaveLength(3 + 2);
    for (const { rows, winner } of tables) {
      expect(rows.map(({ method }) => method)).toEqual(METHODS.flatMap(({ id, needs }) => (needs ? [] : [id])));
      for (const { againstPlain: counts, saved, kind, method, atEqualEnergy, againstCentre } of rows) {
        expect(counts.bothRight + counts.onlyFirst + counts.onlyOther + counts.bothWrong).toBe(24);
        expect(saved).toBeLessThanOrEqual(1);
        if (method === 'uniform') expect(atEqualEnergy).toBeNull();
        if (method.startsWith('regions-')) expect(againstCentre).not.toBeNull();
        if (kind === 'oracle') expect(counts.onlyFirst).toBe(0);
      }
      expect(winner).not.toBe('oracle');
    }
    // A group skips leading zeros of what its windows would pay together.
    const joint = (mode: 'lockstep' | 'group') => found.bits[mode].rows.find(({ method }) => method === 'uniform')!;
    expect(joint('group').saved).toBeGreaterThanOrEqual(joint('lockstep').saved);
    const page = readFileSync(join(folder, 'methods.html'), 'utf8');
    for (const part of ['<!doctype html>', 'The winner on every machine', 'regions-combined', 'Stripes'])
      expect(page).toContain(part);
    const { stdout } = await run(...words, '--db', whole);
    expect(stdout).toContain('## Activation bits in groups of channels');
    // The small network flattens its maps, and no photo has a map.
    expect(found.absent.map(({ metric }) => metric)).toEqual(['saliency', 'given']);
    expect(stdout).toContain('Not compared: regions by given map: no photo has a map beside it.');
  });

  test('compares maps of the network and of others where there are any, the pass charged', async () => {
    mkdirSync(join(folder, 'maps'));
    for (let index = 0; index < 24; index++) writeFileSync(join(folder, 'maps', `${index}.csv`), '0,0.5,1\n1,0,0.5\n');
    const own = ['methods', 'few', '--model', 'pooled.onnx', '--workers', '1', '--accelerator', 'stripes'];
    const { absent, bits } = await json<Found>(run(...own, '--maps', 'maps', '--db', 'maps.sqlite', '--json'));
    expect(absent).toEqual([]);
    const saved = (method: string) => bits.ideal.rows.find((row) => row.method === `regions-${method}`)!.saved;
    // The same settings and the same shares: between them lie the four bits of the pass at most.
    expect(saved('given')).toBeGreaterThan(saved('saliency'));
    mkdirSync(join(folder, 'no maps'));
    expect(await run(...own, '--maps', 'no maps', '--db', 'maps.sqlite')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[map-missing]'),
    });
    expect(await run(...own, '--bound', '--maps', 'maps')).toMatchObject({ code: 2 });
  });

  test.skipIf(process.platform === 'win32')('stopped, goes on with what it began when called again', async () => {
    const store = ['--db', 'stopped methods.sqlite'];
    const held = heldEngines(3);
    const { child, ended } = started(held, ...words, ...store);
    await held.holding(1, child);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Give the same command again') });
    const [began] = await runsOf(store[1]!);
    const again = await json<Found>(run(...words, ...store, '--json'));
    expect(findings(again)).toEqual(findings(found));
    const after = await runsOf(store[1]!);
    expect(after.at(-1)!.id).toBe(began!.id);
    expect(after.map(toldOf)).toEqual((await runsOf(whole)).map(toldOf));
  });

  test('searched for once and cut into shards, gives the same when they are merged', async () => {
    await json(run(...words, '--search-only', '--db', 'search.sqlite', '--json'));
    const refused = await run(...words, '--shard', '1/2', '--out', 'part.md', '--db', 'refused.sqlite');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--out')]);
    for (const shard of ['1', '2']) {
      const file = join('methods shards', `${shard}.sqlite`);
      mkdirSync(join(folder, 'methods shards'), { recursive: true });
      const part = ['--shard', `${shard}/2`, '--search-from', 'search.sqlite', '--db', file];
      expect(await run(...words, ...part)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Shard ${shard}`),
      });
    }
    const merged = ['--db', 'merged methods.sqlite'];
    expect((await run('runs', 'merge', 'methods shards', ...merged)).code).toBe(0);
    expect(findings(await json<Found>(run(...words, ...merged, '--json')))).toEqual(findings(found));
  });
});

describe('fovea methods --bound', () => {
  const words = ['methods', 'few', '--bound', '5', '--model', 'small.onnx', '--workers', '1'];
  type Bound = Pick<BoundFolder, 'found' | 'images' | 'failed'>;

  test('stopped, keeps the images it has done, goes on with them, and finds what it finds without a break', async () => {
    const held = heldEngines(2);
    const { child, ended } = started(held, ...words);
    await held.holding(1, child);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const again = await json<Bound>(run(...words, '--json'));
    const whole = await json<Bound>(run(...words, '--no-cache', '--json'));
    expect(again).toEqual(whole);
    expect(whole.images).toHaveLength(5);
    for (const { map, widths, plainRight } of whole.images) {
      expect(widths).toHaveLength(8);
      if (!plainRight) expect(map).toBeNull();
    }
    for (const { mapPerImage, uniformPerImage, earned } of Object.values(whole.found.modes)) {
      expect(mapPerImage - uniformPerImage).toBeCloseTo(earned, 9);
      expect(earned).toBeGreaterThanOrEqual(0);
    }
    // All are known now: engines that answer one image alone are enough.
    const done = started(heldEngines(1), ...words, '--out', 'bound.md');
    expect((await done.ended).code).toBe(0);
    expect(readFileSync(join(folder, 'bound.md'), 'utf8')).toContain('| lock-step |');
  });

  test('fails on an image alone, and refuses to be cut', async () => {
    expect(await run(...words, '--shard', '1/2')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--bound'),
    });
    expect(await run(...words.slice(0, 2), '--bound', '0')).toMatchObject({ code: 2 });
    mkdirSync(join(folder, 'bad one'));
    writeFileSync(join(folder, 'bad one', 'a.png'), 'no picture');
    copyFileSync(join(folder, 'few', '1.png'), join(folder, 'bad one', 'b.png'));
    const { stdout, code } = await run('methods', 'bad one', ...words.slice(2), '--json');
    const found = JSON.parse(stdout) as Bound;
    expect(code).toBe(3);
    expect(found.failed.map(({ path }) => path)).toEqual(['a.png']);
    expect(found.images.map(({ path }) => path)).toEqual(['b.png']);
  });
});
