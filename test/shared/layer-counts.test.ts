import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantise, type QuantiserInput } from '../../src-shared/precision/fake-quantisation.ts';
import { countActivations, countAt8Bits, countLayer, type CountedPlan } from '../../src-shared/layer-counts.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';

const GEOMETRY: LayerGeometry = {
  name: 'conv',
  op: 'Conv',
  inputShape: [32, 4, 8],
  outputShape: [16, 4, 8],
  kernel: [3, 3],
  groups: 1,
  macs: 16 * 4 * 8 * 32 * 9,
  values: 32 * 4 * 8,
  weights: 16 * 32 * 9,
};

/** One-bits of a whole number, by division. */
function onesOf(value: number): number {
  let ones = 0;
  for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

const inputs: fc.Arbitrary<QuantiserInput> = fc
  .record({
    channels: fc.integer({ min: 1, max: 20 }),
    positions: fc.integer({ min: 1, max: 20 }),
    unsigned: fc.boolean(),
    rangeMode: fc.constantFrom('layer' as const, 'position' as const),
    seed: fc.integer(),
  })
  .chain(({ channels, positions, unsigned, rangeMode }) =>
    fc.record({
      values: fc
        .array(fc.float({ min: unsigned ? 0 : -4, max: 4, noNaN: true }), {
          minLength: channels * positions,
          maxLength: channels * positions,
        })
        .map((values) => Float32Array.from(values, (value) => (Math.abs(value) < 1 ? 0 : value))),
      bits: fc
        .array(fc.integer({ min: 0, max: 16 }), { minLength: positions, maxLength: positions })
        .map((all) => Uint8Array.from(all)),
      channels: fc.constant(channels),
      positions: fc.constant(positions),
      unsigned: fc.constant(unsigned),
      rangeMode: fc.constant(rangeMode),
      range: fc.constant(2.5),
      powerOfTwo: fc.constant(false),
    }),
  );

test('counts equal those of counting one by one', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { integers, steps } = quantise(input);
      const counts = countActivations(input);
      const all = [...integers];
      expect(counts.zeroShare).toBeCloseTo(all.filter((integer) => integer === 0).length / all.length, 12);
      expect(counts.nonZeroBits).toBeCloseTo(all.reduce((sum, integer) => sum + onesOf(integer), 0) / all.length, 12);
      expect(counts.lockstepNonZeroBits!).toBeGreaterThanOrEqual(counts.nonZeroBits! - 1e-12);
      // From what a value has by itself up to what all values that enter together share.
      const rising = (...figures: (number | null)[]) =>
        figures.reduce((before, figure) => (expect(figure!).toBeGreaterThanOrEqual(before! - 1e-12), figure));
      rising(counts.nonZeroBits, counts.compactedNonZeroBits, counts.lockstepNonZeroBits);
      rising(counts.groupBits, counts.compactedPalletBits, counts.palletBits, Math.max(...input.bits));
      // Nothing is lost: a group's width holds each of its integers, the sign with them, and no position's is beyond its bits.
      const signBits = input.unsigned ? 0 : 1;
      const widthOf = (magnitude: number) => (magnitude === 0 ? 0 : magnitude.toString(2).length + signBits);
      let group = 0;
      for (let channel = 0; channel < input.channels; channel += 16)
        for (let position = 0; position < input.positions; position++) {
          const own = all.filter((_, at) => at % input.positions === position).slice(channel, channel + 16);
          const width = widthOf(Math.max(...own.map((integer) => Math.abs(integer))));
          expect(width).toBeLessThanOrEqual(input.bits[position]!);
          group += width * own.length;
        }
      expect(counts.groupBits).toBeCloseTo(group / all.length, 9);
      const beyond =
        input.rangeMode === 'layer' ? [...input.values].filter((value) => Math.abs(value) > 2.5).length : 0;
      expect(counts.clippedShare).toBeCloseTo(beyond / all.length, 12);
      const signal = [...input.values].reduce((sum, value) => sum + value ** 2, 0);
      const noise = [...input.values].reduce(
        (sum, value, at) => sum + (value - all[at]! * steps[at % input.positions]!) ** 2,
        0,
      );
      if (signal === 0 || noise === 0) expect(counts.sqnrDb).toBeNull();
      else expect(counts.sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 8);
    }),
    { numRuns: 500 },
  );
});

