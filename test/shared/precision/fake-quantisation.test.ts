import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  largestInteger,
  layerStep,
  nextPowerOfTwo,
  positionStep,
  quantise,
  nearestInteger,
  STEP_FLOOR,
  stepShare,
} from '../../../src-shared/precision/fake-quantisation.ts';

const RUNS = { numRuns: 2000 };
const bits = fc.integer({ min: 0, max: 16 });
const float = (min: number, max: number) =>
  fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true, noDefaultInfinity: true });

test('the largest integer of a width', () => {
  expect([0, 1, 2, 4, 8, 16].map((width) => largestInteger(width, true))).toEqual([0, 1, 3, 15, 255, 65_535]);
  expect([0, 1, 2, 4, 8, 16].map((width) => largestInteger(width, false))).toEqual([0, 0, 1, 7, 127, 32_767]);
});

describe('next power of two', () => {
  test('is the smallest one not below, for every float32 the quantiser can meet', () => {
    fc.assert(
      fc.property(float(2 ** -100, 2 ** 40), (value) => {
        expect(nextPowerOfTwo(value)).toBe(2 ** Math.ceil(exactLog2(value)));
      }),
      RUNS,
    );
  });

  test('leaves powers alone and lifts their neighbours', () => {
    for (let exponent = -100; exponent <= 60; exponent++) {
      const power = 2 ** exponent;
      expect(nextPowerOfTwo(power)).toBe(power);
      expect(nextPowerOfTwo(power * (1 + 2 ** -23))).toBe(2 * power);
      expect(nextPowerOfTwo(power * (1 - 2 ** -24))).toBe(power);
    }
  });
});

/** log2, with the exponent of exact powers exact. */
function exactLog2(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  for (const candidate of [exponent - 1, exponent, exponent + 1]) {
    if (value === 2 ** candidate) return candidate;
    if (value > 2 ** candidate && value < 2 ** (candidate + 1)) return candidate + 0.5;
  }
  throw new Error(`no power near ${value}`);
}

test('rounds to the nearest integer, halves to even', () => {
  const halves = [0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, 1e6 + 0.5];
  expect(halves.map((value) => nearestInteger(value))).toEqual([0, 2, 2, 4, 0, -2, -2, 1e6]);
  fc.assert(
    fc.property(float(-4e6, 4e6), (value) => {
      const found = nearestInteger(value);
      const floor = Math.floor(value);
      const nearest = value - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.round(value);
      expect(found).toBe(nearest === 0 ? 0 : nearest);
    }),
    RUNS,
  );
});

interface Case {
  readonly channels: number;
  readonly positions: number;
  readonly values: Float32Array;
  readonly bits: Uint8Array;
  readonly unsigned: boolean;
  readonly rangeMode: 'layer' | 'position';
  readonly range: number;
  readonly powerOfTwo: boolean;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    channels: fc.integer({ min: 1, max: 5 }),
    positions: fc.integer({ min: 1, max: 5 }),
    unsigned: fc.boolean(),
    mode: fc.constantFrom('layer', 'position', 'power'),
    range: float(2 ** -20, 2 ** 20),
    scale: fc.integer({ min: -12, max: 12 }),
  })
  .chain(({ channels, positions, unsigned, mode, range, scale }) =>
    fc.record({
      values: fc
        .array(float(unsigned ? 0 : -1, 1), { minLength: channels * positions, maxLength: channels * positions })
        .map((values) => Float32Array.from(values, (value) => value * 2 ** scale)),
      bits: fc.array(bits, { minLength: positions, maxLength: positions }).map((all) => Uint8Array.from(all)),
      channels: fc.constant(channels),
      positions: fc.constant(positions),
      unsigned: fc.constant(unsigned),
      rangeMode: fc.constant(mode === 'layer' ? ('layer' as const) : ('position' as const)),
      range: fc.constant(range),
      powerOfTwo: fc.constant(mode === 'power'),
    }),
  );

