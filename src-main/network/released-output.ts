/**
 * Gives the memory of an output that nobody reads any more back at once. ONNX Runtime's binding copies every output into a buffer of the
 * engine's own; left to the garbage collector, megabytes of them make it look through everything every few calls.
 */
export function release({ buffer }: Float32Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
