import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holm,
  imagesForDifference,
  meanDifference,
  ofFamily,
  pairedCounts,
  pairedDifferenceInterval,
  pairedOutcome,
} from '../../../src-shared/runs/paired-statistics.ts';

describe('pairedDifferenceInterval', () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998) 2635-2650, table II, method 10, first two; all digits worked out by hand with
  // the normal quantile of scipy 1.17.
  it.each([
    [[36, 2, 12, 0], 0.05692958400323869, 0.3404276029749407],
    [[20, 2, 12, 16], 0.056156424841748265, 0.3292069954001405],
    [[702, 15, 9, 274], -0.015934328991988093, 0.0038861620198963696],
    [[43, 8, 0, 0], -0.2801044677298776, -0.05411482556440404],
  ] as const)('%j', ([bothRight, onlyFirst, onlyOther, bothWrong], low, high) => {
    const interval = pairedDifferenceInterval({ bothRight, onlyFirst, onlyOther, bothWrong })!;
    expect(interval[0]).toBeCloseTo(low, 12);
    expect(interval[1]).toBeCloseTo(high, 12);
  });

  it('holds the difference, stays within -1 and 1, and is mirrored when the two change places', () => {
    const cell = fc.integer({ min: 0, max: 60_000 });
    fc.assert(
      fc.property(cell, cell, cell, cell, (bothRight, onlyFirst, onlyOther, bothWrong) => {
        fc.pre(bothRight + onlyFirst + onlyOther + bothWrong > 0);
        const counts = { bothRight, onlyFirst, onlyOther, bothWrong };
        const { difference, interval } = pairedOutcome(counts);
        expect(interval[0] - 1e-12).toBeLessThanOrEqual(difference);
        expect(interval[1] + 1e-12).toBeGreaterThanOrEqual(difference);
        expect(interval[0]).toBeGreaterThanOrEqual(-1);
        expect(interval[1]).toBeLessThanOrEqual(1);
        const mirrored = pairedDifferenceInterval({ ...counts, onlyFirst: onlyOther, onlyOther: onlyFirst })!;
        expect(mirrored[0]).toBeCloseTo(-interval[1], 10);
      }),
    );
    expect(pairedDifferenceInterval({ bothRight: 0, onlyFirst: 0, onlyOther: 0, bothWrong: 0 })).toBeNull();
  });
});

describe('imagesForDifference', () => {
  // By hand: (1.959964 sqrt(0.024) + 0.841621 sqrt(0.024 - 0.0001))^2 / 0.0001 = (0.303636 + 0.130111)^2 / 0.0001 = 1881.4.
  it.each([
    [0.024, 0.01, 1882],
    [0.2, 0.05, 626],
    // Fewer images change sides than a point: as many as a point at least must.
    [0, 0.01, 783],
    [0.01, 0.01, 783],
  ])('%f changing sides, %f to be seen', (changing, difference, images) => {
    expect(imagesForDifference(changing, difference)).toBe(images);
  });
});

describe('holm', () => {
  it('multiplies the least by the number of tests, the next by one fewer, and never falls', () => {
    // S. Holm's rule by hand: 0.01 x 4, 0.02 x 3, 0.03 x 2 = 0.06, 0.2 x 1.
    const adjusted = holm([0.03, 0.01, 0.2, 0.02]);
    [0.06, 0.04, 0.2, 0.06].forEach((value, index) => expect(adjusted[index]).toBeCloseTo(value, 12));
    expect(holm([0.6, 0.7])).toEqual([1, 1]);
    expect(holm([0.04])).toEqual([0.04]);
    expect(holm([])).toEqual([]);
  });
});

describe('meanDifference', () => {
  // D. G. Bonett and R. M. Price (2012), formula 8, worked by hand: with one image more that only either gets right,
  // d = (2 - 6) / 22, sqrt((2 + 6) / 22 - d^2) / sqrt(22) = 0.1225818, times 1.959964.
  it.each([
    ['one against five of 20', [20, 4, 6], 0.2, -0.0584377, 0.4220741, 0.1024704],
    ['no discordant pair', [10, 0, 0], 0, -0.230984, 0.230984, 1],
    ['one image, lost', [1, -1, 1], -1, -1, 0.7335359, 0.3173105],
    ['all lost of 20', [20, -20, 20], -1, -1, -0.735009, 0.0000077],
    ['ties alone', [20, 0, 6], 0, -0.2519825, 0.2519825, 1],
  ] as const)('%s', (_, [images, sum, squares], difference, low, high, pValue) => {
    const found = meanDifference(images, sum, squares)!;
    expect(found.difference).toBe(difference);
    expect(found.interval[0]).toBeCloseTo(low, 6);
    expect(found.interval[1]).toBeCloseTo(high, 6);
    expect(found.pValue).toBeCloseTo(pValue, 6);
  });

  it('needs an image', () => expect(meanDifference(0, 0, 0)).toBeNull());
});

describe('edges of paired answers', () => {
  const outcome = (first: readonly number[], other: readonly number[]) =>
    pairedOutcome(pairedCounts(first, other, [...first.keys()]));

  it('of no discordant pair there is no difference, and none is excluded', () => {
    const { difference, interval, pValue } = outcome([1, 1, 0, 0], [1, 1, 0, 0]);
    expect({ difference, pValue }).toEqual({ difference: 0, pValue: 1 });
    expect(interval[0]).toBeLessThan(0);
    expect(interval[1]).toBeGreaterThan(0);
  });

  it('one image shows nothing', () => expect(outcome([1], [0])).toMatchObject({ difference: -1, pValue: 1 }));

  it('where all are wrong the interval is that of either proportion', () => {
    const { interval } = outcome([0, 0, 0, 0, 0], [0, 0, 0, 0, 0]);
    // Wilson, 0 of 5: up to z^2 / (5 + z^2).
    expect(interval[1]).toBeCloseTo(3.841458820694124 / 8.841458820694124, 12);
    expect(interval[0]).toBe(-interval[1]);
  });

  it('as many on either side are no difference', () =>
    expect(outcome([1, 1, 0, 0], [0, 0, 1, 1])).toMatchObject({ difference: 0, pValue: 1 }));
});

it('a family leaves out tests that could not be made, and equal ones stay equal', () => {
  const raised = ofFamily([{ pValue: 0.01 }, null, { pValue: 0.01 }, { pValue: 0.04 }]);
  expect(raised.map((test) => test?.familyPValue ?? null)).toEqual([0.03, null, 0.03, 0.04]);
});
