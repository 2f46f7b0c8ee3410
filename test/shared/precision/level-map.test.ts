import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { centreDistances } from '../../../src-shared/importance/grid-cells.ts';
import { importanceMap } from '../../../src-shared/importance/importance.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { levelMap } from '../../../src-shared/precision/level-map.ts';
import { type PlanOptions, resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

const grid = (rows: number, columns = rows) => ({ rows, columns });
const plan = (options: PlanOptions) => resolvePlan({ metric: 'gradient', bits: [4, 2], ...options });
const lowest = (levels: Uint8Array) => levels.filter((level) => level === 0).length;

describe('carrying importance', () => {
  /** 1 from importance 0.5 on. */
  const half = plan({ threshold: 0.5 });
  const carried = (values: readonly number[], rows: number, columns: number, height: number, width: number) => [
    ...levelMap({ plan: half, grid: grid(rows, columns), values }, height, width),
  ];

  test('a map of the grid itself is copied, a finer one takes the cell that holds the centre', () => {
    const values = [0, 1, 0, 1, 1, 0];
    expect(carried(values, 2, 3, 2, 3)).toEqual(values);
    expect(carried(values, 2, 3, 4, 6)).toEqual([
      0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0,
    ]);
    // The centres of 5 columns lie in cells 0, 0 or 1, 1, 2, 2 of 3: at 1.5 / 5 of 3 cells is 0.9.
    expect(carried(values, 2, 3, 2, 5)).toEqual([0, 0, 1, 0, 0, 1, 1, 1, 0, 0]);
  });

  test('a coarser one takes the mean of what a position covers', () => {
    // 3 cells on 2 positions: (2 a + b) / 3 and (b + 2 c) / 3, twice.
    const values = [0.5, 0.4, 0.55, 0.5, 0.4, 0.55, 0.5, 0.4, 0.55];
    expect(carried(values, 3, 3, 2, 2)).toEqual([0, 1, 0, 1]);
    expect(carried([0.49, 0.51, 0.52, 0.49], 1, 4, 2, 2)).toEqual([1, 1, 1, 1]);
  });

  test('every cell has its say on every map', () => {
    const any = plan({ threshold: 1e-6 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 2, max: 40 }),
        fc.nat(),
        (side, height, width, at) => {
          const values = new Float32Array(side ** 2);
          values[at % side ** 2] = 1;
          const map = levelMap({ plan: any, grid: grid(side), values }, height, width);
          expect(map.some((level) => level === 1)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('one position, or a row of tokens, takes the highest level', () => {
    expect(carried([0, 0, 0, 0], 2, 2, 1, 1)).toEqual([1]);
    expect(carried([0, 0, 0, 0], 2, 2, 1, 5)).toEqual([1, 1, 1, 1, 1]);
  });

  test('levels by threshold count the thresholds reached', () => {
    const levels = levelMap({
      plan: plan({ bits: [4, 3, 2], threshold: [0.25, 0.75] }),
      grid: grid(2, 3),
      values: [0, 0.2, 0.25, 0.7, 0.75, 1],
    });
    expect([...levels]).toEqual([0, 0, 1, 1, 2, 2]);
  });
});

describe('shares', () => {
  const parts = fc
    .array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 8 })
    .filter((all) => all.some((part) => part > 0))
    .map((all) => all.map((part) => part / all.reduce((sum, other) => sum + other, 0)));

  test('hold exactly the rounded share of every map, the less important positions lower', () => {
    const value = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
    const side = fc.integer({ min: 2, max: 20 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16 }),
        side,
        side,
        fc.array(value, { minLength: 256, maxLength: 256 }),
        parts,
        (cells, height, width, values, shares) => {
          const rule = { ...plan({}), shares, bits: shares.map(() => 4) };
          const map = { plan: rule, grid: grid(cells), values: values.slice(0, cells ** 2) };
          const levels = levelMap(map, height, width);
          for (const level of shares.keys()) {
            const exact = shares.slice(0, level + 1).reduce((sum, share) => sum + share, 0) * height * width;
            expect(Math.abs(levels.filter((other) => other <= level).length - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
          }
          if (height !== cells || width !== cells) return;
          const order = [...levels.keys()];
          expect(order.every((a) => order.every((b) => levels[a]! >= levels[b]! || values[a]! <= values[b]!))).toBe(
            true,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([
    [[0.25, 0.75], 14, 49],
    [[0.5, 0.5], 3, 5],
    [[0, 1], 4, 0],
    [[1, 0], 4, 16],
    // 0.7 + 0.1 falls short of 0.8 in binary, 0.1 + 0.2 exceeds 0.3: halves still round up.
    [[0.1, 0.2, 0.7], 5, 3],
  ])('%j of a map of side %i put %i at the lowest level', (shares, side, count) => {
    const rule = { ...plan({}), shares, bits: shares.map(() => 4) };
    expect(lowest(levelMap({ plan: rule, grid: grid(side), values: new Float32Array(side ** 2) }))).toBe(count);
  });

  test('a quarter is a quarter on the maps of networks: the mean bits of every metric within 0.5 %', () => {
    const noise = randomGenerator(3);
    const data = Uint8Array.from({ length: 3 * 224 * 224 }, () => Math.floor(noise() * 256));
    const image = { width: 224, height: 224, data };
    for (const metric of ['centre', 'random', 'gradient', 'combined'] as const) {
      const quarter = plan({ metric, lowShare: 0.25 });
      const map = { plan: quarter, grid: grid(14), values: importanceMap(image, grid(14), metric, 1) };
      for (const side of [7, 13, 14, 27, 28, 55, 56, 112]) {
        const mean = (4 * side ** 2 - 2 * lowest(levelMap(map, side, side))) / side ** 2;
        expect(Math.abs(mean / 3.5 - 1), `${metric} on ${side} x ${side}`).toBeLessThan(0.005);
      }
    }
  });

  test('equal importance favours no place, and is cut alike for every image', () => {
    const quarter = plan({ lowShare: 0.25 });
    const flat = { plan: quarter, grid: grid(14), values: new Float32Array(196).fill(0.5) };
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const distance = [...centreDistances(grid(14))];
    for (const side of [14, 28]) {
      const levels = levelMap(flat, side, side);
      const low = [...levels.keys()].filter((at) => levels[at] === 0);
      const cellOf = (at: number) =>
        Math.floor((Math.floor(at / side) * 14) / side) * 14 + Math.floor(((at % side) * 14) / side);
      expect(Math.abs(mean(low.map((at) => distance[cellOf(at)]!)) - mean(distance))).toBeLessThan(0.05);
      expect(Math.abs(mean(low.map((at) => at % side)) / (side - 1) - 0.5)).toBeLessThan(0.08);
      expect(Math.abs(mean(low.map((at) => Math.floor(at / side))) / (side - 1) - 0.5)).toBeLessThan(0.08);
      expect(levels).toEqual(levelMap({ ...flat, values: new Float32Array(196).fill(0.2) }, side, side));
    }
  });
});

test('uniform is one level: the highest, its inverse the lowest', () => {
  expect(resolvePlan({ metric: 'uniform', bits: [4, 3] })).toEqual(resolvePlan({ metric: 'uniform', bits: [4] }));
  expect(resolvePlan({ metric: 'inverse:uniform', bits: [4, 3], layerBits: { a: [6, 5] } })).toMatchObject({
    bits: [3],
    shares: [1],
    layerBits: { a: [5] },
  });
  // Plans of earlier versions had as many levels as they named.
  const older = { ...plan({}), metric: 'uniform' as const, bits: [2, 4] };
  const values = new Float32Array(4).fill(1);
  expect([...levelMap({ plan: older, grid: grid(2), values })]).toEqual([1, 1, 1, 1]);
  expect([...levelMap({ plan: { ...older, metric: 'inverse:uniform' as const }, grid: grid(2), values })]).toEqual([
    0, 0, 0, 0,
  ]);
});
