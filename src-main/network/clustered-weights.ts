import { dirname, join } from 'node:path';
import { clusterWeights, levelsOfBits, quantiseWeights } from '../../src-shared/precision/weighted-entropy.ts';
import { openFileSource } from '../onnx/byte-source.ts';
import type { GraphLayers } from './graph-layers.ts';
import type { ModelFile } from '../onnx/model-file.ts';
import { encodeTensor, rawDataOf } from '../onnx/onnx-tensor.ts';
import { FLOAT, type OnnxInitializer, type OnnxModel } from '../onnx/onnx-schema.ts';

/**
 * The model with the weights of every layer at the values of their weighted-entropy clusters, layer by layer; biases, and
 * weights that the graph holds in Constant nodes or computes, stay as they are. Clustered weights are held in memory.
 */
export function withClusteredWeights(
  file: ModelFile,
  model: OnnxModel,
  { layers }: GraphLayers,
  bits: number,
): OnnxModel {
  const names = new Set(layers.map((layer) => layer.weight.stored));
  return {
    ...model,
    initializers: model.initializers.map((tensor) => (names.has(tensor.name) ? clustered(file, tensor, bits) : tensor)),
  };
}

function clustered(file: ModelFile, tensor: OnnxInitializer, bits: number): OnnxInitializer {
  const bytes = elements(file, tensor);
  if (!bytes || tensor.dataType !== FLOAT) return tensor;
  const weights = new Float32Array(bytes.slice().buffer);
  const quantised = quantiseWeights(weights, clusterWeights(weights, levelsOfBits(bits)));
  const raw = new Uint8Array(quantised.buffer, quantised.byteOffset, quantised.byteLength);
  return { ...tensor, data: null, external: null, replacement: encodeTensor(tensor.name, tensor.dims, FLOAT, raw) };
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
