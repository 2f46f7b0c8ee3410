import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CommandContext } from '../../../src-main/commands/command-line.ts';
import type { EvaluatedImage, TaskInput } from '../../../src-main/engine/engine-protocol.ts';
import type { Dataset } from '../../../src-main/datasets/dataset.ts';
import { FolderSession, shardOf, workerCount } from '../../../src-main/work/folder-session.ts';
import { findRun, listRuns } from '../../../src-main/store/run-query.ts';
import type { Bench } from '../../../src-main/work/bench.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { CLASSES, LAYERS, outcomeOf, PLANS, sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const GIB = 2 ** 30;

describe('workerCount', () => {
  it('is one a core while memory lasts, and never none', () => {
    expect(workerCount(8, 32 * GIB, 5e6)).toBe(8);
    // VGG-16: 553 MB, two and a half times, and the engine itself.
    expect(workerCount(8, 8 * GIB, 553e6)).toBe(3);
    expect(workerCount(8, GIB / 4, 553e6)).toBe(1);
    expect(workerCount(1, 64 * GIB, 5e6)).toBe(1);
  });
});

describe('shardOf', () => {
  const paths = Array.from({ length: 3000 }, (_, index) => `${index}.jpg`);
  const digests = new Map(paths.map((path, index) => [path, index % 100 === 0 ? null : sha256(path)]));

  it('puts every image into exactly one of about equal shards', () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7].map(
      (shard) => paths.filter((path) => shardOf(path, digests, 7) === shard).length,
    );
    expect(sizes.reduce((a, b) => a + b)).toBe(3000);
    for (const size of sizes) expect(Math.abs(size - 3000 / 7)).toBeLessThan(80);
  });

  it('goes by content: a photo that was renamed stays in its shard', () => {
    const renamed = new Map([...digests].map(([path, digest]) => [`moved/${path}`, digest]));
    for (const path of paths)
      if (digests.get(path)) expect(shardOf(`moved/${path}`, renamed, 7)).toBe(shardOf(path, digests, 7));
  });
});

/** Answers as `outcomeOf` does; `before` may throw for a call. */
function fakeEngine(before: () => void) {
  const tasks = {
    open: () => ({
      path: '/models/tiny.onnx',
      sha256: sha256('tiny'),
      bytes: 1000,
      card: null,
      preset: null,
      preprocessing: {},
      outputKind: 'probabilities',
      labels: CLASSES,
      classes: CLASSES.length,
      layers: LAYERS,
    }),
    evaluate: ({ images }: TaskInput<'evaluate'>) => {
      before();
      return images.map(({ path }) =>
        outcomeOf(path.slice(path.lastIndexOf('/') + 1), PLANS.length),
      ) as EvaluatedImage[];
    },
  };
  const run = async (name: keyof typeof tasks, input: TaskInput<'evaluate'>) => tasks[name](input);
  return { run, close: () => undefined };
}

const IMAGES = 12;

/** A folder of images, a place for a store, and sessions on them; `before` may throw for a call to an engine. */
function sessions() {
  const folder = temporaryFolder();
  const root = join(folder, 'photos');
  mkdirSync(root);
  const images = Array.from({ length: IMAGES }, (_, index) => ({ path: `image ${index}.jpg`, label: null }));
  for (const { path } of images) writeFileSync(join(root, path), path);
  const dataset = { root, labels: { kind: 'none' }, images } as unknown as Dataset;
  const notes: string[] = [];
  const context: CommandContext = {
    version: '0.1.0',
    dataFolder: join(folder, 'data'),
    db: join(folder, 'my runs.sqlite'),
    signal: new AbortController().signal,
    note: (message) => void notes.push(message),
    progress: () => undefined,
  };
  const open = async ({ before = (): void => undefined, db = context.db, oneRun = true, workers = 1 } = {}) => {
    const workbench = {
      version: '0.1.0',
      dataFolder: context.dataFolder,
      startEngines: (count: number) => Array.from({ length: count }, () => fakeEngine(before)),
    } as unknown as Bench;
    const model = { id: 'tiny', path: '/models/tiny.onnx' } as Parameters<typeof FolderSession.open>[0]['model'];
    const session = await FolderSession.open({ model, workers, oneRun }, workbench, { ...context, db });
    onTestFinished(() => session.close());
    return session;
  };
  return { folder, root, dataset, notes, context, open };
}

const ORDER = { name: 'a run', plans: PLANS, detail: 'basic', seed: 1 } as const;

