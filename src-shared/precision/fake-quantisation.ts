import { type BlockRange, blockScales, powerShare, scaleCuts } from './block-range.ts';
import { MAX_BITS, type RangeMode } from './plan-option-table.ts';

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

/** The step of a width as a share of a block's scale; a width without levels gets four times the scale, see {@link stepShare}. */
export function blockShare(bits: number, unsigned: boolean, { scale }: BlockRange): number {
  const largest = largestInteger(bits, unsigned);
  return scale === 'power-of-two' && largest > 0 ? powerShare(largest) : stepShare(bits, unsigned);
}

/** The integer nearest to a float32, halves to the even one. */
export function nearestInteger(scaled: number): number {
  return fround(fround(scaled + ROUNDING_CONSTANT) - ROUNDING_CONSTANT);
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
  /** Of range mode `block`. */
  readonly block?: BlockRange | undefined;
}

export interface QuantiserOutput {
  /** Quantised integers, channels x positions. */
  readonly integers: Int32Array;
  /**
   * The step of each position: integers times steps are the values the network goes on with. With range mode `block`, a row of
   * positions a block; {@link stepIndex} finds a value's.
   */
  readonly steps: Float32Array;
  /** Values beyond the range, cut off. */
  readonly clipped: number;
}

/** Where the step of a value stands among the steps of its tensor. @param at index of the value, channels x positions */
export function stepIndex({ positions, block }: Pick<QuantiserInput, 'positions' | 'block'>, at: number): number {
  const position = at % positions;
  return block ? Math.floor(at / positions / block.channels) * positions + position : position;
}

/**
 * The quantiser `linear` as the rewritten graph computes it, to the bit: q = min(round(x / s), largest integer) with
 * s = range / largest integer; 0 bits give zeros.
 */
export function quantise(input: QuantiserInput): QuantiserOutput {
  if (input.block) return quantiseBlocks(input, input.block);
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
      integers[at] = nearestInteger(fround(value * inverses[position]!));
    }
  return { integers, steps, clipped };
}

function quantiseBlocks(input: QuantiserInput, block: BlockRange): QuantiserOutput {
  const { values, bits, unsigned } = input;
  const steps = blockSteps(peaksOf(input, block.channels), input, block);
  const inverses = steps.map((step) => 1 / step);
  const tops = scaleCuts(block) ? Float32Array.from(bits, (width) => largestInteger(width, unsigned)) : null;
  const integers = new Int32Array(values.length);
  let clipped = 0;
  for (let at = 0; at < values.length; at++) {
    const integer = nearestInteger(fround(values[at]! * inverses[stepIndex(input, at)]!));
    const top = tops ? tops[at % input.positions]! : Infinity;
    if (Math.abs(integer) > top) clipped++;
    integers[at] = Math.max(-top, Math.min(integer, top));
  }
  return { integers, steps, clipped };
}

/**
 * The steps of all blocks.
 * @param peaks largest magnitudes, blocks x positions
 */
export function blockSteps(
  peaks: Float32Array,
  { positions, bits, unsigned }: Pick<QuantiserInput, 'positions' | 'bits' | 'unsigned'>,
  block: BlockRange,
): Float32Array {
  const scales = blockScales(peaks, positions, block, STEP_FLOOR);
  const shares = Float32Array.from({ length: MAX_BITS + 1 }, (_, width) => blockShare(width, unsigned, block));
  return scales.map((scale, at) => fround(fround(scale * shares[bits[at % positions]!]!) + STEP_FLOOR));
}

/** Largest magnitudes, a row of positions for every so many channels. */
function peaksOf({ values, channels, positions }: QuantiserInput, channelsOfRow: number): Float32Array {
  const peaks = new Float32Array(positions * Math.ceil(channels / channelsOfRow));
  for (let channel = 0, at = 0; channel < channels; channel++) {
    const row = Math.floor(channel / channelsOfRow) * positions;
    for (let position = 0; position < positions; position++, at++) {
      const magnitude = Math.abs(values[at]!);
      if (magnitude > peaks[row + position]!) peaks[row + position] = magnitude;
    }
  }
  // A value alone at its position would be its own range, and nothing would be quantised: then all positions share one.
  if (channels === 1) peaks.fill(peaks.reduce((most, peak) => Math.max(most, peak), 0));
  return peaks;
}

/** Largest magnitude that is not cut off. */
export function passingLimit({ rangeMode, range }: Pick<QuantiserInput, 'rangeMode' | 'range'>): number {
  return rangeMode === 'layer' && range > 0 ? fround(range) : Infinity;
}

function layerSteps({ bits, unsigned, range }: QuantiserInput): Float32Array {
  return Float32Array.from(bits, (width) => layerStep(width, unsigned, range));
}

function positionSteps(input: QuantiserInput): Float32Array {
  const { bits, unsigned, powerOfTwo } = input;
  return peaksOf(input, input.channels).map((peak, position) =>
    positionStep(bits[position]!, unsigned, peak, powerOfTwo),
  );
}
