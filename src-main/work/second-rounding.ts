import { imageResults, runPlans } from '../store/run-query.ts';
import { openRunStoreToRead } from '../store/run-store.ts';
import type { RunDatabase } from '../store/run-database.ts';
import type { Bench } from './bench.ts';

/** Answers that change when sums are added up in another order: what no difference between plans can mean less than. */
export interface NumericalFloor {
  /** Id of the run with the other order of summation. */
  readonly run: string;
  /** Of the plain network. */
  readonly plain: Flips;
  /** By plan, in the order of the run. */
  readonly plans: readonly Flips[];
}

export interface Flips {
  /** Images that both runs have. */
  readonly images: number;
  /** Whose first class differs. */
  readonly flipped: number;
}

/** @param second a run of the same images under the same plans, by the second rounding */
export function numericalFloor(bench: Bench, first: string, second: string): NumericalFloor {
  using store = openRunStoreToRead(bench.db);
  const plans = runPlans(store, first).map((_, plan) => flips(store, first, second, plan, 'quantised'));
  return { run: second, plain: flips(store, first, second, 0, 'baseline'), plans };
}

function flips(
  store: RunDatabase,
  first: string,
  second: string,
  plan: number,
  answer: 'quantised' | 'baseline',
): Flips {
  const others = new Map<string, number | undefined>();
  for (const result of imageResults(store, second, plan)) others.set(result.path, result[answer].classes[0]);
  let images = 0;
  let flipped = 0;
  for (const result of imageResults(store, first, plan)) {
    if (!others.has(result.path)) continue;
    images++;
    if (others.get(result.path) !== result[answer].classes[0]) flipped++;
  }
  return { images, flipped };
}
