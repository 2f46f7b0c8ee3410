import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TaskInput } from '../../../src-main/engine/engine-protocol.ts';
import type { ImageOutcome } from '../../../src-shared/runs/run-record.ts';
import { type Engine, evaluatePending, type PendingRun } from '../../../src-main/work/evaluate-pending.ts';
import { findRun, runFailures } from '../../../src-main/store/run-query.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import type { RunWriter } from '../../../src-main/store/run-writer.ts';
import { FoveaError, type FoveaErrorCode, toErrorRecord } from '../../../src-shared/errors.ts';
import { completeRun, finishRun, newRun, outcomeOf, PLANS } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { heardWork } from '../fake-bench.ts';

type Work = TaskInput<'evaluate'>;

/** Answers as `outcomeOf` does; `before` may throw, or wait, for a call. */
function fakeEngine(root: string, before: (work: Work, signal: AbortSignal) => Promise<void> | void = () => undefined) {
  const calls: Work[] = [];
  const run = async (_: string, work: Work, { signal }: { signal: AbortSignal }): Promise<ImageOutcome[]> => {
    calls.push(work);
    await before(work, signal);
    return work.images.map(({ path, plans, baseline }) => {
      const outcome = outcomeOf(path.slice(root.length + 1), PLANS.length);
      if ('failure' in outcome) throw new Error('expected results');
      const results = plans.map((plan) => outcome.results[plan]!);
      return { path, sha256: outcome.sha256, baseline: baseline ? outcome.baseline : null, results };
    });
  };
  return { calls, engine: { run } as unknown as Engine };
}

function folderOf(images: number): string {
  const folder = temporaryFolder();
  // The content of a file is its path, so that its digest is that of `outcomeOf`.
  for (let index = 0; index < images; index++) writeFileSync(join(folder, `image ${index}.jpg`), `image ${index}.jpg`);
  return folder;
}

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

function begin(
  store: RunStore,
  root: string,
  images: number,
  fakes: readonly { readonly engine: Engine }[],
  changes: Partial<PendingRun> = {},
): PendingRun {
  const engines = fakes.map(({ engine }) => engine);
  const writer = store.createRun(newRun(images));
  const model = { path: '/models/tiny.onnx', threads: 1 };
  return { writer, root, plans: PLANS, model, ranges: null, counts: false, engines, ...changes };
}

const error = (code: FoveaErrorCode) => new FoveaError(code, code);
const has = ({ images }: Work, name: string) => images.some(({ path }) => path.endsWith(name));

