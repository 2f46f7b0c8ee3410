import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { openModel } from '../../../src-main/engine/inside/opened-model.ts';
import type { Network } from '../../../src-main/network/network.ts';
import type { PlannedImage } from '../../../src-main/network/level-maps.ts';
import { importanceMap } from '../../../src-shared/importance/importance.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { type PlanOptions, resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { folderRun } from '../engine/inside/engine-scene.ts';
import { writeModel } from '../onnx/onnx-models.ts';
import { openNetwork, randomPixels } from './quantised-tensors.ts';
import { TOPOLOGIES } from './topologies.ts';

const ROOT = join(import.meta.dirname, '../../..');
const EMBEDDED = join(ROOT, 'models', 'fovea-caltech101.onnx');
const SAMPLES = ['sunflower.jpg', 'pizza.jpg', 'watch.jpg'].map((name) => join(ROOT, 'resources', 'samples', name));
const SQUEEZENET = join(ROOT, '..', 'shared', 'models', 'squeezenet1.1-imagenet.onnx');

/**
 * Where sums are known to come out alike in a window and in the whole; on other processors a network may have no windows, and loses
 * nothing but time.
 */
const IS_TRIED =
  process.arch === 'x64' && existsSync('/proc/cpuinfo') && !readFileSync('/proc/cpuinfo', 'utf8').includes('avx512');

/** Holds that there is a window; where none need be, the test ends here. */
function needsWindow({ skip }: TestContext, found: boolean): void {
  if (!found && !IS_TRIED) skip('on this processor sums come out otherwise in a window: whole networks are run');
  expect(found).toBe(true);
}

/** Bits in a square of `side` x `side` cells of 14 x 14, and none around it. */
function cropped(network: Network, side: number, options: PlanOptions): PlannedImage {
  const inputLayers = network.layers.filter((_, index) => network.readsImage[index]);
  const plan = resolvePlan({
    metric: 'centre',
    regions: 14,
    lowShare: 1 - (side / 14) ** 2,
    ...options,
    layerBits: Object.fromEntries(inputLayers.map(({ name }) => [name, [8, 0]])),
  });
  const grid = { rows: 14, columns: 14 };
  const image = { width: 1, height: 1, data: new Uint8Array(3) };
  return { plan, grid, values: importanceMap(image, grid, 'centre', 0) };
}

/** @returns whether there is a window; its scores are those of the whole network, to the bit, from the start and from its cut on */
async function givesTheSame(network: Network, side: number, options: PlanOptions = {}): Promise<boolean> {
  const ranges = network.tensors.map(() => 3);
  const [first, second] = [4, 8].map((bits) => cropped(network, side, { ...options, bits: [bits, 0] }));
  const window = await network.windows.windowFor(first!, ranges);
  if (!window) return false;
  expect(await network.windows.windowFor(second!, ranges)).toBe(window);
  const pixels = randomPixels(randomGenerator(5), 2 * network.inputLength);
  const whole = async (image: PlannedImage) => (await network.quantised(pixels, [image, image], ranges, false)).scores;
  const [cut] = await network.cuts.tensors();
  const { scores, tensors } = (await network.windows.run(window, [cut!], pixels, [first!, first!], ranges))!;
  expect(scores).toEqual(await whole(first!));
  const values = tensors.get(cut!)!;
  expect(await network.windows.runFrom(window, cut!, values, [second!, second!], ranges)).toEqual(await whole(second!));
  return true;
}

test('of a cropping plan the embedded network computes what its last pool needs, and no more', async (context) => {
  const { network } = await openModel({ path: EMBEDDED });
  // Of its last maps, 8 x 8, the plan keeps 2 to 5; a convolution of 3 x 3 carries them to 1 to 6, of 16 pixels each.
  const window = await network.windows.windowFor(cropped(network, 6, { bits: [8, 0] }), null);
  needsWindow(context, window !== null);
  expect(window).toMatchObject({
    image: { rows: { first: 16, count: 96 }, columns: { first: 16, count: 96 } },
    tail: { rows: { first: 1, count: 6 }, columns: { first: 1, count: 6 } },
  });
  expect(window!.tensors.get(4)).toEqual({ rows: { first: 4, count: 24 }, columns: { first: 4, count: 24 } });
  // Of a larger square they need all.
  expect(await network.windows.windowFor(cropped(network, 10, { bits: [8, 0] }), null)).toBeNull();
  await network.close();
});

const VARIANTS: readonly PlanOptions[] = [{}, { range: 'layer' }, { powerOfTwo: true }];

test.for(VARIANTS)('the embedded network gives the same in a window, %o', async (options, context) => {
  const { network } = await openModel({ path: EMBEDDED });
  for (const side of [6, 4]) needsWindow(context, await givesTheSame(network, side, options));
  await network.close();
});

test('sizes that are built into a graph leave it without windows', async () => {
  const { network } = await openModel({ path: EMBEDDED });
  expect(await givesTheSame(network, 6, { range: 'block' })).toBe(false);
  await network.close();
});

test.skipIf(!existsSync(SQUEEZENET))(
  'SqueezeNet gives the same in the windows of the ladder',
  async (context) => {
    const { network } = await openModel({ path: SQUEEZENET });
    expect(await givesTheSame(network, 12)).toBe(false);
    for (const side of [10, 8, 6]) needsWindow(context, await givesTheSame(network, side));
    await network.close();
  },
  120_000,
);

/** Chains, residual branches, depthwise convolutions, parallel branches with padded pools. */
const STRUCTURES = ['vgg11_bn', 'resnet18', 'squeezenet', 'mobilenet_v2', 'inception v1'];

test('networks of all structures give the same in a window, or have none', async (context) => {
  const folder = temporaryFolder();
  const having: string[] = [];
  for (const [name, build] of TOPOLOGIES.filter(([name]) => STRUCTURES.includes(name))) {
    const network = await openNetwork(writeModel(folder, `${name}.onnx`, build().model));
    if ((await givesTheSame(network, 6)) || (await givesTheSame(network, 3))) having.push(name);
    await network.close();
  }
  needsWindow(context, having.includes('squeezenet'));
}, 120_000);

test('plans of a folder run that crop give what the whole network gives, together and alone', async () => {
  const { network: own } = await openModel({ path: EMBEDDED });
  const plans = [8, 4].map((bits) => cropped(own, 6, { bits: [bits, 0] }).plan);
  await own.close();
  const { network, evaluate } = await folderRun(EMBEDDED, SAMPLES, plans);
  const whole = (await evaluate([0, 1], Infinity)).map(({ results }) => results);
  const inParts = async (wanted: readonly number[]) => (await evaluate(wanted, 0)).map(({ results }) => results);
  expect(await inParts([0, 1])).toEqual(whole);
  expect(await inParts([1])).toEqual(whole.map(([, second]) => [second]));
  await network.close();
}, 120_000);
