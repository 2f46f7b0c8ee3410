import type { ByteSource } from './byte-source.ts';
import {
  concatBytes,
  encodeBytes,
  encodeHead,
  encodeMessage,
  encodeNumber,
  encodeString,
  fields,
  fieldsOfBytes,
  LENGTH_DELIMITED,
  readBytes,
  readFixedFloat,
  readNumber,
  readNumbers,
  readPacked,
  readString,
  type WireField,
} from './protobuf-wire.ts';

// Field numbers of onnx/onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
const MODEL = { graph: 7, opsetImport: 8 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = { name: 1, f: 2, i: 3, s: 4, t: 5, ints: 8, type: 20 } as const;
const TENSOR = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  name: 8,
  rawData: 9,
  externalData: 13,
  dataLocation: 14,
} as const;
const ENTRY = { key: 1, value: 2 } as const;
const VALUE = { name: 1, type: 2 } as const;
const TYPE_TENSOR = 1;
const TENSOR_TYPE = { elemType: 1, shape: 2 } as const;
const DIMENSION = { value: 1, parameter: 2 } as const;
const EXTERNAL = 1;

const CONTROL_FLOW = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const FLOAT16 = 10;

/** Weights smaller than this stay inline: a reference costs about as much. */
const REFERENCE_BYTES = 1024;

/** A node, decoded as far as rewriting needs; everything else is kept as the bytes it had. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** NodeProto. */
  readonly bytes: Uint8Array;
}

/** Bytes of the model's own file, by offset. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** The whole TensorProto in the model's file. */
  readonly message: FileRange;
  /** Little-endian elements in the model's file, where they stand there as such. */
  readonly data: FileRange | null;
  /** Packed varints in the model's file: one way to write half-precision elements. */
  readonly int32Data: FileRange | null;
  /** A TensorProto that takes the place of the one in the file, or null. */
  readonly replacement: Uint8Array | null;
  /** Key-value pairs of data kept in another file, or null. */
  readonly external: Readonly<Record<string, string>> | null;
}

export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType, or 0 for what is not a tensor. */
  readonly elementType: number;
  /** A number, or null for a free dimension; null when the file gives no shape. */
  readonly shape: readonly (number | null)[] | null;
  /** ValueInfoProto. */
  readonly bytes: Uint8Array;
}

/** A model indexed, not loaded: weights stay in the file. */
export interface OnnxModel {
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly valueInfos: readonly OnnxValue[];
  /** Tensors of Constant nodes, by the node's output; some exporters keep weights so. */
  readonly constantTensors: ReadonlyMap<string, OnnxInitializer>;
  /** Names of initializers and of outputs of Constant nodes. */
  readonly constants: ReadonlySet<string>;
  /** Some node holds graphs of its own (If, Loop), which may read any tensor by name. */
  readonly hasSubgraphs: boolean;
  /** Values of those constants that are a single float32. */
  readonly scalars: ReadonlyMap<string, number>;
  /** Fields of graph and model that nothing here interprets, verbatim. */
  readonly graphRest: readonly Uint8Array[];
  readonly modelRest: readonly Uint8Array[];
  readonly opsetImports: readonly Uint8Array[];
}

/** A part of a serialised model: bytes, or a range of the original file. */
export type Chunk = Uint8Array | FileRange;

/**
 * Indexes a model.
 * @throws WireError when the bytes are not an ONNX model
 */
