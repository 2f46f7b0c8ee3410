import * as ort from 'onnxruntime-node';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import type { ModelFile } from '../onnx/model-file.ts';
import type { OnnxModel, OnnxValue } from '../onnx/onnx-schema.ts';
import { makeValue } from '../onnx/onnx-tensor.ts';
import type { GraphLayer, GraphLayers } from './graph-layers.ts';
import { movingGraph, shapeGraph } from './graph-rewrite.ts';
import { shapesWanted } from './left-out.ts';
import { createSession, type SessionOptions } from './network-sessions.ts';
import { plainReason } from './plain-reason.ts';
import { isPassing } from './tensor-facts.ts';
import { positionsOf, tensorShape, type MapSize, type TensorShape, type Windows } from './tensor-place.ts';

export interface NetworkOptions extends SessionOptions {
  /** The model's input height, width and channels, where its file leaves them open. */
  readonly inputSize: { readonly channels: number; readonly height: number; readonly width: number };
  /** What a card says of the layout: it decides where the file leaves that open. */
  readonly layout?: 'NCHW' | 'NHWC';
  /** Name of the output that classifies; else the file's choice. */
  readonly outputName?: string;
}

/** What one look at a network on zeros tells. */
export interface LearntShapes {
  /** By name, for one image. */
  readonly dims: ReadonlyMap<string, readonly number[]>;
  /** By quantised tensor. */
  readonly tensors: readonly TensorShape[];
}

/**
 * @param model what the chosen output needs
 * @throws FoveaError `inference-failed`, `model-…`
 */
export async function learnShapes(
  file: ModelFile,
  model: OnnxModel,
  graph: GraphLayers,
  options: NetworkOptions,
): Promise<LearntShapes> {
  const dims = new Map<string, readonly number[]>(
    model.initializers.map((tensor) => [tensor.name, tensor.dims] as const),
  );
  const wanted = new Set<string>();
  for (const layer of graph.layers) {
    const tensor = graph.tensors[layer.tensor]!;
    if (layer.weight.dims) dims.set(layer.weight.name, layer.weight.dims);
    else wanted.add(layer.weight.name);
    // A fully connected layer's result that goes straight into the next one needs no look, nor the weights to take it.
    if (!tensor.beforeFullyConnected && layer.op === 'Gemm' && layer.path.every(isPassing)) continue;
    wanted.add(tensor.name);
    if (layer.op === 'Conv') wanted.add(layer.node.outputs[0]!);
    else if (!layer.path.every(isPassing)) wanted.add(layer.node.inputs[layer.data]!);
  }
  for (const { node } of graph.leftOut) for (const name of node ? shapesWanted(node) : []) wanted.add(name);
  const { inputName } = file.signature;
  dims.set(inputName, inputDims(file, options, 1));
  const names = [...wanted].filter((name) => !dims.has(name));
  for (const [name, own] of await probedShapes(file, model, names, options)) dims.set(name, own);
  // Behind a fully connected layer there is one position, with as many channels as the next one has inputs.
  for (const layer of graph.layers) {
    const { name } = graph.tensors[layer.tensor]!;
    if (!dims.has(name)) dims.set(name, [1, fullyConnectedSize(layer, dims).inputs]);
  }
  return { dims, tensors: await placedTensors(file, model, graph, dims, options.threads) };
}

async function probedShapes(
  file: ModelFile,
  model: OnnxModel,
  names: readonly string[],
  options: NetworkOptions,
): Promise<(readonly [string, readonly number[]])[]> {
  if (names.length === 0) return [];
  const graph = shapeGraph(model, names);
  const { inputName } = file.signature;
  // Where the shape of the image decides all others, ONNX Runtime finds them without a single multiplication.
  const fixed = (value: OnnxValue) =>
    value.name === inputName ? makeValue(inputName, value.elementType, inputDims(file, options, 1)) : value;
  try {
    return await shapesBy({ ...graph, inputs: graph.inputs.map(fixed) });
  } catch {
    // The graph as it is says better what is wrong.
    return await shapesBy(graph);
  }

  async function shapesBy(probes: OnnxModel): Promise<(readonly [string, readonly number[]])[]> {
    const session = await createSession(file, probes, options);
    try {
      const readsImage = probes.inputs.some(({ name }) => name === inputName);
      const results = await session.run(readsImage ? { [inputName]: imageTensor(file, options, 1) } : {});
      return names.map((name) => [name, Array.from(results[`shape/${name}`]!.data as BigInt64Array, Number)] as const);
    } catch (error) {
      throw new FoveaError('inference-failed', `${file.path}: ${plainReason(error)}`, CHECK_CARD, { cause: error });
    } finally {
      await session.release();
    }
  }
}

export const CHECK_CARD = 'Check that the card describes the input of the model.';

