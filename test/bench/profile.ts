import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchBuffers, evaluateImages } from '../../src-main/engine/inside/evaluation.ts';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { inputLayers } from '../../src-main/work/plan-layers.ts';
import { type PrecisionPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { LADDERS } from '../../src-shared/runs/policies.ts';
import { reproducePlans } from '../../src-shared/runs/reproduce-plans.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const SHARED = join(PROJECT, '..', 'shared');
const MODEL = join(SHARED, 'models', 'squeezenet1.1-imagenet.onnx');
const PHOTOS = join(SHARED, 'data', 'imagenet-250', 'images');
const IMAGES = 4;
const ROUNDS = 4;
/** A built checkout of an older commit, to be timed in turns with this one. */
const BEFORE = process.env.FOVEA_BEFORE;
const SEARCHED = 24;

/**
 * Plans of one image with the beginnings they share run once: processor time over that of each run as a whole, taken in turns. And
 * `fovea profile` as a whole beside an older one: `FOVEA_BEFORE=<built checkout> npm run bench -- profile`.
 */
export async function benchProfile(): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['left out, the shared photos are not there'];
  const [sharing, whole] = [await openModel({ path: MODEL, threads: 1 }), await openModel({ path: MODEL, threads: 1 })];
  // Windows need cuts, too.
  Object.defineProperty(whole.network, 'cuts', { value: () => Promise.resolve([]) });
  const both = [sharing, whole].map(({ network, model }) => ({ network, model, buffers: batchBuffers(network) }));
  const { network, model } = sharing;
  const lowered = network.tensors.map((_, tensor) =>
    resolvePlan({
      metric: 'uniform',
      bits: [8],
      layerBits: Object.fromEntries(
        network.layers.map(({ name }, layer) => [name, network.tensorOfLayer[layer] === tensor ? 4 : 5]),
      ),
    }),
  );
  const sets: readonly (readonly [string, string, readonly PrecisionPlan[]])[] = [
    ['a round of the search for a profile', '0.55 of a whole search', lowered],
    ['the full ladder', '0.70', LADDERS.full(inputLayers(model)).map((options) => resolvePlan(options))],
    ['the plans of a reproduction', '0.85', reproducePlans(inputLayers(model), lowered.slice(-2), model.layers).plans],
  ];
  const photos = readdirSync(PHOTOS).sort().slice(0, IMAGES);
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const lines: string[] = [];
  for (const [name, target, plans] of sets) {
    const images = photos.map((photo) => ({ path: join(PHOTOS, photo), baseline: false, plans: [...plans.keys()] }));
    const ranges = Object.fromEntries(network.layers.map((layer) => [layer.name, 4]));
    const run = async (evaluated: (typeof both)[number]) => {
      const before = process.cpuUsage();
      await evaluateImages(evaluated, { images, plans, ranges, counts: false }, context);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / IMAGES;
    };
    const times: [number[], number[]] = [[], []];
    // The first round makes sessions.
    for (let round = 0; round <= ROUNDS; round++)
      for (const [index, evaluated] of both.entries()) {
        const milliseconds = await run(evaluated);
        if (round > 0) times[index]!.push(milliseconds);
      }
    const [shared, all] = times.map((own) => Math.min(...own));
    lines.push(
      `${name}, ${plans.length} plans: ${shared!.toFixed(0)} ms an image with shared beginnings, ${all!.toFixed(0)} without: ` +
        `${(shared! / all!).toFixed(3)} (target ${target})`,
    );
  }
  for (const one of both) await one.network.close();
  if (BEFORE) lines.push(searchBeside(BEFORE));
  return lines;
}

/** Processor time of `fovea profile`, its processes with it, over that of another checkout's: the least of some, taken in turns. */
function searchBeside(before: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-profile-'));
  try {
    const [model, photos] = [join(folder, 'model'), join(folder, 'photos')];
    for (const own of [model, photos]) mkdirSync(own);
    // With its card: a search may write one.
    for (const file of readdirSync(join(SHARED, 'models')).filter((name) =>
      /^(squeezenet1\.1|imagenet-classes)/.test(name),
    ))
      cpSync(join(SHARED, 'models', file), join(model, file));
    const every = readdirSync(PHOTOS).sort();
    for (let at = 0; at < SEARCHED; at++) {
      const photo = every[Math.floor((at * every.length) / SEARCHED)]!;
      cpSync(join(PHOTOS, photo), join(photos, photo));
    }
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < 2; round++)
      for (const [index, project] of [PROJECT, before].entries()) {
        const script = `TIMEFORMAT='%U %S'; time "$0" "$@" > "${join(folder, 'found.json')}" 2> /dev/null`;
        const words = [
          'profile',
          photos,
          '--model',
          join(model, 'squeezenet1.1-imagenet.onnx'),
          '--workers',
          '1',
          '--json',
        ];
        const command = [process.execPath, join(project, 'src-main', 'fovea.mjs'), ...words];
        const env = { ...process.env, FOVEA_DATA: mkdtempSync(join(folder, 'data-')) };
        const { stderr, status } = spawnSync('bash', ['-c', script, ...command], { env, encoding: 'utf8' });
        if (status !== 0) throw new Error(`fovea profile ended with ${status}`);
        times[index]!.push(
          stderr
            .trim()
            .split(' ')
            .reduce((sum, own) => sum + Number(own), 0),
        );
      }
    const [now, then] = times.map((own) => Math.min(...own));
    return (
      `fovea profile of ${SEARCHED} photos: ${now!.toFixed(1)} s of the processor, ${then!.toFixed(1)} before: ` +
      `${(now! / then!).toFixed(3)} (target 0.55 of before beginnings were shared)`
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
