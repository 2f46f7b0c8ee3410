import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTensor, makeValue } from '../../../src-main/onnx/onnx-tensor.ts';
import { FLOAT, FLOAT16, INT64, type OnnxNode } from '../../../src-main/onnx/onnx-schema.ts';
import { integerAttribute, integersAttribute, makeConstant, makeNode } from '../../../src-main/onnx/onnx-node.ts';
import {
  concatBytes,
  encodeBytes,
  encodeMessage,
  encodeNumber,
  encodeString,
  FIXED32,
} from '../../../src-main/onnx/protobuf-wire.ts';
import type { LayerGeometry, LayerOp } from '../../../src-shared/measurement.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';

/** How a model is written down; what it computes does not depend on it. */
export interface ModelStyle {
  readonly opset: number;
  readonly irVersion: number;
  /** The batch the file allows: any, or a fixed number of images. */
  readonly batch: 'any' | number;
  /** As files of IR version 3 must: weights are listed among the inputs too. */
  readonly weightsAsInputs: boolean;
  readonly namedNodes: boolean;
  readonly weights: 'raw' | 'float-data' | 'external' | 'constant-nodes' | 'half-raw' | 'half-int32';
  /** The image's layout; NHWC models begin and end their convolutions with Transposes, as tf2onnx writes them. */
  readonly layout: 'NCHW' | 'NHWC';
}

export const PLAIN_STYLE: ModelStyle = {
  opset: 13,
  irVersion: 7,
  batch: 'any',
  weightsAsInputs: false,
  namedNodes: true,
  weights: 'raw',
  layout: 'NCHW',
};

/** A tensor of one image while a model is being built. */
export interface Feature {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly layout: 'NCHW' | 'NHWC' | 'matrix';
}

export interface ConvOptions {
  readonly out: number;
  readonly kernel?: readonly [number, number];
  readonly stride?: number;
  /** Of all sides, or of rows and columns. */
  readonly padding?: number | readonly [number, number];
  readonly bias?: boolean;
  readonly dilation?: number;
  readonly groups?: number;
}

export interface BuiltModel {
  readonly bytes: Uint8Array;
  /** Content of `weights.bin`, for style `external`. */
  readonly external: Uint8Array;
  /** What the layers must be found to be; computed from the options alone. */
  readonly layers: readonly LayerGeometry[];
}

/** What a model may have beside its nodes; messages as bytes. */
export interface FinishOptions {
  readonly domains?: readonly string[];
  /** FunctionProtos. */
  readonly functions?: readonly Uint8Array[];
  /** SparseTensorProtos. */
  readonly sparse?: readonly Uint8Array[];
  /** In place of the image, and beside it: ValueInfoProtos. */
  readonly input?: Uint8Array;
  readonly inputs?: readonly Uint8Array[];
  readonly outputsBefore?: readonly Uint8Array[];
  /** In place of the scores: a ValueInfoProto. */
  readonly output?: Uint8Array;
}

const EXTERNAL_FILE = 'weights.bin';

/** The half nearest to a float in the half's normal range, to even. */
export function toFloat16(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const scaled = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const fraction = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
  return (value < 0 ? 0x8000 : 0) + ((exponent + 15) << 10) + fraction;
}

/** Builds small ONNX models node by node, with random weights that depend on the seed alone. */
export class ModelBuilder {
  readonly style: ModelStyle;
  readonly random: () => number;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: Uint8Array[] = [];
  readonly #weightInputs: Uint8Array[] = [];
  readonly #external: Uint8Array[] = [];
  readonly #layers: LayerGeometry[] = [];
  #externalLength = 0;
  #count = 0;
  #input: Uint8Array = new Uint8Array();

  constructor(seed: number, style: Partial<ModelStyle> = {}) {
    this.style = { ...PLAIN_STYLE, ...style };
    this.random = randomGenerator(seed);
  }

  /** The image; NHWC ones are transposed at once. */
  image(channels: number, height: number, width: number, openSize = false): Feature {
    const { batch, layout } = this.style;
    const [h, w] = openSize ? ['height', 'width'] : [height, width];
    const dims = layout === 'NCHW' ? [channels, h, w] : [h, w, channels];
    this.#input = makeValue('image', this.#half ? FLOAT16 : FLOAT, [batch === 'any' ? 'N' : batch, ...dims]).bytes;
    const image: Feature = { name: 'image', channels, height, width, layout };
    return layout === 'NCHW' ? image : this.toNchw(image);
  }

