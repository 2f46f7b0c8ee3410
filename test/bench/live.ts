import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkProcess } from '../../src-main/engine/process-port.ts';
import { startService } from '../../src-main/host/running-service.ts';
import { LADDERS } from '../../src-shared/runs/policies.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const SHARED = join(PROJECT, '..', 'shared');
const MODEL = join(SHARED, 'models', 'squeezenet1.1-imagenet.onnx');
const PHOTOS = join(SHARED, 'data', 'imagenet-250', 'images');
const ANALYSES = 20;
/** Before a run counts as going: its engines have opened the model, and its first images are done. */
const FIRST_IMAGES = 8;

/** What a run of the page costs its live analysis, beside what the same run costs it that another process makes. */
export async function benchLive(): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['left out, the shared photos are not there'];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-live-'));
  const db = join(folder, 'runs.sqlite');
  const machine = startService({ version: '', dataFolder: folder, db, shell: null, uploads: null, spawn: forkProcess });
  const { handlers } = machine.service;
  const work = { signal: new AbortController().signal, progress: () => undefined, note: () => undefined };
  const photo = join(PHOTOS, readdirSync(PHOTOS).sort().at(-1)!);
  const { images } = await handlers['files.open']({ files: [{ path: photo }] }, work);
  let seed = 0;
  const analyse = async () => {
    const plan = { metric: 'random', bits: [5, 2], seed: ++seed };
    const start = performance.now();
    await handlers['analysis.run']({ imageId: images[0]!.id, modelId: MODEL, plan, counts: false }, work);
    return performance.now() - start;
  };
  const median = async () => {
    const times: number[] = [];
    for (let analysis = 0; analysis < ANALYSES; analysis++) times.push(await analyse());
    return times.sort((a, b) => a - b)[ANALYSES / 2]!;
  };
  try {
    await analyse();
    const idle = await median();
    const job = await handlers['runs.start'](
      {
        name: 'beside',
        images: { folder: { path: PHOTOS }, labels: 'none' },
        modelId: MODEL,
        plans: LADDERS.full([]).map((plan) => ({ ...plan })),
        counts: false,
        keep: 'originals',
      },
      work,
    );
    const done = async () => (await handlers['runs.jobs']({}, work))[0]!.figures.done;
    while ((await done()) < FIRST_IMAGES) await new Promise((resolve) => setTimeout(resolve, 100));
    const beside = await median();
    const isGoing = (await handlers['runs.jobs']({}, work))[0]!.status === 'running';
    await handlers['runs.stop']({ runId: job.runId }, work);
    const other = await secondProcess(folder);
    const besideOther = await median();
    other.kill('SIGKILL');
    return [
      `${ANALYSES} analyses, median: ${idle.toFixed(0)} ms alone, ${beside.toFixed(0)} ms beside a run of the page` +
        `${isGoing ? '' : ' (which had ended)'}, ${besideOther.toFixed(0)} ms beside the same run by another process`,
      `${(beside / besideOther).toFixed(2)} of what another process costs (target 1.5 at most)`,
    ];
  } finally {
    await machine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `fovea batch` of the same photos under the same plans, once it has results. */
async function secondProcess(folder: string): Promise<ChildProcess> {
  const cli = join(PROJECT, 'out', 'main', 'cli.js');
  const words = ['batch', PHOTOS, '--model', MODEL, '--ladder', 'full', '--labels', 'none', '--no-cache'];
  const child = spawn(process.execPath, [cli, ...words, '--db', join(folder, 'other.sqlite')], {
    env: { ...process.env, FOVEA_DATA: join(folder, 'other') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (line) => /evaluating: [1-9]/.test(String(line)) && resolve());
  });
  return child;
}
