import type { Analysis } from '../../src-shared/analysis.ts';
import { graphMetric, METRIC_TABLE, metricParts } from '../../src-shared/precision/metrics.ts';
import { percent } from '../format.ts';
import { levelsOfLayer, type Look, shownBits } from './cell-map.ts';

/** What a map shows, with the share of the area of each of its values: `bits: 4 on 75 %, 3 on 25 %`. */
export function mapTitle(analysis: Analysis, { overlay, layer }: Look): string {
  switch (overlay) {
    case 'photo':
      return '';
    case 'importance': {
      const { name, inverse } = metricParts(analysis.plan.metric);
      const of = `${METRIC_TABLE[name].label.toLowerCase()}${inverse ? ', inverse' : ''}`;
      return graphMetric(name) ? `mean level over the layers, ${of}` : `importance, ${of}`;
    }
    case 'levels': {
      const own = analysis.importance.levelMaps ? 'mean over the layers cut by the share: ' : '';
      return `${own}level, from least to most important: ${shares(analysis, null, (level) => String(level))}`;
    }
    case 'bits': {
      const widths = shownBits(analysis, layer);
      const text = (level: number) => `${widths[level] ?? 0}${widths[level] === 0 ? ' (cropped)' : ''}`;
      const own = analysis.importance.levelMaps ? ', mean over the layers cut by the share' : '';
      return `bits${layer === null ? own : ` of ${layer}`}: ${shares(analysis, layer, text)}`;
    }
  }
}

/** Values of levels from the highest level on, each once, with the share of the area that has them. */
function shares(analysis: Analysis, layer: string | null, textOf: (level: number) => string): string {
  const levels = [...levelsOfLayer(analysis, layer).levels].toSorted((a, b) => b - a);
  const cells = new Map<string, number>();
  for (const level of levels) cells.set(textOf(level), (cells.get(textOf(level)) ?? 0) + 1);
  return [...cells].map(([text, count]) => `${text} on ${percent(count / levels.length)}`).join(', ');
}
