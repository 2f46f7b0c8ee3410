import type { Interval } from '../runs/statistics.ts';
import { NO_CLASS, type OutcomeColumns } from './outcome-columns.ts';
import { isMeasured } from './selection.ts';

/** 97.5 % quantile of the standard normal distribution: two-sided 95 %. */
const Z_95 = 1.959963984540054;

export interface PricedPlan {
  /** Index among the plans of the run. */
  readonly plan: number;
  /** Share saved, in any one currency. */
  readonly saved: number;
}

/** What a plan earns over uniform widths that save as much. */
export interface Difference {
  /** Share of right answers more than uniform widths, -1..1. */
  readonly mean: number;
  /** 95 %, from the paired differences of the images: their mean is near normal. */
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
  const widths = uniform.toSorted((a, b) => a.saved - b.saved);
  const above = widths.findIndex((width) => width.saved >= saved);
  const high = widths[above];
  const low = high?.saved === saved ? high : widths[above - 1];
  if (!high || !low) return null;
  const share = high === low ? 1 : (saved - low.saved) / (high.saved - low.saved);
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let image = 0; image < columns.images; image++) {
    if (![plan, low.plan, high.plan].every((one) => isMeasured(columns, one, image))) continue;
    const difference =
      rightness(columns, plan, image) -
      (share * rightness(columns, high.plan, image) + (1 - share) * rightness(columns, low.plan, image));
    count++;
    sum += difference;
    squares += difference ** 2;
  }
  if (count === 0) return null;
  const mean = sum / count;
  const variance = count > 1 ? Math.max(0, squares - count * mean ** 2) / (count - 1) : 0;
  const half = Z_95 * Math.sqrt(variance / count);
  return { mean, interval: [mean - half, mean + half], images: count };
}

/** 1 for the label, or without one for the plain network's answer; else 0. */
export function rightness(columns: OutcomeColumns, plan: number, image: number): 0 | 1 {
  const label = columns.label[image]!;
  const right = label === NO_CLASS ? columns.plain[image] : label;
  return columns.plans[plan]!.answer[image] === right ? 1 : 0;
}
