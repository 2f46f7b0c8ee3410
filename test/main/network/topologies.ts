import { integerAttribute, integersAttribute } from '../../../src-main/onnx/onnx-node.ts';
import { INT64 } from '../../../src-main/onnx/onnx-schema.ts';
import { floatAttribute, ModelBuilder, type BuiltModel, type ConvOptions, type Feature } from '../onnx/onnx-models.ts';

/**
 * Networks with the structure of published ones, block by block, and random weights: fewer channels and smaller images, so that a
 * test can run them. MACs are counted by the builder from the options of each layer alone.
 */
export interface Topology {
  readonly name: string;
  readonly model: BuiltModel;
  /** Multiply-accumulates of products of activations, in order: attention. */
  readonly products: readonly number[];
}

const CLASSES = 10;

class Net {
  readonly b: ModelBuilder;
  readonly products: number[] = [];

  constructor(seed: number, opset = 13) {
    this.b = new ModelBuilder(seed, { opset });
  }

  image(side: number): Feature {
    return this.b.image(3, side, side);
  }

  conv(x: Feature, out: number, kernel: number, options: Partial<ConvOptions> = {}): Feature {
    return this.b.conv(x, { out, kernel: [kernel, kernel], padding: Math.floor(kernel / 2), ...options });
  }

  /** Convolution, batch normalisation, Relu: the brick of most. */
  cbr(x: Feature, out: number, kernel: number, options: Partial<ConvOptions> = {}): Feature {
    return this.b.relu(this.cb(x, out, kernel, options));
  }

  cb(x: Feature, out: number, kernel: number, options: Partial<ConvOptions> = {}): Feature {
    return this.b.batchNorm(this.conv(x, out, kernel, { bias: false, ...options }));
  }

  pool(type: 'MaxPool' | 'AveragePool', x: Feature, size: number, stride: number, padding = 0, ceil = false): Feature {
    const name = this.b.node(
      type,
      [x.name],
      [
        integersAttribute('kernel_shape', [size, size]),
        integersAttribute('strides', [stride, stride]),
        integersAttribute('pads', [padding, padding, padding, padding]),
        ...(ceil ? [integerAttribute('ceil_mode', 1)] : []),
      ],
    );
    const length = (side: number) => (ceil ? Math.ceil : Math.floor)((side + 2 * padding - size) / stride) + 1;
    return { ...x, name, height: length(x.height), width: length(x.width) };
  }

  lrn(x: Feature): Feature {
    return this.b.unary('LRN', x, [
      integerAttribute('size', 5),
      floatAttribute('alpha', 1e-4),
      floatAttribute('beta', 0.75),
    ]);
  }

  mul(a: Feature, b: Feature): Feature {
    return { ...a, name: this.b.node('Mul', [a.name, b.name]) };
  }

  silu(x: Feature): Feature {
    return this.mul(x, this.b.unary('Sigmoid', x));
  }

  hardSigmoid(x: Feature): Feature {
    return this.b.unary('HardSigmoid', x, [floatAttribute('alpha', 1 / 6)]);
  }

  hardSwish(x: Feature): Feature {
    return this.mul(x, this.hardSigmoid(x));
  }

  scalar(value: number): string {
    return this.b.tensor([], Float32Array.of(value));
  }

  gelu(x: Feature): Feature {
    const erf = this.b.node('Erf', [this.b.node('Div', [x.name, this.scalar(Math.SQRT2)])]);
    const raised = this.b.node('Mul', [x.name, this.b.node('Add', [erf, this.scalar(1)])]);
    return { ...x, name: this.b.node('Mul', [raised, this.scalar(0.5)]) };
  }

  /** Layer normalisation over the last axis, in parts as exporters write it up to opset 16. */
  layerNorm(x: Feature): Feature {
    const last = [integersAttribute('axes', [-1])];
    const centred = this.b.node('Sub', [x.name, this.b.node('ReduceMean', [x.name], last)]);
    const variance = this.b.node('ReduceMean', [this.b.node('Pow', [centred, this.scalar(2)])], last);
    const deviation = this.b.node('Sqrt', [this.b.node('Add', [variance, this.scalar(1e-6)])]);
    const scaled = this.b.node('Mul', [this.b.node('Div', [centred, deviation]), this.b.weights([x.channels], 0.3, 1)]);
    return { ...x, name: this.b.node('Add', [scaled, this.b.weights([x.channels], 0.2)]) };
  }

  /** A fully connected layer on the last axis, with its bias. */
  linear(x: Feature, out: number, input: Feature = x): Feature {
    const product = this.b.pointwise(x, out, input);
    return { ...product, name: this.b.node('Add', [product.name, this.b.weights([out], 0.2)]) };
  }

