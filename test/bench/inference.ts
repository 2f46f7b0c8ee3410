import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { EngineKeeper } from '../../src-main/engine/engine-keeper.ts';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { forkProcess } from '../../src-main/engine/process-port.ts';
import { SCORE_SHARES } from '../../src-shared/precision/found-levels.ts';
import { KNOWN_SCORES, type LayerRange, scoreName } from '../../src-shared/precision/layer-range.ts';
import { resolvePlan, type PlanOptions } from '../../src-shared/precision/precision-plan.ts';
import { writeVgg16 } from './vgg16.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const SHARED_MODEL = join(PROJECT, '..', 'shared', 'models', 'squeezenet1.1-imagenet.onnx');
const EMBEDDED = join(PROJECT, 'models', 'fovea-caltech101.onnx');
const BATCH = 8;

/** What rewriting costs, what opening a large model takes, how soon a large photo is analysed. */
export async function benchInference(): Promise<string[]> {
  const lines: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  try {
    for (const model of [SHARED_MODEL, EMBEDDED].filter((path) => existsSync(path)))
      lines.push(...(await benchRewriting(model, 25)));
    const vgg16 = join(folder, 'vgg16.onnx');
    writeVgg16(vgg16);
    lines.push(...(await benchRewriting(vgg16, 4)));
    lines.push(benchOpening(vgg16));
    lines.push(await benchPhoto(folder));
    lines.push(benchHelp());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

/** What quantising should cost at most. */
const TARGETS: Readonly<Record<string, string>> = {
  'range per position': '1.17, of VGG-16 1.10',
  'range per position, powers of two': '1.14, of VGG-16 1.10',
};

/** What finding levels in the graph costs beside levels that come as inputs. */
const FOUND_AGAINST = [
  ['levels by sensitivity', 'range per position'],
  ['levels by outliers', 'range per position'],
  ['range per layer, levels by sensitivity', 'range per layer'],
] as const;

/** Rewritten against plain inference, one thread, batch 8, taken in turns; the least time of each counts. */
export async function benchRewriting(path: string, rounds: number): Promise<string[]> {
  const { network, model } = await openModel({ path, threads: 1 });
  const bare = await ort.InferenceSession.create(path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const { height, width } = model.preprocessing;
  const pixels = Float32Array.from({ length: BATCH * network.inputLength }, (_, i) => Math.sin(i * 0.37) * 2);
  const input = new ort.Tensor('float32', pixels, [BATCH, 3, height, width]);
  const variants: [string, PlanOptions][] = [
    ['range per position', {}],
    ['range per position, powers of two', { powerOfTwo: true }],
    ['range per layer', { range: 'layer' }],
    ['range by blocks of 16', { range: 'block' }],
    ['range by blocks of 16, E4M3', { range: 'block', blockScale: 'e4m3' }],
    ['levels by sensitivity', { metric: 'sensitivity' }],
    ['levels by outliers', { metric: 'outliers' }],
    ['range per layer, levels by sensitivity', { range: 'layer', metric: 'sensitivity' }],
  ];
  const works = [
    { name: 'plain', run: (): Promise<unknown> => bare.run({ [bare.inputNames[0]!]: input }), best: Infinity },
    ...variants.map(([name, options]) => {
      const images = plannedImages(options);
      const ranges = network.tensors.map(() => SCORED);
      return { name, run: () => network.quantised(pixels, images, ranges, false), best: Infinity };
    }),
  ];
  for (let round = 0; round < rounds; round++)
    for (const work of works) {
      const start = performance.now();
      await work.run();
      work.best = Math.min(work.best, performance.now() - start);
    }
  await network.close();
  await bare.release();
  const [plain, ...rewritten] = works;
  const name = path.split('/').at(-1)!;
  return [
    `${name}: plain ${(plain!.best / BATCH).toFixed(2)} ms an image (1 thread, batch ${BATCH})`,
    ...rewritten.map((work) => {
      const target = TARGETS[work.name];
      return `  rewritten, ${work.name}: ${(work.best / plain!.best).toFixed(3)} of plain${target ? ` (target ${target})` : ''}`;
    }),
    ...FOUND_AGAINST.map(([found, against]) => {
      const best = (name: string) => rewritten.find((work) => work.name === name)!.best;
      return `  ${found}: ${(best(found) / best(against)).toFixed(3)} of ${against} (target 1.10)`;
    }),
  ];
}

/** Whatever the thresholds are, as much is computed. */
const SCORED: LayerRange = {
  range: 4,
  logScales: [],
  scores: Object.fromEntries(KNOWN_SCORES.map((found) => [scoreName(found), SCORE_SHARES.map((share) => share / 2)])),
};

export function plannedImages(options: PlanOptions) {
  const plan = resolvePlan({ bits: [4, 3], ...options });
  const grid = { rows: plan.regions, columns: plan.regions };
  const values = Float32Array.from({ length: plan.regions ** 2 }, (_, cell) => Number(cell % 4 > 0));
  return Array.from({ length: BATCH }, () => ({ plan, grid, values }));
}

function benchOpening(path: string): string {
  const script = join(import.meta.dirname, 'open-model.ts');
  const image = join(PROJECT, 'resources', 'samples', 'sunflower.jpg');
  return `vgg16.onnx: ${execFileSync(process.execPath, [script, path, image], { encoding: 'utf8' }).trim()}`;
}

/** A 12-megapixel photo on a warm engine, SqueezeNet where it is there. */
async function benchPhoto(folder: string): Promise<string> {
  const photo = join(folder, 'photo.jpg');
  const source = join(PROJECT, 'resources', 'samples', 'sunflower.jpg');
  await sharp(source).resize(4000, 3000, { fit: 'fill' }).jpeg({ quality: 90 }).toFile(photo);
  const path = existsSync(SHARED_MODEL) ? SHARED_MODEL : EMBEDDED;
  const engine = new EngineKeeper({ script: join(PROJECT, 'out', 'main', 'engine.js'), spawn: forkProcess });
  const analyse = (image: string) =>
    engine.run('analyse', { model: { path, threads: 2 }, image, plan: resolvePlan({}), ranges: null, counts: true });
  await analyse(source);
  const start = performance.now();
  await analyse(photo);
  const first = performance.now() - start;
  const again = performance.now();
  await analyse(photo);
  const next = performance.now() - again;
  engine.close();
  return `a 12-megapixel photo, warm engine, all counts: ${first.toFixed(0)} ms; another plan on it: ${next.toFixed(0)} ms`;
}

function benchHelp(): string {
  const script = join(PROJECT, 'src-main', 'fovea.mjs');
  const shell = spawnSync('bash', ['-c', `"${process.execPath}" "${script}" --help > /dev/null; times`], {
    encoding: 'utf8',
  });
  const seconds = [...shell.stdout.matchAll(/(\d+)m([\d.]+)s/g)]
    .slice(-2)
    .reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  return `fovea --help: ${seconds.toFixed(2)} s of processor time`;
}
