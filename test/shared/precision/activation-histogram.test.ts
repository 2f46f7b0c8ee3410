import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addToHistogram,
  binCeiling,
  emptyHistogram,
  percentileMagnitude,
} from '../../../src-shared/precision/activation-histogram.ts';

function histogramOf(...parts: Float32Array[]) {
  const histogram = emptyHistogram();
  for (const part of parts) addToHistogram(histogram, part);
  return histogram;
}

const values = fc
  .array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 300 })
  .map((all) => Float32Array.from(all, (value) => (Math.abs(value) < 2 ** -100 ? 0 : value)));

test('the percentile is that of the sorted magnitudes, to the width of a bin, rounded up', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0.1, max: 100, noNaN: true }), (all, percentile) => {
      const sorted = [...all].map(Math.abs).sort((a, b) => a - b);
      const exact = sorted[Math.ceil((sorted.length * percentile) / 100) - 1]!;
      const found = percentileMagnitude(histogramOf(all), percentile);
      expect(found).toBeGreaterThanOrEqual(exact);
      expect(found).toBeLessThanOrEqual(exact * 1.0079);
    }),
    { numRuns: 2000 },
  );
});

test('histograms of several images add', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(histogramOf(a, b)).toEqual(histogramOf(Float32Array.from([...a, ...b])));
    }),
    { numRuns: 50 },
  );
});

describe('ends', () => {
  test('zeros alone give no range', () => {
    expect(percentileMagnitude(histogramOf(new Float32Array(10)), 99.99)).toBe(0);
    expect(percentileMagnitude(emptyHistogram(), 99.99)).toBe(0);
  });

  test('zeros count: a layer that is nearly always zero has the range of its zeros', () => {
    const sparse = new Float32Array(100_000);
    sparse[5] = 3;
    expect(percentileMagnitude(histogramOf(sparse), 99.99)).toBe(0);
    expect(percentileMagnitude(histogramOf(sparse), 100)).toBeCloseTo(3, 1);
  });

  test('a view into a larger buffer is counted alone', () => {
    const all = Float32Array.of(100, 1, 2, 100);
    expect(percentileMagnitude(histogramOf(all.subarray(1, 3)), 100)).toBeLessThan(2.02);
  });

  test('counts do not overflow: thousands of large images', () => {
    const histogram = emptyHistogram();
    const bin = histogramOf(Float32Array.of(1)).findIndex((count) => count === 1);
    histogram[0] = 2 ** 32;
    histogram[bin] = 2 ** 20;
    expect(percentileMagnitude(histogram, 99)).toBe(0);
    expect(percentileMagnitude(histogram, 99.99)).toBe(binCeiling(bin));
  });
});