  squeezeExcite(x: Feature, hidden: number, gate: (x: Feature) => Feature, between: (x: Feature) => Feature): Feature {
    return this.mul(x, gate(this.conv(between(this.conv(this.b.globalPool(x), hidden, 1)), x.channels, 1)));
  }

  shuffle(x: Feature, groups: number): Feature {
    const { channels, height, width } = x;
    const split = this.b.node('Reshape', [x.name, this.b.integers([-1, groups, channels / groups, height, width])]);
    const turned = this.b.node('Transpose', [split], [integersAttribute('perm', [0, 2, 1, 3, 4])]);
    return { ...x, name: this.b.node('Reshape', [turned, this.b.integers([-1, channels, height, width])]) };
  }

  slice(name: string, axis: number, start: number, end: number, step = 1): string {
    const ints = (value: number) => this.b.integers([value]);
    return this.b.node('Slice', [name, ints(start), ints(end), ints(axis), ints(step)]);
  }

  head(x: Feature, classes = CLASSES): BuiltModel {
    const pooled = this.b.globalPool(x);
    return this.b.finish(this.b.gemm(this.b.flatten(pooled), classes, pooled));
  }

  reshape(name: string, dims: readonly number[]): string {
    return this.b.node('Reshape', [name, this.b.integers(dims)]);
  }

  transpose(name: string, perm: readonly number[]): string {
    return this.b.node('Transpose', [name], [integersAttribute('perm', perm)]);
  }

  gather(name: string, index: number, axis: number): string {
    const scalar = this.b.stored([], INT64, new Uint8Array(BigInt64Array.of(BigInt(index)).buffer));
    return this.b.node('Gather', [name, scalar], [integerAttribute('axis', axis)]);
  }

  /** softmax(q kT) v over the last two axes; `many` such products an image. */
  attention(
    q: string,
    k: string,
    v: string,
    perm: readonly number[],
    tokens: number,
    width: number,
    many: number,
    bias?: (scores: string) => string,
  ): string {
    const scores = this.b.node('MatMul', [q, this.transpose(k, perm)]);
    const weights = this.b.node('Softmax', [bias ? bias(scores) : scores], [integerAttribute('axis', -1)]);
    this.products.push(many * tokens * tokens * width, many * tokens * tokens * width);
    return this.b.node('MatMul', [weights, v]);
  }
}

type Build = (net: Net) => BuiltModel;

const vgg =
  (sizes: readonly (number | 'M')[]): Build =>
  (net) => {
    let x = net.image(32);
    for (const size of sizes) x = size === 'M' ? net.pool('MaxPool', x, 2, 2) : net.cbr(x, size, 3, { bias: true });
    let y = net.b.flatten(x);
    y = net.b.relu(net.b.gemm(y, 32, x));
    y = net.b.relu(net.b.gemm(y, 32));
    return net.b.finish(net.b.gemm(y, CLASSES));
  };

/** torchvision's, or Caffe's with groups and normalisation across channels. */
const alexnet =
  (groups: number, normalised: boolean): Build =>
  (net) => {
    const after = (x: Feature) => net.pool('MaxPool', normalised ? net.lrn(x) : x, 3, 2);
    let x = net.b.relu(net.conv(net.image(67), 12, 11, { stride: 4, padding: normalised ? 0 : 2 }));
    x = after(x);
    x = after(net.b.relu(net.conv(x, 24, 5, { groups })));
    x = net.b.relu(net.conv(x, 32, 3));
    x = net.b.relu(net.conv(x, 32, 3, { groups }));
    x = net.b.relu(net.conv(x, 24, 3, { groups }));
    if (!normalised) x = net.b.pool('MaxPool', x);
    let y = net.b.unary('Dropout', net.b.reshape(x));
    y = net.b.unary('Dropout', net.b.relu(net.b.gemm(y, 32, x)));
    y = net.b.relu(net.b.gemm(y, 32));
    y = net.b.gemm(y, CLASSES);
    return net.b.finish(normalised ? net.b.softmax(y) : y);
  };

const zfnet: Build = (net) => {
  let x = net.pool('MaxPool', net.lrn(net.b.relu(net.conv(net.image(64), 12, 7, { stride: 2, padding: 1 }))), 3, 2);
  x = net.pool('MaxPool', net.lrn(net.b.relu(net.conv(x, 24, 5, { stride: 2, padding: 0 }))), 3, 2);
  for (const out of [32, 48, 32]) x = net.b.relu(net.conv(x, out, 3));
  let y = net.b.reshape(x);
  y = net.b.relu(net.b.gemm(y, 32, x));
  return net.b.finish(net.b.softmax(net.b.gemm(net.b.relu(net.b.gemm(y, 32)), CLASSES)));
};

