import { NEXT_POWER_FACTOR, NEXT_POWER_SHRINK } from '../src-shared/fake-quantisation.ts';
import type { RangeMode } from '../src-shared/precision-plan.ts';
import type { GraphLayer, GraphLayers, QuantisedTensor } from './graph-layers.ts';
import {
  FLOAT,
  INT32,
  INT64,
  integerAttribute,
  integersAttribute,
  makeConstant,
  makeNode,
  makeValue,
  withInputs,
  withOutputs,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from './onnx-file.ts';

/** What is built into a rewritten graph; bits, masks and images are its inputs. */
export interface RewriteOptions {
  readonly range: RangeMode;
  readonly powerOfTwo: boolean;
  /** Give the quantised tensors, as they were before quantisation, as outputs too: counts and calibration read them. */
  readonly exposeActivations: boolean;
}

/** What is known of shapes when a graph is rewritten: with them, ONNX Runtime can plan to work in place. */
export interface KnownShapes {
  /** The image input of one image: its sizes behind the batch axis. */
  readonly image: readonly number[];
  /** By quantised tensor: number of axes, batch included. */
  readonly ranks: readonly number[];
}

/** Name of the batch axis, shared by the image and all maps. */
const BATCH = 'fovea.batch';

/** Names of the inputs a rewritten graph has beside the image. */
export const inputNames = {
  /** int32, index into the table, by position: [N, 1, H, W], or [N, 1, 1, 1] where each image has one width throughout. */
  levels: (tensor: number) => `fovea.levels.${tensor}`,
  levelsPrefix: 'fovea.levels.',
  /** float32: steps (range `layer`) or shares of the range (range `position`), by image and level. */
  table: (tensor: number) => `fovea.table.${tensor}`,
  /** float32 scalar: largest magnitude that passes (range `layer`). */
  limit: (tensor: number) => `fovea.limit.${tensor}`,
  /** float32 scalar added to every step (range `position`). */
  stepFloor: 'fovea.step-floor',
  /** float32 scalar: the rounding constant, or 0 to let values pass exactly. */
  rounding: 'fovea.rounding',
} as const;

/** Opset 7 lacks broadcasting Min and Max; opset 8 changed nothing else, so raising the number alone is safe. */
export const LOWEST_OPSET = 8;

/**
 * Inserts fake quantisation before every layer, once per tensor and only on the branch into the layers; all else stays.
 * Standard operators only. Height and width of the maps are left open, so one element an image can stand for a uniform map.
 */
export function rewriteGraph(
  model: OnnxModel,
  found: GraphLayers,
  shapes: KnownShapes,
  options: RewriteOptions,
): OnnxModel {
  const inputs: OnnxValue[] = [makeValue(inputNames.rounding, FLOAT, [])];
  const prologue: OnnxNode[] = [];
  if (options.range === 'position') inputs.push(makeValue(inputNames.stepFloor, FLOAT, []));
  if (options.powerOfTwo)
    prologue.push(
      makeConstant('fovea/next-power-factor', [], Float32Array.of(NEXT_POWER_FACTOR)),
      makeConstant('fovea/next-power-shrink', [], Float32Array.of(NEXT_POWER_SHRINK)),
    );
  const quantisers = found.tensors.map((tensor, index) => {
    inputs.push(
      makeValue(inputNames.levels(index), INT32, levelsShape(tensor, shapes.ranks[index]!, index)),
      makeValue(inputNames.table(index), FLOAT, [`fovea.levels-${index}`]),
    );
    if (options.range === 'layer') inputs.push(makeValue(inputNames.limit(index), FLOAT, []));
    return quantiserNodes(tensor, index, shapes.ranks[index]!, model.opset, options);
  });

  const placed = new Set<number>();
  const nodes: OnnxNode[] = [];
  const layerOf = new Map(found.layers.map((layer) => [layer.node, layer]));
  for (const node of model.nodes) {
    const layer = layerOf.get(node);
    if (layer) {
      // A tensor exists before its first layer, so its quantiser may stand right before that.
      if (!placed.has(layer.tensor)) nodes.push(...quantisers[layer.tensor]!);
      placed.add(layer.tensor);
      nodes.push(...redirected(layer));
    } else nodes.push(node);
  }
  const exposed = options.exposeActivations ? found.tensors.filter((tensor) => !isGraphEdge(model, tensor.name)) : [];
  return pruned({
    ...model,
    opset: Math.max(model.opset, LOWEST_OPSET),
    nodes: [...prologue, ...nodes],
    inputs: [...model.inputs.map((value) => withKnownShape(value, model, shapes)), ...inputs],
    // They may name the batch axis otherwise; types and shapes follow from the inputs.
    valueInfos: [],
    outputs: [...model.outputs, ...exposed.map((tensor) => makeValue(tensor.name, FLOAT))],
  });
}

function levelsShape({ layout }: QuantisedTensor, rank: number, index: number): (number | string)[] {
  if (rank !== 4) return [BATCH, ...Array<number>(rank - 1).fill(1)];
  const [height, width] = [`fovea.height.${index}`, `fovea.width.${index}`];
  return layout === 'channels-first' ? [BATCH, 1, height, width] : [BATCH, height, width, 1];
}

function withKnownShape(value: OnnxValue, model: OnnxModel, shapes: KnownShapes): OnnxValue {
  if (model.constants.has(value.name)) return value;
  return makeValue(value.name, value.elementType, [value.shape?.[0] ?? BATCH, ...shapes.image]);
}

function isGraphEdge(model: OnnxModel, name: string): boolean {
  return [...model.inputs, ...model.outputs].some((value) => value.name === name);
}

function quantiserNodes(
  tensor: QuantisedTensor,
  index: number,
  rank: number,
  opset: number,
  options: RewriteOptions,
): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  const emit = (opType: string, inputs: readonly string[], result: string, attributes: readonly Uint8Array[] = []) => {
    const output = `fovea/${index}/${result}`;
    nodes.push(makeNode(opType, inputs, output, attributes));
    return output;
  };
  const entry = emit('Gather', [inputNames.table(index), inputNames.levels(index)], 'entry');
  let values = tensor.name;
  let step = entry;
  if (options.range === 'position') {
    const magnitude = tensor.unsigned ? values : emit('Abs', [values], 'magnitude');
    const peak = emit('ReduceMax', ...reduction(magnitude, tensor, index, rank, opset, nodes));
    step = emit('Add', [emit('Mul', [peak, entry], 'share'), inputNames.stepFloor], 'exact-step');
    if (options.powerOfTwo) {
      const q = emit('Mul', [step, 'fovea/next-power-factor'], 'q');
      step = emit(
        'Abs',
        [emit('Sub', [q, emit('Mul', [q, 'fovea/next-power-shrink'], 'q-shrunk')], 'power')],
        'power-step',
      );
    }
  } else {
    const limit = inputNames.limit(index);
    values = emit('Min', [values, limit], 'below');
    if (!tensor.unsigned) values = emit('Max', [values, emit('Neg', [limit], 'lowest')], 'within');
  }
  if (options.powerOfTwo) {
    // With a power of two as step, adding 1.5 * 2^23 steps rounds to a multiple of the step at once.
    const rounding = emit('Mul', [step, inputNames.rounding], 'rounding');
    emit('Sub', [emit('Add', [values, rounding], 'raised'), rounding], 'quantised');
  } else {
    const scaled = emit('Mul', [values, emit('Reciprocal', [step], 'inverse')], 'scaled');
    const rounded = emit('Sub', [emit('Add', [scaled, inputNames.rounding], 'raised'), inputNames.rounding], 'integer');
    emit('Mul', [rounded, step], 'quantised');
  }
  return nodes;
}

