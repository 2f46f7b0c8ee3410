import * as ort from 'onnxruntime-node';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import { isPassing, type GraphLayer, type GraphLayers } from './graph-layers.ts';
import { shapeGraph } from './graph-rewrite.ts';
import type { ModelFile } from '../onnx/model-file.ts';
import { createSession, firstLine } from './network-sessions.ts';

/** A quantised tensor as it is at run time, for one image: channels, height and width, 1 x 1 where there is no map. */
export interface TensorShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly rank: number;
}

export interface NetworkOptions {
  readonly threads: number;
  /** The model's input height, width and channels, where its file leaves them open. */
  readonly inputSize: { readonly channels: number; readonly height: number; readonly width: number };
  /** Name of the output that classifies; the first one when absent. */
  readonly outputName?: string;
}

export async function learnShapes(
  file: ModelFile,
  graph: GraphLayers,
  options: NetworkOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const shapes = new Map<string, readonly number[]>();
  const wanted = new Set<string>();
  for (const layer of graph.layers) {
    const tensor = graph.tensors[layer.tensor]!;
    // A fully connected layer's result that goes straight into the next one needs no look, nor the weights to take it.
    if (!tensor.beforeFullyConnected && layer.op === 'Gemm' && layer.path.every(isPassing)) continue;
    wanted.add(tensor.name);
    if (layer.op === 'Conv') wanted.add(layer.node.outputs[0]!);
  }
  const { inputName } = file.signature;
  const dims = inputDims(file, options, 1);
  shapes.set(inputName, dims);
  wanted.delete(inputName);
  const names = [...wanted];
  if (names.length > 0) {
    const session = await createSession(file, shapeGraph(file.model, names), options.threads);
    try {
      const zeros = new ort.Tensor(
        'float32',
        new Float32Array(dims.reduce((product, size) => product * size, 1)),
        dims,
      );
      const results = await session.run({ [inputName]: zeros });
      for (const name of names) shapes.set(name, Array.from(results[`shape/${name}`]!.data as BigInt64Array, Number));
    } catch (error) {
      throw new FoveaError(
        'inference-failed',
        `${file.path}: ${firstLine(error)}`,
        'Check that the card describes the input of the model.',
        {
          cause: error,
        },
      );
    } finally {
      await session.release();
    }
  }
  for (const tensor of graph.tensors) {
    const dims = shapes.get(tensor.name);
    if (dims && (dims[0] !== 1 || dims.length < 2 || dims.length > 4))
      throw new FoveaError(
        'model-unsupported',
        `${file.path}: tensor ${tensor.name} has shape [${dims.join(', ')}] for one image, expected 2 to 4 axes, the first of size 1`,
        'Fovea quantises feature maps, rows of tokens and vectors, one an image.',
      );
  }
  // Behind a fully connected layer there is one position, with as many channels as the next one has inputs.
  for (const layer of graph.layers) {
    const { name } = graph.tensors[layer.tensor]!;
    if (!shapes.has(name)) shapes.set(name, [1, fullyConnectedSize(layer).inputs]);
  }
  return shapes;
}

export function inputDims({ layout }: ModelFile, { inputSize }: NetworkOptions, count: number): number[] {
  const { channels, height, width } = inputSize;
  return layout === 'NCHW' ? [count, channels, height, width] : [count, height, width, channels];
}

function fullyConnectedSize(layer: GraphLayer): { inputs: number; outputs: number } {
  const [first = 1, second = 1] = layer.weight.dims.slice(-2);
  return layer.transposedWeights ? { inputs: second, outputs: first } : { inputs: first, outputs: second };
}

export function tensorShape(dims: readonly number[], layout: 'channels-first' | 'channels-last'): TensorShape {
  const [, ...rest] = dims;
  // Behind the channels: height and width, a row of tokens, or nothing.
  const [channels = 1, ...positions] = layout === 'channels-first' ? rest : [...rest.slice(-1), ...rest.slice(0, -1)];
  const [height, width] = positions.length === 2 ? positions : [1, positions[0] ?? 1];
  return { channels, height: height!, width: width!, rank: dims.length };
}

export function geometryOf(
  layer: GraphLayer,
  input: TensorShape,
  shapes: ReadonlyMap<string, readonly number[]>,
): LayerGeometry {
  const { name, op } = layer;
  const values = input.channels * input.height * input.width;
  const inputShape = [input.channels, input.height, input.width] as const;
  const weights = layer.weight.dims.reduce((product, size) => product * size, 1);
  if (op !== 'Conv') {
    const { inputs, outputs } = fullyConnectedSize(layer);
    // A MatMul over several rows (tokens) repeats its weights for each.
    const rows = Math.max(1, Math.round(values / inputs));
    return {
      name,
      op,
      inputShape,
      outputShape: rows === input.height * input.width ? [outputs, input.height, input.width] : [outputs, 1, rows],
      kernel: [1, 1],
      groups: 1,
      macs: inputs * outputs * rows,
      values,
      weights,
    };
  }
  const [outputs = 1, perGroup = 1, kernelHeight = 1, kernelWidth = 1] = layer.weight.dims;
  const [, , height = 1, width = 1] = shapes.get(layer.node.outputs[0]!)!;
  return {
    name,
    op,
    inputShape,
    outputShape: [outputs, height, width],
    kernel: [kernelHeight, kernelWidth],
    groups: input.channels / perGroup,
    macs: outputs * height * width * perGroup * kernelHeight * kernelWidth,
    values,
    weights,
  };
}
