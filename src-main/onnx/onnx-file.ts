import type { ByteSource } from './byte-source.ts';
import {
  concatBytes,
  encodeBytes,
  encodeHead,
  encodeNumber,
  encodeString,
  fields,
  fieldsOfBytes,
  LENGTH_DELIMITED,
  readBytes,
  readNumber,
  readString,
  type WireField,
} from './protobuf-wire.ts';
import {
  MODEL,
  OPSET,
  GRAPH,
  FLOAT,
  type OnnxNode,
  type FileRange,
  type OnnxInitializer,
  type OnnxValue,
  type OnnxModel,
} from './onnx-schema.ts';
import { readFloat, tensorAttribute, decodeNode, attributesOf } from './onnx-node.ts';
import { decodeValue, indexTensor, externalTensor } from './onnx-tensor.ts';

const CONTROL_FLOW = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** Weights smaller than this stay inline: a reference costs about as much. */
const REFERENCE_BYTES = 1024;

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