const basicBlock = (net: Net, x: Feature, out: number, stride: number): Feature => {
  const inner = net.cb(net.cbr(x, out, 3, { stride }), out, 3);
  return net.b.relu(net.b.add(inner, stride === 1 && x.channels === out ? x : net.cb(x, out, 1, { stride })));
};

/** @param width of the inner convolution @param attend squeeze and excitation over the inner one */
const bottleneck = (
  net: Net,
  x: Feature,
  width: number,
  out: number,
  stride: number,
  groups: number,
  attend?: (x: Feature) => Feature,
): Feature => {
  const middle = net.cbr(net.cbr(x, width, 1), width, 3, { stride, groups });
  const inner = net.cb(attend ? attend(middle) : middle, out, 1);
  return net.b.relu(net.b.add(inner, stride === 1 && x.channels === out ? x : net.cb(x, out, 1, { stride })));
};

const resnet =
  (blocks: readonly number[], block: (net: Net, x: Feature, stage: number, stride: number) => Feature): Build =>
  (net) => {
    let x = net.pool('MaxPool', net.cbr(net.image(64), 8, 7, { stride: 2 }), 3, 2, 1);
    blocks.forEach((count, stage) => {
      for (let n = 0; n < count; n++) x = block(net, x, stage, n === 0 && stage > 0 ? 2 : 1);
    });
    return net.head(x);
  };

const regnet =
  (depths: readonly number[], widths: readonly number[], groupWidth: number, attention: boolean): Build =>
  (net) => {
    let x = net.cbr(net.image(32), 8, 3, { stride: 2 });
    depths.forEach((depth, stage) => {
      const width = widths[stage]!;
      for (let n = 0; n < depth; n++) {
        const hidden = Math.round(x.channels / 4);
        const attend = attention
          ? (y: Feature) =>
              net.squeezeExcite(
                y,
                hidden,
                (z) => net.b.unary('Sigmoid', z),
                (z) => net.b.relu(z),
              )
          : undefined;
        x = bottleneck(net, x, width, width, n === 0 ? 2 : 1, width / groupWidth, attend);
      }
    });
    return net.head(x);
  };

const densenet: Build = (net) => {
  const growth = 4;
  let x = net.pool('MaxPool', net.cbr(net.image(64), 8, 7, { stride: 2 }), 3, 2, 1);
  const blocks = [6, 12, 24, 16];
  blocks.forEach((layers, block) => {
    for (let n = 0; n < layers; n++) {
      const narrow = net.conv(net.b.relu(net.b.batchNorm(x)), 4 * growth, 1, { bias: false });
      x = net.b.concat([x, net.conv(net.b.relu(net.b.batchNorm(narrow)), growth, 3, { bias: false })]);
    }
    if (block < blocks.length - 1)
      x = net.b.pool('AveragePool', net.conv(net.b.relu(net.b.batchNorm(x)), x.channels / 2, 1, { bias: false }));
  });
  return net.head(net.b.relu(net.b.batchNorm(x)));
};

type Brick = (net: Net, x: Feature, out: number, kernel: number, options?: Partial<ConvOptions>) => Feature;
const plainBrick: Brick = (net, x, out, kernel, options) => net.b.relu(net.conv(x, out, kernel, options));
const normedBrick: Brick = (net, x, out, kernel, options) => net.cbr(x, out, kernel, options);
/** Caffe's batch normalisation as Caffe2 exports it: then a scale and an offset by channel. */
const scaledBrick: Brick = (net, x, out, kernel, options) => {
  const normal = net.cb(x, out, kernel, options);
  const byChannel = (offset: number) =>
    net.b.node('Unsqueeze', [net.b.weights([out], 0.3, offset), net.b.integers([1, 2])]);
  const scaled = net.b.node('Mul', [normal.name, byChannel(1)]);
  return net.b.relu({ ...normal, name: net.b.node('Add', [scaled, byChannel(0)]) });
};

/** @param five kernel of the third branch: the paper's 5, torchvision's 3 */
const inceptionModule = (net: Net, brick: Brick, x: Feature, five: number): Feature =>
  net.b.concat([
    brick(net, x, 8, 1),
    brick(net, brick(net, x, 6, 1), 10, 3),
    brick(net, brick(net, x, 4, 1), 6, five),
    brick(net, net.pool('MaxPool', x, 3, 1, 1), 4, 1),
  ]);