test('each bit is worth about 6 dB', () => {
  const values = Float32Array.from({ length: 64 * 64 }, (_, at) => ((at * 7919) % 10_007) / 10_007);
  const sqnr = (bits: number) =>
    countActivations({
      values,
      channels: 64,
      positions: 64,
      bits: new Uint8Array(64).fill(bits),
      unsigned: true,
      rangeMode: 'layer',
      range: 1,
      powerOfTwo: false,
    }).sqnrDb!;
  for (const bits of [3, 5, 7, 9]) {
    const stepRatio = (2 ** (bits + 1) - 1) / (2 ** bits - 1);
    expect(sqnr(bits + 1) - sqnr(bits)).toBeCloseTo(20 * Math.log10(stepRatio), 1);
  }
});

test('one-bits at uniform 8 bits do not depend on the bits of the plan', () => {
  const input: QuantiserInput = {
    values: Float32Array.of(1, 0.502, 0.251, 0, 1, 1),
    channels: 3,
    positions: 2,
    bits: Uint8Array.of(8, 8),
    unsigned: true,
    rangeMode: 'layer',
    range: 1,
    powerOfTwo: false,
  };
  // 255, 128, 64, 0, 255, 255.
  expect(countAt8Bits(input).nonZeroBitsAt8).toBe((8 + 1 + 1 + 0 + 8 + 8) / 6);
  expect(countAt8Bits(input).zeroShareAt8).toBe(1 / 6);
  // One group of three channels at each of two positions: 255 is the largest of both.
  expect(countAt8Bits(input)).toMatchObject({ groupBitsAt8: 8, palletBitsAt8: 8 });
});

const PLAN: CountedPlan = { range: 'position', powerOfTwo: false, regions: 14, bits: [2, 6] };

test('a layer with regions pays for the level map and exponents; a uniform one for exponents alone', () => {
  const map = Uint8Array.from({ length: 32 }, (_, at) => (at % 8 < 4 ? 2 : 6));
  const regions = countLayer(GEOMETRY, map, PLAN, null, null);
  expect(regions).toMatchObject({
    meanBits: 4,
    maxBits: 6,
    // Every run of 16 positions holds both widths.
    lockstepBits: 6,
    compactedBits: 6,
    zeroShare: null,
    sqnrDb: null,
    groupBits: null,
    levelMapBits: 196,
    rangeExponents: 32,
    // 32 windows x 16 filters x 9 taps.
    rescaledSums: 4608,
  });
  // 128 / 32 = 4 positions fill a crossbar: a row of three of the window; x 3..5 hold both widths.
  expect(regions.crossbarBits).toBe((3 * 2 + 3 * 6 + 2 * 6) / 8);
  expect(countLayer(GEOMETRY, map, { ...PLAN, bits: [2, 4, 6] }, null, null).levelMapBits).toBe(2 * 196);
  const uniform = countLayer(GEOMETRY, new Uint8Array(32).fill(5), { ...PLAN, range: 'layer' }, null, null);
  expect(uniform).toMatchObject({
    meanBits: 5,
    maxBits: 5,
    lockstepBits: 5,
    compactedBits: 5,
    crossbarBits: 5,
    levelMapBits: 0,
    rangeExponents: 0,
    rescaledSums: 0,
  });
});

test('steps that are powers of two are shifted, not rescaled', () => {
  const counts = countLayer(GEOMETRY, new Uint8Array(32).fill(5), { ...PLAN, powerOfTwo: true }, null, null);
  expect(counts).toMatchObject({ rangeExponents: 32, rescaledSums: 0 });
});

