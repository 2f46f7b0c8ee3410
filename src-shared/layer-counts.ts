import { REGION_WORDS, wordOf } from './energy/accelerators/steps.ts';
import { countPallets, type PalletCounts } from './energy/pallets.ts';
import { meanOf, meanOfCrossbarMaxima, meanOfRunMaxima } from './precision/bit-map.ts';
import { blocksOf, scaleBytes } from './precision/block-range.ts';
import { quantise, type QuantiserInput, stepIndex } from './precision/fake-quantisation.ts';
import { partialSums, type LayerCounts, type LayerGeometry, type PassCounts } from './measurement.ts';
import { predictorSteps } from './precision/found-levels.ts';
import type { FoundLevels, PrecisionPlan } from './precision/precision-plan.ts';
import { uniformCounts } from './uniform-counts.ts';
import { quantiseLog, type LogLevels } from './precision/weighted-entropy.ts';

/** Windows of a pallet (Judd et al., MICRO 2016; Albericio et al., MICRO 2017). */
const PALLET_WINDOWS = 16;

/** What the activations themselves gave at one tensor; independent of which layer reads it. */
export type ActivationCounts = Pick<
  LayerCounts,
  | 'zeroShare'
  /** Null where the quantised values are no integers (quantiser `log`), as all that follows from them. */
  | 'nonZeroBits'
  | 'lockstepNonZeroBits'
  | 'compactedNonZeroBits'
  | 'groupBits'
  | 'palletBits'
  | 'compactedPalletBits'
  | 'clippedShare'
  | 'sqnrDb'
>;

/** The same had the tensor uniform 8 bits, from the plain network's activations: what savings are measured against. */
export type CountsAt8Bits = Pick<
  LayerCounts,
  'zeroShareAt8' | 'nonZeroBitsAt8' | 'lockstepNonZeroBitsAt8' | 'groupBitsAt8' | 'palletBitsAt8'
>;

/** Counts that need the activations, as they were before quantisation: one pass of the reference quantiser. */
export function countActivations(input: QuantiserInput): ActivationCounts {
  const { values, channels, positions } = input;
  const { integers, steps, clipped } = quantise(input);
  let signal = 0;
  let noise = 0;
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (let position = 0; position < positions; position++, at++) {
      const value = values[at]!;
      const error = value - integers[at]! * steps[stepIndex(input, at)]!;
      signal += value * value;
      noise += error * error;
    }
  const magnitudes = magnitudesOf(integers, input.unsigned);
  return activationCounts(
    { signal, noise, clipped, values: values.length },
    palletsOf(magnitudes, input),
    packedPallets(magnitudes, input),
  );
}

/** Sums over the values of a tensor. */
export interface ValueSums {
  /** Squares of the values, and of what quantising takes away. */
  readonly signal: number;
  readonly noise: number;
  readonly clipped: number;
  readonly values: number;
}

/** @param packed of the positions that have bits, as a share of all; null where there is nothing to leave out */
export function activationCounts(
  { signal, noise, clipped, values }: ValueSums,
  { zeroShare, nonZeroBits, steps, groupBits, palletBits }: PalletCounts,
  packed: Pick<PalletCounts, 'steps' | 'palletBits'> | null,
): ActivationCounts {
  return {
    zeroShare,
    nonZeroBits,
    lockstepNonZeroBits: steps,
    compactedNonZeroBits: Math.min(steps, packed?.steps ?? Infinity),
    groupBits,
    palletBits,
    compactedPalletBits: Math.min(palletBits, packed?.palletBits ?? Infinity),
    clippedShare: clipped / values,
    sqnrDb: decibels(signal, noise),
  };
}

function palletsOf(
  magnitudes: Int32Array,
  { channels, positions, unsigned }: Pick<QuantiserInput, 'channels' | 'positions' | 'unsigned'>,
): PalletCounts {
  return countPallets(magnitudes, channels, positions, unsigned ? 0 : 1);
}

/** The counts with positions of 0 bits left out and the others moved together; null where there is nothing to leave out. */
function packedPallets(
  magnitudes: Int32Array,
  { channels, positions, bits, unsigned }: QuantiserInput,
): Pick<PalletCounts, 'steps' | 'palletBits'> | null {
  const kept = keptPositions(bits);
  if (kept.length === positions) return null;
  const packed = new Int32Array(channels * kept.length);
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (const position of kept) packed[at++] = magnitudes[channel * positions + position]!;
  return packedShare(palletsOf(packed, { channels, positions: kept.length, unsigned }), kept.length / positions);
}

/** Counts of some positions as means over all. @param share of the positions that were counted */
export function packedShare({ steps, palletBits }: PalletCounts, share: number) {
  return { steps: steps * share, palletBits: palletBits * share };
}

/** Indices of the positions that have bits at all. */
function keptPositions(bits: Uint8Array): number[] {
  const kept: number[] = [];
  for (let position = 0; position < bits.length; position++) if (bits[position]! > 0) kept.push(position);
  return kept;
}

/**
 * Counts under the quantiser `log`.
 * @param levels of each position
 */
export function countLogActivations(
  { values, channels, positions }: Pick<QuantiserInput, 'values' | 'channels' | 'positions'>,
  levels: (position: number) => LogLevels,
): ActivationCounts {
  const byPosition = Array.from({ length: positions }, (_, position) => levels(position));
  let zeros = 0;
  let signal = 0;
  let noise = 0;
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (let position = 0; position < positions; position++, at++) {
      const value = values[at]!;
      const quantised = Math.sign(value) * quantiseLog(Math.abs(value), byPosition[position]!);
      signal += value * value;
      noise += (value - quantised) ** 2;
      if (quantised === 0) zeros++;
    }
  return {
    zeroShare: zeros / values.length,
    nonZeroBits: null,
    lockstepNonZeroBits: null,
    compactedNonZeroBits: null,
    groupBits: null,
    palletBits: null,
    compactedPalletBits: null,
    clippedShare: 0,
    sqnrDb: decibels(signal, noise),
  };
}

