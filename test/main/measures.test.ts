import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TaskInput, TaskResult } from '../../src-main/engine/engine-protocol.ts';
import type { ImageOutcome } from '../../src-shared/runs/run-record.ts';
import { runTask } from '../../src-main/engine/inside/engine-tasks.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';

const SHARED = resolve(import.meta.dirname, '../../../shared');
const FOLDER = join(SHARED, 'data/imagenet-250');
const MODEL = { path: join(SHARED, 'models/squeezenet1.1-imagenet.onnx') };
const context = { signal: new AbortController().signal, progress: () => undefined };

/** By name of the photo. */
function labels(): Map<string, number> {
  const [, ...lines] = readFileSync(join(FOLDER, 'labels.csv'), 'utf8').trim().split('\n');
  return new Map(lines.map((line) => [line.split(',')[0]!, Number(line.split(',')[1])]));
}

const PLANS = {
  fine: resolvePlan({ bits: [16], inputBits: 16 }),
  position: resolvePlan({ bits: [4] }),
  layer: resolvePlan({ bits: [4], range: 'layer' }),
  cropped: resolvePlan({ bits: [0], inputBits: 0 }),
};
const names = Object.keys(PLANS) as (keyof typeof PLANS)[];
/** Of how many photos one is run under a plan: all where the figure is that of all. */
const EVERY = { fine: 4, position: 1, layer: 4, cropped: 16 };

type Measured = Exclude<ImageOutcome, { failure: unknown }>;

// One pass for all measures: each photo is decoded once, and each plan runs in batches.
describe.skipIf(!existsSync(MODEL.path))('SqueezeNet 1.1 on 250 photos (needs ../shared)', () => {
  test('plain, at 16 bits, at 4 bits with both ranges, and cropped', async () => {
    const label = labels();
    const photos = [...label.keys()].map((name) => join(FOLDER, 'images', name));
    const { ranges } = (await runTask(
      {
        kind: 'task',
        id: 1,
        name: 'calibrate',
        input: { model: MODEL, images: photos.filter((_, n) => n % 8 === 0), percentile: 99.99 },
      },
      context,
    )) as TaskResult<'calibrate'>;
    const input: TaskInput<'evaluate'> = {
      model: MODEL,
      images: photos.map((path, n) => ({
        path,
        plans: names.flatMap((name, plan) => (n % EVERY[name] === 0 ? [plan] : [])),
        baseline: true,
      })),
      plans: names.map((name) => PLANS[name]),
      ranges,
      counts: false,
    };
    const results = (await runTask(
      { kind: 'task', id: 2, name: 'evaluate', input },
      context,
    )) as TaskResult<'evaluate'>;
    expect(results).toHaveLength(250);
    const measured = results.filter((image): image is Measured => !('failure' in image));
    expect(measured).toHaveLength(250);

    const answerOf = (image: Measured) => label.get(image.path.slice(join(FOLDER, 'images').length + 1))!;
    const share = (hit: (image: Measured) => boolean, of = measured) => (100 * of.filter(hit).length) / of.length;
    const topOf = (image: Measured, plan: keyof typeof PLANS) =>
      image.results.find((result) => result.plan === names.indexOf(plan))?.top;
    const under = (plan: keyof typeof PLANS) => measured.filter((image) => topOf(image, plan));
    const top1 = (plan: keyof typeof PLANS) =>
      share((image) => topOf(image, plan)!.classes[0] === answerOf(image), under(plan));

    const plain = share((image) => image.baseline!.classes[0] === answerOf(image));
    // By independent programs, with Pillow's pixels: 63.2 / 85.2.
    expect(Math.abs(plain - 63.2)).toBeLessThanOrEqual(0.4);
    const plainTop5 = share((image) => image.baseline!.classes.includes(answerOf(image)));
    expect(Math.abs(plainTop5 - 85.2)).toBeLessThanOrEqual(0.4);

    // By an independent program, with these pixels: 62.4. One rounding more or less in the last place flips an answer or two.
    expect(Math.abs(top1('position') - 62.4)).toBeLessThanOrEqual(1);
    expect(top1('layer')).toBeLessThan(45);
    // All photos look alike: nothing of them is left.
    expect(new Set(under('cropped').map((image) => topOf(image, 'cropped')!.classes.join())).size).toBe(1);

    let largest = 0;
    for (const image of under('fine')) {
      const fine = topOf(image, 'fine')!;
      for (const [rank, classIndex] of image.baseline!.classes.entries()) {
        const at = fine.classes.indexOf(classIndex);
        // A class that left the first five differs by at most what the fifth has.
        const found = at < 0 ? fine.probabilities[4]! : fine.probabilities[at]!;
        largest = Math.max(largest, Math.abs(found - image.baseline!.probabilities[rank]!));
      }
    }
    expect(largest).toBeLessThan(1e-3);

    // The bits a plan asks for are the bits that are counted.
    const bits = measured[0]!.results
      .find(({ plan }) => plan === names.indexOf('position'))!
      .layers.map((layer) => layer.meanBits);
    expect(bits).toEqual([8, ...Array<number>(25).fill(4)]);
  });
});
