import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import type { PlanOptions } from '../../../src-shared/precision/plan-option-table.ts';
import type { MethodsComparison } from '../../../src-shared/runs/methods-comparison.ts';
import { type AbsentMethod, METHODS } from '../../../src-shared/runs/methods-plans.ts';
import type { PairedCounts } from '../../../src-shared/runs/paired-statistics.ts';
import type { PlanReport, PolicyReport, RunRecord } from '../../../src-shared/runs/run-record.ts';
import type { BoundFolder } from '../../../src-main/work/bound-maps.ts';
import { listRuns } from '../../../src-main/store/run-query.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { builtFile } from '../../built.ts';
import { type CommandOutcome, fovea } from '../fovea.ts';
import { type HeldEngines, heldEngines } from '../held-engines.ts';
import { pooledClassifier, smallClassifier, writeModel } from '../onnx/onnx-models.ts';

const IMAGES = 240;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-batch-'));
  writeModel(folder, 'small.onnx', smallClassifier());
  writeModel(folder, 'pooled.onnx', pooledClassifier());
  const random = randomGenerator(7);
  for (const [name, count] of [
    ['photos', IMAGES],
    ['few', 24],
  ] as const) {
    mkdirSync(join(folder, name, 'a folder'), { recursive: true });
    const labels = ['file,label'];
    for (let index = 0; index < count; index++) {
      const file = index % 5 === 0 ? `a folder/${index}.png` : `${index}.png`;
      const pixels = Uint8Array.from({ length: 3 * 24 * 20 }, (_, at) => 40 * (at % 3) + 100 * random());
      await sharp(pixels, { raw: { width: 24, height: 20, channels: 3 } })
        .png()
        .toFile(join(folder, name, file));
      labels.push(`${file},${index % 8}`);
    }
    writeFileSync(join(folder, name, 'labels.csv'), labels.join('\n'));
  }
  writeFileSync(join(folder, 'broken.txt'), 'no picture');
  writeFileSync(join(folder, 'none.json'), '[]');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface BatchJson {
  readonly run: Omit<RunRecord, 'failed'> & {
    readonly failed: { path: string; reason: string }[];
    imagesPerSecond: number;
  };
  readonly plans: (PlanReport & {
    energy: { accelerator: string; savedVs8bit: number; savedVsStatic: number | null }[];
  })[];
  readonly controls: (PlanReport & { number: number })[];
  readonly policies: PolicyReport[];
}

const run = (...words: string[]): Promise<CommandOutcome> =>
  fovea(words, { cwd: folder, dataFolder: join(folder, 'data') });
const batch = (...words: string[]) => run('batch', '--model', 'small.onnx', '--workers', '2', ...words);

async function json<Result = BatchJson>(outcome: Promise<CommandOutcome>, expected = 0): Promise<Result> {
  const { code, stdout, stderr } = await outcome;
  expect([code, stderr]).toEqual([expected, expect.any(String)]);
  return JSON.parse(stdout) as Result;
}

