import Database from 'better-sqlite3';
import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MIGRATIONS } from '../../../src-main/store/migrations/index.ts';
import { Measurements } from '../../../src-main/store/measurements.ts';
import { modelStamp } from '../../../src-main/store/opened-models.ts';
import { mergeStores } from '../../../src-main/store/run-merge.ts';
import { findRun, imageResults } from '../../../src-main/store/run-query.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { RESULTS_VERSION } from '../../../src-shared/runs/run-record.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { keyOf, measurementOf, openedModelOf, OTHER_PLAN, PLAN } from './measured.ts';
import { completeRun, finishRun, newRun, outcomeOf, sha256 } from './stored-runs.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';

const storePath = () => join(temporaryFolder(), 'runs.sqlite');

function measurementsIn(path: string, mostBytes?: number): { measurements: Measurements; notes: string[] } {
  const notes: string[] = [];
  const note = (message: string) => void notes.push(message);
  const measurements = new Measurements(path, { version: '0.1.0', note, ...(mostBytes ? { mostBytes } : {}) });
  onTestFinished(() => measurements.close());
  return { measurements, notes };
}

function storeIn(path: string): RunStore {
  const store = openRunStore(path);
  onTestFinished(() => store.close());
  return store;
}

const rows = (path: string, table: string) => {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!;
  } finally {
    db.close();
  }
};

describe('what was measured', () => {
  it('is looked up digit for digit, by another process too', () => {
    const path = storePath();
    const { measurements } = measurementsIn(path);
    const count = fc.double({ min: -50, max: 1000, noNaN: true }).map((value) => value + 0);
    const share = fc.float({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
    const plain = measurementOf('any');
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.option(count), { minLength: 8, maxLength: 8 }),
        fc.array(share, { minLength: 5, maxLength: 5 }),
        fc.array(share, { minLength: PLAN.regions ** 2, maxLength: PLAN.regions ** 2 }),
        (image, [bits, ...optional], probabilities, values) => {
          const [zeroShare, nonZeroBits, lockstepNonZeroBits, nonZeroBitsAt8, clippedShare, sqnrDb] = optional;
          const counts = { zeroShare, nonZeroBits, lockstepNonZeroBits, nonZeroBitsAt8, clippedShare, sqnrDb };
          const measured = {
            ...plain,
            image: { ...plain.image, sha256: sha256(image) },
            baseline: { ...plain.baseline, probabilities },
            importance: { ...plain.importance, values },
            layers: plain.layers.map((layer) => Object.assign({ ...layer }, counts, { meanBits: bits ?? 0 })),
          };
          const key = keyOf(image);
          rmRows(path);
          measurements.keep(key, measured);
          const other = measurementsIn(path);
          const found = other.measurements.find(key);
          other.measurements.close();
          // As text: the order of the fields is that of a document, too.
          expect(JSON.stringify(found)).toBe(JSON.stringify(measured));
        },
      ),
      { numRuns: 40 },
    );
  });

  /** An image gives the same each time; here it is to give many things. */
  function rmRows(path: string): void {
    const store = openRunStore(path);
    store.db.exec('DELETE FROM results');
    store.close();
  }

  it('belongs to image, model, settings, plan and version of the numbers', () => {
    const path = storePath();
    const { measurements, notes } = measurementsIn(path);
    measurements.keep(keyOf('photo'), measurementOf('photo'));
    const { model } = newRun(0);
    const others = [
      keyOf('another photo'),
      keyOf('photo', { plan: OTHER_PLAN }),
      keyOf('photo', { model: { ...model, sha256: sha256('another model') } }),
      keyOf('photo', { model: { ...model, settings: { ...model.settings, mean: [1, 1, 1] } } }),
      keyOf('photo', { model: { ...model, settings: { ...model.settings, ranges: { conv1: 3 } } } }),
    ];
    for (const other of others) expect(measurements.find(other)).toBeNull();
    expect(measurements.find(keyOf('photo'))).toEqual(measurementOf('photo'));
    storeIn(path)
      .db.prepare('UPDATE series SET results_version = ?')
      .run(RESULTS_VERSION - 1);
    expect(measurements.find(keyOf('photo'))).toBeNull();
    measurements.keep(keyOf('photo'), measurementOf('photo'));
    expect(measurements.find(keyOf('photo'))).toEqual(measurementOf('photo'));
    expect(notes).toEqual([]);
  });

  it('is not mistaken for what a run found on another machine', () => {
    const path = storePath();
    const store = storeIn(path);
    const { model, plan } = keyOf('');
    const writer = store.createRun(
      newRun(1, { model: { ...newRun(1).model, ...model }, plans: [plan], detail: 'full' }),
    );
    const outcome = outcomeOf('image 0.jpg', 1);
    writer.write([outcome], 1);
    finishRun(writer);
    const { measurements } = measurementsIn(path);
    measurements.keep(keyOf('image 0.jpg'), measurementOf('image 0.jpg'));
    expect(measurements.find(keyOf('image 0.jpg'))).toBeNull();
    if ('failure' in outcome) throw new Error('expected results');
    measurements.keep(keyOf('image 0.jpg'), {
      ...measurementOf('image 0.jpg'),
      baseline: outcome.baseline!,
      quantised: outcome.results[0]!.top,
    });
    expect(measurements.find(keyOf('image 0.jpg'))).toMatchObject({ image: { width: 640, height: 480 } });
    expect(rows(path, 'results')).toBe(2);
  });
});

