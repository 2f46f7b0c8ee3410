import type { GraphLayer, GraphLayers, QuantisedTensor } from './graph-layers.ts';
import { FLOAT, INT32, INT64, type OnnxModel, type OnnxNode, type OnnxValue } from '../onnx/onnx-schema.ts';
import { makeNode, withInputs, withOutputs } from '../onnx/onnx-node.ts';
import { makeValue } from '../onnx/onnx-tensor.ts';
import {
  inputNames,
  quantisedName,
  quantiserNodes,
  sharedConstants,
  tableNames,
  type RewriteOptions,
} from './quantiser-nodes.ts';

/** What is known of shapes when a graph is rewritten: with them, ONNX Runtime can plan to work in place. */
export interface KnownShapes {
  /** The image input of one image: its sizes behind the batch axis. */
  readonly image: readonly number[];
  /** By quantised tensor: number of axes, batch included. */
  readonly ranks: readonly number[];
}

/** Name of the batch axis, shared by the image and all maps. */
const BATCH = 'fovea.batch';

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
  const inputs: OnnxValue[] = [];
  if (options.quantiser === 'linear') inputs.push(makeValue(inputNames.rounding, FLOAT, []));
  if (options.range === 'position') inputs.push(makeValue(inputNames.stepFloor, FLOAT, []));
  const quantisers = found.tensors.map((tensor, index) => {
    inputs.push(
      makeValue(inputNames.levels(index), INT32, levelsShape(tensor, shapes.ranks[index]!, index)),
      makeValue(inputNames.table(index), FLOAT, [`fovea.levels-${index}`]),
    );
    for (const name of tableNames(index, options).slice(1))
      inputs.push(makeValue(name, FLOAT, [`fovea.levels-${index}`]));
    if (options.quantiser === 'linear' && options.range === 'layer')
      inputs.push(makeValue(inputNames.limit(index), FLOAT, []));
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
    nodes: [...sharedConstants(options), ...nodes],
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
