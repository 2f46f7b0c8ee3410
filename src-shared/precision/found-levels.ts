import type { LayerGeometry } from '../measurement.ts';
import type { Window } from './plan-option-table.ts';
import type { FoundLevels } from './precision-plan.ts';

const { fround } = Math;

/** A layer's input as a map, of one image: magnitudes decide. */
export interface FoundInput {
  /** Float32, channels x positions. */
  readonly values: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Which positions a layer finds sensitive in its own input, as the rewritten graph computes it, to the bit: 1 where the score of a
 * position exceeds the threshold, else 0.
 *
 * `sensitivity` (after DRQ: Song et al., ISCA 2020): the mean magnitude over all channels of the positions in a window x window around
 * it, those beyond the edge left out. `outliers` (after QuantMCU, 2024): the largest magnitude in the patch of window x window positions
 * that holds it; patches tile the map from its first row and column on.
 *
 * Sums are exact, so that no order of adding up matters: channels are added in halves a few times, which leaves one sum of two to
 * each place, and what comes of it is rounded to multiples of a power of two so small that the threshold has 21 bits or more.
 * What exceeds the 24 bits of a float32 is far beyond the threshold.
 * @param threshold in units of the activations, as `calibratedScores` gives it; below 0 nothing is insensitive
 * @returns by position
 */
export function foundSensitive(input: FoundInput, found: FoundLevels, threshold: number): Uint8Array {
  return found.metric === 'outliers'
    ? withOutliers(input, found.window, threshold)
    : aboveMean(input, found.window, threshold);
}

function aboveMean({ values, channels, height, width }: FoundInput, window: Window, mean: number): Uint8Array {
  const positions = height * width;
  const { threshold, rounding } = windowThreshold(mean, channels, window);
  const left = halvings(channels);
  let sums = values.map(Math.abs);
  for (let halving = 0, rest = channels; halving < left; halving++) {
    rest /= 2;
    const half = rest * positions;
    sums = Float32Array.from({ length: half }, (_, at) => fround(sums[at]! + sums[half + at]!));
  }
  const ofPosition = new Float64Array(positions);
  sums.forEach((sum, at) => (ofPosition[at % positions]! += fround(fround(sum + rounding) - rounding)));
  const counts = windowCounts(height, width, window);
  const ofWindow = windowSums(ofPosition, height, width, window);
  return Uint8Array.from(ofWindow, (sum, position) => Number(sum > fround(threshold * counts[position]!)));
}

function withOutliers(input: FoundInput, patch: Window, threshold: number): Uint8Array {
  const scores = windowScores(positionScores(input, 'outliers'), input, { metric: 'outliers', window: patch });
  return Uint8Array.from(scores, (score) => Number(score > fround(threshold)));
}

/**
 * Additions and comparisons of a predictor beside the layer that writes the values: `sensitivity` adds the magnitudes of a position's
 * channels and the sums of its window, and compares; `outliers` compares each value with the most of its patch, and that with the
 * threshold.
 */
export function predictorSteps(
  { inputShape: [channels, height, width] }: Pick<LayerGeometry, 'inputShape'>,
  { metric, window }: FoundLevels,
): number {
  const positions = height * width;
  if (metric === 'sensitivity') return positions * (channels + window ** 2 + 1);
  return positions * channels + Math.ceil(height / window) * Math.ceil(width / window);
}

/** Positions of a window before the one it belongs to, along an axis. */
export const reachBefore = (window: Window) => (window - 1) / 2;

/** How often channels are added in halves: three times, as far as they can be halved. */
export function halvings(channels: number): number {
  for (const times of [3, 2, 1]) if (channels % 2 ** times === 0) return times;
  return 0;
}

/** By position: how many positions its window has on the map. */
export function windowCounts(height: number, width: number, window: Window): Float32Array {
  return Float32Array.from(windowSums(new Float64Array(height * width).fill(1), height, width, window));
}

/** By position: the sum over its window. */
function windowSums(plane: Float64Array, height: number, width: number, window: Window): Float64Array {
  const before = reachBefore(window);
  return plane.map((_, position) => {
    const [row, column] = [Math.floor(position / width), position % width];
    let sum = 0;
    for (let y = Math.max(0, row - before); y <= Math.min(height - 1, row + before); y++)
      for (let x = Math.max(0, column - before); x <= Math.min(width - 1, column + before); x++)
        sum += plane[y * width + x]!;
    return sum;
  });
}

/** By position: the most of its patch. */
function patchPeaks(plane: Float64Array, height: number, width: number, patch: Window): Float64Array {
  const columns = Math.ceil(width / patch);
  const patchOf = (position: number) =>
    Math.floor(position / width / patch) * columns + Math.floor((position % width) / patch);
  const peaks = new Float64Array(columns * Math.ceil(height / patch));
  plane.forEach((value, position) => (peaks[patchOf(position)] = Math.max(peaks[patchOf(position)]!, value)));
  return plane.map((_, position) => peaks[patchOf(position)]!);
}

/** Below this a sum is none. */
const LEAST_SUM = 2 ** -60;
/** Bits of the threshold before its last one counts no more. */
const THRESHOLD_BITS = 21;

/**
 * A threshold of the mean as the graph has it.
 * @returns the threshold for the sum over the channels of one position, and what is added and taken away again to round to the
 * multiples that sums are made of
 */
export function windowThreshold(mean: number, channels: number, window: Window) {
  const threshold = fround(mean * channels);
  const whole = Math.max(LEAST_SUM, threshold * window ** 2);
  const unit = 2 ** (Math.floor(Math.log2(whole)) - THRESHOLD_BITS);
  return { threshold, rounding: 1.5 * 2 ** 23 * unit };
}

/** What no score exceeds, and what every score does: where all of the area is low, or nothing. */
export const ABOVE_ALL = 2 ** 60;
export const BELOW_ALL = -1;

/** Shares of the positions whose scores calibration keeps: every twentieth, from the lowest score to the highest. */
const SHARES = 20;
export const SCORE_SHARES: readonly number[] = Array.from({ length: SHARES + 1 }, (_, at) => at / SHARES);

/**
 * The threshold that a share of the positions of calibration images does not exceed, between two calibrated quantiles on the line
 * through them. An image of its own may have more such positions, or fewer.
 * @param quantiles ascending scores, one for each of {@link SCORE_SHARES}
 * @param share 0..1
 */
export function thresholdOfShare(quantiles: readonly number[], share: number): number {
  if (share <= 0) return BELOW_ALL;
  if (share >= 1) return ABOVE_ALL;
  const at = Math.floor(share * SHARES);
  const [low, high] = [quantiles[at]!, quantiles[Math.min(at + 1, SHARES)]!];
  return low + (high - low) * (share * SHARES - at);
}

/** What the scores of all windows are made of: by position the mean magnitude over the channels, or the largest. */
export function positionScores(
  { values, channels, height, width }: FoundInput,
  metric: FoundLevels['metric'],
): Float64Array {
  const positions = height * width;
  const scores = new Float64Array(positions);
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (let position = 0; position < positions; position++, at++) {
      const magnitude = Math.abs(values[at]!);
      if (metric === 'sensitivity') scores[position]! += magnitude / channels;
      else if (magnitude > scores[position]!) scores[position] = magnitude;
    }
  return scores;
}

/**
 * The scores that {@link foundSensitive} holds against a threshold, to within rounding: what thresholds are calibrated on.
 * @param scores as {@link positionScores} gives them for the same metric
 * @returns by position
 */
export function windowScores(
  scores: Float64Array,
  { height, width }: Pick<FoundInput, 'height' | 'width'>,
  { metric, window }: FoundLevels,
): Float32Array {
  if (metric === 'outliers') return Float32Array.from(patchPeaks(scores, height, width, window));
  const counts = windowCounts(height, width, window);
  return Float32Array.from(windowSums(scores, height, width, window), (sum, position) => sum / counts[position]!);
}
