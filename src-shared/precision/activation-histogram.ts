import { z } from 'zod';
import { BINS_PER_OCTAVE } from './weighted-entropy.ts';

/**
 * A histogram of magnitudes by the upper 16 bits of their float32: sign, exponent and 7 bits of fraction, so 128 bins an octave,
 * each less than 0.8 % wide. Filling it costs one shift a value, and histograms of several images add.
 */
export type ActivationHistogram = Float64Array;

const BINS = 0x8000;

export function emptyHistogram(): ActivationHistogram {
  return new Float64Array(BINS);
}

export function addToHistogram(histogram: ActivationHistogram, values: Float32Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) histogram[(words[i]! & 0x7fffffff) >>> 16]!++;
}

/** Largest magnitude of a bin. */
export function binCeiling(bin: number): number {
  const word = new Uint32Array(1);
  word[0] = (bin << 16) | 0xffff;
  return new Float32Array(word.buffer)[0]!;
}

/** The magnitudes by bins of a sixteenth of an octave, floor(16 log2 x), as logarithmic levels are chosen from; zeros are left out. */
export function logHistogramOf(histogram: ActivationHistogram): Map<number, number> {
  const log = new Map<number, number>();
  for (let bin = 1; bin < BINS; bin++) {
    const count = histogram[bin]!;
    const middle = Math.sqrt(binCeiling(bin - 1) * binCeiling(bin));
    if (count === 0 || !(middle > 0) || !Number.isFinite(middle)) continue;
    const octave = Math.floor(BINS_PER_OCTAVE * Math.log2(middle));
    log.set(octave, (log.get(octave) ?? 0) + count);
  }
  return log;
}

/**
 * The magnitude that `percentile` (0..100] of the values do not exceed, to the width of a bin; 0 when no value is non-zero.
 * Zeros count: after ReLU they are most values, and the range must hold for all.
 */
export function percentileMagnitude(histogram: ActivationHistogram, percentile: number): number {
  let total = 0;
  for (const count of histogram) total += count;
  const wanted = Math.ceil((total * percentile) / 100);
  let seen = 0;
  for (let bin = 0; bin < BINS; bin++) {
    seen += histogram[bin]!;
    if (seen >= wanted && seen > 0) return bin === 0 ? 0 : binCeiling(bin);
  }
  return 0;
}

/** Percentiles that can be chosen for ranges after the activations have been counted. */
export const RANGE_PERCENTILES = [99, 99.9, 99.99, 100] as const;
const BARS = 48;

/** A histogram as it is drawn and kept. */
export const layerHistogramSchema = z
  .object({
    /** Largest magnitude. */
    largest: z.number().nonnegative(),
    /** Share of the values that are zero; they are in no bar. */
    zeroShare: z.number().min(0).max(1),
    /** Values by magnitude, in equal parts from 0 to the largest. */
    counts: z.array(z.number().nonnegative()).readonly(),
    /** Of {@link RANGE_PERCENTILES}. */
    magnitudes: z.array(z.number().nonnegative()).readonly(),
  })
  .readonly();
export type LayerHistogram = z.infer<typeof layerHistogramSchema>;

export function layerHistogram(histogram: ActivationHistogram): LayerHistogram {
  const largest = percentileMagnitude(histogram, 100);
  const counts = new Array<number>(BARS).fill(0);
  let total = histogram[0]!;
  for (let bin = 1; bin < BINS; bin++) {
    const count = histogram[bin]!;
    if (count === 0) continue;
    total += count;
    counts[Math.min(BARS - 1, Math.floor((binCeiling(bin) / largest) * BARS))]! += count;
  }
  return {
    largest: Number.isFinite(largest) ? largest : 0,
    zeroShare: total === 0 ? 0 : histogram[0]! / total,
    counts,
    magnitudes: RANGE_PERCENTILES.map((percentile) => percentileMagnitude(histogram, percentile)).map((value) =>
      Number.isFinite(value) ? value : 0,
    ),
  };
}
