import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { planImage, prepareImage } from '../../../../src-main/engine/inside/image-analysis.ts';
import { openModel } from '../../../../src-main/engine/inside/opened-model.ts';
import { digestOf } from '../../../../src-main/files/digest.ts';
import { cellsOfMap, type ValueMap } from '../../../../src-shared/importance/value-map.ts';
import { levelMap } from '../../../../src-shared/precision/level-map.ts';
import type { PrecisionPlan } from '../../../../src-shared/precision/precision-plan.ts';
import { pooledClassifier, smallClassifier } from '../../onnx/onnx-models.ts';
import { measured, plans, run, scene } from './engine-scene.ts';

/** A saliency map as it is worked out alone, with the network's own hands. */
async function opened(path: string) {
  const { network, model } = await openModel({ path });
  onTestFinished(() => network.close());
  const prepare = (photo: string) => prepareImage(photo, model.preprocessing, new Float32Array(network.inputLength));
  const mapUnder = async (photo: string, plan: PrecisionPlan, map: ValueMap | null) => {
    const { pixels } = await prepare(photo);
    const grid = { rows: plan.regions, columns: plan.regions };
    const values = map ? cellsOfMap(map, grid) : new Float32Array(plan.regions ** 2);
    const planned = { plan, grid, values };
    const both = Float32Array.from([...pixels, ...pixels]);
    return (await network.classActivations.of(both, [planned, planned], null))[0]!;
  };
  return { mapUnder };
}

const frame = (path: string) => ({ path, sha256: digestOf(readFileSync(path)) });
const wanted = (path: string, before: readonly string[] = []) => ({
  path,
  plans: [0],
  baseline: false,
  before: before.map(frame),
});

describe('a saliency map of a pass', () => {
  test('is the class-activation map at its uniform bits, and the pass is counted beside the run', async () => {
    const { model, photos } = await scene(3, pooledClassifier());
    const [plan, uniform] = plans(
      { metric: 'saliency', saliencyBits: 3, bits: [6, 2], lowShare: 0.5, regions: 4 },
      { metric: 'uniform', bits: [3] },
    );
    const { mapUnder } = await opened(model.path);
    const analysis = await run('analyse', { model, image: photos[0]!, plan: plan!, ranges: null, counts: true });
    const values = cellsOfMap(await mapUnder(photos[0]!, uniform!, null), { rows: 4, columns: 4 });
    expect(analysis.importance.values).toEqual([...values]);
    expect(analysis.importance.levels).toEqual([...levelMap({ plan: plan!, grid: { rows: 4, columns: 4 }, values })]);
    // The layer that reads the image keeps its bits in the pass, too.
    expect(analysis.layers.map(({ pass }) => pass)).toEqual([
      { share: 1, bits: 8 },
      { share: 1, bits: 3 },
      { share: 1, bits: 3 },
    ]);
    // In a folder run, whichever images share a call, it is the same.
    const images = photos.map((path) => wanted(path));
    const input = { model, plans: [plan!], ranges: null, counts: true };
    const [all, alone] = [
      await run('evaluate', { ...input, images }),
      await run('evaluate', { ...input, images: images.slice(0, 1) }),
    ];
    expect(measured(all)[0]!.results).toEqual(measured(alone)[0]!.results);
    expect(measured(all)[0]!.results[0]!.layers).toEqual(analysis.layers);
  });

  test('has an inverse; one level has no pass, and no other metric is charged for one', async () => {
    const { model, photos } = await scene(1, pooledClassifier());
    const analyse = async (plan: PrecisionPlan) =>
      run('analyse', { model, image: photos[0]!, plan, ranges: null, counts: false });
    const [own, inverse, single, centre] = plans(
      { metric: 'saliency' },
      { metric: 'inverse:saliency' },
      { metric: 'saliency', bits: [4] },
      { metric: 'centre' },
    );
    const { importance } = await analyse(own!);
    for (const [cell, value] of (await analyse(inverse!)).importance.values.entries())
      expect(value).toBeCloseTo(1 - importance.values[cell]!, 6);
    for (const plan of [single!, centre!])
      expect((await analyse(plan)).layers.every(({ pass }) => pass === undefined)).toBe(true);
  });

  test('is refused where the network has none, whatever the image', async () => {
    const { model, photos } = await scene(1, smallClassifier());
    const input = { model, plans: plans({ metric: 'saliency' }), ranges: null, counts: false };
    await expect(run('evaluate', { ...input, images: [wanted(photos[0]!)] })).rejects.toMatchObject({
      code: 'model-unsupported',
    });
  });
});

