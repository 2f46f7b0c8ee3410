import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';
import { unsoundOptimisers } from '../../../src-main/network/unsound-optimisers.ts';
import { openModelFile } from '../../../src-main/onnx/model-file.ts';
import { integerAttribute, integersAttribute } from '../../../src-main/onnx/onnx-node.ts';
import { FLOAT, INT8, UINT8 } from '../../../src-main/onnx/onnx-schema.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { type Feature, ModelBuilder, writeModel } from '../onnx/onnx-models.ts';
import { openNetwork, randomPixels } from './quantised-tensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-optimisers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scalar = (b: ModelBuilder, value: number) => b.tensor([], Float32Array.of(value));
const turn = (b: ModelBuilder, name: string, perm: readonly number[]) =>
  b.node('Transpose', [name], [integersAttribute('perm', perm)]);

const vector = (b: ModelBuilder, length: number, value: (at: number) => number) =>
  b.tensor(
    [length],
    Float32Array.from({ length }, (_, at) => value(at)),
  );

/** A row of the 64 values. */
const matrix = (b: ModelBuilder, x: Feature, name: string): Feature => ({
  ...x,
  name: b.node('Reshape', [name, b.integers([1, 64])]),
  channels: 64,
  height: 1,
  width: 1,
  layout: 'matrix',
});

type Operands = (a: string, b: string) => readonly [string, string];

/** Values less their mean over their deviation, or the other way round in either place. */
function normalised(b: ModelBuilder, x: string, less: Operands, over: Operands): string {
  const mean = (name: string) => b.node('ReduceMean', [name, b.integers([-1])]);
  const apart = b.node('Sub', less(x, mean(x)));
  const variance = mean(b.node('Pow', [apart, scalar(b, 2)]));
  const ratio = b.node('Div', over(apart, b.node('Sqrt', [b.node('Add', [variance, scalar(b, 1e-5)])])));
  const scaled = b.node('Mul', [ratio, b.tensor([64], new Float32Array(64).fill(0.1))]);
  return b.node('Add', [scaled, b.tensor([64], new Float32Array(64).fill(1))]);
}

