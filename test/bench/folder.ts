import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskInput } from '../../src-main/engine/engine-protocol.ts';
import type { ImageOutcome } from '../../src-shared/runs/run-record.ts';
import type { ModelRequest } from '../../src-main/engine/inside/opened-model.ts';
import { EngineKeeper } from '../../src-main/engine/engine-keeper.ts';
import { type Engine, evaluatePending } from '../../src-main/work/evaluate-pending.ts';
import { loadImage } from '../../src-main/images/image-file.ts';
import { forkProcess } from '../../src-main/engine/process-port.ts';
import { runModelOf } from '../../src-main/store/run-model.ts';
import { openRunStore } from '../../src-main/store/run-store.ts';
import { LADDERS } from '../../src-shared/runs/policies.ts';
import { presetPreprocessing } from '../../src-shared/preprocessing.ts';
import { type PrecisionPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { newRun, outcomeOf } from '../main/store/stored-runs.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
export const MODEL = join(PROJECT, '..', 'shared', 'models', 'squeezenet1.1-imagenet.onnx');
export const PHOTOS = join(PROJECT, '..', 'shared', 'data', 'imagenet-250', 'images');
const WORKERS = availableParallelism();
const SECONDS = 15;

/** Folder runs against bare inference by as many processes, and what a long run does to memory. */
export async function benchFolder(): Promise<string[]> {
  const lines = [await benchMemory()];
  if (!existsSync(PHOTOS)) return [...lines, 'throughput: left out, the shared photos are not there'];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-folder-'));
  try {
    // Taken in turns, because other work on the machine comes and goes.
    const before = await bareMilliseconds();
    const onePlan = await folderMilliseconds(join(folder, 'one'), [resolvePlan({})], 800);
    const between = await bareMilliseconds();
    const sixteen = await folderMilliseconds(join(folder, 'sixteen'), LADDERS.full([]).map(resolvePlan), 160);
    const after = await bareMilliseconds();
    const mean = (index: 0 | 1, ...runs: (typeof before)[]) =>
      runs.reduce((sum, run) => sum + run[index], 0) / runs.length;
    const bare = mean(0, before, between) + mean(1, before, between);
    const rewritten = mean(1, between, after);
    const decoding = await decodingMilliseconds();
    lines.push(
      `${WORKERS} engines, one plan: ${(bare / onePlan).toFixed(3)} of the rate of bare plain and rewritten inference ` +
        `(${((1000 * WORKERS) / onePlan).toFixed(1)} images a second; target 0.7, reach for 0.85)`,
      `${WORKERS} engines, 16 plans: ${(sixteen / (16 * rewritten)).toFixed(3)} of 16 bare rewritten inferences an image (target 1.1)`,
      `limit of one plan: ${(bare / (bare + decoding)).toFixed(3)}, with bare inference (${bare.toFixed(1)} ms) and decoding ` +
        `(${decoding.toFixed(1)} ms of processor time) and nothing else`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

/** Milliseconds of processor time to read, decode, resize and crop a photo, with nothing beside it. */
async function decodingMilliseconds(): Promise<number> {
  const preprocessing = presetPreprocessing('imagenet', { layout: 'NCHW', height: 224, width: 224, channelCount: 3 });
  const photos = readdirSync(PHOTOS).map((name) => join(PHOTOS, name));
  const all = async () => {
    for (const photo of photos) await loadImage(photo, preprocessing);
  };
  await all();
  const before = process.cpuUsage();
  await all();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / photos.length;
}

/** Milliseconds of one process for one image, plain and rewritten, while as many processes as engines work. */
async function bareMilliseconds(): Promise<readonly [plain: number, rewritten: number]> {
  const script = join(import.meta.dirname, 'bare-inference-process.ts');
  const children = Array.from({ length: WORKERS }, () =>
    spawn(process.execPath, [script, MODEL, String(SECONDS)], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(children.map(line));
  for (const child of children) child.stdin.write('go\n');
  const times = (await Promise.all(children.map(line))).map((text) => text.split(' ').map(Number));
  const mean = (index: number) => times.reduce((sum, own) => sum + own[index]!, 0) / times.length;
  return [mean(0), mean(1)];
}

async function line(child: ChildProcess): Promise<string> {
  const [data] = (await once(child.stdout!, 'data')) as [Buffer];
  return data.toString().trim();
}

/** Images that warm the engines up, as bare inference is warm when it is timed: sessions made, code compiled. */
const WARM_UP_IMAGES = 64;

/** Milliseconds of one engine for one image of a folder run, all engines at work. */
async function folderMilliseconds(folder: string, plans: readonly PrecisionPlan[], images: number): Promise<number> {
  const script = join(PROJECT, 'out', 'main', 'engine.js');
  const engines = Array.from({ length: WORKERS }, () => new EngineKeeper({ script, spawn: forkProcess }));
  try {
    await timedRun(join(folder, 'warm'), plans, WARM_UP_IMAGES, engines);
    return ((await timedRun(join(folder, 'timed'), plans, images, engines)) * WORKERS) / images;
  } finally {
    for (const engine of engines) engine.close();
    rmSync(folder, { recursive: true });
  }
}

/** Milliseconds of a run over so many photos, into a store of its own. */
export async function timedRun(
  folder: string,
  plans: readonly PrecisionPlan[],
  images: number,
  engines: readonly EngineKeeper[],
  model: ModelRequest = { path: MODEL, threads: 1 },
): Promise<number> {
  const root = join(folder, 'photos');
  const photos = copies(root, images);
  using store = openRunStore(join(folder, 'runs.sqlite'));
  const [opened] = await Promise.all(engines.map((engine) => engine.run('open', { model })));
  const writer = store.createRun({
    ...newRun(0),
    model: runModelOf('squeezenet', opened!, null),
    dataset: {
      path: root,
      labels: { kind: 'none' },
      sha256: null,
      images: photos.map((path) => ({ path, label: null })),
    },
    plans,
  });
  const start = performance.now();
  const work = { signal: new AbortController().signal, progress: () => undefined, note: () => undefined };
  await evaluatePending({ writer, root, plans, model, ranges: null, counts: false, engines }, work);
  return performance.now() - start;
}

/** So many different files: a photo with some bytes behind its end is the same photo, and another file. */
function copies(folder: string, count: number): string[] {
  mkdirSync(folder, { recursive: true });
  const photos = readdirSync(PHOTOS).sort();
  return Array.from({ length: count }, (_, index) => {
    const name = `${index}.jpg`;
    copyFileSync(join(PHOTOS, photos[index % photos.length]!), join(folder, name));
    appendFileSync(join(folder, name), String(index));
    return name;
  });
}

const MANY = 50_000;

/** A run of many images, engines simulated: what is left in memory grows with none of them. */
async function benchMemory(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-memory-'));
  try {
    using store = openRunStore(join(folder, 'runs.sqlite'));
    const run = newRun(MANY);
    const writer = store.createRun(run);
    const engine = {
      run: async (_: string, { images }: TaskInput<'evaluate'>): Promise<ImageOutcome[]> => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return images.map(({ path }) => ({ ...outcomeOf(path.split('/').at(-1)!, 2), path }));
      },
    } as unknown as Engine;
    let low = Infinity;
    let high = 0;
    let next = 0.1;
    await evaluatePending(
      {
        writer,
        root: run.dataset.path,
        plans: run.plans,
        model: { path: '/models/tiny.onnx' },
        ranges: null,
        counts: false,
        engines: Array.from({ length: WORKERS }, () => engine),
      },
      {
        signal: new AbortController().signal,
        note: () => undefined,
        progress: ({ done, total }) => {
          if (total === null || done / total < next) return;
          next += 0.1;
          global.gc?.();
          low = Math.min(low, process.memoryUsage.rss());
          high = Math.max(high, process.memoryUsage.rss());
        },
      },
    );
    return `memory over ${MANY} images, from the first tenth on: ${((high - low) / 2 ** 20).toFixed(0)} MiB growth (target below 50)`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
