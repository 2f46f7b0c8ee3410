import type { LoadReport } from '../../src-shared/contract/models.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import type { LayerHistogram } from '../../src-shared/precision/activation-histogram.ts';
import { bitsOfLayers, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';

/** A row of the strip of layers. */
export type StripRow =
  | {
      readonly kind: 'layer';
      readonly name: string;
      readonly operator: string;
      readonly shape: string;
      readonly macs: number;
      /** By level under the plan, the most important first. */
      readonly bits: readonly number[];
      /** Largest magnitude that is not clipped; null without calibration. */
      readonly range: number | null;
      readonly unsigned: boolean;
      readonly histogram: LayerHistogram | null;
    }
  | {
      readonly kind: 'left-out';
      readonly name: string;
      readonly operator: string;
      readonly macs: number | null;
      readonly why: string;
    }
  | { readonly kind: 'passed'; readonly text: string; readonly nodes: number };

/**
 * The nodes of a network as rows: each layer and each operator that is left out by itself, what passes between them together.
 * @param histograms of a calibration that goes on, in place of those that are kept
 */
export function stripRows(
  { steps, calibration, readsImage, tensorOfLayer, ...report }: LoadReport,
  { layers, leftOut }: { readonly layers: readonly LayerGeometry[]; readonly leftOut: readonly LeftOutLayer[] },
  plan: PrecisionPlan,
  histograms: Readonly<Record<string, LayerHistogram>> | null,
): StripRow[] {
  const layerOf = new Map(layers.map((layer) => [layer.name, layer]));
  const leftOutOf = new Map(leftOut.map((layer) => [layer.name, layer]));
  const bits = bitsOfLayers(plan, { layers, readsImage, tensorOfLayer });
  const rows: StripRow[] = [];
  let passed: string[] = [];
  const endPassed = () => {
    if (passed.length > 0) rows.push({ kind: 'passed', text: passedText(passed), nodes: passed.length });
    passed = [];
  };
  for (const step of steps) {
    if (step.kind === 'passed') {
      passed.push(step.op);
      continue;
    }
    endPassed();
    const { name } = step;
    if (step.kind === 'layer') {
      const layer = layerOf.get(name);
      if (!layer) continue;
      rows.push({
        kind: 'layer',
        name,
        operator: step.operator,
        shape: `${shapeText(layer.inputShape)} → ${shapeText(layer.outputShape)}`,
        macs: layer.macs,
        bits: bits[name]?.toReversed() ?? [],
        range: calibration?.ranges[name] ?? null,
        unsigned: step.unsigned,
        histogram: (histograms ?? report.histograms)?.[name] ?? null,
      });
    } else {
      const layer = leftOutOf.get(name);
      rows.push({
        kind: 'left-out',
        name,
        operator: layer?.op ?? '',
        macs: layer?.macs ?? null,
        why: layer?.why ?? '',
      });
    }
  }
  endPassed();
  return rows;
}

/** `ReLU ×3, Concat`: in the order in which they first come. */
function passedText(ops: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const op of ops) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].map(([op, count]) => (count > 1 ? `${op} ×${count}` : op)).join(', ');
}

/** `64×55²`, `512`. */
function shapeText([channels, height, width]: readonly [number, number, number]): string {
  if (height === 1 && width === 1) return String(channels);
  return height === width ? `${channels}×${height}²` : `${channels}×${height}×${width}`;
}

/** Counts on a logarithmic scale, from zero magnitude to the largest, as the path of an area. */
export function histogramPath({ counts }: LayerHistogram, width: number, height: number): string {
  const most = Math.log1p(Math.max(1, ...counts));
  const step = width / counts.length;
  const tops = counts.map((count, index) => {
    const y = height - (Math.log1p(count) / most) * (height - 1);
    return `V${y.toFixed(1)}H${((index + 1) * step).toFixed(1)}`;
  });
  return `M0 ${height}${tops.join('')}V${height}Z`;
}
