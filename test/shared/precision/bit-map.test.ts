import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layerBitMap, meanOf, meanOfCrossbarMaxima, meanOfRunMaxima } from '../../../src-shared/precision/bit-map.ts';
import type { Analysis } from '../../../src-shared/analysis.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

const RUNS = { numRuns: 1000 };
const size = fc.integer({ min: 2, max: 40 });
const bitMaps = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 16 }), { minLength: length, maxLength: length })
    .map((all) => Uint8Array.from(all));

describe('bits of a layer', () => {
  test('a layer that names its bits has them, others have those of the plan', () => {
    const plan = resolvePlan({ bits: [5, 2], regions: 2, lowShare: 0.5, layerBits: { named: [7, 1] } });
    const importance = { metric: 'centre', grid: [2, 2], values: [0, 0.9, 0.8, 0.1], levels: [0, 1, 1, 0] } as const;
    const analysis = {
      plan,
      importance: { ...importance, values: [...importance.values], levels: [...importance.levels] },
    };
    const layer = {
      op: 'Conv',
      inputShape: [3, 2, 2],
      outputShape: [3, 2, 2],
      kernel: [1, 1],
      groups: 1,
      macs: 1,
      values: 12,
      weights: 9,
    } as const;
    const of = (name: string) => [
      ...layerBitMap(analysis as Pick<Analysis, 'plan' | 'importance'>, { name, ...layer }),
    ];
    expect(of('named')).toEqual([1, 7, 7, 1]);
    expect(of('other')).toEqual([2, 5, 5, 2]);
  });
});

describe('lock-step means', () => {
  test('golden: each run of positions pays its maximum', () => {
    expect(meanOfRunMaxima(Uint8Array.of(1, 2, 3, 4, 8, 0, 0, 0, 5), 4)).toBe((4 * 4 + 4 * 8 + 5) / 9);
    expect(meanOfRunMaxima(Uint8Array.of(), 16)).toBe(0);
    expect(meanOf(Uint8Array.of())).toBe(0);
  });

  test('never below the mean, never above the maximum, equal for uniform bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }).chain(bitMaps), fc.integer({ min: 1, max: 32 }), (bits, run) => {
        const found = meanOfRunMaxima(bits, run);
        expect(found).toBeGreaterThanOrEqual(meanOf(bits) - 1e-12);
        expect(found).toBeLessThanOrEqual(Math.max(...bits));
        expect(meanOfRunMaxima(bits.fill(bits[0]!), run)).toBe(bits[0]);
      }),
      RUNS,
    );
  });
});

describe('crossbar means', () => {
  const height = 4;
  const width = 6;
  // One wide column of positions at x = 3.
  const bits = Uint8Array.from({ length: height * width }, (_, at) => (at % width === 3 ? 8 : 2));

  test('with 128 channels a crossbar holds one position: the mean', () => {
    expect(meanOfCrossbarMaxima(bits, [128, height, width], 128, [3, 3])).toBe(meanOf(bits));
    expect(meanOfCrossbarMaxima(bits, [512, height, width], 512, [3, 3])).toBe(meanOf(bits));
  });

  test('with few channels it holds a whole window: tiles of the kernel pay their maximum', () => {
    // Tiles of 3 x 3 (the lower ones cut to one row): x 0..2 pay 2, x 3..5 pay 8.
    expect(meanOfCrossbarMaxima(bits, [3, height, width], 3, [3, 3])).toBe(5);
  });

  test('in between it holds rows of the window', () => {
    // 128 / 64 = 2 positions side by side: x 2..3 pay 8.
    expect(meanOfCrossbarMaxima(bits, [64, height, width], 64, [3, 3])).toBe((2 * 2 + 8 * 2 + 2 * 2) / 6);
  });

  test('a kernel of one pixel sees one position', () => {
    expect(meanOfCrossbarMaxima(bits, [3, height, width], 3, [1, 1])).toBe(meanOf(bits));
  });

  test('never below the mean, never above the maximum, equal for uniform bits', () => {
    fc.assert(
      fc.property(
        fc.tuple(size, size).chain(([h, w]) => fc.tuple(fc.constant([h, w]), bitMaps(h * w))),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 7 }),
        ([[h, w], map], channels, kernel) => {
          const of = (own: Uint8Array) => meanOfCrossbarMaxima(own, [channels, h!, w!], channels, [kernel, kernel]);
          expect(of(map)).toBeGreaterThanOrEqual(meanOf(map) - 1e-12);
          expect(of(map)).toBeLessThanOrEqual(Math.max(...map));
          expect(of(map.slice().fill(5))).toBe(5);
        },
      ),
      RUNS,
    );
  });
});