/** A command whose engines hold, see `HeldEngines`: it goes on until it is stopped, killed, or its engines are let go. */
function started({ env }: HeldEngines, ...words: string[]) {
  const child = spawn(process.execPath, [builtFile('cli.js'), ...words], {
    cwd: folder,
    env: { ...env, FOVEA_DATA: join(folder, 'data') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  return { child, ended };
}

const LADDER = ['photos', '--model', 'small.onnx', '--ladder', 'full', '--no-controls'];
const WORKERS = 2;

describe('fovea batch', () => {
  test('evaluates a folder, and says what it found in one JSON document', async () => {
    const found = await json(batch('few', '--bits', '6,2', '--name', 'my run', '--json'));
    expect(found.run).toMatchObject({
      name: 'my run',
      status: 'complete',
      images: 24,
      finished: 24,
      failed: [],
      dataset: { path: join(folder, 'few'), labels: { kind: 'csv' } },
    });
    expect(found.run.imagesPerSecond).toBeGreaterThan(0);
    expect(found.plans).toHaveLength(1);
    // The widths 8 to 1, and the same plan by other masks.
    expect(found.controls.map(({ number, claims }) => [number, claims!.role])).toEqual([
      ...[2, 3, 4, 5, 6, 7, 8, 9].map((number) => [number, 'uniform']),
      ...[10, 11, 12].map((number, index) => [number, ['centre', 'random', 'inverse'][index]]),
    ]);
    expect(found.plans[0]!.claims).toMatchObject({
      againstPlain: { bothRight: expect.any(Number) },
      againstUniform: { between: [expect.any(Number), expect.any(Number)] },
      againstCentre: { familyPValue: expect.any(Number) },
    });
    const [plan] = found.plans;
    expect(plan).toMatchObject({ plan: { bits: [2, 6] }, images: 24, labelled: 24 });
    for (const field of ['top1', 'top5', 'baselineTop1', 'baselineTop5', 'top1Agreement'] as const)
      expect(plan![field]).toBeGreaterThanOrEqual(0);
    expect(plan!.top1Interval![0]).toBeLessThanOrEqual(plan!.top1!);
    expect(plan!.energy.map(({ accelerator }) => accelerator)).toContain('stripes');
    expect(found.policies.map(({ policy }) => policy)).toContain('oracle');
  });

  test('says what a policy does not give, and why', async () => {
    const outcome = batch('few', '--labels', 'none', '--bits', '1', '--policy', 'fixed', '--json');
    const { policies } = await json(outcome);
    expect(policies.map(({ policy, keeps }) => [policy, keeps])).toEqual([
      ['fixed', 'top1'],
      ['fixed', 'top5'],
    ]);
    expect(policies[0]).toMatchObject({ plans: [], savedVs8bit: 0, reason: expect.stringContaining('loses more') });
    expect((await outcome).stderr).toContain(`fixed at Top-1: ${policies[0]!.reason}`);
    expect((await batch('few', '--labels', 'none', '--bits', '1', '--policy', 'fixed')).stdout).toContain(
      policies[0]!.reason,
    );
  });

  test('asks for a static profile where that policy is wanted and no plan is one', async () => {
    for (const words of [
      ['few', '--bits', '4,2'],
      ['few', '--ladder', 'cropping'],
    ]) {
      const { code, stdout, stderr } = await batch(...words, '--policy', 'static', '--no-controls');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/fovea profile .*--layer-bits/);
    }
  });

  test('reports the static profile, and everything against it', async () => {
    const known = await json<{ layers: { name: string }[] }>(run('models', 'inspect', 'small.onnx', '--json'));
    const bits = Object.fromEntries(known.layers.map(({ name }, index) => [name, 8 - index]));
    writeFileSync(join(folder, 'profile.json'), JSON.stringify(bits));
    const words = ['few', '--policy', 'static', '--layer-bits', 'profile.json', '--bits', '8', '--no-controls'];
    const alone = await json(batch(...words, '--json'));
    expect(alone.policies).toMatchObject([
      { policy: 'static', keeps: 'top1', plans: [1], savedVsStatic: 0 },
      { policy: 'static', keeps: 'top5', plans: [1], savedVsStatic: 0 },
    ]);
    const stripes = alone.plans[0]!.energy.find(({ accelerator }) => accelerator === 'stripes');
    expect(stripes!.savedVsStatic).toBeCloseTo(0, 1);
    expect((await batch(...words)).stdout).toMatch(/saved vs static profile[^]*static +Top-1/);
    const ladder = ['--ladder', 'cropping', '--layer-bits', 'profile.json', '--no-controls'];
    const beside = await json(batch('few', ...ladder, '--json'));
    expect(beside.plans).toHaveLength(5);
    for (const { savedVsStatic } of beside.policies) expect(savedVsStatic).not.toBeNull();
    expect(beside.policies.find(({ policy }) => policy === 'static')!.plans).toEqual([5]);
  });

  test('an oracle that stops at each first success is the oracle of the whole ladder, and tells nothing else', async () => {
    const words = ['few', '--policy', 'oracle', '--ladder', 'full', '--no-cache', '--json'];
    const whole = await json(batch(...words));
    const stopped = await json(batch(...words, '--first-success', '--name', 'stopped'));
    // The plans of both are numbered alike, the ladder first. What one plan gives on all images is not known.
    const unknown = { savedVsStatic: null, reason: null, energy: [] };
    expect(stopped.policies).toEqual(whole.policies.map((policy) => ({ ...policy, ...unknown })));
    expect(stopped.policies[0]!.nullSaved).not.toBeNull();
    expect(stopped.run).toMatchObject({ status: 'complete', finished: 24, firstSuccess: true });
    expect(stopped.plans).toHaveLength(16);
    for (const { images, top1, macWeightedBits, layers } of [...stopped.plans, ...stopped.controls])
      expect([images, top1, macWeightedBits, layers]).toEqual([0, null, null, []]);
    expect((await run('runs', 'show', 'stopped')).stdout).toMatch(
      /cheapest plan that keeps its answer[^]*oracle +Top-1/,
    );
    // Its plans lack the images that were hard for cheaper ones: held against others they would look better than they are.
    for (const words of [
      ['runs', 'compare', 'stopped:1', 'stopped:2'],
      ['report', 'stopped', '--out', 'report.html'],
    ])
      expect(await run(...words)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('nothing to compare or report') as string,
      });
    for (const more of [
      ['--policy', 'fixed'],
      ['--policy', 'oracle', 'cascade'],
      ['--policy', 'oracle', '--second-rounding'],
      [],
    ])
      expect(await batch('few', ...more, '--first-success')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--first-success is for an oracle alone') as string,
      });
    // In a store that has results of dearer plans, too, a run has those with its own.
    const alone = await json(batch(...words, '--first-success', '--db', join(folder, 'stopped alone.sqlite')));
    const cut = join(folder, 'shards of a stopped run');
    for (const shard of ['1/2', '2/2'])
      await json(batch(...words, '--first-success', '--shard', shard, '--db', join(cut, '{shard}.sqlite')));
    const merged = join(folder, 'merged stopped.sqlite');
    const { joined } = await json<{ joined: string[] }>(run('runs', 'merge', cut, '--db', merged, '--json'));
    const together = await json(run('runs', 'show', joined[0]!, '--db', merged, '--json'));
    expect(together.policies).toEqual(stopped.policies);
    expect(together.run).toMatchObject({ firstSuccess: true, resultsSha256: alone.run.resultsSha256 });
  });

  test('reports agreement alone where there are no labels', async () => {
    const { plans, controls, policies } = await json(batch('few', '--bits', '4', '--labels', 'none', '--json'));
    // One width everywhere is the control of that width, whatever map would have gone with it: it is measured once.
    expect(plans).toHaveLength(1);
    expect(controls.map(({ plan }) => plan.bits)).toEqual([[8], [7], [6], [5], [3], [2], [1]]);
    for (const one of [...plans, ...policies]) {
      expect(one).toMatchObject({ top1: null, top5: null, baselineTop1: null, baselineTop5: null });
      expect(one.top1Agreement).toBeGreaterThan(0);
    }
  });

  test('fails one bad image alone, with exit code 3', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    for (const [name, source] of [
      ['good.png', 'few/1.png'],
      ['text.png', 'broken.txt'],
    ] as const)
      writeFileSync(join(mixed, name), readFileSync(join(folder, source)));
    const outcome = batch('mixed', '--json');
    const { run: record, plans } = await json(outcome, 3);
    expect((await batch('mixed', '--allow-failed', '49%')).code).toBe(3);
    expect((await batch('mixed', '--allow-failed', '1')).code).toBe(0);
    expect(record).toMatchObject({ status: 'complete', images: 2, finished: 1 });
    expect(record.failed).toMatchObject([{ path: 'text.png' }]);
    expect(plans[0]).toMatchObject({ images: 1, labelled: 0, top1: null, top1Interval: null });
    const { stderr } = await outcome;
    expect(stderr).toContain('fovea: failed: text.png');
    expect(stderr).toContain('no labels');
  });

  test('takes plans from files, and all combinations of a grid', async () => {
    writeFileSync(join(folder, 'plans.json'), JSON.stringify([{ bits: [4, 2] }, { metric: 'uniform', bits: [3] }]));
    writeFileSync(
      join(folder, 'grid.json'),
      JSON.stringify({
        metric: ['centre', 'random'],
        bits: [
          [4, 2],
          [5, 0],
        ],
      }),
    );
    const fromFile = await json(batch('few', '--plan', 'plans.json', '--seed', '3', '--json'));
    expect(fromFile.plans.map(({ plan }) => [plan.metric, plan.bits, plan.seed])).toEqual([
      ['combined', [2, 4], 3],
      // Nothing is drawn for one width: it is the control of that width, whatever the seed.
      ['uniform', [3], 1],
    ]);
    const fromGrid = await json(batch('few', '--grid', 'grid.json', '--low-share', '0.5', '--json'));
    expect(fromGrid.plans.map(({ plan }) => [plan.metric, plan.bits, plan.shares])).toEqual([
      ['centre', [2, 4], [0.5, 0.5]],
      ['centre', [0, 5], [0.5, 0.5]],
      ['random', [2, 4], [0.5, 0.5]],
      ['random', [0, 5], [0.5, 0.5]],
    ]);
    writeFileSync(join(folder, 'resolved.json'), JSON.stringify(fromGrid.plans[1]!.plan));
    const again = await json(batch('few', '--plan', 'resolved.json', '--json'));
    expect(again.plans[0]!.plan).toEqual(fromGrid.plans[1]!.plan);
  });

  test.each([
    [['few', '--plan', 'plans.json', '--grid', 'grid.json'], 2, /--plan and --grid exclude each other/],
    [['few', '--plan', 'broken.txt'], 2, /broken\.txt: .*JSON/],
    [['few', '--shard', '3/2'], 2, /expected an index from 1 to 2/],
    [['few', '--plan', 'none.json'], 2, /none\.json: the list has no plans/],
    [['few', '--workers', '0'], 2, /whole number from 1 to 256/],
    [['few', '--workers', '1000000000'], 2, /whole number from 1 to 256/],
    [['few', '--policy', 'luck'], 2, /Allowed choices/],
    [['few', '--layer-bits', 'nobody.json'], 2, /nobody\.json/],
    [[], 2, /no folder was named/],
    [['nowhere'], 1, /nowhere: the folder cannot be read/],
    [['--resume', 'nothing'], 1, /no run "nothing"/],
    [['few', '--labels', 'broken.txt'], 1, /broken\.txt/],
  ])('refuses %j', async (words, exitCode, message) => {
    const { code, stdout, stderr } = await batch(...words);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([code, stdout]).toEqual([exitCode, '']);
  });

  test.each(['batch', 'profile', 'reproduce', 'methods'])(
    '%s refuses accelerators it does not know before it begins',
    async (command) => {
      const file = join(folder, 'no accelerator.sqlite');
      const { code, stdout, stderr } = await run(
        ...[command, 'few', '--model', 'small.onnx', '--accelerator', 'abacus', '--db', file],
      );
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('abacus')]);
      expect(existsSync(file)).toBe(false);
    },
  );

  test('keeps a resumed run to the settings it began with', async () => {
    const { run: record } = await json(batch('few', '--json'));
    const { code, stderr } = await batch('--resume', record.id, '--bits', '5,4');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--bits cannot change them')]);
    const again = await json(batch('--resume', record.id, '--json'));
    expect(again.run).toMatchObject({ id: record.id, status: 'complete', resultsSha256: record.resultsSha256 });
  });
});

