import { count } from '../count-text.ts';
import { points } from '../figure-text.ts';
import { METRIC_TABLE, metricParts } from './metrics.ts';
import { BLOCK_SCALE_TABLE } from './plan-option-table.ts';
import type { PrecisionPlan } from './precision-plan.ts';

/** A plan in a few words, for tables: `combined 14x14, 75 % at 4, 25 % at 3 bits, range position`. */
export function planText(plan: PrecisionPlan): string {
  const own = Object.values(plan.layerBits);
  const side = plan.window ?? plan.regions;
  const parts = plan.bits.length === 1 ? [] : [`${plan.metric} ${side}x${side}`];
  if (plan.bits.length > 1) parts.push(...levelTexts(plan));
  else if (own.length > 1)
    parts.push(`${own.length} layers at ${spanText(own.flat())} bits, others at ${plan.bits[0]}`);
  else parts.push(`${count(plan.bits[0]!, 'bit')} everywhere`);
  if (plan.saliency && plan.bits.length > 1) parts.push(saliencyText(plan.saliency));
  if (plan.combinedWeights && plan.bits.length > 1) parts.push(`weights ${plan.combinedWeights.join('/')}`);
  if (own.length === 1) parts.push('1 layer of its own');
  else if (own.length > 1 && plan.bits.length > 1)
    parts.push(`${own.length} layers of their own at ${spanText(own.flat())} bits`);
  if (plan.inputBits !== Math.max(8, ...plan.bits)) parts.push(`input ${plan.inputBits} bits`);
  parts.push(rangeText(plan));
  if (plan.quantiser !== 'linear') parts.push(`quantiser ${plan.quantiser}`);
  if (plan.weightBits !== null) parts.push(`weights ${plan.weightBits} bits`);
  if (METRIC_TABLE[metricParts(plan.metric).name].drawn && plan.bits.length > 1) parts.push(`seed ${plan.seed}`);
  return parts.join(', ');
}

/** `range block of 16 (power of two, at least 0.03 of the position's)`. */
export function rangeText({ range, powerOfTwo, block }: Pick<PrecisionPlan, 'range' | 'powerOfTwo' | 'block'>): string {
  if (!block) return `range ${range}${powerOfTwo ? ' (powers of two)' : ''}`;
  const remarks = [
    ...(block.scale === 'exact' ? [] : [BLOCK_SCALE_TABLE[block.scale].words]),
    ...(block.floor === 0 ? [] : [`at least ${Number(block.floor.toPrecision(3))} of the position's`]),
  ];
  return `range block of ${block.channels}${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`;
}

function saliencyText({ bits, from }: NonNullable<PrecisionPlan['saliency']>): string {
  return from === 'pass' ? `after a pass at ${bits} bits` : `map of the frame before, else of a pass at ${bits} bits`;
}

/** From the most important level down; the last one names the unit. */
function levelTexts({ bits, shares, thresholds }: PrecisionPlan): string[] {
  const [lowest, ...higher] = bits.map((width, level) => {
    const widthText = level === 0 ? count(width, 'bit') : `${width}`;
    if (shares) return `${Number(points(shares[level]!))} % at ${widthText}`;
    return level === 0 ? `${widthText} below` : `${widthText} from importance ${thresholds![level - 1]!}`;
  });
  return [...higher.reverse(), lowest!];
}

function spanText(widths: readonly number[]): string {
  return `${Math.min(...widths)} to ${Math.max(...widths)}`;
}