const googlenet =
  (brick: Brick, five: number, normalised: boolean, head: (net: Net, x: Feature) => BuiltModel): Build =>
  (net) => {
    let x = net.pool('MaxPool', brick(net, net.image(64), 8, 7, { stride: 2 }), 3, 2, 0, true);
    if (normalised) x = net.lrn(x);
    x = brick(net, brick(net, x, 8, 1), 12, 3);
    if (normalised) x = net.lrn(x);
    x = net.pool('MaxPool', x, 3, 2, 0, true);
    for (const count of [2, 5]) {
      for (let n = 0; n < count; n++) x = inceptionModule(net, brick, x, five);
      x = net.pool('MaxPool', x, 3, 2, 0, true);
    }
    for (let n = 0; n < 2; n++) x = inceptionModule(net, brick, x, five);
    return head(net, x);
  };

/** The zoo's inception v1 keeps the last weights as 1 x 1 x outputs x inputs and reshapes them. */
const reshapedHead = (net: Net, x: Feature): BuiltModel => {
  const pooled = net.b.globalPool(x);
  const flat = net.b.reshape(pooled);
  const weight = net.reshape(net.b.weights([1, 1, CLASSES, x.channels], 0.2), [CLASSES, x.channels]);
  const name = net.b.node('Gemm', [flat.name, weight, net.b.weights([CLASSES], 0.2)], [integerAttribute('transB', 1)]);
  net.b.counts({
    name,
    op: 'Gemm',
    inputShape: [x.channels, 1, 1],
    outputShape: [CLASSES, 1, 1],
    kernel: [1, 1],
    groups: 1,
    macs: CLASSES * x.channels,
    values: x.channels,
    weights: CLASSES * x.channels,
  });
  return net.b.finish(net.b.softmax({ ...flat, name, channels: CLASSES }));
};

const inceptionV3: Build = (net) => {
  let x = net.image(107);
  // transform_input: another normalisation, channel by channel.
  const channel = (index: number) => {
    const one = net.b.node('Unsqueeze', [net.gather(x.name, index, 1), net.b.integers([1])]);
    return net.b.node('Add', [net.b.node('Mul', [one, net.scalar(0.458)]), net.scalar(-0.03)]);
  };
  x = { ...x, name: net.b.node('Concat', [0, 1, 2].map(channel), [integerAttribute('axis', 1)]) };
  x = net.cbr(x, 4, 3, { stride: 2, padding: 0 });
  x = net.cbr(net.cbr(x, 4, 3, { padding: 0 }), 8, 3);
  x = net.pool('MaxPool', x, 3, 2);
  x = net.cbr(net.cbr(x, 10, 1), 12, 3, { padding: 0 });
  x = net.pool('MaxPool', x, 3, 2);
  const average = (y: Feature, out: number) => net.cbr(net.pool('AveragePool', y, 3, 1, 1), out, 1);
  const wide = (y: Feature, out: number, size = 7) =>
    net.cbr(y, out, size, { kernel: [1, size], padding: [0, (size - 1) / 2] });
  const tall = (y: Feature, out: number, size = 7) =>
    net.cbr(y, out, size, { kernel: [size, 1], padding: [(size - 1) / 2, 0] });
  for (let n = 0; n < 3; n++)
    x = net.b.concat([
      net.cbr(x, 8, 1),
      net.cbr(net.cbr(x, 6, 1), 8, 5),
      net.cbr(net.cbr(net.cbr(x, 8, 1), 12, 3), 12, 3),
      average(x, 4),
    ]);
  const down = { stride: 2, padding: 0 };
  x = net.b.concat([
    net.cbr(x, 24, 3, down),
    net.cbr(net.cbr(net.cbr(x, 8, 1), 12, 3), 12, 3, down),
    net.pool('MaxPool', x, 3, 2),
  ]);
  for (let n = 0; n < 4; n++)
    x = net.b.concat([
      net.cbr(x, 12, 1),
      tall(wide(net.cbr(x, 8, 1), 8), 12),
      wide(tall(wide(tall(net.cbr(x, 8, 1), 8), 8), 8), 12),
      average(x, 12),
    ]);
  x = net.b.concat([
    net.cbr(net.cbr(x, 12, 1), 20, 3, down),
    net.cbr(tall(wide(net.cbr(x, 12, 1), 12), 12), 12, 3, down),
    net.pool('MaxPool', x, 3, 2),
  ]);
  for (let n = 0; n < 2; n++) {
    const left = net.cbr(x, 16, 1);
    const right = net.cbr(net.cbr(x, 16, 1), 16, 3);
    const split = (y: Feature) => net.b.concat([wide(y, 16, 3), tall(y, 16, 3)]);
    x = net.b.concat([net.cbr(x, 20, 1), split(left), split(right), average(x, 12)]);
  }
  return net.head(x);
};