describe('ranges by block', () => {
  const ofBlocks = (block: NonNullable<CountedPlan['block']>, geometry = GEOMETRY) =>
    countLayer(geometry, new Uint8Array(32).fill(4), { ...PLAN, range: 'block', block }, null, null);
  const taps = 32 * 16 * 9;

  test('each format is charged what it stores, and every sum over a block', () => {
    // 32 positions of 32 channels: 2 blocks of 16 each, or one of 32.
    expect(ofBlocks({ channels: 16, scale: 'exact', floor: 0 })).toMatchObject({
      rangeExponents: 64 * 4,
      rescaledSums: 2 * taps,
    });
    expect(ofBlocks({ channels: 16, scale: 'e4m3', floor: 0 })).toMatchObject({
      rangeExponents: 64 + 4,
      rescaledSums: 2 * taps,
    });
    expect(ofBlocks({ channels: 32, scale: 'power-of-two', floor: 0 })).toMatchObject({
      rangeExponents: 32,
      rescaledSums: 0,
    });
  });

  test('groups of channels are cut by blocks where they cross one', () => {
    const exact = { channels: 16, scale: 'exact', floor: 0 } as const;
    // Channels 0..11, 12..23, 24..35 and 36..47 lie in 1, 2, 2 and 1 blocks of 16.
    const four = { ...GEOMETRY, inputShape: [48, 4, 8], groups: 4, macs: 4 * 12 * taps } as const;
    expect(ofBlocks(exact, four).rescaledSums).toBe((1 + 2 + 2 + 1) * taps);
    // Every channel alone: a product a sum.
    const depthwise = { ...GEOMETRY, groups: 32, macs: 32 * 32 * 9 };
    expect(ofBlocks(exact, depthwise).rescaledSums).toBe(depthwise.macs);
  });
});

test('positions of 0 bits are packed away, unless that would cost more', () => {
  const count = (bits: readonly number[]) => countLayer(GEOMETRY, Uint8Array.from(bits), PLAN, null, null);
  // Every other position is cropped: two half-empty pallets become one full one.
  expect(count(Array.from({ length: 32 }, (_, at) => (at % 2 === 0 ? 8 : 0)))).toMatchObject({
    meanBits: 4,
    lockstepBits: 8,
    compactedBits: 4,
  });
  // Leaving out one position would mix the pallets of 2 and of 8 bits: 16 x 2, 16 x 8, 15 x 8 instead of 32 x 2, 16 x 8.
  const aligned = [0, ...new Array<number>(31).fill(2), ...new Array<number>(16).fill(8)];
  expect(count(aligned).compactedBits).toBe(count(aligned).lockstepBits);
  expect(count(aligned).lockstepBits).toBeCloseTo((32 * 2 + 16 * 8) / 48, 12);
});

test('cropped positions leave one-bits and widths to the windows that are packed', () => {
  // One channel, 32 positions, every other one cropped; the first half of the others needs 8 bits, the second half 1.
  const values = Float32Array.from({ length: 32 }, (_, at) => (at % 2 === 1 ? 0.5 : at < 16 ? 1 : 1 / 255));
  const counts = countActivations({
    values,
    channels: 1,
    positions: 32,
    bits: Uint8Array.from({ length: 32 }, (_, at) => (at % 2 === 0 ? 8 : 0)),
    unsigned: true,
    rangeMode: 'layer',
    range: 1,
    powerOfTwo: false,
  });
  expect(counts).toMatchObject({
    zeroShare: 0.5,
    groupBits: (8 * 8 + 8 * 1) / 32,
    // Apart: 16 windows at 8 bits, 16 at 1. Packed into one pallet: 16 at 8.
    palletBits: (16 * 8 + 16 * 1) / 32,
    compactedPalletBits: (16 * 8) / 32,
    lockstepNonZeroBits: (16 * 8 + 16 * 1) / 32,
    compactedNonZeroBits: (16 * 8) / 32,
  });
});
