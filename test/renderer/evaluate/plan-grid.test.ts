import { describe, expect, test } from 'vitest';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { DEFAULT_GRID, gridSize, parseBits, parseShare, plansOf } from '../../../src-renderer/evaluate/plan-grid.ts';

describe('a grid of plans', () => {
  test('has by default the uniform widths and the controls of every setting', () => {
    const { own, uniform, controls } = plansOf(DEFAULT_GRID);
    expect(own).toHaveLength(4);
    expect(uniform.map(({ bits }) => bits)).toEqual([8, 7, 6, 5, 4, 3, 2, 1].map((width) => [width]));
    // Centre, random and the inverse, at two shares and two pairs of widths.
    expect(controls).toHaveLength(3 * 4);
    expect(new Set(controls.map(({ metric }) => metric))).toEqual(new Set(['centre', 'random', 'inverse:combined']));
  });

  test('has each plan once, a width of its own among the uniform ones too', () => {
    const grid = { ...DEFAULT_GRID, bits: [[4], [4, 2], [4, 2]], shares: [0.5, 0.5], controls: false };
    const { own, uniform } = plansOf(grid);
    expect(own).toHaveLength(2);
    expect(uniform.map(({ bits }) => bits)).not.toContainEqual([4]);
  });

  test('has on request the plans of every method that needs no search, each once among those that are there', () => {
    const grid = { ...DEFAULT_GRID, methods: true };
    const plain = plansOf(DEFAULT_GRID);
    const { own, uniform, controls } = plansOf(grid);
    expect([uniform, controls]).toEqual([plain.uniform, plain.controls]);
    expect(own.slice(0, plain.own.length)).toEqual(plain.own);
    const all = [...own, ...uniform, ...controls].map((plan) => JSON.stringify(resolvePlan(plan)));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeLessThanOrEqual(gridSize(grid));
    for (const { bits, metric, range } of [
      { bits: [4], metric: 'uniform', range: 'block' },
      { bits: [8, 0], metric: 'entropy', range: 'position' },
    ] as const)
      expect(own).toContainEqual(expect.objectContaining({ bits, metric, range }));
  });

  test('tells how many plans it stands for without making them', () => {
    const many = Array.from({ length: 100 }, (_, index) => index / 100);
    const grid = { ...DEFAULT_GRID, shares: many, bits: many.map(() => [4, 2]), controls: false, uniform: false };
    expect(gridSize(grid)).toBe(10_000);
  });

  test.each([
    ['4/2', [4, 2]],
    [' 8, 4 / 2 ', [8, 4, 2]],
    ['16', [16]],
    ['', null],
    ['4/x', null],
    ['17', null],
    ['4.5/2', null],
  ])('%j is %j', (text, bits) => {
    expect(parseBits(text)).toEqual(bits);
  });

  test.each([
    ['25 %', 0.25],
    ['12.5', 0.125],
    ['0', 0],
    ['101', null],
    ['', null],
    ['half', null],
  ])('the share %j is %j', (text, share) => {
    expect(parseShare(text)).toBe(share);
  });
});