/** Fails the second call to an engine: the run is begun then. */
function failingWith(error: FoveaError) {
  let calls = 0;
  return () => {
    if (calls++ > 0) throw error;
  };
}

/** Ends a run, and gives the error with the id of the run. */
async function endedRun(session: FolderSession, dataset: Dataset): Promise<{ error: unknown; id: string }> {
  const error: unknown = await session.run(dataset, ORDER).catch((thrown: unknown) => thrown);
  return { error, id: listRuns(session.store)[0]!.id };
}

describe('a session', () => {
  it('says after Ctrl-C what to type, with the store where it is not the default one', async () => {
    const { context, dataset, open } = sessions();
    const session = await open({ before: failingWith(new FoveaError('cancelled', 'cancelled')) });
    const { error, id } = await endedRun(session, dataset);
    expect(findRun(session.store, id)).toMatchObject({ status: 'cancelled', finished: 2 });
    expect(error).toMatchObject({
      code: 'cancelled',
      message: `stopped; 2 of 12 images are done and kept in run ${id}`,
      next: `Go on with: fovea batch --resume ${id} --db '${context.db}'`,
    });
    const byDefault = await open({
      before: failingWith(new FoveaError('cancelled', 'cancelled')),
      db: join(context.dataFolder, 'runs.sqlite'),
    });
    const other = await endedRun(byDefault, dataset);
    expect(other.error).toMatchObject({ next: `Go on with: fovea batch --resume ${other.id}` });
  });

  it('says how to go on with a run that was ended by its store, and keeps to the first error', async () => {
    const { context, dataset, open } = sessions();
    for (const code of ['store-full', 'store-locked'] as const) {
      const session = await open({ before: failingWith(new FoveaError(code, 'ended', 'Make room.')) });
      const { error, id } = await endedRun(session, dataset);
      const next = `Make room. Go on with: fovea batch --resume ${id} --db '${context.db}'`;
      expect(error).toMatchObject({ code, message: 'ended', next });
    }
    const before = failingWith(new FoveaError('store-full', 'ended', 'Make room.'));
    const search = await endedRun(await open({ before, oneRun: false }), dataset);
    expect(search.error).toMatchObject({
      next: 'Make room. Give the same command again: what is done is not computed anew.',
    });
  });

  it('keeps to what ended a run where the run cannot even be marked as ended', async () => {
    const { dataset, open } = sessions();
    const session: FolderSession = await open({
      before: failingWith(new FoveaError('store-full', 'ended', 'Make room.')),
    });
    const writeStore = session.store.write.bind(session.store);
    let writes = 0;
    session.store.write = (action) => {
      // The run, its first result; then the disk is full.
      if (writes++ > 1) throw new FoveaError('store-full', 'still full');
      return writeStore(action);
    };
    const { error, id } = await endedRun(session, dataset);
    expect(error).toMatchObject({ code: 'store-full', message: 'ended' });
    expect(findRun(session.store, id).status).toBe('running');
  });

  it('leaves a run alone whose images are out of reach, and follows them where they have moved', async () => {
    const { context, dataset, folder, notes, open, root } = sessions();
    const stopped = await open({ before: failingWith(new FoveaError('cancelled', 'cancelled')) });
    const run = findRun(stopped.store, (await endedRun(stopped, dataset)).id);
    const moved = join(folder, 'moved');
    renameSync(root, moved);
    const session = await open();
    const out = {
      code: 'dataset-unreadable',
      message: expect.stringContaining(`${root}: `),
      next: `Mount it, or give the folder where it is now: fovea batch FOLDER --resume ${run.id} --db '${context.db}'`,
    };
    await expect(session.resume(run, root)).rejects.toMatchObject(out);
    mkdirSync(root);
    await expect(session.resume(run, root)).rejects.toMatchObject(out);
    expect(findRun(session.store, run.id)).toEqual(run);
    const resumed = await session.resume(run, moved);
    expect(resumed).toMatchObject({ status: 'complete', finished: IMAGES, failed: 0, dataset: { path: moved } });
    expect(notes.filter((note) => note.includes('anew'))).toEqual([]);
  });

  it('tells that results of an older version are computed anew', async () => {
    const { dataset, notes, open, root } = sessions();
    const session = await open();
    const run = await session.run(dataset, ORDER);
    session.store.db.exec('UPDATE series SET results_version = 0');
    expect(await session.resume(run, root)).toMatchObject({ status: 'complete', finished: IMAGES });
    expect(notes.at(-1)).toContain('computed anew');
  });
});
