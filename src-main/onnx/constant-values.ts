import { dirname, join } from 'node:path';
import { openFileSource, type ByteSource } from './byte-source.ts';
import { attributesOf, tensorAttribute } from './onnx-node.ts';
import {
  BOOL,
  DOUBLE,
  FLOAT,
  FLOAT16,
  INT16,
  INT32,
  INT64,
  INT8,
  UINT16,
  UINT32,
  UINT64,
  UINT8,
  type OnnxInitializer,
  type OnnxNode,
} from './onnx-schema.ts';
import { elementsInLists, sourceOf } from './onnx-tensor.ts';
import { fromFloat16 } from './widen-float16.ts';

/** A constant's elements in row-major order, with their type (TensorProto.DataType). */
export interface ConstantTensor {
  readonly type: number;
  readonly values: readonly number[];
}

/** What is larger is a weight: its values are not looked at. */
const MOST_ELEMENTS = 1 << 16;

/** Operators that give the elements of their first input in another shape or type. */
const SAME_ELEMENTS = new Set([...['Identity', 'Dropout', 'Cast', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']]);

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/**
 * Values of a graph's small constants, through the operators that exporters put behind them. Values are looked up when asked for.
 */
export class ConstantValues {
  readonly #path: string;
  readonly #file: ByteSource;
  readonly #initializers: ReadonlyMap<string, OnnxInitializer>;
  readonly #producers: ReadonlyMap<string, OnnxNode>;
  readonly #known = new Map<string, ConstantTensor | null>();

  /**
   * @param path of the model file; external data lies beside it
   * @param producers nodes by the tensors they give; may grow while it is asked
   */
  constructor(
    path: string,
    file: ByteSource,
    initializers: readonly OnnxInitializer[],
    producers: ReadonlyMap<string, OnnxNode>,
  ) {
    this.#path = path;
    this.#file = file;
    this.#initializers = new Map(initializers.map((tensor) => [tensor.name, tensor]));
    this.#producers = producers;
  }

  /** The values of a constant, or null where they are many, depend on the image, or cannot be told beforehand. */
  of(name: string): ConstantTensor | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // A graph without topological order is refused elsewhere; here it must not lead round in circles.
    this.#known.set(name, null);
    const found = this.#read(name);
    this.#known.set(name, found);
    return found;
  }

  /** The one value of a constant of one element. */
  scalar(name: string | undefined): number | undefined {
    if (!name) return undefined;
    const values = this.of(name)?.values;
    return values?.length === 1 ? values[0] : undefined;
  }

  #read(name: string): ConstantTensor | null {
    const stored = this.#initializers.get(name);
    if (stored) return this.#elements(stored);
    const node = this.#producers.get(name);
    if (!node || (node.domain !== '' && node.domain !== 'ai.onnx')) return null;
    const input = (index: number) => (node.inputs[index] ? this.of(node.inputs[index]) : null);
    if (node.opType === 'Constant') return this.#constant(node);
    if (SAME_ELEMENTS.has(node.opType)) {
      const source = input(0);
      const to = node.opType === 'Cast' ? attributesOf(node).get('to') : undefined;
      return source && (typeof to === 'number' ? cast(source, to) : source);
    }
    if (node.opType === 'Neg') {
      const source = input(0);
      return source && { ...source, values: source.values.map((value) => -value) };
    }
    if (node.opType === 'DequantizeLinear') return dequantised(input(0), input(1), node.inputs[2] ? input(2) : ZERO);
    const operation = ARITHMETIC[node.opType];
    return operation ? combined(input(0), input(1), operation) : null;
  }

  #constant(node: OnnxNode): ConstantTensor | null {
    const tensor = tensorAttribute(node);
    if (tensor) return this.#elements(tensor);
    const attributes = attributesOf(node);
    const list = (value: unknown, type: number): ConstantTensor | null =>
      typeof value === 'number'
        ? { type, values: [value] }
        : Array.isArray(value)
          ? { type, values: value.map(Number) }
          : null;
    return (
      list(attributes.get('value_float'), FLOAT) ??
      list(attributes.get('value_int') ?? attributes.get('value_ints'), INT64)
    );
  }

  #elements(tensor: OnnxInitializer): ConstantTensor | null {
    const count = tensor.dims.reduce((product, size) => product * size, 1);
    if (count > MOST_ELEMENTS) return null;
    const values = elementsInLists(sourceOf(tensor, this.#file), tensor) ?? this.#raw(tensor);
    return values?.length === count ? { type: tensor.dataType, values } : null;
  }

  #raw(tensor: OnnxInitializer): number[] | null {
    const read = READERS[tensor.dataType];
    const bytes = read ? this.#bytes(tensor) : null;
    if (!read || !bytes) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values: number[] = [];
    for (let at = 0; at + read.bytes <= bytes.length; at += read.bytes) values.push(read.value(view, at));
    return values;
  }

  #bytes(tensor: OnnxInitializer): Uint8Array | null {
    const { data, external } = tensor;
    if (data) return sourceOf(tensor, this.#file).view(data.offset, data.length).slice();
    if (!external) return null;
    const source = openFileSource(join(dirname(this.#path), external['location'] ?? ''));
    try {
      const offset = Number(external['offset'] ?? 0);
      const length = Number(external['length'] ?? source.length - offset);
      return length <= 8 * MOST_ELEMENTS ? source.view(offset, length).slice() : null;
    } finally {
      source.close();
    }
  }
}

const ZERO: ConstantTensor = { type: UINT8, values: [0] };

interface Reader {
  readonly bytes: number;
  value(view: DataView, at: number): number;
}

/** Elements of raw data, by type. */
const READERS: Readonly<Record<number, Reader>> = {
  [FLOAT]: { bytes: 4, value: (view, at) => view.getFloat32(at, true) },
  [DOUBLE]: { bytes: 8, value: (view, at) => view.getFloat64(at, true) },
  [FLOAT16]: { bytes: 2, value: (view, at) => fromFloat16(view.getUint16(at, true)) },
  [UINT8]: { bytes: 1, value: (view, at) => view.getUint8(at) },
  [INT8]: { bytes: 1, value: (view, at) => view.getInt8(at) },
  [BOOL]: { bytes: 1, value: (view, at) => view.getUint8(at) },
  [UINT16]: { bytes: 2, value: (view, at) => view.getUint16(at, true) },
  [INT16]: { bytes: 2, value: (view, at) => view.getInt16(at, true) },
  [UINT32]: { bytes: 4, value: (view, at) => view.getUint32(at, true) },
  [INT32]: { bytes: 4, value: (view, at) => view.getInt32(at, true) },
  [UINT64]: { bytes: 8, value: (view, at) => Number(view.getBigUint64(at, true)) },
  [INT64]: { bytes: 8, value: (view, at) => Number(view.getBigInt64(at, true)) },
};

const FLOATS = [FLOAT, FLOAT16, DOUBLE];
const INTEGERS = [INT32, INT64];

function cast(source: ConstantTensor, to: number): ConstantTensor | null {
  if (to === source.type || FLOATS.includes(to)) return { ...source, type: to };
  if (INTEGERS.includes(to)) return { type: to, values: source.values.map(Math.trunc) };
  return to === BOOL ? { type: to, values: source.values.map((value) => (value === 0 ? 0 : 1)) } : null;
}

/** One scale and zero point for all elements: with one a channel, it takes the shape to tell which. */
function dequantised(
  source: ConstantTensor | null,
  scale: ConstantTensor | null,
  zero: ConstantTensor | null,
): ConstantTensor | null {
  if (source === null || scale?.values.length !== 1 || zero?.values.length !== 1) return null;
  return { type: scale.type, values: source.values.map((value) => (value - zero.values[0]!) * scale.values[0]!) };
}

/** Elements one by one, or each with a single one; other ways of broadcasting take the shapes. */
function combined(
  a: ConstantTensor | null,
  b: ConstantTensor | null,
  operation: (a: number, b: number) => number,
): ConstantTensor | null {
  if (!a || !b) return null;
  const [left, right] = [a.values, b.values];
  const round = a.type === FLOAT ? Math.fround : FLOATS.includes(a.type) ? (value: number) => value : Math.trunc;
  if (right.length === 1) return { type: a.type, values: left.map((value) => round(operation(value, right[0]!))) };
  if (left.length === 1) return { type: a.type, values: right.map((value) => round(operation(left[0]!, value))) };
  return null;
}
