import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../src-shared/runs/run-record.ts';
import { listRuns } from '../../../src-main/store/run-query.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { type HeldEngines, heldEngines } from '../held-engines.ts';
import { batch, type BatchJson, folder, json, run, runsOf, started, writePhotos } from './batch-scene.ts';

const IMAGES = 240;

beforeAll(async () => {
  await writePhotos('photos', IMAGES);
  await writePhotos('few', 24);
  writeFileSync(join(folder, 'broken.txt'), 'no picture');
  writeFileSync(join(folder, 'none.json'), '[]');
});

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

test('a network without class-activation maps is refused where a plan takes them, before any work', async () => {
  const words = ['batch', 'few', '--model', 'small.onnx', '--metric', 'saliency', '--db', 'refused saliency.sqlite'];
  expect(await run(...words)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no.*class-activation map.*\[model-unsupported\]/s),
  });
  expect(await runsOf('refused saliency.sqlite')).toEqual([]);
});
