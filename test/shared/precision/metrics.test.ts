import { describe, expect, test } from 'vitest';
import { importanceMap } from '../../../src-shared/importance/importance.ts';
import {
  COMPARED_METRICS,
  isMetric,
  isPixelMetric,
  type Metric,
  METRIC_TABLE,
  metricParts,
  METRICS,
} from '../../../src-shared/precision/metrics.ts';

const GRID = { rows: 4, columns: 4 };
const SIDE = 32;

/** Stripes, across or down: what reads them tells them apart. */
function stripes(share: number): { width: number; height: number; data: Uint8Array } {
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const inside = pixel < SIDE * SIDE * share;
    return inside && (pixel * 7) % 5 === 0 ? 255 : 0;
  });
  return { width: SIDE, height: SIDE, data };
}

describe.each(METRICS.filter(isPixelMetric))('%s', (metric) => {
  const { readsImage, drawn } = METRIC_TABLE[metric];
  const map = (share: number, seed: number) => Array.from(importanceMap(stripes(share), GRID, metric, seed));

  test(readsImage ? 'reads the image' : 'reads no pixel', () => {
    if (readsImage) expect(map(0.2, 1)).not.toEqual(map(0.7, 1));
    else expect(map(0.2, 1)).toEqual(map(0.7, 1));
  });

  test(drawn ? 'is drawn from the seed' : 'has no use for a seed', () => {
    if (drawn) expect(map(0.2, 1)).not.toEqual(map(0.2, 2));
    else expect(map(0.2, 1)).toEqual(map(0.2, 2));
  });
});

test.each(METRICS)('%s is known by its name and by that of its inverse', (metric) => {
  expect(metricParts(metric)).toEqual({ name: metric, inverse: false });
  expect(metricParts(`inverse:${metric}`)).toEqual({ name: metric, inverse: true });
});

test.each(['', 'inverse:', 'beauty', 'inverse:inverse:centre', 'toString', 'Combined'])('"%s" is no metric', (name) => {
  expect(isMetric(name)).toBe(false);
});

test('reproduction compares metrics and controls in this order: results are kept by it', () => {
  expect(COMPARED_METRICS).toEqual<Metric[]>([
    'combined',
    'gradient',
    'entropy',
    'interest',
    'centre',
    'random',
    'inverse:combined',
    'inverse:gradient',
  ]);
});
