import * as ort from 'onnxruntime-node';
import { type Device, DEVICE_NAMES } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { ROUNDING_CONSTANT, STEP_FLOOR } from '../../src-shared/precision/fake-quantisation.ts';
import { windowThreshold } from '../../src-shared/precision/found-levels.ts';
import { rangeOf, type LayerRange } from '../../src-shared/precision/layer-range.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import {
  bitsOfTensors,
  type FoundLevels,
  foundLevels,
  MAX_BITS,
  type PrecisionPlan,
} from '../../src-shared/precision/precision-plan.ts';
import type { ValueMap } from '../../src-shared/importance/value-map.ts';
import type { OutputKind } from '../../src-shared/model-card.ts';
import { chosenGraph } from './chosen-graph.ts';
import { layersOf, type GraphLayers } from './graph-layers.ts';
import { areProbabilities, areShares, hideNaN, outputKindOf } from './output-kind.ts';
import { macsOf } from './left-out.ts';
import { channelsFirst, positionsOf, type TensorShape } from './tensor-place.ts';
import { pruned } from '../onnx/prune-model.ts';
import { randomGenerator } from '../../src-shared/importance/random.ts';
import { exposedGraph, graphFrom, rewriteGraph, withOutput } from './graph-rewrite.ts';
import {
  type ClassActivation,
  classActivation,
  classActivationMap,
  type ClassWeights,
  noClassActivation,
} from './class-activation.ts';
import { openModelFile, type ModelFile } from '../onnx/model-file.ts';
import { computedWeights, type ComputedWeights, withClusteredWeights } from './clustered-weights.ts';
import { FLOAT, type OnnxModel } from '../onnx/onnx-schema.ts';
import { makeNode } from '../onnx/onnx-node.ts';
import { makeValue } from '../onnx/onnx-tensor.ts';
import { throwIfLost } from './device-probe.ts';
import {
  findsLevels,
  foundInputNames,
  inputNames,
  type RewriteOptions,
  sensitiveName,
  tableNames,
} from './quantiser-nodes.ts';
import { release } from './released-output.ts';
import { createSession, HOLD_TWICE_BYTES, Sessions } from './network-sessions.ts';
import { type NetworkWindow } from './map-windows.ts';
import { plainReason } from './plain-reason.ts';
import { type WindowedCall, WindowedNetwork } from './windowed-network.ts';
import {
  PASSING_LIMIT,
  type PlannedImage,
  entriesOf,
  imageIndexes,
  imagesOf,
  isInverseFound,
  levelsAt,
  tableEntries,
  thresholdOf,
  LevelMaps,
  scalar,
} from './network-inputs.ts';
import {
  CHECK_CARD,
  geometryOf,
  imageTensor,
  inputDims,
  learnShapes,
  type LearntShapes,
  type NetworkOptions,
} from './network-shapes.ts';

/**
 * Activations of one tensor that a call should hold at most: what fits a core's share of the caches. A larger batch would carry
 * every elementwise step through main memory.
 */
const CALL_BYTES = 4 * 2 ** 20;

/** Weights that no cache holds: every call reads them from memory, so many images should share a call. */
const LARGE_WEIGHTS_BYTES = 64 * 2 ** 20;
const MOST_IMAGES_PER_CALL = 8;

/** Each costs a session, and some time to make it. */
const MOST_CUTS = 12;

/** Plans that begin alike take turns, a call of images each; what one of them feeds takes some hundred kilobytes. */
const MOST_FEEDS = 8;

/** A window that multiplies more of the network than this share gains too little for its own sessions. */
const MOST_IN_WINDOW = 0.85;

/** How far scores on two devices may lie apart, as a share of the largest: sums of float32 in another order, and no more. */
const AGREEMENT = 1e-3;

const EXPOSING: RewriteOptions = {
  quantiser: 'linear',
  range: 'position',
  powerOfTwo: false,
  block: null,
  weightBits: null,
  exposeActivations: true,
};

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

/** What the quantised network gives. */
export interface QuantisedOutput extends NetworkOutput {
  /** The images as they were planned, with the levels that the graph found. */
  readonly planned: readonly PlannedImage[];
}

/** Gives room for so many activations; what was in the last one is then no longer needed. */
export type ActivationRoom = (floats: number) => Float32Array;

/** Whether a call gives the activations too, and where it writes them: true for arrays of their own. */
export type WantedActivations = boolean | ActivationRoom;

/** What a run gives from whose middle others go on. */
export interface WholeRun {
  readonly scores: Float32Array;
  /** By tensor, as it was before quantisation. */
  readonly tensors: ReadonlyMap<number, Float32Array>;
}

/** What a session is run on. */
interface Call {
  readonly session: ort.InferenceSession;
  /** Of `count` images, one after another. */
  readonly pixels: Float32Array;
  readonly count: number;
  /** Inputs beside the pixels, by name. */
  readonly feeds: Readonly<Record<string, ort.Tensor>>;
  readonly activations: WantedActivations;
  /** A tensor of the session's outputs that is wanted as well. */
  readonly features?: string;
}

