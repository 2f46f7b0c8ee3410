import * as ort from 'onnxruntime-node';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import { MAX_BITS } from '../../src-shared/precision/precision-plan.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import { frameNames, framed, graphFrom, openInput, withOutputsAlone } from './graph-rewrite.ts';
import type { KnownNetwork } from './known-network.ts';
import { mapData, type PlannedImage } from './level-maps.ts';
import { localPart, type LocalPart, type MapWindow, type NetworkWindow, networkWindow } from './map-windows.ts';
import type { NetworkCalls } from './network-calls.ts';
import type { NetworkCuts, WholeRun } from './network-cuts.ts';
import { fedTo, type Feeds, plannedFeeds } from './network-inputs.ts';
import { createSession } from './network-sessions.ts';
import { imageTensor } from './network-shapes.ts';
import { inputNames, type RewriteOptions, rewriteOptionsOf, tableNames } from './rewrite-options.ts';
import { floats, release, sameBits } from './session-outputs.ts';

/** A window that multiplies more of the network than this share gains too little for its own sessions. */
const MOST_IN_WINDOW = 0.85;

/** Images of one plan, with what their graph has built in. */
interface FramedCall {
  readonly variant: RewriteOptions;
  readonly images: readonly PlannedImage[];
  readonly ranges: readonly LayerRange[] | null;
}

interface WindowedCall extends FramedCall {
  readonly window: NetworkWindow;
}

/**
 * Runs a network where its plan leaves bits, and completes its last map with what zeros give: the scores of the whole, to the bit where
 * that has been seen.
 */
export class WindowedNetwork {
  readonly #network: KnownNetwork;
  readonly #calls: NetworkCalls;
  readonly #cuts: NetworkCuts;
  /** Undefined until it is asked for; null of a network that has no windows. */
  #part: LocalPart | null | undefined;
  /** By plan, and what is built into the graph. */
  readonly #windows = new Map<string, NetworkWindow | null>();
  /** By what is built into the graph. */
  readonly #tails = new Map<string, Tail>();
  /** By that, the window and the number of images. */
  readonly #frames = new Map<string, Feeds>();
  /** By what the whole network is fed, and by window. */
  readonly #feeds = new WeakMap<Feeds, Map<string, Feeds>>();

  constructor(network: KnownNetwork, calls: NetworkCalls, cuts: NetworkCuts) {
    this.#network = network;
    this.#calls = calls;
    this.#cuts = cuts;
  }

  /**
   * The part of the network that has to be computed under a plan which leaves out what lies around a part of every image alike. From
   * there on it gives the scores of the whole, to the bit.
   * @returns null where all has to be computed
   */
  async windowFor(image: PlannedImage, ranges: readonly LayerRange[] | null): Promise<NetworkWindow | null> {
    const { plan } = image;
    const { layers, tensorOfLayer } = this.#network;
    // At 16 bits hardly a sum is exact, so that noise shows another order of adding up. How many bits are kept changes no window.
    const widest = (bits: readonly number[]) => bits.map((width) => (width === 0 ? 0 : MAX_BITS));
    const bits = this.#network.tensorBits(plan);
    const layerBits = Object.fromEntries(layers.map(({ name }, layer) => [name, widest(bits[tensorOfLayer[layer]!]!)]));
    const wide = { ...image, plan: { ...plan, bits: widest(plan.bits), layerBits, inputBits: MAX_BITS } };
    const key = JSON.stringify(wide.plan);
    let window = this.#windows.get(key);
    if (window === undefined) this.#windows.set(key, (window = await this.#find(wide, ranges)));
    return window;
  }

  /** @param image under a plan of 16 bits and 0 */
  async #find(image: PlannedImage, ranges: readonly LayerRange[] | null): Promise<NetworkWindow | null> {
    const { file, model, graph, options, tensors, inputName } = this.#network;
    const [cut] = await this.#cuts.tensors();
    if (image.plan.quantiser === 'log' || cut === undefined) return null;
    if (this.#part === undefined) this.#part = file.layout === 'NCHW' ? localPart(model, graph, inputName) : null;
    const input = { name: inputName, ...options.inputSize };
    const window =
      this.#part && networkWindow(this.#part, input, tensors, (tensor) => this.#network.bitsOf(tensor, image));
    // Plans that begin alike follow one another at the cut, which has to lie in the window.
    if (!window?.tensors.has(cut) || this.#shareIn(window) > MOST_IN_WINDOW) return null;
    const images = [image, image];
    const pixels = this.#network.noise(1, 2);
    const { scores } = await this.#calls.quantised(pixels, images, ranges, false);
    const run = await this.run(window, [cut], pixels, images, ranges);
    if (!run || !sameBits(scores, run.scores)) return null;
    const followed = await this.runFrom(window, cut, run.tensors.get(cut)!, images, ranges);
    return sameBits(scores, followed) ? window : null;
  }

  /** What a window multiplies, as a share of all. */
  #shareIn({ tensors: places }: NetworkWindow): number {
    const { layers, tensors, tensorOfLayer } = this.#network;
    let [own, all] = [0, 0];
    layers.forEach(({ macs }, layer) => {
      const place = places.get(tensorOfLayer[layer]!);
      const { height, width } = tensors[tensorOfLayer[layer]!]!;
      own += place ? (macs * place.rows.count * place.columns.count) / (height * width) : macs;
      all += macs;
    });
    return own / all;
  }