describe('an evaluation of many plans', () => {
  const db = (name: string) => join(folder, `${name}.sqlite`);
  const only = (file: string): RunRecord | undefined => {
    if (!existsSync(file)) return undefined;
    using store = openRunStore(file);
    return listRuns(store)[0];
  };
  const finished = (file: string) => only(file)?.finished ?? 0;
  const startBatch = (held: HeldEngines, file: string, ...words: string[]) =>
    started(held, 'batch', '--db', file, '--workers', String(WORKERS), '--json', ...words);

  let uninterrupted: BatchJson;
  beforeAll(async () => {
    uninterrupted = await json(batch('--db', db('whole'), ...LADDER, '--json'));
  });

  test('ends with what the plans give', () => {
    expect(uninterrupted.run).toMatchObject({ finished: IMAGES, plans: 16 });
    const saved = Object.fromEntries(
      uninterrupted.policies.map((one) => [`${one.policy} ${one.keeps}`, one.savedVs8bit]),
    );
    expect(saved['oracle top5']).toBeGreaterThanOrEqual(saved['oracle top1']!);
  });

  test('killed at any moment, loses nothing and resumes to the same results', async () => {
    const file = db('killed');
    let before = 0;
    // Killed while the model is opened, and after more and more evaluations: by some calls or by what is written.
    for (const [answers, moment] of [
      [0, 'one engine holds'],
      [1, 'one engine holds'],
      [1, 'all engines hold'],
      [2, 'something is written'],
      [3, 'one engine holds'],
      [2, 'all engines hold'],
      [1, 'something is written'],
    ] as const) {
      const held = heldEngines(answers);
      const begun = only(file);
      const { child, ended } = startBatch(held, file, ...(begun ? ['--resume', begun.id] : LADDER));
      await held.holding(moment === 'one engine holds' ? 1 : WORKERS, child);
      if (moment === 'something is written') await expect.poll(() => finished(file)).toBeGreaterThan(before);
      child.kill('SIGKILL');
      expect((await ended).code).toBeNull();
      const record = only(file);
      if (answers === 0) expect(record).toBeUndefined();
      else expect(record!.status).toBe('interrupted');
      expect(finished(file)).toBeGreaterThanOrEqual(before);
      before = finished(file);
      expect(before).toBeLessThan(IMAGES);
    }
    expect(before).toBeGreaterThan(0);
    await json(batch('--db', file, '--resume', only(file)!.id, '--json'));
    expect(only(file)).toMatchObject({
      status: 'complete',
      finished: IMAGES,
      resultsSha256: uninterrupted.run.resultsSha256,
    });
  });

  test('survives engines that are killed, again and again', async () => {
    const file = db('engines');
    const held = heldEngines(1);
    const { child, ended } = startBatch(held, file, ...LADDER);
    for (let kills = 0; kills < 4; kills++)
      for (const pid of await held.holding(1, child)) process.kill(pid, 'SIGKILL');
    held.answer(Infinity);
    expect(await ended).toEqual({ code: 0, stderr: expect.any(String) });
    expect(only(file)).toMatchObject({ status: 'complete', resultsSha256: uninterrupted.run.resultsSha256 });
  });

  test.skipIf(process.platform === 'win32')('stops at Ctrl-C, says how to go on, and goes on', async () => {
    const file = db('stopped');
    const held = heldEngines(1);
    const { child, ended } = startBatch(held, file, ...LADDER);
    await held.holding(WORKERS, child);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    const record = only(file)!;
    expect([code, record.status]).toEqual([130, 'cancelled']);
    expect(record.finished).toBeGreaterThan(0);
    expect(record.finished).toBeLessThan(IMAGES);
    expect(stderr).toContain(`${record.finished} of ${IMAGES} images are done and kept`);
    expect(stderr).toContain(`fovea batch --resume ${record.id}`);
    const resumed = await json(batch('--db', file, '--resume', record.id, '--json'));
    expect(resumed.run.resultsSha256).toBe(uninterrupted.run.resultsSha256);
    expect(resumed.plans.map(({ top1 }) => top1)).toEqual(uninterrupted.plans.map(({ top1 }) => top1));
  });

  test('cut into shards and merged, is the same', async () => {
    for (const shard of ['1/3', '2/3', '3/3'])
      await json(batch('--db', db(`shard ${shard[0]}`), ...LADDER, '--shard', shard, '--json'));
    const files = ['1', '2', '3'].map((index) => db(`shard ${index}`));
    const merged = await json<{ joined: string[] }>(run('runs', 'merge', ...files, '--db', db('merged'), '--json'));
    expect(merged.joined).toHaveLength(1);
    const shown = await json(run('runs', 'show', merged.joined[0]!, '--db', db('merged'), '--json'));
    expect(shown.run.resultsSha256).toBe(uninterrupted.run.resultsSha256);
    expect(shown.plans).toEqual(uninterrupted.plans);
    expect(shown.policies).toEqual(uninterrupted.policies);
  });
});

