import { type Interval, mcnemarExact, twoSided, wilsonInterval, Z_95 } from './statistics.ts';

/** Every image once, by which of two classifiers gets it right: the 2 x 2 table of paired answers. */
export interface PairedCounts {
  readonly bothRight: number;
  readonly onlyFirst: number;
  readonly onlyOther: number;
  readonly bothWrong: number;
}

/** 80 % quantile of the standard normal distribution: the power that {@link imagesForDifference} promises. */
const Z_80 = 0.8416212335729143;
/** Chance that as many images as {@link imagesForDifference} says show a difference that is there. */
export const POWER = 0.8;

/**
 * Interval of the difference of two proportions of the same images (the other's less the first's), 95 %; null without images.
 * R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions based on paired data",
 * Statistics in Medicine 17 (1998), method 10: Wilson's intervals, squared and added, with the correlation's continuity correction.
 */
export function pairedDifferenceInterval({
  bothRight,
  onlyFirst,
  onlyOther,
  bothWrong,
}: PairedCounts): Interval | null {
  const images = bothRight + onlyFirst + onlyOther + bothWrong;
  if (images === 0) return null;
  const other = (bothRight + onlyOther) / images;
  const first = (bothRight + onlyFirst) / images;
  const [otherLow, otherHigh] = wilsonInterval(bothRight + onlyOther, images)!;
  const [firstLow, firstHigh] = wilsonInterval(bothRight + onlyFirst, images)!;
  const correlation = correctedCorrelation({ bothRight, onlyFirst, onlyOther, bothWrong });
  const root = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
  const difference = other - first;
  return [
    Math.max(-1, difference - root(other - otherLow, firstHigh - first)),
    Math.min(1, difference + root(otherHigh - other, first - firstLow)),
  ];
}

function correctedCorrelation({ bothRight, onlyFirst, onlyOther, bothWrong }: PairedCounts): number {
  const margins = (bothRight + onlyFirst) * (onlyOther + bothWrong) * (bothRight + onlyOther) * (onlyFirst + bothWrong);
  if (margins === 0) return 0;
  const images = bothRight + onlyFirst + onlyOther + bothWrong;
  const product = bothRight * bothWrong - onlyFirst * onlyOther;
  const corrected = product > 0 ? Math.max(0, product - images / 2) : product;
  return corrected / Math.sqrt(margins);
}

/**
 * Images that show a difference of two accuracies at p < 0.05 with 80 % power, if as large a share of them changes sides as here.
 * J. E. Connett, J. A. Smith and R. B. McHugh, "Sample size and power for pair-matched case-control studies", Statistics in
 * Medicine 6 (1987): n = (z(0.975) sqrt(s) + z(0.8) sqrt(s - d^2))^2 / d^2.
 * @param changing share of the images that only one of the two gets right, 0..1; a difference needs at least as many as itself
 * @param difference to be seen, above 0
 */
export function imagesForDifference(changing: number, difference: number): number {
  const share = Math.max(changing, difference);
  const root = Z_95 * Math.sqrt(share) + Z_80 * Math.sqrt(share - difference ** 2);
  return Math.ceil((root / difference) ** 2);
}

/**
 * Probabilities of a family of tests, each raised so that one of them falls below 0.05 by chance in at most 5 of 100 families.
 * S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, pValues[index]! * (pValues.length - rank)));
    adjusted[index] = least;
  });
  return adjusted;
}

/** Fewer images than this show differences of several points at best: reports say so. */
export const FEW_IMAGES = 500;

/** A mean of paired differences of the images of a run, each from -1 to 1. */
export interface MeanDifference {
  readonly difference: number;
  readonly interval: Interval;
  /** Two-sided, of no difference at all. */
  readonly pValue: number;
}

/**
 * A mean difference with its interval, 95 %, from the sums of differences and of their squares over `images`; null without images.
 * D. G. Bonett and R. M. Price, "Adjusted Wald confidence interval for a difference of binomial proportions based on paired data",
 * Journal of Educational and Behavioral Statistics 37 (2012): one image more of each kind, +1 and -1, so that the width is never 0;
 * here for mixed answers, too. The p-value is McNemar's without continuity correction, which is the normal one of a sum of
 * differences of either sign.
 */
export function meanDifference(images: number, sum: number, squares: number): MeanDifference | null {
  if (images === 0) return null;
  const count = images + 2;
  const mean = sum / count;
  const half = Z_95 * Math.sqrt(((squares + 2) / count - mean ** 2) / count);
  return {
    difference: sum / images,
    interval: [Math.max(-1, mean - half), Math.min(1, mean + half)],
    pValue: squares === 0 ? 1 : twoSided(Math.abs(sum) / Math.sqrt(squares)),
  };
}

/** How two classifiers differ over the same images, at Top-1, at Top-5 or in agreement with the plain network. */
export interface PairedOutcome extends PairedCounts {
  /** Share that the other gets right less that of the first. */
  readonly difference: number;
  readonly interval: Interval;
  /** McNemar's exact test, two-sided. */
  readonly pValue: number;
  /** The same, raised for the number of runs held against the first; equal to it where there is one. */
  readonly familyPValue: number;
  /** Images needed to see a difference of one point, see {@link imagesForDifference}. */
  readonly imagesForAPoint: number;
}

/** @returns without the probability of the family, which takes all its members */
export function pairedOutcome(counts: PairedCounts): Omit<PairedOutcome, 'familyPValue'> {
  const { bothRight, onlyFirst, onlyOther, bothWrong } = counts;
  const images = bothRight + onlyFirst + onlyOther + bothWrong;
  return {
    ...counts,
    difference: (onlyOther - onlyFirst) / images,
    interval: pairedDifferenceInterval(counts)!,
    pValue: mcnemarExact(onlyFirst, onlyOther),
    imagesForAPoint: imagesForDifference((onlyFirst + onlyOther) / images, 0.01),
  };
}

/** The 2 x 2 table of two classifiers over some images; 1 where an answer is right. */
export function pairedCounts(
  first: ArrayLike<number>,
  other: ArrayLike<number>,
  images: readonly number[],
): PairedCounts {
  const counts = { bothRight: 0, onlyFirst: 0, onlyOther: 0, bothWrong: 0 };
  for (const image of images)
    if (first[image]) counts[other[image] ? 'bothRight' : 'onlyFirst']++;
    else counts[other[image] ? 'onlyOther' : 'bothWrong']++;
  return counts;
}

/** Fills in the probabilities of a family of tests; tests that could not be made are no members. */
export function ofFamily<Test extends { readonly pValue: number }>(
  tests: readonly (Test | null)[],
): ((Test & { readonly familyPValue: number }) | null)[] {
  const made = tests.filter((test) => test !== null);
  const raised = holm(made.map(({ pValue }) => pValue));
  let next = 0;
  return tests.map((test) => (test === null ? null : { ...test, familyPValue: raised[next++]! }));
}

/** What is this unlikely by chance alone is called a difference. */
export const SIGNIFICANT_BELOW = 0.05;