/** Runs one model, plain and rewritten. Owns its sessions: call {@link Network.close}. */
export class Network {
  readonly file: ModelFile;
  readonly layers: readonly LayerGeometry[];
  readonly tensors: readonly TensorShape[];
  /** By layer: index of the tensor it reads. */
  readonly tensorOfLayer: readonly number[];
  /** What multiplies and is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
  readonly outputName: string;
  /** Scores of an image: one a class, or a single one for two classes. */
  readonly scoreCount: number;
  /** What the scores are, by those of a run. */
  readonly outputKind: OutputKind;
  readonly #graph: GraphLayers;
  readonly #options: NetworkOptions;
  readonly #sessions: Sessions;
  /** What the chosen output needs of the file's model. */
  readonly #model: OnnxModel;
  readonly #tensorBits = new WeakMap<PrecisionPlan, readonly (readonly number[])[]>();
  /** Whether the plain network gives the same scores, to the bit, with its tensors among its outputs; null until that was seen. */
  #exposedIsPlain: boolean | null = null;
  #cuts: readonly number[] | null = null;
  /** Of its class-activation maps: what they are made of, or why there are none; and what weighs the channels. */
  #activation: ClassActivation | string | null = null;
  #weights: Float32Array | null = null;
  /** Of {@link cuts}, by what is built into the graph. */
  readonly #soundCuts = new Map<string, readonly number[]>();
  /** Undefined until it is asked for; null where the network has no windows. */
  #windowed: WindowedNetwork | null | undefined;
  /** By plan, and what is built into the graph. */
  readonly #windows = new Map<string, NetworkWindow | null>();
  /** The last one at the end. */
  readonly #lastFeeds: { readonly mask: PlannedImage; readonly key: string; readonly feeds: Feeds }[] = [];
  /** By levels, which tensors of one size share. */
  readonly #bitMaps = new WeakMap<Uint8Array, Map<string, Uint8Array>>();
  readonly #uniformMaps = new Map<string, Uint8Array>();
  #computed: ReadonlyMap<string, ComputedWeights> | undefined;
  /** Images of one inference call; falls to 1 when the graph turns out to have the batch of one built in. */
  #imagesPerCall: number;
  /** On another device: the same network on the CPU, which is asked where a score might hide what the device cannot show. */
  readonly #onCpu: Network | null;

  private constructor(
    file: ModelFile,
    model: OnnxModel,
    graph: GraphLayers,
    options: NetworkOptions,
    sessions: Sessions,
    shapes: LearntShapes,
    scores: { readonly count: number; readonly kind: OutputKind },
    onCpu: Network | null = null,
  ) {
    this.file = file;
    this.#model = model;
    this.#graph = graph;
    this.#options = options;
    this.#sessions = sessions;
    this.#onCpu = onCpu;
    this.outputName = model.outputs[0]!.name;
    this.scoreCount = scores.count;
    this.outputKind = scores.kind;
    this.tensors = shapes.tensors;
    const largest = Math.max(...this.tensors.map((shape) => 4 * shape.channels * positionsOf(shape)));
    // Where axis 0 of a tensor holds more than the batch, images of a batch could not be told apart.
    const singly = file.fixedBatch || this.tensors.some(({ dims }) => dims[0] !== 1);
    // Caches of the processor bind no other device.
    this.#imagesPerCall = singly ? 1 : onCpu ? MOST_IMAGES_PER_CALL : imagesPerCall(file.bytes, largest);
    this.tensorOfLayer = graph.layers.map((layer) => layer.tensor);
    this.layers = graph.layers.map((layer) => geometryOf(layer, this.tensors[layer.tensor]!, shapes.dims));
    this.leftOut = graph.leftOut.map(({ name, op, why, node }) => ({
      name,
      op,
      macs: node && macsOf(node, (tensor) => shapes.dims.get(tensor)),
      why,
    }));
  }

  /**
   * Opens a model, learns its shapes by running it once on zeros. What is known of it comes from the CPU, whatever it is to run on.
   * @param optionsFor is told the layers behind the output that the file would choose
   * @throws FoveaError `model-…`; `device-…` where it cannot run on the device that is asked for
   */
  static async open(
    path: string,
    optionsFor: (file: ModelFile, graph: GraphLayers) => NetworkOptions,
  ): Promise<Network> {
    const file = openModelFile(path);
    const sessions = new Sessions(file);
    try {
      const own = layersOf(file);
      const { device = 'cpu', ...options } = optionsFor(file, own);
      const outputName = options.outputName ?? file.signature.outputName;
      const { model, graph } = chosenGraph(file, own, outputName, options.layout);
      if (graph.layers.length === 0) throw nothingToQuantise(path, graph);
      const shapes = await learnShapes(file, model, graph, options);
      const network = (scores: { count: number; kind: OutputKind }) =>
        new Network(file, model, graph, options, sessions, shapes, scores);
      // The first run shows whether the whole model runs, how many scores it gives, and what they are.
      const structural = outputKindOf(model, outputName);
      const first = network({ count: 0, kind: structural });
      const run = async (seed: number) => (await first.plain(noise(file, first.inputLength, seed), 1)).scores;
      const scores = await run(1);
      let kind = structural;
      if (areProbabilities(scores))
        kind = structural === 'probabilities' || areProbabilities(await run(2)) ? 'probabilities' : structural;
      else if (structural === 'probabilities') kind = 'logits';
      else if (structural === 'sigmoid' && !areShares(scores)) kind = 'logits';
      const opened = network({ count: scores.length, kind });
      if (device === 'cpu') return opened;
      const moved = new Sessions(file);
      const count = { count: scores.length, kind };
      const onDevice = new Network(file, model, graph, { ...options, device }, moved, shapes, count, opened);
      await onDevice.#checkAgainst(scores, device).finally(() => sessions.close());
      return onDevice;
    } catch (error) {
      await sessions.close();
      file.source.close();
      throw error;
    }
  }

