import { partialSums, type LayerCounts, type LayerGeometry } from '../measurement.ts';
import { ACTIONS, type Action, type Machine } from './accelerators/machine.ts';
import type { EnergySwitches, WeightPlace } from './energy-switches.ts';

/** Where the weights of a network lie, and on how many chips. */
export interface Placement {
  readonly weightsFrom: 'resident' | 'dram';
  readonly chips: number;
}

/** Weights go where the switch says, as far as the machine has the choice; on several chips where one cannot hold them all. */
export function placeWeights(machine: Machine, layers: readonly LayerGeometry[], wanted: WeightPlace): Placement {
  const { weightStore, weightCapacity, weightBits } = machine;
  let weights = 0;
  for (const layer of layers) weights += layer.weights;
  const chips = Math.max(1, Math.ceil((weights * weightBits) / weightCapacity));
  const inDram =
    weightStore === 'dram' || (weightStore === 'either' && (wanted === 'dram' || (wanted === 'auto' && chips > 1)));
  return inDram ? { weightsFrom: 'dram', chips: 1 } : { weightsFrom: 'resident', chips };
}

/** A layer cut into what the lanes of a machine hold at once; neither bits nor modes change it. */
export interface Mapping {
  /** Times that all lanes are filled, by ceilings: each takes a value's serial steps. */
  readonly rounds: number;
  /** MACs the lanes had room for in those rounds. */
  readonly slots: number;
  /** Steps of every activation where lanes share out its bits, or null where the activation's own count. */
  readonly spreadSteps: number | null;
  readonly dots: number;
  /** Values driven into the lanes. */
  readonly drives: number;
  readonly weightsRead: number;
  readonly activationsRead: number;
}

/**
 * Windows, inputs and filters each fill the lanes up to a last, partly empty round; groups of a convolution come one after another.
 * Weights are stored in rows of as many inputs as enter at once, and a row is read whole.
 */
export function mapLayer({ lanes, spreadsSingleWindow }: Machine, layer: LayerGeometry, chips: number): Mapping {
  const { groups, macs } = layer;
  const windows = layer.outputShape[1] * layer.outputShape[2];
  const filters = layer.outputShape[0] / groups;
  const taps = layer.kernel[0] * layer.kernel[1];
  /** Of one window and group: the channels of all taps. */
  const inputs = macs / (layer.outputShape[0] * windows);
  const inputRounds = lanes.tapsShareInputs
    ? Math.ceil(inputs / lanes.inputs)
    : taps * Math.ceil(inputs / taps / lanes.inputs);
  const filterRounds = Math.ceil(filters / (lanes.filters * chips));
  const spreads = spreadsSingleWindow && windows === 1;
  const windowRounds = spreads ? 1 / lanes.windows : Math.ceil(windows / lanes.windows);
  const rounds = (groups * windowRounds * inputRounds * filterRounds) / lanes.arrays;
  return {
    rounds,
    slots: rounds * lanes.windows * lanes.inputs * lanes.filters * chips * lanes.arrays,
    spreadSteps: spreads ? lanes.windows : null,
    dots: groups * windows * inputRounds * filters,
    drives: groups * windows * inputs * filterRounds * chips,
    weightsRead: groups * Math.ceil(windows / lanes.windowsPerWeightRead) * inputRounds * lanes.inputs * filters,
    activationsRead: groups * windows * inputs * Math.ceil(filters / (lanes.filtersPerActivationRead * chips)) * chips,
  };
}

/** Share of the lanes' room that a layer's MACs fill, 0..1. */
export function utilisationOf(layer: LayerGeometry, { slots }: Mapping): number {
  return slots === 0 ? 0 : layer.macs / slots;
}

const NAMES = Object.keys(ACTIONS) as readonly Action[];
/** The place of each action in a list of counts. */
export const ACTION_INDEX = Object.fromEntries(NAMES.map((name, index) => [name, index])) as Readonly<
  Record<Action, number>
>;
const A = ACTION_INDEX;
export const ACTION_COUNT = NAMES.length;

/**
 * Adds a layer's actions to `counts`.
 * @param steps serial steps of an activation
 * @param storedBits of an activation in memory
 */
export function countActions(
  counts: Float64Array,
  machine: Machine,
  layer: LayerCounts,
  mapping: Mapping,
  { weightsFrom, chips }: Placement,
  steps: number,
  storedBits: number,
  { idleLanes }: EnergySwitches,
): void {
  const { macs, values, weights } = layer;
  const allSteps = (mapping.spreadSteps ?? steps) * machine.weightSteps;
  const { dots, drives, activationsRead } = mapping;
  // Zeros are gated where they were counted at the 8 bits compared with, too.
  const gated = machine.gatesZeros && layer.zeroShareAt8 !== null ? (layer.zeroShare ?? 0) : 0;
  counts[A.macSteps]! += macs * allSteps * (1 - gated);
  counts[A.macs]! += macs;
  counts[A.dotSteps]! += dots * allSteps;
  counts[A.driveSteps]! += drives * allSteps;
  counts[A.dots]! += dots;
  counts[A.weightBits]! += mapping.weightsRead * machine.weightBits;
  counts[A.readBits]! += activationsRead * storedBits;
  // What a layer reads was written once before.
  counts[A.writtenBits]! += values * storedBits;
  if (weightsFrom === 'dram') counts[A.dramBits]! += weights * machine.weightBits;
  const outputs = layer.outputShape[0] * layer.outputShape[1] * layer.outputShape[2];
  if ((values + outputs) * storedBits > machine.activationCapacity) counts[A.dramBits]! += 2 * values * storedBits;
  counts[A.linkBits]! += (chips - 1) * values * storedBits;
  // The level map comes along once a layer, an exponent with its position: written once and read as often.
  counts[A.metadataBits]! +=
    layer.levelMapBits + layer.rangeExponents * machine.bitsPerExponent * (1 + activationsRead / values);
  counts[A.rescales]! += layer.rescaledSums;
  if (layer.rangeExponents > 0 && layer.rescaledSums === 0) {
    // An exponent for each block of a position: so many channels share one.
    const blocks = Math.max(1, layer.rangeExponents / (values / layer.inputShape[0]));
    counts[A.shifts]! += partialSums(layer, Math.ceil(layer.inputShape[0] / blocks));
  }
  counts[A.predictions]! += layer.predictorSteps;
  if (idleLanes === 'powered') counts[A.idleSteps]! += (mapping.slots - macs) * allSteps;
}
