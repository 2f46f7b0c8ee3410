import { DEVICE_NAMES } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import { foundLevels } from '../../src-shared/precision/precision-plan.ts';
import { openModelFile, type ModelFile } from '../onnx/model-file.ts';
import { chosenGraph } from './chosen-graph.ts';
import { ClassActivationMaps } from './class-activation-maps.ts';
import { type GraphLayers, layersOf } from './graph-layers.ts';
import { exposedGraph } from './graph-rewrite.ts';
import { KnownNetwork, type NetworkParts } from './known-network.ts';
import type { PlannedImage } from './level-maps.ts';
import { NetworkCalls, type NetworkOutput, type WantedActivations } from './network-calls.ts';
import { NetworkCuts } from './network-cuts.ts';
import { passingFeeds, withFound } from './network-inputs.ts';
import { HOLD_TWICE_BYTES, Sessions } from './network-sessions.ts';
import { learnShapes, type NetworkOptions } from './network-shapes.ts';
import { hideNaN, kindOfScores, outputKindOf } from './output-kind.ts';
import { EXPOSING } from './rewrite-options.ts';
import { sameBits } from './session-outputs.ts';
import { WindowedNetwork } from './windowed-network.ts';

/** How far scores on two devices may lie apart, as a share of the largest: sums of float32 in another order, and no more. */
const AGREEMENT = 1e-3;

/** What the quantised network gives. */
export interface QuantisedOutput extends NetworkOutput {
  /** The images as they were planned, with the levels that the graph found. */
  readonly planned: readonly PlannedImage[];
}

/** Runs one model, plain and rewritten. Owns its sessions: call {@link Network.close}. */
export class Network extends KnownNetwork {
  readonly classActivations: ClassActivationMaps;
  readonly cuts: NetworkCuts;
  readonly windows: WindowedNetwork;
  readonly #calls: NetworkCalls;
  /** Whether the plain network gives the same scores, to the bit, with its tensors among its outputs; null until that was seen. */
  #exposedIsPlain: boolean | null = null;
  /** On another device: the same network on the CPU, which is asked where a score might hide what the device cannot show. */
  readonly #onCpu: Network | null;

  private constructor(parts: NetworkParts, sessions: Sessions, onCpu: Network | null = null) {
    super(parts);
    this.#onCpu = onCpu;
    this.#calls = new NetworkCalls(this, sessions);
    this.classActivations = new ClassActivationMaps(this, this.#calls);
    this.cuts = new NetworkCuts(this, this.#calls);
    this.windows = new WindowedNetwork(this, this.#calls, this.cuts);
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
      // The first run shows whether the whole model runs, how many scores it gives, and what they are.
      const structural = outputKindOf(model, outputName);
      const parts = { file, model, graph, options, shapes };
      const first = new Network({ ...parts, scores: { count: 0, kind: structural } }, sessions);
      const run = async (seed: number) => (await first.plain(first.noise(seed), 1)).scores;
      const answer = await run(1);
      const scores = { count: answer.length, kind: await kindOfScores(structural, answer, () => run(2)) };
      const opened = new Network({ ...parts, scores }, sessions);
      if (device === 'cpu') return opened;
      const onDevice = new Network({ ...parts, scores, options: { ...options, device } }, new Sessions(file), opened);
      await onDevice.#checkAgainst(answer).finally(() => sessions.close());
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
  async #checkAgainst(expected: Float32Array): Promise<void> {
    try {
      const { scores } = await this.#plain(this.noise(1), 1, false);
      const scale = Math.max(1, ...expected.map(Math.abs));
      const apart = Math.max(...scores.map((score, index) => Math.abs(score - expected[index]!)));
      if (apart <= AGREEMENT * scale) return;
      throw new FoveaError(
        'device-unsuited',
        `${this.file.path}: its scores on ${DEVICE_NAMES[this.device]} are not those of the CPU (of noise they lie ${apart} apart)`,
        'Use --device cpu for this model.',
      );
    } catch (error) {
      await this.#calls.sessions.close();
      throw error;
    }
  }

  /** Of `count` images those that one call of ONNX Runtime should take: see `NetworkCalls`. */
  partOf(count: number): number {
    return this.#calls.partOf(count);
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
          `${this.file.path}: ${DEVICE_NAMES[this.device]} gives no answer where the CPU gives one`,
        );
    }
  }

  async #plain(pixels: Float32Array, count: number, activations: WantedActivations): Promise<NetworkOutput> {
    if (this.file.bytes > HOLD_TWICE_BYTES) return this.#passed(pixels, count, activations);
    const bare = async () => {
      const session = await this.#calls.sessions.get(this.model, 'plain', this.options);
      return this.#calls.run({ session, pixels, count, feeds: {}, activations: false });
    };
    if (activations === false) return bare();
    const exposed = () => exposedGraph(this.model, this.graph);
    const session = await this.#calls.sessions.get(exposed, 'plain-exposed', this.options);
    const output = await this.#calls.run({ session, pixels, count, feeds: {}, activations });
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
    const variant = this.#calls.sessions.openVariant(activations !== false) ?? EXPOSING;
    const session = await this.#calls.rewritten(variant);
    return this.#calls.run({ session, pixels, count, feeds: passingFeeds(this, variant, count), activations });
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
    const output = await this.#calls.quantised(pixels, images, ranges, activations);
    await this.#checked(output, pixels, images.length, (network, own, image) =>
      network.quantised(own, [images[image]!], ranges, false),
    );
    const { sensitive } = output;
    const planned = foundLevels(images[0]!.plan)
      ? images.map((image, at) => withFound(image, at, images.length, sensitive))
      : images;
    return { ...output, planned };
  }

  async close(): Promise<void> {
    if (this.#onCpu) await this.#onCpu.#calls.sessions.close();
    await this.#calls.sessions.close();
    this.file.source.close();
  }
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