describe('fovea runs', () => {
  test('shows, compares, exports, renames, notes and deletes', async () => {
    const file = join(folder, 'runs.sqlite');
    const runs = (...words: string[]) => run('runs', ...words, '--db', file);
    await json(batch('few', '--bits', '5,4', '--name', 'high', '--db', file, '--json'));
    await json(batch('few', '--bits', '2,1', '--name', 'low', '--db', file, '--json'));
    const listed = await runs('list');
    expect(listed.stdout).toMatch(/low .*\n.*high /);
    const compared = await json<{ images: number; differences: { setting: string }[] }>(
      runs('compare', 'high', 'low', '--json'),
    );
    expect(compared).toMatchObject({ images: 24, differences: [{ setting: 'plan.bits' }] });
    const csv = await runs('export', 'high');
    // With 11 controls; what was asked for alone is compared.
    expect(csv.stdout.split('\r\n')).toHaveLength(1 + 12 * 24 + 1);
    const plans = await json<{ plan: number; control: boolean }[]>(runs('export', 'high', '--rows', 'plans', '--json'));
    expect(plans.map(({ plan, control }) => [plan, control]).slice(0, 2)).toEqual([
      [1, false],
      [2, true],
    ]);
    expect((await runs('export', 'high:2', '--format', 'zigzag')).stdout).toContain('I: 8\n');
    await runs('export', 'high', '--format', 'json', '--rows', 'layers', '--out', join(folder, 'layers.json'));
    expect(JSON.parse(readFileSync(join(folder, 'layers.json'), 'utf8'))).toHaveLength(3 * 12);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await runs('rename', 'high', 'five, four');
    await runs('note', 'five, four', 'kept for later');
    expect((await runs('show', 'five, four')).stdout).toContain('kept for later');
    expect((await runs('delete', 'low')).code).toBe(0);
    expect((await runs('show', 'low')).code).toBe(1);
  });
});

