import { closeSync, openSync, writeSync } from 'node:fs';
import { integerAttribute, integersAttribute, makeNode } from '../../src-main/onnx/onnx-node.ts';
import { FLOAT } from '../../src-main/onnx/onnx-schema.ts';
import { makeValue } from '../../src-main/onnx/onnx-tensor.ts';
import {
  concatBytes,
  encodeBytes,
  encodeHead,
  encodeMessage,
  encodeNumber,
  encodeString,
} from '../../src-main/onnx/protobuf-wire.ts';
import { randomGenerator } from '../../src-shared/importance/random.ts';

/** Output channels of the 3 x 3 convolutions, 0 where the map is halved (Simonyan and Zisserman, ICLR 2015, table 1, D). */
const CONVOLUTIONS = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];
const CONNECTED = [4096, 4096, 1000];
const SIDE = 224;

/** Random floats that all weights are cut from: their values do not matter, only that activations neither die nor explode. */
const BLOCK_FLOATS = 1 << 20;

interface Weights {
  readonly name: string;
  readonly dims: readonly number[];
  /** Weights lie in -bound..bound. */
  readonly bound: number;
}

/** Writes a VGG-16 with random weights, 553 MB, piece by piece. */
export function writeVgg16(path: string): void {
  const nodes: Uint8Array[] = [];
  const weights: Weights[] = [];
  let name = 'image';
  const node = (opType: string, inputs: string[], attributes: Uint8Array[] = []) => {
    name = `${opType.toLowerCase()}_${nodes.length}`;
    nodes.push(encodeBytes(1, makeNode(opType, inputs, name, attributes).bytes));
  };
  const layer = (opType: string, dims: readonly number[], attributes: Uint8Array[]) => {
    const [outputs = 1, ...rest] = dims;
    const fanIn = rest.reduce((product, size) => product * size, 1);
    const own = { name: `weight_${weights.length}`, dims, bound: Math.sqrt(6 / fanIn) };
    const bias = { name: `bias_${weights.length}`, dims: [outputs], bound: 0.01 };
    weights.push(own, bias);
    node(opType, [name, own.name, bias.name], attributes);
  };

  let channels = 3;
  let side = SIDE;
  for (const outputs of CONVOLUTIONS) {
    if (outputs === 0) {
      node('MaxPool', [name], [integersAttribute('kernel_shape', [2, 2]), integersAttribute('strides', [2, 2])]);
      side /= 2;
      continue;
    }
    layer(
      'Conv',
      [outputs, channels, 3, 3],
      [integersAttribute('kernel_shape', [3, 3]), integersAttribute('pads', [1, 1, 1, 1])],
    );
    node('Relu', [name]);
    channels = outputs;
  }
  node('Flatten', [name]);
  let inputs = channels * side * side;
  for (const [index, outputs] of CONNECTED.entries()) {
    layer('Gemm', [outputs, inputs], [integerAttribute('transB', 1)]);
    if (index < CONNECTED.length - 1) node('Relu', [name]);
    inputs = outputs;
  }
  node('Softmax', [name], [integerAttribute('axis', 1)]);

  const tensors = weights.map((own) => ({ ...own, ...tensorHead(own) }));
  const ends = [
    encodeBytes(11, makeValue('image', FLOAT, ['N', 3, SIDE, SIDE]).bytes),
    encodeBytes(12, makeValue(name, FLOAT, ['N', CONNECTED.at(-1)!]).bytes),
  ];
  const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);
  const graphLength =
    lengthOf(nodes) + lengthOf(ends) + tensors.reduce((sum, tensor) => sum + tensor.head.length + tensor.bytes, 0);

  const random = randomGenerator(16);
  const block = new Float32Array(BLOCK_FLOATS).map(() => random() * 2 - 1);
  const file = openSync(path, 'w');
  const write = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  };
  write(encodeNumber(1, 8));
  write(encodeMessage(8, encodeNumber(2, 13)));
  write(encodeHead(7, graphLength));
  for (const part of nodes) write(part);
  for (const { head, bytes, bound } of tensors) {
    write(head);
    const scaled = new Uint8Array(block.map((value) => value * bound).buffer);
    for (let rest = bytes; rest > 0; rest -= scaled.length) write(scaled.subarray(0, rest));
  }
  for (const part of ends) write(part);
  closeSync(file);
}

/** A TensorProto field of the graph up to its raw data, which follow as `bytes` bytes. */
function tensorHead({ name, dims }: Weights): { head: Uint8Array; bytes: number } {
  const bytes = 4 * dims.reduce((product, size) => product * size, 1);
  const inner = concatBytes([
    ...dims.map((dim) => encodeNumber(1, dim)),
    encodeNumber(2, FLOAT),
    encodeString(8, name),
    encodeHead(9, bytes),
  ]);
  return { head: concatBytes([encodeHead(5, inner.length + bytes), inner]), bytes };
}
