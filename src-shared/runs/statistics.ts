import { randomGenerator } from '../importance/random.ts';

export type Interval = readonly [low: number, high: number];

/** 97.5 % quantile of the standard normal distribution: two-sided 95 %. */
export const Z_95 = 1.959963984540054;

/**
 * Chance that a standard normal variable lies at least so far from 0, on either side.
 * W. H. Press et al., "Numerical Recipes in C", 2nd ed. (1992), section 6.2, `erfcc`: within 1.2e-7 of the value.
 */
export function twoSided(distance: number): number {
  const x = distance / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const polynomial = coefficients.reduceRight((sum, coefficient) => coefficient + t * sum, 0);
  return Math.min(1, t * Math.exp(-x * x + polynomial));
}

/**
 * Whether so many right answers are no sign of knowing anything: at most two standard deviations above naming classes by chance, or a
 * single one.
 */
export function isChance(right: number, images: number, classes: number): boolean {
  const chance = 1 / classes;
  return right <= Math.max(1, images * chance + 2 * Math.sqrt(images * chance * (1 - chance)));
}

/**
 * Wilson's score interval of a proportion, 95 %, without continuity correction; null without trials.
 * E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */
export function wilsonInterval(successes: number, trials: number): Interval | null {
  if (trials === 0) return null;
  const share = successes / trials;
  const z2 = Z_95 ** 2;
  const centre = share + z2 / (2 * trials);
  const half = Z_95 * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials ** 2));
  const scale = 1 + z2 / trials;
  // At 0 and 1 the bound is exact; rounding must not push it outside.
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

/**
 * McNemar's exact test, two-sided: the probability, if neither of two paired classifiers were better, of a split of the images
 * that only one of them gets right at least as uneven as this one.
 * Q. McNemar, Psychometrika 12 (1947); exact binomial form: A. Agresti, "Categorical Data Analysis", 2nd ed., section 10.1.
 * @param onlyFirst images that only the first gets right
 * @param onlySecond images that only the second gets right
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const trials = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // Terms of the binomial tail relative to its largest, from the middle down: no overflow, whatever the number of trials.
  let term = 1;
  let tail = 0;
  for (let k = fewer; k >= 0; k--) {
    tail += term;
    term *= k / (trials - k + 1);
  }
  return Math.min(1, 2 * Math.exp(logChoose(trials, fewer) - trials * Math.LN2 + Math.log(tail)));
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/**
 * From so many values on a mean is normal to within what chance does to the bounds of 2000 resamples, which would take a tenth of a
 * second and more for each of some forty intervals of a run.
 */
const NORMAL_FROM = 10_000;

export interface BootstrapOptions {
  readonly seed: number;
  /** Default: 2000, and none where the values are so many that the interval is normal. */
  readonly resamples?: number;
}

/**
 * Percentile bootstrap interval of a mean, 95 %; null without values. The same values in the same order and the same seed give
 * the same interval. B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
 */
export function bootstrapMeanInterval(values: ArrayLike<number>, options: BootstrapOptions): Interval | null {
  const count = values.length;
  if (count === 0) return null;
  if (count >= NORMAL_FROM && options.resamples === undefined) return normalMeanInterval(values);
  return bootstrapInterval(
    count,
    (draws) => {
      let sum = 0;
      for (let draw = 0; draw < count; draw++) sum += values[draws[draw]!]!;
      return sum / count;
    },
    options,
  );
}

/**
 * Percentile bootstrap interval of any figure of `count` values, 95 %; null without values.
 * @param figureOf of so many indexes of values, drawn with replacement; the list is used again
 */
export function bootstrapInterval(
  count: number,
  figureOf: (draws: Int32Array) => number,
  { seed, resamples = 2000 }: BootstrapOptions,
): Interval | null {
  if (count === 0) return null;
  const random = randomGenerator(seed);
  const draws = new Int32Array(count);
  const figures = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    for (let draw = 0; draw < count; draw++) draws[draw] = Math.floor(random() * count);
    figures[resample] = figureOf(draws);
  }
  figures.sort();
  return [quantile(figures, 0.025), quantile(figures, 0.975)];
}

/** What the bootstrap tends to: resampled means deviate by that of the values themselves, over the root of their number. */
function normalMeanInterval(values: ArrayLike<number>): Interval {
  const count = values.length;
  let sum = 0;
  for (let index = 0; index < count; index++) sum += values[index]!;
  const mean = sum / count;
  let squares = 0;
  for (let index = 0; index < count; index++) squares += (values[index]! - mean) ** 2;
  const half = (Z_95 * Math.sqrt(squares / count)) / Math.sqrt(count);
  return [mean - half, mean + half];
}

/**
 * Interval over images of what a plan or a policy costs, 95 %. Null where every image costs the same by construction, and of a single
 * image: then nothing was sampled that an interval could be of.
 */
export function costInterval(costs: ArrayLike<number>, options: BootstrapOptions): Interval | null {
  // Sums in another order differ in the last digits.
  for (let image = 1; image < costs.length; image++)
    if (Math.abs(costs[image]! - costs[0]!) > 1e-9) return bootstrapMeanInterval(costs, options);
  return null;
}

/** Linear interpolation between order statistics (R's type 7, NumPy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}

export interface TradeOff {
  readonly cost: number;
  readonly accuracy: number;
}

/**
 * Indexes of the points that no other point beats: none is as cheap and as accurate, and better in one of the two. Cheapest
 * first; equal points are all kept, in their order.
 */
export function paretoFront(points: readonly TradeOff[]): number[] {
  const order = points
    .map((_, index) => index)
    .sort((a, b) => points[a]!.cost - points[b]!.cost || points[b]!.accuracy - points[a]!.accuracy || a - b);
  const front: number[] = [];
  for (const index of order) {
    const last = points[front.at(-1) ?? -1];
    const point = points[index]!;
    if (!last || point.accuracy > last.accuracy || (point.accuracy === last.accuracy && point.cost === last.cost))
      front.push(index);
  }
  return front;
}
