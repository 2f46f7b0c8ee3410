import type { GraphLayer, GraphLayers } from './graph-layers.ts';
import type { TensorShape } from './tensor-place.ts';
import { pruned } from '../onnx/prune-model.ts';
import { FLOAT, INT32, INT64, type OnnxModel, type OnnxNode, type OnnxValue } from '../onnx/onnx-schema.ts';
import { integerAttribute, makeNode, withInputs, withOutputs } from '../onnx/onnx-node.ts';
import { makeValue } from '../onnx/onnx-tensor.ts';
import { quantiserNodes, sharedConstants } from './quantiser-nodes.ts';
import {
  findsLevels,
  foundInputNames,
  inputNames,
  quantisedName,
  sensitiveName,
  tableNames,
  takesLevels,
  type RewriteOptions,
} from './rewrite-options.ts';

/** What is known of shapes when a graph is rewritten: with them, ONNX Runtime can plan to work in place. */
export interface KnownShapes {
  /** The image input of one image: its sizes behind the batch axis. */
  readonly image: readonly number[];
  /** By quantised tensor. */
  readonly tensors: readonly TensorShape[];
}

/** Name of the batch axis, shared by the image and all maps. */
const BATCH = 'fovea.batch';

/** Opset 7 lacks broadcasting Min and Max; opset 8 changed nothing else, so raising the number alone is safe. */
const LOWEST_OPSET = 8;

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
  if (options.range !== 'layer') inputs.push(makeValue(inputNames.stepFloor, FLOAT, []));
  const sensitive: OnnxValue[] = [];
  const quantisers = found.tensors.map((tensor, index) => {
    const shape = shapes.tensors[index]!;
    const positions = levelsShape(shape, index);
    const own = options.found && findsLevels(tensor, shape) ? options.found : null;
    if (own) sensitive.push(makeValue(sensitiveName(index), INT32));
    const tables = tableNames(index, options);
    if (takesLevels(tensor, shape, options)) {
      inputs.push(makeValue(inputNames.levels(index), INT32, positions));
      const byLevel = [...tables, ...(own ? foundInputNames(index, own) : [])];
      inputs.push(...byLevel.map((name) => makeValue(name, FLOAT, [`fovea.levels-${index}`])));
    } else inputs.push(...tables.map((table) => makeValue(inputNames.byPosition(table), FLOAT, positions)));
    if (options.quantiser === 'linear' && options.range === 'layer')
      inputs.push(makeValue(inputNames.limit(index), FLOAT, []));
    return quantiserNodes(tensor, index, shape, model.opset, options);
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
      nodes.push(...redirected(layer, found.tensors[layer.tensor]!.name));
    } else nodes.push(node);
  }
  return pruned({
    ...model,
    opset: Math.max(model.opset, LOWEST_OPSET),
    nodes: [...sharedConstants(options), ...nodes],
    inputs: [...model.inputs.map((value) => withKnownShape(value, model, shapes)), ...inputs],
    // They may name the batch axis otherwise; types and shapes follow from the inputs.
    valueInfos: [],
    outputs: [...(options.exposeActivations ? outputsWithTensors(model, found) : model.outputs), ...sensitive],
  });
}

/**
 * What of a rewritten graph comes from one of its tensors on, which becomes an input as it is before quantisation.
 * @param dims of the tensor, the batch's axis first
 * @returns null where it reads something else that comes from the image
 */
export function graphFrom(
  rewritten: OnnxModel,
  image: string,
  tensor: string,
  dims: readonly (number | string)[],
): OnnxModel | null {
  const rest = pruned({
    ...rewritten,
    nodes: rewritten.nodes.filter((node) => !node.outputs.includes(tensor)),
    outputs: rewritten.outputs.slice(0, 1),
  });
  const read = new Set(rest.nodes.flatMap(({ inputs, captured }) => [...inputs, ...captured]));
  if (read.has(image) || !read.has(tensor)) return null;
  const inputs = rest.inputs.filter(({ name }) => read.has(name));
  return { ...rest, inputs: [makeValue(tensor, FLOAT, [BATCH, ...dims.slice(1)]), ...inputs] };
}

/** The model on images of any height and width; channels come first. */
export function openInput(model: OnnxModel, image: string, channels: number): OnnxModel {
  const open = ({ name, elementType }: OnnxValue) =>
    makeValue(name, elementType, [BATCH, channels, 'fovea.rows', 'fovea.columns']);
  return { ...model, inputs: model.inputs.map((value) => (value.name === image ? open(value) : value)) };
}

/** What lies around the window of a map, by input of a graph that is {@link framed}; `whole` is the result. */
export const frameNames = {
  above: 'fovea.frame.above',
  left: 'fovea.frame.left',
  right: 'fovea.frame.right',
  below: 'fovea.frame.below',
  whole: 'fovea/frame/whole',
} as const;

