import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { integerAttribute, integersAttribute, makeNode } from '../../../src-main/onnx/onnx-node.ts';
import { BOOL, FLOAT, FLOAT16, INT64, INT8, UINT8 } from '../../../src-main/onnx/onnx-schema.ts';
import { encodeTensor, makeValue } from '../../../src-main/onnx/onnx-tensor.ts';
import { concatBytes, encodeBytes, encodeNumber, encodeString } from '../../../src-main/onnx/protobuf-wire.ts';
import type { Network } from '../../../src-main/network/network.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { addToHistogram, emptyHistogram } from '../../../src-shared/precision/activation-histogram.ts';
import { calibratedRange, type LayerRange } from '../../../src-shared/precision/layer-range.ts';
import {
  ModelBuilder,
  stringAttribute,
  toFloat16,
  writeModel,
  type BuiltModel,
  type Feature,
} from '../onnx/onnx-models.ts';
import { difference, openNetwork, planned, randomPixels } from './quantised-tensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-layers-'));
const opened: Network[] = [];
let files = 0;
async function open(model: BuiltModel): Promise<Network> {
  const network = await openNetwork(writeModel(folder, `${files++}.onnx`, model));
  opened.push(network);
  return network;
}
afterAll(async () => {
  for (const network of opened) await network.close();
  rmSync(folder, { recursive: true, force: true });
});

const bytesOf = (values: ArrayBufferView) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const attribute = (name: string, field: number, payload: Uint8Array, type: number) =>
  concatBytes([encodeString(1, name), encodeBytes(field, payload), encodeNumber(20, type)]);

/** The weights 4 x 3 x 3 x 3 that all twins below share, exact in 8 bits of 1/64. */
const WEIGHTS = Float32Array.from({ length: 108 }, (_, at) => (((at * 37) % 127) - 63) / 64);
const INTEGERS = Int8Array.from(WEIGHTS, (value) => value * 64);

/** A classifier whose second convolution has its weights from `weight`. */
function twin(weight: (b: ModelBuilder) => string, options: { opset?: number } = {}): BuiltModel {
  const b = new ModelBuilder(5, options);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  const name = b.node('Conv', [x.name, weight(b)], [integersAttribute('pads', [1, 1, 1, 1])]);
  return b.finish(b.flatten(b.globalPool({ ...x, name, channels: 4 })), EXTRAS.get(weight) ?? {});
}

const EXTRAS = new Map<unknown, Parameters<ModelBuilder['finish']>[1]>();
const PLAIN = (b: ModelBuilder) => b.tensor([4, 3, 3, 3], WEIGHTS);
const ints = (b: ModelBuilder, values: readonly number[]) => b.integers(values);

const sparse = () => 'sparse';
const indices = Array.from(WEIGHTS.keys()).filter((at) => WEIGHTS[at] !== 0);
EXTRAS.set(sparse, {
  sparse: [
    concatBytes([
      encodeBytes(1, encodeTensor('sparse', [indices.length], FLOAT, bytesOf(WEIGHTS.filter((value) => value !== 0)))),
      encodeBytes(2, encodeTensor('', [indices.length], INT64, bytesOf(BigInt64Array.from(indices, BigInt)))),
      ...[4, 3, 3, 3].map((size) => encodeNumber(3, size)),
    ]),
  ],
});

const WEIGHT_FORMS: readonly [string, (b: ModelBuilder) => string][] = [
  [
    'Constant',
    (b) => b.node('Constant', [], [attribute('value', 5, encodeTensor('', [4, 3, 3, 3], FLOAT, bytesOf(WEIGHTS)), 4)]),
  ],
  ['Identity', (b) => b.node('Identity', [PLAIN(b)])],
  ['Reshape', (b) => b.node('Reshape', [b.tensor([4, 27], WEIGHTS), ints(b, [4, 3, 3, 3])])],
  ['Reshape with an open size', (b) => b.node('Reshape', [b.tensor([12, 9], WEIGHTS), ints(b, [4, -1, 3, 3])])],
  ['Unsqueeze', (b) => b.node('Squeeze', [b.node('Unsqueeze', [PLAIN(b), ints(b, [0])]), ints(b, [0])])],
  ['Flatten and Reshape', (b) => b.node('Reshape', [b.node('Flatten', [PLAIN(b)]), ints(b, [4, 3, 3, 3])])],
  [
    'two Transposes',
    (b) => {
      const turned = b.node('Transpose', [PLAIN(b)], [integersAttribute('perm', [2, 3, 1, 0])]);
      return b.node('Transpose', [turned], [integersAttribute('perm', [3, 2, 0, 1])]);
    },
  ],
  [
    'DequantizeLinear',
    (b) =>
      b.node('DequantizeLinear', [
        b.stored([4, 3, 3, 3], INT8, bytesOf(INTEGERS)),
        b.tensor([], Float32Array.of(1 / 64)),
      ]),
  ],
  [
    'DequantizeLinear and Reshape',
    (b) => {
      const stored = b.stored([4, 27], INT8, bytesOf(INTEGERS));
      return b.node('Reshape', [
        b.node('DequantizeLinear', [stored, b.tensor([], Float32Array.of(1 / 64))]),
        ints(b, [4, 3, 3, 3]),
      ]);
    },
  ],
  ['ConstantOfShape', (b) => b.node('Add', [PLAIN(b), b.node('ConstantOfShape', [ints(b, [4, 3, 3, 3])])])],
  [
    'Mul and Div',
    (b) =>
      b.node('Div', [b.node('Mul', [PLAIN(b), b.tensor([], Float32Array.of(2))]), b.tensor([], Float32Array.of(2))]),
  ],
  ['a sparse initialiser', sparse],
  [
    'Cast of halves',
    (b) =>
      b.node(
        'Cast',
        [b.stored([4, 3, 3, 3], FLOAT16, bytesOf(Uint16Array.from(WEIGHTS, toFloat16)))],
        [integerAttribute('to', FLOAT)],
      ),
  ],
  [
    'Cast of integers and Mul',
    (b) => {
      const floats = b.node('Cast', [b.stored([4, 3, 3, 3], INT8, bytesOf(INTEGERS))], [integerAttribute('to', FLOAT)]);
      return b.node('Mul', [floats, b.tensor([1], Float32Array.of(1 / 64))]);
    },
  ],
  [
    'DequantizeLinear with a scale for each filter',
    (b) => {
      const scales = b.tensor([4], new Float32Array(4).fill(1 / 64));
      const stored = b.stored([4, 3, 3, 3], INT8, bytesOf(INTEGERS));
      return b.node(
        'DequantizeLinear',
        [stored, scales, b.stored([4], INT8, new Uint8Array(4))],
        [integerAttribute('axis', 0)],
      );
    },
  ],
  [
    'Concat of parts',
    (b) => {
      const parts = [b.tensor([1, 3, 3, 3], WEIGHTS.slice(0, 27)), b.tensor([3, 3, 3, 3], WEIGHTS.slice(27))];
      return b.node('Concat', parts, [integerAttribute('axis', 0)]);
    },
  ],
  [
    'Slice of more',
    (b) => {
      const more = b.tensor([5, 3, 3, 3], Float32Array.from([...new Float32Array(27), ...WEIGHTS]));
      return b.node('Slice', [more, ints(b, [1]), ints(b, [5]), ints(b, [0])]);
    },
  ],
  ['Gather', (b) => b.node('Gather', [PLAIN(b), ints(b, [0, 1, 2, 3])])],
  [
    'Where',
    (b) => b.node('Where', [b.stored([1], BOOL, Uint8Array.of(1)), PLAIN(b), b.tensor([1], Float32Array.of(0))]),
  ],
  ['Einsum', (b) => b.node('Einsum', [PLAIN(b)], [stringAttribute('equation', 'abcd->abcd')])],
  [
    'a MatMul of two constants',
    (b) => {
      const unit = Float32Array.from({ length: 27 * 27 }, (_, at) => (at % 28 === 0 ? 1 : 0));
      const composed = b.node('MatMul', [b.tensor([4, 27], WEIGHTS), b.tensor([27, 27], unit)]);
      return b.node('Reshape', [composed, ints(b, [4, 3, 3, 3])]);
    },
  ],
  [
    'a Reshape to the Shape of another',
    (b) => b.node('Reshape', [b.tensor([108], WEIGHTS), b.node('Shape', [PLAIN(b)])]),
  ],
];