/** What is the same of a run that was broken off and gone on with, and of one that was not. */
const toldOf = ({ name, status, plans, images, finished, resultsSha256 }: RunRecord) => ({
  ...{ name, status, plans, images, finished, resultsSha256 },
});
const runsOf = (db: string) => json<RunRecord[]>(run('runs', 'list', '--db', db, '--json'));

describe('fovea models calibrate', () => {
  test('killed half way leaves nothing, and does it all when called again', async () => {
    const words = ['models', 'calibrate', 'small.onnx', 'few'];
    const held = heldEngines('1.png');
    const { child, ended } = started(held, ...words);
    await held.holding(1, child);
    child.kill('SIGKILL');
    expect((await ended).code).toBeNull();
    const kept = join(folder, 'data', 'calibrations');
    expect(existsSync(kept)).toBe(false);
    expect((await run(...words)).code).toBe(0);
    expect(readdirSync(kept)).toHaveLength(2);
    rmSync(kept, { recursive: true });
  });
});

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

test('a network without class-activation maps is refused where a plan takes them, before any work', async () => {
  const words = ['batch', 'few', '--model', 'small.onnx', '--metric', 'saliency', '--db', 'refused saliency.sqlite'];
  expect(await run(...words)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no.*class-activation map.*\[model-unsupported\]/s),
  });
  expect(await runsOf('refused saliency.sqlite')).toEqual([]);
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