function decibels(signal: number, noise: number): number | null {
  return noise === 0 || signal === 0 ? null : 10 * Math.log10(signal / noise);
}

/** @param input with 8 bits at every position */
export function countAt8Bits(input: QuantiserInput): CountsAt8Bits {
  return palletsAt8Bits(palletsOf(magnitudesOf(quantise(input).integers, input.unsigned), input));
}

export function palletsAt8Bits({ zeroShare, nonZeroBits, steps, groupBits, palletBits }: PalletCounts): CountsAt8Bits {
  return {
    zeroShareAt8: zeroShare,
    nonZeroBitsAt8: nonZeroBits,
    lockstepNonZeroBitsAt8: steps,
    groupBitsAt8: groupBits,
    palletBitsAt8: palletBits,
  };
}

function magnitudesOf(integers: Int32Array, unsigned: boolean): Int32Array {
  return unsigned ? integers : integers.map((integer) => Math.abs(integer));
}

/** What a bit map alone decides. */
interface MapCounts {
  readonly uniform: boolean;
  readonly meanBits: number;
  readonly maxBits: number;
  readonly lockstepBits: number;
  readonly compactedBits: number;
}

/** Layers of one size share a bit map, which nobody alters: it is counted once. */
const countedMaps = new WeakMap<Uint8Array, MapCounts>();

function countMap(bits: Uint8Array): MapCounts {
  let counts = countedMaps.get(bits);
  if (!counts) {
    let lowest = Infinity;
    let highest = 0;
    for (const width of bits) {
      if (width < lowest) lowest = width;
      if (width > highest) highest = width;
    }
    const uniform = lowest >= highest;
    const lockstepBits = uniform ? highest : meanOfRunMaxima(bits, PALLET_WINDOWS);
    counts = {
      uniform,
      meanBits: uniform ? highest : meanOf(bits),
      maxBits: highest,
      lockstepBits,
      compactedBits: lowest > 0 ? lockstepBits : Math.min(lockstepBits, packedBits(bits)),
    };
    countedMaps.set(bits, counts);
  }
  return counts;
}

/** Mean bits when positions of 0 bits are left out and the others moved together, a pallet of them paying its maximum. */
function packedBits(bits: Uint8Array): number {
  const packed = new Uint8Array(bits.length);
  let kept = 0;
  for (const width of bits) if (width > 0) packed[kept++] = width;
  return (meanOfRunMaxima(packed.subarray(0, kept), PALLET_WINDOWS) * kept) / bits.length;
}

/** What a plan says of a layer beside its bit map. */
export type CountedPlan = Pick<PrecisionPlan, 'range' | 'powerOfTwo' | 'block' | 'regions' | 'bits'>;

/** What a plan has done beside the run of a layer. */
export interface BesideRun {
  /** How the layer finds its own levels in its input; `first` for the first of the layers that read it. */
  readonly found?: (FoundLevels & { readonly first: boolean }) | null;
  /** What was run of the layer before. */
  readonly pass?: PassCounts | null;
}

/**
 * The counts of one layer from its bit map, and from its activations where they were looked at.
 * @param bits of each position of the layer's input, row by row; not altered afterwards
 * @param beside what the plan has done beside the run
 */
export function countLayer(
  geometry: LayerGeometry,
  bits: Uint8Array,
  plan: CountedPlan,
  activations: ActivationCounts | null,
  at8Bits: CountsAt8Bits | null,
  { found = null, pass = null }: BesideRun = {},
): LayerCounts {
  const { uniform, meanBits, maxBits, lockstepBits, compactedBits } = countMap(bits);
  return {
    ...uniformCounts(geometry, meanBits),
    maxBits,
    lockstepBits,
    compactedBits,
    crossbarBits: uniform
      ? meanBits
      : meanOfCrossbarMaxima(bits, geometry.inputShape, geometry.inputShape[0] / geometry.groups, geometry.kernel),
    ...activations,
    ...at8Bits,
    levelMapBits: found ? bits.length : uniform ? 0 : plan.regions ** 2 * Math.ceil(Math.log2(plan.bits.length)),
    ...(found ? wordCounts(bits) : {}),
    ...rangeCounts(geometry, bits.length, plan),
    predictorSteps: found?.first ? predictorSteps(geometry, found) : 0,
    ...(pass ? { pass } : {}),
  };
}

function wordCounts(bits: Uint8Array): Pick<LayerCounts, 'wordBits' | 'lockstepWordBits'> {
  const words = bits.map((width) => wordOf(REGION_WORDS, width));
  return { wordBits: meanOf(words), lockstepWordBits: meanOfRunMaxima(words, PALLET_WINDOWS) };
}

/** What ranges take beside the values. */
function rangeCounts(
  geometry: LayerGeometry,
  positions: number,
  { range, powerOfTwo, block }: CountedPlan,
): Pick<LayerCounts, 'rangeExponents' | 'rescaledSums'> {
  if (range === 'layer') return { rangeExponents: 0, rescaledSums: 0 };
  const [channels] = geometry.inputShape;
  // A single channel has one range for all of its positions: see `quantise`.
  const scales = channels > 1 ? positions * (block ? blocksOf(channels, block) : 1) : 1;
  const isShifted = powerOfTwo || block?.scale === 'power-of-two';
  return {
    rangeExponents: block ? scaleBytes(scales, block) : scales,
    rescaledSums: channels > 1 && !isShifted ? partialSums(geometry, block?.channels) : 0,
  };
}