async function answers(network: Network, bits: readonly number[] = [5, 2]) {
  const random = randomGenerator(3);
  const pixels = randomPixels(random, network.inputLength);
  const image = planned(random, { regions: 4, bits });
  const { scores, activations } = await network.quantised(pixels, [image], null, true);
  return { scores, activations, plain: (await network.plain(pixels, 1)).scores };
}

/** With activations on logarithmic levels, and weights of 2 bits. */
async function logAnswers(network: Network): Promise<Float32Array> {
  const random = randomGenerator(3);
  const pixels = randomPixels(random, network.inputLength);
  const { activations } = await network.activations(pixels, 1);
  const ranges = activations.map((values): LayerRange => {
    const histogram = emptyHistogram();
    addToHistogram(histogram, values);
    return calibratedRange(histogram, 99.99);
  });
  const image = planned(random, { bits: [4], inputBits: 6, quantiser: 'log', weightBits: 2 });
  return (await network.quantised(pixels, [image], ranges, false)).scores;
}

test.each(WEIGHT_FORMS)('weights through %s make the layer that plain ones make', async (_, weight) => {
  const [plain, own] = [await open(twin(PLAIN)), await open(twin(weight))];
  const facts = (network: Network) => network.layers.map(({ name: _name, ...rest }) => rest);
  expect(facts(own)).toEqual(facts(plain));
  expect(own.leftOut).toEqual([]);
  expect(difference((await answers(own)).scores, (await answers(plain)).scores)).toBeNull();
  // They are clustered as plain ones are.
  expect(difference(await logAnswers(own), await logAnswers(plain))).toBeNull();
});

test('weights that are all one number make a layer', async () => {
  const half = attribute('value', 5, encodeTensor('', [1], FLOAT, bytesOf(Float32Array.of(0.5))), 4);
  const network = await open(twin((b) => b.node('ConstantOfShape', [ints(b, [4, 3, 3, 3])], [half])));
  expect(network.layers[1]).toMatchObject({ macs: 8 * 8 * 4 * 27, weights: 108 });
  expect(network.leftOut).toEqual([]);
});

test('weight norm makes a layer with its own weights', async () => {
  const network = await open(
    twin((b) => {
      const v = PLAIN(b);
      const norm = b.node('ReduceL2', [v], [integersAttribute('axes', [1, 2, 3]), integerAttribute('keepdims', 1)]);
      return b.node('Mul', [b.node('Div', [v, norm]), b.weights([4, 1, 1, 1], 1)]);
    }),
  );
  expect(network.layers.map((layer) => layer.macs)).toEqual([8 * 8 * 3 * 27, 8 * 8 * 4 * 27]);
  expect(network.leftOut).toEqual([]);
});

test('depthwise weights as tf2onnx writes them, transposed and reshaped, make a grouped layer', async () => {
  const b = new ModelBuilder(2);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 6, padding: 1 }));
  const turned = b.node('Transpose', [b.weights([3, 3, 6, 1], 0.3)], [integersAttribute('perm', [3, 2, 0, 1])]);
  const weight = b.node('Reshape', [turned, b.integers([6, 1, 3, 3])]);
  const name = b.node(
    'Conv',
    [x.name, weight],
    [integersAttribute('pads', [1, 1, 1, 1]), integerAttribute('group', 6)],
  );
  const network = await open(b.finish(b.flatten(b.globalPool({ ...x, name }))));
  expect(network.layers[1]).toMatchObject({ groups: 6, macs: 6 * 64 * 9, weights: 54, kernel: [3, 3] });
  expect(network.leftOut).toEqual([]);
});

