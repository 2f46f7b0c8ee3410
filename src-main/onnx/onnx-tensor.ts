import { bytesSource, type ByteSource } from './byte-source.ts';
import {
  concatBytes,
  encodeBytes,
  encodeMessage,
  encodeNumber,
  encodeString,
  fields,
  fieldsOfBytes,
  LENGTH_DELIMITED,
  readBytes,
  readNumber,
  readNumbers,
  readPacked,
  readString,
  type WireField,
} from './protobuf-wire.ts';
import {
  TENSOR,
  ENTRY,
  VALUE,
  TYPE_TENSOR,
  TENSOR_TYPE,
  DIMENSION,
  EXTERNAL,
  BOOL,
  FLOAT,
  FLOAT16,
  INT16,
  INT32,
  INT64,
  INT8,
  UINT16,
  UINT8,
  type FileRange,
  type OnnxInitializer,
  type OnnxValue,
} from './onnx-schema.ts';

export function encodeTensor(name: string, dims: readonly number[], dataType: number, raw: Uint8Array): Uint8Array {
  return concatBytes([
    ...dims.map((dim) => encodeNumber(TENSOR.dims, dim)),
    encodeNumber(TENSOR.dataType, dataType),
    encodeString(TENSOR.name, name),
    encodeBytes(TENSOR.rawData, raw),
  ]);
}

/** Builds a ValueInfoProto; strings are named free dimensions, an absent shape leaves it open. */
export function makeValue(name: string, elementType: number, shape?: readonly (number | string)[]): OnnxValue {
  const dims = shape?.map((dim) =>
    encodeMessage(
      1,
      typeof dim === 'number' ? encodeNumber(DIMENSION.value, dim) : encodeString(DIMENSION.parameter, dim),
    ),
  );
  const tensorType = concatBytes([
    encodeNumber(TENSOR_TYPE.elemType, elementType),
    ...(dims ? [encodeMessage(TENSOR_TYPE.shape, ...dims)] : []),
  ]);
  const bytes = concatBytes([
    encodeString(VALUE.name, name),
    encodeMessage(VALUE.type, encodeBytes(TYPE_TENSOR, tensorType)),
  ]);
  return { name, elementType, shape: shape?.map((dim) => (typeof dim === 'number' ? dim : null)) ?? null, bytes };
}

export function decodeValue(bytes: Uint8Array): OnnxValue {
  const { source, fields: all } = fieldsOfBytes(bytes);
  let name = '';
  let elementType = 0;
  let shape: (number | null)[] | null = null;
  for (const field of all) {
    if (field.number === VALUE.name) name = readString(source, field);
    if (field.number !== VALUE.type) continue;
    for (const kind of fields(source, field.payload, field.end)) {
      if (kind.number !== TYPE_TENSOR) continue;
      for (const part of fields(source, kind.payload, kind.end)) {
        if (part.number === TENSOR_TYPE.elemType) elementType = readNumber(source, part);
        if (part.number !== TENSOR_TYPE.shape) continue;
        shape = [...fields(source, part.payload, part.end)].map((dimension) => {
          const [content] = fields(source, dimension.payload, dimension.end);
          if (content?.number !== DIMENSION.value) return null;
          const size = readNumber(source, content);
          return size > 0 ? size : null;
        });
      }
    }
  }
  return { name, elementType, shape, bytes };
}

export function indexTensor(source: ByteSource, tensor: WireField): OnnxInitializer {
  let name = '';
  let dataType = 0;
  let location = 0;
  let data: FileRange | null = null;
  let int32Data: FileRange | null = null;
  const dims: number[] = [];
  const external: Record<string, string> = {};
  for (const field of fields(source, tensor.payload, tensor.end)) {
    if (field.number === TENSOR.name) name = readString(source, field);
    else if (field.number === TENSOR.dims) dims.push(...readNumbers(source, field));
    else if (field.number === TENSOR.dataType) dataType = readNumber(source, field);
    else if (field.number === TENSOR.dataLocation) location = readNumber(source, field);
    else if (field.number === TENSOR.externalData) {
      const entry = fieldsOfBytes(readBytes(source, field));
      const text = (number: number) =>
        entry.fields.filter((part) => part.number === number).map((part) => readString(entry.source, part))[0] ?? '';
      external[text(ENTRY.key)] = text(ENTRY.value);
    } else if (
      field.number === TENSOR.rawData ||
      (field.number === TENSOR.floatData && field.type === LENGTH_DELIMITED)
    )
      // Packed float_data has the very layout of raw_data: little-endian floats.
      data = { offset: field.payload, length: field.end - field.payload };
    else if (field.number === TENSOR.int32Data && field.type === LENGTH_DELIMITED)
      int32Data = { offset: field.payload, length: field.end - field.payload };
  }
  // Anything but whole floats (two packed runs, say) is left to ONNX Runtime as it stands.
  const elements = dims.reduce((product, size) => product * size, 1);
  if (dataType === FLOAT && data?.length !== 4 * elements) data = null;
  return {
    name,
    dims,
    dataType,
    message: { offset: tensor.payload, length: tensor.end - tensor.payload },
    data,
    int32Data,
    replacement: null,
    external: location === EXTERNAL ? external : null,
  };
}

