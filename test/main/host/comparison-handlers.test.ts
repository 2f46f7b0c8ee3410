import Database from 'better-sqlite3';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runsCompare } from '../../../src-main/commands/runs-command.ts';
import { fileDigest } from '../../../src-main/files/digest.ts';
import { comparisonHandlers } from '../../../src-main/host/comparison-handlers.ts';
import { type ImageReader, imageShelf } from '../../../src-main/images/image-shelf.ts';
import { KeptImages } from '../../../src-main/store/kept-images.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { comparisonDocument } from '../../../src-shared/runs/comparison-document.ts';
import { decodeColumns, imagesOf } from '../../../src-shared/runs/comparison-columns.ts';
import { fakeBench, heardWork } from '../fake-bench.ts';
import { completeRun, finishRun, newRun, outcomeOf, PLANS, sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const images: ImageReader = {
  size: () => Promise.resolve({ width: 4, height: 3 }),
  picture: (path, maxSide, purpose) =>
    Promise.resolve({ mime: `image/${purpose}`, bytes: Uint8Array.of(path.length), width: maxSide, height: 1 }),
  map: () => Promise.reject(new Error('no maps are meant')),
  levels: () => Promise.reject(new Error('no maps are asked for')),
};

/** Handlers over a store of their own, as a page asks them. */
function scene() {
  const folder = temporaryFolder();
  const bench = fakeBench(folder, {});
  const kept = new KeptImages(bench.dataFolder);
  const shelf = imageShelf(folder, images);
  const handlers = comparisonHandlers({ bench, kept, shelf, images });
  const store = openRunStore(bench.db);
  onTestFinished(() => store.close());
  const sides = (...runs: readonly string[]) => ({ sides: runs.map((runId) => ({ runId, plan: 0 })) });
  const compare = async (...runs: readonly string[]) => handlers['runs.compare'](sides(...runs), heardWork());
  return { folder, bench, kept, handlers, store, compare };
}

describe('runs.compare', () => {
  it('gives the figures of fovea runs compare, and the images of each cell', async () => {
    const { store, compare } = scene();
    const runs = [completeRun(store, 30), completeRun(store, 20, { plans: [PLANS[1]!] })];
    const compared = await compare(...runs);
    const { json } = runsCompare(
      store,
      runs.map((run) => `${run}:1`),
    );
    const figures = {
      ...comparisonDocument(compared, [], builtinAccelerators()),
      disagreements: expect.anything() as unknown,
    };
    expect(json).toMatchObject(figures);
    const columns = decodeColumns(compared.columns);
    const table = compared.comparison.paired[0]!.top1;
    for (const cell of ['bothRight', 'onlyFirst', 'onlyOther', 'bothWrong'] as const)
      expect(imagesOf(columns, 1, 'top1', cell)).toHaveLength(table[cell]);
    expect(columns).toMatchObject({ count: 20 });
  });

  it('pairs images by what is in them, whatever they are called and wherever they lie', async () => {
    const { store, compare } = scene();
    const first = completeRun(store, 6);
    const run = newRun(6, { name: 'renamed' });
    const renamed = run.dataset.images.map(({ label }, index) => ({ path: `other/${9 - index}.png`, label }));
    const writer = store.createRun({ ...run, dataset: { ...run.dataset, path: '/moved', images: renamed } });
    writer.write(
      renamed.map(({ path }, index) => ({ ...outcomeOf(`image ${index}.jpg`, 2), path })),
      1,
    );
    finishRun(writer);
    const { comparison, columns } = await compare(first, writer.runId);
    expect(comparison).toMatchObject({ images: 6, judged: 6, contradicting: 0 });
    // The same machine answered the same image: the two answers of every pair are one.
    const decoded = decodeColumns(columns);
    expect(decoded.sides[1]!.classes).toEqual(decoded.sides[0]!.classes);
    expect(decoded.sides[1]!.indexes).not.toEqual(decoded.sides[0]!.indexes);
  });

  it('compares what is there of a run that goes on, was stopped, or failed', async () => {
    const { store, compare } = scene();
    const first = completeRun(store, 8);
    for (const status of ['cancelled', 'failed'] as const) {
      const writer = store.createRun(newRun(8, { name: status }));
      writer.write(
        [0, 1, 2].map((index) => outcomeOf(`image ${index}.jpg`, 2)),
        1,
      );
      expect(await compare(first, writer.runId)).toMatchObject({
        sides: [{ run: { status: 'complete' } }, { run: { status: 'running', finished: 3, images: 8 } }],
        comparison: { images: 3 },
      });
      writer.finish(status);
      expect(await compare(first, writer.runId)).toMatchObject({
        sides: [{}, { run: { status, finished: 3 } }],
        comparison: { images: 3 },
      });
    }
  });

  it('judges nothing by labels that contradict each other, and says of how many', async () => {
    const { store, compare } = scene();
    const run = newRun(5);
    const other = run.dataset.images.map(({ path, label }) => ({ path, label: label === 0 ? 0 : 7 }));
    const runs = [completeRun(store, 5), completeRun(store, 5, { dataset: { ...run.dataset, images: other } })];
    expect((await compare(...runs)).comparison).toMatchObject({ images: 5, judged: 1, contradicting: 4 });
    expect(
      runsCompare(
        store,
        runs.map((id) => `${id}:1`),
      ).text,
    ).toContain('Of 4 images the runs have different labels: use the same label file in each');
  });

  it('has nothing to say of runs without a common image', async () => {
    const { store, compare } = scene();
    const run = newRun(2);
    const elsewhere = ['x.jpg', 'y.jpg'].map((path) => ({ path, label: 1 }));
    const runs = [completeRun(store, 2), completeRun(store, 2, { dataset: { ...run.dataset, images: elsewhere } })];
    expect(await compare(...runs)).toMatchObject({
      comparison: { images: 0, accuracies: null, paired: [] },
      bits: [],
      energy: [],
      layers: [],
    });
  });

  it('does not begin a comparison that is cancelled while it waits in line', async () => {
    const { store, handlers } = scene();
    const runId = completeRun(store, 2);
    const work = heardWork();
    const side = { runId, plan: 0 };
    const asked = handlers['runs.compare']({ sides: [side, side] }, work);
    work.stop.abort();
    await expect(Promise.resolve(asked)).rejects.toBe(work.signal.reason);
  });

  it('refuses another model, a run that another window deleted, and more than ten', async () => {
    const { store, compare } = scene();
    const first = completeRun(store, 2);
    const other = completeRun(store, 2, { model: { ...newRun(0).model, id: 'large', sha256: sha256('large') } });
    await expect(compare(first, other)).rejects.toThrow(/is of another model: large, not tiny/);
    const second = completeRun(store, 2, { name: 'second' });
    store.hideRun(second);
    await expect(compare(first, second)).rejects.toMatchObject({ code: 'run-unknown' });
    await expect(compare(...Array<string>(11).fill(first))).rejects.toThrow('11 plans are too many to compare');
    expect((await compare(...Array<string>(10).fill(first))).comparison.paired).toHaveLength(9);
  });
});

describe('a store that cannot be used', () => {
  it('is said to be damaged or of a newer Fovea, and is not touched', async () => {
    const { bench, handlers, store } = scene();
    store.close();
    const file = new Database(bench.db);
    file.pragma('user_version = 99');
    file.close();
    const listed = async () => handlers['runs.listed']({}, heardWork());
    await expect(listed()).rejects.toMatchObject({ code: 'store-newer' });
    writeFileSync(bench.db, 'no database at all '.repeat(100));
    await expect(listed()).rejects.toMatchObject({ code: 'store-damaged' });
  });
});

describe('runs.image', () => {
  it('finds the original, says when it has changed or is gone, and shows what was kept', async () => {
    const { folder, handlers, store, kept } = scene();
    const files = ['here.jpg', 'changed.jpg', 'gone.jpg', 'kept.jpg'];
    for (const name of files) writeFileSync(join(folder, name), name);
    const run = newRun(0);
    const own = files.toSorted().map((path) => ({ path, label: null }));
    const digests = new Map(
      await Promise.all(files.map(async (name) => [name, await fileDigest(join(folder, name))] as const)),
    );
    const writer = store.createRun({ ...run, dataset: { ...run.dataset, path: folder, images: own } });
    writer.write(
      own.map(({ path }) => ({ ...outcomeOf(path, 2), sha256: digests.get(path)! })),
      1,
    );
    finishRun(writer);
    writeFileSync(join(folder, 'changed.jpg'), 'another image');
    for (const name of ['gone.jpg', 'kept.jpg']) rmSync(join(folder, name));
    kept.preview = (digest) => Promise.resolve(digest === digests.get('kept.jpg') ? join(folder, 'here.jpg') : null);
    const ask = async (image: number) => handlers['runs.image']({ runId: writer.runId, image }, heardWork());
    expect(await ask(0)).toMatchObject({
      kind: 'missing',
      error: { message: expect.stringContaining('is another image than the one that was measured') as string },
    });
    expect(await ask(1)).toMatchObject({
      kind: 'missing',
      error: { next: expect.stringContaining('results are kept') as string },
    });
    expect(await ask(2)).toMatchObject({ kind: 'original', image: { name: 'here.jpg' } });
    expect(await ask(3)).toMatchObject({ kind: 'preview', preview: { mime: 'image/preview' } });
    await expect(ask(9)).rejects.toMatchObject({ code: 'image-missing' });
  });
});

it('renames, notes, stars, archives, and brings a deleted run back', async () => {
  const { handlers, store } = scene();
  const runId = completeRun(store, 2);
  const work = heardWork();
  await handlers['runs.update']({ runId, name: 'new name', note: 'a note', starred: true, archived: true }, work);
  expect(await handlers['runs.listed']({}, work)).toMatchObject([
    {
      id: runId,
      name: 'new name',
      note: 'a note',
      starred: true,
      archived: true,
      macWeightedLockstepBits: expect.any(Number) as number,
    },
  ]);
  store.hideRun(runId);
  await expect(Promise.resolve(handlers['runs.update']({ runId, name: 'x' }, work))).rejects.toMatchObject({
    code: 'run-unknown',
  });
  await handlers['runs.restore']({ runId }, work);
  expect(await handlers['runs.comparable']({ runId }, work)).toEqual([{ runId, images: 2, reason: null }]);
});

it('says of a run that stopped at first successes why it cannot be compared, as of the runs beside one', async () => {
  const { handlers, store } = scene();
  const whole = completeRun(store, 2);
  const stopped = completeRun(store, 2, { firstSuccess: true });
  const reasons = async (runId: string) =>
    (await handlers['runs.comparable']({ runId }, heardWork())).map((answer) => [answer.runId, answer.reason]);
  expect(await reasons(whole)).toContainEqual([stopped, 'stopped at first successes: its plans lack images']);
  expect(await reasons(stopped)).toContainEqual([whole, 'the baseline stopped at first successes']);
});
