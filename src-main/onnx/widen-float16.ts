import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ByteSource } from './byte-source.ts';
import { encodeTensor, halvesOf, makeValue, tensorInMemory } from './onnx-tensor.ts';
import { FLOAT, FLOAT16, type OnnxInitializer, type OnnxModel, type OnnxValue } from './onnx-schema.ts';
import { subgraphsOf, widenNode } from './onnx-node.ts';
import { FoveaError } from '../../src-shared/errors.ts';

/** Float32 of an IEEE 754 half. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Little-endian halves as little-endian floats. */
function widenBytes(halves: Uint8Array): Uint8Array {
  const view = new DataView(halves.buffer, halves.byteOffset, halves.byteLength);
  const floats = new Float32Array(halves.byteLength / 2);
  for (let i = 0; i < floats.length; i++) floats[i] = fromFloat16(view.getUint16(2 * i, true));
  return new Uint8Array(floats.buffer);
}

/**
 * A half-precision model as a single-precision one: processors compute in float32 anyway, and quantisation is defined there.
 * A model without halves is returned as it is.
 * @param path of the model; its external data has been checked
 */
export function widenFloat16(model: OnnxModel, source: ByteSource, path: string): OnnxModel {
  const nodes = model.nodes.map((node) => widenNode(node, widenBytes));
  const isHalf = ({ dataType }: OnnxInitializer) => dataType === FLOAT16;
  const typed = [...model.inputs, ...model.outputs].some((value) => value.elementType === FLOAT16);
  if (!typed && !model.initializers.some(isHalf) && nodes.every((node, index) => node === model.nodes[index]))
    return model;
  const branching = nodes.find((node) => subgraphsOf(node.bytes).length > 0);
  if (branching)
    throw new FoveaError(
      'model-unsupported',
      `${path}: a half-precision model whose node ${branching.name || branching.outputs[0]} (${branching.opType}) chooses what to compute while it runs`,
      'Export the model in single precision (float32), or without control flow.',
    );
  const externalFiles = new Map<string, Uint8Array>();
  const widened = (tensor: OnnxInitializer): Uint8Array | null => {
    const halves = isHalf(tensor) ? (halvesOf(source, tensor) ?? externalHalves(tensor)) : null;
    return halves && widenBytes(halves);
  };
  return {
    ...model,
    nodes,
    initializers: model.initializers.map((tensor) => {
      const floats = widened(tensor);
      if (!floats) return tensor;
      return tensorInMemory(encodeTensor(tensor.name, tensor.dims, FLOAT, floats));
    }),
    inputs: model.inputs.map(widenedValue),
    outputs: model.outputs.map(widenedValue),
    // Types of intermediate tensors follow from the operators; the recorded ones are the old ones.
    valueInfos: [],
  };

  function externalHalves({ external }: OnnxInitializer): Uint8Array | null {
    if (!external) return null;
    const location = external['location'] ?? '';
    let bytes = externalFiles.get(location);
    if (!bytes) externalFiles.set(location, (bytes = readFileSync(join(dirname(path), location))));
    const offset = Number(external['offset'] ?? 0);
    return bytes.subarray(offset, external['length'] === undefined ? undefined : offset + Number(external['length']));
  }
}

function widenedValue(value: OnnxValue): OnnxValue {
  if (value.elementType !== FLOAT16) return value;
  const shape = value.shape?.map((size, axis) => size ?? `${value.name}-${axis}`);
  return makeValue(value.name, FLOAT, shape);
}
