import type { ComparedEnergy, SavedDifference } from './compared-energy.ts';
import { isClear } from './comparison-headline.ts';
import { SIGNIFICANT_BELOW } from './paired-statistics.ts';
import { KEPT, type Kept, type PairedDifference } from './run-comparison.ts';
import type { Interval } from './statistics.ts';
import { signed } from '../number-text.ts';

export const KEPT_NAMES: Readonly<Record<Kept, string>> = { top1: 'Top-1', top5: 'Top-5', agreement: 'as plain' };

/** `p = 0.31`, as many digits as the command line shows. */
export function pText(p: number): string {
  return p < 0.0001 ? `p = ${p.toExponential(1)}` : `p = ${p.toFixed(4)}`;
}

/** Shares as points of a hundred, with their sign: `−0.6`, `+0.4`. */
export function points(share: number): string {
  // Rounded as the command line does.
  const value = Math.round(share * 1000) / 10 + 0;
  return `${value > 0 ? '+' : ''}${signed(value, 1)}`;
}

export function interval([low, high]: Interval): string {
  return `${points(low)} to ${points(high)}`;
}

export function thousands(value: number): string {
  return value.toLocaleString('en-GB');
}

/** About how many, for a reader: two digits that count. */
export function about(value: number): string {
  return thousands(Number(value.toPrecision(2)));
}

/** A row of the forest: a difference with its interval, and whether it is more than chance. */
export interface ForestRow {
  readonly label: string;
  readonly difference: number;
  readonly interval: Interval | null;
  readonly clear: boolean;
  /** `n.s., p = 0.3075`; empty where the interval says it. */
  readonly note: string;
}

export function answerRow(label: string, paired: PairedDifference, kept: Kept): ForestRow {
  const { difference, interval: of, familyPValue } = paired[kept];
  const clear = familyPValue < SIGNIFICANT_BELOW;
  return { label, difference, interval: of, clear, note: `${clear ? '' : 'n.s., '}${pText(familyPValue)}` };
}

export function savedRow(label: string, saved: SavedDifference): ForestRow {
  const clear = isClear(saved);
  return { label, ...saved, clear, note: clear || saved.difference === 0 ? '' : 'n.s.' };
}

/** One run against the baseline: all that was measured. */
export function pairRows(paired: PairedDifference, energy: ComparedEnergy | null, other: number): ForestRow[] {
  return [
    ...KEPT.map((kept) => answerRow(kept === 'agreement' ? 'Agrees with plain' : KEPT_NAMES[kept], paired, kept)),
    ...(energy
      ? [
          savedRow('Compute saved', energy.computeDifferences[other - 1]!),
          savedRow('Whole chip saved', energy.totalDifferences[other - 1]!),
        ]
      : []),
  ];
}