  /**
   * Holds the device's scores of noise against the CPU's: a driver may compute wrongly, and a network that makes a NaN of whatever it sees
   * would seem to answer.
   * @throws FoveaError `device-unsuited`
   */
  async #checkAgainst(expected: Float32Array, device: Device): Promise<void> {
    try {
      const { scores } = await this.#plain(noise(this.file, this.inputLength, 1), 1, false);
      const scale = Math.max(1, ...expected.map(Math.abs));
      const apart = Math.max(...scores.map((score, index) => Math.abs(score - expected[index]!)));
      if (apart <= AGREEMENT * scale) return;
      throw new FoveaError(
        'device-unsuited',
        `${this.file.path}: its scores on ${DEVICE_NAMES[device]} are not those of the CPU (of noise they lie ${apart} apart)`,
        'Use --device cpu for this model.',
      );
    } catch (error) {
      await this.#sessions.close();
      throw error;
    }
  }

  /** Values of one image's input tensor. */
  get inputLength(): number {
    const { channels, height, width } = this.#options.inputSize;
    return channels * height * width;
  }

  /** Names and operators of the nodes that normalise the image inside the network. */
  get normalises(): readonly { readonly name: string; readonly op: string }[] {
    return this.#graph.normalises.map((node) => ({ name: node.name || node.outputs[0]!, op: node.opType }));
  }

  /** By layer: whether it reads the image itself. */
  get readsImage(): readonly boolean[] {
    return this.#graph.layers.map((layer) => this.#graph.tensors[layer.tensor]!.readsImage);
  }

  /** By tensor: whether its values are never negative. */
  isUnsigned(tensor: number): boolean {
    return this.#graph.tensors[tensor]!.unsigned;
  }

  /** The layers' bits by level under a plan; layers that share a tensor get the most any of them asks for. */
  tensorBits(plan: PrecisionPlan): readonly (readonly number[])[] {
    const known = this.#tensorBits.get(plan);
    if (known) return known;
    const bits = bitsOfTensors(plan, this);
    this.#tensorBits.set(plan, bits);
    return bits;
  }

  /** By tensor: whether the graph can find levels in it. */
  findsLevels(tensor: number): boolean {
    return findsLevels(this.#graph.tensors[tensor]!, this.tensors[tensor]!);
  }

  /** The level of each position of a tensor, in the tensor's order; of levels that are still to be found, some that have their shares. */
  levelsOf(tensor: number, image: PlannedImage): Uint8Array {
    const { plan, found } = image;
    if (foundLevels(plan) && !this.findsLevels(tensor))
      return new Uint8Array(positionsOf(this.tensors[tensor]!)).fill(plan.bits.length - 1);
    const own = found?.[tensor];
    if (own) return own;
    return levelsAt(image, this.tensors[tensor]!);
  }

  /** The bits of each position of a tensor under one image's plan; not to be altered, since tensors of one size share them. */
  bitsOf(tensor: number, image: PlannedImage): Uint8Array {
    const bits = this.tensorBits(image.plan)[tensor]!;
    const [lowest] = bits;
    if (bits.every((width) => width === lowest)) return this.uniformBits(tensor, lowest!);
    const levels = this.levelsOf(tensor, image);
    const known = this.#bitMaps.get(levels) ?? new Map<string, Uint8Array>();
    this.#bitMaps.set(levels, known);
    const key = bits.join(' ');
    const map = known.get(key) ?? levels.map((level) => bits[level]!);
    known.set(key, map);
    return map;
  }

  /** The same bits at each position of a tensor; as {@link bitsOf}, not to be altered. */
  uniformBits(tensor: number, bits: number): Uint8Array {
    const positions = positionsOf(this.tensors[tensor]!);
    const key = `${positions} ${bits}`;
    const map = this.#uniformMaps.get(key) ?? new Uint8Array(positions).fill(bits);
    this.#uniformMaps.set(key, map);
    return map;
  }

  /** The plain network on `count` images, on request with its activations before each layer. */
  async plain(pixels: Float32Array, count: number, activations: WantedActivations = false): Promise<NetworkOutput> {
    const output = await this.#plain(pixels, count, activations);
    await this.#checked(output, pixels, count, (network, own) => network.plain(own, 1));
    return output;
  }

  /**
   * Scores that may hide a NaN are NaN where the CPU finds that they are not finite.
   * @throws FoveaError `device-lost` where the CPU finds an answer: a device that fails, for lack of memory or of the device itself, can
   * give zeros without an error
   */
  async #checked(
    { scores: all }: NetworkOutput,
    pixels: Float32Array,
    count: number,
    run: (network: Network, pixels: Float32Array, image: number) => Promise<NetworkOutput>,
  ): Promise<void> {
    if (!this.#onCpu) return;
    const { length } = all;
    for (let image = 0; image < count; image++) {
      const own = all.subarray((image * length) / count, ((image + 1) * length) / count);
      if (!hideNaN(own, this.outputKind)) continue;
      const input = pixels.subarray(image * this.inputLength, (image + 1) * this.inputLength);
      const { scores } = await run(this.#onCpu, input, image);
      if (!scores.every(Number.isFinite)) own.fill(NaN);
      else if (!hideNaN(scores, this.outputKind))
        throw new FoveaError(
          'device-lost',
          `${this.file.path}: ${DEVICE_NAMES[this.#options.device ?? 'cpu']} gives no answer where the CPU gives one`,
        );
    }
  }

  async #plain(pixels: Float32Array, count: number, activations: WantedActivations): Promise<NetworkOutput> {
    if (this.file.bytes > HOLD_TWICE_BYTES) return this.#passed(pixels, count, activations);
    const bare = async () => {
      const session = await this.#sessions.get(this.#model, 'plain', this.#options);
      return this.#run({ session, pixels, count, feeds: {}, activations: false });
    };
    if (activations === false) return bare();
    const exposed = () => exposedGraph(this.#model, this.#graph);
    const session = await this.#sessions.get(exposed, 'plain-exposed', this.#options);
    const output = await this.#run({ session, pixels, count, feeds: {}, activations });
    if (this.#exposedIsPlain) return output;
    // With a tensor among its outputs a graph may be optimised otherwise, and its scores differ in the last place.
    const { scores } = await bare();
    this.#exposedIsPlain ??= sameBits(scores, output.scores);
    return { ...output, scores };
  }

  /** The plain network's activations before each layer. */
  activations(pixels: Float32Array, count: number): Promise<NetworkOutput> {
    return this.#passed(pixels, count, true);
  }

  /** The plain network as the rewritten one with quantisers that let everything pass. */
  async #passed(pixels: Float32Array, count: number, activations: WantedActivations): Promise<NetworkOutput> {
    const variant = this.#sessions.openVariant(activations !== false) ?? EXPOSING;
    const session = await this.#rewritten(variant);
    return this.#run({ session, pixels, count, feeds: this.#passing(variant, count), activations });
  }

  /**
   * The quantised network. All images share range mode and quantiser; bits, levels and grids are each image's own.
   * @param ranges by tensor, the calibrated ranges; used with range `layer`
   */
  async quantised(
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
    activations: WantedActivations,
  ): Promise<QuantisedOutput> {
    const variant = rewriteOptionsOf(images[0]!.plan, activations !== false);
    const session = await this.#rewritten(variant);
    const feeds = this.#planned(variant, images, ranges);
    const output = await this.#run({ session, pixels, count: images.length, feeds, activations });
    await this.#checked(output, pixels, images.length, (network, own, image) =>
      network.quantised(own, [images[image]!], ranges, false),
    );
    return {
      ...output,
      planned: variant.found
        ? images.map((image, at) => withFound(image, at, images.length, output.sensitive))
        : images,
    };
  }

  /**
   * The class-activation map of the class that the quantised network answers, for each image; flat where it has no answer. With the scores of
   * the run, which are those of `quantised` to the bit: the feature map is given out, and computed as before.
   * @param images all of plans with the same graph
   * @throws FoveaError `model-unsupported` where the network has no such maps
   */
  async classActivations(
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<(ValueMap & { readonly scores: Float32Array })[]> {
    const { features, channelsLast, pooled, weights } = this.#classActivation();
    const variant = rewriteOptionsOf(images[0]!.plan, false);
    const exposed = async () => withOutput(await this.rewritten(variant), features);
    const session = await this.#sessions.get(exposed, `features ${JSON.stringify(variant)}`, this.#options);
    const feeds = this.#planned(variant, images, ranges);
    const count = images.length;
    const run = await this.#run({ session, pixels, count, feeds, activations: false, features });
    const { values, dims } = run.features!;
    const [, a = 1, b = 1, c = 1] = dims;
    const [channels, height, width] = channelsLast ? [c, a, b] : [a, b, c];
    if (pooled && (pooled[0] !== height || pooled[1] !== width))
      throw noClassActivation(
        this.file.path,
        `its last pool covers ${pooled.join(' x ')} of ${height} x ${width} positions`,
      );
    const weight = await this.#classWeights(weights, channels);
    return Array.from({ length: count }, (_, image) => {
      const own = values.subarray((image * values.length) / count, ((image + 1) * values.length) / count);
      const scores = run.scores.slice(image * this.scoreCount, (image + 1) * this.scoreCount);
      const weightOf = weight(scores);
      return { ...classActivationMap({ values: own, channels, height, width, channelsLast }, weightOf), scores };
    });
  }

  /** Why the network has no class-activation maps, as far as its graph tells; null where it has them. */
  get withoutActivation(): string | null {
    const found = this.#findActivation();
    return typeof found === 'string' ? found : null;
  }

  #findActivation(): ClassActivation | string {
    return (this.#activation ??= classActivation(this.#model, this.file.constants));
  }

  /** @throws FoveaError `model-unsupported` where the network has no class-activation maps */
  #classActivation(): ClassActivation {
    const found = this.#findActivation();
    if (typeof found === 'string') throw noClassActivation(this.file.path, found);
    return found;
  }

  /** By scores of an image: what each channel weighs in that of the class they answer. A single score tells two classes apart by its sign. */
  async #classWeights(
    weights: ClassWeights | null,
    channels: number,
  ): Promise<(scores: Float32Array) => (channel: number) => number> {
    const classes = this.scoreCount;
    const values = weights && (this.#weights ??= (await this.#valuesOf([weights.name])).get(weights.name)!.values);
    const answer = (scores: Float32Array) => (scores.every(Number.isFinite) ? scores.indexOf(Math.max(...scores)) : -1);
    const sign = (score: number) => (classes === 1 && score < (this.outputKind === 'logits' ? 0 : 0.5) ? -1 : 1);
    return (scores) => {
      const own = answer(scores);
      if (own < 0) return () => 0;
      if (!values) return (channel) => (channel === own ? sign(scores[0]!) : 0);
      return (channel) =>
        sign(scores[0]!) * values[weights.byClass ? own * channels + channel : channel * classes + own]!;
    };
  }

  /**
   * Tensors, in the order of the network, from which on it can be run by itself: whatever comes after depends on nothing else of the
   * image. So many of them that each part between has a fair share of the work, and their sessions do not fill the memory.
   */
  async cuts(): Promise<readonly number[]> {
    return (this.#cuts ??= await this.#findCuts());
  }

  async #findCuts(): Promise<number[]> {
    const most = Math.floor(HOLD_TWICE_BYTES / this.file.bytes);
    // What a device gives is not known to be the same to the bit in every graph.
    if (this.#imagesPerCall === 1 || most < 1 || this.#onCpu) return [];
    const rewritten = await this.rewritten({ ...EXPOSING, exposeActivations: false });
    const macs = this.tensors.map((_, tensor) =>
      this.layers.reduce((sum, layer, index) => sum + (this.tensorOfLayer[index] === tensor ? layer.macs : 0), 0),
    );
    const least = macs.reduce((sum, own) => sum + own, 0) / Math.min(most, MOST_CUTS);
    // Most plans leave the image its 8 bits, and differ only from there on.
    const behindImage = this.#graph.tensors.findIndex(({ readsImage }) => !readsImage);
    let since = 0;
    return [...this.tensors.keys()].filter((tensor) => {
      const isDue = since >= least || tensor === behindImage;
      if (isDue && this.#endFrom(rewritten, tensor)) since = 0;
      const isCut = since === 0 && tensor > 0;
      since += macs[tensor]!;
      return isCut;
    });
  }

  #endFrom(rewritten: OnnxModel, tensor: number): OnnxModel | null {
    const { name } = this.#graph.tensors[tensor]!;
    return graphFrom(rewritten, this.file.signature.inputName, name, this.tensors[tensor]!.dims);
  }

  /**
   * The quantised network, with some of {@link cuts} as they were before quantisation, in the tensors' own order of values.
   * @param images at most as many as {@link partOf} one call
   * @returns without those tensors from which on the network would not give the same to the bit
   */
  async quantisedWith(
    tensors: readonly number[],
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<WholeRun> {
    const { plan } = images[0]!;
    const key = JSON.stringify(rewriteOptionsOf(plan, false));
    const sound = this.#soundCuts.get(key) ?? (await this.#findSoundCuts(plan, ranges));
    this.#soundCuts.set(key, sound);
    const wanted = tensors.filter((tensor) => sound.includes(tensor));
    const whole = wanted.length > 0 && (await this.#quantisedWith(wanted, pixels, images, ranges));
    if (whole) return whole;
    const { scores } = await this.quantised(pixels, images, ranges, false);
    return { scores, tensors: new Map() };
  }

  /** @returns null where the call fails: the network as a whole says better why */
  async #quantisedWith(
    tensors: readonly number[],
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<WholeRun | null> {
    const variant = rewriteOptionsOf(images[0]!.plan, false);
    const nameOf = (tensor: number) => this.#graph.tensors[tensor]!.name;
    const names = tensors.map(nameOf);
    const cuts = await this.cuts();
    const exposed = async () => cuts.map(nameOf).reduce(withOutput, await this.rewritten(variant));
    const input = imageTensor(this.file, this.#options, images.length, pixels);
    const feeds = { [this.file.signature.inputName]: input, ...this.#planned(variant, images, ranges) };
    try {
      const session = await this.#sessions.get(exposed, `cuts ${JSON.stringify(variant)}`, this.#options);
      const results = await session.run(feeds, [this.outputName, ...names]);
      const scores = results[this.outputName]!;
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
  async #findSoundCuts(plan: PrecisionPlan, ranges: readonly LayerRange[] | null): Promise<number[]> {
    if (plan.quantiser === 'log') return [];
    const wide = { ...plan, shares: [1], thresholds: null, bits: [MAX_BITS], layerBits: {}, inputBits: MAX_BITS };
    const image = { plan: wide, grid: { rows: 1, columns: 1 }, values: new Float32Array(1) };
    const images = [image, image];
    const pixels = joinedFloats([1, 2].map((seed) => noise(this.file, this.inputLength, seed)));
    const { scores } = await this.quantised(pixels, images, ranges, false);
    const whole = await this.#quantisedWith(await this.cuts(), pixels, images, ranges);
    if (!whole || !sameBits(scores, whole.scores)) return [];
    const sound: number[] = [];
    for (const [cut, values] of whole.tensors)
      if (sameBits(scores, await this.quantisedFrom(cut, values, images, ranges))) sound.push(cut);
    return sound;
  }

  /**
   * The quantised network from one of {@link cuts} on, to the bit what the whole network gives.
   * @param values of the tensor before quantisation, from {@link quantisedWith} under plans that begin alike
   * @returns the scores, or null where that end of the network does not run by itself
   */
  async quantisedFrom(
    tensor: number,
    values: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<Float32Array | null> {
    const variant = rewriteOptionsOf(images[0]!.plan, false);
    const end = async () => this.#endFrom(await this.rewritten(variant), tensor)!;
    const key = `from ${tensor} ${JSON.stringify(variant)}` as const;
    const planned = Object.entries(this.#planned(variant, images, ranges));
    const { name } = this.#graph.tensors[tensor]!;
    const input = new ort.Tensor('float32', values, [images.length, ...this.tensors[tensor]!.dims.slice(1)]);
    try {
      const session = await this.#sessions.get(end, key, this.#options);
      const feeds = Object.fromEntries(planned.filter(([input]) => session.inputNames.includes(input)));
      const results = await session.run({ ...feeds, [name]: input }, [this.outputName]);
      const scores = results[this.outputName]!;
      return scores.dims[0] === images.length ? floats(scores) : null;
    } catch {
      return null;
    }
  }

  /**
   * The part of the network that has to be computed under a plan which leaves out what lies around a part of every image alike. From
   * there on it gives the scores of the whole, to the bit.
   * @returns null where all has to be computed
   */
  async windowFor(image: PlannedImage, ranges: readonly LayerRange[] | null): Promise<NetworkWindow | null> {
    const { plan } = image;
    // At 16 bits hardly a sum is exact, so that noise shows another order of adding up. How many bits are kept changes no window.
    const widest = (bits: readonly number[]) => bits.map((width) => (width === 0 ? 0 : MAX_BITS));
    const layerBits = Object.fromEntries(
      this.layers.map(({ name }, layer) => [name, widest(this.tensorBits(plan)[this.tensorOfLayer[layer]!]!)]),
    );
    const wide = { ...image, plan: { ...plan, bits: widest(plan.bits), layerBits, inputBits: MAX_BITS } };
    const key = JSON.stringify(wide.plan);
    let window = this.#windows.get(key);
    if (window === undefined) this.#windows.set(key, (window = await this.#findWindow(wide, ranges)));
    return window;
  }

  /** @param image under a plan of 16 bits and 0 */
  async #findWindow(image: PlannedImage, ranges: readonly LayerRange[] | null): Promise<NetworkWindow | null> {
    const [cut] = await this.cuts();
    if (image.plan.quantiser === 'log' || cut === undefined) return null;
    this.#windowed ??= WindowedNetwork.of({
      file: this.file,
      model: this.#model,
      graph: this.#graph,
      tensors: this.tensors,
      cut,
      options: this.#options,
      sessions: this.#sessions,
      rewritten: (variant) => this.rewritten(variant),
      feeds: (variant, images, own) => this.#planned(variant, images, own),
    });
    const window = this.#windowed?.windowOf((tensor) => this.bitsOf(tensor, image));
    // Plans that begin alike follow one another at the cut, which has to lie in the window.
    if (!window?.tensors.has(cut) || this.#shareIn(window) > MOST_IN_WINDOW) return null;
    const images = [image, image];
    const pixels = joinedFloats([1, 2].map((seed) => noise(this.file, this.inputLength, seed)));
    const { scores } = await this.quantised(pixels, images, ranges, false);
    const run = await this.quantisedIn(window, [cut], pixels, images, ranges);
    if (!run || !sameBits(scores, run.scores)) return null;
    const followed = await this.quantisedFromIn(window, cut, run.tensors.get(cut)!, images, ranges);
    return sameBits(scores, followed) ? window : null;
  }

  /** What a window multiplies, as a share of all. */
  #shareIn({ tensors }: NetworkWindow): number {
    let [own, all] = [0, 0];
    this.layers.forEach(({ macs }, layer) => {
      const place = tensors.get(this.tensorOfLayer[layer]!);
      const { height, width } = this.tensors[this.tensorOfLayer[layer]!]!;
      own += place ? (macs * place.rows.count * place.columns.count) / (height * width) : macs;
      all += macs;
    });
    return own / all;
  }

  /**
   * The quantised network in a window.
   * @param tensors none, or the first of {@link cuts}: given in the window, as it was before quantisation
   * @param images that have it as their {@link windowFor}, at most as many as {@link partOf} one call
   * @returns null where the call fails: the network as a whole says better why
   */
  quantisedIn(
    window: NetworkWindow,
    tensors: readonly number[],
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<WholeRun | null> {
    return this.#windowed!.run(this.#callIn(window, images, ranges), tensors, pixels);
  }

  /** The quantised network in a window from the first of {@link cuts} on. @param values from {@link quantisedIn} */
  quantisedFromIn(
    window: NetworkWindow,
    tensor: number,
    values: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<Float32Array | null> {
    return this.#windowed!.runFrom(this.#callIn(window, images, ranges), tensor, values);
  }

  #callIn(window: NetworkWindow, images: readonly PlannedImage[], ranges: readonly LayerRange[] | null): WindowedCall {
    return { variant: rewriteOptionsOf(images[0]!.plan, false), window, images, ranges };
  }

  /**
   * What the rewritten model is fed beside the pixels as it is exported, by input name; all images share range mode and quantiser.
   * @param ranges by tensor, the calibrated ranges; used with range `layer`
   */
  inputsFor(images: readonly PlannedImage[], ranges: readonly LayerRange[] | null): Record<string, ort.Tensor> {
    return this.#planned({ ...rewriteOptionsOf(images[0]!.plan, false), byLevel: true }, images, ranges);
  }

  /** The rewritten model itself, for export. */
  async rewritten(options: RewriteOptions): Promise<OnnxModel> {
    const shapes = {
      image: inputDims(this.file, this.#options, 1).slice(1),
      tensors: this.tensors,
    };
    const { weightBits } = options;
    if (weightBits === null) return rewriteGraph(this.#model, this.#graph, shapes, options);
    this.#computed ??= await this.#valuesOf(computedWeights(this.file, this.#model, this.#graph));
    const { model, graph } = withClusteredWeights(this.file, this.#model, this.#graph, weightBits, this.#computed);
    return rewriteGraph(model, graph, shapes, options);
  }

  /**
   * Of `count` images those that one call of ONNX Runtime should take. None is left to go alone where calls take several: ONNX Runtime multiplies a
   * single row by a matrix in another order than several rows, and an image's result would depend on its place.
   */
  partOf(count: number): number {
    const most = this.#imagesPerCall;
    return most > 1 && count === most + 1 ? count : Math.min(count, most);
  }

  async close(): Promise<void> {
    if (this.#onCpu) await this.#onCpu.#sessions.close();
    await this.#sessions.close();
    this.file.source.close();
  }

  /** Values of weights, as the file stores them or the graph computes them. */
  async #valuesOf(names: readonly string[]): Promise<ReadonlyMap<string, ComputedWeights>> {
    if (names.length === 0) return new Map();
    // A sparse initializer cannot be an output itself.
    const copies = names.map((name) => makeNode('Identity', [name], `fovea/computed/${name}`));
    const nodes = [...this.#model.nodes, ...copies];
    const outputs = copies.map((copy) => makeValue(copy.outputs[0]!, FLOAT));
    const model = pruned({ ...this.#model, nodes, outputs, inputs: [], valueInfos: [] });
    const session = await createSession(this.file, model, { ...this.#options, device: 'cpu' });
    try {
      const results = await session.run({});
      return new Map(
        names.map((name, index) => {
          const result = results[copies[index]!.outputs[0]!]!;
          return [name, { dims: result.dims, values: floats(result).slice() }] as const;
        }),
      );
    } finally {
      await session.release();
    }
  }

  #rewritten(variant: RewriteOptions): Promise<ort.InferenceSession> {
    return this.#sessions.get(() => this.rewritten(variant), variant, this.#options);
  }

  #passing(variant: RewriteOptions, count: number): Record<string, ort.Tensor> {
    const feeds: Record<string, ort.Tensor> = { [inputNames.rounding]: scalar(0) };
    const passesAtZero = variant.range !== 'layer';
    if (passesAtZero) feeds[inputNames.stepFloor] = scalar(1);
    this.tensors.forEach(({ dims }, index) => {
      tableNames(index, variant).forEach((table, which) => {
        const value = which > 0 ? PASSING_LIMIT : passesAtZero ? 0 : 1;
        const one = [count, ...Array<number>(dims.length - 1).fill(1)];
        feeds[inputNames.byPosition(table)] = new ort.Tensor(new Float32Array(count).fill(value), one);
      });
      if (variant.range === 'layer') feeds[inputNames.limit(index)] = scalar(PASSING_LIMIT);
    });
    return feeds;
  }

  /** Masks that do not look at the image come call by call: what they feed is found once. */
  #planned(variant: RewriteOptions, images: readonly PlannedImage[], ranges: readonly LayerRange[] | null): Feeds {
    const [mask] = images;
    if (images.some((image) => image !== mask) || variant.found) return this.#feedsOf(variant, images, ranges);
    const key = JSON.stringify([variant, images.length, ranges]);
    let known = this.#lastFeeds.find((own) => own.mask === mask && own.key === key);
    if (!known) {
      known = { mask: mask!, key, feeds: this.#feedsOf(variant, images, ranges) };
      if (this.#lastFeeds.push(known) > MOST_FEEDS) this.#lastFeeds.shift();
    }
    return known.feeds;
  }

  #feedsOf(
    variant: RewriteOptions,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Record<string, ort.Tensor> {
    const linear = variant.quantiser === 'linear';
    const feeds: Record<string, ort.Tensor> = linear ? { [inputNames.rounding]: scalar(ROUNDING_CONSTANT) } : {};
    if (linear && variant.range !== 'layer') feeds[inputNames.stepFloor] = scalar(STEP_FLOOR);
    const levelCount = Math.max(...images.map(({ plan }) => plan.bits.length));
    const maps = new LevelMaps(images, levelCount);
    this.tensors.forEach((shape, index) => {
      const found = this.findsLevels(index) ? variant.found : undefined;
      if (found) Object.assign(feeds, this.#foundFeeds(index, found, images, ranges?.[index] ?? 0));
      const entries = tableEntries(variant, this.isUnsigned(index), ranges?.[index] ?? 0);
      const tables = entries.map(() => new Float32Array(images.length * levelCount));
      images.forEach((image, at) => {
        const own = this.tensorBits(image.plan)[index]!;
        const widths = found ? entriesOf(image, own) : own;
        tables.forEach((table, which) => table.set(widths.map(entries[which]!), at * levelCount));
      });
      const uniform = images.every(({ plan }) => new Set(this.tensorBits(plan)[index]).size === 1);
      // What finds no levels where others do has its highest throughout.
      const levels = found ? null : maps.tensorFor(shape, uniform || variant.found !== undefined);
      if (levels && variant.byLevel) feeds[inputNames.levels(index)] = levels;
      tableNames(index, variant).forEach((name, which) => {
        const table = tables[which]!;
        if (levels && !variant.byLevel) feeds[inputNames.byPosition(name)] = maps.lookUp(levels, table);
        else feeds[name] = new ort.Tensor(table, [table.length]);
      });
      if (linear && variant.range === 'layer')
        feeds[inputNames.limit(index)] = scalar(rangeOf(ranges?.[index] ?? 0) || PASSING_LIMIT);
    });
    return feeds;
  }

  /** What a tensor finds its levels by: tables of as many entries as those of widths, an image's all the same. */
  #foundFeeds(
    tensor: number,
    found: FoundLevels,
    images: readonly PlannedImage[],
    range: LayerRange,
  ): Record<string, ort.Tensor> {
    const { channels, dims } = this.tensors[tensor]!;
    const thresholds = images.map(({ plan }) => thresholdOf(plan, found, range));
    const ofSums = thresholds.map((mean) => windowThreshold(mean, channels, found.window));
    const values =
      found.metric === 'sensitivity'
        ? [ofSums.map(({ threshold }) => threshold), ofSums.map(({ rounding }) => rounding)]
        : [thresholds];
    const feeds: Record<string, ort.Tensor> = { [inputNames.levels(tensor)]: imageIndexes(images.length, dims.length) };
    foundInputNames(tensor, found).forEach((name, which) => {
      const table = Float32Array.from(values[which]!.flatMap((value) => [value, value]));
      feeds[name] = new ort.Tensor('float32', table, [table.length]);
    });
    return feeds;
  }

  async #run(call: Call): Promise<NetworkOutput> {
    const { session, pixels, count, feeds, activations: wanted, features } = call;
    if (count > this.partOf(count)) return this.#inParts(call);
    const input = imageTensor(this.file, this.#options, count, pixels);
    const names = wanted === false ? [] : this.#graph.tensors.map((tensor) => tensor.name);
    const given = names.filter((name) => name !== this.outputName && session.outputNames.includes(name));
    // What is written to them is returned as a copy, too, which nobody reads.
    const rooms = typeof wanted === 'function' ? this.#rooms(given, count, wanted) : new Map<string, ort.Tensor>();
    const map = features === undefined ? [] : [features];
    checkOutputTypes(this.file.path, session, [this.outputName, ...given, ...map]);
    const found = this.tensors.map((_, index) => sensitiveName(index));
    const finding = found.filter((name) => session.outputNames.includes(name));
    const fetched = [this.outputName, ...given, ...finding, ...map];
    const fetches = Object.fromEntries(fetched.map((name) => [name, rooms.get(name) ?? null]));
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await session.run({ [this.file.signature.inputName]: input, ...feeds }, fetches);
    } catch (error) {
      await throwIfLost(this.#options.device ?? 'cpu');
      if (typeof wanted === 'function') return this.#run({ ...call, activations: true });
      if (count > 1) return this.#oneByOne(call);
      throw new FoveaError('inference-failed', `${this.file.path}: ${plainReason(error)}`, CHECK_CARD, {
        cause: error,
      });
    }
    const scores = results[this.outputName]!;
    if (count > 1 && scores.dims[0] !== count) return this.#oneByOne(call);
    if (scores.dims.slice(1).filter((size) => size > 1).length > 1)
      throw new FoveaError(
        'model-unsupported',
        `${this.file.path}: output ${this.outputName} has shape [${scores.dims.join(', ')}], expected one score a class`,
        'Fovea analyses image classifiers; name the output that classifies in the card if the model has several.',
      );
    for (const name of rooms.keys()) release(floats(results[name]!));
    const activations = names.map((name, index) =>
      channelsFirst(
        name === this.file.signature.inputName ? pixels : floats(rooms.get(name) ?? results[name]!),
        this.tensors[index]!,
        count,
      ),
    );
    const sensitive = finding.length > 0 ? found.map((name) => wholeNumbers(results[name])) : [];
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
    const shapes = names.map((name) => this.tensors[this.#graph.tensors.findIndex((tensor) => tensor.name === name)]!);
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
      const ownPixels = pixels.subarray(first * this.inputLength, last * this.inputLength);
      const part = { ...call, pixels: ownPixels, count: last - first, feeds: ownFeeds };
      // What one part gives has to outlast the next.
      outputs.push(await this.#run({ ...part, activations: call.activations !== false }));
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

type Feeds = Readonly<Record<string, ort.Tensor>>;

function imagesPerCall(weightBytes: number, largestActivationBytes: number): number {
  if (weightBytes > LARGE_WEIGHTS_BYTES) return MOST_IMAGES_PER_CALL;
  // ONNX Runtime's maximum over channels is several times slower for a single image.
  return Math.min(Math.max(2, Math.floor(CALL_BYTES / largestActivationBytes)), MOST_IMAGES_PER_CALL);
}

/** Whether an input holds what each position of each image has. */
const isMap = (name: string) =>
  [inputNames.levelsPrefix, inputNames.byPositionPrefix].some((prefix) => name.startsWith(prefix));

/** What the graph of a plan has built in. */
export function rewriteOptionsOf(plan: PrecisionPlan, exposeActivations: boolean): RewriteOptions {
  const { quantiser, range, powerOfTwo, block = null, weightBits } = plan;
  const found = foundLevels(plan);
  return { quantiser, range, powerOfTwo, block, ...(found ? { found } : {}), weightBits, exposeActivations };
}

/** An image of a call of so many, with the levels that the graph found of it. */
function withFound(
  image: PlannedImage,
  at: number,
  count: number,
  sensitive: NetworkOutput['sensitive'],
): PlannedImage {
  const isInverse = isInverseFound(image.plan);
  const found = sensitive.map((all) => {
    if (!all) return null;
    const positions = all.length / count;
    const levels = new Uint8Array(all.subarray(at * positions, (at + 1) * positions));
    if (isInverse) for (let position = 0; position < positions; position++) levels[position] = 1 - levels[position]!;
    return levels;
  });
  return { ...image, found };
}

/** An image that is none: what a network makes of it tells what kind its scores are. */
function noise({ inputType }: ModelFile, length: number, seed: number): Float32Array {
  const random = randomGenerator(seed);
  return new Float32Array(length).map(() => (inputType === 'uint8' ? Math.floor(random() * 256) : random() * 4 - 2));
}

function nothingToQuantise(path: string, { leftOut }: GraphLayers): FoveaError {
  const found = leftOut.slice(0, 3).map(({ name, op, why }) => `${name} (${op}: ${why})`);
  const more = leftOut.length > 3 ? ` and ${leftOut.length - 3} more` : '';
  return new FoveaError(
    'model-unsupported',
    `${path}: no Conv, Gemm or MatMul with constant weights${found.length > 0 ? `; it multiplies in ${found.join(', ')}${more}` : ''}`,
    'Fovea quantises the inputs of such layers; a model without them has nothing to quantise.',
  );
}

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

function floats(tensor: ort.OnnxValue): Float32Array {
  const { data } = tensor as ort.Tensor;
  if (data instanceof Float32Array) return data;
  throw new Error('an output that was looked at before the run is of another type after it');
}

function wholeNumbers(tensor: ort.OnnxValue | undefined): Int32Array | null {
  if (!tensor) return null;
  const { data } = tensor as ort.Tensor;
  if (data instanceof Int32Array) return data;
  throw new Error('the sensitive positions that a rewritten graph gives are no whole numbers');
}

function sameBits(one: Float32Array, other: Float32Array | null): boolean {
  return one.length === other?.length && one.every((value, index) => Object.is(value, other[index]));
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
