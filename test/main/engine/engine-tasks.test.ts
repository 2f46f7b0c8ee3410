import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type {
  EngineProgress,
  EvaluatedImage,
  TaskInput,
  TaskName,
  TaskResult,
} from '../../../src-main/engine/engine-protocol.ts';
import { runTask } from '../../../src-main/engine/engine-tasks.ts';
import type { LayerCounts } from '../../../src-shared/measurement.ts';
import { resolvePlan, type PlanOptions } from '../../../src-shared/precision/precision-plan.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function run<Name extends TaskName>(
  name: Name,
  input: TaskInput<Name>,
  signal = new AbortController().signal,
  progress: (progress: EngineProgress) => void = () => undefined,
): Promise<TaskResult<Name>> {
  // Name and input belong together by the signature above.
  const task = { kind: 'task', id: 1, name, input } as Parameters<typeof runTask>[0];
  return (await runTask(task, { signal, progress })) as TaskResult<Name>;
}

/** The small classifier in a folder of its own, with `count` pictures of noise. */
async function scene(count: number): Promise<{ folder: string; model: { path: string }; photos: string[] }> {
  const folder = temporaryFolder();
  const model = { path: writeModel(folder, 'small.onnx', smallClassifier()) };
  const photos = await Promise.all(
    Array.from({ length: count }, (_, seed) => picture(join(folder, `${seed}.png`), seed)),
  );
  return { folder, model, photos };
}

async function picture(path: string, seed: number): Promise<string> {
  const random = randomGenerator(seed);
  const data = new Uint8Array(40 * 40 * 3).map(() => Math.floor(random() * 256));
  await sharp(data, { raw: { width: 40, height: 40, channels: 3 } }).toFile(path);
  return path;
}

const plans = (...options: PlanOptions[]) => options.map((own) => resolvePlan(own));

type Measured = Exclude<EvaluatedImage, { failure: unknown }>;
const measured = (results: readonly EvaluatedImage[]) =>
  results.filter((result): result is Measured => !('failure' in result));

test('a batch of many plans measures each image as it is measured alone', async () => {
  const { model, photos } = await scene(11);
  const { ranges } = await run('calibrate', { model, images: photos, percentile: 99.9 });
  const all = plans(
    { bits: [6, 2] },
    { bits: [5, 3, 1], regions: 5, metric: 'gradient' },
    { bits: [8], powerOfTwo: true },
    { bits: [4, 2], range: 'layer' },
    { bits: [5, 3], quantiser: 'log', weightBits: 3 },
    { bits: [5, 3], quantiser: 'log', weightBits: 6 },
  );
  const images = photos.map((path, at) => ({ path, plans: all.map((_, plan) => plan), baseline: at % 2 === 0 }));
  const together = measured(await run('evaluate', { model, images, plans: all, ranges, counts: true }));
  expect(together.map((image) => image.path)).toEqual(photos);
  for (const [at, image] of together.entries()) {
    expect(image.baseline === null).toBe(at % 2 === 1);
    expect(image.results.map((result) => result.plan).sort()).toEqual(all.map((_, plan) => plan));
    for (const { plan, top, layers } of image.results) {
      const input = { model, image: image.path, plan: all[plan]!, ranges, counts: true };
      const alone = await run('analyse', input);
      const best = top.classes[0]!;
      expect(alone.quantised[best], `plan ${plan} of image ${at}`).toBeCloseTo(top.probabilities[0]!, 4);
      layers.forEach((layer, index) => expectSameCounts(layer, alone.layers[index]!));
    }
  }
});

/** Batches may round in another order than single images, which moves a value across a step now and then. */
function expectSameCounts(a: LayerCounts, b: LayerCounts): void {
  expect({ ...a, ...INEXACT }).toEqual({ ...b, ...INEXACT });
  for (const field of ['zeroShare', 'clippedShare', 'nonZeroBits', 'lockstepNonZeroBits', 'sqnrDb'] as const)
    if (b[field] === null) expect(a[field]).toBeNull();
    else expect(Math.abs(a[field]! - b[field]), field).toBeLessThan(0.02 * (1 + Math.abs(b[field])));
}
const INEXACT = {
  zeroShare: 0,
  clippedShare: 0,
  nonZeroBits: 0,
  lockstepNonZeroBits: 0,
  sqnrDb: 0,
  nonZeroBitsAt8: 0,
  lockstepNonZeroBitsAt8: 0,
};

test('only the plans asked for are run', async () => {
  const { model, photos } = await scene(2);
  const images = [
    { path: photos[0]!, plans: [1], baseline: false },
    { path: photos[1]!, plans: [], baseline: true },
  ];
  const input = { model, images, plans: plans({ bits: [4] }, { bits: [2] }), ranges: null, counts: false };
  const [first, second] = measured(await run('evaluate', input));
  expect(first).toMatchObject({ baseline: null, results: [{ plan: 1 }] });
  expect(first!.results[0]!.layers.map((layer) => [layer.meanBits, layer.zeroShare])).toEqual([
    [8, null],
    [2, null],
    [2, null],
  ]);
  expect(second).toMatchObject({ results: [] });
  expect(second!.baseline!.classes).toHaveLength(5);
});

