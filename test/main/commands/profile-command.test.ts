import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PlanOptions } from '../../../src-shared/precision/plan-option-table.ts';
import type { PairedCounts } from '../../../src-shared/runs/paired-statistics.ts';
import type { RunRecord } from '../../../src-shared/runs/run-record.ts';
import { heldEngines } from '../held-engines.ts';
import { batch, type BatchJson, folder, json, run, runsOf, started, toldOf, writePhotos } from './batch-scene.ts';

beforeAll(() => writePhotos('few', 24));

describe('fovea profile', () => {
  test('finds bits by agreement on all images where labels are few, and measures them beside their controls', async () => {
    const words = [
      'profile',
      'few',
      '--model',
      'small.onnx',
      '--workers',
      '2',
      '--tolerance',
      '10',
      '--out',
      'bits.json',
      '--json',
    ];
    const found = await json<{
      profile: number[];
      layers: { name: string; bits: number }[];
      search: { images: number; byAgreement: boolean };
      measured: BatchJson;
    }>(run(...words));
    expect(found.profile).toHaveLength(3);
    expect(found.search).toMatchObject({ images: 24, byAgreement: true });
    expect(found.measured.run.images).toBe(24);
    expect(found.measured.plans).toHaveLength(1);
    expect(found.measured.controls.length).toBeGreaterThan(8);
    expect(JSON.parse(readFileSync(join(folder, 'bits.json'), 'utf8'))).toEqual(
      Object.fromEntries(found.layers.map(({ name, bits }) => [name, bits])),
    );
    const runs = async () => (await json<RunRecord[]>(run('runs', 'list', '--json'))).map(({ id }) => id);
    const before = await runs();
    const again = await json<typeof found>(run(...words));
    expect(again).toMatchObject({
      profile: found.profile,
      search: found.search,
      measured: { run: { status: 'complete' } },
    });
    expect(await runs()).toEqual(before);
    const used = await json(batch('few', '--metric', 'uniform', '--bits', '8', '--layer-bits', 'bits.json', '--json'));
    expect(used.plans[0]!.layers.map(({ meanBits }) => meanBits)).toEqual(found.profile);
  });
});

describe('fovea profile --joint', () => {
  test('finds layers and levels together on each half, tells them by the other, and gives the plan to use', async () => {
    const words = ['profile', 'few', '--joint', '--model', 'small.onnx', '--workers', '1', '--tolerance', '20'];
    interface Joint {
      readonly plan: PlanOptions;
      readonly layers: readonly { readonly name: string; readonly high: number; readonly low: number }[];
      readonly search: { readonly images: number; readonly byAgreement: boolean };
      readonly halves: readonly { readonly images: number; readonly plan: PlanOptions }[];
      readonly unseen: { readonly images: number; readonly savedByGroup: number; readonly difference: PairedCounts };
      readonly measured: BatchJson;
    }
    const found = await json<Joint>(run(...words, '--out', 'joint.json', '--json'));
    expect(found.search).toMatchObject({ images: 24, byAgreement: true });
    expect(found.halves.map(({ images }) => images).reduce((sum, images) => sum + images)).toBe(24);
    // Each image once, under what was found without it.
    expect(found.unseen.images).toBe(24);
    const { bothRight, onlyFirst, onlyOther, bothWrong } = found.unseen.difference;
    expect(bothRight + onlyFirst + onlyOther + bothWrong).toBe(24);
    expect(found.unseen.savedByGroup).toBeGreaterThan(0);
    for (const { high, low } of found.layers) expect(low).toBeLessThanOrEqual(high);
    const { plans } = await json(batch('few', '--plan', 'joint.json', '--no-controls', '--json'));
    expect(plans[0]!.plan).toEqual(found.measured.plans[0]!.plan);
    expect(plans[0]!.top1).toBe(found.measured.plans[0]!.top1);
    const { stdout } = await run(...words);
    expect(stdout).toContain('On images it did not see: each half of 24 under what was found on the other');
    expect(await run(...words, '--shard', '1/2')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--joint'),
    });
  });
});

describe('fovea profile that is killed', () => {
  test('goes on with what it had when called again, to the same bits and the same runs', async () => {
    const words = ['profile', 'few', '--model', 'small.onnx', '--workers', '1', '--tolerance', '10', '--json'];
    const file = 'killed profile.sqlite';
    for (const answers of [1, 2, 2]) {
      const held = heldEngines(answers);
      const { child, ended } = started(held, ...words, '--db', file);
      await held.holding(1, child);
      child.kill('SIGKILL');
      expect((await ended).code).toBeNull();
    }
    const found = await json<{ profile: number[]; search: unknown }>(run(...words, '--db', file));
    const whole = await json<typeof found>(run(...words, '--db', 'whole profile.sqlite'));
    expect(found.profile).toEqual(whole.profile);
    expect((await runsOf(file)).map(toldOf)).toEqual((await runsOf('whole profile.sqlite')).map(toldOf));
  });
});

describe('fovea reproduce', () => {
  const words = ['reproduce', 'few', '--model', 'small.onnx', '--workers', '1'];

  test('writes the table of the paper for the user’s images', async () => {
    const found = await json<{
      claims: {
        claim: string;
        keeps: string;
        saved: Record<string, { bits: number; compute: number; wholeChip: number }>;
        paper: number | null;
        nullSaved: number | null;
      }[];
      metrics: { rows: unknown[] }[];
    }>(run(...words, '--db', 'whole reproduction.sqlite', '--out', 'report.md', '--json'));
    const cropping = found.claims.filter(({ claim }) => claim === 'oracle, cropping alone');
    expect(cropping.map(({ keeps, paper }) => [keeps, paper])).toEqual([
      ['top1', 0.335],
      ['top5', 0.42],
    ]);
    for (const { saved } of found.claims)
      for (const mode of ['lockstep', 'compacted', 'ideal'])
        for (const share of Object.values({ ...saved[mode], interval: 0 })) expect(share).toBeLessThanOrEqual(1);
    expect(cropping[0]!.nullSaved).toBeLessThanOrEqual(cropping[0]!.saved.lockstep!.bits);
    expect(found.metrics.map(({ rows }) => rows.length)).toEqual([8, 8, 8]);
    const report = readFileSync(join(folder, 'report.md'), 'utf8');
    for (const part of ['oracle, cropping alone', '33.5 %', '42.0 %', 'inverse:combined', 'static profile', 'isaac'])
      expect(report).toContain(part);
  });

  test.skipIf(process.platform === 'win32')(
    'killed and stopped, goes on with what it began when called again',
    async () => {
      const store = ['--db', 'reproduced.sqlite'];
      const killed = heldEngines(1);
      const first = started(killed, ...words, ...store);
      await killed.holding(1, first.child);
      first.child.kill('SIGKILL');
      expect((await first.ended).code).toBeNull();
      // Calls are of at least two images: so many are enough to be past the first plan on the 24.
      const held = heldEngines(24 / 2 + 1);
      const { child, ended } = started(held, ...words, ...store);
      await held.holding(1, child);
      child.kill('SIGINT');
      expect((await ended).code).toBe(130);
      const [began] = await runsOf(store[1]!);
      // Of what was tried behind the first plan nothing is a plan of the run yet.
      expect(began).toMatchObject({ status: 'cancelled', finished: 24 });
      expect((await run(...words, ...store)).code).toBe(0);
      const after = await runsOf(store[1]!);
      expect(after.at(-1)!.id).toBe(began!.id);
      // What the test before has measured without a break.
      expect(after.map(toldOf)).toEqual((await runsOf('whole reproduction.sqlite')).map(toldOf));
    },
  );
});
