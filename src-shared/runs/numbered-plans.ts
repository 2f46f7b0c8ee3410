import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { canonicalJson } from './run-record.ts';

/** A list of plans under making, each once. */
export interface NumberedPlans {
  readonly plans: readonly PrecisionPlan[];
  /** @returns the plan's number in the list, where it may have been before */
  readonly add: (plan: PrecisionPlan) => number;
}

export function numberedPlans(): NumberedPlans {
  const plans: PrecisionPlan[] = [];
  const numbers = new Map<string, number>();
  const add = (plan: PrecisionPlan): number => {
    const key = canonicalJson(plan);
    const number = numbers.get(key) ?? plans.push(plan) - 1;
    numbers.set(key, number);
    return number;
  };
  return { plans, add };
}