test('weights on the left of a MatMul make a layer that reads the right one', async () => {
  const b = new ModelBuilder(2);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 5, kernel: [2, 2], stride: 2 }));
  const rows = b.node('Reshape', [x.name, b.integers([0, 5, 16])]);
  const tokens = b.node('Transpose', [rows], [integersAttribute('perm', [0, 2, 1])]);
  const mixed = b.node('MatMul', [b.weights([7, 16], 0.3), tokens]);
  const pooled = b.node('ReduceMean', [mixed], [integersAttribute('axes', [1]), integerAttribute('keepdims', 0)]);
  const network = await open(b.finish({ name: pooled, channels: 5, height: 1, width: 1, layout: 'matrix' }));
  expect(network.layers[1]).toMatchObject({ op: 'MatMul', macs: 7 * 16 * 5, weights: 7 * 16, inputShape: [5, 4, 4] });
  const { scores, plain } = await answers(network, [16]);
  plain.forEach((score, at) => expect(scores[at]).toBeCloseTo(score, 3));
  const { scores: cropped } = await answers(network, [0]);
  expect(difference(cropped, plain)).not.toBeNull();
});

// --- functions and branches ----------------------------------------------------------------------------------------------------

/** `local::Block(X, W)`: a convolution and Relu, with the padding as an attribute of the call. */
function blockFunction(opset: number): Uint8Array {
  const pads = concatBytes([encodeString(1, 'pads'), encodeNumber(20, 7), encodeString(21, 'padding')]);
  return concatBytes([
    encodeString(1, 'Block'),
    ...['X', 'W'].map((name) => encodeString(4, name)),
    encodeString(5, 'Y'),
    encodeString(6, 'padding'),
    encodeBytes(7, makeNode('Conv', ['X', 'W'], 't', [pads]).bytes),
    encodeBytes(7, makeNode('Relu', ['t'], 'Y').bytes),
    encodeBytes(9, concatBytes([encodeString(1, ''), encodeNumber(2, opset)])),
    encodeString(10, 'local'),
  ]);
}

function withFunction(opset: number): BuiltModel {
  const b = new ModelBuilder(5, { opset: 15, irVersion: 8 });
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  let name = x.name;
  for (const output of ['one', 'two']) {
    const call = makeNode('Block', [name, b.weights([3, 3, 3, 3], 0.3)], output, [
      integersAttribute('padding', [1, 1, 1, 1]),
    ]);
    b.place({ ...call, domain: 'local', bytes: concatBytes([call.bytes, encodeString(7, 'local')]) });
    name = output;
  }
  return b.finish(b.flatten(b.globalPool({ ...x, name })), { functions: [blockFunction(opset)], domains: ['local'] });
}

test('what a function holds that is written for another opset is named', async () => {
  const network = await open(withFunction(13));
  expect(network.layers).toHaveLength(1);
  expect(network.leftOut).toMatchObject(
    ['one/t', 'two/t'].map((name) => ({
      name,
      op: 'Conv',
      macs: null,
      why: 'it is inside the function Block, which is written for opset 13',
    })),
  );
});

test('functions of the model file are opened: their layers are layers, with names of their own', async () => {
  const network = await open(withFunction(15));
  expect(network.layers.map(({ op, macs }) => [op, macs])).toEqual(Array(3).fill(['Conv', 8 * 8 * 3 * 27]));
  expect(new Set(network.layers.map(({ name }) => name)).size).toBe(3);
  expect(network.leftOut).toEqual([]);
  expect(network.tensors.map((_, tensor) => network.isUnsigned(tensor))).toEqual([false, true, true]);
});

/** A graph that convolves `x` with weights of its own. */
function branch(x: string, seed: number): Uint8Array {
  const random = randomGenerator(seed);
  const weights = new Float32Array(81).map(() => random() - 0.5);
  return concatBytes([
    encodeBytes(1, makeNode('Conv', [x, 'w'], 'out', [integersAttribute('pads', [1, 1, 1, 1])]).bytes),
    encodeString(2, 'branch'),
    encodeBytes(5, encodeTensor('w', [3, 3, 3, 3], FLOAT, bytesOf(weights))),
    encodeBytes(12, makeValue('out', FLOAT, ['N', 3, 8, 8]).bytes),
  ]);
}

function withBranches(condition: (b: ModelBuilder, x: Feature) => string): BuiltModel {
  const b = new ModelBuilder(5);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  const name = b.node(
    'If',
    [condition(b, x)],
    [attribute('then_branch', 6, branch(x.name, 1), 5), attribute('else_branch', 6, branch(x.name, 2), 5)],
  );
  return b.finish(b.flatten(b.globalPool(b.relu({ ...x, name }))));
}

test.each([0, 1])('the branch that a constant condition of %i chooses is part of the network', async (value) => {
  const network = await open(withBranches((b) => b.stored([], BOOL, Uint8Array.of(value))));
  expect(network.layers).toHaveLength(2);
  expect(network.leftOut).toEqual([]);
});

