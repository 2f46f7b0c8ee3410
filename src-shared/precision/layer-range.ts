import { z } from 'zod';
import { logHistogramOf, percentileMagnitude, type ActivationHistogram } from './activation-histogram.ts';
import { FoveaError } from '../errors.ts';
import { SCORE_SHARES } from './found-levels.ts';
import { GRAPH_METRICS } from './metrics.ts';
import { type FoundLevels, MAX_LOG_BITS } from './precision-plan.ts';
import { WINDOWS } from './plan-option-table.ts';
import { levelsOfBits, logActivationLevels, type LogLevels } from './weighted-entropy.ts';

const logScaleSchema = z.tuple([z.number(), z.number().positive()]).readonly();

const quantilesSchema = z.array(z.number().nonnegative()).length(SCORE_SHARES.length).readonly();
/** Quantiles of the scores of all positions, by metric and side of the window; see `thresholdOfShare`. */
export type LayerScores = Readonly<Record<string, readonly number[]>>;
export const scoreName = ({ metric, window }: FoundLevels) => `${metric} ${window}`;
/** What calibration knows the scores of. */
export const KNOWN_SCORES: readonly FoundLevels[] = GRAPH_METRICS.flatMap((metric) =>
  WINDOWS.map((window) => ({ metric, window })),
);

/**
 * What calibration found out about a layer's input: the range that almost all magnitudes keep to, alone or with the offset and
 * step of the logarithmic levels for 1, 2, 3... bits, in bins of a sixteenth of an octave, and with the scores that layers find their
 * own levels by.
 */
export const layerRangeSchema = z.union([
  z.number().nonnegative(),
  z
    .strictObject({
      range: z.number().nonnegative(),
      logScales: z.array(logScaleSchema).readonly(),
      scores: z.record(z.string(), quantilesSchema).readonly().exactOptional(),
    })
    .readonly(),
]);
export type LayerRange = z.infer<typeof layerRangeSchema>;

/**
 * What the activations of calibration images say of a layer's input.
 * @param percentile (0..100] of them that the range holds
 * @param scores null for a layer that finds no levels of its own
 */
export function calibratedRange(
  histogram: ActivationHistogram,
  percentile: number,
  scores: LayerScores | null = null,
): LayerRange {
  const log = logHistogramOf(histogram);
  const widths = log.size === 0 ? [] : Array.from({ length: MAX_LOG_BITS }, (_, index) => index + 1);
  return {
    range: percentileMagnitude(histogram, percentile),
    logScales: widths.map((bits) => {
      const { offset, step } = logActivationLevels(log, bits);
      return [offset, step] as const;
    }),
    ...(scores ? { scores } : {}),
  };
}

/**
 * The quantiles of the scores that a layer finds its levels by.
 * @throws FoveaError `calibration-missing` for a range that was calibrated without them
 */
export function scoresOf(range: LayerRange, found: FoundLevels): readonly number[] {
  const scores = typeof range === 'number' ? undefined : range.scores?.[scoreName(found)];
  if (scores) return scores;
  throw new FoveaError(
    'calibration-missing',
    `the calibrated ranges hold no scores of metric ${found.metric} with a window of ${found.window}, which its thresholds come from`,
    'Run fovea models calibrate again.',
  );
}

/** A range without its scores: what plans go by whose levels come from elsewhere. */
export function withoutScores(range: LayerRange): LayerRange {
  if (typeof range === 'number' || !range.scores) return range;
  const { scores: _, ...own } = range;
  return own;
}

/** A range with the scores of another calibration. */
export function withScores(range: LayerRange, scored: LayerRange): LayerRange {
  if (typeof scored === 'number' || !scored.scores) return range;
  return { ...(typeof range === 'number' ? { range, logScales: [] } : range), scores: scored.scores };
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
