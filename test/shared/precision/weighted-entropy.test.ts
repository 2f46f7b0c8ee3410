import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clusterWeights,
  levelsOfBits,
  logActivationLevels,
  logLevelValue,
  quantiseLog,
  quantiseWeights,
  weightedEntropyOfLevels,
} from '../../../src-shared/precision/weighted-entropy.ts';

const floats = fc
  .array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 400 })
  .map((values) => Float32Array.from(values));

/** Bell-shaped weights, as trained convolutions have: a fixed linear congruential sequence, twelve summed. */
function bell(count: number): Float32Array {
  let state = 1;
  const uniform = () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32;
  return Float32Array.from({ length: count }, () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6);
}

function histogramOf(values: Float32Array): Map<number, number> {
  const histogram = new Map<number, number>();
  for (const value of values.filter((value) => value > 0)) {
    const bin = Math.floor(16 * Math.log2(value));
    histogram.set(bin, (histogram.get(bin) ?? 0) + 1);
  }
  return histogram;
}

describe('clusterWeights', () => {
  it('raises weighted entropy from round to round', () => {
    for (const bits of [2, 3, 4, 5]) {
      const { history } = clusterWeights(bell(20_000), levelsOfBits(bits));
      expect(history.length).toBeGreaterThan(1);
      for (let k = 1; k < history.length; k++) expect(history[k]).toBeGreaterThan(history[k - 1]!);
    }
  });

  it('finds the best cut of three levels, against trying them all', () => {
    const weights = bell(500);
    const squares = Float64Array.from(weights, (weight) => weight ** 2).sort();
    const entropyAt = (cut: number) => {
      const upper = squares.slice(cut);
      const share = upper.length / squares.length;
      return (-upper.reduce((a, b) => a + b, 0) / squares.length) * Math.log(share / 2);
    };
    const best = Math.max(...Array.from({ length: 499 }, (_, k) => entropyAt(k + 1)));
    expect(clusterWeights(weights, 3).history.at(-1)).toBeCloseTo(best, 12);
  });

  it('keeps a zero level with an odd number of levels only', () => {
    const weights = bell(5000);
    for (const levels of [3, 5, 7]) {
      const clusters = clusterWeights(weights, levels);
      expect(clusters.values[0]).toBe(0);
      expect(new Set(quantiseWeights(weights, clusters)).size).toBe(levels);
    }
    for (const levels of [2, 4, 8]) {
      const clusters = clusterWeights(weights, levels);
      expect(clusters.values[0]).toBeGreaterThan(0);
      expect(new Set(quantiseWeights(weights, clusters)).size).toBe(levels);
    }
  });

  it('bounds its clusters in order and stands for the root mean square of each', () => {
    fc.assert(
      fc.property(floats, fc.integer({ min: 2, max: 9 }), (weights, levels) => {
        const { boundaries, values } = clusterWeights(weights, levels);
        expect(boundaries[0]).toBe(0);
        for (let n = 0; n < boundaries.length; n++) {
          const next = boundaries[n + 1] ?? Infinity;
          expect(boundaries[n]).toBeLessThan(next);
          if (levels % 2 === 1 && n === 0) continue;
          const members = weights.map(Math.abs).filter((magnitude) => magnitude >= boundaries[n]! && magnitude < next);
          const meanSquare = members.reduce((sum, member) => sum + member ** 2, 0) / Math.max(1, members.length);
          expect(values[n]).toBeCloseTo(Math.sqrt(meanSquare), 5);
        }
      }),
    );
  });

  it('quantises to its own values, keeping signs, and again to the same', () => {
    fc.assert(
      fc.property(floats, fc.integer({ min: 2, max: 9 }), (weights, levels) => {
        const clusters = clusterWeights(weights, levels);
        const quantised = quantiseWeights(weights, clusters);
        for (const [k, weight] of weights.entries()) {
          expect(clusters.values).toContain(Math.abs(quantised[k]!));
          expect(weight * quantised[k]!).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('spends more levels where weights are large than equal counts do', () => {
    const weights = bell(20_000);
    const { boundaries } = clusterWeights(weights, 8);
    const magnitudes = weights.map(Math.abs).sort();
    expect(boundaries[3]).toBeGreaterThan(magnitudes[15_000]!);
  });

  it('takes equal weights, zeros and fewer weights than levels', () => {
    expect(quantiseWeights(new Float32Array(10).fill(0.5), clusterWeights(new Float32Array(10).fill(0.5), 4))[3]).toBe(
      0.5,
    );
    expect(quantiseWeights(new Float32Array(10), clusterWeights(new Float32Array(10), 4))).toEqual(
      new Float32Array(10),
    );
    const three = Float32Array.of(-1, 2, 4);
    expect(quantiseWeights(three, clusterWeights(three, 16))).toEqual(three);
  });

  it('finds nearly the same clusters from a sample of a large layer', () => {
    const weights = bell(400_000);
    const whole = clusterWeights(weights.subarray(0, 260_000), 8);
    const sampled = clusterWeights(weights, 8);
    for (const [n, boundary] of whole.boundaries.entries())
      expect(Math.abs(sampled.boundaries[n]! - boundary)).toBeLessThan(0.02);
  });
});

describe('logActivationLevels', () => {
  const activations = bell(20_000).map((value) => Math.max(0, value));

  it.each([1, 2, 3, 4, 6])('has at %i bits the largest weighted entropy of all steps and offsets', (bits) => {
    const histogram = histogramOf(activations);
    const levels = logActivationLevels(histogram, bits);
    expect(levels.count).toBe(2 ** bits);
    expect(levels.step % 2).toBe(0);
    expect(levels.step).toBeGreaterThanOrEqual(2);
    expect(levels.step).toBeLessThanOrEqual(32);
    const best = weightedEntropyOfLevels(histogram, levels);
    for (let step = 2; step <= 32; step += 6)
      for (let top = -80; top <= 40; top += 3) {
        const others = { offset: top - (levels.count - 2) * step, step, count: levels.count };
        expect(weightedEntropyOfLevels(histogram, others)).toBeLessThanOrEqual(best);
      }
  });

  it('gives a weighted entropy that more bits never lower', () => {
    const histogram = histogramOf(activations);
    const entropies = [2, 3, 4, 5, 6].map((bits) =>
      weightedEntropyOfLevels(histogram, logActivationLevels(histogram, bits)),
    );
    for (let k = 1; k < entropies.length; k++) expect(entropies[k]).toBeGreaterThanOrEqual(entropies[k - 1]! - 1e-12);
  });

  it('agrees with the entropy counted over quantised values', () => {
    const histogram = new Map([
      [0, 10],
      [16, 20],
      [32, 5],
    ]);
    const levels = { offset: 0, step: 16, count: 4 };
    const term = (value: number, share: number) => -value * share * Math.log(share);
    expect(weightedEntropyOfLevels(histogram, levels)).toBeCloseTo(
      term(1, 10 / 35) + term(2, 20 / 35) + term(4, 5 / 35),
      12,
    );
  });

  it('takes a single bin, and depths beyond forty octaves', () => {
    expect(quantiseLog(3, logActivationLevels(histogramOf(Float32Array.of(3, 3, 3)), 2))).toBeGreaterThan(0);
    const { step } = logActivationLevels(
      new Map([
        [-2000, 1],
        [0, 100],
        [8, 100],
      ]),
      4,
    );
    expect(step).toBeLessThanOrEqual(32);
  });
});

describe('quantiseLog', () => {
  const levels = { offset: -32, step: 8, count: 8 };

  it('leaves its own levels alone and keeps zero exactly', () => {
    for (let level = 0; level < levels.count; level++) {
      const value = logLevelValue(levels, level);
      expect(quantiseLog(value, levels)).toBe(value);
    }
    expect(logLevelValue(levels, 0)).toBe(0);
    expect(quantiseLog(-1, levels)).toBe(0);
  });

  it('rises with its argument and errs at most half a step within its levels', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 8, noNaN: true }), fc.double({ min: 0, max: 8, noNaN: true }), (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(quantiseLog(less, levels)).toBeLessThanOrEqual(quantiseLog(more, levels));
        const value = quantiseLog(a, levels);
        if (a >= logLevelValue(levels, 1) && a <= logLevelValue(levels, 7))
          expect(Math.abs(Math.log2(value / a))).toBeLessThanOrEqual(levels.step / 32 + 1e-9);
      }),
    );
  });

  it('clamps above its highest level and drops what lies half a step below its lowest', () => {
    expect(quantiseLog(1e6, levels)).toBe(logLevelValue(levels, 7));
    expect(quantiseLog(2 ** (-36.1 / 16), levels)).toBe(0);
    expect(quantiseLog(2 ** (-35.9 / 16), levels)).toBe(logLevelValue(levels, 1));
  });
});
