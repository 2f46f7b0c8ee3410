import type { LayerOp } from '../../src-shared/measurement.ts';
import { attributesOf } from '../onnx/onnx-node.ts';
import type { OnnxInitializer, OnnxModel, OnnxNode } from '../onnx/onnx-schema.ts';

/** Where the channels stand in a tensor: axis 1, or last. */
export type Layout = 'channels-first' | 'channels-last';

/** A Conv, Gemm or MatMul with constant weights. */
export interface GraphLayer {
  /** The node's name, else its output's; made unique by a number. */
  readonly name: string;
  readonly op: LayerOp;
  readonly node: OnnxNode;
  /** The nodes between the quantised tensor and the layer, first to last: they only move values. */
  readonly path: readonly OnnxNode[];
  readonly weight: OnnxInitializer;
  /** Gemm's weights stand as outputs x inputs (transB), else inputs x outputs. */
  readonly transposedWeights: boolean;
  /** Index of the quantised tensor. */
  readonly tensor: number;
}

/** One tensor that is quantised, once, for all layers that read it. */
export interface QuantisedTensor {
  readonly name: string;
  readonly layout: Layout;
  /** Never negative, whatever the image: the quantiser needs no sign. */
  readonly unsigned: boolean;
  /** Holds the image's pixels, perhaps normalised: no layer comes before it. */
  readonly readsImage: boolean;
  /** No Gemm or MatMul comes before it, so its shape can be had without their weights. */
  readonly beforeFullyConnected: boolean;
}

export interface GraphLayers {
  readonly layers: readonly GraphLayer[];
  readonly tensors: readonly QuantisedTensor[];
}

