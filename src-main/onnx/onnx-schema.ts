// Field numbers of onnx/onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
export const MODEL = { graph: 7, opsetImport: 8, functions: 25 } as const;
export const OPSET = { domain: 1, version: 2 } as const;
export const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparseInitializer: 15 } as const;
export const SPARSE = { values: 1, dims: 3 } as const;
export const FUNCTION = {
  name: 1,
  input: 4,
  output: 5,
  node: 7,
  opsetImport: 9,
  domain: 10,
  attributeDefault: 11,
} as const;
export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
export const ATTRIBUTE = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  graphs: 11,
  type: 20,
  reference: 21,
} as const;
export const TENSOR = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
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
export const UINT8 = 2;
export const INT8 = 3;
export const UINT16 = 4;
export const INT16 = 5;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const UINT32 = 12;
export const UINT64 = 13;
export const BFLOAT16 = 16;

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [FLOAT]: 'float32',
  [UINT8]: 'uint8',
  [INT8]: 'int8',
  [UINT16]: 'uint16',
  [INT16]: 'int16',
  [INT32]: 'int32',
  [INT64]: 'int64',
  8: 'string',
  [BOOL]: 'bool',
  [FLOAT16]: 'float16',
  [DOUBLE]: 'float64',
  [UINT32]: 'uint32',
  [UINT64]: 'uint64',
  [BFLOAT16]: 'bfloat16',
};

/** The usual name of a TensorProto.DataType. */
export const typeName = (type: number) => TYPE_NAMES[type] ?? (type === 0 ? 'no tensor' : `tensor type ${type}`);

/** A node, decoded as far as rewriting needs; everything else is kept as the bytes it had. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Tensors of the graphs around it that the node's own graphs read (If, Loop). */
  readonly captured: readonly string[];
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
  /** Little-endian elements, where they stand as such: in the model's file, or in `replacement` where there is one. */
  readonly data: FileRange | null;
  /** Packed varints, as `data`: one way to write half-precision elements. */
  readonly int32Data: FileRange | null;
  /** A TensorProto in memory that takes the place of the one in the file, or null. */
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
  /** Shapes of the initializers that are stored sparse, by name. */
  readonly sparse: ReadonlyMap<string, readonly number[]>;
  /** Names of initializers, sparse ones included, and of outputs of Constant nodes. */
  readonly constants: ReadonlySet<string>;
  /** FunctionProtos: functions that the file brings itself. They are part of `modelRest`, too. */
  readonly functions: readonly Uint8Array[];
  /** Fields of graph and model that nothing here interprets, verbatim. */
  readonly graphRest: readonly Uint8Array[];
  readonly modelRest: readonly Uint8Array[];
  readonly opsetImports: readonly Uint8Array[];
}
