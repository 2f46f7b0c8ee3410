import * as ort from 'onnxruntime-node';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import { throwIfLost } from './device-probe.ts';
import type { KnownNetwork } from './known-network.ts';
import { imagesOf, type PlannedImage } from './level-maps.ts';
import { type Feeds, plannedFeeds } from './network-inputs.ts';
import type { Sessions } from './network-sessions.ts';
import { CHECK_CARD, imageTensor } from './network-shapes.ts';
import { plainReason } from './plain-reason.ts';
import { inputNames, type RewriteOptions, rewriteOptionsOf, sensitiveName } from './rewrite-options.ts';
import { floats, release, wholeNumbers } from './session-outputs.ts';
import { channelsFirst, positionsOf } from './tensor-place.ts';

/**
 * Activations of one tensor that a call should hold at most: what fits a core's share of the caches. A larger batch would carry
 * every elementwise step through main memory.
 */
const CALL_BYTES = 4 * 2 ** 20;

/** Weights that no cache holds: every call reads them from memory, so many images should share a call. */
const LARGE_WEIGHTS_BYTES = 64 * 2 ** 20;
const MOST_IMAGES_PER_CALL = 8;

/** Probabilities or logits as the model gives them, and on request the activations before quantisation. */
export interface NetworkOutput {
  readonly scores: Float32Array;
  /** By tensor, channels x positions for each image; only what was asked for. */
  readonly activations: readonly Float32Array[];
  /** The feature map that was asked for, of all images, with its sizes for one. */
  readonly features?: { readonly values: Float32Array; readonly dims: readonly number[] };
  /** By tensor, the positions of all images: 1 where the graph found one sensitive, else 0; null of tensors that find no levels. */
  readonly sensitive: readonly (Int32Array | null)[];
}

/** Gives room for so many activations; what was in the last one is then no longer needed. */
export type ActivationRoom = (floats: number) => Float32Array;

/** Whether a call gives the activations too, and where it writes them: true for arrays of their own. */
export type WantedActivations = boolean | ActivationRoom;

/** What a session is run on. */
interface Call {
  readonly session: ort.InferenceSession;
  /** Of `count` images, one after another. */
  readonly pixels: Float32Array;
  readonly count: number;
  /** Inputs beside the pixels, by name. */
  readonly feeds: Feeds;
  readonly activations: WantedActivations;
  /** A tensor of the session's outputs that is wanted as well. */
  readonly features?: string;
}

/** Runs sessions of one network on any number of images, which it gives them call by call. */
export class NetworkCalls {
  readonly sessions: Sessions;
  readonly #network: KnownNetwork;
  /** Images of one inference call; falls to 1 when the graph turns out to have the batch of one built in. */
  #imagesPerCall: number;

  constructor(network: KnownNetwork, sessions: Sessions) {
    this.#network = network;
    this.sessions = sessions;
    this.#imagesPerCall = imagesPerCall(network);
  }

  /** Whether every call takes a single image. */
  get takesOne(): boolean {
    return this.#imagesPerCall === 1;
  }

  /**
   * Of `count` images those that one call of ONNX Runtime should take. None is left to go alone where calls take several: ONNX Runtime multiplies a
   * single row by a matrix in another order than several rows, and an image's result would depend on its place.
   */
  partOf(count: number): number {
    const most = this.#imagesPerCall;
    return most > 1 && count === most + 1 ? count : Math.min(count, most);
  }

