import { meanNonZeroBits, meanPalletSteps } from './energy/accelerators/pragmatic-lanes.ts';
import { meanOf, meanOfCrossbarMaxima, meanOfRunMaxima } from './precision/bit-map.ts';
import { quantise, type QuantiserInput } from './precision/fake-quantisation.ts';
import type { LayerCounts, LayerGeometry } from './measurement.ts';
import type { RangeMode } from './precision/precision-plan.ts';
import { quantiseLog, type LogLevels } from './precision/weighted-entropy.ts';

/** Windows of a pallet (Judd et al., MICRO 2016; Albericio et al., MICRO 2017). */
const PALLET_WINDOWS = 16;
/** Channels that share one stored width (the authors' simulator of Dynamic Stripes and ShapeShifter). */
const CHANNELS_PER_GROUP = 16;

/** What the activations themselves gave at one tensor; independent of which layer reads it. */
export interface ActivationCounts {
  readonly zeroShare: number;
  /** Null where the quantised values are no integers (quantiser `log`). */
  readonly nonZeroBits: number | null;
  readonly lockstepNonZeroBits: number | null;
  readonly clippedShare: number;
  readonly sqnrDb: number | null;
}

/** One-bits had the tensor uniform 8 bits, from the plain network's activations: what savings are measured against. */
export interface CountsAt8Bits {
  readonly nonZeroBitsAt8: number;
  readonly lockstepNonZeroBitsAt8: number;
}

/** Counts that need the activations, as they were before quantisation: one pass of the reference quantiser. */
export function countActivations(input: QuantiserInput): ActivationCounts {
  const { values, channels, positions } = input;
  const { integers, steps, clipped } = quantise(input);
  let zeros = 0;
  let signal = 0;
  let noise = 0;
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (let position = 0; position < positions; position++, at++) {
      const value = values[at]!;
      const integer = integers[at]!;
      const error = value - integer * steps[position]!;
      signal += value * value;
      noise += error * error;
      if (integer === 0) zeros++;
    }
  const magnitudes = magnitudesOf(integers, input.unsigned);
  return {
    zeroShare: zeros / values.length,
    nonZeroBits: meanNonZeroBits(magnitudes),
    lockstepNonZeroBits: meanPalletSteps(magnitudes, channels, positions),
    clippedShare: clipped / values.length,
    sqnrDb: decibels(signal, noise),
  };
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
    clippedShare: 0,
    sqnrDb: decibels(signal, noise),
  };
}

function decibels(signal: number, noise: number): number | null {
  return noise === 0 || signal === 0 ? null : 10 * Math.log10(signal / noise);
}

/** @param input with 8 bits at every position */
export function countAt8Bits(input: QuantiserInput): CountsAt8Bits {
  const magnitudes = magnitudesOf(quantise(input).integers, input.unsigned);
  return {
    nonZeroBitsAt8: meanNonZeroBits(magnitudes),
    lockstepNonZeroBitsAt8: meanPalletSteps(magnitudes, input.channels, input.positions),
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
    counts = {
      uniform,
      meanBits: uniform ? highest : meanOf(bits),
      maxBits: highest,
      lockstepBits: uniform ? highest : meanOfRunMaxima(bits, PALLET_WINDOWS),
    };
    countedMaps.set(bits, counts);
  }
  return counts;
}

/**
 * The counts of one layer from its bit map, and from its activations where they were looked at.
 * @param bits of each position of the layer's input, row by row; not altered afterwards
 */
export function countLayer(
  geometry: LayerGeometry,
  bits: Uint8Array,
  range: RangeMode,
  activations: ActivationCounts | null,
  at8Bits: CountsAt8Bits | null,
): LayerCounts {
  const [channels] = geometry.inputShape;
  const { uniform, meanBits, maxBits, lockstepBits } = countMap(bits);
  return {
    ...geometry,
    meanBits,
    maxBits,
    lockstepBits,
    crossbarBits: uniform
      ? meanBits
      : meanOfCrossbarMaxima(bits, geometry.inputShape, channels / geometry.groups, geometry.kernel),
    zeroShare: activations?.zeroShare ?? null,
    nonZeroBits: activations?.nonZeroBits ?? null,
    lockstepNonZeroBits: activations?.lockstepNonZeroBits ?? null,
    nonZeroBitsAt8: at8Bits?.nonZeroBitsAt8 ?? null,
    lockstepNonZeroBitsAt8: at8Bits?.lockstepNonZeroBitsAt8 ?? null,
    clippedShare: activations?.clippedShare ?? null,
    sqnrDb: activations?.sqnrDb ?? null,
    precisionGroups: uniform ? 0 : bits.length * Math.ceil(channels / CHANNELS_PER_GROUP),
    rangeExponents: range === 'layer' ? 0 : channels > 1 ? bits.length : 1,
  };
}
