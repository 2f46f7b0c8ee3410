import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOLD_TWICE_BYTES } from '../../../../src-main/network/network-sessions.ts';
import { answeringModel } from '../../../../src-main/engine/answering-model.ts';
import { cardPath } from '../../../../src-main/models/model-card-file.ts';
import type { EngineProgress } from '../../../../src-main/engine/inside/task-context.ts';
import { builtinAccelerators } from '../../../../src-shared/energy/accelerators/builtin.ts';
import { estimateAll } from '../../../../src-shared/energy/energy.ts';
import type { LayerCounts } from '../../../../src-shared/measurement.ts';
import { ModelBuilder, smallClassifier } from '../../onnx/onnx-models.ts';
import { measured, type Measured, plans, run, scene } from './engine-scene.ts';

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
      // All that the plan's quantiser leaves integers of can be priced.
      if (all[plan]!.quantiser === 'linear') expect(estimateAll(builtinAccelerators(), layers).notPriced).toEqual([]);
    }
  }
});

/** Batches may round in another order than single images, which moves a value across a step now and then. */
function expectSameCounts(a: LayerCounts, b: LayerCounts): void {
  expect({ ...a, ...INEXACT }).toEqual({ ...b, ...INEXACT });
  for (const field of COMPARED)
    if (b[field] === null) expect(a[field]).toBeNull();
    else expect(Math.abs(a[field]! - b[field]), field).toBeLessThan(0.02 * (1 + Math.abs(b[field])));
}
const COMPARED = [
  'zeroShare',
  'clippedShare',
  'nonZeroBits',
  'lockstepNonZeroBits',
  'compactedNonZeroBits',
  'groupBits',
  'palletBits',
  'compactedPalletBits',
  'sqnrDb',
] as const;
const INEXACT = Object.fromEntries(COMPARED.map((field) => [field, 0]));

test('a run is not gone on with by a model whose card was changed meanwhile', async () => {
  const { model, photos } = await scene(1);
  const { card, ...opened } = await run('open', { model });
  expect(card).toBeNull();
  const images = [{ path: photos[0]!, plans: [0], baseline: true }];
  const input = {
    model,
    as: answeringModel({ card, ...opened }),
    images,
    plans: plans({}),
    ranges: null,
    counts: false,
  };
  expect(measured(await run('evaluate', input))).toHaveLength(1);
  const { mean, ...preprocessing } = opened.preprocessing;
  const { inputName: name, outputName } = opened.signature;
  const changed = { name, ...preprocessing, mean: mean.map((value) => value + 0.1) };
  const edited = { name: 'small', input: changed, output: { name: outputName, kind: opened.outputKind } };
  writeFileSync(cardPath(model.path), JSON.stringify(edited));
  await expect(run('evaluate', input)).rejects.toMatchObject({
    code: 'model-unsupported',
    message: `${model.path}: its card was changed after the work had begun`,
  });
  rmSync(cardPath(model.path));
  expect(measured(await run('evaluate', input))).toHaveLength(1);
});

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
  const { model, photos } = await scene(40);
  const images = photos.map((path) => ({ path, plans: [0], baseline: true }));
  const input = { model, images, plans: plans({}), ranges: null, counts: false };
  const seen: EngineProgress[] = [];
  await run('evaluate', input, undefined, (progress) => seen.push(progress));
  expect(seen.at(-1)).toEqual({ done: 40, total: 40 });
  expect(seen.length).toBeGreaterThan(1);
  const controller = new AbortController();
  await expect(run('evaluate', input, controller.signal, () => controller.abort())).rejects.toMatchObject({
    code: 'cancelled',
  });
});

/**
 * Fully connected layers too large to be held twice: their weights are not repacked, and a single row is then multiplied by them in
 * another order than several rows.
 */
function largeClassifier() {
  const b = new ModelBuilder(1);
  const features = b.relu(b.conv(b.image(3, 16, 16), { out: 16, padding: 1 }));
  const hidden = b.relu(b.gemm(b.flatten(features), Math.ceil(HOLD_TWICE_BYTES / 4 / 4096) + 8, features));
  return b.finish(b.softmax(b.gemm(hidden, 16)));
}

test('what an image gives does not depend on how many share its call', async () => {
  const { model, photos } = await scene(5, largeClassifier());
  const evaluate = async (paths: readonly string[]) => {
    const images = paths.map((path) => ({ path, plans: [0], baseline: true }));
    return measured(await run('evaluate', { model, images, plans: plans({}), ranges: null, counts: false }));
  };
  const together = await evaluate(photos);
  for (const size of [1, 2, 3]) {
    const parts: Measured[] = [];
    for (let first = 0; first < photos.length; first += size)
      parts.push(...(await evaluate(photos.slice(first, first + size))));
    expect(parts).toEqual(together);
  }
});

test('an analysis with all counts finds, to the last digit, what a folder run finds', async () => {
  for (const classifier of [largeClassifier(), smallClassifier()]) {
    const { model, photos } = await scene(3, classifier);
    const all = plans({}, { bits: [4, 2], range: 'layer' });
    const { ranges } = await run('calibrate', { model, images: photos, percentile: 99.9 });
    const evaluate = async (counts: boolean) => {
      const images = photos.map((path) => ({ path, plans: [0, 1], baseline: true }));
      return measured(await run('evaluate', { model, images, plans: all, ranges, counts }));
    };
    const [full, basic] = [await evaluate(true), await evaluate(false)];
    for (const [at, image] of photos.entries())
      for (const [index, plan] of all.entries()) {
        const own = plan.range === 'layer' ? ranges : null;
        // What follows a slider comes first, and must not leave its rounding behind.
        await run('analyse', { model, image, plan, ranges: own, counts: false });
        const { baseline, quantised, layers } = await run('analyse', { model, image, plan, ranges: own, counts: true });
        const { top, layers: counted } = full[at]!.results.find((result) => result.plan === index)!;
        expect(basic[at]!.results.find((result) => result.plan === index)!.top).toEqual(top);
        expect(top.classes.map((label) => quantised[label])).toEqual(top.probabilities);
        const plain = full[at]!.baseline!;
        expect(plain.classes.map((label) => baseline[label])).toEqual(plain.probabilities);
        expect(layers).toEqual(counted);
      }
  }
});
