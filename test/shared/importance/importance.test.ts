import fc from 'fast-check';
import { expect, test } from 'vitest';
import { centreDistances } from '../../../src-shared/importance/grid-cells.ts';
import { COMBINED_WEIGHTS, importanceMap, levelMap } from '../../../src-shared/importance/importance.ts';
import { type Metric, METRICS } from '../../../src-shared/precision/metrics.ts';
import { anyPicture, picture } from './pictures.ts';

const GRID = { rows: 4, columns: 4 };
const IMAGE_METRICS = ['entropy', 'gradient', 'interest', 'combined'] as const;
const ALL: Metric[] = METRICS.flatMap((metric): Metric[] => [metric, `inverse:${metric}`]);

/** Textured in the cell at row 1, column 2 of a 4 x 4 grid, flat elsewhere. */
const oneBusyCell = picture(64, 64, (x, y) =>
  x >= 34 && x < 46 && y >= 18 && y < 30 ? ((x * 7 + y * 13) % 5) * 50 : 120,
);

test.each(IMAGE_METRICS)('%s is highest where the image is busy', (metric) => {
  const map = importanceMap(oneBusyCell, GRID, metric, 0);
  expect(map.indexOf(Math.max(...map))).toBe(1 * 4 + 2);
});

test.each(['entropy', 'gradient', 'interest'] as const)('%s fills 0 to 1 on an image with contrast', (metric) => {
  const map = importanceMap(oneBusyCell, GRID, metric, 0);
  expect(Math.min(...map)).toBe(0);
  expect(Math.max(...map)).toBe(1);
});

test.each(IMAGE_METRICS)('%s of a flat image is flat, and its inverse too', (metric) => {
  const flat = picture(64, 48, () => [200, 30, 90]);
  expect(new Set(importanceMap(flat, GRID, metric, 0))).toEqual(new Set([0]));
  expect(new Set(importanceMap(flat, GRID, `inverse:${metric}`, 0))).toEqual(new Set([1]));
});

test.each(IMAGE_METRICS)('%s does not amplify noise of one level', (metric) => {
  const noisy = picture(224, 224, (x, y) => 128 + ((((x * 2654435761) ^ (y * 40503)) >>> 7) % 2));
  const map = importanceMap(noisy, { rows: 14, columns: 14 }, metric, 0);
  expect(Math.max(...map) - Math.min(...map)).toBeLessThan(0.2);
});

test('combined is the weighted sum of its parts on an image with contrast', () => {
  const maps = Object.entries(COMBINED_WEIGHTS).map(
    ([metric, weight]) => [importanceMap(oneBusyCell, GRID, metric as Metric, 0), weight] as const,
  );
  for (const [cell, value] of importanceMap(oneBusyCell, GRID, 'combined', 0).entries())
    expect(value).toBeCloseTo(
      maps.reduce((sum, [map, weight]) => sum + weight * map[cell]!, 0),
      5,
    );
  expect(Object.values(COMBINED_WEIGHTS).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
});

test('every metric gives one value in [0, 1] a cell, the same each time, its inverse 1 minus it', () => {
  const side = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(
      anyPicture(1, 24),
      side,
      side,
      fc.constantFrom(...METRICS),
      fc.nat(),
      (image, rows, columns, metric, seed) => {
        const grid = { rows, columns };
        const map = importanceMap(image, grid, metric, seed);
        expect(map).toHaveLength(rows * columns);
        for (const value of map) expect(value >= 0 && value <= 1).toBe(true);
        expect(importanceMap(image, grid, metric, seed)).toEqual(map);
        for (const [cell, value] of importanceMap(image, grid, `inverse:${metric}`, seed).entries())
          expect(value).toBeCloseTo(1 - map[cell]!, 6);
      },
    ),
    { numRuns: 300 },
  );
});

