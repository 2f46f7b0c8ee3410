import {
  classOf,
  hasVerdict,
  isMeasured,
  savedShare,
  type Verdict,
  verdictOf,
} from '../../src-shared/outcomes/selection.ts';
import { marginOf, NO_CLASS, type OutcomeColumns } from '../../src-shared/outcomes/outcome-columns.ts';

/** The verdicts that are offered, in order, with what people read. */
export const FACETS = [
  { verdict: 'all', text: 'all' },
  { verdict: 'changed', text: 'changed' },
  { verdict: 'lost', text: 'lost' },
  { verdict: 'gained', text: 'gained' },
  { verdict: 'wrong-before', text: 'wrong before' },
  { verdict: 'failed', text: 'failed' },
] as const satisfies readonly { verdict: Verdict; text: string }[];

/** How many images each verdict holds, in the order of {@link FACETS}. */
export function facetCounts(columns: OutcomeColumns, plan: number): number[] {
  const of = { kept: 0, lost: 0, gained: 0, other: 0, failed: 0, pending: 0 };
  let wrongBefore = 0;
  for (let image = 0; image < columns.images; image++) {
    of[verdictOf(columns, plan, image)]++;
    if (hasVerdict(columns, plan, image, 'wrong-before')) wrongBefore++;
  }
  const changed = of.lost + of.gained + of.other;
  const counts = { all: of.kept + changed + of.failed, changed, ...of, 'wrong-before': wrongBefore };
  return FACETS.map(({ verdict }) => counts[verdict]);
}

/** Classes that images have, with how many, the most frequent first. */
export function classCounts(columns: OutcomeColumns): readonly (readonly [of: number, images: number])[] {
  const counts = new Map<number, number>();
  for (let image = 0; image < columns.images; image++) {
    const of = classOf(columns, image);
    if (of !== NO_CLASS) counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || a - b);
}

export interface Bins {
  readonly low: number;
  readonly high: number;
  /** How many of all images, and of those selected, fall in each part. */
  readonly all: readonly number[];
  readonly selected: readonly number[];
}

const PARTS = 20;

/** Margins, or saved shares, of the images under a plan. */
export function binsOf(columns: OutcomeColumns, plan: number, of: 'margin' | 'saved', selected: Uint32Array): Bins {
  const value = (image: number) =>
    of === 'margin' ? marginOf(columns, plan, image) : savedShare(columns, plan, image);
  let [low, high] = [Infinity, -Infinity];
  for (let image = 0; image < columns.images; image++) {
    if (!isMeasured(columns, plan, image)) continue;
    low = Math.min(low, value(image));
    high = Math.max(high, value(image));
  }
  if (of === 'margin') [low, high] = [0, 1];
  // Whole percents around what there is: one value alone has room, too.
  else if (low <= high) [low, high] = [Math.floor(low * 100 - 0.5) / 100, Math.ceil(high * 100 + 0.5) / 100];
  else [low, high] = [0, 1];
  const partOf = (image: number) => Math.min(PARTS - 1, Math.floor(((value(image) - low) / (high - low)) * PARTS));
  const all = new Array<number>(PARTS).fill(0);
  const some = new Array<number>(PARTS).fill(0);
  for (let image = 0; image < columns.images; image++) if (isMeasured(columns, plan, image)) all[partOf(image)]! += 1;
  for (const image of selected) if (isMeasured(columns, plan, image)) some[partOf(image)]! += 1;
  return { low, high, all, selected: some };
}
