import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineKeeper, type EngineKeeperOptions, type TaskOptions } from '../../../src-main/engine/engine-keeper.ts';
import type { EngineProgress } from '../../../src-main/engine/inside/task-context.ts';
import { forkProcess, type ChildProcessPort } from '../../../src-main/engine/process-port.ts';
import type { FoveaError } from '../../../src-shared/errors.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { builtFile } from '../../built.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const TEST_ENGINE = join(import.meta.dirname, 'test-engine.mjs');

/** Of one image while nothing is known of its model. */
const HANG_TIMEOUT_MS = 600_000;
/** More than a cancelled task is given to end. */
const LONG_AFTER_CANCEL_MS = 60_000;

// The keeper's time goes on only when a test says so: a process that is slow to answer is not taken for one that never will.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
const hosts: EngineKeeper[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
  vi.useRealTimers();
});

function started(options: Partial<EngineKeeperOptions> = {}): EngineKeeper {
  const host = new EngineKeeper({ script: TEST_ENGINE, spawn: forkProcess, ...options });
  hosts.push(host);
  return host;
}

/** Asks the test engine for something; it answers with the value after the order, and its process. */
async function ask(
  host: EngineKeeper,
  order: string,
  options: TaskOptions = {},
): Promise<{ path: string; pid: number }> {
  const result: unknown = await host.run('open', { model: { path: order } }, options);
  return result as { path: string; pid: number };
}

test('one process carries out task after task', async () => {
  const states: string[] = [];
  const host = started({ onState: (state) => states.push(state) });
  const answers = await Promise.all(['a', 'b', 'c'].map((order) => ask(host, order)));
  expect(answers.map((answer) => answer.path)).toEqual(['a', 'b', 'c']);
  expect(new Set(answers.map((answer) => answer.pid)).size).toBe(1);
  expect(states).toEqual(['starting', 'ready']);
});

test("a task's error arrives as it was", async () => {
  await expect(ask(started(), 'fail')).rejects.toMatchObject({ code: 'model-missing', next: 'Look.' });
});

test('an engine that has lost its device is as good as crashed: what is behind goes to a fresh one', async () => {
  const states: string[] = [];
  const host = started({ onState: (state) => states.push(state) });
  const before = await ask(host, 'before');
  const [lost, behind] = await Promise.allSettled([ask(host, 'lose-device'), ask(host, 'behind')]);
  expect(lost).toMatchObject({
    status: 'rejected',
    reason: { code: 'engine-crashed', message: expect.stringContaining('WebGPU was lost: reset') as string },
  });
  expect(behind).toMatchObject({ status: 'fulfilled', value: { path: 'behind' } });
  expect(behind.status === 'fulfilled' && behind.value.pid).not.toBe(before.pid);
  expect(states).toEqual(['starting', 'ready', 'crashed', 'starting', 'ready']);
});

test('a crash fails the task in hand; those behind it go to a fresh engine', async () => {
  const states: string[] = [];
  const host = started({ onState: (state) => states.push(state) });
  const before = await ask(host, 'before');
  const [died, behind] = await Promise.allSettled([ask(host, 'die'), ask(host, 'behind')]);
  expect(died).toMatchObject({
    reason: { code: 'engine-crashed', message: expect.stringContaining('SIGKILL') as string },
  });
  expect(behind).toMatchObject({ value: { path: 'behind' } });
  expect((behind as PromiseFulfilledResult<{ pid: number }>).value.pid).not.toBe(before.pid);
  expect(states).toEqual(['starting', 'ready', 'crashed', 'starting', 'ready']);
});

test('an engine that ends while idle is replaced by the next task', async () => {
  const host = started();
  const { pid } = await ask(host, 'a');
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
  expect((await ask(host, 'b')).pid).not.toBe(pid);
});

test('a hung engine is ended and replaced', async () => {
  const host = started();
  const { pid } = await ask(host, 'a');
  const hung = ask(host, 'hang');
  vi.advanceTimersByTime(HANG_TIMEOUT_MS);
  await expect(hung).rejects.toMatchObject({ code: 'engine-hung' });
  await expect.poll(() => isAlive(pid)).toBe(false);
  expect((await ask(host, 'b')).path).toBe('b');
});

test('progress is a sign of life', async () => {
  const seen: number[] = [];
  const host = started();
  const { pid } = await ask(host, 'warm');
  // With each step the engine is almost given up.
  const onProgress = ({ done }: EngineProgress) => {
    seen.push(done);
    vi.advanceTimersByTime(HANG_TIMEOUT_MS - 1);
  };
  expect(await ask(host, 'steps 5', { onProgress })).toEqual({ path: '5', pid });
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

test('an engine that ends while it opens a model opens it again, once; so does one that others have ended', async () => {
  const children: ChildProcessPort[] = [];
  const states: string[] = [];
  const host = started({
    spawn: (script) => {
      children.push(forkProcess(script));
      return children.at(-1)!;
    },
    onState: (state, _error, model) => states.push(model === null ? state : `${state} ${model}`),
  });
  const { pid } = await ask(host, 'a');
  const task = ask(host, 'open-and-wait');
  task.catch(() => undefined);
  await expect.poll(() => states.at(-1)).toBe('opening open-and-wait');
  process.kill(pid, 'SIGTERM');
  await expect.poll(() => children.length).toBe(2);
  await expect.poll(() => states.filter((state) => state.startsWith('opening'))).toHaveLength(2);
  children[1]!.kill();
  await expect(task).rejects.toMatchObject({ code: 'engine-crashed' });
  expect(states.filter((state) => state === 'crashed')).toHaveLength(1);
});

test('an engine that others have ended is not laid to the model or the image', async () => {
  const host = started();
  const { pid } = await ask(host, 'a');
  const task = ask(host, 'hang');
  process.kill(pid, 'SIGTERM');
  const error = await task.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'engine-crashed', message: expect.stringContaining('SIGTERM') as string });
  expect((error as FoveaError).next).toContain('Another program has ended it');
  expect((error as FoveaError).next).not.toContain('may be the cause');
});

