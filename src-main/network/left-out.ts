import { functionKey, type ModelFunction } from '../onnx/inline-graphs.ts';
import { attributesOf, graphNames, isStandard, subgraphsOf } from '../onnx/onnx-node.ts';
import type { OnnxNode } from '../onnx/onnx-schema.ts';

/** An operator with weights, or one that multiplies activations, that is no layer. */
export interface LeftOutNode {
  /** The node's name, else its output's; inside a branch, behind the name of the node that holds it. */
  readonly name: string;
  readonly op: string;
  /** In words that follow "is not quantised:". */
  readonly why: string;
  /** The node whose shapes tell the MACs; null where it may run any number of times, or not at all. */
  readonly node: OnnxNode | null;
}

const INTEGER = 'it computes on integers already';
const REASONS: Readonly<Record<string, string>> = {
  ConvTranspose: 'a transposed convolution',
  DeformConv: 'a deformable convolution',
  Einsum: 'a product written as Einsum',
  ConvInteger: INTEGER,
  MatMulInteger: INTEGER,
  QLinearConv: INTEGER,
  QLinearMatMul: INTEGER,
  LSTM: 'a recurrent layer',
  GRU: 'a recurrent layer',
  RNN: 'a recurrent layer',
  Attention: 'attention in one operator',
};

/** Operators of other domains that multiply: ONNX Runtime's own are called after what they contain. */
const MULTIPLIES =
  /conv|matmul|gemm|attention|lstm|gru|rnn|einsum|dense|linear(?!add|mul|concat|sigmoid|softmax|leaky|average|global|reduce)/i;
/** Of those, the ones that take integers. */
const ON_INTEGERS = /integer|qlinear|^q[A-Z]|nbits|bnb4|fpq4|float8|dynamicquantize/i;
/** Named so, and yet no product. */
const NO_PRODUCT = new Set(['QuantizeLinear', 'DequantizeLinear', 'BiasSplitGelu']);

/** Why a node that is no layer counts as left out, or null where it has nothing to count. */
export function reasonOf(node: OnnxNode): string | null {
  const { opType } = node;
  if (isStandard(node)) return REASONS[opType] ?? null;
  if (!MULTIPLIES.test(opType) || NO_PRODUCT.has(opType)) return null;
  if (ON_INTEGERS.test(opType)) return INTEGER;
  if (/attention/i.test(opType)) return REASONS['Attention']!;
  return /^fused/i.test(opType) ? 'several operators in one' : `an operator of ${node.domain}`;
}

const isLayerLike = (node: OnnxNode) => isStandard(node) && ['Conv', 'Gemm', 'MatMul'].includes(node.opType);

/** Whether what a node gives is products, its own or those of a graph inside it. */
export function multiplies(node: OnnxNode): boolean {
  return isLayerLike(node) || reasonOf(node) !== null || leftOutInside(node, '').length > 0;
}

/**
 * What the graphs inside a node (If, Loop, Scan) hold, or the function that it calls.
 * @param functions of the model file that were not put in place of their calls
 */
export function leftOutInside(
  node: OnnxNode,
  name: string,
  functions: ReadonlyMap<string, ModelFunction> = new Map(),
  seen: Set<ModelFunction> = new Set(),
): LeftOutNode[] {
  const known = functions.get(functionKey(node));
  // Each is looked into once: functions may call each other many times over.
  const called = known && !seen.has(known) ? known : undefined;
  if (called) seen.add(called);
  const why = called
    ? `it is inside the function ${node.opType}, which is written for opset ${called.opset}`
    : `it is inside ${name} (${node.opType}), which chooses while it runs`;
  const inside = subgraphsOf(node.bytes).flatMap(({ graph }) => graphNames(graph).nodes);
  return [...inside, ...(called?.nodes ?? [])].flatMap((inner) => {
    const path = `${name}/${inner.name || inner.outputs[0]}`;
    const own = isLayerLike(inner) || reasonOf(inner) !== null;
    return [
      ...(own ? [{ name: path, op: inner.opType, why, node: null }] : []),
      ...leftOutInside(inner, path, functions, seen),
    ];
  });
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/** The tensors whose shapes tell the MACs of a node. */
export function shapesWanted(node: OnnxNode): string[] {
  const operands = [0, 1, 3].flatMap((index) => node.inputs[index] || []);
  return [...operands, node.outputs[0]!];
}

/** Multiply-accumulates of a node for one image, or null where its shapes do not tell. */
export function macsOf(node: OnnxNode, shape: (name: string) => readonly number[] | undefined): number | null {
  const { opType, inputs } = node;
  const result = shape(node.outputs[0]!);
  const first = shape(inputs[0] ?? '');
  const second = shape(inputs[/^QLinear|^QGemm/.test(opType) ? 3 : 1] ?? '');
  if (!first || !result) return null;
  if (/ConvTranspose/.test(opType)) return second ? product(first) * product(second.slice(1)) : null;
  if (/Conv/.test(opType)) return second ? product(result) * product(second.slice(1)) : null;
  if (opType === 'Einsum') return einsumMacs(String(attributesOf(node).get('equation')), inputs.map(shape));
  if (/MatMul(NBits|Bnb4|FpQ4)/.test(opType))
    return product(result) * Number(attributesOf(node).get('K') ?? NaN) || null;
  if (!/MatMul|Gemm/.test(opType)) return null;
  const transposed = attributesOf(node).get('transA') === 1;
  return product(result) * (first.at(transposed ? -2 : -1) ?? 1);
}

/** Every combination of the indexes is one product, of two operands. */
function einsumMacs(equation: string, shapes: readonly (readonly number[] | undefined)[]): number | null {
  const terms = equation.replaceAll(' ', '').split('->')[0]!.split(',');
  if (terms.length !== 2 || equation.includes('.')) return null;
  const sizes = new Map<string, number>();
  for (const [index, term] of terms.entries())
    for (const [axis, letter] of [...term].entries()) sizes.set(letter, shapes[index]?.[axis] ?? NaN);
  return product([...sizes.values()]) || null;
}