const squeezenet: Build = (net) => {
  const fire = (x: Feature, squeeze: number, expand: number) => {
    const narrow = net.b.relu(net.conv(x, squeeze, 1));
    return net.b.concat([net.b.relu(net.conv(narrow, expand, 1)), net.b.relu(net.conv(narrow, expand, 3))]);
  };
  let x = net.pool('MaxPool', net.b.relu(net.conv(net.image(64), 8, 3, { stride: 2, padding: 0 })), 3, 2, 0, true);
  for (const [squeeze, expand, pool] of [
    [2, 8, false],
    [2, 8, true],
    [4, 16, false],
    [4, 16, true],
    [6, 24, false],
    [6, 24, false],
    [8, 32, false],
    [8, 32, false],
  ] as const) {
    x = fire(x, squeeze, expand);
    if (pool) x = net.pool('MaxPool', x, 3, 2, 0, true);
  }
  return net.b.finish(net.b.flatten(net.b.globalPool(net.b.relu(net.conv(net.b.unary('Dropout', x), CLASSES, 1)))));
};

interface Inverted {
  readonly out: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly expand: number;
  readonly act: (x: Feature) => Feature;
  readonly attend?: (x: Feature) => Feature;
  /** One convolution does what expansion and depthwise convolution do (Fused-MBConv). */
  readonly fused?: boolean;
}

const inverted = (
  net: Net,
  x: Feature,
  { out, kernel = 3, stride = 1, expand, act, attend, fused }: Inverted,
): Feature => {
  const wide = x.channels * expand;
  let y = x;
  if (fused) {
    y = act(net.cb(y, expand === 1 ? out : wide, kernel, { stride }));
    if (expand > 1) y = net.cb(y, out, 1);
  } else {
    if (expand > 1) y = act(net.cb(y, wide, 1));
    y = act(net.cb(y, wide, kernel, { stride, groups: wide }));
    y = net.cb(attend ? attend(y) : y, out, 1);
  }
  return stride === 1 && out === x.channels ? net.b.add(y, x) : y;
};

const mobilenetV2 =
  (act: (net: Net, x: Feature) => Feature, kernels: readonly number[]): Build =>
  (net) => {
    const own = (x: Feature) => act(net, x);
    let x = own(net.cb(net.image(64), 8, 3, { stride: 2 }));
    x = inverted(net, x, { out: 4, expand: 1, act: own });
    [
      [6, 2, 2],
      [8, 3, 2],
      [12, 4, 2],
      [16, 3, 1],
      [20, 3, 2],
      [24, 1, 1],
    ].forEach(([out, count, stride], stage) => {
      for (let n = 0; n < count!; n++)
        x = inverted(net, x, {
          out: out!,
          kernel: kernels[stage % kernels.length]!,
          stride: n === 0 ? stride! : 1,
          expand: 6,
          act: own,
        });
    });
    return net.head(own(net.cb(x, 48, 1)));
  };

const mobilenetV3: Build = (net) => {
  const relu = (x: Feature) => net.b.relu(x);
  const swish = (x: Feature) => net.hardSwish(x);
  const attend = (x: Feature) => net.squeezeExcite(x, 4, (y) => net.hardSigmoid(y), relu);
  let x = swish(net.cb(net.image(64), 8, 3, { stride: 2 }));
  const rows: [kernel: number, expand: number, out: number, attends: boolean, swishes: boolean, stride: number][] = [
    ...([
      [3, 1, 8, true, false, 2],
      [3, 4, 8, false, false, 2],
      [3, 3, 8, false, false, 1],
      [5, 4, 12, true, true, 2],
    ] as [number, number, number, boolean, boolean, number][]),
    ...([
      [5, 6, 12, true, true, 1],
      [5, 3, 16, true, true, 1],
      [5, 6, 24, true, true, 2],
      [5, 6, 24, true, true, 1],
    ] as [number, number, number, boolean, boolean, number][]),
  ];
  for (const [kernel, expand, out, attends, swishes, stride] of rows)
    x = inverted(net, x, { out, kernel, stride, expand, act: swishes ? swish : relu, ...(attends ? { attend } : {}) });
  const pooled = net.b.globalPool(swish(net.cb(x, 48, 1)));
  const hidden = net.hardSwish(net.b.gemm(net.b.flatten(pooled), 32, pooled));
  return net.b.finish(net.b.gemm(hidden, CLASSES));
};

const efficientnet: Build = (net) => {
  const silu = (x: Feature) => net.silu(x);
  let x = silu(net.cb(net.image(64), 8, 3, { stride: 2 }));
  for (const [expand, kernel, stride, out, count] of [
    [1, 3, 1, 4, 1],
    [6, 3, 2, 6, 2],
    [6, 5, 2, 8, 2],
    [6, 3, 2, 12, 3],
    [6, 5, 1, 16, 3],
    [6, 5, 2, 20, 4],
    [6, 3, 1, 24, 1],
  ] as const)
    for (let n = 0; n < count; n++) {
      const hidden = Math.max(1, x.channels / 4);
      const attend = (y: Feature) => net.squeezeExcite(y, Math.floor(hidden), (z) => net.b.unary('Sigmoid', z), silu);
      x = inverted(net, x, { out, kernel, stride: n === 0 ? stride : 1, expand, act: silu, attend });
    }
  return net.head(silu(net.cb(x, 48, 1)));
};

