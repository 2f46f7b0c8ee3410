import { mixAt, type PricedPlan } from '../runs/frontier.ts';
import { meanDifference } from '../runs/paired-statistics.ts';
import type { Interval } from '../runs/statistics.ts';
import { NO_CLASS, type OutcomeColumns } from './outcome-columns.ts';
import { isMeasured } from './selection.ts';

export type { PricedPlan };

/** What a plan earns over uniform widths that save as much. */
export interface Difference {
  /** Share of right answers more than uniform widths, -1..1. */
  readonly mean: number;
  /** 95 %, of paired differences: see `meanDifference`. */
  readonly interval: Interval;
  readonly images: number;
}

/**
 * Compares a plan, image by image, with uniform widths at the same saving. Between two widths the answer is that of mixing them:
 * a share of the images at the one, the rest at the other, so that both save the same.
 * @returns null where no two widths enclose the plan's saving, or no image has all results
 */
export function againstUniform(
  columns: OutcomeColumns,
  { plan, saved }: PricedPlan,
  uniform: readonly PricedPlan[],
): Difference | null {
  const mix = mixAt(saved, uniform);
  if (!mix) return null;
  const { low, high, share } = mix;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let image = 0; image < columns.paths.length; image++) {
    if (![plan, low.plan, high.plan].every((one) => isMeasured(columns, one, image))) continue;
    const difference =
      rightness(columns, plan, image) -
      (share * rightness(columns, high.plan, image) + (1 - share) * rightness(columns, low.plan, image));
    count++;
    sum += difference;
    squares += difference ** 2;
  }
  const found = meanDifference(count, sum, squares);
  return found && { mean: found.difference, interval: found.interval, images: count };
}

/** 1 for the label, or without one for the plain network's answer; else 0. */
export function rightness(columns: OutcomeColumns, plan: number, image: number): 0 | 1 {
  const label = columns.label[image]!;
  const right = label === NO_CLASS ? columns.plain[image] : label;
  return columns.plans[plan]!.answer[image] === right ? 1 : 0;
}
