import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ABOVE_ALL,
  BELOW_ALL,
  foundSensitive,
  positionScores,
  predictorSteps,
  SCORE_SHARES,
  thresholdOfShare,
  windowScores,
} from '../../../src-shared/precision/found-levels.ts';
import type { FoundLevels } from '../../../src-shared/precision/precision-plan.ts';

/** Two channels of 3 x 4 positions. Mean magnitudes: 1 2 0 0 / 0 4 0 0 / 0 0 0 6. */
const INPUT = {
  values: Float32Array.of(2, -1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 6, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, -6),
  channels: 2,
  height: 3,
  width: 4,
};
const mean3: FoundLevels = { metric: 'sensitivity', window: 3 };
const found = (how: FoundLevels, threshold: number) => [...foundSensitive(INPUT, how, threshold)].join('');

describe('sensitivity', () => {
  test('is the mean over the window, worked by hand', () => {
    // The corner has four positions of sum 7, its neighbour six of sum 7; the middle of the second row nine.
    const scores = windowScores(positionScores(INPUT, 'sensitivity'), INPUT, mean3);
    expect(scores[0]).toBeCloseTo(7 / 4, 6);
    expect(scores[1]).toBeCloseTo(7 / 6, 6);
    expect(scores[5]).toBeCloseTo(7 / 9, 6);
    expect(scores[6]).toBeCloseTo((2 + 4 + 6) / 9, 6);
    expect(scores[11]).toBeCloseTo(6 / 4, 6);
  });

  test('must exceed its threshold: 7/6 does not exceed itself', () => {
    expect(found(mean3, 7 / 6)).toBe('100000100011');
    expect(found({ metric: 'sensitivity', window: 1 }, 2)).toBe('000001000001');
    expect(found({ metric: 'sensitivity', window: 1 }, 1.999)).toBe('010001000001');
  });
});

test('an outlier keeps its whole patch, which the edge cuts', () => {
  // Patches of 3 x 3 are 3 columns and 1 column wide.
  expect(found({ metric: 'outliers', window: 3 }, 5)).toBe('111111111111');
  expect(found({ metric: 'outliers', window: 3 }, 7)).toBe('111011101110');
  expect(found({ metric: 'outliers', window: 1 }, 2.5)).toBe('010001000001');
  expect(found({ metric: 'outliers', window: 3 }, 8)).toBe('000000000000');
});

test.each(['sensitivity', 'outliers'] as const)('all of the area is %s, or none', (metric) => {
  expect(found({ metric, window: 3 }, BELOW_ALL)).toBe('1'.repeat(12));
  expect(found({ metric, window: 3 }, ABOVE_ALL)).toBe('0'.repeat(12));
});

test('sums are exact: the order of channels within a half, and the place of the map, change nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }), {
        minLength: 4 * 9,
        maxLength: 4 * 9,
      }),
      fc.constantFrom(1, 3, 5, 7),
      fc.integer({ min: 0, max: 8 }),
      (list, window, at) => {
        const input = { values: Float32Array.from(list), channels: 4, height: 3, width: 3 };
        const how: FoundLevels = { metric: 'sensitivity', window };
        const scores = windowScores(positionScores(input, 'sensitivity'), input, how);
        const threshold = scores[at]!;
        const sensitive = foundSensitive(input, how, threshold);
        // What lies further from the threshold than rounding reaches is as plain arithmetic has it; below 2^-60 a sum is none.
        scores.forEach((score, position) => {
          if (Math.abs(score - threshold) > 1e-5 * threshold + 2 ** -60)
            expect(sensitive[position]).toBe(Number(score > threshold));
        });
        const mirrored = { ...input, values: Float32Array.from(list, (_, i) => list[i - (i % 3) + 2 - (i % 3)]!) };
        const others = foundSensitive(mirrored, how, threshold);
        expect([...others].map((_, i) => others[i - (i % 3) + 2 - (i % 3)])).toEqual([...sensitive]);
        const swapped = { ...input, values: Float32Array.from(list, (_, i) => list[(i + 18) % 36]!) };
        expect(foundSensitive(swapped, how, threshold)).toEqual(sensitive);
      },
    ),
  );
});

test('a threshold lies on the line through the quantiles beside its share', () => {
  const quantiles = SCORE_SHARES.map((share) => 10 * share ** 2);
  expect(thresholdOfShare(quantiles, 0.5)).toBeCloseTo(2.5, 9);
  expect(thresholdOfShare(quantiles, 0.525)).toBeCloseTo((2.5 + 3.025) / 2, 9);
  expect(thresholdOfShare(quantiles, 0)).toBe(BELOW_ALL);
  expect(thresholdOfShare(quantiles, 1)).toBe(ABOVE_ALL);
});

test('a predictor adds channels and window and compares, or compares values and patches', () => {
  const layer = { inputShape: [64, 10, 7] as const };
  expect(predictorSteps(layer, mean3)).toBe(70 * (64 + 9 + 1));
  expect(predictorSteps(layer, { metric: 'outliers', window: 3 })).toBe(70 * 64 + 4 * 3);
});