  /**
   * The quantised network in a window.
   * @param cuts none, or the first of `NetworkCuts.tensors`: given in the window, as it was before quantisation
   * @param images that have it as their {@link windowFor}, at most as many as `partOf` one call
   * @returns null where the call fails: the network as a whole says better why
   */
  async run(
    window: NetworkWindow,
    cuts: readonly number[],
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<WholeRun | null> {
    const { file, graph, options, inputName } = this.#network;
    const call = callOf(window, images, ranges);
    const { channels, height, width } = options.inputSize;
    const count = images.length;
    const { rows, columns } = window.image;
    const inputSize = { channels, height: rows.count, width: columns.count };
    const own = cropped(pixels, count * channels, { height, width }, window.image);
    const input = imageTensor(file, { ...options, inputSize }, count, own);
    const names = cuts.map((cut) => graph.tensors[cut]!.name);
    try {
      const session = await this.#session(call.variant);
      const feeds = { ...(await this.#feedsIn(call)), [inputName]: input };
      const results = await session.run(fedTo(session, feeds), [frameNames.whole, ...names]);
      const tensors = new Map(cuts.map((cut, index) => [cut, floats(results[names[index]!]!)]));
      return { scores: await this.#scoresOf(call, results[frameNames.whole]!), tensors };
    } catch {
      return null;
    }
  }

  /** The quantised network in a window from the first of its cuts on. @param values of the cut from {@link run} under plans that begin alike */
  async runFrom(
    window: NetworkWindow,
    cut: number,
    values: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<Float32Array | null> {
    const { graph, tensors, options, inputName } = this.#network;
    const call = callOf(window, images, ranges);
    const { name } = graph.tensors[cut]!;
    const { channels } = tensors[cut]!;
    const { rows, columns } = window.tensors.get(cut)!;
    const dims = [images.length, channels, rows.count, columns.count];
    try {
      const end = async () => {
        const open = [1, channels, 'fovea.rows', 'fovea.columns'];
        const graph = graphFrom(await this.#graphOf(call.variant), inputName, name, open);
        if (!graph) throw new Error(`what comes after ${name} reads more of the image`);
        return graph;
      };
      const key = `window from ${cut} ${JSON.stringify(call.variant)}` as const;
      const session = await this.#calls.sessions.get(end, key, options);
      const feeds = { ...(await this.#feedsIn(call)), [name]: new ort.Tensor('float32', values, dims) };
      const results = await session.run(fedTo(session, feeds), [frameNames.whole]);
      return await this.#scoresOf(call, results[frameNames.whole]!);
    } catch {
      return null;
    }
  }

  /** The last map of what has windows. */
  get #tail(): string {
    return this.#part!.tail;
  }

  #session(variant: RewriteOptions): Promise<ort.InferenceSession> {
    const key = `window ${JSON.stringify(variant)}` as const;
    return this.#calls.sessions.get(() => this.#graphOf(variant), key, this.#network.options);
  }

  /** On images of any height and width, with a frame around the last map. */
  async #graphOf(variant: RewriteOptions): Promise<OnnxModel> {
    const { graph, options, inputName } = this.#network;
    const [cut] = await this.#cuts.tensors();
    const open = openInput(await this.#network.rewritten(variant), inputName, options.inputSize.channels);
    return withOutputsAlone(framed(open, this.#tail), [frameNames.whole, graph.tensors[cut!]!.name]);
  }

  /** @param whole the last map with its frame */
  async #scoresOf(call: FramedCall, whole: ort.OnnxValue): Promise<Float32Array> {
    const { variant, images, ranges } = call;
    const { options, inputName, outputName } = this.#network;
    const tail = this.#tail;
    const { dims } = await this.#tailOf(call);
    const end = async () => {
      const graph = graphFrom(await this.#network.rewritten(variant), inputName, tail, dims);
      if (!graph) throw new Error(`what comes after ${tail} reads more of the image`);
      return graph;
    };
    const session = await this.#calls.sessions.get(end, `window end ${JSON.stringify(variant)}`, options);
    const own = { ...plannedFeeds(this.#network, variant, images, ranges), [tail]: whole as ort.Tensor };
    const results = await session.run(fedTo(session, own), [outputName]);
    release(floats(whole));
    return floats(results[outputName]!);
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
    const { file, options, inputName } = this.#network;
    const plan = { ...images[0]!.plan, shares: [1], thresholds: null, bits: [0], layerBits: {}, inputBits: 0 };
    const zeros = { plan, grid: { rows: 1, columns: 1 }, values: new Float32Array(1) };
    const beginning = withOutputsAlone(await this.#network.rewritten(variant), [this.#tail]);
    const session = await createSession(file, beginning, options);
    const input = { [inputName]: imageTensor(file, options, 1) };
    const feedsOfZeros = fedTo(session, { ...plannedFeeds(this.#network, variant, [zeros], ranges), ...input });
    const results = await session.run(feedsOfZeros, [this.#tail]).finally(() => session.release());
    const { dims } = results[this.#tail] as ort.Tensor;
    const values = floats(results[this.#tail]!);
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
    const { tensors } = this.#network;
    const planned = plannedFeeds(this.#network, variant, images, ranges);
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

function callOf(
  window: NetworkWindow,
  images: readonly PlannedImage[],
  ranges: readonly LayerRange[] | null,
): WindowedCall {
  return { variant: rewriteOptionsOf(images[0]!.plan, false), window, images, ranges };
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
