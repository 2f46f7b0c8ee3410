import { expect, test } from 'vitest';
import { levelMap } from '../../../src-shared/precision/level-map.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { topClasses } from '../../../src-shared/top-classes.ts';
import { writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { difference, expected, openNetwork, planned, randomPixels, runExposed } from './quantised-tensors.ts';
import { TOPOLOGIES } from './topologies.ts';

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

test('the networks of 25 families, one of them in two forms, are looked at', () => {
  expect(TOPOLOGIES).toHaveLength(26);
});

test.each(TOPOLOGIES)(
  '%s opens as a whole: every product is a layer or named, MACs are those of its geometry, 16 bits keep the answer',
  async (_, build) => {
    const { model, products } = build();
    const network = await openNetwork(writeModel(temporaryFolder(), 'network.onnx', model));
    try {
      const found = network.layers.map(({ op, macs, weights, groups, kernel }) => ({
        op,
        macs,
        weights,
        groups,
        kernel,
      }));
      expect(found).toEqual(
        model.layers.map(({ op, macs, weights, groups, kernel }) => ({ op, macs, weights, groups, kernel })),
      );
      expect(sum(network.layers.map((layer) => layer.values))).toBe(sum(model.layers.map((layer) => layer.values)));
      expect(network.leftOut.map(({ op, macs }) => [op, macs])).toEqual(products.map((macs) => ['MatMul', macs]));
      expect(network.tensors.filter(({ unplaced }) => unplaced)).toEqual([]);
      const random = randomGenerator(1);
      const count = 2;
      const pixels = randomPixels(random, network.inputLength * count);
      const images = [16, 16].map((bits) => planned(random, { regions: 4, bits: [bits, bits], inputBits: 16 }));
      const [plain, fine] = [await network.plain(pixels, count), await network.quantised(pixels, images, null, false)];
      const answers = (scores: Float32Array) =>
        images.map((_image, at) => topClasses(scores.subarray(at * 10, at * 10 + 10), 1).classes[0]);
      expect(answers(fine.scores)).toEqual(answers(plain.scores));
      const low = images.map(() => planned(random, { regions: 4, bits: [8, 1] }));
      const coarse = await network.quantised(pixels, low, null, false);
      expect(coarse.scores.every(Number.isFinite)).toBe(true);
      expect(Array.from(coarse.scores)).not.toEqual(Array.from(plain.scores));
    } finally {
      await network.close();
    }
  },
);

const topology = (name: string) => TOPOLOGIES.find(([own]) => own === name)![1]();

test.each(['vit_b_16', 'vit without a class token', 'swin_t'])(
  '%s: tokens and windows are quantised as the reference quantiser does it, each at its place',
  async (name) => {
    const network = await openNetwork(writeModel(temporaryFolder(), 'network.onnx', topology(name).model));
    try {
      const random = randomGenerator(2);
      const pixels = randomPixels(random, network.inputLength);
      const image = planned(random, { regions: 4, bits: [6, 3, 1], inputBits: 8 });
      const { before, after } = await runExposed(network, pixels, [image], null);
      for (const [tensor, [actual]] of after.entries())
        expect(
          difference(actual!, expected(network, tensor, before[tensor]![0]!, image, null)),
          `tensor ${tensor}`,
        ).toBeNull();
      const widths = network.tensors.map((_, tensor) => new Set(network.bitsOf(tensor, image)).size);
      expect(widths.filter((count) => count > 1).length).toBeGreaterThan(network.tensors.length / 2);
    } finally {
      await network.close();
    }
  },
);

test('blocks of channels are quantised as the reference quantiser does it, wherever the channels stand', async () => {
  const seen = new Set<string>();
  for (const [name, block] of [
    ['vit_b_16', { block: 16, blockFloor: 0.1 }],
    ['mobilenet_v3', { block: 16, blockScale: 'power-of-two' }],
    ['swin_t', { block: 32, blockScale: 'e4m3', blockFloor: 0.5 }],
  ] as const) {
    const network = await openNetwork(writeModel(temporaryFolder(), 'network.onnx', topology(name).model));
    try {
      const random = randomGenerator(3);
      const options = { regions: 4, bits: [6, 2, 0], range: 'block', ...block };
      const images = Array.from({ length: network.partOf(2) }, () => planned(random, options));
      const pixels = randomPixels(random, images.length * network.inputLength);
      const { before, after } = await runExposed(network, pixels, images, null);
      for (const [tensor, own] of after.entries()) {
        const { channels, channelAxes, dims } = network.tensors[tensor]!;
        if (channels > block.block)
          seen.add(`${channelAxes.map((axis) => axis - dims.length).join()} ${channels % block.block === 0}`);
        for (const [image, actual] of own.entries()) {
          const wanted = expected(network, tensor, before[tensor]![image]!, images[image]!, null);
          expect(difference(actual, wanted), `${name}, tensor ${tensor}`).toBeNull();
        }
      }
    } finally {
      await network.close();
    }
  }
  // The axis of the channels, from the last one: maps, tokens, attention's heads apart; and whether all blocks are full.
  expect([...seen].sort()).toEqual(['-1 true', '-3 false', '-3 true', '-3,-1 true']);
});

test("a class token sees the whole image: it takes the plan's highest level, the others their places", async () => {
  const network = await openNetwork(writeModel(temporaryFolder(), 'network.onnx', topology('vit_b_16').model));
  const tensor = network.tensors.findIndex(({ leading }) => leading > 0);
  expect(network.tensors[tensor]).toMatchObject({ height: 4, width: 4, leading: 1, channels: 16 });
  expect(network.layers[network.tensorOfLayer.indexOf(tensor)]).toMatchObject({ inputShape: [16, 4, 4], leading: 1 });
  const image = planned(randomGenerator(1), { regions: 4, bits: [8, 2] });
  expect([...network.levelsOf(tensor, image)]).toEqual([1, ...levelMap(image)]);
  await network.close();
});

test('rows of shifted windows keep the places they were cut from', async () => {
  const network = await openNetwork(writeModel(temporaryFolder(), 'network.onnx', topology('swin_t').model));
  const orders = network.tensors.flatMap(({ order, height }) => (order && height === 16 ? [order] : []));
  const cut = (shift: number) =>
    Array.from({ length: 256 }, (_, at) => {
      const [window, inside] = [Math.floor(at / 16), at % 16];
      const row = Math.floor(window / 4) * 4 + Math.floor(inside / 4) + shift;
      const column = (window % 4) * 4 + (inside % 4) + shift;
      return (row % 16) * 16 + (column % 16);
    });
  expect(orders.map((order) => [...order])).toEqual([cut(0), cut(2)]);
  await network.close();
});
