import fc from 'fast-check';
import { expect, test } from 'vitest';
import { activationRoom, kernelCounts, kernelCountsAt8Bits, quantised } from '../../src-shared/activation-counts.ts';
import { activationKernels } from '../../src-shared/kernels.ts';
import { countActivations, countAt8Bits } from '../../src-shared/layer-counts.ts';
import type { QuantiserInput } from '../../src-shared/precision/fake-quantisation.ts';
import { BLOCK_CHANNELS, BLOCK_SCALES } from '../../src-shared/precision/plan-option-table.ts';

/** Values as layers have them: many zeros, ranges of every size, and rarely what is no value at all. */
const value = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(0, -0, 1, 0.5, 2.5, 2.500001) },
  { weight: 60, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
  { weight: 5, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
);
const noValue = fc.constantFrom(NaN, Infinity, -Infinity, 3e38, -3e38, 1e10, 1e-45);

const inputs: fc.Arbitrary<QuantiserInput> = fc
  .record({
    channels: fc.integer({ min: 1, max: 40 }),
    positions: fc.integer({ min: 1, max: 70 }),
    unsigned: fc.boolean(),
    ranges: fc.oneof(
      fc.record({ rangeMode: fc.constantFrom('layer' as const, 'position' as const) }),
      fc.record({
        rangeMode: fc.constant('block' as const),
        block: fc.record({
          channels: fc.constantFrom(...BLOCK_CHANNELS),
          scale: fc.constantFrom(...BLOCK_SCALES),
          floor: fc.constantFrom(0, 1 / 15, 1),
        }),
      }),
    ),
    range: fc.constantFrom(2.5, 1e-20, 1e30, 0),
    powerOfTwo: fc.boolean(),
    /** Kinds of positions: uniform, two widths in runs, any. */
    widths: fc.oneof(
      fc.integer({ min: 0, max: 16 }).map((bits) => () => bits),
      fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 9 })).map(([bits, run]) => {
        return (position: number) => (Math.floor(position / run) % 2 === 0 ? bits : 0);
      }),
      fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 70 }).map((all) => {
        return (position: number) => all[position % all.length]!;
      }),
      fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 1, maxLength: 70 }).map((all) => {
        return (position: number) => all[position % all.length]!;
      }),
    ),
    values: fc.array(value, { minLength: 1, maxLength: 400 }),
    strange: fc.option(fc.tuple(noValue, fc.nat()), { freq: 8 }),
  })
  .map(({ widths, values, strange, ranges, ...rest }) => {
    const { channels, positions, unsigned } = rest;
    // Repeated with a period that no row has: positions and channels differ.
    const all = Float32Array.from({ length: channels * positions }, (_, at) => {
      const own = values[(at + Math.floor(at / values.length)) % values.length]!;
      return unsigned ? Math.abs(own) : own;
    });
    if (strange) all[strange[1] % all.length] = strange[0];
    return { ...rest, ...ranges, values: all, bits: Uint8Array.from({ length: positions }, (_, at) => widths(at)) };
  });

const ONES: QuantiserInput = {
  values: new Float32Array(32 * 5).fill(1),
  channels: 32,
  positions: 5,
  bits: new Uint8Array(5).fill(4),
  unsigned: true,
  rangeMode: 'position',
  range: 0,
  powerOfTwo: false,
};

test('the kernel counts what the reference counts, to the bit', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      expect(kernelCounts(input)).toStrictEqual(countActivations(input));
      const at8Bits = { ...input, bits: input.bits.map(() => 8) };
      expect(kernelCountsAt8Bits(at8Bits)).toStrictEqual(countAt8Bits(at8Bits));
    }),
    { numRuns: 2000 },
  );
});

test('feature maps of all sizes, signed and not, at every width', () => {
  for (const [channels, positions] of [
    [64, 56 * 56],
    [3, 227 * 227],
    [1, 169],
    [1000, 1],
    [17, 49],
  ] as const)
    for (const unsigned of [true, false])
      for (const bits of [0, 1, 2, 4, 8, 9, 16])
        for (const rangeMode of ['layer', 'position'] as const) {
          const values = Float32Array.from({ length: channels * positions }, (_, at) => {
            const wave = Math.sin(at * 0.37) * (1 + (at % 7));
            return unsigned ? Math.max(0, wave) : wave;
          });
          const input: QuantiserInput = {
            ...{ values, channels, positions, unsigned, rangeMode, range: 5, powerOfTwo: bits === 4 },
            bits: Uint8Array.from({ length: positions }, (_, at) => (at % 100 < 30 ? 0 : bits)),
          };
          expect(kernelCounts(input)).toStrictEqual(countActivations(input));
          expect(quantised(input, false)).not.toBeNull();
        }
});

test('what is no number of the width is left to the reference', () => {
  const of = (value: number) => ({ ...ONES, values: ONES.values.map((one, at) => (at === 70 ? value : one)) });
  for (const value of [NaN, Infinity, -1]) {
    expect(quantised(of(value), true)).toBeNull();
    expect(kernelCounts(of(value))).toStrictEqual(countActivations(of(value)));
  }
  expect(quantised(of(0.5), true)).not.toBeNull();
});

test('activations in the room of the kernel are counted where they are, one after another', () => {
  const waves = Float32Array.from({ length: 3 * ONES.values.length }, (_, at) => Math.abs(Math.sin(at)));
  const room = activationRoom(waves.length, [ONES]);
  room.set(waves);
  for (const first of [0, 1, 2]) {
    const [from, to] = [first * ONES.values.length, (first + 1) * ONES.values.length];
    const expected = countActivations({ ...ONES, values: waves.subarray(from, to) });
    expect(kernelCounts({ ...ONES, values: room.subarray(from, to) })).toStrictEqual(expected);
  }
});

test('memory does not grow with the number of tensors, and one does not change the next', () => {
  const input = (positions: number): QuantiserInput => ({
    ...ONES,
    values: new Float32Array(ONES.channels * positions).fill(1),
    positions,
    bits: new Uint8Array(positions).fill(4),
  });
  const small = kernelCounts(input(5));
  kernelCounts(input(10_000));
  const { byteLength } = activationKernels().memory.buffer;
  for (let i = 0; i < 20; i++) kernelCounts(input(10_000));
  expect(activationKernels().memory.buffer.byteLength).toBe(byteLength);
  expect(kernelCounts(input(5))).toStrictEqual(small);
});