const efficientnetV2: Build = (net) => {
  const silu = (x: Feature) => net.silu(x);
  let x = silu(net.cb(net.image(64), 6, 3, { stride: 2 }));
  for (const [fused, expand, stride, out, count] of [
    [true, 1, 1, 6, 2],
    [true, 4, 2, 8, 4],
    [true, 4, 2, 10, 4],
    [false, 4, 2, 12, 6],
    [false, 6, 1, 16, 9],
    [false, 6, 2, 20, 15],
  ] as const)
    for (let n = 0; n < count; n++) {
      const hidden = Math.max(1, Math.floor(x.channels / 4));
      const attend = (y: Feature) => net.squeezeExcite(y, hidden, (z) => net.b.unary('Sigmoid', z), silu);
      x = inverted(net, x, {
        out,
        stride: n === 0 ? stride : 1,
        expand,
        act: silu,
        fused,
        ...(fused ? {} : { attend }),
      });
    }
  return net.head(silu(net.cb(x, 48, 1)));
};

const shufflenetV1: Build = (net) => {
  const groups = 3;
  let x = net.pool('MaxPool', net.cbr(net.image(64), 12, 3, { stride: 2 }), 3, 2, 1);
  [4, 8, 4].forEach((count, stage) => {
    for (let n = 0; n < count; n++) {
      const stride = n === 0 ? 2 : 1;
      const out = n === 0 ? 24 * 2 ** stage - x.channels : x.channels;
      const first = stage === 0 && n === 0 ? 1 : groups;
      const narrow = net.shuffle(net.cbr(x, 6 * 2 ** stage, 1, { groups: first }), groups);
      const inner = net.cb(net.cb(narrow, narrow.channels, 3, { stride, groups: narrow.channels }), out, 1, { groups });
      x = net.b.relu(n === 0 ? net.b.concat([net.pool('AveragePool', x, 3, 2, 1), inner]) : net.b.add(x, inner));
    }
  });
  return net.head(x);
};

const shufflenetV2: Build = (net) => {
  let x = net.pool('MaxPool', net.cbr(net.image(64), 8, 3, { stride: 2 }), 3, 2, 1);
  [
    [16, 4],
    [32, 8],
    [64, 4],
  ].forEach(([out, count]) => {
    const half = out! / 2;
    const right = (y: Feature, stride: number) => {
      const wide = net.cbr(y, half, 1);
      return net.cbr(net.cb(wide, half, 3, { stride, groups: half }), half, 1);
    };
    const left = net.cbr(net.cb(x, x.channels, 3, { stride: 2, groups: x.channels }), half, 1);
    x = net.shuffle(net.b.concat([left, right(x, 2)]), 2);
    for (let n = 1; n < count!; n++) {
      const parts = [0, 1].map((part): Feature => ({
        ...x,
        channels: half,
        name: net.slice(x.name, 1, part * half, (part + 1) * half),
      }));
      x = net.shuffle(net.b.concat([parts[0]!, right(parts[1]!, 1)]), 2);
    }
  });
  x = net.cbr(x, 64, 1);
  const mean = net.b.node('ReduceMean', [x.name], [integersAttribute('axes', [2, 3]), integerAttribute('keepdims', 0)]);
  return net.b.finish(net.b.gemm({ name: mean, channels: 64, height: 1, width: 1, layout: 'matrix' }, CLASSES));
};

const convnext: Build = (net) => {
  const normed = (x: Feature) => net.b.toNchw(net.layerNorm(net.b.toNhwc(x)));
  let x = normed(net.conv(net.image(64), 8, 4, { stride: 4, padding: 0 }));
  [
    [3, 8],
    [3, 12],
    [9, 16],
    [3, 24],
  ].forEach(([count, width], stage) => {
    if (stage > 0) x = net.conv(normed(x), width!, 2, { stride: 2, padding: 0 });
    for (let n = 0; n < count!; n++) {
      const map = net.layerNorm(net.b.toNhwc(net.conv(x, width!, 7, { groups: width! })));
      const inner = net.b.toNchw(net.linear(net.gelu(net.linear(map, 4 * width!)), width!));
      x = net.b.add({ ...inner, name: net.b.node('Mul', [net.b.weights([width!, 1, 1], 0.5), inner.name]) }, x);
    }
  });
  const pooled = net.b.toNhwc(normed(net.b.globalPool(x)));
  const flat = net.b.flatten(pooled);
  return net.b.finish(net.b.gemm(flat, CLASSES, pooled));
};