test('an engine that takes more memory than it may is ended, and its message says so', async () => {
  const host = started({ bounds: { memory: 4000 } });
  await expect(ask(host, 'over-memory')).rejects.toMatchObject({
    code: 'engine-memory',
    message: 'this work took more memory than one engine may have (4000 MiB), and was ended',
  });
  expect((await ask(host, 'b')).path).toBe('b');
});

test('what counts as hung follows what the model takes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const host = started();
  const input = { image: '', plan: resolvePlan({}), ranges: null, counts: false };
  const analyse = (order: string, onProgress?: () => void) =>
    host.run('analyse', { ...input, model: { path: order } }, onProgress ? { onProgress } : {});
  // Nothing is known of it yet: it is given more than a minute.
  const first = analyse('hang');
  vi.advanceTimersByTime(HANG_TIMEOUT_MS - 1);
  await expect(Promise.race([first.catch(() => 'ended'), Promise.resolve('waits')])).resolves.toBe('waits');
  vi.advanceTimersByTime(1);
  await expect(first).rejects.toMatchObject({ code: 'engine-hung' });
});

test('cancelling ends a task that listens, and keeps the engine', async () => {
  const host = started();
  const { pid } = await ask(host, 'a');
  const controller = new AbortController();
  const task = ask(host, 'until-cancelled', { signal: controller.signal });
  controller.abort();
  await expect(task).rejects.toMatchObject({ code: 'cancelled' });
  expect((await ask(host, 'b')).pid).toBe(pid);
});

test('a cancelled task that does not listen is ended with its process; the task behind it is not', async () => {
  const host = started();
  const { pid } = await ask(host, 'a');
  const controller = new AbortController();
  const deaf = ask(host, 'block', { signal: controller.signal });
  const behind = ask(host, 'b');
  controller.abort();
  vi.advanceTimersByTime(LONG_AFTER_CANCEL_MS);
  await expect(deaf).rejects.toMatchObject({ code: 'cancelled' });
  expect((await behind).pid).not.toBe(pid);
});

test('cancelling a task that waits leaves the one in hand alone', async () => {
  const host = started();
  const controller = new AbortController();
  const inHand = ask(host, 'in-hand');
  const waiting = ask(host, 'waiting', { signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  vi.advanceTimersByTime(LONG_AFTER_CANCEL_MS);
  expect((await inHand).path).toBe('in-hand');
});

test('what is cancelled before it begins is never sent', async () => {
  await expect(ask(started(), 'a', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
});

test('closing ends the process and fails what it was at, and later requests', async () => {
  const host = started();
  const { pid } = await ask(host, 'a');
  const task = ask(host, 'hang');
  host.close();
  await expect(task).rejects.toMatchObject({ code: 'cancelled' });
  await expect.poll(() => isAlive(pid)).toBe(false);
  await expect(ask(host, 'b')).rejects.toMatchObject({ code: 'cancelled' });
});

test('a script that cannot start is an engine that crashed', async () => {
  const folder = temporaryFolder({ 'broken.mjs': 'process.exit(7);' });
  await expect(ask(started({ script: join(folder, 'broken.mjs') }), 'a')).rejects.toMatchObject({
    code: 'engine-crashed',
    message: expect.stringContaining('exit code 7') as string,
  });
});

test('the real engine, killed in the middle of an inference, is replaced, and the next analysis succeeds', async () => {
  const folder = temporaryFolder();
  const path = writeModel(folder, 'small.onnx', smallClassifier());
  const image = join(import.meta.dirname, '../../../resources/samples/watch.jpg');
  builtFile('engine.js');
  let engine: ChildProcessPort | undefined;
  const host = started({
    script: join(import.meta.dirname, 'deaf-engine.mjs'),
    spawn: (script) => (engine = forkProcess(script)),
  });
  const input = { model: { path }, image, plan: resolvePlan({}), ranges: null, counts: true };
  const first = await host.run('analyse', input);
  const images = Array.from({ length: 60 }, () => ({ path: image, plans: [0], baseline: true }));
  const told: EngineProgress[] = [];
  const evaluation = host.run(
    'evaluate',
    { model: { path }, images, plans: [input.plan], ranges: null, counts: true },
    {
      onProgress: (progress) => {
        told.push(progress);
        engine?.kill();
      },
    },
  );
  await expect(evaluation).rejects.toMatchObject({ code: 'engine-crashed' });
  expect(told).toHaveLength(1);
  expect(told[0]!.done).toBeLessThan(images.length);
  const second = await host.run('analyse', input);
  expect(second.quantised).toEqual(first.quantised);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
