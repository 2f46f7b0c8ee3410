import * as ort from 'onnxruntime-node';
import { carryLevels } from '../../src-shared/precision/bit-map.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { ROUNDING_CONSTANT, STEP_FLOOR } from '../../src-shared/precision/fake-quantisation.ts';
import { rangeOf, type LayerRange } from '../../src-shared/precision/layer-range.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import { bitsOfTensors, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { outputKindOf, type GraphLayers } from './graph-layers.ts';
import { rewriteGraph } from './graph-rewrite.ts';
import { openModelFile, type ModelFile } from '../onnx/model-file.ts';
import { withClusteredWeights } from './clustered-weights.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import { inputNames, tableNames, type RewriteOptions } from './quantiser-nodes.ts';
import { HOLD_TWICE_BYTES, Sessions, firstLine } from './network-sessions.ts';
import { PASSING_LIMIT, type PlannedImage, imagesOf, tableEntries, LevelMaps, scalar } from './network-inputs.ts';
import {
  type TensorShape,
  type NetworkOptions,
  learnShapes,
  inputDims,
  tensorShape,
  geometryOf,
} from './network-shapes.ts';

/**
 * Activations of one tensor that a call should hold at most: what fits a core's share of the caches. A larger batch would carry
 * every elementwise step through main memory.
 */
const CALL_BYTES = 4 * 2 ** 20;

/** Weights that no cache holds: every call reads them from memory, so many images should share a call. */
const LARGE_WEIGHTS_BYTES = 64 * 2 ** 20;
const MOST_IMAGES_PER_CALL = 8;

const EXPOSING: RewriteOptions = {
  quantiser: 'linear',
  range: 'position',
  powerOfTwo: false,
  weightBits: null,
  exposeActivations: true,
};

/** Probabilities or logits as the model gives them, and on request the activations before quantisation. */
export interface NetworkOutput {
  readonly scores: Float32Array;
  /** By tensor, channels x positions for each image; only what was asked for. */
  readonly activations: readonly Float32Array[];
}

/** What a session is run on. */
interface Call {
  readonly session: ort.InferenceSession;
  /** Of `count` images, one after another. */
  readonly pixels: Float32Array;
  readonly count: number;
  /** Inputs beside the pixels, by name. */
  readonly feeds: Readonly<Record<string, ort.Tensor>>;
  readonly withActivations: boolean;
}

/** Runs one model, plain and rewritten. Owns its sessions: call {@link Network.close}. */
export class Network {
  readonly file: ModelFile;
  readonly layers: readonly LayerGeometry[];
  readonly tensors: readonly TensorShape[];
  /** By layer: index of the tensor it reads. */
  readonly tensorOfLayer: readonly number[];
  readonly classes: number;
  readonly #graph: GraphLayers;
  readonly #options: NetworkOptions;
  readonly #sessions: Sessions;
  readonly #outputName: string;
  readonly #tensorBits = new WeakMap<PrecisionPlan, readonly (readonly number[])[]>();
  readonly #uniformMaps = new Map<string, Uint8Array>();
  /** Images of one inference call; falls to 1 when the graph turns out to have the batch of one built in. */
  #imagesPerCall: number;

  private constructor(
    file: ModelFile,
    graph: GraphLayers,
    options: NetworkOptions,
    sessions: Sessions,
    shapes: ReadonlyMap<string, readonly number[]>,
    classes: number,
  ) {
    this.file = file;
    this.#graph = graph;
    this.#options = options;
    this.#sessions = sessions;
    this.#outputName = options.outputName ?? file.signature.outputName;
    this.classes = classes;
    this.tensors = graph.tensors.map((tensor) => tensorShape(shapes.get(tensor.name)!, tensor.layout));
    const largest = Math.max(...this.tensors.map(({ channels, height, width }) => 4 * channels * height * width));
    this.#imagesPerCall = file.fixedBatch ? 1 : imagesPerCall(file.bytes, largest);
    this.tensorOfLayer = graph.layers.map((layer) => layer.tensor);
    this.layers = graph.layers.map((layer) => geometryOf(layer, this.tensors[layer.tensor]!, shapes));
  }

  /**
   * Opens a model, learns its shapes by running it once on zeros.
   * @throws FoveaError `model-…`
   */
  static async open(path: string, optionsFor: (file: ModelFile) => NetworkOptions): Promise<Network> {
    const file = openModelFile(path);
    const sessions = new Sessions(file);
    try {
      const options = optionsFor(file);
      const { graph } = file;
      if (graph.layers.length === 0)
        throw new FoveaError(
          'model-unsupported',
          `${path}: no Conv, Gemm or MatMul with constant weights`,
          'Fovea quantises the inputs of such layers; a model without them has nothing to quantise.',
        );
      const shapes = await learnShapes(file, graph, options);
      // The first run shows whether the whole model runs, and how many classes it gives.
      const network = new Network(file, graph, options, sessions, shapes, 0);
      const { scores } = await network.plain(new Float32Array(network.inputLength), 1);
      return new Network(file, graph, options, sessions, shapes, scores.length);
    } catch (error) {
      await sessions.close();
      file.source.close();
      throw error;
    }
  }

