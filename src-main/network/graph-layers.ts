import type { LayerOp } from '../../src-shared/measurement.ts';
import type { ConstantValues } from '../onnx/constant-values.ts';
import { damaged, type ModelFile } from '../onnx/model-file.ts';
import { prunedTo } from '../onnx/prune-model.ts';
import { WireError } from '../onnx/protobuf-wire.ts';
import { attributesOf, isStandard, tensorAttribute } from '../onnx/onnx-node.ts';
import type { OnnxInitializer, OnnxModel, OnnxNode } from '../onnx/onnx-schema.ts';
import { functionsOf } from '../onnx/inline-graphs.ts';
import { leftOutInside, reasonOf, type LeftOutNode } from './left-out.ts';
import { isPassing, paddingOf, RESHAPING, tensorFacts, type TensorFacts } from './tensor-facts.ts';

/** The weights of a layer: stored, or computed of stored ones. */
export interface LayerWeights {
  /** The tensor the layer reads. */
  readonly name: string;
  /** Its shape, where the file tells without running it. */
  readonly dims: readonly number[] | null;
}

/** A Conv, Gemm or MatMul whose weights do not depend on the image. */
export interface GraphLayer {
  /** The node's name, else its output's; made unique by a number. */
  readonly name: string;
  readonly op: LayerOp;
  readonly node: OnnxNode;
  /** Index of the node's input that is quantised: 1 where a MatMul has its weights on the left. */
  readonly data: 0 | 1;
  /** The nodes between the quantised tensor and the layer, first to last: they only move values. */
  readonly path: readonly OnnxNode[];
  readonly weight: LayerWeights;
  /** The weights stand as outputs x inputs (Gemm's transB, or on the left), else inputs x outputs. */
  readonly transposedWeights: boolean;
  /** Index of the quantised tensor. */
  readonly tensor: number;
}

/** One tensor that is quantised, once, for all layers that read it. */
export interface QuantisedTensor extends TensorFacts {
  readonly name: string;
}

export interface GraphLayers {
  readonly layers: readonly GraphLayer[];
  readonly tensors: readonly QuantisedTensor[];
  /** What multiplies and is no layer. */
  readonly leftOut: readonly LeftOutNode[];
  /** Nodes that normalise the image before the first layer, in order. */
  readonly normalises: readonly OnnxNode[];
}

const NORMALISING = new Set(['Sub', 'Add', 'Mul', 'Div', 'BatchNormalization']);

/**
 * The layers of a model file, seen from one of its outputs; by default from the one that the file would have chosen.
 * @throws FoveaError `model-damaged`
 */
export function layersOf(
  file: ModelFile,
  output: string = file.signature.outputName,
  layout: ModelFile['layout'] = file.layout,
): GraphLayers {
  try {
    return findLayers(prunedTo(file.model, output), file.constants, layout);
  } catch (error) {
    throw error instanceof WireError ? damaged(file.path, error.message, error) : error;
  }
}

/**
 * Finds the layers and the tensors to quantise, and all that multiplies beside them.
 * @param model only what the output that classifies needs
 */
function findLayers(model: OnnxModel, constants: ConstantValues, layout: 'NCHW' | 'NHWC' = 'NCHW'): GraphLayers {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const facts = tensorFacts(model, constants, layout);
  const weights = new WeightFinder(model, producers);
  const tensorIndex = new Map<string, number>();
  const tensors: QuantisedTensor[] = [];
  const layers: GraphLayer[] = [];
  const leftOut: LeftOutNode[] = [];
  const names = new Set<string>();
  const functions = functionsOf(model);
  const isConstant = (name: string | undefined) => facts.get(name ?? '')?.isConstant ?? true;
  for (const node of model.nodes) {
    const wanted = node.name || node.outputs[0]!;
    leftOut.push(...leftOutInside(node, wanted, functions));
    const op = layerOp(node);
    // What the image has no part in is computed once, not for each image.
    if (op ? [0, 1].every((index) => isConstant(node.inputs[index])) : node.inputs.every(isConstant)) continue;
    const data = op === 'MatMul' && isConstant(node.inputs[0]) ? 1 : 0;
    const why = op ? whyNoLayer(node, data, isConstant) : reasonOf(node);
    if (why !== null) leftOut.push({ name: wanted, op: node.opType, why, node });
    if (!op || why !== null) continue;
    const { tensor, path } =
      op === 'Conv' ? passedOver(node.inputs[0]!, producers) : movedFrom(node.inputs[data]!, producers, constants);
    const known = facts.get(tensor)!;
    let index = tensorIndex.get(tensor);
    if (index === undefined) {
      index = tensors.length;
      tensorIndex.set(tensor, index);
      // A MatMul works on the last axis, unless its input was flattened from a feature map.
      tensors.push({
        ...known,
        name: tensor,
        layout: op === 'MatMul' && data === 0 && path.every(isPassing) ? 'channels-last' : known.layout,
      });
    }
    layers.push({
      name: uniqueName(wanted, names),
      op,
      node,
      data,
      path,
      weight: weights.of(node.inputs[1 - data]!),
      transposedWeights: data === 1 || attributesOf(node).get('transB') === 1,
      tensor: index,
    });
  }
  const normalises = model.nodes.filter(
    (node) =>
      NORMALISING.has(node.opType) &&
      node.outputs.some((output) => facts.get(output)?.readsImage && !isConstant(output)),
  );
  return { layers, tensors, leftOut, normalises };
}