test('what a Loop repeats is named', async () => {
  const b = new ModelBuilder(5);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  const values = new Float32Array(81).map((_, at) => ((at * 7) % 5) / 20);
  const body = concatBytes([
    encodeBytes(1, makeNode('Conv', ['state', 'w'], 'out', [integersAttribute('pads', [1, 1, 1, 1])]).bytes),
    encodeBytes(1, makeNode('Identity', ['condition'], 'again').bytes),
    encodeString(2, 'body'),
    encodeBytes(5, encodeTensor('w', [3, 3, 3, 3], FLOAT, bytesOf(values))),
    encodeBytes(11, makeValue('turn', INT64, []).bytes),
    encodeBytes(11, makeValue('condition', BOOL, []).bytes),
    encodeBytes(11, makeValue('state', FLOAT, ['N', 3, 8, 8]).bytes),
    encodeBytes(12, makeValue('again', BOOL, []).bytes),
    encodeBytes(12, makeValue('out', FLOAT, ['N', 3, 8, 8]).bytes),
  ]);
  const turns = b.stored([], INT64, bytesOf(BigInt64Array.of(2n)));
  const name = b.node('Loop', [turns, b.stored([], BOOL, Uint8Array.of(1)), x.name], [attribute('body', 6, body, 5)]);
  const network = await open(b.finish(b.flatten(b.globalPool({ ...x, name }))));
  expect(network.layers).toHaveLength(1);
  expect(network.leftOut).toMatchObject([{ op: 'Conv', macs: null, why: expect.stringContaining('(Loop)') as string }]);
});

test('branches that the image chooses are named, and the network runs', async () => {
  const network = await open(
    withBranches((b, x) => {
      const axes = [integersAttribute('axes', [0, 1, 2, 3]), integerAttribute('keepdims', 0)];
      return b.node('Greater', [b.node('ReduceMean', [x.name], axes), b.tensor([], Float32Array.of(0.3))]);
    }),
  );
  expect(network.layers).toHaveLength(1);
  expect(network.leftOut).toMatchObject([
    { op: 'Conv', macs: null, why: expect.stringContaining('(If)') as string },
    { op: 'Conv', macs: null },
  ]);
  const { scores, plain } = await answers(network, [16]);
  plain.forEach((score, at) => expect(scores[at]).toBeCloseTo(score, 3));
});

// --- what is no layer ----------------------------------------------------------------------------------------------------------

const LEFT_OUT: readonly [string, number | null, string, (b: ModelBuilder, x: Feature) => Feature, string[]?][] = [
  [
    'ConvTranspose',
    4 * 4 * 3 * 5 * 4,
    'transposed',
    (b, x) => ({
      ...x,
      name: b.node('ConvTranspose', [x.name, b.weights([3, 5, 2, 2], 0.3)], [integersAttribute('strides', [2, 2])]),
      channels: 5,
    }),
  ],
  [
    'MatMul',
    3 * 4 * 4 * 4,
    'both of its factors',
    (b, x) => ({ ...x, name: b.node('MatMul', [x.name, b.node('Sigmoid', [x.name])]) }),
  ],
  [
    'Einsum',
    3 * 16 * 6,
    'Einsum',
    (b, x) => ({
      ...x,
      name: b.node('Einsum', [x.name, b.weights([6, 3], 0.3)], [stringAttribute('equation', 'nchw,dc->ndhw')]),
      channels: 6,
    }),
  ],
  [
    'ConvInteger',
    2 * 16 * 3,
    'integers',
    (b, x) => {
      const scale = b.tensor([], Float32Array.of(0.05));
      const zero = b.stored([], UINT8, Uint8Array.of(0));
      const integers = b.node('QuantizeLinear', [x.name, scale, zero]);
      const product = b.node('ConvInteger', [
        integers,
        b.stored([2, 3, 1, 1], INT8, bytesOf(Int8Array.of(1, 2, 3, -4, 5, 6))),
      ]);
      return { ...x, name: b.node('Cast', [product], [integerAttribute('to', FLOAT)]), channels: 2 };
    },
  ],
  [
    'ConvTranspose',
    3 * 16 * 4,
    'transposed',
    (b, x) => ({
      ...x,
      name: b.node(
        'ConvTranspose',
        [x.name, b.weights([3, 1, 2, 2], 0.3)],
        [integersAttribute('strides', [2, 2]), integerAttribute('group', 3)],
      ),
    }),
  ],
  [
    'Einsum',
    3 * 3 * 16,
    'Einsum',
    (b, x) => {
      const products = b.node('Einsum', [x.name, x.name], [stringAttribute('equation', 'bchw,bdhw->bcd')]);
      return { ...x, name: b.node('Unsqueeze', [products, b.integers([3])]) };
    },
  ],
  [
    'Gemm',
    3 * 5,
    'transposed',
    (b, x) => {
      const turned = b.node('Transpose', [b.flatten(b.globalPool(x)).name], [integersAttribute('perm', [1, 0])]);
      const name = b.node('Gemm', [turned, b.weights([3, 5], 0.3)], [integerAttribute('transA', 1)]);
      return { ...x, name: b.node('Reshape', [name, b.integers([0, 5, 1, 1])]), channels: 5 };
    },
  ],
  [
    'Gemm',
    3 * 5,
    'weights stand where the image',
    (b, x) => {
      const turned = b.node('Transpose', [b.flatten(b.globalPool(x)).name], [integersAttribute('perm', [1, 0])]);
      const product = b.node('Gemm', [b.weights([5, 3], 0.3), turned]);
      const name = b.node('Transpose', [product], [integersAttribute('perm', [1, 0])]);
      return { ...x, name: b.node('Reshape', [name, b.integers([0, 5, 1, 1])]), channels: 5 };
    },
  ],
  [
    'LSTM',
    null,
    'recurrent',
    (b, x) => {
      const rows = b.node(
        'Transpose',
        [b.node('Reshape', [x.name, b.integers([0, 3, 16])])],
        [integersAttribute('perm', [2, 0, 1])],
      );
      const weights = [b.weights([1, 16, 3], 0.3), b.weights([1, 16, 4], 0.3)];
      const states = b.node('LSTM', [rows, ...weights], [integerAttribute('hidden_size', 4)]);
      const shaped = b.node('Reshape', [
        b.node('Transpose', [states], [integersAttribute('perm', [2, 1, 3, 0])]),
        b.integers([0, 4, 4, 4]),
      ]);
      return { ...x, name: shaped, channels: 4 };
    },
  ],
];

