import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { distinctPlans } from './controls.ts';
import { canonicalJson } from './run-record.ts';

/** The plans of a ladder, and behind them what its oracle's null climbs: those with regions again, with random masks. */
export function withNull(ladder: readonly PrecisionPlan[]): PrecisionPlan[] {
  return distinctPlans([...ladder, ...ladder.flatMap(randomTwin)]);
}

/** How many of a run's plans are the ladder itself: the others {@link withNull} added. All where it added none. */
export function ladderLength(plans: readonly PrecisionPlan[]): number {
  const wanted = canonicalJson(plans);
  for (let length = 1; length < plans.length; length++) {
    if (canonicalJson(withNull(plans.slice(0, length))) === wanted) return length;
  }
  return plans.length;
}

/** The ladder and its null, where the plans have one: indexes of plans. */
export function oracleLadders(plans: readonly PrecisionPlan[]): number[][] {
  const own = [...plans.keys()].slice(0, ladderLength(plans));
  const places = new Map(plans.map((plan, index) => [canonicalJson(plan), index]));
  const random = own.map((index) => {
    const [twin] = randomTwin(plans[index]!);
    return twin ? places.get(canonicalJson(twin)) : index;
  });
  const isNull = (indexes: readonly (number | undefined)[]): indexes is number[] =>
    indexes.every((index) => index !== undefined);
  return isNull(random) && random.some((index, at) => index !== own[at]) ? [own, random] : [own];
}

/** The same plan with random masks, where it has masks. */
function randomTwin(plan: PrecisionPlan): PrecisionPlan[] {
  return plan.bits.length > 1 ? [{ ...plan, metric: 'random' }] : [];
}
