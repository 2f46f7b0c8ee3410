import type { PrecisionPlan } from './precision-plan.ts';

/** A plan in a few words, for tables: `combined 14x14, 75 % at 4, 25 % at 3 bits, range position`. */
export function planText(plan: PrecisionPlan): string {
  const [only] = plan.bits;
  const levels = plan.bits.length;
  const parts = [];
  if (levels === 1) parts.push(`${only} bits everywhere`);
  else {
    parts.push(`${plan.metric} ${plan.regions}x${plan.regions}`);
    const fromTop = [...plan.bits.keys()].reverse();
    parts.push(
      ...fromTop.map((level) =>
        plan.shares
          ? `${percent(plan.shares[level]!)} at ${plan.bits[level]!}`
          : `${plan.bits[level]!} ${level > 0 ? `from importance ${plan.thresholds![level - 1]!}` : 'below'}`,
      ),
    );
    parts.push(`${parts.pop()!} bits`);
  }
  const named = Object.keys(plan.layerBits).length;
  if (named > 0) parts.push(named === 1 ? '1 layer of its own' : `${named} layers of their own`);
  parts.push(`range ${plan.range}${plan.powerOfTwo ? ' (powers of two)' : ''}`);
  if (plan.quantiser !== 'linear') parts.push(`quantiser ${plan.quantiser}`);
  if (plan.metric.endsWith('random') && levels > 1) parts.push(`seed ${plan.seed}`);
  return parts.join(', ');
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