  /** Values of one image's input tensor. */
  get inputLength(): number {
    const { channels, height, width } = this.#options.inputSize;
    return channels * height * width;
  }

  /** What the scores are, by the operator they come from. */
  get outputKind(): 'probabilities' | 'logits' {
    return outputKindOf(this.file.model, this.#outputName);
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

  /** The level of each position of a tensor, row by row. */
  levelsOf(tensor: number, image: PlannedImage): Uint8Array {
    const { height, width } = this.tensors[tensor]!;
    return carryLevels(image.levels, image.grid, height, width, image.plan.bits.length - 1);
  }

  /** The bits of each position of a tensor under one image's plan, row by row; not to be altered, since uniform maps are shared. */
  bitsOf(tensor: number, image: PlannedImage): Uint8Array {
    const bits = this.tensorBits(image.plan)[tensor]!;
    const [lowest] = bits;
    if (bits.some((width) => width !== lowest)) return this.levelsOf(tensor, image).map((level) => bits[level]!);
    const { height, width } = this.tensors[tensor]!;
    const key = `${height * width} ${lowest}`;
    const map = this.#uniformMaps.get(key) ?? new Uint8Array(height * width).fill(lowest!);
    this.#uniformMaps.set(key, map);
    return map;
  }

  /** The plain network on `count` images. */
  async plain(pixels: Float32Array, count: number): Promise<NetworkOutput> {
    if (this.file.bytes <= HOLD_TWICE_BYTES) {
      const session = await this.#sessions.get(this.file.model, 'plain', this.#options.threads);
      return this.#run({ session, pixels, count, feeds: {}, withActivations: false });
    }
    const variant = this.#sessions.openVariant(false) ?? EXPOSING;
    const session = await this.#rewritten(variant);
    return this.#run({ session, pixels, count, feeds: this.#passing(variant, count), withActivations: false });
  }

  /** The plain network's activations before each layer. */
  async activations(pixels: Float32Array, count: number): Promise<NetworkOutput> {
    const variant = this.#sessions.openVariant(true) ?? EXPOSING;
    const session = await this.#rewritten(variant);
    return this.#run({ session, pixels, count, feeds: this.#passing(variant, count), withActivations: true });
  }

  /**
   * The quantised network. All images share range mode and quantiser; bits, levels and grids are each image's own.
   * @param ranges by tensor, the calibrated ranges; used with range `layer`
   */
  async quantised(
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
    withActivations: boolean,
  ): Promise<NetworkOutput> {
    const variant = rewriteOptionsOf(images[0]!.plan, withActivations);
    const session = await this.#rewritten(variant);
    const feeds = this.#planned(variant, images, ranges);
    return this.#run({ session, pixels, count: images.length, feeds, withActivations });
  }

  /**
   * What the rewritten model is fed beside the pixels, by input name; all images share range mode and quantiser.
   * @param ranges by tensor, the calibrated ranges; used with range `layer`
   */
  inputsFor(images: readonly PlannedImage[], ranges: readonly LayerRange[] | null): Record<string, ort.Tensor> {
    return this.#planned(rewriteOptionsOf(images[0]!.plan, false), images, ranges);
  }

  /** The rewritten model itself, for export. */
  rewritten(options: RewriteOptions): OnnxModel {
    const shapes = {
      image: inputDims(this.file, this.#options, 1).slice(1),
      ranks: this.tensors.map((tensor) => tensor.rank),
    };
    const { weightBits } = options;
    const model = weightBits === null ? this.file.model : withClusteredWeights(this.file, this.#graph, weightBits);
    return rewriteGraph(model, this.#graph, shapes, options);
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
    await this.#sessions.close();
    this.file.source.close();
  }

  #rewritten(variant: RewriteOptions): Promise<ort.InferenceSession> {
    return this.#sessions.get(() => this.rewritten(variant), variant, this.#options.threads);
  }

  #passing(variant: RewriteOptions, count: number): Record<string, ort.Tensor> {
    const feeds: Record<string, ort.Tensor> = { [inputNames.rounding]: scalar(0) };
    if (variant.range === 'position') feeds[inputNames.stepFloor] = scalar(1);
    this.tensors.forEach(({ rank }, index) => {
      feeds[inputNames.levels(index)] = new ort.Tensor('int32', new Int32Array(count), [
        count,
        ...Array<number>(rank - 1).fill(1),
      ]);
      feeds[inputNames.table(index)] = new ort.Tensor(
        'float32',
        Float32Array.of(variant.range === 'position' ? 0 : 1),
        [1],
      );
      if (variant.range === 'layer') feeds[inputNames.limit(index)] = scalar(PASSING_LIMIT);
    });
    return feeds;
  }

  #planned(
    variant: RewriteOptions,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Record<string, ort.Tensor> {
    const linear = variant.quantiser === 'linear';
    const feeds: Record<string, ort.Tensor> = linear ? { [inputNames.rounding]: scalar(ROUNDING_CONSTANT) } : {};
    if (variant.range === 'position') feeds[inputNames.stepFloor] = scalar(STEP_FLOOR);
    const levelCount = Math.max(...images.map(({ plan }) => plan.bits.length));
    const maps = new LevelMaps(images, levelCount);
    this.tensors.forEach((shape, index) => {
      const entries = tableEntries(variant, this.isUnsigned(index), ranges?.[index] ?? 0);
      const tables = entries.map(() => new Float32Array(images.length * levelCount));
      images.forEach(({ plan }, image) => {
        const widths = this.tensorBits(plan)[index]!;
        tables.forEach((table, which) => table.set(widths.map(entries[which]!), image * levelCount));
      });
      tableNames(index, variant).forEach((name, table) => {
        feeds[name] = new ort.Tensor('float32', tables[table]!, [images.length * levelCount]);
      });
      const uniform = images.every(({ plan }) => new Set(this.tensorBits(plan)[index]).size === 1);
      feeds[inputNames.levels(index)] = maps.tensorFor(shape, this.#graph.tensors[index]!.layout, uniform);
      if (linear && variant.range === 'layer')
        feeds[inputNames.limit(index)] = scalar(rangeOf(ranges?.[index] ?? 0) || PASSING_LIMIT);
    });
    return feeds;
  }

  async #run(call: Call): Promise<NetworkOutput> {
    const { session, pixels, count, feeds, withActivations } = call;
    if (count > this.partOf(count)) return this.#inParts(call);
    const input = new ort.Tensor('float32', pixels, inputDims(this.file, this.#options, count));
    const names = withActivations ? this.#graph.tensors.map((tensor) => tensor.name) : [];
    const fetches = [this.#outputName, ...names.filter((name) => session.outputNames.includes(name))];
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await session.run({ [this.file.signature.inputName]: input, ...feeds }, fetches);
    } catch (error) {
      if (count > 1) return this.#oneByOne(call);
      throw new FoveaError(
        'inference-failed',
        `${this.file.path}: ${firstLine(error)}`,
        'Check that the card describes the input of the model.',
        {
          cause: error,
        },
      );
    }
    const scores = results[this.#outputName]!;
    if (count > 1 && scores.dims[0] !== count) return this.#oneByOne(call);
    if (scores.dims.slice(1).filter((size) => size > 1).length > 1)
      throw new FoveaError(
        'model-unsupported',
        `${this.file.path}: output ${this.#outputName} has shape [${scores.dims.join(', ')}], expected one score a class`,
        'Fovea analyses image classifiers; name the output that classifies in the card if the model has several.',
      );
    const activations = names.map((name, index) =>
      channelsFirst(
        name === this.file.signature.inputName ? pixels : floats(results[name]!),
        this.tensors[index]!,
        this.#graph.tensors[index]!.layout,
        count,
      ),
    );
    return { scores: floats(scores), activations };
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
          name.startsWith(inputNames.levelsPrefix) ? imagesOf(tensor, first, last) : tensor,
        ]),
      );
      const ownPixels = pixels.subarray(first * this.inputLength, last * this.inputLength);
      outputs.push(await this.#run({ ...call, pixels: ownPixels, count: last - first, feeds: ownFeeds }));
    }
    return {
      scores: joinedFloats(outputs.map((output) => output.scores)),
      activations: outputs[0]!.activations.map((_, index) =>
        joinedFloats(outputs.map((output) => output.activations[index]!)),
      ),
    };
  }
}

function imagesPerCall(weightBytes: number, largestActivationBytes: number): number {
  if (weightBytes > LARGE_WEIGHTS_BYTES) return MOST_IMAGES_PER_CALL;
  // ONNX Runtime's maximum over channels is several times slower for a single image.
  return Math.min(Math.max(2, Math.floor(CALL_BYTES / largestActivationBytes)), MOST_IMAGES_PER_CALL);
}

/** What the graph of a plan has built in. */
export function rewriteOptionsOf(plan: PrecisionPlan, exposeActivations: boolean): RewriteOptions {
  const { quantiser, range, powerOfTwo, weightBits } = plan;
  return { quantiser, range, powerOfTwo, weightBits, exposeActivations };
}

/** Activations as channels x positions for each image, whatever the layout. */
function channelsFirst(
  data: Float32Array,
  { channels, height, width, rank }: TensorShape,
  layout: string,
  count: number,
): Float32Array {
  if (layout === 'channels-first' || rank < 3) return data;
  const positions = height * width;
  const result = new Float32Array(data.length);
  for (let image = 0; image < count; image++)
    for (let position = 0; position < positions; position++)
      for (let channel = 0; channel < channels; channel++)
        result[(image * channels + channel) * positions + position] =
          data[(image * positions + position) * channels + channel]!;
  return result;
}

function floats(tensor: ort.OnnxValue): Float32Array {
  const { data } = tensor as ort.Tensor;
  if (data instanceof Float32Array) return data;
  throw new FoveaError(
    'model-unsupported',
    'the model gives no float32 output',
    'Export the model with float32 outputs.',
  );
}

function joinedFloats(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