/** The model with a frame around one of its maps, channels first; what reads the map does so without. */
export function framed(model: OnnxModel, map: string): OnnxModel {
  const { above, left, right, below, whole } = frameNames;
  const band = 'fovea/frame/band';
  const frame = [
    makeNode('Concat', [left, map, right], band, [integerAttribute('axis', 3)]),
    makeNode('Concat', [above, band, below], whole, [integerAttribute('axis', 2)]),
  ];
  const sides = [above, left, right, below].map((name) =>
    makeValue(name, FLOAT, [BATCH, 'fovea.channels', `${name}.rows`, `${name}.columns`]),
  );
  return { ...model, nodes: [...model.nodes, ...frame], inputs: [...model.inputs, ...sides] };
}

/** What of a model gives some of its tensors. */
export function withOutputsAlone(model: OnnxModel, tensors: readonly string[]): OnnxModel {
  const part = pruned({ ...model, outputs: tensors.map((name) => makeValue(name, FLOAT)) });
  const read = new Set(part.nodes.flatMap(({ inputs, captured }) => [...inputs, ...captured]));
  return { ...part, inputs: part.inputs.filter(({ name }) => read.has(name)) };
}

/** The model as it is, the tensors before its layers among its outputs. */
export function exposedGraph(model: OnnxModel, found: GraphLayers): OnnxModel {
  return { ...model, outputs: outputsWithTensors(model, found) };
}

/** The model with one more of its tensors among its outputs. */
export function withOutput(model: OnnxModel, tensor: string): OnnxModel {
  if (model.outputs.some(({ name }) => name === tensor)) return model;
  return { ...model, outputs: [...model.outputs, makeValue(tensor, FLOAT)] };
}

function outputsWithTensors(model: OnnxModel, { tensors }: GraphLayers): OnnxValue[] {
  const inner = tensors.filter((tensor) => !isGraphEdge(model, tensor.name));
  return [...model.outputs, ...inner.map((tensor) => makeValue(tensor.name, FLOAT))];
}

/** Positions may be one, which stands for all, where a tensor has one width throughout. */
function levelsShape({ dims, channelAxes }: TensorShape, index: number): (number | string)[] {
  if (dims.length === 4 && dims[0] === 1 && channelAxes.length === 1) {
    const [height, width] = [`fovea.height.${index}`, `fovea.width.${index}`];
    return channelAxes[0] === 1 ? [BATCH, 1, height, width] : [BATCH, height, width, 1];
  }
  return dims.map((size, axis) =>
    axis === 0 && size === 1 ? BATCH : channelAxes.includes(axis) || size === 1 ? 1 : `fovea.axis-${axis}.${index}`,
  );
}

function withKnownShape(value: OnnxValue, model: OnnxModel, shapes: KnownShapes): OnnxValue {
  if (model.constants.has(value.name)) return value;
  return makeValue(value.name, value.elementType, [value.shape?.[0] ?? BATCH, ...shapes.image]);
}

function isGraphEdge(model: OnnxModel, name: string): boolean {
  return [...model.inputs, ...model.outputs].some((value) => value.name === name);
}

/** The layer on the quantised branch, with its own copies of the nodes that lead from the tensor to it. */
function redirected(layer: GraphLayer, tensor: string): OnnxNode[] {
  const copies = new Map([[tensor, quantisedName(layer.tensor)]]);
  const renamed = (inputs: readonly string[]) => inputs.map((input) => copies.get(input) ?? input);
  const path = layer.path.map((node, at) => {
    const name = `fovea/path/${layer.name}/${at}`;
    const copy = withOutputs(withInputs(node, renamed(node.inputs)), [name]);
    copies.set(node.outputs[0]!, name);
    return copy;
  });
  const { data, node } = layer;
  return [
    ...path,
    withInputs(
      node,
      node.inputs.map((input, index) => (index === data ? copies.get(input)! : input)),
    ),
  ];
}

/** The nodes between a quantised tensor and a layer alone, or null where they also read what is computed from the image. */
export function movingGraph(model: OnnxModel, layer: GraphLayer, dims: readonly number[]): OnnxModel | null {
  const source = layer.path[0]?.inputs[0];
  if (!source) return null;
  const result = layer.node.inputs[layer.data]!;
  const inside = new Set([source, ...layer.path.flatMap((node) => node.outputs)]);
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const isKnown = (name: string): boolean => {
    if (name === '' || inside.has(name) || model.constants.has(name)) return true;
    const producer = producers.get(name);
    if (!producer || producer.captured.length > 0) return false;
    inside.add(name);
    return producer.inputs.every(isKnown);
  };
  if (!layer.path.every((node) => node.inputs.every(isKnown))) return null;
  return pruned({
    ...model,
    nodes: model.nodes.filter((node) => !node.outputs.includes(source)),
    inputs: [makeValue(source, FLOAT, dims)],
    outputs: [makeValue(result, FLOAT)],
    valueInfos: [],
  });
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
