import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { batchBuffers, evaluateImages } from '../../src-main/engine/inside/evaluation.ts';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { inputLayers } from '../../src-main/work/plan-layers.ts';
import { type PrecisionPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { LADDERS } from '../../src-shared/runs/policies.ts';
import { reproducePlans } from '../../src-shared/runs/reproduce-plans.ts';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared');
const MODEL = join(SHARED, 'models', 'squeezenet1.1-imagenet.onnx');
const PHOTOS = join(SHARED, 'data', 'imagenet-250', 'images');
const IMAGES = 4;
const ROUNDS = 4;

/** Plans of one image with the beginnings they share run once: processor time over that of each run as a whole, taken in turns. */
export async function benchProfile(): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['left out, the shared photos are not there'];
  const [sharing, whole] = [await openModel({ path: MODEL, threads: 1 }), await openModel({ path: MODEL, threads: 1 })];
  // Windows need cuts, too.
  Object.defineProperty(whole.network.cuts, 'tensors', { value: () => Promise.resolve([]) });
  const both = [sharing, whole].map(({ network, model }) => ({
    network,
    model,
    buffers: batchBuffers(network),
    wholeRunsFirst: 0,
  }));
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
  return lines;
}
