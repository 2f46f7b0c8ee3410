import { planOfPass, type PrecisionPlan } from '../../../src-shared/precision/precision-plan.ts';

/** All of a plan that decides its saliency maps: of its own pass alone, or all of it where the frame before is run under it. */
export function saliencyKey(plan: PrecisionPlan): string {
  const { saliency } = plan;
  return JSON.stringify(saliency?.from === 'pass' ? planOfPass({ ...plan, regions: 1 }, saliency.bits) : plan);
}
