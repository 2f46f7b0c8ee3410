import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { batchBuffers, evaluateImages } from '../../src-main/engine/inside/evaluation.ts';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared');
const MODEL = join(SHARED, 'models', 'squeezenet1.1-imagenet.onnx');
const PHOTOS = join(SHARED, 'data', 'imagenet-250', 'images');
const IMAGES = 4;
const ROUNDS = 4;

/** A round of the search for a static profile, each tensor one bit lower: processor time with beginnings run once over that without. */
export async function benchProfile(): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['left out, the shared photos are not there'];
  const { network, model } = await openModel({ path: MODEL, threads: 1 });
  const evaluated = { network, model, buffers: batchBuffers(network) };
  const plans = network.tensors.map((_, lowered) =>
    resolvePlan({
      metric: 'uniform',
      bits: [8],
      layerBits: Object.fromEntries(
        network.layers.map(({ name }, layer) => [name, network.tensorOfLayer[layer] === lowered ? 4 : 5]),
      ),
    }),
  );
  const photos = readdirSync(PHOTOS).sort().slice(0, IMAGES);
  const images = photos.map((name) => ({ path: join(PHOTOS, name), baseline: false, plans: [...plans.keys()] }));
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const run = async () => {
    const before = process.cpuUsage();
    await evaluateImages(evaluated, { images, plans, ranges: null, counts: false }, context);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / IMAGES;
  };
  const runWhole = async () => {
    Object.defineProperty(network, 'cuts', { value: () => Promise.resolve([]), configurable: true });
    const milliseconds = await run();
    Reflect.deleteProperty(network, 'cuts');
    return milliseconds;
  };
  await run();
  await runWhole();
  const pairs: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round++) pairs.push([await runWhole(), await run()]);
  const [whole, shared] = [0, 1].map((index) => Math.min(...pairs.map((pair) => pair[index]!)));
  await network.close();
  return [
    `a round of ${plans.length} profiles: ${shared!.toFixed(0)} ms an image with shared beginnings, ${whole!.toFixed(0)} without: ` +
      `${(shared! / whole!).toFixed(3)} (target 0.55 of a whole search)`,
  ];
}
