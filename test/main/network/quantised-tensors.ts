import { dirname } from 'node:path';
import * as ort from 'onnxruntime-node';
import { vi } from 'vitest';
import { quantise, type QuantiserInput, stepIndex } from '../../../src-shared/precision/fake-quantisation.ts';
import { rangeOf, type LayerRange } from '../../../src-shared/precision/layer-range.ts';
import type { PrecisionPlan } from '../../../src-shared/precision/precision-plan.ts';
import { resolvePlan, type PlanOptions } from '../../../src-shared/precision/precision-plan.ts';
import { fileChunks } from '../../../src-main/onnx/model-file.ts';
import { Network } from '../../../src-main/network/network.ts';
import { rewriteOptionsOf } from '../../../src-main/network/rewrite-options.ts';
import { channelsFirst, positionsOf } from '../../../src-main/network/tensor-place.ts';
import type { PlannedImage } from '../../../src-main/network/level-maps.ts';
import { FLOAT } from '../../../src-main/onnx/onnx-schema.ts';
import { makeValue } from '../../../src-main/onnx/onnx-tensor.ts';
import { concatBytes } from '../../../src-main/onnx/protobuf-wire.ts';

export const THREADS = 1;

/** Opens a model on images of `side` x `side` pixels, where its file leaves them open. */
export function openNetwork(path: string, side = 10): Promise<Network> {
  return Network.open(path, (file) => {
    const [, ...sizes] = file.signature.inputShape;
    const [channels, height, width] = file.layout === 'NCHW' ? sizes : [sizes[2], sizes[0], sizes[1]];
    return { threads: THREADS, inputSize: { channels: channels ?? 3, height: height ?? side, width: width ?? side } };
  });
}

/** A batch's own inputs of a rewritten graph: what the network feeds its session with. */
async function capturedFeeds(
  session: ort.InferenceSession,
  run: () => Promise<unknown>,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  const prototype = Object.getPrototypeOf(session) as ort.InferenceSession;
  const spy = vi.spyOn(prototype, 'run');
  try {
    await run();
    return spy.mock.calls.at(-1)![0] as ort.InferenceSession.OnnxValueMapType;
  } finally {
    spy.mockRestore();
  }
}

export interface QuantisedRun {
  /** By tensor and image, channels x positions: what entered the quantiser, and what left it. */
  readonly before: readonly (readonly Float32Array[])[];
  readonly after: readonly (readonly Float32Array[])[];
  readonly scores: Float32Array;
  /** The images, with the levels that the graph found. */
  readonly planned: readonly PlannedImage[];
}

const sessions = new WeakMap<Network, Map<string, ort.InferenceSession>>();

/** Runs the rewritten graph with its quantised tensors as further outputs. */
export async function runExposed(
  network: Network,
  pixels: Float32Array,
  images: readonly PlannedImage[],
  ranges: readonly LayerRange[] | null,
): Promise<QuantisedRun> {
  const variant = rewriteOptionsOf(images[0]!.plan, true);
  const key = JSON.stringify(variant);
  let own = sessions.get(network);
  if (!own) sessions.set(network, (own = new Map()));
  let session = own.get(key);
  if (!session) {
    const model = await network.rewritten(variant);
    const quantised = network.tensors.map((_, tensor) => makeValue(`fovea/${tensor}/quantised`, FLOAT));
    const bytes = concatBytes([...fileChunks(network.file, { ...model, outputs: [...model.outputs, ...quantised] })]);
    session = await ort.InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
      extra: { session: { model_external_initializers_file_folder_path: dirname(network.file.path) } },
    });
    own.set(key, session);
  }
  let scores: Float32Array = new Float32Array();
  let activations: readonly Float32Array[] = [];
  let planned: readonly PlannedImage[] = images;
  const feeds = await capturedFeeds(session, async () => {
    ({ scores, activations, planned } = await network.quantised(pixels, images, ranges, true));
  });
  const results = await session.run(feeds);
  const each = (values: Float32Array) => {
    const length = values.length / images.length;
    return images.map((_, image) => values.subarray(image * length, (image + 1) * length));
  };
  return {
    scores,
    planned,
    before: activations.map(each),
    after: network.tensors.map((tensor, index) => {
      const { data } = results[`fovea/${index}/quantised`]!;
      return each(channelsFirst(data as Float32Array, tensor, images.length));
    }),
  };
}

/** What the pure quantiser makes of one tensor of one image. */
export function expected(
  network: Network,
  tensor: number,
  values: Float32Array,
  image: PlannedImage,
  ranges: readonly LayerRange[] | null,
): Float32Array {
  const { channels } = network.tensors[tensor]!;
  const bitsOfLevel = network.tensorBits(image.plan)[tensor]!;
  const positions = positionsOf(network.tensors[tensor]!);
  const input: QuantiserInput = {
    values,
    channels,
    positions,
    bits: network.levelsOf(tensor, image).map((level) => bitsOfLevel[level]!),
    unsigned: network.isUnsigned(tensor),
    rangeMode: image.plan.range,
    range: rangeOf(ranges?.[tensor] ?? 0),
    powerOfTwo: image.plan.powerOfTwo,
    block: image.plan.block,
  };
  const { integers, steps } = quantise(input);
  return Float32Array.from(integers, (integer, at) => integer * steps[stepIndex(input, at)]!);
}

/** The first position at which two tensors differ, for a message; null when they are equal. */
export function difference(actual: Float32Array, wanted: Float32Array): string | null {
  if (actual.length !== wanted.length) return `${actual.length} values, expected ${wanted.length}`;
  for (let i = 0; i < actual.length; i++)
    if (actual[i] !== wanted[i]) return `value ${i}: ${actual[i]}, expected ${wanted[i]}`;
  return null;
}

/** An image with its plan and random importance. */
export function planned(random: () => number, options: PlanOptions): PlannedImage {
  const plan: PrecisionPlan = resolvePlan(options);
  const grid = { rows: plan.regions, columns: plan.regions };
  return { plan, grid, values: new Float32Array(grid.rows * grid.columns).map(random) };
}

export function randomPixels(random: () => number, length: number): Float32Array {
  return new Float32Array(length).map(() => random() * 4 - 2);
}