export function readModel(source: ByteSource): OnnxModel {
  const modelRest: Uint8Array[] = [];
  const opsetImports: Uint8Array[] = [];
  let opset = 1;
  let graph: WireField | null = null;
  for (const field of fields(source)) {
    if (field.number === MODEL.graph && field.type === LENGTH_DELIMITED) graph = field;
    else if (field.number === MODEL.opsetImport) {
      const bytes = readBytes(source, field);
      const { domain, version } = readOpset(bytes);
      if (domain === '' || domain === 'ai.onnx') opset = version;
      opsetImports.push(bytes);
    } else modelRest.push(source.view(field.start, field.end - field.start).slice());
  }
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const valueInfos: OnnxValue[] = [];
  const constantTensors = new Map<string, OnnxInitializer>();
  const graphRest: Uint8Array[] = [];
  if (graph)
    for (const field of fields(source, graph.payload, graph.end)) {
      if (field.number === GRAPH.node) {
        const node = decodeNode(readBytes(source, field));
        const tensor = node.opType === 'Constant' ? tensorAttribute(source, field) : null;
        if (tensor) constantTensors.set(node.outputs[0] ?? '', tensor);
        nodes.push(node);
      } else if (field.number === GRAPH.initializer) initializers.push(indexTensor(source, field));
      else if (field.number === GRAPH.input) inputs.push(decodeValue(readBytes(source, field)));
      else if (field.number === GRAPH.output) outputs.push(decodeValue(readBytes(source, field)));
      else if (field.number === GRAPH.valueInfo) valueInfos.push(decodeValue(readBytes(source, field)));
      else graphRest.push(source.view(field.start, field.end - field.start).slice());
    }
  const scalars = new Map<string, number>();
  for (const tensor of initializers) {
    const data = tensor.data;
    if (tensor.dataType === FLOAT && data?.length === 4)
      scalars.set(tensor.name, readFloat(source.view(data.offset, 4)));
  }
  for (const node of nodes) {
    if (node.opType !== 'Constant') continue;
    const attributes = attributesOf(node);
    const value = attributes.get('value') ?? attributes.get('value_float');
    if (typeof value === 'number') scalars.set(node.outputs[0] ?? '', value);
  }
  const constants = new Set([
    ...initializers.map((tensor) => tensor.name),
    ...nodes.filter((node) => node.opType === 'Constant').flatMap((node) => node.outputs),
  ]);
  const hasSubgraphs = nodes.some((node) => CONTROL_FLOW.has(node.opType));
  return {
    opset,
    nodes,
    initializers,
    inputs,
    outputs,
    valueInfos,
    constantTensors,
    constants,
    hasSubgraphs,
    scalars,
    graphRest,
    modelRest,
    opsetImports,
  };
}

function readFloat(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
}

function readOpset(bytes: Uint8Array): { domain: string; version: number } {
  const { source, fields: all } = fieldsOfBytes(bytes);
  let domain = '';
  let version = 1;
  for (const field of all) {
    if (field.number === OPSET.domain) domain = readString(source, field);
    else if (field.number === OPSET.version) version = readNumber(source, field);
  }
  return { domain, version };
}

/** The tensor a node holds as an attribute, indexed in the model's file. */
function tensorAttribute(source: ByteSource, node: WireField): OnnxInitializer | null {
  for (const attribute of fields(source, node.payload, node.end)) {
    if (attribute.number !== NODE.attribute) continue;
    for (const field of fields(source, attribute.payload, attribute.end))
      if (field.number === ATTRIBUTE.t) return indexTensor(source, field);
  }
  return null;
}

/** Decodes a NodeProto. */
export function decodeNode(bytes: Uint8Array): OnnxNode {
  const { source, fields: all } = fieldsOfBytes(bytes);
  const strings = (number: number) =>
    all.filter((field) => field.number === number).map((field) => readString(source, field));
  return {
    name: strings(NODE.name)[0] ?? '',
    opType: strings(NODE.opType)[0] ?? '',
    domain: strings(NODE.domain)[0] ?? '',
    inputs: strings(NODE.input),
    outputs: strings(NODE.output),
    bytes,
  };
}

/** The same node reading other inputs; all else, unknown fields included, stays as it was. */
export function withInputs(node: OnnxNode, inputs: readonly string[]): OnnxNode {
  const { fields: all } = fieldsOfBytes(node.bytes);
  const kept = all
    .filter((field) => field.number !== NODE.input)
    .map((field) => node.bytes.subarray(field.start, field.end));
  return { ...node, inputs, bytes: concatBytes([...inputs.map((input) => encodeString(NODE.input, input)), ...kept]) };
}

