import { integerAttribute, integersAttribute, makeConstant, makeNode } from '../onnx/onnx-node.ts';
import type { OnnxNode } from '../onnx/onnx-schema.ts';
import type { QuantisedTensor } from './graph-layers.ts';
import type { TensorShape } from './tensor-place.ts';

/** From which opset on a reduction takes its axes as an input. */
const AXES_ARE_INPUT = { ReduceMax: 18, ReduceSum: 13 } as const;

/** Channels whose maximum is taken at once, where a map has {@link MANY_CHANNELS}. */
const CHANNELS_AT_ONCE = 8;
const MANY_CHANNELS = 64;

/** The nodes that are added for one quantised tensor, each named after the tensor and what it gives. */
export class TensorNodes {
  readonly nodes: OnnxNode[] = [];
  readonly tensor: QuantisedTensor;
  readonly index: number;
  readonly shape: TensorShape;
  readonly #opset: number;

  constructor(tensor: QuantisedTensor, index: number, shape: TensorShape, opset: number) {
    this.tensor = tensor;
    this.index = index;
    this.shape = shape;
    this.#opset = opset;
  }

  /** @returns the name of what the node gives, as of all that follow */
  emit(opType: string, inputs: readonly string[], result: string, attributes: readonly Uint8Array[] = []): string {
    const output = this.#named(result);
    this.nodes.push(makeNode(opType, inputs, output, attributes));
    return output;
  }

  /** A constant: whole numbers where they are given as such, else of any shape. */
  constant(name: string, values: readonly number[]): string;
  constant(name: string, values: Float32Array, dims: readonly number[]): string;
  constant(name: string, values: readonly number[] | Float32Array, dims: readonly number[] = [values.length]): string {
    const own = values instanceof Float32Array ? values : BigInt64Array.from(values, BigInt);
    this.nodes.push(makeConstant(this.#named(name), dims, own));
    return this.#named(name);
  }

  reshaped(source: string, result: string, sizes: readonly number[]): string {
    return this.emit('Reshape', [source, this.constant(`${result}-sizes`, sizes)], result);
  }

  gathered(source: string, indexes: string, result: string, axis: number): string {
    return this.emit('Gather', [source, indexes], result, [integerAttribute('axis', axis)]);
  }

  /** A reduction over axes, which stay with one element. */
  reduced(opType: keyof typeof AXES_ARE_INPUT, source: string, result: string, axes: readonly number[]): string {
    const keep = integerAttribute('keepdims', 1);
    if (this.#opset < AXES_ARE_INPUT[opType])
      return this.emit(opType, [source], result, [integersAttribute('axes', axes), keep]);
    return this.emit(opType, [source, this.constant(`${result}-axes`, axes)], result, [keep]);
  }

  magnitude(source: string, result: string): string {
    return this.tensor.unsigned ? source : this.emit('Abs', [source], result);
  }

  /**
   * The largest magnitude of each position. ONNX Runtime goes through all channels for a few positions at a time: the rows of large maps,
   * a multiple of a page apart, push each other out of the cache. So a few channels go first, and then what is left of them.
   */
  peak(magnitude: string): string {
    const { dims, channelAxes, channels } = this.shape;
    const largest = (source: string, result: string, axes: readonly number[]) =>
      this.reduced('ReduceMax', source, result, axes);
    const isMap = dims.length === 4 && dims[0] === 1 && String(channelAxes) === '1';
    if (!isMap || channels < MANY_CHANNELS || channels % CHANNELS_AT_ONCE > 0)
      return largest(magnitude, 'peak', sharedAxes(this.shape));
    // Zeros keep height and width, which a window may have changed.
    const cut = (source: string, result: string, rows: number) => this.reshaped(source, result, [-1, rows, 0, 0]);
    const few = largest(cut(magnitude, 'few-channels', CHANNELS_AT_ONCE), 'peak-of-few', [1]);
    return largest(cut(few, 'few-peaks', channels / CHANNELS_AT_ONCE), 'peak', [1]);
  }

  #named(result: string): string {
    return `fovea/${this.index}/${result}`;
  }
}

/** What a table of a tensor has for each position. @param result name of the node that looks it up, where it is not fed */
export type LookUp = (table: string, result: string) => string;

/**
 * Axes of which a position's values share a range: its channels. A value alone at its position would be its own range, and nothing would
 * be quantised: then all positions share one.
 */
function sharedAxes({ channels, channelAxes, dims }: TensorShape): readonly number[] {
  return channels > 1 ? channelAxes : dims.map((_, axis) => axis).filter((axis) => axis > 0 || dims[0] !== 1);
}
