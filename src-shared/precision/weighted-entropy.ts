/**
 * Weighted-entropy quantisation after Park, Ahn and Yoo (CVPR 2017), as the first author's published code does it. Weighted
 * entropy S = -sum I_n P_n log P_n over the levels n; P_n is the share of values at a level, I_n their importance.
 */

/** Levels of a width: 2^bits. */
export function levelsOfBits(bits: number): number {
  return 2 ** bits;
}

/** Levels of weights, the same for both signs. Index 0 is nearest zero; with an odd number of levels it is the zero level. */
export interface WeightClusters {
  /** Smallest magnitude of each cluster, ascending; the first is 0. */
  readonly boundaries: Float32Array;
  /** Magnitude that stands for each cluster. */
  readonly values: Float32Array;
  /** S of the sorted sample after the equal-count start and after every round that raised it. */
  readonly history: readonly number[];
}

/** Cuts are searched on an evenly spaced sample: sorting the 10^8 weights of a fully connected layer gains nothing. */
const MAX_SAMPLE = 1 << 18;

/**
 * Clusters weights by magnitude so that weighted entropy is largest; importance is the square of a weight.
 *
 * Starts from clusters of equal count, then moves one cut at a time by bisection, round after round while S rises. A cluster
 * is bounded by the magnitude at its cut and stands for the root of its mean square.
 * @param weights all finite; at least one
 * @param levels 2 and more, both signs together; an odd number keeps a level of zero
 */
export function clusterWeights(weights: Float32Array, levels: number): WeightClusters {
  const squares = sampledSquares(weights);
  const sums = new Float64Array(squares.length + 1);
  for (let i = 0; i < squares.length; i++) sums[i + 1] = sums[i]! + squares[i]!;

  const clusters = Math.ceil(levels / 2);
  const zeroLevel = levels % 2 === 1;
  /** Cluster n holds the sorted squares cuts[n] .. cuts[n + 1] - 1. */
  const cuts = Array.from({ length: clusters + 1 }, (_, n) => Math.floor((squares.length * n) / clusters));
  /** One cluster's part of S. A cluster stands for both signs, so each of its two levels has half its share. */
  const term = (n: number, from: number, to: number) =>
    to <= from || (zeroLevel && n === 0)
      ? 0
      : (-(sums[to]! - sums[from]!) / squares.length) * Math.log((to - from) / squares.length / 2);
  const entropy = () => cuts.slice(1).reduce((sum, to, n) => sum + term(n, cuts[n]!, to), 0);

  const history = [entropy()];
  for (;;) {
    for (let n = 1; n < clusters; n++) {
      const [below, above] = [cuts[n - 1]!, cuts[n + 1]!];
      const ofCut = (cut: number) => term(n - 1, below, cut) + term(n, cut, above);
      if (above - below < 2) continue;
      const found = bisect(below + 1, above - 1, ofCut);
      if (ofCut(found) > ofCut(cuts[n]!)) cuts[n] = found;
    }
    const raised = entropy();
    if (raised <= history.at(-1)! * (1 + 1e-12)) break;
    history.push(raised);
  }

  // Equal magnitudes fall on one side of a cut, so a cluster among ties may be left without members.
  const boundaries = Float32Array.from([
    ...new Set(cuts.slice(0, clusters).map((cut, n) => (n === 0 ? 0 : Math.sqrt(squares[cut]!)))),
  ]);
  return { boundaries, values: representatives(weights, boundaries, zeroLevel), history };
}

/** The position in lo..hi where `score` stops rising. */
function bisect(lo: number, hi: number, score: (cut: number) => number): number {
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (score(middle) > score(middle + 1)) hi = middle;
    else lo = middle + 1;
  }
  return lo;
}

function sampledSquares(weights: Float32Array): Float64Array {
  const count = Math.min(weights.length, MAX_SAMPLE);
  const stride = weights.length / count;
  const squares = new Float64Array(count);
  for (let i = 0; i < count; i++) squares[i] = weights[Math.floor(i * stride)]! ** 2;
  return squares.sort();
}

/** Root mean square of the members of each cluster, over all weights; an empty cluster keeps its boundary. */
function representatives(weights: Float32Array, boundaries: Float32Array, zeroLevel: boolean): Float32Array {
  const squares = new Float64Array(boundaries.length);
  const counts = new Float64Array(boundaries.length);
  for (let i = 0; i < weights.length; i++) {
    const n = clusterOf(Math.abs(weights[i]!), boundaries);
    squares[n]! += weights[i]! ** 2;
    counts[n]!++;
  }
  return boundaries.map((boundary, n) => {
    if (zeroLevel && n === 0) return 0;
    return counts[n] === 0 ? boundary : Math.sqrt(squares[n]! / counts[n]!);
  });
}