test.each(LEFT_OUT)('%s is named with its MACs (%s) and the reason', async (op, macs, why, build) => {
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, kernel: [2, 2], stride: 2 }));
  const network = await open(b.finish(b.flatten(b.globalPool(build(b, x)))));
  expect(network.leftOut).toEqual([
    { name: expect.any(String) as string, op, macs, why: expect.stringContaining(why) as string },
  ]);
  expect(network.layers).toHaveLength(1);
});

test.each<[string, readonly number[], number]>([
  ['one axis', [4, 3, 3], 64 * 4 * 9],
  ['three axes', [4, 3, 1, 3, 3], 64 * 4 * 27],
])('a convolution over %s is a layer', async (_, weights, macs) => {
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  const shaped = b.node('Reshape', [x.name, b.integers(weights.length === 3 ? [0, 3, 64] : [0, 3, 1, 8, 8])]);
  const pads = weights.length === 3 ? [1, 1] : [0, 1, 1, 0, 1, 1];
  const name = b.node('Conv', [shaped, b.weights(weights, 0.3)], [integersAttribute('pads', pads)]);
  const back = b.node('Reshape', [name, b.integers([0, 4, 8, 8])]);
  const network = await open(b.finish(b.flatten(b.globalPool({ ...x, name: back, channels: 4 }))));
  expect(network.layers[1]).toMatchObject({ op: 'Conv', macs });
  expect(network.leftOut).toEqual([]);
});

test("ONNX Runtime's fused product is named", async () => {
  const b = new ModelBuilder(3);
  const x = b.flatten(b.globalPool(b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }))));
  const node = makeNode('FusedMatMul', [x.name, b.weights([3, 5], 0.3)], 'fused');
  b.place({ ...node, domain: 'com.microsoft', bytes: concatBytes([node.bytes, encodeString(7, 'com.microsoft')]) });
  const network = await open(b.finish({ ...x, name: 'fused', channels: 5 }, { domains: ['com.microsoft'] }));
  expect(network.leftOut).toMatchObject([{ name: 'fused', op: 'FusedMatMul', macs: 15 }]);
});

test("ONNX Runtime's fused convolution is a layer, its Relu an unsigned result", async () => {
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  let { name } = x;
  for (const output of ['a', 'b']) {
    const node = makeNode('FusedConv', [name, b.weights([3, 3, 3, 3], 0.3)], output, [
      stringAttribute('activation', 'Relu'),
      integersAttribute('kernel_shape', [3, 3]),
      integersAttribute('pads', [1, 1, 1, 1]),
    ]);
    b.place({ ...node, domain: 'com.microsoft', bytes: concatBytes([node.bytes, encodeString(7, 'com.microsoft')]) });
    name = output;
  }
  const network = await open(b.finish(b.flatten(b.globalPool({ ...x, name })), { domains: ['com.microsoft'] }));
  expect(network.layers.map(({ op, macs }) => [op, macs])).toEqual(Array(3).fill(['Conv', 8 * 8 * 3 * 27]));
  expect(network.tensors.map((_, tensor) => network.isUnsigned(tensor))).toEqual([false, true, true]);
});

test('a network of nothing but integer convolutions is refused by what it holds', async () => {
  const b = new ModelBuilder(3);
  const x = b.image(3, 8, 8);
  const scale = b.tensor([], Float32Array.of(0.05));
  const zero = b.stored([], UINT8, Uint8Array.of(0));
  const product = b.node('ConvInteger', [
    b.node('QuantizeLinear', [x.name, scale, zero]),
    b.stored([2, 3, 1, 1], INT8, bytesOf(Int8Array.of(1, 2, 3, -4, 5, 6))),
  ]);
  const name = b.node('Cast', [product], [integerAttribute('to', FLOAT)]);
  await expect(open(b.finish(b.flatten(b.globalPool({ ...x, name, channels: 2 }))))).rejects.toMatchObject({
    code: 'model-unsupported',
    message: expect.stringContaining('ConvInteger') as string,
  });
});

// --- signs ---------------------------------------------------------------------------------------------------------------------

const scalarForms = (value: number): [string, (b: ModelBuilder) => string][] => [
  ['an initialiser', (b) => b.tensor([1, 3, 1, 1], new Float32Array(3).fill(value))],
  ['Identity', (b) => b.node('Identity', [b.tensor([1, 3, 1, 1], new Float32Array(3).fill(value))])],
  ['Unsqueeze', (b) => b.node('Unsqueeze', [b.tensor([3], new Float32Array(3).fill(value)), b.integers([1, 2])])],
  ['Reshape', (b) => b.node('Reshape', [b.tensor([3], new Float32Array(3).fill(value)), b.integers([1, 3, 1, 1])])],
  [
    'DequantizeLinear',
    (b) =>
      b.node('DequantizeLinear', [
        b.stored([1, 3, 1, 1], INT8, bytesOf(Int8Array.of(value * 4, value * 4, value * 4))),
        b.tensor([], Float32Array.of(0.25)),
      ]),
  ],
  [
    'Cast',
    (b) =>
      b.node(
        'Cast',
        [b.stored([1, 3, 1, 1], INT64, bytesOf(BigInt64Array.of(...[value, value, value].map(BigInt))))],
        [integerAttribute('to', FLOAT)],
      ),
  ],
];

function shifted(constant: (b: ModelBuilder) => string): BuiltModel {
  const b = new ModelBuilder(9);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  const sum = { ...x, name: b.node('Add', [x.name, constant(b)]) };
  return b.finish(b.flatten(b.globalPool(b.conv(sum, { out: 4 }))));
}

describe.each([-1, 2])('Relu + %i', (value) => {
  test.each(scalarForms(value))('behind %s has the sign and the answers it has everywhere', async (_, constant) => {
    const [plain, own] = [await open(shifted(scalarForms(value)[0]![1])), await open(shifted(constant))];
    expect(own.isUnsigned(1)).toBe(value > 0);
    expect(plain.isUnsigned(1)).toBe(value > 0);
    expect(difference((await answers(own)).scores, (await answers(plain)).scores)).toBeNull();
  });
});

