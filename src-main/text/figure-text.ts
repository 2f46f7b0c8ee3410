import type { Interval } from '../../src-shared/runs/statistics.ts';

/** `62.4 %`; null stays null, for a dash in a table. */
export function percent(share: number | null): string | null {
  // Rounded to 0, a small loss must not read -0.
  return share === null ? null : `${(Math.round(share * 1000) / 10 + 0).toFixed(1)} %`;
}

/** `56.3 to 68.2`, in percent. */
export function intervalText(interval: Interval | null): string | null {
  return interval && `${(interval[0] * 100).toFixed(1)} to ${(interval[1] * 100).toFixed(1)}`;
}

export function pValueText(p: number): string {
  return p < 0.0001 ? p.toExponential(1) : p.toFixed(4);
}