describe('a saliency map of the frame before', () => {
  const [plan, uniform] = plans(
    { metric: 'saliency', saliencyFrom: 'previous', bits: [6, 2], lowShare: 0.5, regions: 4 },
    { metric: 'uniform', bits: [4] },
  );

  test('is of that frame under the same plan, back to the pass of the first', async () => {
    const { model, photos } = await scene(3, pooledClassifier());
    const [first, second, third] = photos as [string, string, string];
    const { mapUnder } = await opened(model.path);
    const pass = await mapUnder(first, uniform!, null);
    const ofFirst = await mapUnder(first, plan!, pass);
    const ofSecond = await mapUnder(second, plan!, ofFirst);
    const input = { model, plan: plan!, ranges: null, counts: false };
    const values = async (image: string, before: readonly string[]) =>
      (await run('analyse', { ...input, image, before: before.map(frame) })).importance.values;
    const cells = (map: ValueMap) => [...cellsOfMap(map, { rows: 4, columns: 4 })];
    expect(await values(third, [first, second])).toEqual(cells(ofSecond));
    expect(await values(second, [first])).toEqual(cells(ofFirst));
    expect(await values(first, [])).toEqual(cells(pass));
  });

  test('gives the same in any order of work, and charges the pass of the first alone', async () => {
    const { model, photos } = await scene(3, pooledClassifier());
    const [first, second, third] = photos as [string, string, string];
    const images = [wanted(third, [first, second]), wanted(first), wanted(second, [first])];
    const input = { model, plans: [plan!], ranges: null, counts: false };
    const together = measured(await run('evaluate', { ...input, images }));
    for (const [index, image] of images.entries()) {
      const again = { ...input, model: { ...model, threads: 1 }, images: [image] };
      expect(measured(await run('evaluate', again))[0]!.results).toEqual(together[index]!.results);
    }
    expect(together.map(({ results }) => results[0]!.layers[1]!.pass)).toEqual([
      { share: 0, bits: 0 },
      { share: 1, bits: 4 },
      { share: 0, bits: 0 },
    ]);
  });

  test('begins anew behind a frame that cannot be read, and is refused where one was changed', async () => {
    const { model, photos } = await scene(2, pooledClassifier());
    const input = { model, plan: plan!, ranges: null, counts: false, image: photos[0]! };
    const own = await run('analyse', input);
    const behind = await run('analyse', { ...input, before: [{ path: `${photos[1]!}.gone.png`, sha256: 'none' }] });
    expect(behind.importance).toEqual(own.importance);
    expect(behind.layers[1]!.pass).toEqual({ share: 1, bits: 4 });
    await expect(run('analyse', { ...input, before: [{ path: photos[1]!, sha256: 'another' }] })).rejects.toMatchObject(
      {
        code: 'dataset-unreadable',
      },
    );
  });
});

test('planning needs no map of what has one level', async () => {
  const { model, photos } = await scene(1, pooledClassifier());
  const { model: known, network } = await openModel(model);
  onTestFinished(() => network.close());
  const prepared = await prepareImage(photos[0]!, known.preprocessing, new Float32Array(network.inputLength));
  expect(Array.from(planImage(prepared, plans({ metric: 'saliency', bits: [4], regions: 2 })[0]!).values)).toEqual([
    0, 0, 0, 0,
  ]);
});
