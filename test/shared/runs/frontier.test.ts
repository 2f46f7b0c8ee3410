import { describe, expect, it } from 'vitest';
import { againstFrontier, bestOf, mixAt } from '../../../src-shared/runs/frontier.ts';

const IMAGES = [0, 1, 2, 3];
const point = (plan: number, saved: number, right: readonly number[]) => ({ plan, saved, right });

describe('mixAt', () => {
  const widths = [point(0, 0, []), point(1, 0.5, []), point(2, 0.75, [])];

  it('mixes the two neighbours that enclose a saving, as much of each as it takes', () => {
    expect(mixAt(0.6, widths)).toMatchObject({ low: { plan: 1 }, high: { plan: 2 } });
    expect(mixAt(0.6, widths)!.share).toBeCloseTo(0.4, 12);
  });

  it('is one of them at its own saving, whatever the last digit, and nothing beyond the ends', () => {
    expect(mixAt(0.5 + 1e-12, widths)).toMatchObject({ low: { plan: 1 }, high: { plan: 1 }, share: 1 });
    expect(mixAt(0.5 - 1e-12, widths)).toMatchObject({ low: { plan: 1 }, high: { plan: 1 }, share: 1 });
    expect(mixAt(0.8, widths)).toBeNull();
    expect(mixAt(-0.1, widths)).toBeNull();
  });
});

describe('againstFrontier', () => {
  it('compares image by image with the mix', () => {
    const frontier = [point(7, 0, [1, 1, 1, 0]), point(8, 0.5, [1, 0, 0, 0])];
    // Half and half: right on 1, 0.5, 0.5 and 0 of the images; differences 0, 0.5, -0.5, 1: sum 1, squares 1.5.
    const found = againstFrontier({ saved: 0.25, right: [1, 1, 0, 1] }, frontier, IMAGES)!;
    expect(found).toMatchObject({ difference: 0.25, between: [7, 8] });
    // 1 / 6 +- 1.959964 sqrt((3.5 / 6 - 1 / 36) / 6)
    expect(found.interval[0]).toBeCloseTo(-0.4297314, 6);
    expect(found.interval[1]).toBeCloseTo(0.7630647, 6);
  });
});

it('the best of a frontier are those that no other beats', () => {
  const points = [point(0, 0.5, [1, 1, 0, 0]), point(1, 0.4, [1, 0, 0, 0]), point(2, 0.2, [1, 1, 1, 0])];
  expect(bestOf(points, IMAGES).map(({ plan }) => plan)).toEqual([0, 2]);
});