function clusterOf(magnitude: number, boundaries: Float32Array): number {
  let n = boundaries.length - 1;
  while (n > 0 && magnitude < boundaries[n]!) n--;
  return n;
}

/** The weights at their clusters' values, signs kept; a weight of zero counts as positive, as in the authors' code. */
export function quantiseWeights(weights: Float32Array, clusters: WeightClusters): Float32Array {
  const quantised = new Float32Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const value = clusters.values[clusterOf(Math.abs(weights[i]!), clusters.boundaries)]!;
    quantised[i] = weights[i]! < 0 ? -value : value;
  }
  return quantised;
}

/** How many activations fall into each bin floor(16 log2 x); zeros and negative values are not in it. */
export type LogHistogram = ReadonlyMap<number, number>;

/** Bins to a doubling. */
export const BINS_PER_OCTAVE = 16;

/** Levels of activations after ReLU: level 0 is exactly zero, level i = 1 .. count - 1 is 2^((offset + (i - 1) step) / 16). */
export interface LogLevels {
  readonly offset: number;
  readonly step: number;
  readonly count: number;
}

/** Widest step searched: two octaves between levels. */
const MAX_STEP = 2 * BINS_PER_OCTAVE;
/** Octaves below the largest activation that are told apart; what is smaller counts as lying at this depth. */
const DEPTH_OCTAVES = 40;

/**
 * The logarithmic levels with the largest weighted entropy; a level's importance is its own value. A level holds the bins from
 * half a step below it to half a step above; the highest holds everything above as well, and what lies below the lowest
 * becomes zero and counts for nothing.
 * @param histogram at least one bin
 * @param bits 1..8; 2^bits levels with zero
 */
export function logActivationLevels(histogram: LogHistogram, bits: number): LogLevels {
  const count = levelsOfBits(bits);
  const counts = cumulate(histogram);
  let best: LogLevels = { offset: counts.highest, step: 2, count };
  let most = -Infinity;
  for (let step = 2; step <= MAX_STEP; step += 2)
    for (let top = counts.lowest; top <= counts.highest + step / 2; top++) {
      const levels = { offset: top - (count - 2) * step, step, count };
      const entropy = levelEntropy(counts, levels);
      if (entropy > most) [most, best] = [entropy, levels];
    }
  return best;
}

/** Weighted entropy of a histogram at some levels. */
export function weightedEntropyOfLevels(histogram: LogHistogram, levels: LogLevels): number {
  return levelEntropy(cumulate(histogram), levels);
}

interface CumulatedCounts {
  readonly lowest: number;
  readonly highest: number;
  /** Values below bin `lowest + i`; those below `lowest` are counted in it. */
  readonly below: Float64Array;
}

function cumulate(histogram: LogHistogram): CumulatedCounts {
  const bins = [...histogram.keys()];
  const highest = Math.max(...bins);
  const lowest = Math.max(Math.min(...bins), highest - DEPTH_OCTAVES * BINS_PER_OCTAVE);
  const below = new Float64Array(highest - lowest + 2);
  for (const [bin, values] of histogram) below[Math.max(bin - lowest, 0) + 1]! += values;
  for (let i = 1; i < below.length; i++) below[i]! += below[i - 1]!;
  return { lowest, highest, below };
}

function levelEntropy({ lowest, below }: CumulatedCounts, { offset, step, count }: LogLevels): number {
  const last = below.length - 1;
  const all = below[last]!;
  const belowBin = (bin: number) => below[Math.min(Math.max(bin - lowest, 0), last)]!;
  // Levels whose bins all lie below the lowest filled one are empty.
  const first = Math.max(0, Math.floor((lowest - offset - step / 2) / step));
  let entropy = 0;
  for (let i = first; i < count - 1; i++) {
    const from = offset + i * step - step / 2;
    const share = ((i === count - 2 ? all : belowBin(from + step)) - belowBin(from)) / all;
    if (share > 0) entropy -= 2 ** ((offset + i * step) / BINS_PER_OCTAVE) * share * Math.log(share);
  }
  return entropy;
}

/** The value of a level. @param level 0, exact zero, to count - 1 */
export function logLevelValue({ offset, step }: LogLevels, level: number): number {
  return level === 0 ? 0 : 2 ** ((offset + (level - 1) * step) / BINS_PER_OCTAVE);
}

/**
 * The reference quantiser: the level nearest on the logarithmic scale, halves upwards, as a value. What is not positive, and
 * what lies more than half a step below the lowest level, becomes zero.
 */
export function quantiseLog(activation: number, levels: LogLevels): number {
  if (!(activation > 0)) return 0;
  const steps = Math.floor((BINS_PER_OCTAVE * Math.log2(activation) - levels.offset) / levels.step + 0.5);
  return logLevelValue(levels, Math.min(Math.max(steps + 1, 0), levels.count - 1));
}
