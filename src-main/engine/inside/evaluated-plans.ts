import { bitsOfNetwork } from '../../../src-shared/left-out.ts';
import { type LayerCounts, macWeightedLockstepBits } from '../../../src-shared/measurement.ts';
import type { LayerRange } from '../../../src-shared/precision/layer-range.ts';
import { METRIC_TABLE, metricParts } from '../../../src-shared/precision/metrics.ts';
import { foundLevels, type PrecisionPlan } from '../../../src-shared/precision/precision-plan.ts';
import type { CountsAt8Bits } from '../../../src-shared/layer-counts.ts';
import type { ImageOutcome } from '../../../src-shared/runs/run-record.ts';
import { topClasses } from '../../../src-shared/top-classes.ts';
import type { PlannedImage } from '../../network/level-maps.ts';
import type { NetworkWindow } from '../../network/map-windows.ts';
import type { Network } from '../../network/network.ts';
import type { EvaluationImage, TaskInput } from '../engine-protocol.ts';
import { layerCounts, passesOf, planImage, type PreparedImage, probabilities } from './image-analysis.ts';
import type { OpenedModel } from './opened-model.ts';
import { tensorRanges } from './tensor-ranges.ts';

export type Evaluation = Omit<TaskInput<'evaluate'>, 'model'>;
type Outcome = Exclude<ImageOutcome, { failure: unknown }>;

/** An image that could be read, what is wanted of it, and what it has given so far. */
export interface WorkImage {
  readonly wanted: EvaluationImage;
  readonly prepared: PreparedImage;
  readonly results: Outcome['results'][number][];
}

/** An image under a plan, by the plan's index. */
export interface Job {
  readonly image: WorkImage;
  readonly index: number;
}

/** Images under plans that a network has been run for. */
const runsOf = new WeakMap<Network, number>();

/**
 * The plans of a task on a network, with what is the same under them for every image: masks that do not look at it, the counts and costs
 * under those, and the windows.
 */
export class EvaluatedPlans {
  readonly network: Network;
  readonly model: OpenedModel;
  readonly plans: readonly PrecisionPlan[];
  readonly #ranges: Evaluation['ranges'];
  readonly #partsFrom: number;
  readonly #masks = new Map<number, PlannedImage>();
  readonly #layers = new Map<number, readonly LayerCounts[]>();
  readonly #costs = new Map<number, number>();
  readonly #windows = new Map<number, NetworkWindow | null>();

  /** @param partsFrom runs after which parts of the network are worth their sessions */
  constructor(network: Network, model: OpenedModel, { plans, ranges }: Evaluation, partsFrom: number) {
    this.network = network;
    this.model = model;
    this.plans = plans;
    this.#ranges = ranges;
    this.#partsFrom = partsFrom;
  }

  /** Whether beginnings that plans share, and windows, are worth looking for. */
  get findsParts(): boolean {
    return (runsOf.get(this.network) ?? 0) >= this.#partsFrom;
  }

  /** The network has been run so often, for an image under a plan each time. */
  count(runs: number): void {
    runsOf.set(this.network, (runsOf.get(this.network) ?? 0) + runs);
  }

  /** By tensor, as calibrated; null where a plan takes none. */
  rangesOf(plan: PrecisionPlan): readonly LayerRange[] | null {
    return tensorRanges(this.network, this.model, plan, this.#ranges);
  }

  /** Whether the mask of a plan can differ from one image to another. */
  varies(index: number): boolean {
    const plan = this.plans[index]!;
    const { readsImage, drawn } = METRIC_TABLE[metricParts(plan.metric).name];
    return foundLevels(plan) !== null || (plan.bits.length > 1 && (readsImage || drawn));
  }

  maskOf({ image, index }: Job): PlannedImage {
    const plan = this.plans[index]!;
    const mask = this.#masks.get(index) ?? planImage(image.prepared, plan);
    if (!this.varies(index)) this.#masks.set(index, mask);
    return mask;
  }

  /** What of the network a plan needs, where that is the same of every image; null: all. */
  async windowOf(job: Job): Promise<NetworkWindow | null> {
    const { index } = job;
    const plan = this.plans[index]!;
    let window = this.#windows.get(index);
    if (window === undefined) {
      const isFixed = plan.bits.includes(0) && !this.varies(index);
      // What was not looked for may be later.
      if (isFixed && !this.findsParts) return null;
      window = isFixed ? await this.network.windows.windowFor(this.maskOf(job), this.rangesOf(plan)) : null;
      this.#windows.set(index, window);
    }
    return window;
  }

  /** MAC-weighted bits in lock-step, over the whole network; of levels that the graph finds, what their shares would cost somewhere. */
  costOf(job: Job): number {
    const { index } = job;
    const { network, model } = this;
    const known = this.#costs.get(index);
    if (known !== undefined) return known;
    const cost = bitsOfNetwork(macWeightedLockstepBits(this.#layersOf(job)), network.layers, model.leftOut);
    if (!this.varies(index)) this.#costs.set(index, cost);
    return cost;
  }

  /**
   * Writes down what an image gave under a plan.
   * @param planned with the levels that the graph found; default: its mask
   * @param counted what its activations are counted from, where they are
   */
  settle(job: Job, scores: Float32Array, planned?: PlannedImage, counted?: Counted): void {
    const shares = probabilities(scores, this.model);
    // No answer: no class is right, kept or chosen.
    const top = shares ? topClasses(shares) : { classes: [], probabilities: [] };
    job.image.results.push({ plan: job.index, top, layers: this.#layersOf(job, planned, counted) });
  }

  #layersOf(job: Job, planned?: PlannedImage, counted?: Counted): readonly LayerCounts[] {
    const { image, index } = job;
    const known = counted ? undefined : this.#layers.get(index);
    if (known) return known;
    const { ranges = null, activations = null, at8Bits = null } = counted ?? {};
    const passes = passesOf(image.prepared, this.plans[index]!);
    const layers = layerCounts(this.network, planned ?? this.maskOf(job), ranges, activations, at8Bits, passes);
    if (!counted && this.#masks.has(index)) this.#layers.set(index, layers);
    return layers;
  }
}

export interface Counted {
  readonly ranges: readonly LayerRange[] | null;
  readonly activations: readonly Float32Array[];
  readonly at8Bits: readonly CountsAt8Bits[] | null;
}

/** A plan of an image is wanted that it does not have yet. */
export function isWanted({ wanted, results }: WorkImage, index: number): boolean {
  return wanted.plans.includes(index) && !results.some(({ plan }) => plan === index);
}
