import type { ConstantValues } from '../onnx/constant-values.ts';
import { attributesOf, isStandard } from '../onnx/onnx-node.ts';
import { multiplies } from './left-out.ts';
import { UINT16, UINT8, type OnnxModel, type OnnxNode } from '../onnx/onnx-schema.ts';

/** Where the channels stand in a tensor: axis 1, or last. */
export type Layout = 'channels-first' | 'channels-last';

/** What is known of a tensor from the operators before it. */
export interface TensorFacts {
  readonly layout: Layout;
  /** Never negative, whatever the image. Of integers that stand for a quantised tensor: what they stand for. */
  readonly unsigned: boolean;
  /** Holds the image's pixels, perhaps normalised, moved, resized or pooled: nothing that multiplies comes before it. */
  readonly readsImage: boolean;
  /** No Gemm or MatMul comes before it, so its shape can be had without their weights. */
  readonly beforeFullyConnected: boolean;
  /** Its four axes are those of a feature map: images, channels, rows and columns, as `layout` has them. */
  readonly isMap: boolean;
  /** Its values do not depend on the image: weights, and what is computed of them. */
  readonly isConstant: boolean;
  /** Integers of a quantised tensor. */
  readonly isQuantised: boolean;
}

const PASSING = new Set(['Identity', 'Dropout']);
/** Whether a node gives, at inference, exactly what it reads. */
export const isPassing = (node: OnnxNode) => isStandard(node) && PASSING.has(node.opType);
/** Operators that move values and change none. */
export const RESHAPING = new Set([...PASSING, 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose']);

/** Results that are never negative, whatever goes in. */
const NEVER_NEGATIVE = new Set([
  ...['Relu', 'Sigmoid', 'Softmax', 'HardSigmoid', 'Softplus', 'Abs', 'Exp', 'Sqrt'],
  ...['ReduceL1', 'ReduceL2', 'ReduceSumSquare'],
]);
/** Operators that take values from their first input, and no others; the rest of their inputs say how. */
const TAKES_FROM_FIRST = new Set([
  ...RESHAPING,
  ...['Slice', 'Pad', 'Upsample', 'Resize', 'Split', 'Gather', 'GatherND', 'Expand', 'Tile'],
  ...['DepthToSpace', 'SpaceToDepth', 'Cast', 'Clip', 'CenterCropPad', 'TopK', 'QuantizeLinear', 'DequantizeLinear'],
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSum'],
]);
/** Operators that give no negative value as long as none of their data is negative. */
const KEEPS_SIGN = new Set([
  ...TAKES_FROM_FIRST,
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'LRN'],
  ...['Concat', 'Add', 'Mul', 'Div', 'Sum', 'Max', 'Min', 'Mean', 'Reciprocal'],
]);
/** Operators after which the axes are no longer those of a feature map; a convolution makes them so again. */
const LEAVES_MAP = new Set([
  'Flatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Gather',
  'GatherND',
  'Expand',
  'Tile',
  'Einsum',
  'TopK',
]);
/** Operators that keep quantised integers what they are. */
const KEEPS_QUANTISED = new Set([
  ...RESHAPING,
  'MaxPool',
  'Slice',
  'Split',
  'Gather',
  'DepthToSpace',
  'SpaceToDepth',
  'Expand',
]);
const RANDOM = /^(Random|Multinomial$|Bernoulli$)/;

const CONSTANT: TensorFacts = {
  layout: 'channels-first',
  unsigned: false,
  readsImage: false,
  beforeFullyConnected: true,
  isMap: false,
  isConstant: true,
  isQuantised: false,
};

/** Facts of every tensor of a graph, in one pass forward: ONNX lists nodes in topological order. */
export function tensorFacts(
  model: OnnxModel,
  constants: ConstantValues,
  layout: 'NCHW' | 'NHWC',
): ReadonlyMap<string, TensorFacts> {
  const facts = new Map<string, TensorFacts>();
  for (const name of model.constants) facts.set(name, CONSTANT);
  for (const input of model.inputs)
    if (!facts.has(input.name))
      facts.set(input.name, {
        layout: layout === 'NCHW' ? 'channels-first' : 'channels-last',
        unsigned: input.elementType === UINT8,
        readsImage: true,
        beforeFullyConnected: true,
        isMap: true,
        isConstant: false,
        isQuantised: false,
      });
  for (const node of model.nodes) {
    const own = factsOf(node, facts, constants);
    for (const output of node.outputs) if (output !== '') facts.set(output, own);
  }
  return facts;
}

function factsOf(node: OnnxNode, facts: ReadonlyMap<string, TensorFacts>, constants: ConstantValues): TensorFacts {
  const op = isStandard(node) ? node.opType : `${node.domain}::${node.opType}`;
  const read = TAKES_FROM_FIRST.has(op) ? node.inputs.slice(0, 1) : [...node.inputs, ...node.captured];
  const names = read.filter((name) => name !== '');
  const all = names.map((name) => facts.get(name) ?? CONSTANT);
  const data = all.filter((fact) => !fact.isConstant);
  if (op === 'Shape' || op === 'Size' || (data.length === 0 && !RANDOM.test(op))) return CONSTANT;
  const first = data[0] ?? { ...CONSTANT, isConstant: false };
  const isUnsigned = (name: string, fact: TensorFacts) =>
    fact.isConstant ? isNeverNegative(name, constants) : fact.unsigned;
  // Integers of a quantised tensor keep the sign of what they stand for only as long as they are that.
  const readable = op === 'DequantizeLinear' || KEEPS_QUANTISED.has(op) || data.every((fact) => !fact.isQuantised);
  const keeps =
    readable && keepsSign(op, node, constants) && names.every((name, index) => isUnsigned(name, all[index]!));
  const isProduct = op === 'Gemm' || op === 'MatMul';
  return {
    layout: layoutAfter(op, node, first.layout),
    unsigned: NEVER_NEGATIVE.has(op) || clipsNegatives(op, node, constants) || keeps,
    readsImage: data.length > 0 && !multiplies(node) && data.every((fact) => fact.readsImage),
    beforeFullyConnected: !isProduct && data.every((fact) => fact.beforeFullyConnected),
    isMap: isMapAfter(op, node, data),
    isConstant: false,
    isQuantised: op === 'QuantizeLinear' || (KEEPS_QUANTISED.has(op) && first.isQuantised),
  };
}

function isNeverNegative(name: string, constants: ConstantValues): boolean {
  return constants.of(name)?.values.every((value) => value >= 0) ?? false;
}

function layoutAfter(op: string, node: OnnxNode, before: Layout): Layout {
  if (/Conv/.test(op)) return 'channels-first';
  if (op !== 'Transpose') return before;
  const permutation = String(attributesOf(node).get('perm'));
  return permutation === '0,2,3,1' ? 'channels-last' : permutation === '0,3,1,2' ? 'channels-first' : before;
}

function isMapAfter(op: string, node: OnnxNode, data: readonly TensorFacts[]): boolean {
  if (/Conv/.test(op)) return true;
  if (LEAVES_MAP.has(op)) return false;
  if (op === 'MatMul' && data.length > 1) return false;
  if (op === 'Transpose' && !['0,2,3,1', '0,3,1,2'].includes(String(attributesOf(node).get('perm')))) return false;
  return data.some((fact) => fact.isMap);
}

/** Cubic interpolation overshoots; a padding, or what lies outside a picture that is resized, may be negative. */
function keepsSign(op: string, node: OnnxNode, constants: ConstantValues): boolean {
  if (!KEEPS_SIGN.has(op)) return false;
  if (op === 'Resize') {
    const attributes = attributesOf(node);
    return attributes.get('mode') !== 'cubic' && Number(attributes.get('extrapolation_value') ?? 0) >= 0;
  }
  if (op === 'Pad') return paddingOf(node, constants) >= 0;
  if (op === 'Clip') return !((limitOf(node, 'max', 2, constants) ?? 0) < 0);
  return true;
}

/** The value a Pad writes, or NaN where it is not known beforehand. */
export function paddingOf(node: OnnxNode, constants: ConstantValues): number {
  const attributes = attributesOf(node);
  // Reflected and repeated values are there already.
  if ((attributes.get('mode') ?? 'constant') !== 'constant') return 0;
  const attribute = attributes.get('value');
  if (typeof attribute === 'number') return attribute;
  const input = node.inputs[2] ?? '';
  return input === '' ? 0 : (constants.scalar(input) ?? NaN);
}

function limitOf(node: OnnxNode, name: 'min' | 'max', index: number, constants: ConstantValues): number | undefined {
  const limit = attributesOf(node).get(name);
  return typeof limit === 'number' ? limit : constants.scalar(node.inputs[index]);
}

function clipsNegatives(op: string, node: OnnxNode, constants: ConstantValues): boolean {
  if (op === 'Clip') return (limitOf(node, 'min', 1, constants) ?? -1) >= 0;
  // Without a zero point QuantizeLinear gives unsigned bytes.
  if (op === 'QuantizeLinear' && !node.inputs[2] && !attributesOf(node).get('output_dtype'))
    return isNeverNegative(node.inputs[1] ?? '', constants);
  if (op === 'QuantizeLinear' || op === 'DequantizeLinear')
    return isUnsignedZero(node, constants) && isNeverNegative(node.inputs[1] ?? '', constants);
  if (op === 'Mul') return node.inputs[0] === node.inputs[1];
  return (
    op === 'com.microsoft::FusedConv' && ['Relu', 'Sigmoid'].includes(String(attributesOf(node).get('activation')))
  );
}

/** Unsigned integers with zero point 0 stand for no negative value. */
function isUnsignedZero(node: OnnxNode, constants: ConstantValues): boolean {
  const zero = constants.of(node.inputs[2] ?? '');
  return zero !== null && (zero.type === UINT8 || zero.type === UINT16) && zero.values.every((value) => value === 0);
}