/** The same node with one output, under another name; its own name follows, since names must stay unique. */
export function withOutputs(node: OnnxNode, outputs: readonly string[]): OnnxNode {
  const { fields: all } = fieldsOfBytes(node.bytes);
  const kept = all
    .filter((field) => field.number !== NODE.output && field.number !== NODE.name)
    .map((field) => node.bytes.subarray(field.start, field.end));
  const name = outputs[0]!;
  return {
    ...node,
    name,
    outputs,
    bytes: concatBytes([
      ...outputs.map((output) => encodeString(NODE.output, output)),
      encodeString(NODE.name, name),
      ...kept,
    ]),
  };
}

/** Builds a node of the default domain; `attributes` are encoded AttributeProtos. */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Uint8Array[] = [],
): OnnxNode {
  const bytes = concatBytes([
    ...inputs.map((input) => encodeString(NODE.input, input)),
    encodeString(NODE.output, output),
    encodeString(NODE.name, output),
    encodeString(NODE.opType, opType),
    ...attributes.map((attribute) => encodeBytes(NODE.attribute, attribute)),
  ]);
  return { name: output, opType, domain: '', inputs, outputs: [output], bytes };
}

export function integerAttribute(name: string, value: number): Uint8Array {
  return concatBytes([
    encodeString(ATTRIBUTE.name, name),
    encodeNumber(ATTRIBUTE.i, value),
    encodeNumber(ATTRIBUTE.type, 2),
  ]);
}

export function integersAttribute(name: string, values: readonly number[]): Uint8Array {
  return concatBytes([
    encodeString(ATTRIBUTE.name, name),
    ...values.map((value) => encodeNumber(ATTRIBUTE.ints, value)),
    encodeNumber(ATTRIBUTE.type, 7),
  ]);
}

