import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { batchBuffers, evaluateImages } from '../../src-main/engine/inside/evaluation.ts';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { type PlanOptions, resolvePlan } from '../../src-shared/precision/precision-plan.ts';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared');
const MODEL = join(SHARED, 'models', 'squeezenet1.1-imagenet.onnx');
const PHOTOS = join(SHARED, 'data', 'imagenet-250', 'images');
const IMAGES = 12;
const ROUNDS = 4;

const PLANS: Readonly<Record<string, PlanOptions>> = {
  'the default plan': {},
  'powers of two': { powerOfTwo: true },
  'a quarter cropped': { bits: [8, 0], lowShare: 0.25 },
};

/** What a folder run pays for all counts: processor time of a run with them over that of the same run without, taken in turns. */
export async function benchCounts(): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['left out, the shared photos are not there'];
  const { network, model } = await openModel({ path: MODEL, threads: 1 });
  const evaluated = { network, model, buffers: batchBuffers(network) };
  const photos = readdirSync(PHOTOS).sort().slice(0, IMAGES);
  const images = photos.map((name) => ({ path: join(PHOTOS, name), baseline: true, plans: [0] }));
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const run = async (options: PlanOptions, counts: boolean) => {
    const before = process.cpuUsage();
    await evaluateImages(evaluated, { images, plans: [resolvePlan(options)], ranges: null, counts }, context);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / IMAGES;
  };
  const lines: string[] = [];
  for (const [name, options] of Object.entries(PLANS)) {
    await run(options, false);
    await run(options, true);
    const pairs: [number, number][] = [];
    for (let round = 0; round < ROUNDS; round++) pairs.push([await run(options, false), await run(options, true)]);
    const [without, counted] = [0, 1].map((index) => Math.min(...pairs.map((pair) => pair[index]!)));
    lines.push(
      `${name}: ${counted!.toFixed(1)} ms an image with all counts, ${without!.toFixed(1)} without: ` +
        `${(counted! / without!).toFixed(3)} (target 1.2 at most)`,
    );
  }
  await network.close();
  return lines;
}