const PASSING = new Set(['Identity', 'Dropout']);
/** Whether a node gives, at inference, exactly what it reads. */
export const isPassing = (node: OnnxNode) => PASSING.has(node.opType);
/** Operators that move values and change none. */
const RESHAPING = new Set([...PASSING, 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose']);

/** Results that are never negative, whatever goes in. */
const NEVER_NEGATIVE = new Set(['Relu', 'Sigmoid', 'Softmax', 'HardSigmoid', 'Softplus', 'Abs', 'Exp']);
/** Operators that give no negative value as long as none of their data is negative. */
const KEEPS_SIGN = new Set([
  ...RESHAPING,
  ...[
    'MaxPool',
    'AveragePool',
    'GlobalAveragePool',
    'GlobalMaxPool',
    'ReduceMean',
    'ReduceMax',
    'Concat',
    'Add',
    'Mul',
    'Sum',
    'Max',
  ],
  ...['LRN', 'Slice', 'Pad', 'Upsample', 'Resize', 'Split', 'Gather', 'DepthToSpace'],
]);
/** Operators that exporters put between the image and the first layer: they normalise or move pixels. */
const PREPARES_IMAGE = new Set([
  ...RESHAPING,
  'Sub',
  'Mul',
  'Div',
  'Add',
  'Cast',
  'Pad',
  'BatchNormalization',
  'Concat',
]);

/** What is known of a tensor from the operators before it. */
interface TensorFacts {
  readonly layout: Layout;
  readonly unsigned: boolean;
  readonly readsImage: boolean;
  readonly beforeFullyConnected: boolean;
}

/** Finds the layers and the tensors to quantise; weights computed at run time (attention) make no layer. */
export function findLayers(model: OnnxModel): GraphLayers {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const weights = new Map([
    ...model.constantTensors,
    ...model.initializers.map((tensor) => [tensor.name, tensor] as const),
  ]);
  const facts = new Map<string, TensorFacts>();
  for (const input of model.inputs)
    if (!weights.has(input.name))
      facts.set(input.name, {
        layout: 'channels-first',
        unsigned: false,
        readsImage: true,
        beforeFullyConnected: true,
      });
  // ONNX lists nodes in topological order, so one pass forward is enough.
  for (const node of model.nodes) {
    const data = node.inputs.flatMap((input) => facts.get(input) ?? []);
    if (data.length > 0) for (const output of node.outputs) facts.set(output, factsOf(node, data, model));
  }

  const tensorIndex = new Map<string, number>();
  const tensors: QuantisedTensor[] = [];
  const layers: GraphLayer[] = [];
  const names = new Set<string>();
  for (const node of model.nodes) {
    const op = node.opType;
    if (op !== 'Conv' && op !== 'Gemm' && op !== 'MatMul') continue;
    if (node.domain !== '' && node.domain !== 'ai.onnx') continue;
    const weight = weightOf(node.inputs[1] ?? '', weights, producers);
    if (!weight) continue;
    const path: OnnxNode[] = [];
    let tensor = node.inputs[0]!;
    for (;;) {
      const before = producers.get(tensor);
      if (!before || !(op === 'Conv' ? PASSING : RESHAPING).has(before.opType)) break;
      path.unshift(before);
      tensor = before.inputs[0]!;
    }
    const known = facts.get(tensor);
    if (!known) continue;
    let index = tensorIndex.get(tensor);
    if (index === undefined) {
      index = tensors.length;
      tensorIndex.set(tensor, index);
      // A MatMul works on the last axis, unless its input was flattened from a feature map.
      tensors.push({
        ...known,
        name: tensor,
        layout: op === 'MatMul' && path.every(isPassing) ? 'channels-last' : known.layout,
      });
    }
    layers.push({
      name: uniqueName(node.name || node.outputs[0]!, names),
      op,
      node,
      path,
      weight,
      transposedWeights: attributesOf(node).get('transB') === 1,
      tensor: index,
    });
  }
  return { layers, tensors };
}

function factsOf(node: OnnxNode, data: readonly TensorFacts[], model: OnnxModel): TensorFacts {
  const first = data[0]!;
  const fullyConnected = node.opType === 'Gemm' || node.opType === 'MatMul';
  return {
    layout: layoutAfter(node, first.layout),
    unsigned:
      NEVER_NEGATIVE.has(node.opType) ||
      clipsNegatives(node, model) ||
      (keepsSign(node, model) && data.every((fact) => fact.unsigned)),
    readsImage: PREPARES_IMAGE.has(node.opType) && data.every((fact) => fact.readsImage),
    beforeFullyConnected: !fullyConnected && data.every((fact) => fact.beforeFullyConnected),
  };
}

function layoutAfter(node: OnnxNode, before: Layout): Layout {
  if (node.opType === 'Conv') return 'channels-first';
  if (node.opType !== 'Transpose') return before;
  const permutation = String(attributesOf(node).get('perm'));
  return permutation === '0,2,3,1' ? 'channels-last' : permutation === '0,3,1,2' ? 'channels-first' : before;
}

/** Of Add, Mul and the like, a constant operand may be negative: then nothing is known. Cubic interpolation overshoots. */
function keepsSign(node: OnnxNode, model: OnnxModel): boolean {
  if (!KEEPS_SIGN.has(node.opType)) return false;
  if (node.opType === 'Resize') return attributesOf(node).get('mode') !== 'cubic';
  if (node.opType === 'Pad') return paddingOf(node, model) >= 0;
  if (!['Add', 'Mul', 'Sum', 'Max', 'Concat'].includes(node.opType)) return true;
  return node.inputs.every((input) => !model.constants.has(input) || (model.scalars.get(input) ?? -1) >= 0);
}

/** The value a Pad writes, or NaN where it is not known beforehand. */
function paddingOf(node: OnnxNode, model: OnnxModel): number {
  const attribute = attributesOf(node).get('value');
  if (typeof attribute === 'number') return attribute;
  const input = node.inputs[2] ?? '';
  return input === '' ? 0 : (model.scalars.get(input) ?? NaN);
}

function clipsNegatives(node: OnnxNode, model: OnnxModel): boolean {
  if (node.opType !== 'Clip') return false;
  const minimum = attributesOf(node).get('min') ?? model.scalars.get(node.inputs[1] ?? '');
  return typeof minimum === 'number' && minimum >= 0;
}

/** Operators that exporters put behind stored weights and that keep their shape. */
const PASSES_WEIGHTS = new Set(['Identity', 'Cast', 'QuantizeLinear', 'DequantizeLinear']);

/** The stored weights a layer reads, with the shape the layer sees. */
function weightOf(
  name: string,
  weights: ReadonlyMap<string, OnnxInitializer>,
  producers: ReadonlyMap<string, OnnxNode>,
): OnnxInitializer | undefined {
  const stored = weights.get(name);
  const producer = producers.get(name);
  if (stored || !producer) return stored;
  const source = weightOf(producer.inputs[0] ?? '', weights, producers);
  if (!source || PASSES_WEIGHTS.has(producer.opType)) return source;
  if (producer.opType !== 'Transpose') return undefined;
  const permutation = attributesOf(producer).get('perm');
  const axes = Array.isArray(permutation) ? permutation.map(Number) : source.dims.map((_, axis) => axis).reverse();
  return { ...source, dims: axes.map((axis) => source.dims[axis] ?? 1) };
}

function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
  taken.add(name);
  return name;
}

/** What the scores of an output are, by the operator they come from. */
export function outputKindOf(model: OnnxModel, output: string): 'probabilities' | 'logits' {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = producers.get(output);
  while (node && RESHAPING.has(node.opType)) node = producers.get(node.inputs[0]!);
  return node?.opType === 'Softmax' ? 'probabilities' : 'logits';
}
