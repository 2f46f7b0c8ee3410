import { expect, test } from 'vitest';
import { addToHistogram, emptyHistogram, layerHistogram } from '../../../src-shared/precision/activation-histogram.ts';

test('zeros are a share of their own, magnitudes lie in equal parts up to the largest', () => {
  const histogram = emptyHistogram();
  // 50 zeros, 49 of magnitude 1 with either sign, and one 48 times as large.
  addToHistogram(
    histogram,
    Float32Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : i < 99 ? (i % 2 ? 1 : -1) : 48)),
  );
  const { largest, zeroShare, counts, magnitudes } = layerHistogram(histogram);
  expect(zeroShare).toBe(0.5);
  expect(largest).toBeGreaterThanOrEqual(48);
  expect(largest).toBeLessThan(48 * 1.008);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
  expect([counts[1] ?? 0, counts[0] ?? 0].reduce((a, b) => a + b)).toBe(49);
  expect(counts.at(-1)).toBe(1);
  // 99 of 100 values do not exceed 1.
  expect(magnitudes[0]).toBeLessThan(1.008);
  expect(magnitudes.slice(1)).toEqual([largest, largest, largest]);
});

test('nothing counted is nothing drawn', () => {
  expect(layerHistogram(emptyHistogram())).toMatchObject({ largest: 0, zeroShare: 0 });
});
