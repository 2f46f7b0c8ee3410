import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Network } from '../../../src-main/network/network.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import {
  floatAttribute,
  ModelBuilder,
  randomNetwork,
  smallClassifier,
  stringAttribute,
  writeModel,
  type BuiltModel,
  type ModelStyle,
} from '../onnx/onnx-models.ts';
import { difference, openNetwork, planned, randomPixels } from './quantised-tensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-network-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const open = (model: BuiltModel): Promise<Network> => openNetwork(writeModel(folder, `${files++}.onnx`, model));

/** The scores of a batch of `count` images under mixed plans, image by image the same whatever the model's style. */
async function scoresOf(
  model: BuiltModel,
  count: number,
  { arrange = (pixels: Float32Array) => pixels, singly = false } = {},
) {
  const network = await open(model);
  const random = randomGenerator(7);
  const images = Array.from({ length: count }, (_, image) =>
    planned(random, { regions: 4, bits: [[6, 2], [8, 5, 3, 0], [4]][image % 3]! }),
  );
  const pixels = randomPixels(random, network.inputLength * count);
  const arranged = Float32Array.from(
    Array.from({ length: count }, (_, image) => [
      ...arrange(pixels.slice(image * network.inputLength, (image + 1) * network.inputLength)),
    ]).flat(),
  );
  // Kernels for batches may round in another order than those for single images.
  const calls = singly ? images.map((image) => [image]) : [images];
  const length = arranged.length / calls.length;
  const outputs: Record<'plain' | 'quantised', number[]> = { plain: [], quantised: [] };
  for (const [call, own] of calls.entries()) {
    const part = arranged.slice(call * length, (call + 1) * length);
    outputs.plain.push(...(await network.plain(part, own.length)).scores);
    const { scores, activations } = await network.quantised(part, own, null, true);
    for (const image of own.keys())
      for (const values of [scores, ...activations]) {
        const each = values.length / own.length;
        outputs.quantised.push(...values.slice(image * each, (image + 1) * each));
      }
  }
  await network.close();
  return { plain: Float32Array.from(outputs.plain), quantised: Float32Array.from(outputs.quantised) };
}

/** Styles that must not change a single bit of the answers. */
const EQUAL_STYLES: readonly [string, Partial<ModelStyle>][] = [
  ['a batch fixed to 1', { batch: 1 }],
  ['half precision', { weights: 'half-raw' }],
  ['half precision in int32_data', { weights: 'half-int32' }],
  ['external data', { weights: 'external' }],
  ['Constant nodes', { weights: 'constant-nodes' }],
  ['float_data', { weights: 'float-data' }],
  ['IR version 3', { irVersion: 3, weightsAsInputs: true }],
];

test.each(EQUAL_STYLES)('%s gives the answers and activations of the plain file', async (_, style) => {
  for (let seed = 0; seed < 6; seed++) {
    const singly = style.batch === 1;
    const reference = await scoresOf(randomNetwork(seed), 5, { singly });
    const own = await scoresOf(randomNetwork(seed, style), 5, { singly });
    expect(difference(own.plain, reference.plain), `seed ${seed}`).toBeNull();
    expect(difference(own.quantised, reference.quantised), `seed ${seed}`).toBeNull();
  }
});

test('an NHWC model gives the answers of its NCHW twin', async () => {
  const arrange = (pixels: Float32Array) =>
    pixels.map((_, at) => pixels[(at % 3) * (pixels.length / 3) + Math.floor(at / 3)]!);
  for (let seed = 0; seed < 6; seed++) {
    const reference = await scoresOf(randomNetwork(seed), 3);
    const own = await scoresOf(randomNetwork(seed, { layout: 'NHWC' }), 3, { arrange });
    expect(difference(own.plain, reference.plain)).toBeNull();
    expect(difference(own.quantised, reference.quantised)).toBeNull();
  }
});

// More images than one call takes, too: what is left of a batch must not be run again.
test.each([5, 20])('a graph that reshapes to a batch of one answers every image of a batch of %i', async (images) => {
  const build = (batch: number) => {
    const b = new ModelBuilder(3);
    const x = b.relu(b.conv(b.image(3, 10, 10), { out: 8 }));
    return b.finish(b.softmax(b.gemm(b.reshape(x, batch), 6, x)));
  };
  const reference = await scoresOf(build(0), images, { singly: true });
  const own = await scoresOf(build(1), images);
  expect(difference(own.plain, reference.plain)).toBeNull();
  expect(difference(own.quantised, reference.quantised)).toBeNull();
});

test('a graph that runs a batch into one row of scores answers every image of its own', async () => {
  const build = (dims: number[]) => {
    const b = new ModelBuilder(3);
    const x = b.globalPool(b.relu(b.conv(b.image(3, 10, 10), { out: 6 })));
    const name = b.node('Reshape', [x.name, b.integers(dims)]);
    return b.finish(b.softmax({ name, channels: 6, height: 1, width: 1, layout: 'matrix' }));
  };
  const reference = await scoresOf(build([0, -1]), 5, { singly: true });
  const own = await scoresOf(build([1, -1]), 5);
  expect(own.plain).toHaveLength(30);
  expect(difference(own.plain, reference.plain)).toBeNull();
  expect(difference(own.quantised, reference.quantised)).toBeNull();
});

