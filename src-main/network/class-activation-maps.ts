import type { ValueMap } from '../../src-shared/importance/value-map.ts';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import { type ClassActivation, classActivation, type ClassWeights, noClassActivation } from './class-activation.ts';
import { withOutput } from './graph-rewrite.ts';
import type { KnownNetwork } from './known-network.ts';
import type { PlannedImage } from './level-maps.ts';
import type { NetworkCalls } from './network-calls.ts';
import { plannedFeeds } from './network-inputs.ts';
import { rewriteOptionsOf } from './rewrite-options.ts';
import { weightValues } from './weight-values.ts';

/** Runs a network for its class-activation maps. */
export class ClassActivationMaps {
  readonly #network: KnownNetwork;
  readonly #calls: NetworkCalls;
  /** What they are made of, or why there are none. */
  #found: ClassActivation | string | null = null;
  #weights: Float32Array | null = null;

  constructor(network: KnownNetwork, calls: NetworkCalls) {
    this.#network = network;
    this.#calls = calls;
  }

  /**
   * The class-activation map of the class that the quantised network answers, for each image; flat where it has no answer. With the scores of
   * the run, which are those of `quantised` to the bit: the feature map is given out, and computed as before.
   * @param images all of plans with the same graph
   * @throws FoveaError `model-unsupported` where the network has no such maps
   */
  async of(
    pixels: Float32Array,
    images: readonly PlannedImage[],
    ranges: readonly LayerRange[] | null,
  ): Promise<(ValueMap & { readonly scores: Float32Array })[]> {
    const { file, options, scoreCount } = this.#network;
    const made = this.#made;
    if (typeof made === 'string') throw noClassActivation(file.path, made);
    const { features, channelsLast, pooled, weights } = made;
    const variant = rewriteOptionsOf(images[0]!.plan, false);
    const exposed = async () => withOutput(await this.#network.rewritten(variant), features);
    const session = await this.#calls.sessions.get(exposed, `features ${JSON.stringify(variant)}`, options);
    const feeds = plannedFeeds(this.#network, variant, images, ranges);
    const count = images.length;
    const run = await this.#calls.run({ session, pixels, count, feeds, activations: false, features });
    const { values, dims } = run.features!;
    const [, a = 1, b = 1, c = 1] = dims;
    const [channels, height, width] = channelsLast ? [c, a, b] : [a, b, c];
    if (pooled && (pooled[0] !== height || pooled[1] !== width))
      throw noClassActivation(
        file.path,
        `its last pool covers ${pooled.join(' x ')} of ${height} x ${width} positions`,
      );
    const weight = await this.#classWeights(weights, channels);
    return Array.from({ length: count }, (_, image) => {
      const own = values.subarray((image * values.length) / count, ((image + 1) * values.length) / count);
      const scores = run.scores.slice(image * scoreCount, (image + 1) * scoreCount);
      const weightOf = weight(scores);
      return { ...classActivationMap({ values: own, channels, height, width, channelsLast }, weightOf), scores };
    });
  }

  /** Why the network has no class-activation maps, as far as its graph tells; null where it has them. */
  get missing(): string | null {
    return typeof this.#made === 'string' ? this.#made : null;
  }

  get #made(): ClassActivation | string {
    return (this.#found ??= classActivation(this.#network.model, this.#network.file.constants));
  }

  async #valuesOf({ name }: ClassWeights): Promise<Float32Array> {
    return (this.#weights ??= (await weightValues(this.#network, [name])).get(name)!.values);
  }

  /** By scores of an image: what each channel weighs in that of the class they answer. A single score tells two classes apart by its sign. */
  async #classWeights(
    weights: ClassWeights | null,
    channels: number,
  ): Promise<(scores: Float32Array) => (channel: number) => number> {
    const { scoreCount: classes, outputKind } = this.#network;
    const values = weights && (await this.#valuesOf(weights));
    const answer = (scores: Float32Array) => (scores.every(Number.isFinite) ? scores.indexOf(Math.max(...scores)) : -1);
    const sign = (score: number) => (classes === 1 && score < (outputKind === 'logits' ? 0 : 0.5) ? -1 : 1);
    return (scores) => {
      const own = answer(scores);
      if (own < 0) return () => 0;
      if (!values) return (channel) => (channel === own ? sign(scores[0]!) : 0);
      return (channel) =>
        sign(scores[0]!) * values[weights.byClass ? own * channels + channel : channel * classes + own]!;
    };
  }
}

/** A feature map of one image. */
interface Features {
  readonly values: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly channelsLast: boolean;
}

/**
 * The class-activation map of one class, stretched from its least to its greatest value, so 0..1; flat, and 0, where it is flat.
 * @param weightOf a channel in the score of the class
 */
function classActivationMap(
  { values, channels, height, width, channelsLast }: Features,
  weightOf: (channel: number) => number,
): ValueMap {
  const positions = height * width;
  const sums = new Float64Array(positions);
  for (let channel = 0; channel < channels; channel++) {
    const weight = weightOf(channel);
    if (weight === 0) continue;
    for (let position = 0; position < positions; position++)
      sums[position]! +=
        weight * values[channelsLast ? position * channels + channel : channel * positions + position]!;
  }
  const least = Math.min(...sums);
  const range = Math.max(...sums) - least;
  return {
    width,
    height,
    values: range > 0 && range < Infinity ? sums.map((sum) => (sum - least) / range) : sums.fill(0),
  };
}
