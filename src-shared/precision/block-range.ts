import { z } from 'zod';
import { BLOCK_CHANNELS, BLOCK_SCALES } from './plan-option-table.ts';

const { fround } = Math;

/** A range for every block of channels at every position (range `block`). */
export const blockRangeSchema = z
  .strictObject({
    /** Channels of a block; the last block of a position may have fewer. */
    channels: z.literal(BLOCK_CHANNELS),
    scale: z.enum(BLOCK_SCALES),
    /** Least peak of a block, as a share of that of its position; 0 leaves blocks to themselves, at 1 all have their position's. */
    floor: z.number().min(0).max(1),
  })
  .readonly();
export type BlockRange = z.infer<typeof blockRangeSchema>;

/** Blocks of a position. */
export function blocksOf(channels: number, block: BlockRange): number {
  return Math.ceil(channels / block.channels);
}

/**
 * Bytes that hold the scales of a tensor as each format stores them: a float32 a block where scales are exact; an exponent (E8M0) a
 * block in OCP MX (version 1.0, section 5); a byte (E4M3) a block and a float32 for the tensor in NVFP4.
 * @param scales blocks of all positions
 */
export function scaleBytes(scales: number, { scale }: BlockRange): number {
  if (scale === 'exact') return 4 * scales;
  return scale === 'e4m3' ? scales + 4 : scales;
}

/** Whether a scale may be less than its block's peak asks for, so that values are cut off. */
export function scaleCuts({ scale }: BlockRange): boolean {
  return scale !== 'exact';
}

/**
 * Largest power of two not above a float32 from 2^-100 to 2^100, by arithmetic alone so that a graph can do the same; 0 of 0: the unit
 * in the first place (S. M. Rump, "Ultimately fast accurate summation", SIAM J. Sci. Comput. 31 (2009), algorithm 3.5, u = 2^-24).
 */
export const FIRST_PLACE_FACTOR = 2 ** 23 + 1;
export const FIRST_PLACE_SHRINK = 1 - 2 ** -24;
export function powerOfTwoBelow(value: number): number {
  const q = fround(FIRST_PLACE_FACTOR * value);
  return fround(q - fround(FIRST_PLACE_SHRINK * q));
}

/** Largest number of E4M3, and the smallest above zero. */
export const LARGEST_E4M3 = 448;
export const SMALLEST_E4M3 = 2 ** -9;
const ROUNDING_CONSTANT = 1.5 * 2 ** 23;

/**
 * The nearest number of E4M3 (OCP 8-bit floating point, version 1.0: a sign, 4 exponent bits with bias 7, 3 of fraction), ties to even.
 * Its neighbours lie an eighth of their power of two apart, and 2^-9 below 2^-6.
 * @param value float32 from 0 to 448
 */
export function nearestE4M3(value: number): number {
  const apart = Math.max(fround(powerOfTwoBelow(value) * 0.125), SMALLEST_E4M3);
  const rounding = fround(apart * ROUNDING_CONSTANT);
  return fround(fround(value + rounding) - rounding);
}

/**
 * What the steps of blocks are a share of: the peak itself; OCP MX, the power of two not above the peak (version 1.0, section 6.3);
 * NVFP4, the peak in units of a 448th of the tensor's, as the nearest number of E4M3. A scale of zero, which E4M3 has and which no value
 * can be divided by, gives way to the smallest above it.
 * @param peaks largest magnitudes, blocks x positions; of all of one tensor of one image
 * @param positions of a row of them
 * @param least added to the tensor's unit
 */
export function blockScales(
  peaks: Float32Array,
  positions: number,
  { scale, floor }: BlockRange,
  least: number,
): Float32Array {
  const floored = floor > 0 && peaks.length > positions ? flooredPeaks(peaks, positions, fround(floor)) : peaks;
  if (scale === 'exact') return floored;
  if (scale === 'power-of-two') return floored.map(powerOfTwoBelow);
  const most = peaks.reduce((highest, peak) => Math.max(highest, peak), 0);
  const unit = fround(fround(most * fround(1 / LARGEST_E4M3)) + least);
  return floored.map((peak) => fround(Math.max(nearestE4M3(fround(peak / unit)), SMALLEST_E4M3) * unit));
}

function flooredPeaks(peaks: Float32Array, positions: number, floor: number): Float32Array {
  const most = new Float32Array(positions);
  peaks.forEach((peak, at) => (most[at % positions] = Math.max(most[at % positions]!, peak)));
  return peaks.map((peak, at) => Math.max(peak, fround(most[at % positions]! * floor)));
}

/**
 * The step of a width as a share of the scale where that is a power of two at most the peak: the largest integer's power of two is as
 * much below the scale as OCP MX's INT8 has it (integers below 2 in units of 2^-6 at 8 bits), and values beyond are cut off. Without
 * sign, twice as many integers take the same range.
 * @param largest integer of the width
 */
export function powerShare(largest: number): number {
  return 2 / (largest + 1);
}
