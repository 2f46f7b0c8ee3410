import type { ByteSource } from './byte-source.ts';
import {
  encodeTensor,
  FLOAT,
  FLOAT16,
  makeValue,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
  widenNode,
} from './onnx-file.ts';

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
export function widenBytes(halves: Uint8Array): Uint8Array {
  const view = new DataView(halves.buffer, halves.byteOffset, halves.byteLength);
  const floats = new Float32Array(halves.byteLength / 2);
  for (let i = 0; i < floats.length; i++) floats[i] = fromFloat16(view.getUint16(2 * i, true));
  return new Uint8Array(floats.buffer);
}

/**
 * A half-precision model as a single-precision one: processors compute in float32 anyway, and quantisation is defined there.
 * A model without halves is returned as it is.
 */
export function widenFloat16(model: OnnxModel, source: ByteSource): OnnxModel {
  const halves = model.initializers.some((tensor) => tensor.dataType === FLOAT16 && tensor.data);
  const typed = [...model.inputs, ...model.outputs].some((value) => value.elementType === FLOAT16);
  if (!halves && !typed) return model;
  const widened = (value: OnnxValue) =>
    value.elementType === FLOAT16
      ? makeValue(
          value.name,
          FLOAT,
          value.shape?.map((size, axis) => size ?? `${value.name}-${axis}`),
        )
      : value;
  return {
    ...model,
    nodes: model.nodes.map((node): OnnxNode => widenNode(node, widenBytes)),
    initializers: model.initializers.map((tensor) =>
      tensor.dataType === FLOAT16 && tensor.data
        ? {
            ...tensor,
            dataType: FLOAT,
            data: null,
            replacement: encodeTensor(
              tensor.name,
              tensor.dims,
              FLOAT,
              widenBytes(source.view(tensor.data.offset, tensor.data.length).slice()),
            ),
          }
        : tensor,
    ),
    inputs: model.inputs.map(widened),
    outputs: model.outputs.map(widened),
    // Types of intermediate tensors follow from the operators; the recorded ones are the old ones.
    valueInfos: [],
  };
}
