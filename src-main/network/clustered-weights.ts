import { dirname, join } from 'node:path';
import { clusterWeights, levelsOfBits, quantiseWeights } from '../../src-shared/precision/weighted-entropy.ts';
import { openFileSource } from '../onnx/byte-source.ts';
import type { GraphLayers } from './graph-layers.ts';
import type { ModelFile } from '../onnx/model-file.ts';
import { withInputs } from '../onnx/onnx-node.ts';
import { encodeTensor, rawDataOf, tensorInMemory } from '../onnx/onnx-tensor.ts';
import { FLOAT, type OnnxInitializer, type OnnxModel } from '../onnx/onnx-schema.ts';
import type { WeightValues } from './weight-values.ts';

/** Names of the weights of layers that a graph computes, or holds otherwise than as an initializer of floats. */
export function computedWeights(file: ModelFile, { initializers }: OnnxModel, { layers }: GraphLayers): string[] {
  const isRead = (tensor: OnnxInitializer) => tensor.dataType === FLOAT && elements(file, tensor) !== null;
  const floats = new Set(initializers.filter(isRead).map(({ name }) => name));
  return [...new Set(layers.map((layer) => layer.weight.name).filter((name) => !floats.has(name)))];
}

/**
 * The model with the weights of every layer at the values of their weighted-entropy clusters, layer by layer; biases stay as they
 * are. Clustered weights are held in memory.
 * @param computed those of {@link computedWeights}; layers read them clustered in place of what the graph computes
 */
export function withClusteredWeights(
  file: ModelFile,
  model: OnnxModel,
  graph: GraphLayers,
  bits: number,
  computed: ReadonlyMap<string, WeightValues>,
): { readonly model: OnnxModel; readonly graph: GraphLayers } {
  const names = new Set(graph.layers.map((layer) => layer.weight.name));
  const initializers = model.initializers.map((tensor) => {
    const bytes = names.has(tensor.name) && !computed.has(tensor.name) ? elements(file, tensor) : null;
    if (!bytes) return tensor;
    const raw = clustered(new Float32Array(bytes.slice().buffer), bits);
    return { ...tensor, data: null, external: null, replacement: encodeTensor(tensor.name, tensor.dims, FLOAT, raw) };
  });
  const added = [...computed].map(([name, { dims, values }]) =>
    tensorInMemory(encodeTensor(clusteredName(name), dims, FLOAT, clustered(values, bits))),
  );
  const layers = graph.layers.map((layer) => {
    if (!computed.has(layer.weight.name)) return layer;
    const at = 1 - layer.data;
    const inputs = layer.node.inputs.map((input, index) => (index === at ? clusteredName(input) : input));
    return { ...layer, node: withInputs(layer.node, inputs) };
  });
  const nodeOf = new Map(graph.layers.map((layer, index) => [layer.node, layers[index]!.node]));
  return {
    model: {
      ...model,
      nodes: model.nodes.map((node) => nodeOf.get(node) ?? node),
      initializers: [...initializers, ...added],
      constants: new Set([...model.constants, ...added.map(({ name }) => name)]),
    },
    graph: { ...graph, layers },
  };
}

const clusteredName = (name: string) => `fovea/clustered/${name}`;

/** As little-endian bytes. */
function clustered(weights: Float32Array, bits: number): Uint8Array {
  const quantised = quantiseWeights(weights, clusterWeights(weights, levelsOfBits(bits)));
  return new Uint8Array(quantised.buffer, quantised.byteOffset, quantised.byteLength);
}

/** The little-endian elements of a weight, wherever they are kept. */
function elements(file: ModelFile, { data, replacement, external }: OnnxInitializer): Uint8Array | null {
  if (replacement) return rawDataOf(replacement);
  if (data) return file.source.view(data.offset, data.length);
  if (!external) return null;
  const source = openFileSource(join(dirname(file.path), external['location'] ?? ''));
  try {
    const offset = Number(external['offset'] ?? 0);
    return source.view(offset, Number(external['length'] ?? source.length - offset));
  } finally {
    source.close();
  }
}