/** A node that gives a constant float32 or int64 tensor; works in every IR version, unlike a new initializer. */
export function makeConstant(name: string, dims: readonly number[], data: Float32Array | BigInt64Array): OnnxNode {
  const tensor = encodeTensor(
    '',
    dims,
    data instanceof Float32Array ? FLOAT : INT64,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  const attribute = concatBytes([
    encodeString(ATTRIBUTE.name, 'value'),
    encodeBytes(ATTRIBUTE.t, tensor),
    encodeNumber(ATTRIBUTE.type, 4),
  ]);
  return makeNode('Constant', [], name, [attribute]);
}

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

function decodeValue(bytes: Uint8Array): OnnxValue {
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

function indexTensor(source: ByteSource, tensor: WireField): OnnxInitializer {
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

/** Attribute values a node carries, by name; a tensor only if it is a single float32, graphs not at all. */
export function attributesOf(node: OnnxNode): ReadonlyMap<string, number | string | readonly number[]> {
  const result = new Map<string, number | string | readonly number[]>();
  const outer = fieldsOfBytes(node.bytes);
  for (const field of outer.fields) {
    if (field.number !== NODE.attribute) continue;
    const { source, fields: all } = fieldsOfBytes(readBytes(outer.source, field));
    const name = all.filter((part) => part.number === ATTRIBUTE.name).map((part) => readString(source, part))[0] ?? '';
    const ints = all.filter((part) => part.number === ATTRIBUTE.ints).flatMap((part) => readNumbers(source, part));
    if (ints.length) result.set(name, ints);
    for (const part of all) {
      if (part.number === ATTRIBUTE.i) result.set(name, readNumber(source, part));
      else if (part.number === ATTRIBUTE.s) result.set(name, readString(source, part));
      else if (part.number === ATTRIBUTE.f) result.set(name, readFixedFloat(source, part));
      else if (part.number === ATTRIBUTE.t) {
        const tensor = indexTensor(source, part);
        if (tensor.dataType === FLOAT && tensor.data?.length === 4)
          result.set(name, readFloat(source.view(tensor.data.offset, 4)));
      }
    }
  }
  return result;
}

/**
 * The model as chunks, in order. With `weightsFile`, weights become external references to that file by name, so that a
 * session reads them from the original without a copy; without, they are ranges of the original to be copied.
 */
export function serialiseModel(model: OnnxModel, weightsFile: string | null): Chunk[] {
  const graph: Chunk[] = [];
  for (const node of model.nodes) graph.push(encodeBytes(GRAPH.node, node.bytes));
  for (const tensor of model.initializers) {
    if (tensor.replacement) graph.push(encodeBytes(GRAPH.initializer, tensor.replacement));
    else if (weightsFile !== null && tensor.data && tensor.data.length >= REFERENCE_BYTES) {
      graph.push(encodeBytes(GRAPH.initializer, externalTensor(tensor, tensor.data, weightsFile)));
    } else graph.push(encodeHead(GRAPH.initializer, tensor.message.length), tensor.message);
  }
  for (const value of model.inputs) graph.push(encodeBytes(GRAPH.input, value.bytes));
  for (const value of model.outputs) graph.push(encodeBytes(GRAPH.output, value.bytes));
  for (const value of model.valueInfos) graph.push(encodeBytes(GRAPH.valueInfo, value.bytes));
  graph.push(...model.graphRest);
  const opsets = model.opsetImports.map((bytes) => {
    const { domain } = readOpset(bytes);
    const version = domain === '' || domain === 'ai.onnx' ? encodeNumber(OPSET.version, model.opset) : null;
    return encodeBytes(MODEL.opsetImport, version ? concatBytes([encodeString(OPSET.domain, domain), version]) : bytes);
  });
  return [...model.modelRest, ...opsets, encodeHead(MODEL.graph, chunksLength(graph)), ...graph];
}

export function chunksLength(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function externalTensor(tensor: OnnxInitializer, data: FileRange, file: string): Uint8Array {
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

/** The raw elements of a TensorProto, or null where it holds them otherwise. */
export function rawDataOf(tensor: Uint8Array): Uint8Array | null {
  const { source, fields: all } = fieldsOfBytes(tensor);
  const raw = all.find((field) => field.number === TENSOR.rawData);
  return raw ? readBytes(source, raw) : null;
}

/**
 * A node without float16: constants it holds are widened, and a Cast to float16 casts to float32.
 * @param widen float16 bytes to float32 bytes
 */
export function widenNode(node: OnnxNode, widen: (halves: Uint8Array) => Uint8Array): OnnxNode {
  const outer = fieldsOfBytes(node.bytes);
  let changed = false;
  const parts = outer.fields.map((field) => {
    if (field.number === NODE.attribute) {
      const attribute = readBytes(outer.source, field);
      const replacement = widenAttribute(attribute, node.opType === 'Cast', widen);
      if (replacement) {
        changed = true;
        return encodeBytes(NODE.attribute, replacement);
      }
    }
    return node.bytes.subarray(field.start, field.end);
  });
  return changed ? { ...node, bytes: concatBytes(parts) } : node;
}

/** The half-precision elements of a tensor that stand in the model's own file, or null. */
export function halvesOf(source: ByteSource, { data, int32Data }: OnnxInitializer): Uint8Array | null {
  if (data) return source.view(data.offset, data.length).slice();
  if (!int32Data) return null;
  const numbers = readPacked(source, int32Data.offset, int32Data.offset + int32Data.length);
  return new Uint8Array(Uint16Array.from(numbers).buffer);
}

function widenAttribute(
  bytes: Uint8Array,
  cast: boolean,
  widen: (halves: Uint8Array) => Uint8Array,
): Uint8Array | null {
  const { source, fields: all } = fieldsOfBytes(bytes);
  for (const field of all) {
    const around = (part: Uint8Array) => concatBytes([bytes.subarray(0, field.start), part, bytes.subarray(field.end)]);
    if (cast && field.number === ATTRIBUTE.i && readNumber(source, field) === FLOAT16)
      return around(encodeNumber(ATTRIBUTE.i, FLOAT));
    if (field.number === ATTRIBUTE.t) {
      const tensor = indexTensor(source, field);
      const halves = tensor.dataType === FLOAT16 ? halvesOf(source, tensor) : null;
      if (!halves) continue;
      return around(encodeBytes(ATTRIBUTE.t, encodeTensor(tensor.name, tensor.dims, FLOAT, widen(halves))));
    }
  }
  return null;
}