test.each(['random', 'inverse:random', 'combined', 'centre'])(
  'the counts of a mask do not depend on the images beside it: %s',
  async (metric) => {
    const { model, photos } = await scene(3);
    const evaluate = async (paths: readonly string[]) => {
      const images = paths.map((path) => ({ path, plans: [0], baseline: false }));
      const plan = plans({ metric, bits: [6, 2], regions: 5 });
      return measured(await run('evaluate', { model, images, plans: plan, ranges: null, counts: false }));
    };
    const alone: Measured[] = [];
    for (const photo of photos) alone.push(...(await evaluate([photo])));
    const layers = (outcomes: readonly Measured[]) => outcomes.map(({ results }) => results[0]!.layers);
    expect(layers(await evaluate(photos))).toEqual(layers(alone));
  },
);

test('a bad image fails alone, with its reason', async () => {
  const { folder, model, photos } = await scene(3);
  const bad = join(folder, 'bad.jpg');
  writeFileSync(bad, 'no picture');
  const images = [photos[0]!, bad, photos[1]!].map((path) => ({ path, plans: [0], baseline: true }));
  const results = await run('evaluate', { model, images, plans: plans({}), ranges: null, counts: false });
  expect(results.map((result) => result.path)).toEqual([photos[0], bad, photos[1]]);
  expect(results[1]).toMatchObject({
    failure: { code: 'image-unsupported', message: expect.stringContaining(bad) as string },
  });
  expect(measured(results)).toHaveLength(2);
});

test('progress counts images; cancelling ends between batches', async () => {
  const { model, photos } = await scene(20);
  const images = photos.map((path) => ({ path, plans: [0], baseline: true }));
  const input = { model, images, plans: plans({}), ranges: null, counts: false };
  const seen: EngineProgress[] = [];
  await run('evaluate', input, undefined, (progress) => seen.push(progress));
  expect(seen.at(-1)).toEqual({ done: 20, total: 20 });
  expect(seen.length).toBeGreaterThan(1);
  const controller = new AbortController();
  await expect(run('evaluate', input, controller.signal, () => controller.abort())).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('an analysis does not depend on what was analysed before', async () => {
  const { model, photos } = await scene(1);
  const input = (options: PlanOptions) => ({
    model,
    image: photos[0]!,
    plan: resolvePlan(options),
    ranges: null,
    counts: true,
  });
  const power = { bits: [6, 2], powerOfTwo: true };
  const fresh = await run('analyse', input(power));
  // Another model in between: all that was kept of the image is gone.
  await run('open', { model: { ...model, preset: 'plain' } });
  await run('analyse', input({ bits: [6, 2] }));
  const after = await run('analyse', input(power));
  expect({ ...after, timings: null }).toEqual({ ...fresh, timings: null });
  expect(after.layers[1]!.nonZeroBitsAt8).toBeGreaterThan(0);
});

test('a photo that changes on disk is read again', async () => {
  const { model, photos } = await scene(1);
  const input = { model, image: photos[0]!, plan: resolvePlan({}), ranges: null, counts: false };
  const before = await run('analyse', input);
  await picture(photos[0]!, 99);
  utimesSync(photos[0]!, new Date(), new Date(Date.now() + 5000));
  const after = await run('analyse', input);
  expect(after.image.sha256).not.toBe(before.image.sha256);
  expect(after.baseline).not.toEqual(before.baseline);
});

test('a card that changes on disk is read again', async () => {
  const { folder, model } = await scene(0);
  const before = await run('open', { model });
  expect(before).toMatchObject({ card: null, preset: 'imagenet', labels: [] });
  const card = {
    name: 'small',
    input: {
      name: 'image',
      layout: 'NCHW',
      channels: 'RGB',
      height: 16,
      width: 16,
      resizeShorterSide: 20,
      crop: 'centre',
      range: [0, 1],
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    output: { name: before.signature.outputName, kind: 'probabilities' },
    labels: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
  };
  writeFileSync(join(folder, 'small.json'), JSON.stringify(card));
  expect(await run('open', { model })).toMatchObject({ preset: null, labels: card.labels, card: { name: 'small' } });
});

test('calibration gives each layer a range, names the images it could not read, and is reproducible', async () => {
  const { folder, model, photos } = await scene(4);
  const images = [...photos, join(folder, 'missing.png')];
  const first = await run('calibrate', { model, images, percentile: 99 });
  expect(first).toMatchObject({ images: 4, failed: [{ path: images[4], error: { code: 'image-missing' } }] });
  expect(Object.keys(first.ranges)).toHaveLength(3);
  expect(await run('calibrate', { model, images, percentile: 99 })).toEqual(first);
});

test('a range per layer without calibration is refused by the layer', async () => {
  const { model, photos } = await scene(1);
  const input = { model, image: photos[0]!, plan: resolvePlan({ range: 'layer' }), ranges: null, counts: false };
  await expect(run('analyse', input)).rejects.toMatchObject({
    code: 'calibration-missing',
    message: expect.stringContaining('conv_') as string,
  });
});
