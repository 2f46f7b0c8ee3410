// Field numbers of onnx/onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
export const MODEL = { graph: 7, opsetImport: 8 } as const;
export const OPSET = { domain: 1, version: 2 } as const;
export const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
export const ATTRIBUTE = { name: 1, f: 2, i: 3, s: 4, t: 5, ints: 8, type: 20 } as const;
export const TENSOR = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  name: 8,
  rawData: 9,
  externalData: 13,
  dataLocation: 14,
} as const;
export const ENTRY = { key: 1, value: 2 } as const;
export const VALUE = { name: 1, type: 2 } as const;
export const TYPE_TENSOR = 1;
export const TENSOR_TYPE = { elemType: 1, shape: 2 } as const;
export const DIMENSION = { value: 1, parameter: 2 } as const;
export const EXTERNAL = 1;

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const FLOAT16 = 10;

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