describe('a run', () => {
  /** The outcome of `measurementOf`, as an engine gives it to a run. */
  function outcome(image: string, detail: 'basic' | 'full') {
    const { baseline, quantised, layers } = measurementOf(image);
    const basic = layers.map((layer) => {
      const { meanBits, lockstepBits, compactedBits, crossbarBits, maxBits } = layer;
      const { levelMapBits, rangeExponents, rescaledSums } = layer;
      return {
        ...uniformCounts(layer, meanBits),
        ...{ lockstepBits, compactedBits, crossbarBits, maxBits, levelMapBits, rangeExponents, rescaledSums },
      };
    });
    const results = [{ plan: 0, top: quantised, layers: detail === 'full' ? layers : basic }];
    return { path: image, sha256: sha256(image), baseline, results };
  }

  it.each(['basic', 'full'] as const)('with %s counts finds what was analysed, and has the same digest', (detail) => {
    const order = newRun(3, { plans: [PLAN], detail });
    const images = order.dataset.images.map(({ path }) => path);
    const undisturbed = storeIn(storePath());
    const alone = undisturbed.createRun(order);
    alone.write(
      images.map((image) => outcome(image, detail)),
      1,
    );
    finishRun(alone);

    const path = storePath();
    const { measurements } = measurementsIn(path);
    for (const image of images.slice(0, 2)) measurements.keep(keyOf(image), measurementOf(image));
    const store = storeIn(path);
    const writer = store.createRun(order);
    expect(writer.hasResults()).toBe(true);
    expect(images.map((image) => writer.missing(sha256(image)))).toEqual([
      { baseline: false, plans: [] },
      { baseline: false, plans: [] },
      { baseline: true, plans: [0] },
    ]);
    writer.write(
      images.slice(0, 2).map((image) => ({ path: image, sha256: sha256(image), baseline: null, results: [] })),
      1,
    );
    expect(writer.pending().map((image) => image.path)).toEqual([images[2]]);
    writer.write([outcome(images[2]!, detail)], 1);
    finishRun(writer);
    expect(findRun(store, writer.runId)).toMatchObject({
      status: 'complete',
      resultsSha256: findRun(undisturbed, alone.runId).resultsSha256,
    });
    expect([...imageResults(store, writer.runId, 0)]).toEqual([...imageResults(undisturbed, alone.runId, 0)]);
  });

  it('leaves what was analysed when it is deleted, and takes the rest with it', () => {
    const path = storePath();
    const { measurements } = measurementsIn(path);
    measurements.keep(keyOf('image 0.jpg'), measurementOf('image 0.jpg'));
    const store = storeIn(path);
    const writer = store.createRun(newRun(2, { plans: [PLAN], detail: 'basic' }));
    writer.write([outcome('image 0.jpg', 'basic'), outcome('image 1.jpg', 'basic')], 1);
    finishRun(writer);
    store.deleteRuns([writer.runId]);
    expect(measurements.find(keyOf('image 0.jpg'))).toEqual(measurementOf('image 0.jpg'));
    expect([rows(path, 'results'), rows(path, 'images'), rows(path, 'series')]).toEqual([2, 1, 2]);
  });

  it('of another store does not bring along what only its analyses have', () => {
    const [here, there] = [storePath(), storePath()];
    const store = storeIn(there);
    const runId = completeRun(store, 3);
    const outcome = outcomeOf('image 0.jpg', 1);
    if ('failure' in outcome) throw new Error('expected results');
    const { measurements } = measurementsIn(there);
    measurements.keep(keyOf('image 0.jpg', { plan: OTHER_PLAN }), {
      ...measurementOf('image 0.jpg', OTHER_PLAN),
      baseline: outcome.baseline!,
    });
    measurements.keep(keyOf('photo'), measurementOf('photo'));
    const own = storeIn(here);
    expect(mergeStores(own, [there], () => true).added).toEqual([runId]);
    expect([rows(here, 'results'), rows(here, 'images'), rows(here, 'analyses')]).toEqual([3 * 3, 3, 0]);
    expect(rows(there, 'analyses')).toBe(2);
  });
});