/** A TensorProto that lies in memory, indexed; its ranges are in its own bytes. */
export function tensorInMemory(bytes: Uint8Array): OnnxInitializer {
  const whole = { number: 0, type: LENGTH_DELIMITED, start: 0, payload: 0, end: bytes.length };
  return { ...indexTensor(bytesSource(bytes), whole), replacement: bytes };
}

/** Where the ranges of a tensor lie. */
export function sourceOf(tensor: OnnxInitializer, file: ByteSource): ByteSource {
  return tensor.replacement ? bytesSource(tensor.replacement) : file;
}

export function externalTensor(tensor: OnnxInitializer, data: FileRange, file: string): Uint8Array {
  const entry = (key: string, value: string) =>
    encodeMessage(TENSOR.externalData, encodeString(ENTRY.key, key), encodeString(ENTRY.value, value));
  return concatBytes([
    ...tensor.dims.map((dim) => encodeNumber(TENSOR.dims, dim)),
    encodeNumber(TENSOR.dataType, tensor.dataType),
    encodeString(TENSOR.name, tensor.name),
    entry('location', file),
    entry('offset', String(data.offset)),
    entry('length', String(data.length)),
    encodeNumber(TENSOR.dataLocation, EXTERNAL),
  ]);
}

/** Element types that are written as int32_data where they are not raw. */
const IN_INT32 = new Set([UINT8, INT8, UINT16, INT16, INT32, BOOL, FLOAT16]);

/** The elements of a tensor that are written as lists of numbers (int32_data, int64_data, double_data), or null. */
export function elementsInLists(source: ByteSource, tensor: OnnxInitializer): number[] | null {
  const { dataType, replacement, message } = tensor;
  const [start, end] = replacement ? [0, replacement.length] : [message.offset, message.offset + message.length];
  const all = [...fields(source, start, end)];
  const listed = (number: number) => all.filter((field) => field.number === number);
  const numbers = (number: number) => listed(number).flatMap((field) => readNumbers(source, field));
  const read = dataType === INT64 ? numbers(TENSOR.int64Data) : IN_INT32.has(dataType) ? numbers(TENSOR.int32Data) : [];
  if (read.length > 0) return dataType === FLOAT16 ? null : read;
  if (dataType === FLOAT)
    return floatsOf(
      listed(TENSOR.floatData).map((field) => source.view(field.payload, field.end - field.payload).slice()),
    );
  return null;
}

/** Floats of several runs, packed or one by one. */
function floatsOf(runs: readonly Uint8Array[]): number[] | null {
  const bytes = concatBytes(runs);
  if (bytes.length === 0 || bytes.length % 4 !== 0) return null;
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}

/** The raw elements of a TensorProto, or null where it holds them otherwise. */
export function rawDataOf(tensor: Uint8Array): Uint8Array | null {
  const { source, fields: all } = fieldsOfBytes(tensor);
  const raw = all.find((field) => field.number === TENSOR.rawData);
  return raw ? readBytes(source, raw) : null;
}

/** The half-precision elements of a tensor that stand in the model's own file, or null. */
export function halvesOf(file: ByteSource, tensor: OnnxInitializer): Uint8Array | null {
  const { data, int32Data } = tensor;
  const source = sourceOf(tensor, file);
  if (data) return source.view(data.offset, data.length).slice();
  if (!int32Data) return null;
  const numbers = readPacked(source, int32Data.offset, int32Data.offset + int32Data.length);
  return new Uint8Array(Uint16Array.from(numbers).buffer);
}
