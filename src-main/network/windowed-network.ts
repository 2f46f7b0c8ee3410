import * as ort from 'onnxruntime-node';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import type { ModelFile } from '../onnx/model-file.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import type { GraphLayers } from './graph-layers.ts';
import { frameNames, framed, graphFrom, openInput, withOutputsAlone } from './graph-rewrite.ts';
import { localPart, type LocalPart, type MapWindow, type NetworkWindow, networkWindow } from './map-windows.ts';
import { mapData, type PlannedImage } from './network-inputs.ts';
import { createSession, type Sessions } from './network-sessions.ts';
import { imageTensor, type NetworkOptions } from './network-shapes.ts';
import { inputNames, type RewriteOptions, tableNames } from './quantiser-nodes.ts';
import { release } from './released-output.ts';
import type { TensorShape } from './tensor-place.ts';

type Feeds = Readonly<Record<string, ort.Tensor>>;

/** What a network whose windows are run lends. */
export interface WindowedSource {
  readonly file: ModelFile;
  readonly model: OnnxModel;
  readonly graph: GraphLayers;
  readonly tensors: readonly TensorShape[];
  /** The tensor from which on plans that begin alike may follow one another. */
  readonly cut: number;
  readonly options: NetworkOptions;
  readonly sessions: Sessions;
  readonly rewritten: (variant: RewriteOptions) => Promise<OnnxModel>;
  /** Inputs beside the image, of the whole network. */
  readonly feeds: (
    variant: RewriteOptions,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ) => Feeds;
}

/** Images of one plan, with what their graph has built in. */
interface FramedCall {
  readonly variant: RewriteOptions;
  readonly images: readonly PlannedImage[];
  readonly ranges: readonly LayerRange[] | null;
}

export interface WindowedCall extends FramedCall {
  readonly window: NetworkWindow;
}

/**
 * Runs a network where its plan leaves bits, and completes its last map with what zeros give: the scores of the whole, to the bit where
 * that has been seen.
 */
export class WindowedNetwork {
  readonly #source: WindowedSource;
  readonly #part: LocalPart;
  /** By what is built into the graph. */
  readonly #tails = new Map<string, Tail>();
  /** By that, the window and the number of images. */
  readonly #frames = new Map<string, Feeds>();
  /** By what the whole network is fed, and by window. */
  readonly #feeds = new WeakMap<Feeds, Map<string, Feeds>>();

  private constructor(source: WindowedSource, part: LocalPart) {
    this.#source = source;
    this.#part = part;
  }

  /** @returns null of a network that has no windows */
  static of(source: WindowedSource): WindowedNetwork | null {
    const { file, model, graph } = source;
    const part = file.layout === 'NCHW' ? localPart(model, graph, file.signature.inputName) : null;
    return part && new WindowedNetwork(source, part);
  }