const quantisedName = (tensor: number) => `fovea/${tensor}/quantised`;

/** Inputs, result name and attributes of the maximum over channels; from opset 18 on the axes are an input. */
function reduction(
  source: string,
  tensor: QuantisedTensor,
  index: number,
  rank: number,
  opset: number,
  nodes: OnnxNode[],
): [string[], string, Uint8Array[]] {
  const keep = integerAttribute('keepdims', 1);
  const axis = tensor.layout === 'channels-first' ? 1 : rank - 1;
  if (opset < 18) return [[source], 'peak', [integersAttribute('axes', [axis]), keep]];
  const axes = `fovea/${index}/axes`;
  nodes.push(makeConstant(axes, [1], BigInt64Array.of(BigInt(axis))));
  return [[source, axes], 'peak', [keep]];
}

/** The layer on the quantised branch, with its own copies of the nodes that lead from the tensor to it. */
function redirected(layer: GraphLayer): OnnxNode[] {
  let tensor = quantisedName(layer.tensor);
  const path = layer.path.map((node, at) => {
    const copy = withOutputs(withInputs(node, [tensor, ...node.inputs.slice(1)]), [`fovea/path/${layer.name}/${at}`]);
    tensor = copy.outputs[0]!;
    return copy;
  });
  return [...path, withInputs(layer.node, [tensor, ...layer.node.inputs.slice(1)])];
}

/** Without the nodes nothing reads any more: the originals of copied paths. */
function pruned(model: OnnxModel): OnnxModel {
  const read = new Set(model.outputs.map((output) => output.name));
  const kept: OnnxNode[] = [];
  for (const node of [...model.nodes].reverse()) {
    // Inputs of subgraphs are not decoded, so what a control-flow node may read stays.
    if (!node.outputs.some((output) => read.has(output)) && !model.hasSubgraphs) continue;
    for (const input of node.inputs) read.add(input);
    kept.push(node);
  }
  return {
    ...model,
    nodes: kept.reverse(),
    // Old files list weights among the inputs; without its weight such an input would have to be fed.
    inputs: model.hasSubgraphs
      ? model.inputs
      : model.inputs.filter((input) => read.has(input.name) || !model.constants.has(input.name)),
    initializers: model.hasSubgraphs
      ? model.initializers
      : model.initializers.filter((tensor) => read.has(tensor.name)),
  };
}

/** A graph of the model's own nodes that gives only the shapes of `tensors` (int64 vectors named `shape/<tensor>`). */
export function shapeGraph(model: OnnxModel, tensors: readonly string[]): OnnxModel {
  const probes = tensors.map((tensor) => makeNode('Shape', [tensor], `shape/${tensor}`));
  return pruned({
    ...model,
    nodes: [...model.nodes, ...probes],
    outputs: probes.map((probe) => makeValue(probe.outputs[0]!, INT64)),
    valueInfos: [],
  });
}