/** The place of every quantised tensor; what windows were cut from is looked up only where there are any. */
async function placedTensors(
  file: ModelFile,
  model: OnnxModel,
  graph: GraphLayers,
  dims: ReadonlyMap<string, readonly number[]>,
  threads: number,
): Promise<TensorShape[]> {
  const maps = [
    ...graph.layers.flatMap((layer): MapSize[] => {
      const size = layer.op === 'Conv' ? dims.get(layer.node.outputs[0]!) : undefined;
      return size?.length === 4 ? [[size[2]!, size[3]!]] : [];
    }),
    ...graph.tensors.flatMap(({ name, isMap, layout }): MapSize[] => {
      const size = dims.get(name)!;
      if (!isMap || size.length !== 4) return [];
      return [layout === 'channels-first' ? [size[2]!, size[3]!] : [size[1]!, size[2]!]];
    }),
  ];
  const isCut = (name: string) => dims.get(name)![0] !== 1;
  const windows = new Map<string, Windows>();
  const shapes: TensorShape[] = [];
  for (const [index, tensor] of graph.tensors.entries()) {
    const readers = graph.layers.filter((layer) => layer.tensor === index);
    const shape = tensorShape(
      dims.get(tensor.name)!,
      tensor,
      maps,
      readers.some((layer) => layer.op === 'Conv') ? null : fullyConnectedSize(readers[0]!, dims).inputs,
      isCut(tensor.name) ? [...windows.values()].reverse() : [],
    );
    shapes.push(shape);
    for (const layer of readers) {
      const cut = dims.get(layer.node.inputs[layer.data]!);
      if (!tensor.isMap || layer.op === 'Conv' || cut?.length !== 3 || cut[0] === 1) continue;
      const order = await orderAfterPath(file, model, layer, shape, cut, threads);
      // The latest of a size stands first: attention gives its result in the windows it has read last.
      const key = `${cut[0]} ${cut[1]}`;
      windows.delete(key);
      if (order) windows.set(key, { count: cut[0]!, size: cut[1]!, map: [shape.height, shape.width], order });
    }
  }
  return shapes;
}

/** Where each row that a layer reads comes from: its path, run on the numbers of the positions. */
async function orderAfterPath(
  file: ModelFile,
  model: OnnxModel,
  layer: GraphLayer,
  shape: TensorShape,
  cut: readonly number[],
  threads: number,
): Promise<Int32Array | null> {
  const source = layer.path[0]?.inputs[0];
  const result = layer.node.inputs[layer.data]!;
  // Sizes that the path computes from those of the image take the whole network: the order is then not looked up.
  if (!source || shape.channelAxes[0] !== 3) return null;
  const moving = movingGraph(model, layer, shape.dims);
  if (!moving) return null;
  const session = await createSession(file, moving, { threads });
  try {
    const values = new Float32Array(product(shape.dims));
    for (let at = 0; at < values.length; at++) values[at] = 1 + Math.floor(at / shape.channels);
    const { [result]: moved } = await session.run({ [source]: new ort.Tensor('float32', values, shape.dims) });
    const { data } = moved as ort.Tensor;
    const channels = cut.at(-1)!;
    return Int32Array.from({ length: data.length / channels }, (_, row) => Number(data[row * channels]) - 1);
  } finally {
    await session.release();
  }
}

/** The image input of `count` images of zeros. */
export function imageTensor(
  file: ModelFile,
  options: NetworkOptions,
  count: number,
  pixels?: Float32Array,
): ort.Tensor {
  const dims = inputDims(file, options, count);
  const values = pixels ?? new Float32Array(product(dims));
  return file.inputType === 'uint8'
    ? new ort.Tensor(
        'uint8',
        Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value)))),
        dims,
      )
    : new ort.Tensor('float32', values, dims);
}

export function inputDims(file: ModelFile, { inputSize, layout }: NetworkOptions, count: number): number[] {
  const { channels, height, width } = inputSize;
  const own = file.layoutIsOpen ? (layout ?? file.layout) : file.layout;
  return own === 'NCHW' ? [count, channels, height, width] : [count, height, width, channels];
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

function fullyConnectedSize(
  layer: GraphLayer,
  shapes: ReadonlyMap<string, readonly number[]>,
): { inputs: number; outputs: number } {
  const [first = 1, second = 1] = shapes.get(layer.weight.name)!.slice(-2);
  return layer.transposedWeights ? { inputs: second, outputs: first } : { inputs: first, outputs: second };
}

export function geometryOf(
  layer: GraphLayer,
  input: TensorShape,
  shapes: ReadonlyMap<string, readonly number[]>,
): LayerGeometry {
  const { name, op } = layer;
  const positions = positionsOf(input);
  const values = input.channels * positions;
  const inputShape = [input.channels, input.height, input.width] as const;
  const weightDims = shapes.get(layer.weight.name)!;
  const common = { name, op, inputShape, ...(input.leading > 0 ? { leading: input.leading } : {}) };
  const weights = product(weightDims);
  if (op !== 'Conv') {
    const { inputs, outputs } = fullyConnectedSize(layer, shapes);
    // A MatMul over several rows (tokens) repeats its weights for each; padding on the way adds rows.
    const read = shapes.get(layer.node.inputs[layer.data]!);
    const rows = Math.max(1, Math.round((read ? product(read) : values) / inputs));
    return {
      ...common,
      outputShape: rows === positions ? [outputs, input.height, input.width] : [outputs, 1, rows],
      kernel: [1, 1],
      groups: 1,
      macs: inputs * outputs * rows,
      values,
      weights,
    };
  }
  const [outputs = 1, perGroup = 1, ...kernel] = weightDims;
  const [kernelHeight, kernelWidth] =
    kernel.length === 1 ? [1, kernel[0]!] : [kernel[0] ?? 1, product(kernel.slice(1))];
  const result = shapes.get(layer.node.outputs[0]!)!;
  const [height, width] = result.length === 4 ? result.slice(2) : [1, product(result) / outputs];
  return {
    ...common,
    outputShape: [outputs, height!, width!],
    kernel: [kernelHeight, kernelWidth],
    groups: input.channels / perGroup,
    macs: outputs * height! * width! * perGroup * kernelHeight * kernelWidth,
    values,
    weights,
  };
}
