import { againstMix, mixAt, type PricedPlan } from '../runs/frontier.ts';
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
  const [low, high] = [mix.low.plan, mix.high.plan];
  const found = againstMix(Array(columns.images).keys(), mix, (image) => {
    if (![plan, low, high].every((one) => isMeasured(columns, one, image))) return null;
    return [rightness(columns, plan, image), rightness(columns, low, image), rightness(columns, high, image)];
  });
  return found && { mean: found.difference.difference, interval: found.difference.interval, images: found.images };
}

/** 1 for the label, or without one for the plain network's answer; else 0. */
function rightness(columns: OutcomeColumns, plan: number, image: number): 0 | 1 {
  const label = columns.label[image]!;
  const right = label === NO_CLASS ? columns.plain[image] : label;
  return columns.plans[plan]!.answer[image] === right ? 1 : 0;
}