/** ONNX Runtime's convolution with its activation is a convolution. */
function layerOp(node: OnnxNode): LayerOp | null {
  const { opType, domain } = node;
  if (isStandard(node)) return opType === 'Conv' || opType === 'Gemm' || opType === 'MatMul' ? opType : null;
  return domain === 'com.microsoft' && opType === 'FusedConv' ? 'Conv' : null;
}

function whyNoLayer(node: OnnxNode, data: 0 | 1, isConstant: (name: string | undefined) => boolean): string | null {
  const { opType, inputs } = node;
  if (isConstant(inputs[data])) return 'its weights stand where the image would be';
  if (!isConstant(inputs[1 - data]))
    return opType === 'MatMul' ? 'both of its factors depend on the image' : 'its weights depend on the image';
  return opType === 'Gemm' && attributesOf(node).get('transA') === 1 ? 'it reads its input transposed' : null;
}

interface Moved {
  readonly tensor: string;
  readonly path: readonly OnnxNode[];
}

function passedOver(name: string, producers: ReadonlyMap<string, OnnxNode>): Moved {
  const path: OnnxNode[] = [];
  let tensor = name;
  for (;;) {
    const before = producers.get(tensor);
    if (!before || !isPassing(before)) return { tensor, path };
    path.unshift(before);
    tensor = before.inputs[0]!;
  }
}

/** Back over nodes that move values, and those that pad with zeros or roll a map round its edges (shifted windows). */
function movedFrom(name: string, producers: ReadonlyMap<string, OnnxNode>, constants: ConstantValues): Moved {
  const path: OnnxNode[] = [];
  let tensor = name;
  for (;;) {
    const before = producers.get(tensor);
    if (!before || !isStandard(before)) return { tensor, path };
    const roll = rollOf(before, producers, constants);
    const padsZeros =
      before.opType === 'Pad' &&
      (attributesOf(before).get('mode') ?? 'constant') === 'constant' &&
      paddingOf(before, constants) === 0;
    if (roll) path.unshift(...roll);
    else if (RESHAPING.has(before.opType) || padsZeros) path.unshift(before);
    else return { tensor, path };
    tensor = path[0]!.inputs[0]!;
  }
}

/** The two Slices and the Concat that roll a tensor along an axis, as torch.roll is exported. */
function rollOf(
  concat: OnnxNode,
  producers: ReadonlyMap<string, OnnxNode>,
  constants: ConstantValues,
): OnnxNode[] | null {
  if (concat.opType !== 'Concat' || concat.inputs.length !== 2) return null;
  const [tail, head] = concat.inputs.map((input) => producers.get(input));
  if (tail?.opType !== 'Slice' || head?.opType !== 'Slice' || tail.inputs[0] !== head.inputs[0]) return null;
  const bound = (slice: OnnxNode, index: number) => constants.scalar(slice.inputs[index]);
  const axes = [tail, head].map((slice) => bound(slice, 3));
  const steps = [tail, head].map((slice) => (slice.inputs[4] ? bound(slice, 4) : 1));
  const cut = bound(tail, 1);
  const rolls =
    cut !== undefined &&
    cut === bound(head, 2) &&
    bound(head, 1) === 0 &&
    (bound(tail, 2) ?? 0) >= 2 ** 31 - 1 &&
    axes.every((axis) => axis === attributesOf(concat).get('axis')) &&
    steps.every((step) => step === 1);
  return rolls ? [tail, head, concat] : null;
}

/** Operators that exporters put behind stored weights and that keep their shape. */
const PASSES_WEIGHTS = new Set(['Identity', 'Cast', 'QuantizeLinear', 'DequantizeLinear']);

class WeightFinder {
  readonly #stored: ReadonlyMap<string, OnnxInitializer>;
  readonly #model: OnnxModel;
  readonly #producers: ReadonlyMap<string, OnnxNode>;

  constructor(model: OnnxModel, producers: ReadonlyMap<string, OnnxNode>) {
    this.#model = model;
    this.#producers = producers;
    this.#stored = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));
  }

  of(name: string): LayerWeights {
    const stored = this.#stored.get(name);
    if (stored) return { name, dims: stored.dims };
    const sparse = this.#model.sparse.get(name);
    if (sparse) return { name, dims: sparse };
    const producer = this.#producers.get(name);
    if (producer?.opType === 'Constant') return { name, dims: tensorAttribute(producer)?.dims ?? null };
    if (!producer || !(PASSES_WEIGHTS.has(producer.opType) || producer.opType === 'Transpose'))
      return { name, dims: null };
    const source = this.of(producer.inputs[0] ?? '');
    if (PASSES_WEIGHTS.has(producer.opType)) return { name, dims: source.dims };
    const permutation = attributesOf(producer).get('perm');
    const { dims } = source;
    const axes = Array.isArray(permutation) ? permutation.map(Number) : dims?.map((_, axis) => axis).reverse();
    return { name, dims: dims && axes ? axes.map((axis) => dims[axis] ?? 1) : null };
  }
}

function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
  taken.add(name);
  return name;
}
