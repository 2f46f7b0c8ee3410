import { z } from 'zod';
import { logHistogramOf, percentileMagnitude, type ActivationHistogram } from './activation-histogram.ts';
import { FoveaError } from '../errors.ts';
import { MAX_LOG_BITS } from './precision-plan.ts';
import { levelsOfBits, logActivationLevels, type LogLevels } from './weighted-entropy.ts';

const logScaleSchema = z.tuple([z.number(), z.number().positive()]).readonly();

/**
 * What calibration found out about a layer's input: the range that almost all magnitudes keep to, alone or with the offset and
 * step of the logarithmic levels for 1, 2, 3... bits, in bins of a sixteenth of an octave.
 */
export const layerRangeSchema = z.union([
  z.number().nonnegative(),
  z.strictObject({ range: z.number().nonnegative(), logScales: z.array(logScaleSchema).readonly() }).readonly(),
]);
export type LayerRange = z.infer<typeof layerRangeSchema>;

/** What the activations of calibration images say of a layer's input. @param percentile (0..100] of them that the range holds */
export function calibratedRange(histogram: ActivationHistogram, percentile: number): LayerRange {
  const log = logHistogramOf(histogram);
  const widths = log.size === 0 ? [] : Array.from({ length: MAX_LOG_BITS }, (_, index) => index + 1);
  return {
    range: percentileMagnitude(histogram, percentile),
    logScales: widths.map((bits) => {
      const { offset, step } = logActivationLevels(log, bits);
      return [offset, step] as const;
    }),
  };
}

/** The largest magnitude that is not clipped; 0 for a layer that was never active. */
export function rangeOf(range: LayerRange): number {
  return typeof range === 'number' ? range : range.range;
}

/**
 * The logarithmic levels of a width. With sign, one bit carries it; a width without levels keeps zero alone. A layer that was
 * never active while calibrating has no scale: its values stay near zero whatever the levels.
 * @param bits 0..8
 * @throws FoveaError `calibration-missing` for a range that was calibrated without them
 */
export function logLevelsOf(range: LayerRange, bits: number, unsigned: boolean): LogLevels {
  const magnitudeBits = unsigned ? bits : bits - 1;
  if (magnitudeBits < 1 || rangeOf(range) === 0) return { offset: 0, step: 1, count: 1 };
  const scale = typeof range === 'number' ? undefined : range.logScales[magnitudeBits - 1];
  if (!scale)
    throw new FoveaError(
      'calibration-missing',
      `the calibrated ranges hold no logarithmic levels of ${magnitudeBits} bits, which the quantiser "log" needs`,
      'Run fovea models calibrate again.',
    );
  const [offset, step] = scale;
  return { offset, step, count: levelsOfBits(magnitudeBits) };
}
