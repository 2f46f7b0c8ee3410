import { describe, expect, it } from 'vitest';
import { builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { estimateEnergy } from '../../../src-shared/energy/energy.ts';
import { defaultPricing } from '../../../src-shared/energy/price-order.ts';
import type { LayerCounts, LayerGeometry } from '../../../src-shared/measurement.ts';
import { compareBits } from '../../../src-shared/runs/compared-bits.ts';
import { compareEnergy } from '../../../src-shared/runs/compared-energy.ts';
import { comparisonHeadline, isClear } from '../../../src-shared/runs/comparison-headline.ts';
import { pairedMeanInterval, pairedOutcome } from '../../../src-shared/runs/paired-statistics.ts';
import { inPoints } from '../../../src-shared/figure-text.ts';
import { Z_95 } from '../../../src-shared/runs/statistics.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';

const LAYER: LayerGeometry = {
  name: 'conv',
  op: 'Conv',
  inputShape: [16, 8, 8],
  outputShape: [16, 8, 8],
  kernel: [3, 3],
  groups: 1,
  macs: 147_456,
  values: 1024,
  weights: 2304,
};
const at = (bits: number, changes: Partial<LayerCounts> = {}) => [{ ...uniformCounts(LAYER, bits), ...changes }];

describe('pairedMeanInterval', () => {
  it('is the mean plus and minus 1.96 standard errors of the differences', () => {
    // 1, 2, 3, 6: mean 3, sum of squares 4 + 1 + 0 + 9 = 14, variance 14 / 3; over 4 images the error is sqrt(14 / 12) = 1.0801.
    const [low, high] = pairedMeanInterval(3, [1, 2, 3, 6], 4)!;
    expect(low).toBeCloseTo(3 - 1.959963984540054 * Math.sqrt(14 / 12), 12);
    expect(high).toBeCloseTo(5.117, 3);
    expect(pairedMeanInterval(3, [3], 1)).toBeNull();
    expect(pairedMeanInterval(3, [3, NaN], 2)).toBeNull();
  });
});

describe('compareBits', () => {
  it('tells the means of each mode and the intervals of the same mode', () => {
    const side = (bits: number) => ({
      layers: at(bits, { lockstepBits: bits + 1, compactedBits: bits + 0.5 }),
      sample: [0, 1].map((image) =>
        at(bits + image * (bits / 10), { lockstepBits: bits + 1 + image, compactedBits: null }),
      ),
      leftOut: [],
    });
    const bits = compareBits(['ideal', 'compacted', 'lockstep'], [side(4), side(2)], 100);
    expect(bits.map(({ mode, sides }) => [mode, ...sides])).toEqual([
      ['ideal', 4, 2],
      ['compacted', 4.5, 2.5],
      ['lockstep', 5, 3],
    ]);
    // Ideal: 2 - 4 and 2.2 - 4.4, variance 0.02; in lock-step both images differ by as much.
    const half = Z_95 * Math.sqrt(0.02 / 100);
    expect(bits[0]!.differences[0]!.interval![0]).toBeCloseTo(-2 - half, 12);
    expect(bits[1]!.differences).toEqual([{ difference: -2, interval: null }]);
    expect(bits[2]!.differences).toEqual([{ difference: -2, interval: [-2, -2] }]);
  });

  it('leaves out a mode that was not counted for all', () => {
    const side = (compactedBits: number | null) => ({ layers: at(4, { compactedBits }), sample: [], leftOut: [] });
    expect(compareBits(['compacted'], [side(3), side(null)], 10)).toEqual([]);
  });
});

describe('compareEnergy', () => {
  it('prices as everything else does, and takes the spread of the ratio over paired images', () => {
    const stripes = builtinAccelerators().filter(({ id }) => id === 'stripes');
    const sides = [
      [4, 6],
      [2, 3],
    ].map((bits) => ({
      layers: at((bits[0]! + bits[1]!) / 2),
      sample: bits.map((own) => at(own)),
      leftOut: [],
    }));
    const compared = compareEnergy(defaultPricing(stripes), sides, 2);
    const row = compared.find(({ mode }) => mode === 'lockstep')!;
    const [a, b] = sides.map(({ layers }) =>
      estimateEnergy(stripes[0]!, layers).find(({ mode }) => mode === 'lockstep')!,
    );
    expect(row.sides.map(({ savedVs8bit }) => savedVs8bit)).toEqual([a!.savedVs8bit, b!.savedVs8bit]);
    expect(row.computeDifferences[0]!.difference).toBeCloseTo(b!.savedVs8bit - a!.savedVs8bit, 12);
    // With two images the standard error is half of how far apart their differences lie.
    const saved = (bits: number) =>
      estimateEnergy(stripes[0]!, at(bits)).find(({ mode }) => mode === 'lockstep')!.savedVs8bit;
    const apart = Math.abs(saved(3) - saved(6) - (saved(2) - saved(4)));
    const [low, high] = row.computeDifferences[0]!.interval!;
    expect(high - low).toBeCloseTo(Z_95 * apart, 9);
  });
});

describe('comparisonHeadline', () => {
  const pair = (onlyFirst: number, onlyOther: number) => {
    const top1 = pairedOutcome({ bothRight: 700, onlyFirst, onlyOther, bothWrong: 300 - onlyFirst - onlyOther });
    const outcome = { ...top1, familyPValue: top1.pValue };
    return { top1: outcome, top5: outcome, agreement: outcome };
  };
  const energy = (difference: number, interval: readonly [number, number] | null) => ({
    accelerator: 'stripes',
    mode: 'lockstep' as const,
    sides: [],
    computeDifferences: [{ difference, interval }],
    totalDifferences: [],
  });

  it.each([
    [
      0.009,
      [0.007, 0.011],
      15,
      9,
      'B saves 0.9 points more compute energy than A, on Stripes (lock-step); accuracy does not differ beyond chance',
    ],
    [
      -0.01,
      [-0.02, -0.005],
      40,
      9,
      'B saves 1.0 point less compute energy than A, on Stripes (lock-step); its accuracy is 3.1 points lower',
    ],
    [
      0.01,
      [-0.002, 0.02],
      9,
      40,
      'B saves as much compute energy as A within chance, on Stripes (lock-step); its accuracy is 3.1 points higher',
    ],
    [
      0.0002,
      [0.0001, 0.0003],
      15,
      9,
      'B saves as much compute energy as A, on Stripes (lock-step); accuracy does not differ beyond chance',
    ],
    [
      -0.016,
      null,
      15,
      9,
      'B saves 1.6 points less compute energy than A, on Stripes (lock-step), as far as so few images tell; accuracy does not differ beyond chance',
    ],
  ] as const)('%f saved', (difference, interval, onlyFirst, onlyOther, said) => {
    expect(comparisonHeadline(1, pair(onlyFirst, onlyOther), 'labels', 'Stripes', energy(difference, interval))).toBe(
      said,
    );
  });

  it('speaks of what was judged, and of energy only where it is priced', () => {
    expect(comparisonHeadline(2, pair(15, 9), 'agreement', '', null)).toBe(
      'C against A: agreement with the plain network does not differ beyond chance',
    );
    expect(isClear({ difference: 0.1, interval: null })).toBe(false);
  });
});

describe('inPoints', () => {
  it.each([
    [0.0035, 0.4],
    [-0.0035, -0.4],
    [-0.0004, 0],
    [0.6245, 62.5],
  ])('%f', (share, points) => {
    expect(Object.is(inPoints(share), points)).toBe(true);
  });
});
