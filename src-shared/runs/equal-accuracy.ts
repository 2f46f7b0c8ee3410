import type { JudgedPoint } from './frontier.ts';
import { type BootstrapOptions, bootstrapInterval, type Interval, paretoFront } from './statistics.ts';

/** What is saved more than by a frontier of the same accuracy; shares. */
export interface SavedDifference {
  readonly difference: number;
  /** Over images, 95 %; null where it was not asked for. */
  readonly interval: Interval | null;
  /** More accurate than all of the frontier, which is taken where it is most accurate. */
  readonly isBeyond: boolean;
}

interface AccuratePoint {
  readonly saved: number;
  readonly accuracy: number;
}

/**
 * What a frontier saves at an accuracy: of the points that no other beats, two neighbours used in turn. Where none is so accurate, the
 * most accurate one's; where all are more accurate, that of the one that saves most.
 * @param points at least one
 */
export function savedAtAccuracy(
  accuracy: number,
  points: readonly AccuratePoint[],
): { readonly saved: number; readonly isBeyond: boolean } {
  const front = paretoFront(points.map((point) => ({ cost: -point.saved, accuracy: point.accuracy }))).map(
    (index) => points[index]!,
  );
  const at = front.findIndex((point) => point.accuracy >= accuracy - 1e-12);
  if (at < 0) return { saved: front.at(-1)!.saved, isBeyond: true };
  const above = front[at]!;
  const below = front[at - 1];
  if (!below) return { saved: above.saved, isBeyond: false };
  const share = (accuracy - below.accuracy) / (above.accuracy - below.accuracy);
  return { saved: below.saved + share * (above.saved - below.saved), isBeyond: false };
}

/** Resamples of the images: bounds move by a tenth of the interval's width at most between seeds. */
const RESAMPLES = 1000;

/**
 * What a plan saves more than a frontier of the accuracy that it has on the images; with the interval, both are drawn together.
 * @param interval null: none
 */
export function savedAtEqualAccuracy(
  { right, saved }: Omit<JudgedPoint, 'plan'>,
  frontier: readonly JudgedPoint[],
  images: readonly number[],
  interval: BootstrapOptions | null,
): SavedDifference {
  const of = (drawn: readonly number[] | Int32Array) => {
    const accuracyOf = (answers: ArrayLike<number>) => {
      let sum = 0;
      for (let at = 0; at < drawn.length; at++) sum += answers[drawn[at]!]!;
      return sum / drawn.length;
    };
    const points = frontier.map((point) => ({ saved: point.saved, accuracy: accuracyOf(point.right) }));
    const found = savedAtAccuracy(accuracyOf(right), points);
    return { ...found, difference: saved - found.saved };
  };
  const { difference, isBeyond } = of(images);
  return {
    difference,
    isBeyond,
    interval:
      interval &&
      bootstrapInterval(images.length, (draws) => of(draws.map((draw) => images[draw]!)).difference, {
        resamples: RESAMPLES,
        ...interval,
      }),
  };
}
