import type { LayerGeometry } from '../measurement.ts';
import { metricParts } from '../precision/metrics.ts';
import type { PlanOptions } from '../precision/plan-option-table.ts';
import {
  type PrecisionPlan,
  type Quantisation,
  quantisationOf,
  quantisationOptions,
  resolvePlan,
  withMetric,
} from '../precision/precision-plan.ts';
import { roleOf } from './plan-role.ts';
import { canonicalJson } from './run-record.ts';

/** Widths of the uniform frontier. */
export const UNIFORM_WIDTHS = [8, 7, 6, 5, 4, 3, 2, 1] as const;

export function sameQuantisation(a: Quantisation, b: Quantisation): boolean {
  return quantisationKey(a) === quantisationKey(b);
}

function quantisationKey(plan: Quantisation): string {
  return canonicalJson(quantisationOf(plan));
}

function underQuantisation(like: Quantisation, options: PlanOptions) {
  return resolvePlan({ ...options, ...quantisationOptions(like) });
}

/** The widths 8 to 1 everywhere; the image keeps its 8 bits. */
export function uniformFrontier(like: Quantisation): PrecisionPlan[] {
  return UNIFORM_WIDTHS.map((width) => underQuantisation(like, { metric: 'uniform', bits: [width] }));
}

/** Whether a plan is one of {@link uniformFrontier}. */
export function isFrontierWidth(plan: PrecisionPlan): boolean {
  return roleOf(plan) === 'uniform' && plan.inputBits === 8;
}

/**
 * Which quarters of the network, by multiply-accumulates from the image to the answer, have the higher of two neighbouring widths:
 * fewer bits towards the answer, as the first layers bear them least, and more at both ends.
 */
const SHAPES = ['HHHL', 'HHLL', 'HLLL', 'HLLH'] as const;
const SHAPE_WIDTHS = [5, 4, 3] as const;

/** What {@link seededShapes} are called, in their order. */
export const SHAPE_NAMES: readonly string[] = SHAPE_WIDTHS.flatMap((high) =>
  SHAPES.map(
    (shape) => `quarters of the network at ${[...shape].map((one) => (one === 'H' ? high : high - 1)).join('-')} bits`,
  ),
);

/** Layer-wise widths that need no search: each of some shapes at each of some widths, the lower one bit less. */
export function seededShapes(layers: readonly LayerGeometry[], like: Quantisation): PrecisionPlan[] {
  return SHAPE_WIDTHS.flatMap((high) => shapesAt(high).map((widths) => quartersPlan(layers, like, widths)));
}

/**
 * What one of {@link seededShapes} is called; null for any other plan.
 * @param layers of the model, in its order
 */
export function shapeName(plan: PrecisionPlan, layers: readonly LayerGeometry[]): string | null {
  if (roleOf(plan) !== 'static') return null;
  const own = canonicalJson(plan);
  return SHAPE_NAMES[seededShapes(layers, plan).findIndex((shape) => canonicalJson(shape) === own)] ?? null;
}

/** Widths by quarter of the network, of every shape. */
function shapesAt(high: number): number[][] {
  return SHAPES.map((shape) => [...shape].map((one) => (one === 'H' ? high : high - 1)));
}

/** @param widths by quarter of the network, from the image to the answer */
function quartersPlan(layers: readonly LayerGeometry[], like: Quantisation, widths: readonly number[]): PrecisionPlan {
  const image = layers[0]?.inputShape.join();
  const own = layers.filter(({ inputShape }) => inputShape.join() !== image);
  const total = own.reduce((sum, { macs }) => sum + macs, 0);
  let before = 0;
  const layerBits = Object.fromEntries(
    own.map(({ name, macs }) => {
      const middle = before + macs / 2;
      before += macs;
      return [name, widths[Math.min(3, Math.floor((4 * middle) / total))]!];
    }),
  );
  return underQuantisation(like, { metric: 'uniform', bits: [8], layerBits });
}

/** The metrics that a region plan is held against: centre, random and its own inverse. */
export function controlMetrics({ metric }: PrecisionPlan): PrecisionPlan['metric'][] {
  const { name, inverse } = metricParts(metric);
  if (name === 'random') return ['centre'];
  return ['centre', 'random', inverse ? name : `inverse:${name}`];
}

/** Plans with controls of their own at most: more are a grid, which has them among its metrics. */
const MOST_CONTROLLED = 64;

/**
 * The plans asked for, each once, and behind them their controls: the uniform widths; where a plan is layer-wise, shapes that need no
 * search; of each plan with regions the same under other metrics.
 * @param layers of the model
 */
export function withControls(plans: readonly PrecisionPlan[], layers: readonly LayerGeometry[]): PrecisionPlan[] {
  const asked = distinctPlans(plans);
  if (asked.length > MOST_CONTROLLED) return asked;
  // Thresholds cut another share of the area under each metric: nothing would be compared at equal energy.
  const regions = asked.filter((plan) => plan.shares && !['static', 'uniform'].includes(roleOf(plan)));
  const likes = [...new Map(asked.map((plan) => [quantisationKey(plan), plan])).values()];
  const layerWise = likes.filter((like) =>
    asked.some((plan) => roleOf(plan) === 'static' && sameQuantisation(plan, like)),
  );
  return distinctPlans([
    ...asked,
    ...likes.flatMap(uniformFrontier),
    ...layerWise.flatMap((like) => seededShapes(layers, like)),
    ...regions.flatMap((plan) => controlMetrics(plan).map((metric) => withMetric(plan, metric))),
  ]);
}

/**
 * How many of a run's plans were asked for: the others, behind them, are what {@link withControls} added. All where it added none.
 * @param layers of the model
 */
export function askedPlans(plans: readonly PrecisionPlan[], layers: readonly LayerGeometry[]): number {
  const wanted = canonicalJson(plans);
  for (let asked = 1; asked < Math.min(plans.length, MOST_CONTROLLED + 1); asked++) {
    const all = withControls(plans.slice(0, asked), layers);
    if (all.length === plans.length && canonicalJson(all) === wanted) return asked;
  }
  return plans.length;
}

/** Without repetitions, in order of first appearance. */
export function distinctPlans(plans: readonly PrecisionPlan[]): PrecisionPlan[] {
  return [...new Map(plans.map((plan) => [canonicalJson(plan), plan])).values()];
}
