import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Network } from '../../../src-main/network/network.ts';
import { integerAttribute, integersAttribute } from '../../../src-main/onnx/onnx-node.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { type BuiltModel, type Feature, ModelBuilder, smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SIDE = 16;
const MAP = 8;
const CHANNELS = 6;
const CLASSES = 4;
/** By class and channel. */
const WEIGHTS = Float32Array.from({ length: CLASSES * CHANNELS }, (_, at) => (((at * 37) % 17) - 8) / 8);
const BIAS = Float32Array.of(0.5, -0.25, 0.125, 0);
const byChannel = () =>
  Float32Array.from(
    { length: CLASSES * CHANNELS },
    (_, at) => WEIGHTS[(at % CLASSES) * CHANNELS + Math.floor(at / CLASSES)]!,
  );

function lastMap(b: ModelBuilder, channels = CHANNELS): Feature {
  return b.relu(b.conv(b.image(3, SIDE, SIDE), { out: channels, padding: 1, stride: 2 }));
}

const row = (name: string, channels = CLASSES): Feature => ({ name, channels, height: 1, width: 1, layout: 'matrix' });
const scored = (b: ModelBuilder, flat: Feature) =>
  row(
    b.node(
      'Gemm',
      [flat.name, b.tensor([CLASSES, CHANNELS], WEIGHTS), b.tensor([CLASSES], BIAS)],
      [integerAttribute('transB', 1)],
    ),
  );

/** Ways in which exporters write a pool and the linear layer behind it. */
const HEADS: Readonly<Record<string, (b: ModelBuilder, map: Feature) => Feature>> = {
  'a pool, Flatten and Gemm': (b, map) => b.softmax(scored(b, b.flatten(b.globalPool(map)))),
  'a pool of the size of the map, Dropout and Gemm': (b, map) =>
    scored(b, b.flatten(b.unary('Dropout', b.pool('AveragePool', map, MAP)))),
  'a mean over rows and columns, and weights by channel': (b, map) => {
    const mean = b.node('ReduceMean', [map.name], [integersAttribute('axes', [2, 3]), integerAttribute('keepdims', 0)]);
    return row(b.node('Gemm', [mean, b.tensor([CHANNELS, CLASSES], byChannel()), b.tensor([CLASSES], BIAS)]));
  },
  'channels last, MatMul and a bias': (b, map) => {
    const last = b.toNhwc(map);
    const mean = b.node(
      'ReduceMean',
      [last.name],
      [integersAttribute('axes', [1, 2]), integerAttribute('keepdims', 0)],
    );
    const product = b.node('MatMul', [mean, b.tensor([CHANNELS, CLASSES], byChannel())]);
    return row(b.node('Add', [product, b.tensor([CLASSES], BIAS)]));
  },
  'a pool and a convolution of one position': (b, map) => {
    const pooled = b.globalPool(map);
    const weights = b.tensor([CLASSES, CHANNELS, 1, 1], WEIGHTS);
    const name = b.node(
      'Conv',
      [pooled.name, weights, b.tensor([CLASSES], BIAS)],
      [integersAttribute('kernel_shape', [1, 1])],
    );
    return b.softmax(b.flatten({ ...pooled, name, channels: CLASSES }));
  },
};

const pixels = Float32Array.from({ length: 2 * 3 * SIDE * SIDE }, randomGenerator(3));
/** Next to nothing is lost. */
const plan = resolvePlan({ metric: 'uniform', bits: [16], inputBits: 16 });
const planned = { plan, grid: { rows: 1, columns: 1 }, values: new Float32Array(1) };

async function opened(model: BuiltModel): Promise<Network> {
  const path = writeModel(temporaryFolder(), 'model.onnx', model);
  const network = await Network.open(path, () => ({
    threads: 1,
    inputSize: { channels: 3, height: SIDE, width: SIDE },
  }));
  onTestFinished(() => network.close());
  return network;
}

/** What ONNX Runtime alone gives for a model whose only output is the last feature map: channels x positions for each image. */
async function mapsOf(channels: number): Promise<Float32Array[]> {
  const b = new ModelBuilder(11);
  const path = join(writeModel(temporaryFolder(), 'features.onnx', b.finish(lastMap(b, channels))));
  const session = await ort.InferenceSession.create(path);
  const result = (await session.run({ image: new ort.Tensor('float32', pixels, [2, 3, SIDE, SIDE]) }))[
    session.outputNames[0]!
  ]!;
  const values = result.data as Float32Array;
  return [values.slice(0, values.length / 2), values.slice(values.length / 2)];
}

