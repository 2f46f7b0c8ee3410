import { expect, test } from 'vitest';
import { predictorSteps } from '../../../../src-shared/precision/found-levels.ts';
import type { Window } from '../../../../src-shared/precision/precision-plan.ts';
import { measured, plans, run, scene } from './engine-scene.ts';

const PERCENTILE = 99.99;

test('levels that a graph finds are those that are counted, priced and shown, image by image', async () => {
  const { model, photos } = await scene(4);
  const { ranges } = await run('calibrate', { model, images: photos, percentile: PERCENTILE, scores: true });
  const [plan, inverse] = plans(
    { metric: 'sensitivity', lowShare: 0.5, bits: [8, 2] },
    { metric: 'inverse:sensitivity', lowShare: 0.5, bits: [8, 2] },
  );
  const images = photos.map((path) => ({ path, plans: [0, 1], baseline: true }));
  const evaluate = async (counts: boolean) =>
    measured(await run('evaluate', { model, images, plans: [plan!, inverse!], ranges, counts }));
  const [basic, full] = [await evaluate(false), await evaluate(true)];
  const bitsOf = (outcomes: typeof basic, at: number) =>
    outcomes.map(({ results }) => results[at]!.layers.map(({ meanBits }) => meanBits));
  expect(bitsOf(basic, 0)).toEqual(bitsOf(full, 0));
  // Each image has its own share, and all together about the one that is wanted.
  const second = bitsOf(basic, 0).map(([, own]) => own!);
  expect(new Set(second).size).toBeGreaterThan(1);
  expect(second.reduce((sum, bits) => sum + bits, 0) / second.length).toBeCloseTo(5, 0);

  const analysis = await run('analyse', { model, image: photos[0]!, plan: plan!, ranges, counts: true });
  const [first, conv, gemm] = analysis.layers;
  const { levelMaps } = analysis.importance;
  expect(Object.keys(levelMaps!)).toEqual([conv!.name, gemm!.name]);
  const levels = [...levelMaps![conv!.name]!].map(Number);
  const high = levels.filter((level) => level === 1).length;
  expect(conv!.meanBits).toBeCloseTo((8 * high + 2 * (levels.length - high)) / levels.length, 9);
  expect(conv!.wordBits).toBeCloseTo((8 * high + 4 * (levels.length - high)) / levels.length, 9);
  expect(conv!.levelMapBits).toBe(levels.length);
  expect(conv!.predictorSteps).toBe(predictorSteps(conv!, { metric: 'sensitivity', window: 3 satisfies Window }));
  // What reads the image finds nothing.
  expect(first).toMatchObject({ levelMapBits: 0, predictorSteps: 0, wordBits: null, meanBits: 8 });
  // The inverse turns the half that is low around: what both find low is little.
  const turned = await run('analyse', { model, image: photos[0]!, plan: inverse!, ranges, counts: false });
  const others = [...turned.importance.levelMaps![conv!.name]!].map(Number);
  expect(others).toEqual(levels.map((level) => 1 - level));
});

test('without scores, what to do is said', async () => {
  const { model, photos } = await scene(1);
  const { ranges } = await run('calibrate', { model, images: photos, percentile: PERCENTILE });
  const [plan] = plans({ metric: 'outliers' });
  await expect(run('analyse', { model, image: photos[0]!, plan: plan!, ranges, counts: false })).rejects.toMatchObject({
    code: 'calibration-missing',
    next: 'Run fovea models calibrate again.',
  });
});