describe('evaluatePending', () => {
  it('does all images once, on all engines, and tells how far it is', async () => {
    const root = folderOf(200);
    const store = newStore();
    const engines = [fakeEngine(root), fakeEngine(root), fakeEngine(root)];
    const work = heardWork();
    const run = begin(store, root, 200, engines);
    await evaluatePending(run, work);
    finishRun(run.writer);
    expect(findRun(store, run.writer.runId)).toMatchObject({ status: 'complete', finished: 200, failed: 0 });
    const done = engines.flatMap(({ calls }) => calls.flatMap(({ images }) => images.map(({ path }) => path)));
    expect(done).toHaveLength(200);
    expect(new Set(done).size).toBe(200);
    for (const { calls } of engines) expect(calls.length).toBeGreaterThan(0);
    const counts = work.figures.map(({ done: count }) => count);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(work.figures.at(-1)).toMatchObject({ done: 200, total: 200, failed: 0, secondsLeft: 0 });
  });

  it('ends when the folder is gone, and fails none of its images', async () => {
    const root = folderOf(40);
    const store = newStore();
    const { engine } = fakeEngine(root);
    const vanishing = {
      run: async (name: 'evaluate', work: Work, options: { signal: AbortSignal }): Promise<readonly ImageOutcome[]> => {
        const evaluated = await engine.run(name, work, options);
        if (!has(work, 'image 20.jpg')) return evaluated;
        rmSync(root, { recursive: true });
        return work.images.map(({ path }) => ({ path, failure: toErrorRecord(error('image-missing')) }));
      },
    } as Engine;
    const run = begin(store, root, 40, [{ engine: vanishing }]);
    await expect(evaluatePending(run, heardWork())).rejects.toMatchObject({ code: 'dataset-unreadable' });
    const { finished, failed } = findRun(store, run.writer.runId);
    expect(failed).toBe(0);
    expect(finished).toBeGreaterThan(0);
    expect(finished).toBeLessThan(40);
  });

  it('goes on when a single image is gone', async () => {
    const root = folderOf(4);
    const store = newStore();
    const { engine } = fakeEngine(root);
    const losing = {
      run: async (name: 'evaluate', work: Work, options: { signal: AbortSignal }): Promise<readonly ImageOutcome[]> =>
        (await engine.run(name, work, options)).map((outcome) =>
          outcome.path.endsWith('image 2.jpg')
            ? { path: outcome.path, failure: toErrorRecord(error('image-missing')) }
            : outcome,
        ),
    } as Engine;
    const run = begin(store, root, 4, [{ engine: losing }]);
    await evaluatePending(run, heardWork());
    expect(findRun(store, run.writer.runId)).toMatchObject({ finished: 3, failed: 1 });
  });

  it('asks only for what the store does not have', async () => {
    const root = folderOf(30);
    const store = newStore();
    completeRun(store, 20, { plans: [PLANS[1]!], dataset: newRun(20).dataset });
    const fake = fakeEngine(root);
    const run = begin(store, root, 30, [fake]);
    await evaluatePending(run, heardWork());
    finishRun(run.writer);
    const wanted = new Map(fake.calls.flatMap(({ images }) => images.map((image) => [image.path, image])));
    expect(wanted.get(join(root, 'image 3.jpg'))).toMatchObject({ plans: [0], baseline: false });
    expect(wanted.get(join(root, 'image 25.jpg'))).toMatchObject({ plans: [0, 1], baseline: true });
    const again = fakeEngine(root);
    const second = begin(store, root, 30, [again]);
    await evaluatePending(second, heardWork());
    finishRun(second.writer);
    expect(again.calls).toEqual([]);
    expect(findRun(store, second.writer.runId).resultsSha256).toBe(findRun(store, run.writer.runId).resultsSha256);
  });

  it('measures what was looked up, and deleted with the run that had it before it was written', async () => {
    const root = folderOf(6);
    const store = newStore();
    const before = completeRun(store, 4);
    const fake = fakeEngine(root);
    const run = begin(store, root, 6, [fake]);
    const missing = run.writer.missing.bind(run.writer);
    vi.spyOn(run.writer, 'missing').mockImplementation((digest) => {
      const found = missing(digest);
      if (store.statusOf(before) !== null) store.deleteRuns([before]);
      return found;
    });
    await evaluatePending(run, heardWork());
    finishRun(run.writer);
    expect(findRun(store, run.writer.runId)).toMatchObject({ status: 'complete', finished: 6, failed: 0 });
  });

  it('measures all anew when nothing is to be looked up', async () => {
    const root = folderOf(30);
    const store = newStore();
    const before = completeRun(store, 30);
    const fake = fakeEngine(root);
    const run = begin(store, root, 30, [fake], { lookUp: false });
    await evaluatePending(run, heardWork());
    finishRun(run.writer);
    const asked = fake.calls.flatMap(({ images }) => images);
    expect(asked).toHaveLength(30);
    for (const image of asked) expect(image).toMatchObject({ plans: [0, 1], baseline: true });
    expect(findRun(store, run.writer.runId).resultsSha256).toBe(findRun(store, before).resultsSha256);
  });

  it('keeps what is done when it is cancelled, and goes on to the same result', async () => {
    const root = folderOf(120);
    const store = newStore();
    const work = heardWork();
    let calls = 0;
    const stopping = fakeEngine(root, (_, signal) => {
      if (++calls === 6) work.stop.abort();
      if (signal.aborted) throw error('cancelled');
    });
    const run = begin(store, root, 120, [stopping]);
    await expect(evaluatePending(run, work)).rejects.toMatchObject({ code: 'cancelled' });
    run.writer.finish('cancelled');
    const { finished, status } = findRun(store, run.writer.runId);
    expect(status).toBe('cancelled');
    expect(finished).toBeGreaterThan(0);
    expect(finished).toBeLessThan(120);
    const resumed = fakeEngine(root);
    const writer = store.resumeRun(run.writer.runId);
    await evaluatePending({ ...run, writer, engines: [resumed.engine] }, heardWork());
    finishRun(writer);
    expect(resumed.calls.flatMap(({ images }) => images)).toHaveLength(120 - finished);
    const other = newStore();
    const whole = begin(other, root, 120, [fakeEngine(root)]);
    await evaluatePending(whole, heardWork());
    finishRun(whole.writer);
    expect(findRun(store, run.writer.runId).resultsSha256).toBe(findRun(other, whole.writer.runId).resultsSha256);
  });

  it('fails the one image that ends its engine, and no other', async () => {
    const root = folderOf(60);
    const store = newStore();
    const crashing = () =>
      fakeEngine(root, (work) => {
        if (has(work, 'image 41.jpg')) throw error('engine-crashed');
        if (has(work, 'image 7.jpg')) throw error('engine-hung');
      });
    const run = begin(store, root, 60, [crashing(), crashing()]);
    await evaluatePending(run, heardWork());
    finishRun(run.writer);
    expect(findRun(store, run.writer.runId)).toMatchObject({ status: 'complete', finished: 58, failed: 2 });
    expect(runFailures(store, run.writer.runId)).toMatchObject([
      { path: 'image 41.jpg', code: 'engine-crashed' },
      { path: 'image 7.jpg', code: 'engine-hung' },
    ]);
  });

  it('fails no image whose engine is killed from outside, even when it is alone', async () => {
    const root = folderOf(40);
    const store = newStore();
    let kills = 0;
    const killed = fakeEngine(root, (work) => {
      if (has(work, 'image 7.jpg') && kills++ < 4) throw error('engine-crashed');
    });
    const run = begin(store, root, 40, [killed, killed]);
    await evaluatePending(run, heardWork());
    finishRun(run.writer);
    expect(kills).toBe(5);
    expect(findRun(store, run.writer.runId)).toMatchObject({ status: 'complete', finished: 40, failed: 0 });
  });

  it('fails many that end their engine, as long as others go through', async () => {
    const root = folderOf(60);
    const store = newStore();
    const fake = fakeEngine(root, (work) => {
      if (/[1-4]\d\.jpg/.test(work.images.map(({ path }) => path).join())) throw error('engine-crashed');
    });
    const writer = store.createRun(newRun(60));
    const run = { ...begin(store, root, 60, [fake, fake, fake, fake, fake]), writer };
    await evaluatePending(run, heardWork());
    finishRun(writer);
    expect(findRun(store, writer.runId)).toMatchObject({ status: 'complete', finished: 20, failed: 40 });
  });

  it('gives up where every image ends the engine', async () => {
    const root = folderOf(1000);
    const store = newStore();
    const broken = fakeEngine(root, () => {
      throw error('engine-crashed');
    });
    await expect(evaluatePending(begin(store, root, 1000, [broken]), heardWork())).rejects.toMatchObject({
      code: 'engine-crashed',
    });
    expect(broken.calls.length).toBeLessThan(20);
  });

  it('ends at an error that is not the images’, keeping what is done', async () => {
    const root = folderOf(100);
    const store = newStore();
    let calls = 0;
    const failing = fakeEngine(root, () => {
      if (++calls === 4) throw error('calibration-missing');
    });
    const run = begin(store, root, 100, [failing]);
    await expect(evaluatePending(run, heardWork())).rejects.toMatchObject({ code: 'calibration-missing' });
    expect(findRun(store, run.writer.runId).finished).toBeGreaterThan(0);
  });

  it('keeps what is done in memory while another process has the store locked', async () => {
    const root = folderOf(30);
    const store = newStore();
    const run = begin(store, root, 30, [fakeEngine(root)]);
    const other = openRunStore(store.path);
    onTestFinished(() => other.close());
    store.db.pragma('busy_timeout = 1');
    const writeStore = run.writer.write.bind(run.writer);
    const locked: RunWriter['write'] = (...batch) => other.write(() => writeStore(...batch));
    const write = vi.spyOn(run.writer, 'write').mockImplementationOnce(locked).mockImplementationOnce(locked);
    await evaluatePending(run, heardWork());
    finishRun(run.writer);
    expect(write.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(findRun(store, run.writer.runId)).toMatchObject({ status: 'complete', finished: 30 });
  });

  it('ends when the disk is full, keeping what is done, and goes on when there is room', async () => {
    const root = folderOf(400);
    const store = newStore();
    const run = begin(store, root, 400, [fakeEngine(root)]);
    store.db.pragma(`max_page_count = ${Number(store.db.pragma('page_count', { simple: true })) + 4}`);
    await expect(evaluatePending(run, heardWork())).rejects.toMatchObject({ code: 'store-full' });
    store.db.pragma('max_page_count = 1000000');
    await evaluatePending({ ...run, engines: [fakeEngine(root).engine] }, heardWork());
    finishRun(run.writer);
    expect(findRun(store, run.writer.runId)).toMatchObject({ status: 'complete', finished: 400 });
  });

  it('lets the engine say what is wrong with a file that cannot be read', async () => {
    const root = folderOf(2);
    const store = newStore();
    completeRun(store, 1);
    const run = newRun(0);
    const images = [
      { path: 'image 0.jpg', label: 0 },
      { path: 'gone.jpg', label: 1 },
    ];
    const writer = store.createRun({ ...run, dataset: { ...run.dataset, images } });
    const engine = {
      run: (_: string, { images: wanted }: Work) =>
        Promise.resolve(
          wanted.map(({ path }) => ({ path, failure: { code: 'image-missing', message: 'no such file', next: '' } })),
        ),
    } as unknown as Engine;
    await evaluatePending({ ...begin(store, root, 0, []), writer, engines: [engine] }, heardWork());
    expect(runFailures(store, writer.runId)).toEqual([
      { path: 'gone.jpg', code: 'image-missing', reason: 'no such file' },
    ]);
    expect(writer.pending()).toEqual([]);
  });
});