  get #half(): boolean {
    return this.style.weights.startsWith('half');
  }

  fresh(prefix: string): string {
    return `${prefix}_${this.#count++}`;
  }

  /** A weight in the style's way of writing; gives its name. */
  tensor(dims: readonly number[], values: Float32Array, name = this.fresh('weight')): string {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const { weights } = this.style;
    if (weights === 'constant-nodes') {
      this.#nodes.push(makeConstant(name, dims, values));
      return name;
    }
    if (this.style.weightsAsInputs)
      this.#weightInputs.push(encodeBytes(11, makeValue(name, this.#half ? FLOAT16 : FLOAT, dims).bytes));
    this.#initializers.push(encodeBytes(5, this.#encoded(name, dims, values, raw)));
    return name;
  }

  #encoded(name: string, dims: readonly number[], values: Float32Array, raw: Uint8Array): Uint8Array {
    const head = (type: number) =>
      concatBytes([...dims.map((dim) => encodeNumber(1, dim)), encodeNumber(2, type), encodeString(8, name)]);
    switch (this.style.weights) {
      case 'float-data':
        return concatBytes([head(FLOAT), encodeBytes(4, raw)]);
      case 'external': {
        const entry = (key: string, value: string) => encodeMessage(13, encodeString(1, key), encodeString(2, value));
        const offset = this.#externalLength;
        this.#external.push(raw);
        this.#externalLength += raw.length;
        return concatBytes([
          head(FLOAT),
          entry('location', EXTERNAL_FILE),
          entry('offset', String(offset)),
          entry('length', String(raw.length)),
          encodeNumber(14, 1),
        ]);
      }
      case 'half-raw':
        return encodeTensor(name, dims, FLOAT16, new Uint8Array(Uint16Array.from(values, toFloat16).buffer));
      case 'half-int32':
        return concatBytes([
          head(FLOAT16),
          encodeBytes(5, concatBytes(Array.from(values, (value) => encodeNumber(0, toFloat16(value)).subarray(1)))),
        ]);
      default:
        return encodeTensor(name, dims, FLOAT, raw);
    }
  }

  /** Weights in -scale..scale, multiples of 2^-10 so that half precision holds them exactly. */
  weights(dims: readonly number[], scale: number, offset = 0): string {
    const count = dims.reduce((product, size) => product * size, 1);
    const values = Float32Array.from(
      { length: count },
      () => Math.round((offset + (this.random() * 2 - 1) * scale) * 1024) / 1024,
    );
    return this.tensor(dims, values);
  }

  integers(values: readonly number[]): string {
    const name = this.fresh('integers');
    const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    if (this.style.weightsAsInputs)
      this.#weightInputs.push(encodeBytes(11, makeValue(name, INT64, [values.length]).bytes));
    this.#initializers.push(encodeBytes(5, encodeTensor(name, [values.length], INT64, raw)));
    return name;
  }

  /** A constant of any type. */
  stored(dims: readonly number[], type: number, raw: Uint8Array, name = this.fresh('stored')): string {
    this.#initializers.push(encodeBytes(5, encodeTensor(name, dims, type, raw)));
    return name;
  }

  /** A node built elsewhere, with several results or of another domain. */
  place(node: OnnxNode): void {
    this.#nodes.push(node);
  }

  /** A layer that is placed otherwise than by the builder's own methods. */
  counts(layer: LayerGeometry): void {
    this.#layers.push(layer);
  }

  node(opType: string, inputs: readonly string[], attributes: readonly Uint8Array[] = []): string {
    const output = this.fresh(opType.toLowerCase());
    const node = makeNode(opType, inputs, output, attributes);
    // The name is field 3; its absence is what unnamed nodes have.
    this.#nodes.push(this.style.namedNodes ? node : { ...node, bytes: unnamed(opType, inputs, output, attributes) });
    return output;
  }

  #layer(op: LayerOp, name: string, geometry: Omit<LayerGeometry, 'name' | 'op'>): void {
    this.#layers.push({ name, op, ...geometry });
  }

  conv(x: Feature, options: ConvOptions): Feature {
    const { out, kernel = [3, 3], stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    const [above, left] = typeof padding === 'number' ? [padding, padding] : padding;
    const perGroup = x.channels / groups;
    const size = (length: number, kernelLength: number, around: number) =>
      Math.floor((length + 2 * around - dilation * (kernelLength - 1) - 1) / stride) + 1;
    const [height, width] = [size(x.height, kernel[0], above), size(x.width, kernel[1], left)];
    const scale = Math.min(1, 1.5 / Math.sqrt(perGroup * kernel[0] * kernel[1]));
    const name = this.node(
      'Conv',
      [x.name, this.weights([out, perGroup, ...kernel], scale), ...(bias ? [this.weights([out], 0.2)] : [])],
      [
        integersAttribute('kernel_shape', kernel),
        integersAttribute('strides', [stride, stride]),
        integersAttribute('pads', [above, left, above, left]),
        integersAttribute('dilations', [dilation, dilation]),
        integerAttribute('group', groups),
      ],
    );
    this.#layer('Conv', name, {
      inputShape: [x.channels, x.height, x.width],
      outputShape: [out, height, width],
      kernel,
      groups,
      macs: out * height * width * perGroup * kernel[0] * kernel[1],
      values: x.channels * x.height * x.width,
      weights: out * perGroup * kernel[0] * kernel[1],
    });
    return { name, channels: out, height, width, layout: 'NCHW' };
  }

  unary(opType: string, x: Feature, attributes: readonly Uint8Array[] = []): Feature {
    return { ...x, name: this.node(opType, [x.name], attributes) };
  }

  relu(x: Feature): Feature {
    return this.unary('Relu', x);
  }

  /** ReLU6: limits are attributes up to opset 10, inputs from 11 on. */
  relu6(x: Feature): Feature {
    if (this.style.opset < 11) return this.unary('Clip', x, [floatAttribute('min', 0), floatAttribute('max', 6)]);
    const limits = [0, 6].map((limit) => this.tensor([], Float32Array.of(limit)));
    return { ...x, name: this.node('Clip', [x.name, ...limits]) };
  }

  batchNorm(x: Feature): Feature {
    const parameters = [
      this.weights([x.channels], 0.3, 1),
      this.weights([x.channels], 0.2),
      this.weights([x.channels], 0.2),
      this.weights([x.channels], 0.3, 1),
    ];
    return { ...x, name: this.node('BatchNormalization', [x.name, ...parameters]) };
  }

  pool(opType: 'MaxPool' | 'AveragePool', x: Feature, size = 2): Feature {
    const name = this.node(
      opType,
      [x.name],
      [integersAttribute('kernel_shape', [size, size]), integersAttribute('strides', [size, size])],
    );
    return { ...x, name, height: Math.floor(x.height / size), width: Math.floor(x.width / size) };
  }

  globalPool(x: Feature): Feature {
    return { ...this.unary('GlobalAveragePool', x), height: 1, width: 1 };
  }

  add(a: Feature, b: Feature): Feature {
    return { ...a, name: this.node('Add', [a.name, b.name]) };
  }

  concat(parts: readonly Feature[]): Feature {
    const name = this.node(
      'Concat',
      parts.map((part) => part.name),
      [integerAttribute('axis', 1)],
    );
    return { ...parts[0]!, name, channels: parts.reduce((sum, part) => sum + part.channels, 0) };
  }

  flatten(x: Feature): Feature {
    return matrix(x, this.node('Flatten', [x.name]));
  }

  /** @param batch what the shape says of the batch axis; 0 copies it */
  reshape(x: Feature, batch = 0): Feature {
    return matrix(x, this.node('Reshape', [x.name, this.integers([batch, x.channels * x.height * x.width])]));
  }

  toNhwc(x: Feature): Feature {
    return { ...this.unary('Transpose', x, [integersAttribute('perm', [0, 2, 3, 1])]), layout: 'NHWC' };
  }

  toNchw(x: Feature): Feature {
    return { ...this.unary('Transpose', x, [integersAttribute('perm', [0, 3, 1, 2])]), layout: 'NCHW' };
  }

  /** Fully connected. `input` is the tensor that is quantised: the one before Flatten, Reshape or Transpose. */
  gemm(x: Feature, out: number, input: Feature = x, transposed = true): Feature {
    const inputs = x.channels;
    const weight = this.weights(transposed ? [out, inputs] : [inputs, out], 1.5 / Math.sqrt(inputs));
    const name = this.node(
      'Gemm',
      [x.name, weight, this.weights([out], 0.2)],
      transposed ? [integerAttribute('transB', 1)] : [],
    );
    return this.#connected('Gemm', name, input, inputs, out);
  }

  matMul(x: Feature, out: number, input: Feature = x): Feature {
    const weight = this.weights([x.channels, out], 1.5 / Math.sqrt(x.channels));
    const name = this.node('MatMul', [x.name, weight]);
    const result = this.#connected('MatMul', name, input, x.channels, out);
    return { ...result, name: this.node('Add', [name, this.weights([out], 0.2)]) };
  }

  #connected(op: 'Gemm' | 'MatMul', name: string, input: Feature, inputs: number, out: number): Feature {
    this.#layer(op, name, {
      inputShape: [input.channels, input.height, input.width],
      outputShape: [out, 1, 1],
      kernel: [1, 1],
      groups: 1,
      macs: inputs * out,
      values: inputs,
      weights: inputs * out,
    });
    return { name, channels: out, height: 1, width: 1, layout: 'matrix' };
  }

  /** A MatMul over the last axis of an NHWC feature map or of a row of tokens: a convolution of one pixel. */
  pointwise(x: Feature, out: number, input: Feature = x): Feature {
    const name = this.node('MatMul', [x.name, this.weights([x.channels, out], 1.5 / Math.sqrt(x.channels))]);
    const positions = x.height * x.width;
    this.#layer('MatMul', name, {
      inputShape: [input.channels, input.height, input.width],
      outputShape: [out, input.height, input.width],
      kernel: [1, 1],
      groups: 1,
      macs: x.channels * out * positions,
      values: x.channels * positions,
      weights: x.channels * out,
    });
    return { ...x, name, channels: out };
  }

  softmax(x: Feature): Feature {
    return this.unary('Softmax', x, [integerAttribute('axis', 1)]);
  }

  finish(output: Feature, extra: FinishOptions = {}): BuiltModel {
    const { opset, irVersion, batch } = this.style;
    const size = batch === 'any' ? 'N' : batch;
    const dims = output.layout === 'matrix' ? [output.channels] : [output.channels, output.height, output.width];
    const type = this.#half ? FLOAT16 : FLOAT;
    const graph = concatBytes([
      ...this.#nodes.map((node) => encodeBytes(1, node.bytes)),
      encodeString(2, 'test'),
      ...this.#initializers,
      ...(extra.sparse ?? []).map((tensor) => encodeBytes(15, tensor)),
      encodeBytes(11, extra.input ?? this.#input),
      ...(extra.inputs ?? []).map((input) => encodeBytes(11, input)),
      ...this.#weightInputs,
      ...(extra.outputsBefore ?? []).map((value) => encodeBytes(12, value)),
      encodeBytes(12, extra.output ?? makeValue(output.name, type, [size, ...dims]).bytes),
    ]);
    const bytes = concatBytes([
      encodeNumber(1, irVersion),
      encodeString(2, 'fovea-test'),
      encodeBytes(7, graph),
      encodeMessage(8, encodeString(1, ''), encodeNumber(2, opset)),
      ...(extra.functions ?? []).map((own) => encodeBytes(25, own)),
      ...(extra.domains ?? []).map((domain) => encodeMessage(8, encodeString(1, domain), encodeNumber(2, 1))),
    ]);
    return { bytes, external: concatBytes(this.#external), layers: this.#layers };
  }
}

function matrix(x: Feature, name: string): Feature {
  return { name, channels: x.channels * x.height * x.width, height: 1, width: 1, layout: 'matrix' };
}

function unnamed(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Uint8Array[],
): Uint8Array {
  return concatBytes([
    ...inputs.map((input) => encodeString(1, input)),
    encodeString(2, output),
    encodeString(4, opType),
    ...attributes.map((attribute) => encodeBytes(5, attribute)),
  ]);
}

export function floatAttribute(name: string, value: number): Uint8Array {
  return concatBytes([
    encodeString(1, name),
    Uint8Array.of(2 * 8 + FIXED32),
    new Uint8Array(Float32Array.of(value).buffer),
    encodeNumber(20, 1),
  ]);
}

export function stringAttribute(name: string, value: string): Uint8Array {
  return concatBytes([encodeString(1, name), encodeString(4, value), encodeNumber(20, 3)]);
}

/** Writes a model, and its external weights, into a folder; gives the model's path. */
export function writeModel(folder: string, name: string, model: Pick<BuiltModel, 'bytes' | 'external'>): string {
  const path = join(folder, name);
  writeFileSync(path, model.bytes);
  if (model.external.length > 0) writeFileSync(join(folder, EXTERNAL_FILE), model.external);
  return path;
}

/** A small classifier of 3 x 16 x 16 images in 8 classes, 2 convolutions and a fully connected layer. */
export function smallClassifier(seed = 1, style: Partial<ModelStyle> = {}): BuiltModel {
  const b = new ModelBuilder(seed, style);
  const first = b.relu(b.conv(b.image(3, 16, 16), { out: 8, padding: 1, stride: 2 }));
  const second = b.relu(b.conv(first, { out: 16, padding: 1 }));
  const pooled = b.pool('MaxPool', second);
  return b.finish(b.softmax(b.gemm(b.flatten(pooled), 8, pooled)));
}

/** Two convolutions, a global average pool and a linear layer. */
export function pooledClassifier() {
  const b = new ModelBuilder(4);
  const first = b.relu(b.conv(b.image(3, 16, 16), { out: 8, padding: 1 }));
  const second = b.relu(b.conv(first, { out: 16, padding: 1, stride: 2 }));
  const pooled = b.globalPool(second);
  return b.finish(b.softmax(b.gemm(b.flatten(pooled), 8, pooled)));
}

/** A model of as many nodes as asked for and a few more, a quarter of them layers; of 3 x 16 x 16 images in 6 classes. */
export function longNetwork(nodes: number, seed = 5): BuiltModel {
  const b = new ModelBuilder(seed);
  let x = b.conv(b.image(3, 16, 16), { out: 4, kernel: [1, 1] });
  for (let node = 0; node < nodes; node++) x = node % 4 === 3 ? b.conv(x, { out: 4, kernel: [1, 1] }) : b.relu(x);
  const pooled = b.globalPool(x);
  return b.finish(b.softmax(b.gemm(b.flatten(pooled), 6, pooled)));
}

const BLOCKS: readonly ((b: ModelBuilder, x: Feature) => Feature)[] = [
  (b, x) => b.relu(b.conv(x, { out: 8, padding: 1 })),
  (b, x) => b.relu(b.batchNorm(b.conv(x, { out: 12, kernel: [1, 1] }))),
  // Asymmetric, strided, dilated.
  (b, x) => b.relu(b.conv(x, { out: 8, kernel: [1, 3], padding: 1 })),
  (b, x) => (x.height < 6 ? x : b.relu(b.conv(x, { out: 8, stride: 2, padding: 1 }))),
  (b, x) => (x.height < 7 ? x : b.relu(b.conv(x, { out: 8, dilation: 2, padding: 1 }))),
  // Grouped, where the channels divide.
  (b, x) =>
    x.channels % 4 ? b.conv(x, { out: 4 * 3, kernel: [1, 1] }) : b.relu(b.conv(x, { out: 8, groups: 4, padding: 1 })),
  // Depthwise separable.
  (b, x) =>
    b.relu6(
      b.conv(b.relu6(b.conv(x, { out: x.channels, groups: x.channels, padding: 1 })), { out: 16, kernel: [1, 1] }),
    ),
  // Residual, with the activation before the branch.
  (b, x) => {
    const inner = b.relu(b.conv(x, { out: x.channels, padding: 1 }));
    return b.relu(b.add(b.conv(inner, { out: x.channels, padding: 1 }), x));
  },
  // Inverted residual with a linear bottleneck (MobileNetV2): the next layer's input is signed.
  (b, x) => {
    const expanded = b.relu6(b.conv(x, { out: x.channels * 2, kernel: [1, 1] }));
    const deep = b.relu6(b.conv(expanded, { out: expanded.channels, groups: expanded.channels, padding: 1 }));
    return b.add(b.conv(deep, { out: x.channels, kernel: [1, 1] }), x);
  },
  // Fire module (SqueezeNet): two layers share a tensor.
  (b, x) => {
    const squeezed = b.relu(b.conv(x, { out: 4, kernel: [1, 1] }));
    const narrow = b.relu(b.conv(squeezed, { out: 8, kernel: [1, 1] }));
    return b.concat([narrow, b.relu(b.conv(squeezed, { out: 8, padding: 1 }))]);
  },
  (b, x) => (x.height < 4 ? x : b.pool('MaxPool', x)),
  (b, x) => (x.height < 4 ? x : b.pool('AveragePool', x)),
  (b, x) => b.unary('Sigmoid', x),
  (b, x) => b.unary('Dropout', x),
  (b, x) => b.toNchw(b.relu(b.toNhwc(x))),
  // Squeeze and excitation: convolutions follow fully connected layers.
  (b, x) => {
    const pooled = b.globalPool(x);
    const hidden = b.relu(b.gemm(b.flatten(pooled), 4, pooled));
    const gate = b.unary('Sigmoid', b.gemm(hidden, x.channels));
    const shaped = b.node('Reshape', [gate.name, b.integers([0, x.channels, 1, 1])]);
    return { ...x, name: b.node('Mul', [x.name, shaped]) };
  },
  // Convolutions of one pixel as MatMuls on the last axis (ConvNeXt); the second one reads an NHWC tensor.
  (b, x) => {
    const hidden = b.unary('Sigmoid', b.pointwise(b.toNhwc(x), 12, x));
    return b.relu(b.toNchw(b.pointwise(hidden, 8)));
  },
];

const HEADS: readonly ((b: ModelBuilder, x: Feature) => Feature)[] = [
  (b, x) => b.gemm(b.flatten(x), 6, x),
  (b, x) => b.gemm(b.reshape(x), 6, x, false),
  (b, x) => b.matMul(b.flatten(x), 6, x),
  (b, x) => {
    const pooled = b.globalPool(x);
    return b.gemm(b.flatten(pooled), 6, pooled);
  },
  (b, x) => {
    const hidden = b.relu(b.gemm(b.flatten(x), 10, x));
    return b.gemm(hidden, 6);
  },
  (b, x) => {
    const hidden = b.relu(b.matMul(b.flatten(x), 10, x));
    return b.matMul(hidden, 6);
  },
  // As tf2onnx writes it: the classifier reads the map in its own layout.
  (b, x) => b.matMul(b.reshape(b.toNhwc(x)), 6, x),
  // Tokens: two MatMuls over a row of positions, which keep their places, then their mean.
  (b, x) => {
    const flat = b.node('Reshape', [x.name, b.integers([0, x.channels, x.height * x.width])]);
    const row = b.node('Transpose', [flat], [integersAttribute('perm', [0, 2, 1])]);
    const tokens: Feature = { ...x, name: row, layout: 'NHWC' };
    const hidden = b.unary('Sigmoid', b.pointwise(tokens, 9, x));
    const second = b.pointwise(hidden, 6);
    const axes = b.style.opset < 18 ? [] : [b.integers([1])];
    const attributes = [integerAttribute('keepdims', 0), ...(axes.length ? [] : [integersAttribute('axes', [1])])];
    const mean = b.node('ReduceMean', [second.name, ...axes], attributes);
    return { name: mean, channels: 6, height: 1, width: 1, layout: 'matrix' };
  },
  // Fully convolutional (SqueezeNet).
  (b, x) => b.flatten(b.globalPool(b.relu(b.conv(x, { out: 6, kernel: [1, 1] })))),
];

/** A network of random blocks on 3 x `side` x `side` images in 6 classes. */
export function randomNetwork(seed: number, style: Partial<ModelStyle> = {}, side = 10): BuiltModel {
  const b = new ModelBuilder(seed, style);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(b.random() * items.length)]!;
  let x = b.relu(b.conv(b.image(3, side, side), { out: 8, padding: 1 }));
  const blocks = 1 + Math.floor(b.random() * 4);
  for (let block = 0; block < blocks; block++) x = pick(BLOCKS)(b, x);
  const scores = pick(HEADS)(b, x);
  return b.finish(b.random() < 0.5 ? b.softmax(scores) : scores);
}

/** Styles that ONNX Runtime takes, oldest to newest. */
export const STYLES: readonly Partial<ModelStyle>[] = [
  { opset: 7, irVersion: 3, weightsAsInputs: true },
  { opset: 8, irVersion: 3, weightsAsInputs: true, batch: 1 },
  { opset: 9, irVersion: 4, namedNodes: false },
  { opset: 11, irVersion: 6, weights: 'float-data' },
  { opset: 12, irVersion: 7, layout: 'NHWC' },
  { opset: 13, irVersion: 7, batch: 1 },
  { opset: 17, irVersion: 8, weights: 'external' },
  { opset: 18, irVersion: 9, weights: 'constant-nodes' },
  { opset: 21, irVersion: 10, weights: 'half-raw' },
  { opset: 21, irVersion: 10, weights: 'half-int32', namedNodes: false },
];
