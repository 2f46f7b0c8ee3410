import { UNIFORM_WIDTHS } from '../../src-shared/runs/controls.ts';
import {
  graphMetric,
  METRICS,
  metricParts,
  OUTSIDE_METRICS,
  type BaseMetric,
  type Metric,
} from '../../src-shared/precision/metrics.ts';
import type { PlanOptions, RangeMode } from '../../src-shared/precision/plan-option-table.ts';
import { optionsOfPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { methodsPlans } from '../../src-shared/runs/methods-plans.ts';

/** Alternatives whose combinations are evaluated, and what they are compared with. */
export interface PlanGrid {
  readonly metrics: readonly Metric[];
  /** Of the area at the lowest level. */
  readonly shares: readonly number[];
  /** From the most to the least important level. */
  readonly bits: readonly (readonly number[])[];
  readonly ranges: readonly RangeMode[];
  /** The widths 8 to 1 everywhere. */
  readonly uniform: boolean;
  /** `centre`, `random` and the inverse of each metric, at the same shares and bits. */
  readonly controls: boolean;
  /** The plans of every known method that needs no search, with their controls: what `fovea methods` compares. */
  readonly methods: boolean;
}

export const DEFAULT_GRID: PlanGrid = {
  metrics: ['combined'],
  shares: [0.25, 0.5],
  bits: [
    [4, 3],
    [4, 2],
  ],
  ranges: ['position'],
  uniform: true,
  controls: true,
  methods: false,
};

const NOTHING_SEARCHED = { layers: [], inputLayers: [], staticPlan: null, jointPlan: null };
/** Without those that some networks, or photos, have nothing for. */
const METHOD_PLANS = methodsPlans(
  [NOTHING_SEARCHED, NOTHING_SEARCHED],
  OUTSIDE_METRICS.map((metric) => ({ metric })),
).plans.map(optionsOfPlan);

/** Metrics that are offered beside those chosen; controls come by themselves. */
export const OFFERED_METRICS: readonly BaseMetric[] = METRICS.filter((name) => name !== 'uniform');
/** As many as a run may have. */
export const MAX_PLANS = 4096;

export interface GridPlans {
  readonly own: readonly PlanOptions[];
  readonly uniform: readonly PlanOptions[];
  readonly controls: readonly PlanOptions[];
}

/** How many plans a grid stands for at most, without making them. */
export function gridSize({ metrics, shares, bits, ranges, uniform, controls, methods }: PlanGrid): number {
  const own = metrics.length * shares.length * bits.length * ranges.length;
  const rest = (uniform ? UNIFORM_WIDTHS.length * ranges.length : 0) + (methods ? METHOD_PLANS.length : 0);
  return own * (controls ? 4 : 1) + rest;
}

/** The plans of a grid, each once. */
export function plansOf(grid: PlanGrid): GridPlans {
  const { metrics, shares, bits, ranges } = grid;
  const seen = new Set<string>();
  const fresh = (plan: PlanOptions) => {
    const key = JSON.stringify(resolvePlan(plan));
    return !seen.has(key) && seen.add(key);
  };
  const each = (under: readonly Metric[]): PlanOptions[] =>
    ranges.flatMap((range) =>
      under.flatMap((metric) =>
        shares.flatMap((lowShare) =>
          bits
            .filter(({ length }) => length > 1 && (length === 2 || !graphMetric(metric)))
            .map((widths) => ({ metric, lowShare, bits: widths, range })),
        ),
      ),
    );
  const flat = (widths: readonly number[]): PlanOptions[] =>
    ranges.flatMap((range) => widths.map((width) => ({ metric: 'uniform', bits: [width], range }) as const));
  const single = bits.flatMap((widths) => (widths.length === 1 ? widths : []));
  const own = [...each(metrics), ...flat(single)].filter(fresh);
  const uniform = grid.uniform ? flat(UNIFORM_WIDTHS).filter(fresh) : [];
  const controls = grid.controls ? each(controlsOf(metrics)).filter(fresh) : [];
  return { own: [...own, ...(grid.methods ? METHOD_PLANS.filter(fresh) : [])], uniform, controls };
}

function controlsOf(metrics: readonly Metric[]): Metric[] {
  const inverses = metrics
    .filter((metric) => !metricParts(metric).inverse && metric !== 'random')
    .map((metric) => `inverse:${metricParts(metric).name}` as const);
  return ['centre', 'random', ...inverses];
}

/** `4/2` as `[4, 2]`; null for what is no list of widths from 0 to 16. */
export function parseBits(text: string): readonly number[] | null {
  const widths = text
    .trim()
    .split(/\s*[/,]\s*/)
    .map(Number);
  const sound =
    text.trim() !== '' && widths.length <= 8 && widths.every((w) => Number.isInteger(w) && w >= 0 && w <= 16);
  return sound ? widths : null;
}

/** `25 %` or `25` as `0.25`; null for what is no share. */
export function parseShare(text: string): number | null {
  const percent = Number(text.replace('%', '').trim());
  return text.trim() !== '' && percent >= 0 && percent <= 100 ? percent / 100 : null;
}