test('what is computed from the image by operators nobody knows is signed', async () => {
  const b = new ModelBuilder(9);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
  const odd = { ...x, name: b.node('Celu', [x.name]) };
  const network = await open(b.finish(b.flatten(b.globalPool(b.conv(b.add(x, odd), { out: 4 })))));
  expect(network.isUnsigned(1)).toBe(false);
});

test.each<[string, boolean, (b: ModelBuilder) => string, boolean]>([
  ['uint8 with zero point 0', true, (b) => b.stored([], UINT8, Uint8Array.of(0)), false],
  ['uint8 with zero point 128', false, (b) => b.stored([], UINT8, Uint8Array.of(128)), false],
  ['int8', false, (b) => b.stored([], INT8, Uint8Array.of(0)), false],
  ['int8 behind Relu', true, (b) => b.stored([], INT8, Uint8Array.of(0x80)), true],
])('a tensor quantised to %s is unsigned: %s', async (_, unsigned, zeroPoint, relu) => {
  const b = new ModelBuilder(9);
  const x = b.conv(b.image(3, 8, 8), { out: 3, padding: 1 });
  const [scale, zero] = [b.tensor([], Float32Array.of(0.05)), zeroPoint(b)];
  const integers = b.node('QuantizeLinear', [relu ? b.relu(x).name : x.name, scale, zero]);
  const name = b.node('DequantizeLinear', [integers, scale, zero]);
  const network = await open(b.finish(b.flatten(b.globalPool(b.conv({ ...x, name }, { out: 4 })))));
  expect(network.isUnsigned(1)).toBe(unsigned);
});

test('without a zero point QuantizeLinear gives unsigned bytes, through a pool, too', async () => {
  const b = new ModelBuilder(9);
  const x = b.conv(b.image(3, 8, 8), { out: 3, padding: 1 });
  const scale = b.tensor([], Float32Array.of(0.05));
  const integers = b.node('QuantizeLinear', [x.name, scale]);
  const pooled = b.node('MaxPool', [integers], [integersAttribute('kernel_shape', [1, 1])]);
  const name = b.node('DequantizeLinear', [pooled, scale]);
  const network = await open(b.finish(b.flatten(b.globalPool(b.conv({ ...x, name }, { out: 4 })))));
  expect(network.isUnsigned(1)).toBe(true);
});

test('float weights between QuantizeLinear and DequantizeLinear stay what they are', async () => {
  const build = (quantised: boolean) => {
    const b = new ModelBuilder(9, { opset: 10 });
    const x = b.relu(b.conv(b.image(3, 8, 8), { out: 3, padding: 1 }));
    const [scale, zero] = [b.tensor([], Float32Array.of(0.02)), b.stored([], UINT8, Uint8Array.of(0))];
    const name = quantised
      ? b.node('DequantizeLinear', [b.node('QuantizeLinear', [x.name, scale, zero]), scale, zero])
      : x.name;
    return b.finish(b.flatten(b.globalPool(b.conv({ ...x, name }, { out: 4 }))));
  };
  const [float, quantised] = [await open(build(false)), await open(build(true))];
  const [a, q] = [await answers(float), await answers(quantised)];
  // Half a step of the activations at most; weights rounded to 8 bits would be far off.
  a.plain.forEach((score, at) => expect(Math.abs(score - q.plain[at]!)).toBeLessThan(0.05));
});

// --- the image's stem ----------------------------------------------------------------------------------------------------------

const STEMS: readonly [string, (b: ModelBuilder, x: Feature) => Feature][] = [
  [
    'Gather of channels, Unsqueeze, Mul, Add, Concat',
    (b, x) => {
      const channel = (index: number) => {
        const one = b.node('Unsqueeze', [
          b.node(
            'Gather',
            [x.name, b.stored([], INT64, bytesOf(BigInt64Array.of(BigInt(index))))],
            [integerAttribute('axis', 1)],
          ),
          b.integers([1]),
        ]);
        return b.node('Add', [
          b.node('Mul', [one, b.tensor([], Float32Array.of(0.458))]),
          b.tensor([], Float32Array.of(-0.03)),
        ]);
      };
      return { ...x, name: b.node('Concat', [0, 1, 2].map(channel), [integerAttribute('axis', 1)]) };
    },
  ],
  [
    'Slice into four phases and Concat (Focus)',
    (b, x) => {
      const phase = (row: number, column: number) =>
        b.node('Slice', [
          x.name,
          b.integers([row, column]),
          b.integers([99, 99]),
          b.integers([2, 3]),
          b.integers([2, 2]),
        ]);
      const name = b.node(
        'Concat',
        [phase(0, 0), phase(1, 0), phase(0, 1), phase(1, 1)],
        [integerAttribute('axis', 1)],
      );
      return { ...x, name, channels: 12, height: x.height / 2, width: x.width / 2 };
    },
  ],
  [
    'Resize',
    (b, x) => ({
      ...x,
      name: b.node(
        'Resize',
        [x.name, '', b.tensor([4], Float32Array.of(1, 1, 2, 2))],
        [stringAttribute('mode', 'linear')],
      ),
      height: 16,
      width: 16,
    }),
  ],
  [
    'SpaceToDepth',
    (b, x) => ({
      ...x,
      name: b.node('SpaceToDepth', [x.name], [integerAttribute('blocksize', 2)]),
      channels: 12,
      height: 4,
      width: 4,
    }),
  ],
  [
    'Clip and Neg',
    (b, x) => ({
      ...x,
      name: b.node('Neg', [
        b.node('Clip', [x.name, b.tensor([], Float32Array.of(-1)), b.tensor([], Float32Array.of(1))]),
      ]),
    }),
  ],
  [
    'Gather of channels in another order',
    (b, x) => ({ ...x, name: b.node('Gather', [x.name, b.integers([2, 1, 0])], [integerAttribute('axis', 1)]) }),
  ],
  [
    'a Slice backwards',
    (b, x) => ({
      ...x,
      name: b.node('Slice', [x.name, b.integers([-1]), b.integers([-99]), b.integers([1]), b.integers([-1])]),
    }),
  ],
  ['MeanVarianceNormalization', (b, x) => ({ ...x, name: b.node('MeanVarianceNormalization', [x.name]) })],
  [
    'the mean of the image taken off',
    (b, x) => {
      const mean = b.node('ReduceMean', [x.name], [integersAttribute('axes', [1, 2, 3])]);
      return { ...x, name: b.node('Sub', [x.name, mean]) };
    },
  ],
  [
    'a pool',
    (b, x) => ({
      ...x,
      name: b.node(
        'AveragePool',
        [x.name],
        [integersAttribute('kernel_shape', [2, 2]), integersAttribute('strides', [2, 2])],
      ),
      height: 4,
      width: 4,
    }),
  ],
  ['a Reshape to its own Shape', (b, x) => ({ ...x, name: b.node('Reshape', [x.name, b.node('Shape', [x.name])]) })],
  [
    'Cast to float64 and back',
    (b, x) => ({
      ...x,
      name: b.node('Cast', [b.node('Cast', [x.name], [integerAttribute('to', 11)])], [integerAttribute('to', 1)]),
    }),
  ],
  [
    'Split and Concat (RGB to BGR)',
    (b, x) => {
      const parts = ['p0', 'p1', 'p2'].map((name) => b.fresh(name));
      const node = makeNode('Split', [x.name], parts[0]!, [integerAttribute('axis', 1)]);
      b.place({
        ...node,
        outputs: parts,
        bytes: concatBytes([node.bytes, ...parts.slice(1).map((part) => encodeString(2, part))]),
      });
      return { ...x, name: b.node('Concat', parts.toReversed(), [integerAttribute('axis', 1)]) };
    },
  ],
];

