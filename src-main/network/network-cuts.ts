import * as ort from 'onnxruntime-node';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import { MAX_BITS, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import { graphFrom, withOutput } from './graph-rewrite.ts';
import type { KnownNetwork } from './known-network.ts';
import type { PlannedImage } from './level-maps.ts';
import type { NetworkCalls } from './network-calls.ts';
import { fedTo, plannedFeeds } from './network-inputs.ts';
import { HOLD_TWICE_BYTES } from './network-sessions.ts';
import { imageTensor } from './network-shapes.ts';
import { EXPOSING, rewriteOptionsOf } from './rewrite-options.ts';
import { floats, sameBits } from './session-outputs.ts';

/** Each costs a session, and some time to make it. */
const MOST_CUTS = 12;

/** What a run gives from whose middle others go on. */
export interface WholeRun {
  readonly scores: Float32Array;
  /** By tensor, as it was before quantisation. */
  readonly tensors: ReadonlyMap<number, Float32Array>;
}

/** Runs a quantised network up to some of its tensors, and from them on, where that gives the scores of the whole to the bit. */
export class NetworkCuts {
  readonly #network: KnownNetwork;
  readonly #calls: NetworkCalls;
  #tensors: readonly number[] | null = null;
  /** Of {@link tensors}, by what is built into the graph. */
  readonly #sound = new Map<string, readonly number[]>();

  constructor(network: KnownNetwork, calls: NetworkCalls) {
    this.#network = network;
    this.#calls = calls;
  }

  /**
   * Tensors, in the order of the network, from which on it can be run by itself: whatever comes after depends on nothing else of the
   * image. So many of them that each part between has a fair share of the work, and their sessions do not fill the memory.
   */
  async tensors(): Promise<readonly number[]> {
    return (this.#tensors ??= await this.#find());
  }

  async #find(): Promise<number[]> {
    const { file, graph, tensors, layers, tensorOfLayer, device } = this.#network;
    const most = Math.floor(HOLD_TWICE_BYTES / file.bytes);
    // What a device gives is not known to be the same to the bit in every graph.
    if (this.#calls.takesOne || most < 1 || device !== 'cpu') return [];
    const rewritten = await this.#network.rewritten({ ...EXPOSING, exposeActivations: false });
    const macs = tensors.map((_, tensor) =>
      layers.reduce((sum, layer, index) => sum + (tensorOfLayer[index] === tensor ? layer.macs : 0), 0),
    );
    const least = macs.reduce((sum, own) => sum + own, 0) / Math.min(most, MOST_CUTS);
    // Most plans leave the image its 8 bits, and differ only from there on.
    const behindImage = graph.tensors.findIndex(({ readsImage }) => !readsImage);
    let since = 0;
    return [...tensors.keys()].filter((tensor) => {
      const isDue = since >= least || tensor === behindImage;
      if (isDue && this.#endFrom(rewritten, tensor)) since = 0;
      const isCut = since === 0 && tensor > 0;
      since += macs[tensor]!;
      return isCut;
    });
  }

  #endFrom(rewritten: OnnxModel, tensor: number): OnnxModel | null {
    const { inputName, graph, tensors } = this.#network;
    return graphFrom(rewritten, inputName, graph.tensors[tensor]!.name, tensors[tensor]!.dims);
  }

  /**
   * The quantised network, with some of {@link tensors} as they were before quantisation, in the tensors' own order of values.
   * @param images at most as many as `partOf` one call
   * @returns without those tensors from which on the network would not give the same to the bit
   */
  async run(
    tensors: readonly number[],
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<WholeRun> {
    const { plan } = images[0]!;
    const key = JSON.stringify(rewriteOptionsOf(plan, false));
    const sound = this.#sound.get(key) ?? (await this.#findSound(plan, ranges));
    this.#sound.set(key, sound);
    const wanted = tensors.filter((tensor) => sound.includes(tensor));
    const whole = wanted.length > 0 && (await this.#run(wanted, pixels, images, ranges));
    if (whole) return whole;
    const { scores } = await this.#calls.quantised(pixels, images, ranges, false);
    return { scores, tensors: new Map() };
  }

  /** @returns null where the call fails: the network as a whole says better why */
  async #run(
    tensors: readonly number[],
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<WholeRun | null> {
    const { file, graph, options, inputName, outputName } = this.#network;
    const variant = rewriteOptionsOf(images[0]!.plan, false);
    const nameOf = (tensor: number) => graph.tensors[tensor]!.name;
    const names = tensors.map(nameOf);
    const cuts = await this.tensors();
    const exposed = async () => cuts.map(nameOf).reduce(withOutput, await this.#network.rewritten(variant));
    const input = imageTensor(file, options, images.length, pixels);
    const feeds = { [inputName]: input, ...plannedFeeds(this.#network, variant, images, ranges) };
    try {
      const session = await this.#calls.sessions.get(exposed, `cuts ${JSON.stringify(variant)}`, options);
      const results = await session.run(feeds, [outputName, ...names]);
      const scores = results[outputName]!;
      if (scores.dims[0] !== images.length) return null;
      const values = tensors.map((tensor, index) => [tensor, floats(results[names[index]!]!)] as const);
      return { scores: floats(scores), tensors: new Map(values) };
    } catch {
      return null;
    }
  }

  /**
   * The cuts from which on a graph gives what the whole one gives, to the bit: ONNX Runtime optimises each in its own way, and may add
   * up in another order. At 16 bits hardly a sum is exact, so that noise shows it.
   */
  async #findSound(plan: PrecisionPlan, ranges: readonly LayerRange[] | null): Promise<number[]> {
    if (plan.quantiser === 'log') return [];
    const wide = { ...plan, shares: [1], thresholds: null, bits: [MAX_BITS], layerBits: {}, inputBits: MAX_BITS };
    const image = { plan: wide, grid: { rows: 1, columns: 1 }, values: new Float32Array(1) };
    const images = [image, image];
    const pixels = this.#network.noise(1, 2);
    const { scores } = await this.#calls.quantised(pixels, images, ranges, false);
    const whole = await this.#run(await this.tensors(), pixels, images, ranges);
    if (!whole || !sameBits(scores, whole.scores)) return [];
    const sound: number[] = [];
    for (const [cut, values] of whole.tensors)
      if (sameBits(scores, await this.runFrom(cut, values, images, ranges))) sound.push(cut);
    return sound;
  }

  /**
   * The quantised network from one of {@link tensors} on, to the bit what the whole network gives.
   * @param values of the tensor before quantisation, from {@link run} under plans that begin alike
   * @returns the scores, or null where that end of the network does not run by itself
   */
  async runFrom(
    tensor: number,
    values: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<Float32Array | null> {
    const { graph, options, outputName } = this.#network;
    const variant = rewriteOptionsOf(images[0]!.plan, false);
    const end = async () => this.#endFrom(await this.#network.rewritten(variant), tensor)!;
    const key = `from ${tensor} ${JSON.stringify(variant)}` as const;
    const dims = [images.length, ...this.#network.tensors[tensor]!.dims.slice(1)];
    const input = { [graph.tensors[tensor]!.name]: new ort.Tensor('float32', values, dims) };
    const feeds = { ...plannedFeeds(this.#network, variant, images, ranges), ...input };
    try {
      const session = await this.#calls.sessions.get(end, key, options);
      const results = await session.run(fedTo(session, feeds), [outputName]);
      const scores = results[outputName]!;
      return scores.dims[0] === images.length ? floats(scores) : null;
    } catch {
      return null;
    }
  }
}
