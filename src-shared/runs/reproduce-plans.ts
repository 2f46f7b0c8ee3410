import type { LayerGeometry } from '../measurement.ts';
import { seededShapes, uniformFrontier } from './controls.ts';
import { LADDERS } from './policies.ts';
import { COMPARED_METRICS } from '../precision/metrics.ts';
import { type PlanOptions, type PrecisionPlan, resolvePlan } from '../precision/precision-plan.ts';
import { numberedPlans } from './numbered-plans.ts';

/** What the masks lower, and by how much. */
export const COMPARED_SETTINGS = [
  { bits: [4, 2], lowShare: 0.25 },
  { bits: [4, 2], lowShare: 0.5 },
  { bits: [8, 0], lowShare: 0.25 },
] as const satisfies readonly PlanOptions[];

/** Fixed plans that do well on many networks, the cheapest last. */
const FIXED_PRESETS: readonly PlanOptions[] = [
  { bits: [5, 4, 3], lowShare: 0.3 },
  { metric: 'uniform', bits: [4] },
  { metric: 'uniform', bits: [4], inputBits: 6 },
  { bits: [4, 3], lowShare: 0.25 },
  { bits: [4, 3], lowShare: 0.25, inputBits: 6 },
  { bits: [4, 3], lowShare: 0.35, inputBits: 6 },
  { bits: [4, 3], lowShare: 0.5, inputBits: 6 },
  { bits: [4, 3, 2], lowShare: 0.1, inputBits: 6 },
];

/** The plans of a reproduction, and which of them each part of the report is about (indexes). */
export interface ReproducePlans {
  readonly plans: readonly PrecisionPlan[];
  readonly cropping: readonly number[];
  readonly ladder: readonly number[];
  /** Shapes of layer-wise bits that need no search. */
  readonly shapes: readonly number[];
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
 * @param layers of the model
 */
export function reproducePlans(
  inputLayers: readonly string[],
  staticPath: readonly PrecisionPlan[],
  layers: readonly LayerGeometry[],
): ReproducePlans {
  const staticProfile = staticPath.at(-1)!;
  const { plans, add } = numberedPlans();
  const addAll = (all: readonly PlanOptions[]) => all.map((options) => add(resolvePlan(options)));
  const cropping = addAll(LADDERS.cropping(inputLayers));
  const ladder = addAll(LADDERS.full(inputLayers));
  const presets = addAll(FIXED_PRESETS);
  const masked = (indexes: readonly number[]) =>
    indexes.map((index) => plans[index]!).filter(({ bits }) => bits.length > 1);
  // The oracle's null is the same ladder with random masks; presets are held against the centre.
  for (const plan of masked(ladder)) add({ ...plan, metric: 'random' });
  for (const plan of masked(presets)) add({ ...plan, metric: 'centre' });
  const [like] = staticPath;
  return {
    plans,
    cropping,
    ladder,
    presets,
    uniformPosition: uniformFrontier({ ...like!, range: 'position' }).map(add),
    uniformLayer: uniformFrontier({ ...like!, range: 'layer', powerOfTwo: false }).map(add),
    shapes: seededShapes(layers, like!).map(add),
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
