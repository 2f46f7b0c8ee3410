import type { ComparedEnergy, SavedDifference } from './compared-energy.ts';
import { isClear } from './comparison-headline.ts';
import { SIGNIFICANT_BELOW } from './paired-statistics.ts';
import { inPoints } from '../figure-text.ts';
import { KEPT, type Kept, type PairedDifference } from './run-comparison.ts';
import type { Interval } from './statistics.ts';
import { percent, signed } from '../number-text.ts';

export const KEPT_NAMES: Readonly<Record<Kept, string>> = { top1: 'Top-1', top5: 'Top-5', agreement: 'as plain' };

/** `p = 0.31`, as many digits as the command line shows. */
export function pText(p: number): string {
  return p < 0.0001 ? `p = ${p.toExponential(1)}` : `p = ${p.toFixed(4)}`;
}

/** Shares as points of a hundred, with their sign: `−0.6`, `+0.4`. */
export function points(share: number): string {
  const value = inPoints(share);
  return `${value > 0 ? '+' : ''}${signed(value, 1)}`;
}

/** `62.4 %`: a share with the digit that the command line shows. */
export function share(value: number): string {
  return percent(inPoints(value) / 100, 1);
}

export function interval([low, high]: Interval): string {
  return `${points(low)} to ${points(high)}`;
}

/** `toLocaleString` would make another each time. */
const GROUPED = new Intl.NumberFormat('en-GB');

/** `12,345` */
export function thousands(value: number): string {
  return GROUPED.format(value);
}

/** About how many, for a reader: two digits that count. */
export function about(value: number): string {
  return thousands(Number(value.toPrecision(2)));
}

/** A row of the forest: a difference with its interval, and whether it is more than chance. */
export interface ForestRow {
  readonly label: string;
  /** Stands before the first row of several that tell of one figure; empty otherwise. */
  readonly group: string;
  /** Of the side that the row is of, where rows are sides. */
  readonly side: number | null;
  readonly difference: number;
  readonly interval: Interval | null;
  readonly clear: boolean;
  /** `n.s., p = 0.3075`, `no interval` where images are too few for one; empty where the interval says it. */
  readonly note: string;
}

export function answerRow(label: string, paired: PairedDifference, kept: Kept): ForestRow {
  const { difference, interval: of, familyPValue } = paired[kept];
  const clear = familyPValue < SIGNIFICANT_BELOW;
  const note = `${clear ? '' : 'n.s., '}${pText(familyPValue)}`;
  return { label, group: '', side: null, difference, interval: of, clear, note };
}

export function savedRow(label: string, saved: SavedDifference): ForestRow {
  const clear = isClear(saved);
  return { label, group: '', side: null, ...saved, clear, note: savedNote(saved, clear) };
}

function savedNote({ difference, interval: of }: SavedDifference, clear: boolean): string {
  if (clear || difference === 0) return '';
  return of ? 'n.s.' : 'no interval';
}

const KEPT_WORDS: Readonly<Record<Kept, string>> = { ...KEPT_NAMES, agreement: 'Agrees with plain' };

/** One run against the baseline: all that was measured. */
export function pairRows(paired: PairedDifference, energy: ComparedEnergy | null, other: number): ForestRow[] {
  return [
    ...KEPT.map((kept) => answerRow(KEPT_WORDS[kept], paired, kept)),
    ...(energy
      ? [
          savedRow('Compute saved', energy.computeDifferences[other - 1]!),
          savedRow('Whole chip saved', energy.totalDifferences[other - 1]!),
        ]
      : []),
  ];
}

/** Several runs against the baseline, figure by figure. */
export function familyRows(
  names: readonly string[],
  paired: readonly PairedDifference[],
  energy: ComparedEnergy | null,
  kept: Kept,
): ForestRow[] {
  const grouped = (group: string, rows: readonly ForestRow[]) =>
    rows.map((row, index) => ({ ...row, group: index === 0 ? group : '', side: index + 1 }));
  return [
    ...grouped(
      KEPT_WORDS[kept],
      paired.map((pair, index) => answerRow(names[index + 1] ?? '', pair, kept)),
    ),
    ...(energy
      ? grouped(
          'Compute saved',
          energy.computeDifferences.map((saved, index) => savedRow(names[index + 1] ?? '', saved)),
        )
      : []),
  ];
}