const stretched = (values: readonly number[]) => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (value - least) / (most - least));
};

/** The greatest class by hand, and its map: the sum of the channels, each times its weight in the class. */
function byHand(map: Float32Array): number[] {
  const at = (channel: number, position: number) => map[channel * MAP * MAP + position]!;
  const sumOf = (of: number, position: number) =>
    Array.from({ length: CHANNELS }, (_, channel) => WEIGHTS[of * CHANNELS + channel]! * at(channel, position)).reduce(
      (a, b) => a + b,
    );
  const positions = [...Array(MAP * MAP).keys()];
  const scores = [...Array(CLASSES).keys()].map(
    (of) => BIAS[of]! + positions.reduce((sum, p) => sum + sumOf(of, p), 0) / positions.length,
  );
  const answer = scores.indexOf(Math.max(...scores));
  return stretched(positions.map((position) => sumOf(answer, position)));
}

describe('the class-activation map', () => {
  test.each(Object.entries(HEADS))(
    'of a network that ends in %s equals that of its plain activations',
    async (_, head) => {
      const b = new ModelBuilder(11, { opset: 13 });
      const network = await opened(b.finish(head(b, lastMap(b))));
      const maps = await network.classActivations.of(pixels, [planned, planned], null);
      for (const [image, features] of (await mapsOf(CHANNELS)).entries()) {
        expect(maps[image]).toMatchObject({ width: MAP, height: MAP });
        const expected = byHand(features);
        for (const [position, value] of Array.from(maps[image]!.values).entries())
          expect(value).toBeCloseTo(expected[position]!, 2);
      }
    },
  );

  test('of a network whose channels are its classes is the channel of its answer', async () => {
    const b = new ModelBuilder(11);
    const network = await opened(b.finish(b.softmax(b.globalPool(lastMap(b, CLASSES)))));
    const maps = await network.classActivations.of(pixels, [planned, planned], null);
    for (const [image, features] of (await mapsOf(CLASSES)).entries()) {
      const channels = [...Array(CLASSES).keys()].map((at) => [
        ...features.slice(at * MAP * MAP, (at + 1) * MAP * MAP),
      ]);
      const sums = channels.map((own) => own.reduce((sum, value) => sum + value, 0));
      const expected = stretched(channels[sums.indexOf(Math.max(...sums))]!);
      for (const [position, value] of Array.from(maps[image]!.values).entries())
        expect(value).toBeCloseTo(expected[position]!, 2);
    }
  });

  test('is of the run that it is asked of: fewer bits give another', async () => {
    const b = new ModelBuilder(11);
    const network = await opened(b.finish(scored(b, b.flatten(b.globalPool(lastMap(b))))));
    const coarse = { ...planned, plan: resolvePlan({ metric: 'uniform', bits: [2], inputBits: 2 }) };
    const [fine] = await network.classActivations.of(pixels, [planned, planned], null);
    const [rough] = await network.classActivations.of(pixels, [coarse, coarse], null);
    expect(Array.from(rough!.values)).not.toEqual(Array.from(fine!.values));
  });

  test.each([
    ['its maps are flattened', smallClassifier(), /reads maxpool\w* \(MaxPool\), not a global average pool/],
    ['two layers stand behind the pool', twoLayers(), /reads relu\w* \(Relu\), not a global average pool/],
    ['its pool leaves several positions', halfPool(), /its last pool covers 4 x 4 of 8 x 8 positions/],
  ])('is refused where there is none: %s', async (_, model, reason) => {
    const network = await opened(model);
    await expect(network.classActivations.of(pixels, [planned, planned], null)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(reason),
      next: expect.stringContaining('--metric given'),
    });
  });
});

function twoLayers(): BuiltModel {
  const b = new ModelBuilder(11);
  const flat = b.flatten(b.globalPool(lastMap(b)));
  return b.finish(b.gemm(b.relu(b.gemm(flat, 5)), CLASSES));
}

function halfPool(): BuiltModel {
  const b = new ModelBuilder(11);
  const pooled = b.pool('AveragePool', lastMap(b), 4);
  return b.finish(b.gemm(b.flatten(pooled), CLASSES, pooled));
}
