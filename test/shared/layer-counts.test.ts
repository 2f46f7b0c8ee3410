import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantise, type QuantiserInput } from '../../src-shared/precision/fake-quantisation.ts';
import { countActivations, countAt8Bits, countLayer } from '../../src-shared/layer-counts.ts';
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
});

test('a layer with regions pays for widths and exponents; a uniform one for exponents alone', () => {
  const map = Uint8Array.from({ length: 32 }, (_, at) => (at % 8 < 4 ? 2 : 6));
  const regions = countLayer(GEOMETRY, map, 'position', null, null);
  expect(regions).toMatchObject({
    meanBits: 4,
    maxBits: 6,
    // Every run of 16 positions holds both widths.
    lockstepBits: 6,
    zeroShare: null,
    sqnrDb: null,
    precisionGroups: 32 * 2,
    rangeExponents: 32,
  });
  // 128 / 32 = 4 positions fill a crossbar: a row of three of the window; x 3..5 hold both widths.
  expect(regions.crossbarBits).toBe((3 * 2 + 3 * 6 + 2 * 6) / 8);
  const uniform = countLayer(GEOMETRY, new Uint8Array(32).fill(5), 'layer', null, null);
  expect(uniform).toMatchObject({
    meanBits: 5,
    maxBits: 5,
    lockstepBits: 5,
    crossbarBits: 5,
    precisionGroups: 0,
    rangeExponents: 0,
  });
});
