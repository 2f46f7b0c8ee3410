import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openModel } from '../../../../src-main/engine/inside/opened-model.ts';
import { sharedPrefixes } from '../../../../src-main/engine/inside/shared-prefixes.ts';
import type { PlannedImage } from '../../../../src-main/network/level-maps.ts';
import { type PlanOptions, type PrecisionPlan, resolvePlan } from '../../../../src-shared/precision/precision-plan.ts';
import { folderRun, run } from './engine-scene.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const EMBEDDED = join(ROOT, 'models', 'fovea-caltech101.onnx');
const SAMPLES = ['sunflower.jpg', 'pizza.jpg', 'watch.jpg'].map((name) => join(ROOT, 'resources', 'samples', name));

const uniform = (options: PlanOptions = {}): PlannedImage => {
  const plan = resolvePlan({ metric: 'uniform', bits: [4], ...options });
  return { plan, grid: { rows: plan.regions, columns: plan.regions }, values: new Float32Array(plan.regions ** 2) };
};

/** Expects that plans run together, with all that they can share, give what whole runs of each give. */
async function expectSameTogether(plans: readonly PrecisionPlan[]): Promise<void> {
  const { network, evaluate } = await folderRun(EMBEDDED, SAMPLES, plans);
  const together = await evaluate([...plans.keys()], 0);
  for (const index of plans.keys()) {
    const alone = await evaluate([index], Infinity);
    expect(together.map(({ results }) => results[index])).toEqual(alone.map(({ results }) => results[0]));
  }
  await network.close();
}

test('plans that differ late follow one that is run as a whole; those that differ from the start stand alone', async () => {
  const { network } = await openModel({ path: EMBEDDED });
  const cuts = await network.cuts.tensors();
  const [, , third] = cuts;
  const lowered = (tensor: number, bits = 4) => {
    const layers = network.layers.map(({ name }, layer) => [name, network.tensorOfLayer[layer] === tensor ? 3 : bits]);
    return { planned: uniform({ layerBits: Object.fromEntries(layers) as Record<string, number> }), varies: false };
  };
  const last = lowered(network.tensors.length - 1);
  const middle = lowered(third!);
  const other = lowered(third!, 5);
  const [shared, alone, ...rest] = sharedPrefixes(network, cuts, [last, other, middle]);
  expect(shared).toEqual({ first: last, followers: [{ plan: middle, cut: third }] });
  expect(alone).toEqual({ first: other, followers: [] });
  expect(rest).toEqual([]);
  await network.close();
});

test('plans whose masks follow the image share what comes before them, and nothing else', async () => {
  const { network } = await openModel({ path: EMBEDDED });
  const cuts = await network.cuts.tensors();
  const masked = (bits: readonly number[], varies: boolean) => ({
    planned: uniform({ metric: 'centre', bits }),
    varies,
  });
  const plans = [masked([4, 2], true), masked([5, 3], true), masked([4, 2], true)];
  // The image has its 8 bits under each; behind it other images have other masks, even under the very same plan.
  expect(sharedPrefixes(network, cuts, plans)).toEqual([
    { first: plans[0], followers: [plans[1], plans[2]].map((plan) => ({ plan, cut: 1 })) },
  ]);
  const cropped = { ...masked([8, 0], true), planned: uniform({ metric: 'centre', bits: [8, 0], inputBits: 6 }) };
  expect(sharedPrefixes(network, cuts, [plans[0]!, cropped]).map(({ followers }) => followers)).toEqual([[], []]);
  // Of a mask that is the same for all images, the whole network.
  const [same] = sharedPrefixes(network, cuts, [masked([4, 2], false), masked([4, 2], false)]);
  expect(same!.followers[0]!.cut).toBe(cuts.at(-1));
  await network.close();
});

test('plans of a folder run that begin alike give what each gives alone, whatever their masks look at', async () => {
  const model = { path: EMBEDDED };
  const { layers } = await run('open', { model });
  const plans = [
    ...[5, 3].map((bits) => resolvePlan({ metric: 'uniform', bits: [bits] })),
    ...(['gradient', 'random', 'centre'] as const).map((metric) =>
      resolvePlan({ metric, bits: [4, 2], lowShare: 0.5 }),
    ),
    ...[8, 4].map((bits) =>
      resolvePlan({ metric: 'centre', bits: [bits, 0], layerBits: { [layers[0]!.name]: [8, 0] } }),
    ),
    resolvePlan({ metric: 'random', bits: [4, 0] }),
  ];
  await expectSameTogether(plans);
}, 120_000);

test('profiles evaluated together give what each gives alone', async () => {
  const model = { path: EMBEDDED };
  const { layers } = await run('open', { model });
  const plans = layers.map(({ name }) => resolvePlan({ metric: 'uniform', bits: [4], layerBits: { [name]: 2 } }));
  await expectSameTogether(plans);
}, 120_000);

test('a network is asked for its parts once it has been run so often as a whole that they pay', async () => {
  const plans = [5, 4, 3, 2].map((bits) => resolvePlan({ metric: 'uniform', bits: [bits] }));
  const { network, evaluate } = await folderRun(EMBEDDED, SAMPLES, plans);
  const cuts = vi.spyOn(network.cuts, 'tensors');
  const few = await evaluate([...plans.keys()]);
  expect(cuts).not.toHaveBeenCalled();
  const many = await evaluate([...plans.keys()], SAMPLES.length * plans.length);
  expect(cuts).toHaveBeenCalled();
  expect(many).toEqual(few);
  await network.close();
});
