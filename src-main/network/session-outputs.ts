import type * as ort from 'onnxruntime-node';

/** The values of an output that is known to be float32. */
export function floats(tensor: ort.OnnxValue): Float32Array {
  const { data } = tensor as ort.Tensor;
  if (data instanceof Float32Array) return data;
  throw new Error('an output that was looked at before the run is of another type after it');
}

/** The values of an output that is known to be int32. */
export function wholeNumbers(tensor: ort.OnnxValue): Int32Array {
  const { data } = tensor as ort.Tensor;
  if (data instanceof Int32Array) return data;
  throw new Error('the sensitive positions that a rewritten graph gives are no whole numbers');
}

/**
 * Gives the memory of an output that nobody reads any more back at once. ONNX Runtime's binding copies every output into a buffer of the
 * engine's own; left to the garbage collector, megabytes of them make it look through everything every few calls.
 */
export function release({ buffer }: Float32Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Whether two outputs are the same to the bit. */
export function sameBits(one: Float32Array, other: Float32Array | null): boolean {
  return one.length === other?.length && one.every((value, index) => Object.is(value, other[index]));
}
