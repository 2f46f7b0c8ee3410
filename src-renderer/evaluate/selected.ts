import type { OutcomeColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import { selectedImages, type Selection, sortedImages, type SortKey } from '../../src-shared/outcomes/selection.ts';
import { type Bins, binsOf, classCounts, facetCounts } from './facets.ts';

/** Which images are asked for, and how they are to be ordered. */
export interface Choice {
  /** Index of the plan. */
  readonly plan: number;
  readonly selection: Selection;
  readonly sort: SortKey;
}

/** The images of a choice, in order, and what they are chosen from. */
export interface Selected {
  readonly choice: Choice;
  readonly images: Uint32Array;
  /** See `facetCounts`. */
  readonly counts: readonly number[];
  /** See `classCounts`. */
  readonly classes: readonly (readonly [of: number, images: number])[];
  readonly margins: Bins;
  readonly savings: Bins;
}

/** @param before what was found last of these columns: of the same images in another order nothing is counted anew */
export function selectedOf(columns: OutcomeColumns, choice: Choice, before: Selected | null = null): Selected {
  const { plan, selection, sort } = choice;
  const found = selectedImages(columns, plan, selection);
  const images = sortedImages(columns, plan, found, sort);
  const textOf = (one: Choice) => JSON.stringify([one.plan, one.selection]);
  if (before && textOf(before.choice) === textOf(choice)) return { ...before, choice, images };
  return {
    choice,
    images,
    counts: facetCounts(columns, plan),
    classes: classCounts(columns),
    margins: binsOf(columns, plan, 'margin', found),
    savings: binsOf(columns, plan, 'saved', found),
  };
}

/** While results stream in no image moves: those shown stay where they are, new ones come after them. */
export function inKeptOrder(shown: Uint32Array, now: Uint32Array): Uint32Array {
  const present = new Set(now);
  const before = new Set(shown);
  return Uint32Array.from([
    ...shown.filter((image) => present.has(image)),
    ...now.filter((image) => !before.has(image)),
  ]);
}
