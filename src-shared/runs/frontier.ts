import { type MeanDifference, meanDifference } from './paired-statistics.ts';
import { paretoFront } from './statistics.ts';

export interface PricedPlan {
  /** Index among the plans of the run. */
  readonly plan: number;
  /** Share saved, in any one currency. */
  readonly saved: number;
}

/** Two plans of a frontier, used in turn: a share of the images under `high`, which saves more, the others under `low`. */
export interface Mix<Point extends PricedPlan> {
  readonly low: Point;
  readonly high: Point;
  readonly share: number;
}

/** The mix of two neighbours of a frontier that saves so much; null where no two enclose it. */
export function mixAt<Point extends PricedPlan>(saved: number, frontier: readonly Point[]): Mix<Point> | null {
  const points = frontier.toSorted((a, b) => a.saved - b.saved);
  // Sums over images and over layers differ in the last digits.
  const above = points.findIndex((point) => point.saved >= saved - 1e-9);
  const high = points[above];
  if (!high) return null;
  if (high.saved - saved <= 1e-9) return { low: high, high, share: 1 };
  const low = points[above - 1];
  return low ? { low, high, share: (saved - low.saved) / (high.saved - low.saved) } : null;
}

/** A plan or a policy with its answers, 1 where right, by index of the image. */
export interface JudgedPoint extends PricedPlan {
  readonly right: ArrayLike<number>;
}

/** What a plan earns over a frontier at equal energy. */
export interface FrontierDifference extends MeanDifference {
  /** Indexes of the two plans that are mixed. */
  readonly between: readonly [low: number, high: number];
}

/** One of several such tests. */
export type FrontierTest = FrontierDifference & {
  /** Raised for their number. */
  readonly familyPValue: number;
};

/** Compares a plan, image by image, with the mix of a frontier that saves as much; null where no two of it enclose what it saves. */
export function againstFrontier(
  { right, saved }: Omit<JudgedPoint, 'plan'>,
  frontier: readonly JudgedPoint[],
  images: readonly number[],
): FrontierDifference | null {
  const mix = mixAt(saved, frontier);
  if (!mix) return null;
  const { low, high } = mix;
  const found = againstMix(images, mix, (image) => [right[image]!, low.right[image]!, high.right[image]!]);
  return found && { ...found.difference, between: [low.plan, high.plan] };
}

/**
 * Compares a plan, image by image, with a mix of two that saves as much.
 * @param answers of an image under the plan, and under the lower and the higher one of the mix: 1 where right; null for an image
 *   that does not count
 * @returns null where no image counts
 */
export function againstMix(
  images: Iterable<number>,
  { share }: { readonly share: number },
  answers: (image: number) => readonly [own: number, low: number, high: number] | null,
): { readonly difference: MeanDifference; readonly images: number } | null {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const image of images) {
    const right = answers(image);
    if (!right) continue;
    const [own, low, high] = right;
    const difference = own - (share * high + (1 - share) * low);
    count++;
    sum += difference;
    squares += difference ** 2;
  }
  const difference = meanDifference(count, sum, squares);
  return difference && { difference, images: count };
}

/** The points that no other beats in both saving and right answers. */
export function bestOf(points: readonly JudgedPoint[], images: readonly number[]): JudgedPoint[] {
  const rightOf = ({ right }: JudgedPoint) => images.reduce((sum, image) => sum + right[image]!, 0);
  return paretoFront(points.map((point) => ({ cost: -point.saved, accuracy: rightOf(point) }))).map(
    (index) => points[index]!,
  );
}
