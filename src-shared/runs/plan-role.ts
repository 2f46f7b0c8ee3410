import { metricParts } from '../precision/metrics.ts';
import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { isOneWidth } from './policies.ts';

/** What a plan is to the others of its run: what is tried, or what it is held against. */
export const PLAN_ROLES = ['plan', 'centre', 'random', 'inverse', 'static', 'uniform'] as const;
export type PlanRole = (typeof PLAN_ROLES)[number];

/** `static`: layers have bits of their own, the same in every region. */
export function roleOf({ metric, bits, layerBits }: PrecisionPlan): PlanRole {
  const own = Object.values(layerBits);
  if ([bits, ...own].every(isOneWidth)) return own.length > 0 ? 'static' : 'uniform';
  const { name, inverse } = metricParts(metric);
  if (inverse) return 'inverse';
  return name === 'centre' || name === 'random' ? name : 'plan';
}