  /** @param bitsOf a quantised tensor's bits by position */
  windowOf(bitsOf: (tensor: number) => Uint8Array): NetworkWindow | null {
    const { options, tensors } = this.#source;
    const { height, width } = options.inputSize;
    return networkWindow(this.#part, { name: this.#imageName, height, width }, tensors, bitsOf);
  }

  /**
   * @param cuts tensors that are wanted in the window, as they were before quantisation
   * @returns null where that part of the network does not run by itself
   */
  async run(
    { window, ...call }: WindowedCall,
    cuts: readonly number[],
    pixels: Float32Array,
  ): Promise<{ readonly scores: Float32Array; readonly tensors: ReadonlyMap<number, Float32Array> } | null> {
    const { file, graph, options } = this.#source;
    const { channels, height, width } = options.inputSize;
    const count = call.images.length;
    const { rows, columns } = window.image;
    const inputSize = { channels, height: rows.count, width: columns.count };
    const own = cropped(pixels, count * channels, { height, width }, window.image);
    const input = imageTensor(file, { ...options, inputSize }, count, own);
    const names = cuts.map((cut) => graph.tensors[cut]!.name);
    try {
      const session = await this.#session(call.variant);
      const feeds = { ...(await this.#feedsIn({ window, ...call })), [this.#imageName]: input };
      const results = await session.run(fedTo(session, feeds), [frameNames.whole, ...names]);
      const tensors = new Map(cuts.map((cut, index) => [cut, floats(results[names[index]!]!)]));
      return { scores: await this.#scoresOf(call, results[frameNames.whole]!), tensors };
    } catch {
      return null;
    }
  }

  /** From a tensor on, of which {@link run} gave the window under plans that begin alike. */
  async runFrom(call: WindowedCall, cut: number, values: Float32Array): Promise<Float32Array | null> {
    const { graph, tensors, sessions, options } = this.#source;
    const { name } = graph.tensors[cut]!;
    const { rows, columns } = call.window.tensors.get(cut)!;
    const dims = [call.images.length, tensors[cut]!.channels, rows.count, columns.count];
    try {
      const end = async () => {
        const open = [1, tensors[cut]!.channels, 'fovea.rows', 'fovea.columns'];
        const graph = graphFrom(await this.#graphOf(call.variant), this.#imageName, name, open);
        if (!graph) throw new Error(`what comes after ${name} reads more of the image`);
        return graph;
      };
      const key = `window from ${cut} ${JSON.stringify(call.variant)}` as const;
      const session = await sessions.get(end, key, options);
      const feeds = { ...(await this.#feedsIn(call)), [name]: new ort.Tensor('float32', values, dims) };
      const results = await session.run(fedTo(session, feeds), [frameNames.whole]);
      return await this.#scoresOf(call, results[frameNames.whole]!);
    } catch {
      return null;
    }
  }

  get #imageName(): string {
    return this.#source.file.signature.inputName;
  }

  #session(variant: RewriteOptions): Promise<ort.InferenceSession> {
    const { sessions, options } = this.#source;
    return sessions.get(() => this.#graphOf(variant), `window ${JSON.stringify(variant)}`, options);
  }

  /** On images of any height and width, with a frame around the last map. */
  async #graphOf(variant: RewriteOptions): Promise<OnnxModel> {
    const { graph, rewritten, options, cut } = this.#source;
    const open = openInput(await rewritten(variant), this.#imageName, options.inputSize.channels);
    return withOutputsAlone(framed(open, this.#part.tail), [frameNames.whole, graph.tensors[cut]!.name]);
  }

  /** @param whole the last map with its frame */
  async #scoresOf(call: FramedCall, whole: ort.OnnxValue): Promise<Float32Array> {
    const { variant, images, ranges } = call;
    const { sessions, options, model, rewritten, feeds } = this.#source;
    const { tail } = this.#part;
    const { dims } = await this.#tailOf(call);
    const end = async () => {
      const graph = graphFrom(await rewritten(variant), this.#imageName, tail, dims);
      if (!graph) throw new Error(`what comes after ${tail} reads more of the image`);
      return graph;
    };
    const session = await sessions.get(end, `window end ${JSON.stringify(variant)}`, options);
    const output = model.outputs[0]!.name;
    const own = { ...feeds(variant, images, ranges), [tail]: whole as ort.Tensor };
    const results = await session.run(fedTo(session, own), [output]);
    release(floats(whole));
    return floats(results[output]!);
  }

  async #frameOf(call: WindowedCall): Promise<Feeds> {
    const key = `${JSON.stringify(call.variant)} ${call.window.key} ${call.images.length}`;
    const known = this.#frames.get(key);
    if (known) return known;
    const { dims, outside } = await this.#tailOf(call);
    const frame = frameAround(outside, call.images.length, sizeOf(dims), call.window.tail);
    this.#frames.set(key, frame);
    return frame;
  }

  /** @throws where zeros do not give the same everywhere */
  async #tailOf({ variant, images, ranges }: FramedCall): Promise<Tail> {
    const key = JSON.stringify(variant);
    const known = this.#tails.get(key);
    if (known) return known;
    const { file, options, feeds, rewritten } = this.#source;
    const plan = { ...images[0]!.plan, shares: [1], thresholds: null, bits: [0], layerBits: {}, inputBits: 0 };
    const zeros = { plan, grid: { rows: 1, columns: 1 }, values: new Float32Array(1) };
    const beginning = withOutputsAlone(await rewritten(variant), [this.#part.tail]);
    const session = await createSession(file, beginning, options);
    const input = { [this.#imageName]: imageTensor(file, options, 1) };
    const feedsOfZeros = fedTo(session, { ...feeds(variant, [zeros], ranges), ...input });
    const results = await session.run(feedsOfZeros, [this.#part.tail]).finally(() => session.release());
    const { dims } = results[this.#part.tail] as ort.Tensor;
    const values = floats(results[this.#part.tail]!);
    const { height, width } = sizeOf(dims);
    const outside = Float32Array.from({ length: dims[1]! }, (_, channel) => values[channel * height * width]!);
    if (values.some((value, at) => !Object.is(value, outside[Math.floor(at / (height * width))])))
      throw new Error('zeros do not give the same at every place');
    const tail = { dims, outside };
    this.#tails.set(key, tail);
    return tail;
  }

  /** The maps of the whole network, of the window alone, and what lies around the last map's. */
  async #feedsIn(call: WindowedCall): Promise<Feeds> {
    const { variant, window, images, ranges } = call;
    const { tensors, feeds } = this.#source;
    const planned = feeds(variant, images, ranges);
    const byWindow = this.#feeds.get(planned) ?? new Map<string, Feeds>();
    this.#feeds.set(planned, byWindow);
    const found = byWindow.get(window.key);
    if (found) return found;
    const known = new Map<ort.Tensor, ort.Tensor>();
    const own = { ...planned, ...(await this.#frameOf(call)) };
    for (const [tensor, place] of window.tensors) {
      const { height, width } = tensors[tensor]!;
      for (const name of [inputNames.levels(tensor), ...tableNames(tensor, variant).map(inputNames.byPosition)]) {
        const whole = own[name];
        // One element an image stands for all positions.
        if (whole?.dims[2] !== height || whole.dims[3] !== width || height * width === 1) continue;
        const part = known.get(whole) ?? croppedMap(whole, { height, width }, place);
        // Tensors of one size share a map, and lie in one window.
        known.set(whole, part);
        own[name] = part;
      }
    }
    byWindow.set(window.key, own);
    return own;
  }
}

/** The last map of the local part. */
interface Tail {
  /** Of one image. */
  readonly dims: readonly number[];
  /** By channel, the value where all is zero. */
  readonly outside: Float32Array;
}

interface MapSize {
  readonly height: number;
  readonly width: number;
}

const sizeOf = ([, , height = 1, width = 1]: readonly number[]): MapSize => ({ height, width });

function croppedMap(whole: ort.Tensor, size: MapSize, place: MapWindow): ort.Tensor {
  const count = whole.dims[0]!;
  return new ort.Tensor(cropped(mapData(whole), count, size, place), [count, 1, place.rows.count, place.columns.count]);
}

/** A window of so many planes that follow one another. */
function cropped<Values extends Float32Array | Int32Array>(
  planes: Values,
  count: number,
  { height, width }: MapSize,
  { rows, columns }: MapWindow,
): Values {
  const result = new (planes.constructor as new (length: number) => Values)(count * rows.count * columns.count);
  let at = 0;
  for (let plane = 0; plane < count; plane++)
    for (let row = rows.first; row < rows.first + rows.count; row++) {
      const from = (plane * height + row) * width + columns.first;
      result.set(planes.subarray(from, from + columns.count), at);
      at += columns.count;
    }
  return result;
}

/** What lies around a window of maps: each channel's own value. */
function frameAround(
  outside: Float32Array,
  images: number,
  { height, width }: MapSize,
  { rows, columns }: MapWindow,
): Feeds {
  const filled = (height: number, width: number) => {
    const values = new Float32Array(images * outside.length * height * width);
    for (let plane = 0; plane < images * outside.length; plane++)
      values.fill(outside[plane % outside.length]!, plane * height * width, (plane + 1) * height * width);
    return new ort.Tensor('float32', values, [images, outside.length, height, width]);
  };
  return {
    [frameNames.above]: filled(rows.first, width),
    [frameNames.left]: filled(rows.count, columns.first),
    [frameNames.right]: filled(rows.count, width - columns.first - columns.count),
    [frameNames.below]: filled(height - rows.first - rows.count, width),
  };
}

function fedTo(session: ort.InferenceSession, feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
}

function floats(tensor: ort.OnnxValue): Float32Array {
  const { data } = tensor as ort.Tensor;
  if (data instanceof Float32Array) return data;
  throw new Error('a map is no float32');
}
