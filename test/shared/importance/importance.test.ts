import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMBINED_WEIGHTS, importanceMap } from '../../../src-shared/importance/importance.ts';
import { isPixelMetric, type Metric, METRICS } from '../../../src-shared/precision/metrics.ts';
import { anyPicture, picture } from './pictures.ts';

const GRID = { rows: 4, columns: 4 };
const IMAGE_METRICS = ['entropy', 'gradient', 'interest', 'combined'] as const;
const OF_PIXELS = METRICS.filter(isPixelMetric);
const ALL: Metric[] = OF_PIXELS.flatMap((metric): Metric[] => [metric, `inverse:${metric}`]);

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
      fc.constantFrom(...OF_PIXELS),
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

test('the weights of the combined map are shares of their sum, and one alone is that metric where there is contrast', () => {
  const map = (weights?: readonly number[]) => importanceMap(oneBusyCell, GRID, 'combined', 0, weights);
  for (const [cell, value] of map([2, 1.5, 1.5, 5]).entries()) expect(value).toBeCloseTo(map()[cell]!, 6);
  expect(map([3, 0, 0, 0])).toEqual(importanceMap(oneBusyCell, GRID, 'gradient', 0));
});