test('height and width left open follow the size asked for', async () => {
  const b = new ModelBuilder(5);
  const x = b.relu(b.conv(b.image(3, 10, 10, true), { out: 8, padding: 1 }));
  const model = b.finish(b.flatten(b.globalPool(b.conv(x, { out: 6 }))));
  const network = await open(model);
  expect(network.layers).toEqual(model.layers);
  await network.close();
});

test('16 bits change no probability by 1e-3, 0 bits everywhere still run', async () => {
  for (const [seed, mode] of [
    [1, 'position'],
    [2, 'layer'],
    [3, 'position'],
  ] as const) {
    const network = await open(smallClassifier(seed));
    const random = randomGenerator(seed);
    const pixels = randomPixels(random, network.inputLength * 4);
    const plans = (bits: number[]) =>
      Array.from({ length: 4 }, () => planned(random, { regions: 3, bits, inputBits: bits[0]!, range: mode }));
    const plain = await network.plain(pixels, 4);
    // A range that clips nothing: the largest activation of each tensor.
    const { activations } = await network.activations(pixels, 4);
    const ranges = activations.map((values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
    const fine = await network.quantised(pixels, plans([16, 16]), ranges, false);
    fine.scores.forEach((score, at) => expect(Math.abs(score - plain.scores[at]!)).toBeLessThan(1e-3));
    const cropped = await network.quantised(pixels, plans([0, 0]), ranges, false);
    // Nothing of the image is left: all images give one answer, a distribution.
    const first = cropped.scores.slice(0, 8);
    expect(first.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
    for (let image = 1; image < 4; image++)
      expect(difference(cropped.scores.slice(image * 8, image * 8 + 8), first)).toBeNull();
    await network.close();
  }
});

test('a mask that many images share answers each call by its own ranges, plan and number of images', async () => {
  const network = await open(smallClassifier(6));
  const random = randomGenerator(6);
  const pixels = randomPixels(random, network.inputLength * 3);
  const { grid, values } = planned(random, { regions: 3, bits: [6, 2] });
  const masks = (['layer', 'position'] as const).map((range) => {
    const { plan } = planned(random, { regions: 3, bits: [6, 2], range });
    return { plan, grid, values };
  });
  const run = async (own: Network, mask: (typeof masks)[number], count: number, range: number) => {
    const ranges = own.tensors.map(() => range);
    const part = pixels.subarray(0, count * own.inputLength);
    return (
      await own.quantised(
        part,
        Array.from({ length: count }, () => mask),
        ranges,
        false,
      )
    ).scores;
  };
  const seen = new Set<string>();
  for (const mask of masks)
    for (const [count, range] of [
      [3, 2],
      [3, 0.5],
      [2, 0.5],
      [3, 2],
    ] as const) {
      const scores = await run(network, mask, count, range);
      const fresh = await open(smallClassifier(6));
      expect(scores).toEqual(await run(fresh, mask, count, range));
      await fresh.close();
      seen.add(scores.join(' '));
    }
  // By layer two ranges and two counts, by position two counts.
  expect(seen.size).toBe(5);
  await network.close();
});

test('a residual branch carries the activations as they were', async () => {
  const b = new ModelBuilder(11);
  const image = b.relu(b.image(3, 6, 6));
  const residual = await open(b.finish(b.flatten(b.add(b.conv(image, { out: 3, padding: 1 }), image))));
  const pixels = randomPixels(randomGenerator(2), residual.inputLength);
  const everythingCropped = planned(randomGenerator(1), { regions: 2, bits: [0], inputBits: 0 });
  const { scores } = await residual.quantised(pixels, [everythingCropped], null, false);
  for (let channel = 0; channel < 3; channel++) {
    const own = pixels.subarray(channel * 36, channel * 36 + 36);
    // Where the image is negative the branch is zero, and the bias of the cropped convolution is left.
    const bias = scores[channel * 36 + own.findIndex((value) => value < 0)]!;
    own.forEach((value, at) => expect(scores[channel * 36 + at]).toBe(Math.fround(bias + Math.max(0, value))));
  }
  await residual.close();
});

test('layers that share a tensor share its widest bits, and are quantised once', async () => {
  const b = new ModelBuilder(4);
  const x = b.relu(b.conv(b.image(3, 10, 10), { out: 8 }));
  const [left, right] = [b.conv(x, { out: 4 }), b.conv(x, { out: 4 })];
  const network = await open(b.finish(b.flatten(b.globalPool(b.concat([left, right])))));
  expect(network.tensorOfLayer).toEqual([0, 1, 1]);
  const plan = planned(randomGenerator(1), {
    bits: [5, 2],
    layerBits: { [network.layers[1]!.name]: [3, 3], [network.layers[2]!.name]: [4, 1] },
  }).plan;
  expect(network.tensorBits(plan)).toEqual([
    [8, 8],
    [3, 4],
  ]);
  await network.close();
});

/** Whether each tensor is known never to be negative. */
async function signs(build: (b: ModelBuilder) => ReturnType<ModelBuilder['flatten']>, opset = 13): Promise<boolean[]> {
  const b = new ModelBuilder(9, { opset });
  const network = await open(b.finish(build(b)));
  const result = network.tensors.map((_, tensor) => network.isUnsigned(tensor));
  await network.close();
  return result;
}

test.each<
  [string, boolean, (b: ModelBuilder, x: ReturnType<ModelBuilder['conv']>) => ReturnType<ModelBuilder['conv']>]
>([
  ['Relu', true, (b, x) => b.relu(x)],
  ['a linear bottleneck', false, (_, x) => x],
  ['ReLU6', true, (b, x) => b.relu6(x)],
  ['LeakyRelu', false, (b, x) => b.unary('LeakyRelu', x)],
  ['MaxPool of Relu', true, (b, x) => b.pool('MaxPool', b.relu(x))],
  ['MaxPool of a linear map', false, (b, x) => b.pool('MaxPool', x)],
  ['Relu + Relu', true, (b, x) => b.add(b.relu(x), b.relu(x))],
  ['Relu + linear', false, (b, x) => b.add(b.relu(x), x)],
  [
    'Relu + a negative constant',
    false,
    (b, x) => ({ ...x, name: b.node('Add', [b.relu(x).name, b.tensor([], Float32Array.of(-1))]) }),
  ],
  [
    'Relu * a positive constant',
    true,
    (b, x) => ({ ...x, name: b.node('Mul', [b.relu(x).name, b.tensor([], Float32Array.of(2))]) }),
  ],
  ['Concat of Relu and linear', false, (b, x) => b.concat([b.relu(x), x])],
  ['Concat of Relu and ReLU6', true, (b, x) => b.concat([b.relu(x), b.relu6(x)])],
  ['BatchNormalization of Relu', false, (b, x) => b.batchNorm(b.relu(x))],
  [
    'Pad of Relu with zeros',
    true,
    (b, x) => ({ ...x, name: b.node('Pad', [b.relu(x).name, b.integers([0, 0, 0, 0, 0, 0, 0, 0])]) }),
  ],
  [
    'Pad of Relu with -1',
    false,
    (b, x) => ({
      ...x,
      name: b.node('Pad', [b.relu(x).name, b.integers([0, 0, 0, 0, 0, 0, 0, 0]), b.tensor([], Float32Array.of(-1))]),
    }),
  ],
  [
    'cubic Resize of Relu',
    false,
    (b, x) => {
      const scales = b.tensor([4], Float32Array.of(1, 1, 1, 1));
      return { ...x, name: b.node('Resize', [b.relu(x).name, '', scales], [stringAttribute('mode', 'cubic')]) };
    },
  ],
  ['Clip above -1', false, (b, x) => ({ ...x, name: b.node('Clip', [x.name, b.tensor([], Float32Array.of(-1))]) })],
])('after %s the quantiser knows of no negative values: %s', async (_, unsigned, between) => {
  const found = await signs((b) => {
    const x = between(b, b.conv(b.image(3, 10, 10), { out: 8 }));
    return b.flatten(b.globalPool(b.conv(x, { out: 4, kernel: [1, 1] })));
  });
  expect(found).toEqual([false, unsigned]);
});

test('ReLU6 by attributes, before opset 11, is known too', async () => {
  const limits = [floatAttribute('min', 0), floatAttribute('max', 6)];
  const found = await signs((b) => {
    const x = b.unary('Clip', b.conv(b.image(3, 10, 10), { out: 8 }), limits);
    return b.flatten(b.globalPool(b.conv(x, { out: 4 })));
  }, 10);
  expect(found).toEqual([false, true]);
});

test('the newest opset that ONNX Runtime takes is rewritten, the next one is refused by name', async () => {
  let newest = 21;
  for (; newest < 60; newest++) {
    const network = await open(smallClassifier(1, { opset: newest, irVersion: 10 })).catch((error: unknown) => error);
    if (network instanceof Error) {
      expect(network).toMatchObject({ code: 'model-unsupported-operator' });
      expect(network.message).toContain(String(newest));
      break;
    }
    const random = randomGenerator(1);
    const own = network as Network;
    const image = planned(random, { bits: [4, 2] });
    for (const range of ['position', 'layer'] as const) {
      const options = { ...image, plan: { ...image.plan, range } };
      const { scores } = await own.quantised(
        randomPixels(random, own.inputLength),
        [options],
        own.tensors.map(() => 2),
        false,
      );
      expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
    }
    await own.close();
  }
  expect(newest).toBeGreaterThan(21);
});
