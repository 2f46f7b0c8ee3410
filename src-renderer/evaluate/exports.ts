import type { PlanRow } from '../../src-shared/outcomes/plan-rows.ts';
import { type Bins, FACETS } from './facets.ts';
import type { Selected } from './selected.ts';

/** The table of plans, and what is drawn of it, with figures in full. */
export function planTable(rows: readonly PlanRow[]) {
  return rows.map(({ plan, name, role, n, accuracy, interval, saved, compute, chip, difference, front }) => ({
    plan: plan === null ? null : plan + 1,
    name,
    role,
    n,
    top1: accuracy,
    top1_low: interval?.[0] ?? null,
    top1_high: interval?.[1] ?? null,
    saved,
    compute_saved: compute,
    chip_saved: chip,
    against_uniform: difference?.mean ?? null,
    against_uniform_low: difference?.interval[0] ?? null,
    against_uniform_high: difference?.interval[1] ?? null,
    front: front ? 1 : 0,
  }));
}

/** The bars of the histograms, `from` included and `to` not (but for the last of all), and how many images each facet holds. */
export function distributionTable({ counts, margins, savings }: Selected) {
  const bars = (of: string, { low, high, all, selected }: Bins) =>
    all.map((images, part) => ({
      of,
      facet: null,
      from: low + ((high - low) * part) / all.length,
      to: low + ((high - low) * (part + 1)) / all.length,
      images,
      selected: selected[part] ?? 0,
    }));
  return [
    ...FACETS.map(({ verdict }, index) => ({
      of: 'verdict',
      facet: verdict,
      from: null,
      to: null,
      images: counts[index] ?? 0,
      selected: null,
    })),
    ...bars('margin', margins),
    ...bars('saved', savings),
  ];
}
