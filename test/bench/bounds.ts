import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineKeeper } from '../../src-main/engine/engine-keeper.ts';
import { forkProcess } from '../../src-main/engine/process-port.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { Bench } from '../../src-main/work/bench.ts';

/**
 * What is promised of bounds, in figures: `npm run bench -- bounds`. Slow connections to the browser host, an opening without end that
 * is cancelled while analysis goes on, and an engine that wants 4 GB.
 */

const PROJECT = join(import.meta.dirname, '../..');
const SAMPLE = join(PROJECT, 'resources', 'samples', 'watch.jpg');
const MODEL = join(PROJECT, 'models', 'fovea-caltech101.onnx');
const folder = mkdtempSync(join(tmpdir(), 'fovea-bounds-'));
const ms = (from: number) => Math.round(performance.now() - from);

async function slowConnections(): Promise<string> {
  const cli = join(PROJECT, 'out', 'main', 'cli.js');
  const host = spawn(process.execPath, [cli, 'serve', '--no-open'], {
    env: { ...process.env, FOVEA_DATA: join(folder, 'served') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(host.stdout, 'data')) as [Buffer];
  const { port, origin } = new URL(String(line).split(/\s/)[1]!);
  const start = performance.now();
  let open = 0;
  let slowest = 0;
  const sockets = Array.from({ length: 1000 }, () => {
    const socket = connect(Number(port), '127.0.0.1', () => open++);
    const drip = setInterval(() => socket.write('X'), 1000);
    socket.on('error', () => undefined);
    socket.on('connect', () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '));
    return new Promise<void>((resolve) =>
      socket.on('close', () => {
        clearInterval(drip);
        resolve();
      }),
    );
  });
  const dropped = Promise.all(sockets).then(() => ms(start));
  let done = false;
  void dropped.then(() => (done = true));
  while (!done) {
    const asked = performance.now();
    const { status } = await fetch(origin);
    if (status !== 200) throw new Error(`the page answers ${status}`);
    slowest = Math.max(slowest, ms(asked));
    await sleep(500);
  }
  host.kill('SIGINT');
  await once(host, 'exit');
  return `${open} slow connections dropped in ${await dropped} ms; the page answered all the time, in ${slowest} ms at most`;
}

async function endlessModel(): Promise<string> {
  // An engine that is deaf from the moment it is to open the model, as in a loop without end inside one.
  const deaf = join(folder, 'deaf-engine.mjs');
  const engine = JSON.stringify(join(PROJECT, 'out', 'main', 'engine.js'));
  writeFileSync(
    deaf,
    `const on = process.on.bind(process);
     process.on = (event, listener) => on(event, event !== 'message' ? listener : (message) => {
       if (message.input?.model.path.endsWith('endless.onnx')) for (;;);
       listener(message);
     });
     await import(${engine});`,
  );
  const bench = new Bench({
    version: '',
    dataFolder: folder,
    db: join(folder, 'runs.sqlite'),
    engineScript: deaf,
    spawn: forkProcess,
    cache: false,
  });
  const path = join(folder, 'endless.onnx');
  copyFileSync(MODEL, path);
  const work = { signal: new AbortController().signal, progress: () => undefined, note: () => undefined };
  await bench.open({ id: 'own', path: MODEL, embedded: true }, work);
  const stop = new AbortController();
  const opening = bench.open({ id: 'endless', path, embedded: false }, { ...work, signal: stop.signal });
  opening.catch(() => undefined);
  const analyse = () =>
    bench
      .engineFor(MODEL)
      .run('analyse', { model: { path: MODEL }, image: SAMPLE, plan: resolvePlan({}), ranges: null, counts: false });
  await analyse();
  const asked = performance.now();
  await analyse();
  const analysed = ms(asked);
  const cancelled = performance.now();
  stop.abort();
  await opening.catch(() => undefined);
  const took = ms(cancelled);
  await analyse();
  bench.close();
  return `an opening without end: analysis answered in ${analysed} ms meanwhile; cancelled in ${took} ms`;
}

async function hungryModel(): Promise<string> {
  const hungry = join(folder, 'hungry-engine.mjs');
  const engine = JSON.stringify(join(PROJECT, 'out', 'main', 'engine.js'));
  writeFileSync(
    hungry,
    `await import(${engine});
     process.on('message', () => setImmediate(() => { const held = []; while (held.length < 64) held.push(Buffer.alloc(2 ** 26, 1)); }));`,
  );
  const keeper = new EngineKeeper({ script: hungry, spawn: forkProcess, bounds: { memory: 1024 } });
  const start = performance.now();
  const error = await keeper.run('open', { model: { path: MODEL } }).catch((thrown: unknown) => thrown);
  keeper.close();
  return `an engine that wants 4 GB, with a bound of 1 GiB: ${error instanceof Error ? error.message : 'not ended'} (${ms(start)} ms)`;
}

export async function benchBounds(): Promise<string[]> {
  try {
    return [await endlessModel(), await hungryModel(), await slowConnections()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
