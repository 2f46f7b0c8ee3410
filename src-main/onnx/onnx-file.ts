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
  readNumbers,
  readString,
  type WireField,
} from './protobuf-wire.ts';
import {
  MODEL,
  OPSET,
  GRAPH,
  SPARSE,
  type OnnxNode,
  type FileRange,
  type OnnxInitializer,
  type OnnxValue,
  type OnnxModel,
} from './onnx-schema.ts';
import { decodeNode } from './onnx-node.ts';
import { decodeValue, indexTensor, externalTensor } from './onnx-tensor.ts';

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
  const functions: Uint8Array[] = [];
  let opset = 1;
  let graph: WireField | null = null;
  for (const field of fields(source)) {
    if (field.number === MODEL.graph && field.type === LENGTH_DELIMITED) graph = field;
    else if (field.number === MODEL.opsetImport) {
      const bytes = readBytes(source, field);
      const { domain, version } = readOpset(bytes);
      if (domain === '' || domain === 'ai.onnx') opset = version;
      opsetImports.push(bytes);
    } else {
      if (field.number === MODEL.functions) functions.push(readBytes(source, field));
      modelRest.push(source.view(field.start, field.end - field.start).slice());
    }
  }
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const valueInfos: OnnxValue[] = [];
  const sparse = new Map<string, readonly number[]>();
  const graphRest: Uint8Array[] = [];
  if (graph)
    for (const field of fields(source, graph.payload, graph.end)) {
      if (field.number === GRAPH.node) nodes.push(decodeNode(readBytes(source, field)));
      else if (field.number === GRAPH.initializer) initializers.push(indexTensor(source, field));
      else if (field.number === GRAPH.input) inputs.push(decodeValue(readBytes(source, field)));
      else if (field.number === GRAPH.output) outputs.push(decodeValue(readBytes(source, field)));
      else if (field.number === GRAPH.valueInfo) valueInfos.push(decodeValue(readBytes(source, field)));
      else {
        if (field.number === GRAPH.sparseInitializer) indexSparse(source, field, sparse);
        graphRest.push(source.view(field.start, field.end - field.start).slice());
      }
    }
  return {
    opset,
    nodes,
    initializers,
    inputs,
    outputs,
    valueInfos,
    sparse,
    constants: constantsOf(initializers, nodes, sparse),
    functions,
    graphRest,
    modelRest,
    opsetImports,
  };
}

export function constantsOf(
  initializers: readonly OnnxInitializer[],
  nodes: readonly OnnxNode[],
  sparse: OnnxModel['sparse'],
): ReadonlySet<string> {
  return new Set([
    ...initializers.map((tensor) => tensor.name),
    ...sparse.keys(),
    ...nodes.filter((node) => node.opType === 'Constant').flatMap((node) => node.outputs),
  ]);
}

/** Adds name and dense shape of a SparseTensorProto. */
function indexSparse(source: ByteSource, tensor: WireField, found: Map<string, readonly number[]>): void {
  let name = '';
  const dims: number[] = [];
  for (const field of fields(source, tensor.payload, tensor.end)) {
    if (field.number === SPARSE.values) ({ name } = indexTensor(source, field));
    else if (field.number === SPARSE.dims) dims.push(...readNumbers(source, field));
  }
  found.set(name, dims);
}

export function readOpset(bytes: Uint8Array): { domain: string; version: number } {
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

function chunksLength(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
