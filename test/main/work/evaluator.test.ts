import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withNextStep, withSameCommand } from '../../../src-main/commands/next-step.ts';
import type { ModelRequest } from '../../../src-main/engine/inside/opened-model.ts';
import { evaluate, resume } from '../../../src-main/work/evaluate.ts';
import { Evaluator, type Images } from '../../../src-main/work/evaluator.ts';
import { RunEnded } from '../../../src-main/work/run-ended.ts';
import { THIS_PROCESS } from '../../../src-main/store/run-owner.ts';
import { findRun, listRuns, runFailures, runModel } from '../../../src-main/store/run-query.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import type { PixelChoices } from '../../../src-shared/preprocessing.ts';
import { fakeBench, heardWork, tinyModel } from '../fake-bench.ts';
import { outcomeOf, PLANS, sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const IMAGES = 12;
const MODEL = { id: 'tiny', path: '/models/tiny.onnx', embedded: false };
const ORDER = { name: 'a run', plans: PLANS, detail: 'basic', seed: 1 } as const;

/** A folder of images, a place for a store, and evaluators on them; `before` may throw for a call to an engine. */
function scene() {
  const folder = temporaryFolder();
  const root = join(folder, 'photos');
  mkdirSync(root);
  const images = Array.from({ length: IMAGES }, (_, index) => ({ path: `image ${index}.jpg`, label: null }));
  for (const { path } of images) writeFileSync(join(root, path), path);
  const dataset: Images = { root, labels: { kind: 'none' }, images };
  const work = heardWork();
  const open = async ({ before = (): void => undefined, cache = true } = {}) => {
    const bench = fakeBench(
      folder,
      {
        evaluate: ({ images: wanted, plans }) => {
          before();
          return wanted.map(({ path }) => outcomeOf(path.slice(path.lastIndexOf('/') + 1), plans.length));
        },
      },
      { cache },
    );
    const evaluator = await Evaluator.open({ model: MODEL, workers: 1 }, bench, work);
    onTestFinished(() => evaluator.close());
    return evaluator;
  };
  return { folder, root, dataset, work, open };
}

/** From now on another process has the store locked whenever something is to be written to it, and lets go of it once that has failed. */
function contended({ store }: Evaluator): void {
  const other = new Database(store.path);
  onTestFinished(() => void other.close());
  store.db.pragma('busy_timeout = 1');
  const write = store.write.bind(store);
  let isLocked = false;
  store.write = (action) => {
    isLocked = !isLocked;
    if (!isLocked) return write(action);
    other.exec('BEGIN IMMEDIATE');
    try {
      return write(action);
    } finally {
      other.exec('ROLLBACK');
    }
  };
}

/** Fails the second call to an engine: the run is begun then. */
function failingWith(error: FoveaError) {
  let calls = 0;
  return () => {
    if (calls++ > 0) throw error;
  };
}

/** Ends a run, and gives the error with the id of the run. */
async function endedRun(evaluator: Evaluator, dataset: Images): Promise<{ error: unknown; id: string }> {
  const error: unknown = await evaluator.run(dataset, ORDER).catch((thrown: unknown) => thrown);
  return { error, id: listRuns(evaluator.store)[0]!.id };
}

describe('an evaluator', () => {
  it('says when it is stopped how much is done and where', async () => {
    const { dataset, open } = scene();
    const evaluator = await open({ before: failingWith(new FoveaError('cancelled', 'cancelled')) });
    const { error, id } = await endedRun(evaluator, dataset);
    expect(findRun(evaluator.store, id)).toMatchObject({ status: 'cancelled', finished: 2 });
    expect(error).toBeInstanceOf(RunEnded);
    expect(error).toMatchObject({
      runId: id,
      code: 'cancelled',
      message: `stopped; 2 of 12 images are done and kept in run ${id}`,
    });
  });

  it('keeps to what ended a run, also where the run cannot even be marked as ended', async () => {
    const { dataset, open } = scene();
    const before = failingWith(new FoveaError('store-full', 'ended', 'Make room.'));
    const evaluator = await open({ before });
    const writeStore = evaluator.store.write.bind(evaluator.store);
    let writes = 0;
    evaluator.store.write = (action) => {
      // The run, its first result; then the disk is full.
      if (writes++ > 1) throw new FoveaError('store-full', 'still full');
      return writeStore(action);
    };
    const { error, id } = await endedRun(evaluator, dataset);
    expect(error).toMatchObject({ code: 'store-full', message: 'ended', next: 'Make room.' });
    // This process knows that it works on it no more: the run can go on at once.
    expect(findRun(evaluator.store, id).status).toBe('interrupted');
  });

  it('ends a run though another process has the store locked each time it writes from the first image on', async () => {
    const { dataset, open } = scene();
    let isContended = false;
    const evaluator: Evaluator = await open({
      before: () => {
        if (!isContended) contended(evaluator);
        isContended = true;
      },
    });
    expect(await evaluator.run(dataset, ORDER)).toMatchObject({ status: 'complete', finished: IMAGES });
  });

  it('says at once that another process has the store locked, where a run is to begin', async () => {
    const { dataset, open } = scene();
    const evaluator = await open();
    contended(evaluator);
    await expect(evaluator.run(dataset, ORDER)).rejects.toMatchObject({ code: 'store-locked' });
    expect(listRuns(evaluator.store)).toEqual([]);
  });

  it('leaves a run alone whose images are out of reach, and follows them where they have moved', async () => {
    const { dataset, folder, work, open, root } = scene();
    const stopped = await open({ before: failingWith(new FoveaError('cancelled', 'cancelled')) });
    const run = findRun(stopped.store, (await endedRun(stopped, dataset)).id);
    const moved = join(folder, 'moved');
    renameSync(root, moved);
    const evaluator = await open();
    const out = { code: 'dataset-unreadable', runId: run.id, message: expect.stringContaining(`${root}: `) };
    await expect(evaluator.resume(run, root)).rejects.toMatchObject(out);
    mkdirSync(root);
    await expect(evaluator.resume(run, root)).rejects.toMatchObject(out);
    expect(findRun(evaluator.store, run.id)).toEqual(run);
    const resumed = await evaluator.resume(run, moved);
    expect(resumed).toMatchObject({ status: 'complete', finished: IMAGES, failed: 0, dataset: { path: moved } });
    expect(work.notes).not.toContainEqual({ note: 'older-results-anew' });
  });

  it('waits for the very same that a process is at work on, and tells it', async () => {
    const { dataset, work, open } = scene();
    let calls = 0;
    const [first, second] = [await open(), await open({ before: () => void calls++ })];
    const begun = await first.begin(dataset, ORDER);
    await first.work(begun, PLANS);
    // Nothing ends the first but that the second has said that it waits.
    const { note } = work;
    work.note = (told) => {
      note(told);
      if (told.note === 'follows') void first.finish(begun);
    };
    const { runId } = begun.writer;
    expect(await second.run(dataset, { ...ORDER, again: 'unfinished' })).toMatchObject({
      id: runId,
      status: 'complete',
    });
    expect(work.notes).toContainEqual({ note: 'follows', run: runId, owner: THIS_PROCESS.owner });
    expect(listRuns(second.store)).toHaveLength(1);
    expect(calls).toBe(0);
  });

  it('may be told to refuse what is at work already, though not another name or other images', async () => {
    const { dataset, open } = scene();
    const evaluator = await open();
    const { runId } = (await evaluator.begin(dataset, ORDER)).writer;
    await expect(evaluator.run(dataset, { ...ORDER, again: 'refused' })).rejects.toMatchObject({
      code: 'not-allowed',
      message: expect.stringContaining(`run ${runId} is at work`) as string,
    });
    const fewer = { ...dataset, images: dataset.images.slice(1) };
    expect(await evaluator.run(fewer, { ...ORDER, again: 'refused' })).toMatchObject({ status: 'complete' });
    expect(await evaluator.run(dataset, { ...ORDER, name: 'another', again: 'refused' })).toMatchObject({
      finished: 12,
    });
  });

  it('waits for no process of another host that is at work on other images of the same order', async () => {
    const { dataset, work, open } = scene();
    const evaluator = await open();
    await evaluator.begin({ ...dataset, images: dataset.images.slice(1) }, ORDER);
    const elsewhere = `owner = 'node7:1', owner_space = 'of node7', owner_token = 'theirs', seen_at = ${Date.now()}`;
    evaluator.store.db.exec(`UPDATE runs SET ${elsewhere}`);
    // Were it waited for, it is known to be gone at once.
    const { note } = work;
    work.note = (told) => {
      note(told);
      evaluator.store.db.exec("UPDATE runs SET seen_at = 0 WHERE owner = 'node7:1'");
    };
    expect(await evaluator.run(dataset, { ...ORDER, again: 'unfinished' })).toMatchObject({ finished: IMAGES });
    expect(work.notes).not.toContainEqual(expect.objectContaining({ note: 'waits-for-owner' }));
  });

  it('goes on with the same order, or begins another when nothing is to be looked up', async () => {
    const { dataset, open } = scene();
    let calls = 0;
    const before = () => void calls++;
    const evaluator = await open({ before });
    const again = { digests: await evaluator.digests(dataset), grows: false };
    const first = await evaluator.run(dataset, { ...ORDER, again });
    const measured = calls;
    expect((await evaluator.run(dataset, { ...ORDER, again })).id).toBe(first.id);
    expect(calls).toBe(measured);
    const anew = await (await open({ before, cache: false })).run(dataset, { ...ORDER, again });
    expect(anew.id).not.toBe(first.id);
    expect(calls).toBe(2 * measured);
    expect(anew.resultsSha256).toBe(first.resultsSha256);
  });

  describe('at a shard', () => {
    const SHARD = { ...ORDER, shard: { index: 2, count: 3 } };

    /** A task that was killed on another machine in the midst of a shard, as a store says. */
    async function killedElsewhere() {
      const { dataset, work, open } = scene();
      const killed = await open();
      const { writer } = await killed.begin(dataset, SHARD);
      writer.write([outcomeOf(writer.pending()[0]!.path, PLANS.length)], 1);
      const seen = (changes: string) =>
        killed.store.db.prepare(`UPDATE runs SET owner = 'node7:1', owner_space = 'of node7', ${changes}`).run();
      return { dataset, work, open, seen, id: writer.runId };
    }

    it('goes on with the run of a task that was killed on another machine, once that is known to be gone', async () => {
      const { dataset, work, open, seen, id } = await killedElsewhere();
      seen(`seen_at = ${Date.now() + 3_000}`);
      const again = (await open()).run(dataset, SHARD);
      await expect.poll(() => work.notes).toContainEqual({ note: 'waits-for-owner', run: id, owner: 'node7:1' });
      seen('seen_at = 0');
      expect(await again).toMatchObject({ id, status: 'complete', images: 4, finished: 4 });
    });

    it('leaves it to a task that is still at work, and says what to do', async () => {
      const { dataset, work, open, seen, id } = await killedElsewhere();
      seen(`seen_at = ${Date.now()}`);
      const again = (await open()).run(dataset, SHARD);
      const refused = expect(again).rejects.toMatchObject({
        code: 'store-locked',
        message: expect.stringContaining('node7:1'),
        next: expect.stringContaining('a store of its own'),
      });
      await expect.poll(() => work.notes).toContainEqual(expect.objectContaining({ note: 'waits-for-owner' }));
      seen('seen_at = seen_at + 1');
      await refused;
      expect(listRuns((await open()).store)).toMatchObject([{ id, finished: 1 }]);
    });

    it('that is complete has nothing to do, and measured anew is another run', async () => {
      const { dataset, open } = scene();
      let calls = 0;
      const before = () => void calls++;
      const first = await (await open({ before })).run(dataset, SHARD);
      expect(first.id).toMatch(/^shard-2-of-3-[0-9a-f]{12}$/);
      const measured = calls;
      expect(await (await open({ before })).run(dataset, SHARD)).toMatchObject({ id: first.id, status: 'complete' });
      expect(calls).toBe(measured);
      const anew = await (await open({ before, cache: false })).run(dataset, SHARD);
      expect([anew.id === first.id, anew.resultsSha256]).toEqual([false, first.resultsSha256]);
      expect((await (await open()).run(dataset, { ...SHARD, shard: { index: 1, count: 3 } })).id).not.toBe(first.id);
    });
  });

  it('tells that results of an older version are computed anew', async () => {
    const { dataset, work, open, root } = scene();
    const evaluator = await open();
    const run = await evaluator.run(dataset, ORDER);
    evaluator.store.db.exec('UPDATE series SET results_version = 0');
    expect(await evaluator.resume(run, root)).toMatchObject({ status: 'complete', finished: IMAGES });
    expect(work.notes.at(-1)).toEqual({ note: 'older-results-anew' });
  });
});

describe('a run with importance maps', () => {
  const given = [resolvePlan({ metric: 'given' })];

  /** As `scene`, with a map beside each image but the last; the engines say which maps they were told. */
  function mapped() {
    const own = scene();
    const { root, folder, dataset } = own;
    const write = (index: number, text: string) => writeFileSync(join(root, `image ${index}.map.csv`), text);
    for (let index = 0; index < IMAGES - 1; index++) write(index, '0,1');
    const told = new Map<string, string | undefined>();
    const open = async (before = (): void => undefined) => {
      const bench = fakeBench(folder, {
        evaluate: ({ images, plans }) => {
          before();
          return images.map(({ path, map }) => {
            told.set(path, map?.sha256);
            return outcomeOf(path.slice(path.lastIndexOf('/') + 1), plans.length);
          });
        },
      });
      const evaluator = await Evaluator.open({ model: MODEL, workers: 1 }, bench, own.work);
      onTestFinished(() => evaluator.close());
      return evaluator;
    };
    return { ...own, dataset, write, told, open, order: { ...ORDER, plans: given } };
  }

  it('gives each image its own, keeps their digests, and lets an image without one fail alone', async () => {
    const { dataset, open, told, root, order, write } = mapped();
    write(3, '1,0');
    const evaluator = await open();
    const run = await evaluator.run(dataset, order);
    expect(run).toMatchObject({ status: 'complete', finished: IMAGES - 1, failed: 1 });
    expect(told.get(join(root, 'image 3.jpg'))).toBe(sha256('1,0'));
    expect(told.get(join(root, 'image 4.jpg'))).toBe(sha256('0,1'));
    expect(told.size).toBe(IMAGES - 1);
    expect(runModel(evaluator.store, run.id).settings.maps).toMatchObject({
      'image 3.jpg': sha256('1,0'),
      'image 4.jpg': sha256('0,1'),
      'image 11.jpg': null,
    });
    expect(runFailures(evaluator.store, run.id)).toMatchObject([{ path: 'image 11.jpg', code: 'map-missing' }]);
  });

  it('is another with other maps, to its digest, and looks nothing up of the first', async () => {
    const { dataset, open, told, order, write } = mapped();
    const evaluator = await open();
    const first = await evaluator.run(dataset, order);
    told.clear();
    expect((await evaluator.run(dataset, order)).resultsSha256).toBe(first.resultsSha256);
    expect(told.size).toBe(0);
    write(3, '1,0');
    const second = await evaluator.run(dataset, order);
    expect(told.size).toBe(IMAGES - 1);
    // These engines answer the same whatever the map: the digest tells the maps themselves.
    expect(second.resultsSha256).not.toBe(first.resultsSha256);
  });

  it('is gone on with under the maps that it began with alone', async () => {
    const { dataset, root, open, write, order, work } = mapped();
    const stopped = await open(failingWith(new FoveaError('cancelled', 'cancelled')));
    await stopped.run(dataset, order).catch(() => undefined);
    const run = listRuns(stopped.store)[0]!;
    expect(run).toMatchObject({ status: 'cancelled', finished: 2 });
    write(7, '1,0');
    rmSync(join(root, 'image 8.map.csv'));
    // One that had none has none, though there is one by now.
    write(11, '0,1');
    const evaluator = await open();
    expect(await evaluator.resume(run, root)).toMatchObject({ status: 'complete', finished: IMAGES - 3, failed: 3 });
    expect(work.notes.at(-1)).toEqual({ note: 'maps-changed', edited: ['image 7.jpg'], gone: ['image 8.jpg'] });
    expect(runFailures(evaluator.store, run.id)).toMatchObject([
      { path: 'image 11.jpg', code: 'map-missing' },
      {
        path: 'image 7.jpg',
        code: 'map-invalid',
        reason: `${join(root, 'image 7.map.csv')}: is not the map that run ${run.id} began with`,
      },
      { path: 'image 8.jpg', code: 'map-missing' },
    ]);
    // Brought back, they are done.
    write(7, '0,1');
    write(8, '0,1');
    expect(await evaluator.resume(run, root)).toMatchObject({ finished: IMAGES - 1, failed: 1 });
  });

  it('is gone on with under the maps of the folder that it began with, or of the one that is named by then', async () => {
    const { dataset, root, folder, open, order, told } = mapped();
    const [maps, moved] = [join(folder, 'maps'), join(folder, 'moved')];
    mkdirSync(maps);
    for (let index = 0; index < IMAGES; index++) writeFileSync(join(maps, `image ${index}.csv`), '0,1');
    const stopped = await open(failingWith(new FoveaError('cancelled', 'cancelled')));
    await stopped.run(dataset, { ...order, maps }).catch(() => undefined);
    const run = listRuns(stopped.store)[0]!;
    expect(run.dataset.maps).toBe(maps);
    renameSync(maps, moved);
    const evaluator = await open();
    await expect(evaluator.resume(run, root)).rejects.toMatchObject({
      code: 'map-missing',
      message: expect.stringContaining(`none of the importance maps of run ${run.id} is what it was: `),
      next: expect.stringContaining('--maps'),
    });
    expect(await evaluator.resume(run, root, moved)).toMatchObject({
      status: 'complete',
      finished: IMAGES,
      dataset: { maps: moved },
    });
    expect(told.size).toBe(IMAGES);
  });

  it('does not begin where no image has any', async () => {
    const { dataset, open, order, folder } = mapped();
    const evaluator = await open();
    await expect(evaluator.run(dataset, { ...order, maps: folder })).rejects.toMatchObject({
      code: 'map-missing',
      message: expect.stringContaining('none of the 12 images has a map that can be used'),
    });
    expect(listRuns(evaluator.store)).toEqual([]);
  });
});

describe('the command line', () => {
  const place = { dataFolder: '/data', db: '/my runs.sqlite' };
  const ended = (code: 'cancelled' | 'store-full' | 'dataset-unreadable', next = '') =>
    Promise.reject(new RunEnded('42', new FoveaError(code, 'ended', next)));

  it('says after a run has ended what to type, with the store where it is not the default one', async () => {
    await expect(withNextStep(place, () => ended('cancelled'))).rejects.toMatchObject({
      code: 'cancelled',
      message: 'ended',
      next: "Go on with: fovea batch --resume 42 --db '/my runs.sqlite'",
    });
    await expect(
      withNextStep({ ...place, db: '/data/runs.sqlite' }, () => ended('store-full', 'Make room.')),
    ).rejects.toMatchObject({ code: 'store-full', next: 'Make room. Go on with: fovea batch --resume 42' });
    await expect(withNextStep(place, () => ended('dataset-unreadable', 'Mount it.'))).rejects.toMatchObject({
      next: "Mount it. For a folder that has moved: fovea batch FOLDER --resume 42 --db '/my runs.sqlite'",
    });
    await expect(withSameCommand(() => ended('store-full', 'Make room.'))).rejects.toMatchObject({
      next: 'Make room. Give the same command again: what is done is not computed anew.',
    });
  });
});

it('goes on reading photos as the run began to, however else they are read by now', async () => {
  const folder = temporaryFolder();
  const root = join(folder, 'photos');
  mkdirSync(root);
  writeFileSync(join(root, 'a.jpg'), 'a');
  const asked: unknown[] = [];
  const benchOf = (pixels: PixelChoices) => {
    const open = ({ model }: { model: ModelRequest }) => {
      asked.push(model.pixels);
      const opened = tinyModel(model);
      const { colours = 'as-published', decoding = 'full' } = model.pixels ?? {};
      return { ...opened, preprocessing: { ...opened.preprocessing, colours, decoding } };
    };
    return fakeBench(folder, { open }, { pixels });
  };
  const images = { root, labels: { kind: 'none' }, images: [{ path: 'a.jpg', label: null }] } as const;
  const order = { ...ORDER, model: MODEL, images, plans: () => PLANS, workers: 1 };
  const { run } = await evaluate(benchOf({ decoding: 'fast' }), order, heardWork());
  const again = await resume(benchOf({}), { run: run.id, model: MODEL, workers: 1 }, heardWork());
  expect(asked).toEqual([{ decoding: 'fast' }, { colours: 'as-published', decoding: 'fast' }]);
  expect(again.run.model.settingsSha256).toBe(run.model.settingsSha256);
});

describe('a run on a GPU', () => {
  const one = (folder: string) => {
    const root = join(folder, 'photos');
    mkdirSync(root);
    writeFileSync(join(root, 'a.jpg'), 'a');
    return { root, labels: { kind: 'none' }, images: [{ path: 'a.jpg', label: null }] } as const;
  };

  it('goes on there whatever the bench has, and its results are its own', async () => {
    const folder = temporaryFolder();
    const asked: unknown[] = [];
    const evaluated: (readonly [unknown, number])[] = [];
    const bench = () =>
      fakeBench(folder, {
        open: ({ model }) => (asked.push(model.device), tinyModel(model)),
        evaluate: ({ model, images, plans }) => {
          evaluated.push([model.device, images.length]);
          return images.map(({ path }) => outcomeOf(path, plans.length));
        },
      });
    const order = { ...ORDER, model: MODEL, images: one(folder), plans: () => PLANS, workers: 1 };
    const onCpu = await evaluate(bench(), order, heardWork());
    const onGpu = await evaluate(bench(), { ...order, device: 'webgpu' }, heardWork());
    const again = await resume(bench(), { run: onGpu.run.id, model: MODEL, workers: 1 }, heardWork());
    expect(asked).toEqual([undefined, 'webgpu', 'webgpu']);
    // What the CPU has measured of the same photo and plans is not looked up.
    expect(evaluated).toEqual([
      [undefined, 1],
      ['webgpu', 1],
    ]);
    expect([onCpu.run.model.device, onGpu.run.model.device, again.run.id]).toEqual(['cpu', 'webgpu', onGpu.run.id]);
    expect(onGpu.run.model.settingsSha256).not.toBe(onCpu.run.model.settingsSha256);
  });

  it('finds ranges on the CPU: they are the model’s own', async () => {
    const folder = temporaryFolder();
    const calibrated: unknown[] = [];
    const bench = fakeBench(folder, {
      calibrate: ({ model, images }) => {
        calibrated.push('device' in model);
        return {
          ranges: Object.fromEntries(tinyModel(model).layers.map(({ name }) => [name, 1])),
          histograms: {},
          images: images.length,
          failed: [],
        };
      },
    });
    const plans = [resolvePlan({ range: 'layer' })];
    const order = { ...ORDER, model: MODEL, images: one(folder), plans: () => plans, workers: 1 };
    const { run } = await evaluate(bench, { ...order, device: 'webgpu' }, heardWork());
    expect([calibrated, run.model.device]).toEqual([[false], 'webgpu']);
  });
});