describe('the bound', () => {
  const images = Array.from({ length: 60 }, (_, index) => `image ${index}.jpg`);
  /** Room for so many analyses of the test's model. */
  const roomFor = (count: number) => {
    const path = storePath();
    measurementsIn(path).measurements.keep(keyOf('one'), measurementOf('one'));
    return count * storeIn(path).db.prepare<[], number>('SELECT bytes FROM analyses').pluck().get()!;
  };

  it('drops those not used for longest, with all that nothing else needs', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const path = storePath();
    const { measurements, notes } = measurementsIn(path, roomFor(20));
    for (const [hour, image] of images.entries()) {
      vi.setSystemTime(hour * 3_600_000);
      measurements.keep(keyOf(image), measurementOf(image));
      // The first one is looked at again and again.
      expect(measurements.find(keyOf(images[0]!))).not.toBeNull();
    }
    const kept = images.filter((image) => measurements.find(keyOf(image)));
    expect(kept).toEqual([images[0], ...images.slice(1 - kept.length)]);
    expect(kept.length).toBeGreaterThanOrEqual(18);
    expect(kept.length).toBeLessThanOrEqual(20);
    expect([rows(path, 'images'), rows(path, 'results'), rows(path, 'layer_counts')]).toEqual([
      kept.length,
      2 * kept.length,
      kept.length,
    ]);
    expect(notes).toEqual([]);
  });

  it('keeps what runs use', () => {
    const path = storePath();
    const store = storeIn(path);
    const { measurements } = measurementsIn(path, roomFor(5));
    for (const image of images.slice(0, 4)) measurements.keep(keyOf(image), measurementOf(image));
    const writer = store.createRun(newRun(4, { plans: [PLAN], detail: 'basic' }));
    writer.write(
      images.slice(0, 4).map((image) => ({ path: image, sha256: sha256(image), baseline: null, results: [] })),
      1,
    );
    finishRun(writer);
    const before = [...imageResults(store, writer.runId, 0)];
    for (const image of images.slice(4)) measurements.keep(keyOf(image), measurementOf(image));
    expect(measurements.find(keyOf(images[0]!))).toBeNull();
    expect([...imageResults(store, writer.runId, 0)]).toEqual(before);
    expect(before).toHaveLength(4);
  });
});