test.each(STEMS)('the first convolution behind %s still reads the image', async (_, stem) => {
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(stem(b, b.image(3, 8, 8)), { out: 4, padding: 1 }));
  const network = await open(b.finish(b.flatten(b.globalPool(b.conv(x, { out: 4 })))));
  expect(network.readsImage).toEqual([true, false]);
});

test('the first convolution behind an Upsample of opset 9 still reads the image', async () => {
  const b = new ModelBuilder(3, { opset: 9 });
  const x = b.image(3, 8, 8);
  const name = b.node('Upsample', [x.name, b.tensor([4], Float32Array.of(1, 1, 2, 2))]);
  const network = await open(
    b.finish(b.flatten(b.globalPool(b.relu(b.conv({ ...x, name, height: 16, width: 16 }, { out: 4 }))))),
  );
  expect(network.readsImage).toEqual([true]);
});

test.each(['NCHW', 'NHWC'] as const)('bytes go into a network that takes uint8, %s', async (layout) => {
  const b = new ModelBuilder(3);
  const dims = layout === 'NCHW' ? [3, 8, 8] : [8, 8, 3];
  let name = b.node('Cast', ['image'], [integerAttribute('to', FLOAT)]);
  name = b.node('Sub', [name, b.tensor([1], Float32Array.of(128))]);
  if (layout === 'NHWC') name = b.node('Transpose', [name], [integersAttribute('perm', [0, 3, 1, 2])]);
  const x = b.relu(b.conv({ name, channels: 3, height: 8, width: 8, layout: 'NCHW' }, { out: 4, padding: 1 }));
  const network = await open(
    b.finish(b.flatten(b.globalPool(x)), { input: makeValue('image', UINT8, ['N', ...dims]).bytes }),
  );
  expect(network.file).toMatchObject({ inputType: 'uint8', layout });
  expect(network.readsImage).toEqual([true]);
  const pixels = new Float32Array(192).map((_, at) => (at * 31) % 256);
  const image = planned(randomGenerator(1), { bits: [16], inputBits: 16 });
  const [plain, fine] = [await network.plain(pixels, 1), await network.quantised(pixels, [image], null, false)];
  expect(Math.max(...plain.scores.map(Math.abs))).toBeGreaterThan(1);
  plain.scores.forEach((score, at) => expect(fine.scores[at]).toBeCloseTo(score, 1));
});

test('a declared input that no node reads is not asked for', async () => {
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 4 }));
  const network = await open(
    b.finish(b.flatten(b.globalPool(x)), { inputs: [makeValue('labels', INT64, ['N']).bytes] }),
  );
  expect(network.layers).toHaveLength(1);
});

// --- answers -------------------------------------------------------------------------------------------------------------------

const HEADS: readonly [string, string, number, (b: ModelBuilder, x: Feature) => Feature][] = [
  ['sums', 'logits', 6, (b, x) => b.gemm(x, 6)],
  ['Softmax', 'probabilities', 6, (b, x) => b.softmax(b.gemm(x, 6))],
  [
    'Softmax and Cast',
    'probabilities',
    6,
    (b, x) =>
      b.unary('Cast', b.unary('Cast', b.softmax(b.gemm(x, 6)), [integerAttribute('to', 11)]), [
        integerAttribute('to', 1),
      ]),
  ],
  [
    'Softmax and Clip',
    'probabilities',
    6,
    (b, x) => {
      const limits = [1e-7, 1].map((limit) => b.tensor([], Float32Array.of(limit)));
      return { ...b.gemm(x, 6), name: b.node('Clip', [b.softmax(b.gemm(x, 6)).name, ...limits]) };
    },
  ],
  [
    'a Softmax in parts',
    'probabilities',
    6,
    (b, x) => {
      const sums = b.gemm(x, 6);
      const powers = b.node('Exp', [sums.name]);
      return {
        ...sums,
        name: b.node('Div', [
          powers,
          b.node('ReduceSum', [powers, b.integers([1])], [integerAttribute('keepdims', 1)]),
        ]),
      };
    },
  ],
  ['LogSoftmax', 'logits', 6, (b, x) => b.unary('LogSoftmax', b.gemm(x, 6), [integerAttribute('axis', 1)])],
  ['Sigmoid', 'sigmoid', 6, (b, x) => b.unary('Sigmoid', b.gemm(x, 6))],
  ['one Sigmoid', 'sigmoid', 1, (b, x) => b.unary('Sigmoid', b.gemm(x, 1))],
  ['one sum', 'logits', 1, (b, x) => b.gemm(x, 1)],
  [
    'a Softmax over an axis of one',
    'logits',
    6,
    (b, x) => {
      const lone = b.node('Unsqueeze', [b.gemm(x, 6).name, b.integers([2])]);
      return {
        ...x,
        channels: 6,
        name: b.node('Squeeze', [b.node('Softmax', [lone], [integerAttribute('axis', 2)]), b.integers([2])]),
      };
    },
  ],
];