test('a mirrored image has the mirrored map', () => {
  const mirrored = picture(64, 64, (x, y) => oneBusyCell.data[(y * 64 + 63 - x) * 3]!);
  for (const metric of ['entropy', 'gradient', 'centre'] as const) {
    const map = importanceMap(oneBusyCell, GRID, metric, 0);
    for (const [cell, value] of importanceMap(mirrored, GRID, metric, 0).entries())
      expect(value).toBeCloseTo(map[cell - (cell % 4) + 3 - (cell % 4)]!, 6);
  }
});

test('centre falls from the middle to the corners, uniform is 1, random follows its seed alone', () => {
  const centre = importanceMap(oneBusyCell, { rows: 3, columns: 5 }, 'centre', 0);
  expect(centre[1 * 5 + 2]).toBe(1);
  expect(centre.indexOf(Math.min(...centre))).toBe(0);
  expect([...centre].reverse()).toEqual([...centre]);
  expect(new Set(importanceMap(oneBusyCell, GRID, 'uniform', 0))).toEqual(new Set([1]));
  const other = picture(64, 64, () => 3);
  expect(importanceMap(oneBusyCell, GRID, 'random', 5)).toEqual(importanceMap(other, GRID, 'random', 5));
  expect(importanceMap(oneBusyCell, GRID, 'random', 5)).not.toEqual(importanceMap(oneBusyCell, GRID, 'random', 6));
});

test.each(ALL)('%s takes a grid finer than the image', (metric) => {
  expect(
    importanceMap(
      picture(8, 8, (x, y) => x * y),
      { rows: 20, columns: 20 },
      metric,
      1,
    ),
  ).toHaveLength(400);
});

const shares = fc
  .array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 })
  .filter((parts) => parts.some((part) => part > 0))
  .map((parts) => parts.map((part) => part / parts.reduce((sum, other) => sum + other, 0)));

test('levels by share hold exactly the rounded share of cells, the less important ones lower', () => {
  const side = fc.integer({ min: 1, max: 16 });
  const value = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(
      side,
      side,
      fc.array(value, { minLength: 256, maxLength: 256 }),
      shares,
      (rows, columns, values, shares) => {
        const grid = { rows, columns };
        const importance = values.slice(0, rows * columns);
        const levels = levelMap(importance, grid, { shares, thresholds: null });
        for (const level of shares.keys()) {
          const exact = shares.slice(0, level + 1).reduce((sum, share) => sum + share, 0) * rows * columns;
          const held = levels.filter((other) => other <= level).length;
          expect(Math.abs(held - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
        }
        const distance = centreDistances(grid);
        const lower = (a: number, b: number) =>
          importance[a]! < importance[b]! ||
          (importance[a] === importance[b] && (distance[a]! > distance[b]! || (distance[a] === distance[b] && a < b)));
        const cells = [...levels.keys()];
        expect(cells.every((a) => cells.every((b) => levels[a]! >= levels[b]! || lower(a, b)))).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test.each([
  [[0.25, 0.75], 196, 49],
  [[0.5, 0.5], 9, 5],
  [[0, 1], 16, 0],
  [[1, 0], 16, 16],
  // 0.7 + 0.1 falls short of 0.8 in binary, 0.1 + 0.2 exceeds 0.3: halves still round up.
  [[0.1, 0.2, 0.7], 25, 3],
])('shares %j of %i cells put %i at the lowest level', (shares, cells, lowest) => {
  const side = Math.sqrt(cells);
  const levels = levelMap(new Float32Array(cells), { rows: side, columns: side }, { shares, thresholds: null });
  expect(levels.filter((level) => level === 0)).toHaveLength(lowest);
});

test('of equally important cells the outer ones are lowered, mirrored cells in reading order', () => {
  const levels = levelMap(new Float32Array(16), GRID, { shares: [3 / 16, 13 / 16], thresholds: null });
  expect([...levels]).toEqual([0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1]);
});

test('levels by threshold count the thresholds reached', () => {
  const levels = levelMap(
    [0, 0.2, 0.25, 0.7, 0.75, 1],
    { rows: 1, columns: 6 },
    { shares: null, thresholds: [0.25, 0.75] },
  );
  expect([...levels]).toEqual([0, 0, 1, 1, 2, 2]);
});
