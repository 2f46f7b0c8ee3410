import { LADDERS } from './policies.ts';
import { COMPARED_METRICS } from '../precision/metrics.ts';
import { type PlanOptions, type PrecisionPlan, resolvePlan } from '../precision/precision-plan.ts';
import { canonicalJson } from './run-record.ts';

/** What the masks lower, and by how much. */
export const COMPARED_SETTINGS = [
  { bits: [4, 2], lowShare: 0.25 },
  { bits: [4, 2], lowShare: 0.5 },
  { bits: [8, 0], lowShare: 0.25 },
] as const satisfies readonly PlanOptions[];

/** Fixed plans that do well on many networks, the cheapest last. */
export const FIXED_PRESETS: readonly PlanOptions[] = [
  { bits: [5, 4, 3], lowShare: 0.3 },
  { metric: 'uniform', bits: [4] },
  { metric: 'uniform', bits: [4], inputBits: 6 },
  { bits: [4, 3], lowShare: 0.25 },
  { bits: [4, 3], lowShare: 0.25, inputBits: 6 },
  { bits: [4, 3], lowShare: 0.35, inputBits: 6 },
  { bits: [4, 3], lowShare: 0.5, inputBits: 6 },
  { bits: [4, 3, 2], lowShare: 0.1, inputBits: 6 },
];

const UNIFORM: readonly PlanOptions[] = [8, 6, 5, 4, 3, 2].map((bits) => ({ metric: 'uniform', bits: [bits] }));

/** The plans of a reproduction, and which of them each part of the report is about (indexes). */
export interface ReproducePlans {
  readonly plans: readonly PrecisionPlan[];
  readonly cropping: readonly number[];
  readonly ladder: readonly number[];
  readonly presets: readonly number[];
  readonly uniformPosition: readonly number[];
  readonly uniformLayer: readonly number[];
  readonly staticProfile: number;
  /** What its search went through; the profile itself is the last. */
  readonly staticPath: readonly number[];
  /** The profiles of the path, with the least important regions one bit lower. */
  readonly staticWithRegions: readonly number[];
  /** By setting, then by metric. */
  readonly metrics: readonly (readonly number[])[];
}

/**
 * @param inputLayers names of the layers that read the image itself
 * @param staticPath layer-wise bits found before, and what the search went through to them
 */
export function reproducePlans(inputLayers: readonly string[], staticPath: readonly PrecisionPlan[]): ReproducePlans {
  const staticProfile = staticPath.at(-1)!;
  const indexes = new Map<string, number>();
  const plans: PrecisionPlan[] = [];
  const add = (plan: PrecisionPlan): number => {
    const key = canonicalJson(plan);
    const index = indexes.get(key) ?? plans.push(plan) - 1;
    indexes.set(key, index);
    return index;
  };
  const addAll = (all: readonly PlanOptions[]) => all.map((options) => add(resolvePlan(options)));
  return {
    plans,
    cropping: addAll(LADDERS.cropping(inputLayers)),
    ladder: addAll(LADDERS.full(inputLayers)),
    presets: addAll(FIXED_PRESETS),
    uniformPosition: addAll(UNIFORM),
    uniformLayer: addAll(UNIFORM.map((options) => ({ ...options, range: 'layer' }))),
    staticProfile: add(staticProfile),
    staticPath: staticPath.map(add),
    staticWithRegions: staticPath.map((profile) => add(withRegions(profile))),
    metrics: COMPARED_SETTINGS.map((setting) => addAll(COMPARED_METRICS.map((metric) => ({ ...setting, metric })))),
  };
}

/** The bits of a profile for the important regions, one less for the others. */
function withRegions({ layerBits, range }: PrecisionPlan): PrecisionPlan {
  return resolvePlan({
    lowShare: 0.35,
    range,
    bits: [8, 7],
    layerBits: Object.fromEntries(
      Object.entries(layerBits).map(([layer, [bits]]) => [layer, [bits!, Math.max(1, bits! - 1)]]),
    ),
  });
}