/**
 * As torchvision's nn.MultiheadAttention is exported: the tokens stand before the batch, and the result is one matrix.
 * @param hasClassToken the answer is read there, else from the mean of all tokens
 */
const vit =
  (hasClassToken: boolean): Build =>
  (net) => {
    const [width, heads, side] = [16, 4, 4];
    const patches = net.conv(net.image(32), width, 8, { stride: 8, padding: 0 });
    const rows = net.transpose(net.reshape(patches.name, [-1, width, side * side]), [0, 2, 1]);
    const withToken = () => {
      const shape = net.b.node(
        'Concat',
        [
          net.b.node('Slice', [net.b.node('Shape', [rows]), ...[0, 1].map((at) => net.b.integers([at]))]),
          net.b.integers([1, width]),
        ],
        [integerAttribute('axis', 0)],
      );
      const token = net.b.node('Expand', [net.b.weights([1, 1, width], 0.5), shape]);
      return net.b.node('Concat', [token, rows], [integerAttribute('axis', 1)]);
    };
    const tokens = side * side + (hasClassToken ? 1 : 0);
    const joined = hasClassToken ? withToken() : rows;
    let x: Feature = {
      name: net.b.node('Add', [joined, net.b.weights([1, tokens, width], 0.5)]),
      channels: width,
      height: tokens,
      width: 1,
      layout: 'NHWC',
    };
    const add = (a: Feature, name: string): Feature => ({ ...a, name: net.b.node('Add', [a.name, name]) });
    for (let block = 0; block < 12; block++) {
      const normed = net.layerNorm(x);
      const first: Feature = { ...normed, name: net.transpose(normed.name, [1, 0, 2]) };
      const three = net.reshape(net.linear(first, 3 * width, normed).name, [tokens, -1, 3, width]);
      const [q, k, v] = [0, 1, 2].map((part) =>
        net.transpose(net.reshape(net.gather(three, part, 2), [tokens, -1, width / heads]), [1, 0, 2]),
      );
      const scaled = net.b.node('Mul', [q!, net.scalar(1 / Math.sqrt(width / heads))]);
      const mixed = net.attention(scaled, k!, v!, [0, 2, 1], tokens, width / heads, heads);
      const matrix = net.reshape(net.transpose(mixed, [1, 0, 2]), [-1, width]);
      const weight = net.b.weights([width, width], 0.4);
      const projected = net.b.node(
        'Gemm',
        [matrix, weight, net.b.weights([width], 0.2)],
        [integerAttribute('transB', 1)],
      );
      net.b.counts({
        name: projected,
        op: 'Gemm',
        inputShape: [width, tokens, 1],
        outputShape: [width, tokens, 1],
        kernel: [1, 1],
        groups: 1,
        macs: tokens * width * width,
        values: tokens * width,
        weights: width * width,
      });
      x = add(x, net.transpose(net.reshape(projected, [tokens, -1, width]), [1, 0, 2]));
      x = add(x, net.linear(net.gelu(net.linear(net.layerNorm(x), 4 * width)), width).name);
    }
    const last = net.layerNorm(x).name;
    const answer = hasClassToken
      ? net.gather(last, 0, 1)
      : net.b.node('ReduceMean', [last], [integersAttribute('axes', [1]), integerAttribute('keepdims', 0)]);
    return net.b.finish(net.b.gemm({ name: answer, channels: width, height: 1, width: 1, layout: 'matrix' }, CLASSES));
  };

