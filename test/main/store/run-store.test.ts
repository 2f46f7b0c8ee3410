import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MIGRATIONS } from '../../../src-main/store/migrations/index.ts';
import {
  findRun,
  imageResults,
  listRuns,
  runFailures,
  runModel,
  runPlans,
  storedReport,
} from '../../../src-main/store/run-query.ts';
import { openRunStore, type RunStore, type StoreOptions } from '../../../src-main/store/run-store.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import {
  CLASSES,
  completeRun,
  doRest,
  finishRun,
  LAYERS,
  newRun,
  outcomeOf,
  PLANS,
  SETTINGS,
  sha256,
} from './stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

function newStore(options?: StoreOptions): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'data', 'runs.sqlite'), options);
  onTestFinished(() => store.close());
  return store;
}

function rows(store: RunStore, table: string): number {
  return Number(store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}

describe('a run', () => {
  it('is read back as it was written', () => {
    const store = newStore();
    const writer = store.createRun(newRun(3, { name: 'three', note: 'first try' }));
    doRest(writer, PLANS.length);
    const run = findRun(store, writer.runId);
    expect(run).toMatchObject({
      name: 'three',
      note: 'first try',
      status: 'complete',
      model: {
        id: 'tiny',
        path: '/models/tiny.onnx',
        sha256: sha256('tiny'),
        settingsSha256: sha256('{"mean":[0,0,0],"ranges":null}'),
      },
      dataset: { path: '/photos', labels: { kind: 'folders' } },
      plans: 2,
      images: 3,
      finished: 3,
      failed: 0,
      seconds: 0.5,
    });
    expect(runPlans(store, run.id)).toEqual(PLANS);
    expect(runModel(store, run.id)).toEqual({
      settings: SETTINGS,
      layers: LAYERS,
      leftOut: [],
      labels: CLASSES,
    });
    const [first, ...others] = [...imageResults(store, run.id, 1)];
    const written = outcomeOf('image 0.jpg', 2);
    if ('failure' in written) throw new Error('expected results');
    expect(others.map(({ path }) => path)).toEqual(['image 1.jpg', 'image 2.jpg']);
    expect(first).toMatchObject({ path: 'image 0.jpg', sha256: sha256('image 0.jpg'), label: 0 });
    expect(first!.quantised.classes).toEqual(written.results[1]!.top.classes);
    expect(first!.quantised.probabilities).toEqual([...Float32Array.of(0.5, 0.2, 0.1, 0.1, 0.05)]);
  });

  it('holds names of any characters', () => {
    const store = newStore();
    const paths = ["it's.jpg", 'two\nlines.jpg', 'é\u{1F41F}.jpg', ' .jpg', '"; DROP TABLE runs; --.jpg'];
    const run = newRun(0);
    const images = paths.map((path) => ({ path, label: null }));
    const writer = store.createRun({ ...run, dataset: { ...run.dataset, images } });
    doRest(writer, 2);
    expect([...imageResults(store, writer.runId, 0)].map(({ path }) => path).sort()).toEqual(paths.sort());
  });

  it('lists failures, and counts an image as done that failed', () => {
    const store = newStore();
    const writer = store.createRun(newRun(2));
    const failure = { code: 'image-damaged', message: 'it ends too early', next: '' } as const;
    writer.write([{ path: 'image 0.jpg', failure }, outcomeOf('image 1.jpg', 2)], 1);
    writer.write([{ path: 'image 0.jpg', failure }], 1);
    expect(writer.pending()).toEqual([]);
    finishRun(writer);
    expect(findRun(store, writer.runId)).toMatchObject({ status: 'complete', finished: 1, failed: 1, seconds: 2 });
    expect(runFailures(store, writer.runId)).toEqual([
      { path: 'image 0.jpg', code: 'image-damaged', reason: 'it ends too early' },
    ]);
  });

  it('takes the results of an image in parts, and never twice', () => {
    const store = newStore();
    const writer = store.createRun(newRun(1));
    const whole = outcomeOf('image 0.jpg', 2);
    if ('failure' in whole) throw new Error('expected results');
    writer.write([{ ...whole, results: whole.results.slice(0, 1) }], 1);
    expect(findRun(store, writer.runId).finished).toBe(0);
    expect(writer.missing(whole.sha256)).toEqual({ baseline: false, plans: [1] });
    expect(writer.pending()).toHaveLength(1);
    writer.write([{ ...whole, baseline: null }], 1);
    writer.write([whole], 1);
    expect(findRun(store, writer.runId).finished).toBe(1);
    expect([rows(store, 'results'), rows(store, 'layer_counts')]).toEqual([3, 2]);
  });

  it('needs no computing where another run has the results', () => {
    const store = newStore();
    completeRun(store, 4);
    const writer = store.createRun(newRun(4, { plans: [PLANS[1]!] }));
    expect(writer.missing(sha256('image 3.jpg'))).toEqual({ baseline: false, plans: [] });
    const results = rows(store, 'results');
    writer.write(
      [0, 1, 2, 3].map((index) => ({
        path: `image ${index}.jpg`,
        sha256: sha256(`image ${index}.jpg`),
        baseline: null,
        results: [],
      })),
      0,
    );
    finishRun(writer);
    expect(rows(store, 'results')).toBe(results);
    expect(findRun(store, writer.runId)).toMatchObject({ status: 'complete', finished: 4 });
  });

  it.each([
    ['model', { model: { ...newRun(0).model, sha256: sha256('other') } }],
    ['settings of the model', { model: { ...newRun(0).model, settings: { ranges: { conv1: 1 } } } }],
    ['detail of the counts', { detail: 'full' as const }],
  ])('computes anew for another %s', (_, changes) => {
    const store = newStore();
    completeRun(store, 1);
    expect(store.createRun(newRun(1, changes)).missing(sha256('image 0.jpg')).plans).toEqual([0, 1]);
  });

  it('has a digest that does not depend on the order of work, nor on interruptions, but on every result', () => {
    const digest = (work: (store: RunStore) => string) => {
      const store = newStore();
      return findRun(store, work(store)).resultsSha256;
    };
    const expected = digest((store) => completeRun(store, 40));
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    const backwards = digest((store) => {
      const writer = store.createRun(newRun(40, { plans: [...PLANS].reverse() }));
      for (const { path } of writer.pending().reverse()) {
        const outcome = outcomeOf(path, 2);
        if ('failure' in outcome) throw new Error('expected results');
        writer.write(
          [{ ...outcome, results: outcome.results.map((result) => ({ ...result, plan: 1 - result.plan })) }],
          0.1,
        );
      }
      finishRun(writer);
      return writer.runId;
    });
    const resumed = digest((store) => {
      const writer = store.createRun(newRun(40));
      writer.write(
        writer
          .pending()
          .slice(7, 20)
          .map(({ path }) => outcomeOf(path, 2)),
        1,
      );
      writer.finish('cancelled');
      expect(findRun(store, writer.runId)).toMatchObject({ status: 'cancelled', finished: 13, resultsSha256: null });
      doRest(store.resumeRun(writer.runId), 2);
      return writer.runId;
    });
    expect([backwards, resumed]).toEqual([expected, expected]);
    const another = digest((store) => {
      const writer = store.createRun(newRun(40));
      writer.write([{ ...outcomeOf('image 0.jpg', 2), baseline: { classes: [1], probabilities: [0.5000001] } }], 1);
      doRest(writer, 2);
      return writer.runId;
    });
    expect(another).not.toBe(expected);
  });

  it('gives the same report resumed as uninterrupted', () => {
    const store = newStore();
    const whole = completeRun(store, 30);
    const other = newStore();
    const writer = other.createRun(newRun(30));
    writer.write(
      writer
        .pending()
        .slice(11)
        .map(({ path }) => outcomeOf(path, 2)),
      1,
    );
    writer.finish('cancelled');
    doRest(other.resumeRun(writer.runId), 2, 5);
    expect(storedReport(other, writer.runId)).toEqual(storedReport(store, whole));
  });

  it('begins anew where its results are of an older version, and leaves those of other runs', () => {
    const store = newStore();
    const before = completeRun(store, 3);
    const other = completeRun(store, 2, { plans: [PLANS[0]!] });
    store.db.exec('UPDATE series SET results_version = results_version - 1');
    const writer = store.resumeRun(before);
    expect(findRun(store, before)).toMatchObject({ status: 'running', finished: 0, failed: 0, images: 3 });
    expect(writer.pending()).toHaveLength(3);
    expect([writer.hasResults(), writer.missing(sha256('image 0.jpg'))]).toEqual([
      false,
      { baseline: true, plans: [0, 1] },
    ]);
    // Two images, each with the plain network and the first plan, are the other run's.
    expect([rows(store, 'results'), rows(store, 'images')]).toEqual([4, 2]);
    expect([...imageResults(store, other, 0)]).toHaveLength(2);
    doRest(writer, 2);
    expect(findRun(store, before)).toMatchObject({ status: 'complete', finished: 3 });
    expect(store.db.pragma('foreign_key_check')).toEqual([]);
    const again = store.resumeRun(before);
    expect(again.pending()).toEqual([]);
    finishRun(again);
  });

  it('remembers where its images are now', () => {
    const store = newStore();
    const writer = store.createRun(newRun(1));
    writer.finish('cancelled');
    store.resumeRun(writer.runId, '/moved').finish('cancelled');
    expect(findRun(store, writer.runId).dataset.path).toBe('/moved');
    store.resumeRun(writer.runId).finish('cancelled');
    expect(findRun(store, writer.runId).dataset.path).toBe('/moved');
  });

  it('is renamed, noted, and deleted with what no other run needs', () => {
    const store = newStore();
    const first = completeRun(store, 5);
    const second = completeRun(store, 8, { plans: [PLANS[0]!] });
    store.renameRun(first, 'new name');
    store.noteRun(first, 'a note');
    expect(findRun(store, first)).toMatchObject({ name: 'new name', note: 'a note' });
    store.deleteRuns([first]);
    expect(listRuns(store).map(({ id }) => id)).toEqual([second]);
    expect([...imageResults(store, second, 0)]).toHaveLength(8);
    // 8 images, each with the plain network and one plan; plan 1 of the deleted run is gone.
    expect([rows(store, 'results'), rows(store, 'layer_counts'), rows(store, 'series'), rows(store, 'plans')]).toEqual([
      16, 8, 2, 1,
    ]);
    store.deleteRuns([second]);
    for (const table of [
      'runs',
      'run_plans',
      'run_images',
      'run_failures',
      'run_summaries',
      'results',
      'layer_counts',
      'images',
      'series',
      'plans',
      'models',
    ])
      expect([table, rows(store, table)]).toEqual([table, 0]);
    expect(() => store.deleteRuns([second])).toThrow('no run');
    expect(() => store.renameRun(second, 'x')).toThrow('no run');
  });

  it('gives room on the disk back', () => {
    const store = newStore();
    const id = completeRun(store, 300);
    const pages = () => Number(store.db.pragma('page_count', { simple: true }));
    const before = pages();
    store.deleteRuns([id]);
    expect(pages()).toBeLessThan(before / 2);
  });

  it('is found by the beginning of its id or by its name, when only one is meant', () => {
    const store = newStore();
    const first = completeRun(store, 1, { name: 'first' });
    completeRun(store, 1, { name: 'twin' });
    completeRun(store, 1, { name: 'twin' });
    expect(findRun(store, 'first').id).toBe(first);
    expect(findRun(store, first.slice(0, -1)).id).toBe(first);
    expect(() => findRun(store, 'twin')).toThrow('may be any of 2 runs');
    expect(() => findRun(store, 'nothing')).toThrow('no run "nothing"');
    expect(() => findRun(store, '')).toThrow('no run');
  });

  it('is not worked on by two processes at once', () => {
    const store = newStore();
    const { runId } = store.createRun(newRun(1));
    expect(() => store.resumeRun(runId)).toThrow('is being worked on by');
    const other = completeRun(store, 1);
    expect(() => store.deleteRuns([other, runId])).toThrow('is being worked on by');
    expect(listRuns(store)).toHaveLength(2);
    expect(findRun(store, runId).status).toBe('running');
  });
});

describe('a run of a process on another host', () => {
  const START = Date.UTC(2026, 10, 27, 12);

  /** A store with a run of 2 images, whose owner is elsewhere from now on. */
  function storeOfOther() {
    vi.useFakeTimers({ now: START, toFake: ['Date', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = newStore();
    const writer = store.createRun(newRun(2));
    const moveElsewhere = () =>
      store.db
        .prepare("UPDATE runs SET owner = 'node-b:26096', owner_space = 'elsewhere', owner_token = 'theirs'")
        .run();
    return { store, writer, runId: writer.runId, moveElsewhere };
  }

  it('is resumed once it has not been seen for a minute, and not before', () => {
    const { store, runId, moveElsewhere } = storeOfOther();
    moveElsewhere();
    vi.setSystemTime(START + 12_000);
    const refusal = expect.objectContaining({
      code: 'store-locked',
      message: `run ${runId} is being worked on by node-b:26096, seen 12 s ago`,
      next: expect.stringContaining('try again in 48 s'),
    });
    expect(() => store.resumeRun(runId)).toThrow(refusal);
    expect(() => store.deleteRuns([runId])).toThrow(refusal);
    expect(findRun(store, runId).status).toBe('running');
    vi.setSystemTime(START + 60_000);
    expect(findRun(store, runId).status).toBe('interrupted');
    doRest(store.resumeRun(runId), 2);
    expect(findRun(store, runId)).toMatchObject({ status: 'complete', finished: 2 });
  });

  it('is seen every ten seconds and at each write while its writer works, and no longer', () => {
    const { store, writer } = storeOfOther();
    const seen = () => Number(store.db.prepare('SELECT seen_at FROM runs').pluck().get()) - START;
    vi.advanceTimersByTime(125_000);
    expect(seen()).toBe(120_000);
    writer.write([outcomeOf('image 0.jpg', 2)], 1);
    expect(seen()).toBe(125_000);
    vi.advanceTimersByTime(5000);
    expect(seen()).toBe(130_000);
    writer.finish('cancelled');
    expect(vi.getTimerCount()).toBe(0);
    const again = store.resumeRun(writer.runId);
    expect(vi.getTimerCount()).toBe(1);
    expect(again.lost).toBe(false);
    store.close();
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is left to the process that took it over while its own was not seen', () => {
    const { store, writer, moveElsewhere } = storeOfOther();
    moveElsewhere();
    vi.advanceTimersByTime(10_000);
    expect(writer.lost).toBe(true);
    const refusal = expect.objectContaining({
      code: 'store-locked',
      message: expect.stringContaining('was taken over'),
    });
    expect(() => writer.write([outcomeOf('image 0.jpg', 2)], 1)).toThrow(refusal);
    expect(() => writer.finish('failed')).toThrow(refusal);
    expect(findRun(store, writer.runId)).toMatchObject({ status: 'running', finished: 0 });
  });

  it('goes on where a heartbeat met a locked store', () => {
    const { store, writer } = storeOfOther();
    using other = openRunStore(store.path, { busyTimeoutMs: 10 });
    store.db.pragma('busy_timeout = 10');
    other.db.exec('BEGIN IMMEDIATE');
    vi.advanceTimersByTime(10_000);
    other.db.exec('ROLLBACK');
    writer.write([outcomeOf('image 0.jpg', 2)], 1);
    expect(findRun(store, writer.runId).finished).toBe(1);
  });
});

describe('a process that is killed', () => {
  it('loses nothing it has finished, and leaves what is left to the next', async () => {
    const store = newStore();
    const images = 600;
    const expected = findRun(store, completeRun(store, images)).resultsSha256;
    const other = newStore();
    const writer = other.createRun(newRun(images));
    // As if its process had died: this one lives on.
    other.db.prepare('UPDATE runs SET owner = ?').run(`${hostname()}:4194305`);
    const work = (...hold: string[]) => {
      const script = join(import.meta.dirname, 'store-writer-process.ts');
      const child = spawn(process.execPath, [script, other.path, writer.runId, '2', ...hold], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const printed: string[] = [];
      const lines = createInterface(child.stdout).on('line', (line) => printed.push(line));
      return { child, lines, printed, closed: once(child, 'close') };
    };
    const random = randomGenerator(20261123);
    let finishedBefore = 0;
    for (let kills = 0; kills < 8; kills++) {
      // It is writing when the signal comes, or about to, and holds before the run is done.
      const { child, lines, printed, closed } = work('60');
      const last = 1 + Math.floor(30 * random());
      lines.on('line', () => printed.length >= last && child.kill('SIGKILL'));
      expect(await closed).toEqual([null, 'SIGKILL']);
      const { finished, status } = findRun(other, writer.runId);
      expect(other.db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(status).toBe('interrupted');
      expect(finished).toBe([...imageResults(other, writer.runId, 1)].length);
      expect(printed.length).toBeGreaterThanOrEqual(last);
      expect(finished).toBeGreaterThanOrEqual(finishedBefore + printed.length);
      expect(rows(other, 'results')).toBe(finished * 3);
      finishedBefore = finished;
    }
    expect(finishedBefore).toBeLessThan(images);
    expect(await work().closed).toEqual([0, null]);
    expect(findRun(other, writer.runId)).toMatchObject({
      status: 'complete',
      finished: images,
      resultsSha256: expected,
    });
  });
});

describe('a store', () => {
  function storedFile(): string {
    const path = join(temporaryFolder(), 'runs.sqlite');
    const store = openRunStore(path);
    completeRun(store, 20);
    store.close();
    return path;
  }

  it('that is locked by another process says so, and serves again afterwards', async () => {
    const path = storedFile();
    const store = openRunStore(path, { busyTimeoutMs: 50 });
    onTestFinished(() => store.close());
    const child = spawn(process.execPath, [join(import.meta.dirname, 'store-lock-process.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(() => store.createRun(newRun(1))).toThrow(expect.objectContaining({ code: 'store-locked' }));
    expect(listRuns(store)).toHaveLength(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    completeRun(store, 2);
    expect(listRuns(store)).toHaveLength(2);
  });

  it('that runs out of room says so, keeps what was written, and goes on when there is room', () => {
    const store = newStore();
    const writer = store.createRun(newRun(400));
    writer.write(
      writer
        .pending()
        .slice(0, 50)
        .map(({ path }) => outcomeOf(path, 2)),
      1,
    );
    const pages = Number(store.db.pragma('page_count', { simple: true }));
    store.db.pragma(`max_page_count = ${pages + 2}`);
    const batch = writer.pending().map(({ path }) => outcomeOf(path, 2));
    expect(() => writer.write(batch, 1)).toThrow(expect.objectContaining({ code: 'store-full' }));
    expect(findRun(store, writer.runId).finished).toBe(50);
    expect(rows(store, 'results')).toBe(150);
    store.db.pragma('max_page_count = 1000000');
    doRest(writer, 2);
    expect(findRun(store, writer.runId)).toMatchObject({ status: 'complete', finished: 400 });
  });

  it('of a newer Fovea is refused and not touched', () => {
    const path = storedFile();
    const newer = openRunStore(path, {
      migrations: [...MIGRATIONS, 'CREATE TABLE to_come (id INTEGER PRIMARY KEY) STRICT'],
    });
    expect(listRuns(newer)).toHaveLength(1);
    newer.close();
    const before = readFileSync(path);
    expect(() => openRunStore(path)).toThrow(expect.objectContaining({ code: 'store-newer' }));
    expect(readFileSync(path)).toEqual(before);
  });

  it('of an older Fovea is brought up to date without loss, or not at all', () => {
    const path = storedFile();
    const broken = [...MIGRATIONS, 'ALTER TABLE runs ADD COLUMN colour TEXT; CREATE TABLE runs (id)'];
    expect(() => openRunStore(path, { migrations: broken })).toThrow('already exists');
    const store = openRunStore(path);
    expect(findRun(store, 'a run')).toMatchObject({ finished: 20 });
    expect(store.db.pragma('table_info(runs)')).not.toContainEqual(expect.objectContaining({ name: 'colour' }));
    store.close();
  });

  it('of the first version says of its runs at work that they were seen just now', () => {
    const path = join(temporaryFolder(), 'runs.sqlite');
    using old = openRunStore(path, { migrations: MIGRATIONS.slice(0, 1) });
    old.db.exec(`
      INSERT INTO models VALUES (1, x'00', x'00', '{}', '[]', '[]');
      INSERT INTO series VALUES (1, 1, NULL, 'basic', 1);`);
    const add = old.db.prepare(
      `INSERT INTO runs VALUES (?, 'old', 'a note', ?, '2026-11-23T12:00:00.000Z', ?, 1, 'tiny', '/tiny.onnx', 1, '/photos', NULL,
         '{"kind":"none"}', 'basic', 1, NULL, NULL, '0.1.0', 2.5, 10, 7, 1, 0, NULL)`,
    );
    add.run('gone', 'running', `${hostname()}:4194305`);
    add.run('elsewhere', 'running', 'node-b:26096');
    add.run('stopped', 'cancelled', 'node-b:26096');
    old.close();
    using store = openRunStore(path);
    const statuses = () => Object.fromEntries(listRuns(store).map(({ id, status }) => [id, status]));
    expect(statuses()).toEqual({ gone: 'interrupted', elsewhere: 'running', stopped: 'cancelled' });
    expect(findRun(store, 'gone')).toMatchObject({ name: 'old', note: 'a note', seconds: 2.5, finished: 7, failed: 1 });
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    expect(statuses()).toMatchObject({ elsewhere: 'interrupted' });
  });

  it('that is damaged, or is something else, is refused and not touched', () => {
    const folder = temporaryFolder({ 'text.sqlite': 'just a text '.repeat(100), 'short.sqlite': 'SQLite format 3' });
    const damaged = join(folder, 'damaged.sqlite');
    copyFileSync(storedFile(), damaged);
    const bytes = readFileSync(damaged);
    bytes.fill(0xa5, 100, 4000);
    writeFileSync(damaged, bytes);
    const foreign = join(folder, 'foreign.sqlite');
    new Database(foreign).exec('CREATE TABLE bookmarks (url)').close();
    const marked = join(folder, 'marked.sqlite');
    new Database(marked).exec('PRAGMA application_id = 7; CREATE TABLE bookmarks (url)').close();
    for (const path of [damaged, foreign, marked, join(folder, 'text.sqlite'), join(folder, 'short.sqlite')]) {
      const before = readFileSync(path);
      expect(() => listRuns(openRunStore(path)), path).toThrow(expect.objectContaining({ code: 'store-damaged' }));
      expect(readFileSync(path), path).toEqual(before);
      expect(existsSync(`${path}-wal`), path).toBe(false);
    }
  });

  it('that is damaged further on says so where it is met', () => {
    const path = storedFile();
    truncateSync(path, Math.floor(statSync(path).size / 2));
    expect(() => {
      using store = openRunStore(path);
      for (const run of listRuns(store)) for (const plan of [0, 1]) Array.from(imageResults(store, run.id, plan));
    }).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });

  it('cannot be a folder, nor lie where nothing can be written', () => {
    const folder = temporaryFolder({ file: '' });
    expect(() => openRunStore(folder)).toThrow('expected a file, found a folder');
    expect(() => openRunStore(join(folder, 'file', 'runs.sqlite'))).toThrow(
      expect.objectContaining({ code: 'output-unwritable' }),
    );
  });

  it('may be an empty file, or one whose first process was killed before it wrote anything', () => {
    const folder = temporaryFolder({ 'empty.sqlite': '' });
    const begun = join(folder, 'begun.sqlite');
    const db = new Database(begun);
    db.pragma('journal_mode = WAL');
    copyFileSync(begun, join(folder, 'copy.sqlite'));
    db.close();
    for (const name of ['empty.sqlite', 'copy.sqlite']) {
      using store = openRunStore(join(folder, name));
      expect(listRuns(store)).toEqual([]);
    }
  });
});