describe('processes', () => {
  const start = (path: string, first: number, step: number) => {
    const script = join(import.meta.dirname, 'measurements-process.ts');
    const child = spawn(process.execPath, [script, path, String(first), String(step)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed: string[] = [];
    child.stdout.on('data', (chunk) => printed.push(String(chunk)));
    const lines = () => printed.join('').split('\n').slice(0, -1);
    const until = async (count: number) => {
      const gone = once(child, 'exit').then(() => {
        if (lines().length < count) throw new Error('The process ended by itself.');
      });
      while (lines().length < count) await Promise.race([once(child.stdout, 'data'), gone]);
    };
    return { child, lines, until };
  };

  it('keep side by side, and what they have told is there when they are killed', async () => {
    const path = storePath();
    openRunStore(path).close();
    // The second keeps every other image of the first.
    const [one, other] = [start(path, 0, 1), start(path, 0, 2)];
    await Promise.all([one.until(20), other.until(20)]);
    for (const { child } of [one, other]) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      expect((await exit)[1]).toBe('SIGKILL');
    }
    const { measurements } = measurementsIn(path);
    for (const image of [...one.lines(), ...other.lines()])
      expect(measurements.find(keyOf(image)), image).toEqual(measurementOf(image));
    const { db } = storeIn(path);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(rows(path, 'results')).toBe(2 * rows(path, 'analyses'));
  });
});

describe('a store that cannot be used', () => {
  function cutShort(path: string): void {
    const store = openRunStore(path);
    completeRun(store, 3);
    store.close();
    truncateSync(path, 10_000);
  }

  const cases: [string, (path: string) => void][] = [
    ['damaged', (path) => writeFileSync(path, 'no store')],
    ['cut short', cutShort],
    ['newer', (path) => openRunStore(path, { migrations: [...MIGRATIONS, 'SELECT 1'] }).close()],
    ['out of reach', (path) => writeFileSync(`${path}-folder`, '')],
  ];
  it.each(cases)('%s, costs a note and no more', async (what, prepare) => {
    const path = storePath();
    prepare(path);
    const { measurements, notes } = measurementsIn(what === 'out of reach' ? `${path}-folder/runs.sqlite` : path);
    expect(measurements.find(keyOf('photo'))).toBeNull();
    measurements.keep(keyOf('photo'), measurementOf('photo'));
    measurements.keepModel('stamp', openedModelOf(path));
    expect(await measurements.model(path)).toBeNull();
    expect(measurements.find(keyOf('photo'))).toBeNull();
    expect(notes).toEqual([expect.stringContaining('nothing is looked up in the run store, or kept there')]);
  });

  it('locked, is looked into all the same, and used again when it is free', () => {
    const path = storePath();
    const { measurements, notes } = measurementsIn(path);
    measurements.keep(keyOf('before'), measurementOf('before'));
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    measurements.keep(keyOf('meanwhile'), measurementOf('meanwhile'));
    expect(notes).toHaveLength(1);
    expect(measurements.find(keyOf('before'))).toEqual(measurementOf('before'));
    expect(measurements.find(keyOf('meanwhile'))).toBeNull();
    other.close();
    measurements.keep(keyOf('after'), measurementOf('after'));
    expect(measurements.find(keyOf('after'))).toEqual(measurementOf('after'));
    expect(notes).toHaveLength(1);
  });
});

it('a store of an older Fovea is brought up to date, with its runs as they were', () => {
  const path = storePath();
  const current = storeIn(storePath());
  const expected = findRun(current, completeRun(current, 3)).resultsSha256;
  // Runs are written by today's Fovea; what a version of then had is its tables.
  const copy = storePath();
  current.db.exec(`VACUUM INTO '${copy}'`);
  const old = new Database(copy);
  old.exec(
    'DROP TABLE analyses; DROP TABLE opened_models; DROP TABLE run_columns; DROP TABLE run_parts; DROP TABLE run_trials',
  );
  for (const column of ['starred', 'archived', 'deleted_at', 'first_success', 'maps_path', 'chosen_images'])
    old.exec(`ALTER TABLE runs DROP COLUMN ${column}`);
  old.exec('ALTER TABLE models DROP COLUMN left_out; ALTER TABLE results DROP COLUMN remarks');
  old.pragma('user_version = 2');
  old.close();
  copyFileSync(copy, path);
  const { measurements, notes } = measurementsIn(path);
  measurements.keep(keyOf('photo'), measurementOf('photo'));
  expect(measurements.find(keyOf('photo'))).toEqual(measurementOf('photo'));
  expect(notes).toEqual([]);
  expect(findRun(storeIn(path), 'a run')).toMatchObject({ status: 'complete', resultsSha256: expected });
});

describe('a model that was opened before', () => {
  function scene() {
    const folder = temporaryFolder({ 'tiny.onnx': 'tiny' });
    const path = join(folder, 'tiny.onnx');
    const { measurements, notes } = measurementsIn(join(folder, 'runs.sqlite'));
    const keep = (changes = {}) => measurements.keepModel(modelStamp(path, '0.1.0')!, openedModelOf(path, changes));
    return { folder, path, measurements, notes, keep };
  }

  it('is known as it was', async () => {
    const { path, measurements, keep, notes } = scene();
    expect(await measurements.model(path)).toBeNull();
    keep();
    expect(await measurements.model(path)).toEqual(openedModelOf(path));
    expect(notes).toEqual([]);
  });

  it('is another when its file has another time or size, or is gone', async () => {
    const { path, measurements, keep } = scene();
    const { atime, mtime } = statSync(path);
    keep();
    utimesSync(path, atime, new Date(mtime.getTime() + 1));
    expect(await measurements.model(path)).toBeNull();
    keep();
    writeFileSync(path, 'tiny and more');
    utimesSync(path, atime, mtime);
    expect(await measurements.model(path)).toBeNull();
    keep();
    rmSync(path);
    expect(await measurements.model(path)).toBeNull();
  });

  it('is another when a card comes, changes, or names other labels', async () => {
    const { folder, path, measurements, keep } = scene();
    keep();
    const card = (mean: number) => ({
      name: 'tiny',
      input: { ...openedModelOf(path).preprocessing, name: 'image', mean: [mean, 0, 0] },
      output: { name: 'scores', kind: 'logits' as const },
      labels: 'labels.txt',
    });
    const names = Array.from({ length: 10 }, (_, index) => `class ${index}`);
    const write = (mean: number, labels: readonly string[]) => {
      writeFileSync(join(folder, 'tiny.json'), JSON.stringify(card(mean)));
      writeFileSync(join(folder, 'labels.txt'), labels.join('\n'));
    };
    write(0.5, names);
    expect(await measurements.model(path)).toBeNull();
    keep({ card: card(0.5), preset: null, labels: names });
    expect(await measurements.model(path)).toMatchObject({ labels: names });
    write(0.6, names);
    expect(await measurements.model(path)).toBeNull();
    write(0.5, names.toReversed());
    expect(await measurements.model(path)).toBeNull();
    writeFileSync(join(folder, 'tiny.json'), '{');
    await expect(measurements.model(path)).rejects.toMatchObject({ code: 'card-invalid' });
  });

  it('is opened each time when it keeps weights in other files: its digest does not tell them', async () => {
    const { path, measurements, keep } = scene();
    keep({ externalFiles: ['weights.bin'] });
    expect(await measurements.model(path)).toBeNull();
  });
});