test.each(HEADS)('the scores of %s are %s', async (_, kind, count, head) => {
  const b = new ModelBuilder(4);
  const pooled = b.globalPool(b.relu(b.conv(b.image(3, 8, 8), { out: 8 })));
  const network = await open(b.finish(head(b, b.flatten(pooled))));
  expect([network.outputKind, network.scoreCount]).toEqual([kind, count]);
});

function twoHeads(): ModelBuilder {
  return new ModelBuilder(4);
}

test('of several outputs the deepest is taken, the others are named, and their layers cost nothing', async () => {
  const b = twoHeads();
  const first = b.relu(b.conv(b.image(3, 8, 8), { out: 8, padding: 1 }));
  const early = b.gemm(b.flatten(b.globalPool(first)), 6);
  const late = b.gemm(b.flatten(b.globalPool(b.relu(b.conv(first, { out: 8 })))), 6);
  const model = b.finish(late, { outputsBefore: [makeValue(early.name, FLOAT, ['N', 6]).bytes] });
  const network = await open(model);
  expect(network.outputName).toBe(late.name);
  expect(network.file.outputChoice).toContain(`${early.name} float32 [?, 6]`);
  expect(network.layers.map(({ op }) => op)).toEqual(['Conv', 'Conv', 'Gemm']);
  expect(network.layers.map(({ name }) => name)).not.toContain(early.name);
});

test('a label beside the scores is not taken for them', async () => {
  const b = twoHeads();
  const scores = b.softmax(b.gemm(b.flatten(b.globalPool(b.relu(b.conv(b.image(3, 8, 8), { out: 8 })))), 6));
  const label = b.node('ArgMax', [scores.name], [integerAttribute('axis', 1)]);
  const network = await open(b.finish(scores, { outputsBefore: [makeValue(label, INT64, ['N', 1]).bytes] }));
  expect([network.outputName, network.outputKind]).toEqual([scores.name, 'probabilities']);
  expect(network.file.outputChoice).toContain(`${label} int64`);
});

function normalised(
  b: ModelBuilder,
  x: Feature,
  outputs: readonly string[],
  attributes: readonly Uint8Array[],
): string {
  const parameters = [1, 0, 0, 1].map((value) => b.tensor([4], new Float32Array(4).fill(value)));
  const node = makeNode('BatchNormalization', [x.name, ...parameters], 'bn', attributes);
  const more = outputs.map((output) => encodeString(2, output));
  b.place({ ...node, outputs: ['bn', ...outputs], bytes: concatBytes([node.bytes, ...more]) });
  return 'bn';
}

test.each<[string, string, number, (b: ModelBuilder, x: Feature) => string]>([
  [
    'training_mode',
    'bn (BatchNormalization)',
    14,
    (b, x) => normalised(b, x, ['m', 'v'], [integerAttribute('training_mode', 1)]),
  ],
  ['the results of training', 'bn (BatchNormalization)', 9, (b, x) => normalised(b, x, ['m', 'v', 'sm', 'sv'], [])],
  [
    'a Dropout that drops',
    '(Dropout)',
    13,
    (b, x) => b.node('Dropout', [x.name, b.tensor([], Float32Array.of(0.5)), b.stored([], BOOL, Uint8Array.of(1))]),
  ],
  ['numbers that are drawn', '(RandomNormalLike)', 13, (b, x) => b.node('RandomNormalLike', [x.name])],
  ['values that are drawn', '(Bernoulli)', 15, (b, x) => b.node('Bernoulli', [x.name])],
])('a node in training mode, by %s, is refused as %s', async (_, words, opset, place) => {
  const b = new ModelBuilder(3, { opset });
  const x = b.conv(b.image(3, 8, 8), { out: 4 });
  await expect(open(b.finish(b.flatten(b.globalPool({ ...x, name: place(b, x) }))))).rejects.toMatchObject({
    code: 'model-unsupported',
    message: expect.stringContaining(words) as string,
  });
});

test('a Dropout that is told to train and drops nothing is none', async () => {
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(b.image(3, 8, 8), { out: 4, padding: 1 }));
  const flags = [b.tensor([], Float32Array.of(0)), b.stored([], BOOL, Uint8Array.of(1))];
  const name = b.node('Dropout', [x.name, ...flags]);
  const network = await open(b.finish(b.flatten(b.globalPool(b.conv({ ...x, name }, { out: 4 })))));
  expect(network.isUnsigned(1)).toBe(true);
  expect(network.leftOut).toEqual([]);
});

test('with one channel a range per position is one range for all, and does quantise', async () => {
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(b.image(1, 8, 8), { out: 4, padding: 1 }));
  const network = await open(b.finish(b.flatten(b.globalPool(b.conv(x, { out: 4 })))));
  const random = randomGenerator(1);
  const pixels = randomPixels(random, network.inputLength);
  const image = planned(random, { bits: [2], inputBits: 2 });
  const [plain, coarse] = [await network.plain(pixels, 1), await network.quantised(pixels, [image], null, true)];
  expect(difference(coarse.scores, plain.scores)).not.toBeNull();
});
