import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineKeeper } from '../../src-main/engine/engine-keeper.ts';
import { forkProcess } from '../../src-main/engine/process-port.ts';
import { DEFAULT_DEVICE, type Device, DEVICES } from '../../src-shared/device.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { MODEL, PHOTOS, timedRun } from './folder.ts';
import { writeVgg16 } from './vgg16.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', 'out', 'main', 'engine.js');
const PLANS = [resolvePlan({})];
/** Photos that warm the engines up: sessions made, shaders compiled. */
const WARM_UP_PHOTOS = 32;
const COMPARED_PHOTOS = 48;

/** Folder runs of one plan beside the plain network on the GPU, against those on this machine's own CPU, in images a second; some minutes. */
export async function benchGpu(): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['left out, the shared photos are not there'];
  const found = await withEngines(1, ([engine]) =>
    Promise.all(DEVICES.map((device) => engine!.run('probe', { device }))),
  );
  const gpus = found.filter(({ device, missing }) => device !== DEFAULT_DEVICE && missing === null);
  const lines = found.flatMap(({ device, missing }) => (missing === null ? [] : [`${device}: left out, ${missing}`]));
  if (gpus.length === 0) return lines;
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-gpu-'));
  const vgg16 = join(folder, 'vgg16.onnx');
  try {
    writeVgg16(vgg16);
    const cores = availableParallelism();
    lines.push(`CPU: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cores} cores`);
    for (const { name, path, photos } of [
      { name: 'SqueezeNet 1.1', path: MODEL, photos: 1000 },
      { name: 'VGG-16 of random weights', path: vgg16, photos: 160 },
    ])
      for (const { device } of gpus) {
        const rate = async (on: Device, engines: number) => {
          const model = { path, threads: 1, ...(on === DEFAULT_DEVICE ? {} : { device: on }) };
          const milliseconds = await withEngines(engines, async (all) => {
            await timedRun(join(folder, 'warm'), PLANS, WARM_UP_PHOTOS, all, model);
            return timedRun(join(folder, 'timed'), PLANS, photos, all, model);
          });
          for (const run of ['warm', 'timed']) rmSync(join(folder, run), { recursive: true });
          return (1000 * photos) / milliseconds;
        };
        // The CPU before and after: other work on the machine comes and goes.
        const before = await rate(DEFAULT_DEVICE, cores);
        const rates: string[] = [];
        let best = 0;
        for (const engines of [1, 2, 4]) {
          const own = await rate(device, engines);
          best = Math.max(best, own);
          rates.push(`${engines} engines ${own.toFixed(1)}`);
        }
        const own = (before + (await rate(DEFAULT_DEVICE, cores))) / 2;
        lines.push(
          `${name}, images a second: CPU, ${cores} engines ${own.toFixed(1)}; ${device}, ${rates.join(', ')}; best ${(best / own).toFixed(2)} of the CPU`,
          await agreement(path, device),
        );
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

/** How far the answers of some photos lie apart. */
async function agreement(path: string, device: Device): Promise<string> {
  const photos = readdirSync(PHOTOS).sort().slice(0, COMPARED_PHOTOS);
  const images = photos.map((name) => ({ path: join(PHOTOS, name), plans: [0], baseline: true }));
  const order = { images, plans: PLANS, ranges: null, counts: false };
  const [onCpu, onGpu] = await withEngines(1, async ([engine]) => [
    await engine!.run('evaluate', { model: { path, threads: 1 }, ...order }),
    await engine!.run('evaluate', { model: { path, threads: 1, device }, ...order }),
  ]);
  const answers = (outcomes: typeof onCpu) =>
    outcomes!.flatMap((outcome) =>
      'failure' in outcome ? [] : [outcome.baseline!, ...outcome.results.map(({ top }) => top)],
    );
  const [cpu, gpu] = [answers(onCpu), answers(onGpu)];
  let lists = 0;
  let apart = 0;
  for (const [index, { classes, probabilities }] of cpu.entries()) {
    const other = gpu[index]!;
    if (classes.join() !== other.classes.join()) lists++;
    else probabilities.forEach((share, at) => (apart = Math.max(apart, Math.abs(share - other.probabilities[at]!))));
  }
  return `  of ${cpu.length} answers ${lists} differ in their first five classes; probabilities of the others lie ${apart.toExponential(1)} apart at most`;
}

async function withEngines<Result>(
  count: number,
  use: (engines: readonly EngineKeeper[]) => Promise<Result>,
): Promise<Result> {
  const engines = Array.from({ length: count }, () => new EngineKeeper({ script: SCRIPT, spawn: forkProcess }));
  try {
    return await use(engines);
  } finally {
    for (const engine of engines) engine.close();
  }
}