// Each puts something behind a map of 4 channels of 4 x 4 that ONNX Runtime, optimising, takes for something else.
test.each<[string, (b: ModelBuilder, x: Feature) => Feature]>([
  [
    'zeros that a graph pads with, to the pool behind them',
    (b, x) => {
      // Without a ReLU many of the values are negative, and the zeros at the edges are the largest of their windows.
      const pads = b.integers([0, 0, 1, 1, 0, 0, 1, 1]);
      return b.pool('MaxPool', { ...x, name: b.node('Pad', [x.name, pads]), height: 6, width: 6 });
    },
  ],
  [
    'the fourth moment, by which values are divided',
    (b, x) => {
      const flat = b.flatten(x);
      const mean = (name: string) => b.node('ReduceMean', [name, b.integers([-1])]);
      const apart = b.node('Sub', [flat.name, mean(flat.name)]);
      const moment = mean(b.node('Pow', [apart, scalar(b, 4)]));
      const divisor = b.node('Sqrt', [b.node('Add', [moment, scalar(b, 1e-5)])]);
      const normal = b.node('Div', [apart, divisor]);
      const scaled = b.node('Mul', [normal, b.tensor([64], new Float32Array(64).fill(2))]);
      return { ...flat, name: b.node('Add', [scaled, b.tensor([64], new Float32Array(64).fill(1))]) };
    },
  ],
  [
    'a turned matrix that a vector is multiplied with',
    (b, x) => {
      const square = b.node('Reshape', [x.name, b.integers([8, 8])]);
      const product = b.node('MatMul', [turn(b, square, [1, 0]), b.weights([8], 1)]);
      const row = b.node('Reshape', [product, b.integers([1, 8])]);
      return { ...x, name: row, channels: 8, height: 1, width: 1, layout: 'matrix' };
    },
  ],
  [
    'the axes that a 1 brings to what it is divided by',
    (b, x) => {
      const row = b.node('Reshape', [x.name, b.integers([64])]);
      const one = b.tensor([1, 1], Float32Array.of(1));
      const product = b.node('Mul', [b.node('Div', [one, row]), b.weights([64], 1)]);
      return matrix(b, x, b.node('Softmax', [product], [integerAttribute('axis', 0)]));
    },
  ],
  [
    'the axes that are padded behind a Transpose',
    (b, x) => {
      const there = turn(b, x.name, [0, 2, 3, 1]);
      const pads = b.integers([0, 1, 2, 0, 0, 0, 0, 0]);
      const padded = b.node('Pad', [there, pads, scalar(b, 0.5), b.integers([0, 2, 1, 3])]);
      return { ...x, name: turn(b, padded, [0, 3, 1, 2]), height: 6, width: 5 };
    },
  ],
  [
    'the axes that are enlarged behind a Transpose',
    (b, x) => {
      const axes = [integersAttribute('axes', [1, 2])];
      const larger = b.node('Resize', [turn(b, x.name, [0, 2, 3, 1]), '', '', b.integers([4, 8])], axes);
      return { ...x, name: turn(b, larger, [0, 3, 1, 2]), height: 4, width: 8 };
    },
  ],
  [
    'the rows of a product that are normalised behind a Transpose',
    (b, x) => {
      const square = b.node('Reshape', [x.name, b.integers([8, 8])]);
      const rows = turn(b, b.node('MatMul', [square, b.weights([8, 8], 8)]), [1, 0]);
      const of = (value: (row: number) => number) => vector(b, 8, value);
      const normal = [of((row) => row + 1), of((row) => row / 8), of((row) => row / 4), of((row) => 1 + row / 2)];
      return matrix(b, x, b.node('BatchNormalization', [rows, ...normal]));
    },
  ],
  [
    'what is subtracted in a normalisation',
    (b, x) =>
      matrix(
        b,
        x,
        normalised(
          b,
          b.flatten(x).name,
          (values, mean) => [mean, values],
          (apart, spread) => [apart, spread],
        ),
      ),
  ],
  [
    'what is divided in a normalisation',
    (b, x) =>
      matrix(
        b,
        x,
        normalised(
          b,
          b.flatten(x).name,
          (values, mean) => [values, mean],
          (apart, spread) => [spread, apart],
        ),
      ),
  ],
  [
    'the axes that are normalised behind an addition',
    (b, x) => {
      const square = b.node('Reshape', [x.name, b.integers([1, 8, 8])]);
      const sum = b.node('Add', [
        square,
        b.tensor(
          [1, 8, 8],
          Float32Array.from({ length: 64 }, (_, at) => at / 8),
        ),
      ]);
      const scale = vector(b, 8, (at) => 1 + at);
      return matrix(b, x, b.node('LayerNormalization', [sum, scale], [integerAttribute('axis', 1)]));
    },
  ],
  [
    'the bias of a product of integers whose rows have scales of their own',
    (b, x) => {
      const rows = b.node('Reshape', [x.name, b.integers([8, 8])]);
      const peaks = b.node('ReduceMax', [b.node('Abs', [rows]), b.integers([-1])]);
      const codes = b.node('QuantizeLinear', [rows, scalar(b, 0.05), b.stored([], UINT8, Uint8Array.of(128))]);
      const weights = b.stored(
        [8, 8],
        INT8,
        Uint8Array.from({ length: 64 }, (_, at) => at % 7),
      );
      const product = b.node('Cast', [b.node('MatMulInteger', [codes, weights])], [integerAttribute('to', FLOAT)]);
      const scales = b.node('Mul', [peaks, b.tensor([8], new Float32Array(8).fill(0.001))]);
      return matrix(b, x, b.node('Add', [b.node('Mul', [product, scales]), vector(b, 8, (at) => at)]));
    },
  ],
  [
    'the scales of blocks behind a Transpose',
    (b, x) => {
      const codes = b.node('QuantizeLinear', [x.name, scalar(b, 0.1), b.stored([], INT8, Uint8Array.of(0))]);
      const scales = b.tensor(
        [1, 2, 4, 4],
        Float32Array.from({ length: 32 }, (_, at) => 0.1 * (at + 1)),
      );
      const blocks = [integerAttribute('axis', 1), integerAttribute('block_size', 2)];
      const real = b.node('DequantizeLinear', [turn(b, codes, [0, 2, 3, 1]), scales], blocks);
      return { ...x, name: turn(b, real, [0, 3, 1, 2]) };
    },
  ],
])('what ONNX Runtime rewrites stays what the file says: %s', async (name, behind) => {
  const b = new ModelBuilder(5, { opset: 21, irVersion: 10, batch: 1 });
  const x = behind(b, b.conv(b.image(3, 6, 6), { out: 4 }));
  const model = b.finish(b.gemm(x.layout === 'matrix' ? x : b.flatten(x), 5));
  const network = await openNetwork(writeModel(folder, `${name}.onnx`, model));
  const pixels = randomPixels(randomGenerator(3), network.inputLength);
  const asWritten = await ort.InferenceSession.create(Uint8Array.from(model.bytes), {
    graphOptimizationLevel: 'disabled',
  });
  const output = await asWritten.run({ image: new ort.Tensor('float32', pixels, [1, 3, 6, 6]) });
  const expected = [...(output[asWritten.outputNames[0]!]!.data as Float32Array)];
  const { scores } = await network.plain(pixels, 1);
  scores.forEach((score, index) => expect(score).toBeCloseTo(expected[index]!, 4));
  await network.close();
});

test('what ONNX Runtime fuses rightly it may fuse: all that a model of attention usually has', () => {
  const b = new ModelBuilder(5, { opset: 21, irVersion: 10, batch: 1 });
  const x = b.flatten(b.conv(b.image(3, 6, 6), { out: 4 }));
  const normal = normalised(
    b,
    x.name,
    (values, mean) => [values, mean],
    (apart, spread) => [apart, spread],
  );
  const ones = b.tensor([64], new Float32Array(64).fill(1));
  const sum = b.node('Add', [normal, x.name]);
  const last = b.node('LayerNormalization', [sum, ones], [integerAttribute('axis', -1)]);
  const file = writeModel(folder, 'sound.onnx', b.finish(b.gemm({ ...x, name: last }, 5)));
  const { model, constants, source } = openModelFile(file);
  source.close();
  expect(unsoundOptimisers(model, constants)).toEqual(['DoubleQDQPairsRemover']);
});
