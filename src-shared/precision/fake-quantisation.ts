import type { RangeMode } from './precision-plan.ts';

const { fround } = Math;

/**
 * Adding and subtracting 1.5 * 2^23 rounds a float32 below 2^22 in magnitude to the nearest integer, half to even
 * (Dekker's rounding by the addition's own rounding). The graph does the same, in every opset.
 */
export const ROUNDING_CONSTANT = 1.5 * 2 ** 23;

/** Added to a position's step, so that a position of zeros has a step to divide by. Far below any step that matters. */
export const STEP_FLOOR = 2 ** -100;

/**
 * Largest integer of a width: 2^b - 1 without sign, 2^(b-1) - 1 with sign (the range is symmetric). One signed bit leaves
 * only zero.
 * @param bits 0..16
 */
export function largestInteger(bits: number, unsigned: boolean): number {
  return Math.max(0, 2 ** (unsigned ? bits : bits - 1) - 1);
}

/**
 * The step of a width as a share of the range, in float32: what the graph's level table holds with one range per position.
 * A width without levels gets four times the range, which rounds everything to zero.
 */
export function stepShare(bits: number, unsigned: boolean): number {
  const largest = largestInteger(bits, unsigned);
  return largest === 0 ? 4 : fround(1 / largest);
}

/** Rounds every value a network has to zero. */
const CROPPING_STEP = 2 ** 100;

/** The step of a width with one calibrated `range` per layer. A layer that was never active keeps a step of 1. */
export function layerStep(bits: number, unsigned: boolean, range: number): number {
  const largest = largestInteger(bits, unsigned);
  if (!(range > 0)) return largest === 0 ? CROPPING_STEP : 1;
  return Math.max(STEP_FLOOR, largest === 0 ? fround(4 * range) : fround(range / largest));
}

/** The step at a position whose largest magnitude is `peak`; with a single channel, the largest of all positions. */
export function positionStep(bits: number, unsigned: boolean, peak: number, powerOfTwo: boolean): number {
  const step = fround(fround(peak * stepShare(bits, unsigned)) + STEP_FLOOR);
  return powerOfTwo ? nextPowerOfTwo(step) : step;
}

/**
 * Smallest power of two not below a positive float32, by arithmetic alone so that a graph can do the same: twice the unit in the
 * first place (S. M. Rump, "Ultimately fast accurate summation", SIAM J. Sci. Comput. 31 (2009), algorithm 3.5, u = 2^-24) of
 * the value made a little smaller, which takes a power of two below itself and no other value past one.
 */
export const NEXT_POWER_FACTOR = 2 ** 24 + 2;
export const NEXT_POWER_SHRINK = 1 - 2 ** -24;
export function nextPowerOfTwo(value: number): number {
  const q = fround(NEXT_POWER_FACTOR * fround(NEXT_POWER_SHRINK * value));
  return fround(q - fround(NEXT_POWER_SHRINK * q));
}

/** The quantised integer of a float32 under a step: round half to even. */
export function quantisedInteger(value: number, step: number): number {
  return fround(fround(fround(value * fround(1 / step)) + ROUNDING_CONSTANT) - ROUNDING_CONSTANT);
}

/** One tensor of one image. */
export interface QuantiserInput {
  /** Float32 activations, channels x positions (channel-major: NCHW of one image). */
  readonly values: Float32Array;
  readonly channels: number;
  readonly positions: number;
  /** Bits of each position, 0..16. */
  readonly bits: Uint8Array;
  /** Never negative. */
  readonly unsigned: boolean;
  readonly rangeMode: RangeMode;
  /** The calibrated range; used with range mode `layer`. */
  readonly range: number;
  readonly powerOfTwo: boolean;
}

export interface QuantiserOutput {
  /** Quantised integers, channels x positions. */
  readonly integers: Int32Array;
  /** The step of each position: integers times steps are the values the network goes on with. */
  readonly steps: Float32Array;
  /** Values beyond the range, cut off. */
  readonly clipped: number;
}

/**
 * The quantiser `linear` as the rewritten graph computes it, to the bit: q = min(round(x / s), largest integer) with
 * s = range / largest integer; 0 bits give zeros.
 */
export function quantise(input: QuantiserInput): QuantiserOutput {
  const { values, channels, positions, unsigned } = input;
  const steps = input.rangeMode === 'layer' ? layerSteps(input) : positionSteps(input);
  const limit = passingLimit(input);
  const lowest = unsigned ? -Infinity : -limit;
  const inverses = steps.map((step) => 1 / step);
  const integers = new Int32Array(values.length);
  let clipped = 0;
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (let position = 0; position < positions; position++, at++) {
      let value = values[at]!;
      if (value > limit) {
        value = limit;
        clipped++;
      } else if (value < lowest) {
        value = lowest;
        clipped++;
      }
      integers[at] = fround(fround(fround(value * inverses[position]!) + ROUNDING_CONSTANT) - ROUNDING_CONSTANT);
    }
  return { integers, steps, clipped };
}

/** Largest magnitude that is not cut off. */
export function passingLimit({ rangeMode, range }: Pick<QuantiserInput, 'rangeMode' | 'range'>): number {
  return rangeMode === 'layer' && range > 0 ? fround(range) : Infinity;
}

function layerSteps({ bits, unsigned, range }: QuantiserInput): Float32Array {
  return Float32Array.from(bits, (width) => layerStep(width, unsigned, range));
}

function positionSteps({ values, channels, positions, bits, unsigned, powerOfTwo }: QuantiserInput): Float32Array {
  const peaks = new Float32Array(positions);
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (let position = 0; position < positions; position++, at++) {
      const magnitude = Math.abs(values[at]!);
      if (magnitude > peaks[position]!) peaks[position] = magnitude;
    }
  // A value alone at its position would be its own range, and nothing would be quantised: then all positions share one.
  if (channels === 1) peaks.fill(peaks.reduce((most, peak) => Math.max(most, peak), 0));
  return peaks.map((peak, position) => positionStep(bits[position]!, unsigned, peak, powerOfTwo));
}