test('integers stay within their width, and values within half a step or the range', () => {
  fc.assert(
    fc.property(cases, (input) => {
      const { integers, steps, clipped } = quantise(input);
      let beyond = 0;
      integers.forEach((integer, at) => {
        const position = at % input.positions;
        const step = steps[position]!;
        const largest = largestInteger(input.bits[position]!, input.unsigned);
        expect(Math.abs(integer)).toBeLessThanOrEqual(largest);
        const value = input.values[at]!;
        const isBeyond = input.rangeMode === 'layer' && Math.abs(value) > input.range;
        if (isBeyond) beyond++;
        // Float32 rounding of the reciprocal and the product costs a few units in the last place of the integer.
        const slack = 0.5 + Math.abs(integer) * 2 ** -21;
        if (largest > 0 && !isBeyond) expect(Math.abs(value / step - integer)).toBeLessThanOrEqual(slack);
        if (largest > 0 && isBeyond) expect(integer).toBe(Math.sign(value) * largest);
        if (largest === 0) expect(integer).toBe(0);
      });
      expect(clipped).toBe(beyond);
    }),
    RUNS,
  );
});

test('more bits never lose more, position by position', () => {
  fc.assert(
    fc.property(cases, (input) => {
      const error = (width: number) => {
        const { integers, steps } = quantise({ ...input, rangeMode: 'position', bits: input.bits.map(() => width) });
        return input.values.reduce(
          (worst, value, at) => Math.max(worst, Math.abs(value - integers[at]! * steps[at % input.positions]!)),
          0,
        );
      };
      const peak = input.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // The bound of a width: half a step of the widest position; exact errors may wobble below it.
      for (const width of [2, 4, 8, 16])
        expect(error(width)).toBeLessThanOrEqual(
          (peak / largestInteger(width, input.unsigned)) * (input.powerOfTwo ? 1 : 0.5) * (1 + 1e-5) +
            STEP_FLOOR * 2 ** 17,
        );
    }),
    { numRuns: 500 },
  );
});

test('a position of zeros stays zero at any width', () => {
  for (const width of [0, 1, 8, 16])
    for (const powerOfTwo of [false, true]) {
      const { integers } = quantise({
        values: new Float32Array(6),
        channels: 3,
        positions: 2,
        bits: Uint8Array.of(width, width),
        unsigned: true,
        rangeMode: 'position',
        range: 0,
        powerOfTwo,
      });
      expect([...integers]).toEqual([0, 0, 0, 0, 0, 0]);
    }
});

test('with power-of-two steps the step is the next power of the exact one', () => {
  fc.assert(
    fc.property(bits, fc.boolean(), float(2 ** -60, 2 ** 30), (width, unsigned, peak) => {
      const exact = positionStep(width, unsigned, peak, false);
      expect(positionStep(width, unsigned, peak, true)).toBe(nextPowerOfTwo(exact));
      expect(exact).toBe(Math.fround(Math.fround(peak * stepShare(width, unsigned)) + STEP_FLOOR));
    }),
    RUNS,
  );
});

describe('a layer that was never active while calibrating', () => {
  const input = {
    values: Float32Array.of(0.2, 3.7, 90_000),
    channels: 3,
    positions: 1,
    unsigned: true,
    rangeMode: 'layer',
    range: 0,
    powerOfTwo: false,
  } as const;

  test('keeps its values to the nearest integer', () => {
    expect(layerStep(4, true, 0)).toBe(1);
    expect([...quantise({ ...input, bits: Uint8Array.of(4) }).integers]).toEqual([0, 4, 90_000]);
  });

  test('is cropped by 0 bits like any other', () => {
    expect([...quantise({ ...input, bits: Uint8Array.of(0) }).integers]).toEqual([0, 0, 0]);
  });
});

test('a tiny calibrated range divides by no zero', () => {
  const range = Math.fround(1e-36);
  for (const width of [1, 8, 16]) {
    const { integers, steps } = quantise({
      values: Float32Array.of(0, range / 2, range, 1),
      channels: 4,
      positions: 1,
      bits: Uint8Array.of(width),
      unsigned: true,
      rangeMode: 'layer',
      range,
      powerOfTwo: false,
    });
    expect([...steps].every((step) => Number.isFinite(Math.fround(1 / step)))).toBe(true);
    expect([...integers].every((integer) => integer >= 0 && integer <= largestInteger(width, true))).toBe(true);
  }
});
