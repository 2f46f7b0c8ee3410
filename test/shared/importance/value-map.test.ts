import { describe, expect, test } from 'vitest';
import { cellsOfMap, isShapedLike, type ValueMap } from '../../../src-shared/importance/value-map.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';

const map = (rows: readonly (readonly number[])[]): ValueMap => ({
  width: rows[0]!.length,
  height: rows.length,
  values: rows.flat(),
});

describe('the cells of a map', () => {
  test('are its means, worked by hand', () => {
    const four = map([
      [0, 1, 0.5, 0.5],
      [1, 0, 0.5, 0.5],
      [0, 0, 1, 1],
      [0, 0, 1, 0],
    ]);
    expect([...cellsOfMap(four, { rows: 2, columns: 2 })]).toEqual([0.5, 0.5, 0, 0.75]);
    expect([...cellsOfMap(four, { rows: 4, columns: 4 })]).toEqual(four.values);
    // A cell of one and a half columns; and several cells within one value.
    expect([...cellsOfMap(map([[0.25, 0.5, 1]]), { rows: 1, columns: 2 })]).toEqual(
      [(0.25 + 0.25) / 1.5, (0.25 + 1) / 1.5].map(Math.fround),
    );
    expect([...cellsOfMap(map([[0.25], [0.75]]), { rows: 4, columns: 1 })]).toEqual([0.25, 0.25, 0.75, 0.75]);
  });

  test('are those of the part that is looked at', () => {
    const rows = map([
      [0, 0, 0, 0],
      [0, 0.25, 0.5, 0],
      [0, 0.75, 1, 0],
      [0, 0, 0, 0],
    ]);
    const grid = { rows: 2, columns: 2 };
    expect([...cellsOfMap(rows, grid, { left: 1, top: 1, right: 3, bottom: 3 })]).toEqual([0.25, 0.5, 0.75, 1]);
    expect([...cellsOfMap(rows, { rows: 1, columns: 1 }, { left: 0.5, top: 1, right: 1.5, bottom: 2 })]).toEqual([
      0.125,
    ]);
  });

  test('hold as much as the map does, whatever the sizes', () => {
    const random = randomGenerator(7);
    for (let trial = 0; trial < 60; trial++) {
      const [width, height, rows, columns] = Array.from({ length: 4 }, () => 1 + Math.floor(random() * 40));
      const values = Array.from({ length: width! * height! }, random);
      const cells = cellsOfMap({ width: width!, height: height!, values }, { rows: rows!, columns: columns! });
      const mean = (all: ArrayLike<number>) => Array.from(all).reduce((sum, value) => sum + value, 0) / all.length;
      expect(mean(cells)).toBeCloseTo(mean(values), 6);
      expect(Math.max(...cells)).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
      expect(Math.min(...cells)).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
    }
  });
});

test('a map is shaped like its photo where a scaling might have made it, rounding as it likes', () => {
  const photo = { width: 500, height: 375 };
  for (const [width, height] of [
    [500, 375],
    [1000, 750],
    [7, 5],
    [224, 168],
    [299, 224],
    [299, 225],
  ])
    expect(isShapedLike({ width: width!, height: height! }, photo)).toBe(true);
  for (const [width, height] of [
    [375, 500],
    [7, 7],
    [224, 224],
    [500, 377],
  ])
    expect(isShapedLike({ width: width!, height: height! }, photo)).toBe(false);
});