const swin: Build = (net) => {
  const window = 4;
  const stem = net.conv(net.image(64), 8, 4, { stride: 4, padding: 0 });
  let x = net.layerNorm(net.b.toNhwc(stem));
  const roll = (name: string, by: number) =>
    [1, 2].reduce((own, axis) => {
      const parts = [net.slice(own, axis, by, 2 ** 40), net.slice(own, axis, 0, by)];
      return net.b.node('Concat', parts, [integerAttribute('axis', axis)]);
    }, name);
  [2, 2, 6, 2].forEach((count, stage) => {
    for (let n = 0; n < count; n++) {
      const { height, width, channels } = x;
      const size = Math.min(window, height);
      const heads = 2 ** (stage > 1 ? 2 : 1);
      const shift = n % 2 === 1 && height > size ? size / 2 : 0;
      const [down, across] = [height / size, width / size];
      const normed = net.layerNorm(x);
      const rolled = shift > 0 ? roll(normed.name, shift) : normed.name;
      const cut = net.transpose(net.reshape(rolled, [-1, down, size, across, size, channels]), [0, 1, 3, 2, 4, 5]);
      const tokens = size * size;
      const windows: Feature = { ...normed, name: net.reshape(cut, [-1, tokens, channels]) };
      const qkv = net.transpose(
        net.reshape(net.linear(windows, 3 * channels, normed).name, [-1, tokens, 3, heads, channels / heads]),
        [2, 0, 3, 1, 4],
      );
      const [q, k, v] = [0, 1, 2].map((part) => net.gather(qkv, part, 0));
      const scaled = net.b.node('Mul', [q!, net.scalar(Math.sqrt(heads / channels))]);
      const bias = net.b.weights([1, heads, tokens, tokens], 0.5);
      const mixed = net.attention(
        scaled,
        k!,
        v!,
        [0, 1, 3, 2],
        tokens,
        channels / heads,
        down * across * heads,
        (scores) => net.b.node('Add', [scores, bias]),
      );
      const joined: Feature = { ...x, name: net.reshape(net.transpose(mixed, [0, 2, 1, 3]), [-1, tokens, channels]) };
      const projected = net.linear(joined, channels).name;
      const back = net.transpose(net.reshape(projected, [-1, down, across, size, size, channels]), [0, 1, 3, 2, 4, 5]);
      const map = net.reshape(back, [-1, height, width, channels]);
      x = { ...x, name: net.b.node('Add', [x.name, shift > 0 ? roll(map, height - shift) : map]) };
      x = {
        ...x,
        name: net.b.node('Add', [
          x.name,
          net.linear(net.gelu(net.linear(net.layerNorm(x), 4 * channels)), channels).name,
        ]),
      };
    }
    if (stage === 3) return;
    const phase = (row: number, column: number) =>
      net.slice(net.slice(x.name, 1, row, 2 ** 40, 2), 2, column, 2 ** 40, 2);
    const merged = net.b.node(
      'Concat',
      [phase(0, 0), phase(1, 0), phase(0, 1), phase(1, 1)],
      [integerAttribute('axis', -1)],
    );
    const map = net.layerNorm({
      ...x,
      name: merged,
      channels: 4 * x.channels,
      height: x.height / 2,
      width: x.width / 2,
    });
    x = net.b.pointwise(map, 2 * x.channels);
  });
  const pooled = net.b.globalPool(net.b.toNchw(net.layerNorm(x)));
  return net.b.finish(net.b.gemm(net.b.flatten(pooled), CLASSES, pooled));
};

const BUILDS: Readonly<Record<string, Build>> = {
  alexnet: alexnet(1, false),
  'bvlc alexnet': alexnet(2, true),
  zfnet512: zfnet,
  vgg11_bn: vgg([8, 'M', 12, 'M', 16, 16, 'M', 24, 24, 'M', 24, 24, 'M']),
  resnet18: resnet([2, 2, 2, 2], (net, x, stage, stride) => basicBlock(net, x, 8 * 2 ** stage, stride)),
  wide_resnet50: resnet([3, 4, 6, 3], (net, x, stage, stride) =>
    bottleneck(net, x, 8 * 2 ** stage, 16 * 2 ** stage, stride, 1),
  ),
  resnext50: resnet([3, 4, 6, 3], (net, x, stage, stride) =>
    bottleneck(net, x, 8 * 2 ** stage, 16 * 2 ** stage, stride, 4),
  ),
  regnet_x: regnet([1, 2, 4, 6], [8, 16, 24, 32], 4, false),
  regnet_y: regnet([1, 3, 6, 6], [8, 16, 24, 32], 4, true),
  densenet121: densenet,
  googlenet: googlenet(normedBrick, 3, false, (net, x) => net.head(x)),
  'inception v1': googlenet(plainBrick, 5, true, reshapedHead),
  'inception v2': googlenet(scaledBrick, 3, false, reshapedHead),
  inception_v3: inceptionV3,
  squeezenet,
  mobilenet_v2: mobilenetV2((net, x) => net.b.relu6(x), [3]),
  mnasnet: mobilenetV2((net, x) => net.b.relu(x), [3, 5]),
  mobilenet_v3: mobilenetV3,
  efficientnet_b0: efficientnet,
  efficientnet_v2_s: efficientnetV2,
  'shufflenet v1': shufflenetV1,
  shufflenet_v2: shufflenetV2,
  convnext_tiny: convnext,
  vit_b_16: vit(true),
  'vit without a class token': vit(false),
  swin_t: swin,
};

export const TOPOLOGIES: readonly [string, () => Topology][] = Object.entries(BUILDS).map(([name, build], index) => [
  name,
  () => {
    const net = new Net(index + 1);
    return { name, model: build(net), products: net.products };
  },
]);
