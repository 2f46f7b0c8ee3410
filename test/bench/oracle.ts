import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchBuffers, evaluateImages } from '../../src-main/engine/inside/evaluation.ts';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { inputLayers } from '../../src-main/work/plan-layers.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { oracleLadders, withNull } from '../../src-shared/runs/oracle-ladders.ts';
import { LADDERS } from '../../src-shared/runs/policies.ts';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared');
const MODEL = join(SHARED, 'models', 'squeezenet1.1-imagenet.onnx');
const PHOTOS = join(SHARED, 'data', 'imagenet-250', 'images');
const LABELS = join(SHARED, 'data', 'imagenet-250', 'labels.csv');
/** One batch of an engine; every so many of the 250, which lie by class. */
const IMAGES = 24;
const EVERY = 10;
const ROUNDS = 3;

/** Processor time of an oracle that stops at each image's first success over that of its whole ladder, taken in turns. */
export async function benchOracle(): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['left out, the shared photos are not there'];
  const { network, model } = await openModel({ path: MODEL, threads: 1 });
  const evaluated = { network, model, buffers: batchBuffers(network), wholeRunsFirst: 0 };
  const labels = new Map(
    readFileSync(LABELS, 'utf8')
      .split('\n')
      .map((line) => [line.split(',')[0]!, Number(line.split(',')[1])]),
  );
  const photos = readdirSync(PHOTOS)
    .sort()
    .filter((_, index) => index % EVERY === 0)
    .slice(0, IMAGES);
  const ladder = LADDERS.full(inputLayers(model)).map((options) => resolvePlan(options));
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const lines: string[] = [];
  for (const [name, plans] of [
    ['the ladder', ladder],
    ['the ladder and its null', withNull(ladder)],
  ] as const) {
    const images = photos.map((photo) => ({
      path: join(PHOTOS, photo),
      baseline: true,
      plans: [...plans.keys()],
      label: labels.get(photo) ?? null,
    }));
    const run = async (stops: boolean) => {
      const before = process.cpuUsage();
      const ladders = stops ? { ladders: oracleLadders(plans) } : {};
      await evaluateImages(evaluated, { images, plans, ranges: null, counts: false, ...ladders }, context);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / IMAGES;
    };
    await run(true);
    const pairs: [number, number][] = [];
    for (let round = 0; round < ROUNDS; round++) pairs.push([await run(false), await run(true)]);
    const [whole, stopped] = [0, 1].map((index) => Math.min(...pairs.map((pair) => pair[index]!)));
    lines.push(
      `${name}, ${plans.length} plans: ${stopped!.toFixed(0)} ms an image up to the first success, ${whole!.toFixed(0)} of all: ` +
        `${(stopped! / whole!).toFixed(3)} (target 0.35)`,
    );
  }
  await network.close();
  return lines;
}
