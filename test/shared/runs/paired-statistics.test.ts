import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holm,
  imagesForDifference,
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
