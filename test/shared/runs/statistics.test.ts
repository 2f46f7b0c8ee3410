import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import {
  bootstrapMeanInterval,
  mcnemarExact,
  paretoFront,
  wilsonInterval,
} from '../../../src-shared/runs/statistics.ts';

describe('wilsonInterval', () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3; all digits from scipy 1.17 (binomtest).
  it.each([
    [81, 263, 0.2552885198782742, 0.36620957698280004],
    [15, 148, 0.06238639953073629, 0.16048724172330803],
    [0, 20, 0, 0.16112515805281935],
    [1, 29, 0.006113214292762667, 0.17175521879320282],
    [29999, 50000, 0.5956783755611071, 0.6042662628569947],
  ])('%i of %i', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials)!;
    expect(interval[0]).toBeCloseTo(low, 12);
    expect(interval[1]).toBeCloseTo(high, 12);
  });

  it('stays within 0 and 1 and holds the share, is the mirror image of its opposite, and needs a trial', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, share) => {
        const successes = Math.round(share * trials);
        const [low, high] = wilsonInterval(successes, trials)!;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low - 1e-12).toBeLessThanOrEqual(successes / trials);
        expect(high + 1e-12).toBeGreaterThanOrEqual(successes / trials);
        expect(wilsonInterval(trials - successes, trials)![0]).toBeCloseTo(1 - high, 10);
      }),
    );
    expect(wilsonInterval(0, 0)).toBeNull();
  });
});

describe('mcnemarExact', () => {
  // The first: approval ratings, A. Agresti, "Categorical Data Analysis", table 10.1. All digits from scipy 1.17 (binomtest).
  it.each([
    [86, 150, 3.7159361395713866e-5],
    [5, 15, 0.04138946533203125],
    [0, 6, 0.03125],
    [3, 9, 0.14599609375],
    [10, 10, 1],
    [1, 0, 1],
    [600, 900, 9.509594050178402e-15],
    [12_000, 12_500, 0.0014321425048026506],
  ])('%i against %i', (first, second, p) => {
    expect(mcnemarExact(first, second) / p).toBeCloseTo(1, 8);
    expect(mcnemarExact(second, first)).toBe(mcnemarExact(first, second));
  });

  it('is 1 without disagreement', () => expect(mcnemarExact(0, 0)).toBe(1));

  it('equals the sum of the binomial probabilities of all splits as uneven', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 25 }), (first, second) => {
        const trials = first + second;
        let p = 0;
        let choose = 1;
        for (let k = 0; k <= trials; k++) {
          if (Math.abs(2 * k - trials) >= Math.abs(first - second)) p += choose / 2 ** trials;
          choose = (choose * (trials - k)) / (k + 1);
        }
        expect(mcnemarExact(first, second)).toBeCloseTo(p, 12);
      }),
    );
  });
});

describe('bootstrapMeanInterval', () => {
  const random = randomGenerator(5);
  const values = Float64Array.from({ length: 400 }, random);

  it('gives the same interval for the same seed, another for another', () => {
    const interval = bootstrapMeanInterval(values, { seed: 7 });
    expect(bootstrapMeanInterval(values, { seed: 7 })).toEqual(interval);
    expect(bootstrapMeanInterval(values, { seed: 8 })).not.toEqual(interval);
  });

  it('comes close to the normal interval of a mean of many values', () => {
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    const half = (1.96 * deviation) / Math.sqrt(values.length);
    const [low, high] = bootstrapMeanInterval(values, { seed: 1, resamples: 10_000 })!;
    expect(low).toBeCloseTo(mean - half, 2);
    expect(high).toBeCloseTo(mean + half, 2);
  });

  it('is normal where the values are many: what resamples come to', () => {
    // One in five costs 8, the others 4: their mean is 4.8, their deviation 1.6, and 1.6 / sqrt(10,000) is 0.016.
    const many = Float64Array.from({ length: 10_000 }, (_, index) => (index % 5 === 0 ? 8 : 4));
    const [low, high] = bootstrapMeanInterval(many, { seed: 1 })!;
    expect([low, high]).toEqual([expect.closeTo(4.8 - 1.96 * 0.016, 5), expect.closeTo(4.8 + 1.96 * 0.016, 5)]);
    const [drawnLow, drawnHigh] = bootstrapMeanInterval(many, { seed: 1, resamples: 500 })!;
    expect(Math.abs(drawnLow - low) + Math.abs(drawnHigh - high)).toBeLessThan(0.01);
  });

  it('is a point where all values are equal, and nothing without values', () => {
    expect(bootstrapMeanInterval([3, 3, 3], { seed: 1 })).toEqual([3, 3]);
    expect(bootstrapMeanInterval([], { seed: 1 })).toBeNull();
  });
});

describe('paretoFront', () => {
  it('keeps what nothing beats, cheapest first', () => {
    const points = [
      { cost: 8, accuracy: 0.62 },
      { cost: 4, accuracy: 0.62 },
      { cost: 3, accuracy: 0.6 },
      { cost: 5, accuracy: 0.61 },
      { cost: 2, accuracy: 0.22 },
      { cost: 4, accuracy: 0.62 },
      { cost: 2, accuracy: 0.2 },
    ];
    expect(paretoFront(points)).toEqual([4, 2, 1, 5]);
    expect(paretoFront([])).toEqual([]);
  });

  it('is what a comparison of all pairs finds', () => {
    const value = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(fc.array(fc.record({ cost: value, accuracy: value })), (points) => {
        const unbeaten = points.flatMap((point, index) =>
          points.some(
            (other) =>
              other.cost <= point.cost &&
              other.accuracy >= point.accuracy &&
              (other.cost < point.cost || other.accuracy > point.accuracy),
          )
            ? []
            : [index],
        );
        expect([...paretoFront(points)].sort((a, b) => a - b)).toEqual(unbeaten);
      }),
    );
  });
});