  /** See `Network.quantised`. */
  async quantised(
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
    activations: WantedActivations,
  ): Promise<NetworkOutput> {
    const variant = rewriteOptionsOf(images[0]!.plan, activations !== false);
    const session = await this.rewritten(variant);
    const feeds = plannedFeeds(this.#network, variant, images, ranges);
    return this.run({ session, pixels, count: images.length, feeds, activations });
  }

  /** The session of a rewritten graph. */
  rewritten(variant: RewriteOptions): Promise<ort.InferenceSession> {
    return this.sessions.get(() => this.#network.rewritten(variant), variant, this.#network.options);
  }

  async run(call: Call): Promise<NetworkOutput> {
    const { session, pixels, count, feeds, activations: wanted, features } = call;
    const { file, graph, tensors, options, inputName, outputName } = this.#network;
    if (count > this.partOf(count)) return this.#inParts(call);
    const input = imageTensor(file, options, count, pixels);
    const names = wanted === false ? [] : graph.tensors.map((tensor) => tensor.name);
    const given = names.filter((name) => name !== outputName && session.outputNames.includes(name));
    // What is written to them is returned as a copy, too, which nobody reads.
    const rooms = typeof wanted === 'function' ? this.#rooms(given, count, wanted) : new Map<string, ort.Tensor>();
    const map = features === undefined ? [] : [features];
    checkOutputTypes(file.path, session, [outputName, ...given, ...map]);
    const found = tensors.map((_, index) => sensitiveName(index));
    const finding = found.filter((name) => session.outputNames.includes(name));
    const fetched = [outputName, ...given, ...finding, ...map];
    const fetches = Object.fromEntries(fetched.map((name) => [name, rooms.get(name) ?? null]));
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await session.run({ [inputName]: input, ...feeds }, fetches);
    } catch (error) {
      await throwIfLost(this.#network.device);
      if (typeof wanted === 'function') return this.run({ ...call, activations: true });
      if (count > 1) return this.#oneByOne(call);
      throw new FoveaError('inference-failed', `${file.path}: ${plainReason(error)}`, CHECK_CARD, {
        cause: error,
      });
    }
    const scores = results[outputName]!;
    if (count > 1 && scores.dims[0] !== count) return this.#oneByOne(call);
    if (scores.dims.slice(1).filter((size) => size > 1).length > 1)
      throw new FoveaError(
        'model-unsupported',
        `${file.path}: output ${outputName} has shape [${scores.dims.join(', ')}], expected one score a class`,
        'Fovea analyses image classifiers; name the output that classifies in the card if the model has several.',
      );
    for (const name of rooms.keys()) release(floats(results[name]!));
    const activations = names.map((name, index) =>
      channelsFirst(name === inputName ? pixels : floats(rooms.get(name) ?? results[name]!), tensors[index]!, count),
    );
    const sensitive =
      finding.length > 0 ? found.map((name) => (results[name] ? wholeNumbers(results[name]) : null)) : [];
    const mapped = features === undefined ? null : results[features]!;
    return {
      scores: floats(scores),
      activations,
      sensitive,
      ...(mapped ? { features: { values: floats(mapped), dims: [1, ...mapped.dims.slice(1)] } } : {}),
    };
  }

  /** Where a call writes the activations of these tensors, one after another. */
  #rooms(names: readonly string[], count: number, roomOf: ActivationRoom): ReadonlyMap<string, ort.Tensor> {
    const { graph, tensors } = this.#network;
    const shapes = names.map((name) => tensors[graph.tensors.findIndex((tensor) => tensor.name === name)]!);
    const lengths = shapes.map((shape) => count * shape.channels * positionsOf(shape));
    const room = roomOf(lengths.reduce((sum, length) => sum + length, 0));
    const rooms = new Map<string, ort.Tensor>();
    let start = 0;
    for (const [index, { dims }] of shapes.entries()) {
      const own = room.subarray(start, (start += lengths[index]!));
      rooms.set(names[index]!, new ort.Tensor('float32', own, [count * dims[0]!, ...dims.slice(1)]));
    }
    return rooms;
  }

  /** Some files allow any batch and yet reshape to a batch of one. */
  #oneByOne(call: Call): Promise<NetworkOutput> {
    this.#imagesPerCall = 1;
    return this.#inParts(call);
  }

  async #inParts(call: Call): Promise<NetworkOutput> {
    const { pixels, count, feeds } = call;
    const { inputLength } = this.#network;
    const outputs: NetworkOutput[] = [];
    // A call may find that it must go one by one: the next part begins where this one ended, not where its size would put it.
    for (let first = 0, last = 0; first < count; first = last) {
      last = first + this.partOf(count - first);
      const ownFeeds = Object.fromEntries(
        Object.entries(feeds).map(([name, tensor]) => [
          name,
          isMap(name) ? imagesOf(tensor, count, first, last) : tensor,
        ]),
      );
      const ownPixels = pixels.subarray(first * inputLength, last * inputLength);
      const part = { ...call, pixels: ownPixels, count: last - first, feeds: ownFeeds };
      // What one part gives has to outlast the next.
      outputs.push(await this.run({ ...part, activations: call.activations !== false }));
    }
    const maps = outputs.flatMap(({ features }) => features ?? []);
    return {
      ...(maps[0] ? { features: { ...maps[0], values: joinedFloats(maps.map(({ values }) => values)) } } : {}),
      scores: joinedFloats(outputs.map((output) => output.scores)),
      activations: outputs[0]!.activations.map((_, index) =>
        joinedFloats(outputs.map((output) => output.activations[index]!)),
      ),
      sensitive: outputs[0]!.sensitive.map(
        (own, index) =>
          own &&
          joined(
            outputs.map((output) => output.sensitive[index]!),
            (length) => new Int32Array(length),
          ),
      ),
    };
  }
}

function imagesPerCall({ file, tensors, device }: KnownNetwork): number {
  // Where axis 0 of a tensor holds more than the batch, images of a batch could not be told apart.
  if (file.fixedBatch || tensors.some(({ dims }) => dims[0] !== 1)) return 1;
  // Caches of the processor bind no other device.
  if (device !== 'cpu' || file.bytes > LARGE_WEIGHTS_BYTES) return MOST_IMAGES_PER_CALL;
  const largest = Math.max(...tensors.map((shape) => 4 * shape.channels * positionsOf(shape)));
  // ONNX Runtime's maximum over channels is several times slower for a single image.
  return Math.min(Math.max(2, Math.floor(CALL_BYTES / largest)), MOST_IMAGES_PER_CALL);
}

/** Whether an input holds what each position of each image has. */
const isMap = (name: string) =>
  [inputNames.levelsPrefix, inputNames.byPositionPrefix].some((prefix) => name.startsWith(prefix));

/** Before the run: reading some other types of output ends the process. */
function checkOutputTypes(path: string, { outputMetadata }: ort.InferenceSession, wanted: readonly string[]): void {
  for (const output of outputMetadata)
    if (wanted.includes(output.name) && !(output.isTensor && output.type === 'float32'))
      throw new FoveaError(
        'model-unsupported',
        `${path}: output ${output.name} is ${output.isTensor ? `of ${output.type}` : 'no tensor'}, expected float32`,
        'Export the model with float32 outputs.',
      );
}

function joinedFloats(parts: readonly Float32Array[]): Float32Array {
  return joined(parts, (length) => new Float32Array(length));
}

function joined<Numbers extends Float32Array | Int32Array>(
  parts: readonly Numbers[],
  roomFor: (length: number) => Numbers,
): Numbers {
  const result = roomFor(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
