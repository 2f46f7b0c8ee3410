import { describe, expect, it } from 'vitest';
import { savedAtAccuracy, savedAtEqualAccuracy } from '../../../src-shared/runs/equal-accuracy.ts';

// Widths of 8, 4, 3 and 2 bits; 4 bits are more accurate than 8, which nothing is then to be mixed of.
const WIDTHS = [
  { saved: 0, accuracy: 0.62 },
  { saved: 0.5, accuracy: 0.64 },
  { saved: 0.625, accuracy: 0.56 },
  { saved: 0.75, accuracy: 0.2 },
];

describe('savedAtAccuracy', () => {
  it('mixes the two neighbours of the front that enclose an accuracy', () => {
    // A quarter of the way from 0.56 to 0.64: 0.625 - 0.125 / 4.
    expect(savedAtAccuracy(0.58, WIDTHS).saved).toBeCloseTo(0.59375, 12);
    // Half-way from 0.2 to 0.56.
    expect(savedAtAccuracy(0.38, WIDTHS).saved).toBeCloseTo(0.6875, 12);
    expect(savedAtAccuracy(0.62, WIDTHS).saved).toBeCloseTo(0.53125, 12);
  });

  it('is a point of the front at its own accuracy', () => {
    expect(savedAtAccuracy(0.64, WIDTHS)).toEqual({ saved: 0.5, isBeyond: false });
    expect(savedAtAccuracy(0.56, WIDTHS)).toEqual({ saved: 0.625, isBeyond: false });
  });

  it('takes the most accurate point where none is as accurate, and says so; the one that saves most where all are', () => {
    expect(savedAtAccuracy(0.7, WIDTHS)).toEqual({ saved: 0.5, isBeyond: true });
    expect(savedAtAccuracy(0.1, WIDTHS)).toEqual({ saved: 0.75, isBeyond: false });
  });
});

describe('savedAtEqualAccuracy', () => {
  const images = [0, 1, 2, 3];
  const frontier = [
    { plan: 0, saved: 0.4, right: [1, 1, 1, 0] },
    { plan: 1, saved: 0.8, right: [1, 0, 0, 0] },
  ];

  it('holds what a plan saves against the frontier at the accuracy it has on the images', () => {
    // Right on two of four: half-way between the two, which save 0.6.
    const found = savedAtEqualAccuracy({ saved: 0.7, right: [0, 0, 1, 1] }, frontier, images, null);
    expect(found.difference).toBeCloseTo(0.1, 12);
    expect(found).toMatchObject({ interval: null, isBeyond: false });
    expect(savedAtEqualAccuracy({ saved: 0.7, right: [0, 1, 0, 0] }, frontier, images, null).difference).toBeCloseTo(
      -0.1,
      12,
    );
  });

  it('draws both together: a plan with the answers of a width differs from it by nothing but what it saves', () => {
    const many = Array.from({ length: 40 }, (_, image) => image);
    const answers = many.map((image) => Number(image % 4 > 0));
    const widths = [
      { plan: 0, saved: 0.4, right: answers },
      { plan: 1, saved: 0.8, right: many.map(() => 0) },
    ];
    const found = savedAtEqualAccuracy({ saved: 0.5, right: answers }, widths, many, { seed: 1, resamples: 50 });
    expect(found.interval![0]).toBeCloseTo(0.1, 12);
    expect(found.interval![1]).toBeCloseTo(0.1, 12);
  });
});
