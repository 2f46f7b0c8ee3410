import { bytesSource } from './byte-source.ts';
import {
  concatBytes,
  encodeBytes,
  encodeNumber,
  encodeString,
  fieldsOfBytes,
  readBytes,
  readFixedFloat,
  readNumber,
  readNumbers,
  readString,
  type WireField,
} from './protobuf-wire.ts';
import { NODE, ATTRIBUTE, GRAPH, FLOAT, INT64, FLOAT16, type OnnxNode, type OnnxInitializer } from './onnx-schema.ts';
import { decodeValue, encodeTensor, indexTensor, halvesOf, tensorInMemory } from './onnx-tensor.ts';

function readFloat(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
}

/** The tensor a node holds as an attribute; its ranges are in its own bytes. */
export function tensorAttribute(node: OnnxNode): OnnxInitializer | null {
  for (const attribute of attributesWithin(node.bytes)) {
    const [tensor] = attribute.parts.filter((part) => part.number === ATTRIBUTE.t);
    if (tensor) return tensorInMemory(attribute.bytes.subarray(tensor.payload, tensor.end));
  }
  return null;
}

interface AttributeParts {
  readonly bytes: Uint8Array;
  readonly parts: readonly WireField[];
}

function attributesWithin(node: Uint8Array): AttributeParts[] {
  return fieldsOfBytes(node)
    .fields.filter((field) => field.number === NODE.attribute)
    .map((field) => {
      const bytes = node.subarray(field.payload, field.end);
      return { bytes, parts: fieldsOfBytes(bytes).fields };
    });
}

/** The graphs a node holds (If, Loop, Scan), as GraphProtos, by the name of the attribute. */
export function subgraphsOf(bytes: Uint8Array): { readonly attribute: string; readonly graph: Uint8Array }[] {
  return attributesWithin(bytes).flatMap((attribute) => {
    const source = bytesSource(attribute.bytes);
    const name = attribute.parts.find((part) => part.number === ATTRIBUTE.name);
    return attribute.parts
      .filter((part) => part.number === ATTRIBUTE.g || part.number === ATTRIBUTE.graphs)
      .map((part) => ({
        attribute: name ? readString(source, name) : '',
        graph: attribute.bytes.subarray(part.payload, part.end),
      }));
  });
}

/** What a GraphProto defines and reads by name. */
export interface GraphNames {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names the graph itself gives to tensors: inputs, initializers, results. */
  readonly defined: ReadonlySet<string>;
}

export function graphNames(graph: Uint8Array): GraphNames {
  const { source, fields: all } = fieldsOfBytes(graph);
  const bytesOf = (number: number) =>
    all.filter((field) => field.number === number).map((field) => graph.subarray(field.payload, field.end));
  const nodes = bytesOf(GRAPH.node).map(decodeNode);
  const inputs = bytesOf(GRAPH.input).map((value) => decodeValue(value).name);
  const outputs = bytesOf(GRAPH.output).map((value) => decodeValue(value).name);
  const initializers = all
    .filter((field) => field.number === GRAPH.initializer)
    .map((field) => indexTensor(source, field).name);
  const defined = new Set([...inputs, ...initializers, ...nodes.flatMap((node) => node.outputs)]);
  return { nodes, inputs, outputs, defined };
}

function capturedBy(node: Uint8Array): string[] {
  return subgraphsOf(node).flatMap(({ graph }) => {
    const { nodes, outputs, defined } = graphNames(graph);
    const read = [...nodes.flatMap((inner) => [...inner.inputs, ...inner.captured]), ...outputs];
    return [...new Set(read)].filter((name) => name !== '' && !defined.has(name));
  });
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
    captured: capturedBy(bytes),
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
  return { name: output, opType, domain: '', inputs, outputs: [output], captured: [], bytes };
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

/** Whether an operator is ONNX's own. */
export const isStandard = ({ domain }: OnnxNode) => domain === '' || domain === 'ai.onnx';

/** Attribute values a node carries, by name; a tensor only if it is a single float32, lists of floats and graphs not at all. */
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
