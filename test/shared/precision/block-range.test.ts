import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BlockRange,
  blockScales,
  nearestE4M3,
  powerOfTwoBelow,
  scaleBytes,
} from '../../../src-shared/precision/block-range.ts';
import {
  largestInteger,
  quantise,
  type QuantiserInput,
  STEP_FLOOR,
  stepIndex,
} from '../../../src-shared/precision/fake-quantisation.ts';
import { BLOCK_CHANNELS, BLOCK_SCALES } from '../../../src-shared/precision/plan-option-table.ts';

/** The next float32 above a positive one. */
function next(value: number, by = 1): number {
  const word = new Uint32Array(Float32Array.of(value).buffer);
  word[0] = word[0]! + by;
  return new Float32Array(word.buffer)[0]!;
}

test('the largest power of two not above a value', () => {
  for (let exponent = -100; exponent <= 100; exponent++) {
    const power = 2 ** exponent;
    expect(powerOfTwoBelow(power)).toBe(power);
    expect(powerOfTwoBelow(next(power))).toBe(power);
    expect(powerOfTwoBelow(next(2 * power, -1))).toBe(power);
    expect(powerOfTwoBelow(Math.fround(1.5 * power))).toBe(power);
  }
  expect(powerOfTwoBelow(0)).toBe(0);
});

describe('E4M3 (OCP 8-bit floating point, table 1)', () => {
  /** By code 0x00 to 0x7e: what sign, exponent and fraction say. */
  const codes = Array.from({ length: 0x7f }, (_, code) => {
    const [exponent, fraction] = [code >> 3, code & 7];
    return exponent === 0 ? (fraction / 8) * 2 ** -6 : (1 + fraction / 8) * 2 ** (exponent - 7);
  });

  test('the format as it is published', () => {
    expect([codes[0], codes[1], codes[7], codes[8], codes.at(-1)]).toEqual([0, 2 ** -9, 0.875 * 2 ** -6, 2 ** -6, 448]);
  });

  test('every number stays; between two, the nearest, and of the middle the one with an even code', () => {
    codes.forEach((value, code) => {
      expect(nearestE4M3(value)).toBe(value);
      const above = codes[code + 1];
      if (above === undefined) return;
      const middle = (value + above) / 2;
      expect(nearestE4M3(middle)).toBe(code % 2 === 0 ? value : above);
      expect(nearestE4M3(next(middle))).toBe(above);
      expect(nearestE4M3(next(middle, -1))).toBe(value);
    });
  });
});

const MX: BlockRange = { channels: 32, scale: 'power-of-two', floor: 0 };

/** One position whose channels are `values`, at 8 bits with sign. */
function ofPosition(values: readonly number[], block: BlockRange, bits = 8, unsigned = false): QuantiserInput {
  return {
    values: Float32Array.from(values),
    channels: values.length,
    positions: 1,
    bits: Uint8Array.of(bits),
    unsigned,
    rangeMode: 'block',
    range: 0,
    powerOfTwo: false,
    block,
  };
}

/** OCP Microscaling Formats, version 1.0: X = 2^floor(log2 max|v|), elements of INT8 in units of 2^-6, cut off at 127. */
test.each([
  // values, X, elements in units of 2^-6, cut off
  [[1, 0.5, -0.25], 1, [64, 32, -16], 0],
  [[1.984375, -1.984375], 1, [127, -127], 0],
  [[1.9921875, -1], 1, [127, -64], 1],
  [[next(2, -1), 1 / 128, 3 / 128], 1, [127, 0, 2], 1],
  [[2, 1.984375], 2, [64, 64], 0],
  [[0.75, 2 ** -7 - 2 ** -9], 0.5, [96, 1], 0],
  [[2 ** -30, 2 ** -37], 2 ** -30, [64, 0], 0],
] as const)('MXINT8 of %j', (values, scale, elements, cut) => {
  const { integers, steps, clipped } = quantise(ofPosition(values, MX));
  expect([...steps]).toEqual([scale / 64]);
  expect([...integers]).toEqual(elements);
  expect(clipped).toBe(cut);
});

/** Scales in units of a 448th of the tensor's peak: the format of NVFP4's scales. */
test.each([
  // peaks of blocks, scales in those units
  [
    [448, 224, 1],
    [448, 224, 1],
  ],
  // Halves to even: 17 lies between 16 and 18, 19 between 18 and 20.
  [
    [448, 17, 19],
    [448, 16, 20],
  ],
  [
    [448, 2 ** -9, 2 ** -10, 2 ** -12, 0],
    [448, 2 ** -9, 2 ** -9, 2 ** -9, 2 ** -9],
  ],
  [
    [448, 1.0625, 1.0626],
    [448, 1, 1.125],
  ],
])('NVFP4 scales of blocks with peaks %j', (peaks, wanted) => {
  const scales = blockScales(Float32Array.from(peaks), 1, { channels: 16, scale: 'e4m3', floor: 0 }, STEP_FLOOR);
  expect([...scales]).toEqual(wanted);
});

const blocks = fc.record({
  channels: fc.constantFrom(...BLOCK_CHANNELS),
  scale: fc.constantFrom(...BLOCK_SCALES),
  floor: fc.constantFrom(0, 0.05, 0.5, 1),
});
const inputs: fc.Arbitrary<QuantiserInput & { readonly block: BlockRange }> = fc
  .record({
    channels: fc.integer({ min: 2, max: 70 }),
    positions: fc.integer({ min: 1, max: 5 }),
    unsigned: fc.boolean(),
    block: blocks,
    values: fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 1, maxLength: 60 }),
    widths: fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 5, maxLength: 5 }),
  })
  .map(({ values, widths, ...rest }) => ({
    ...rest,
    rangeMode: 'block',
    range: 0,
    powerOfTwo: false,
    values: Float32Array.from({ length: rest.channels * rest.positions }, (_, at) => {
      const value = values[(at + Math.floor(at / values.length)) % values.length]!;
      return rest.unsigned ? Math.abs(value) : value;
    }),
    bits: Uint8Array.from(widths.slice(0, rest.positions)),
  }));

test('integers are of their width, and 0 bits leave nothing', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      quantise(input).integers.forEach((integer, at) => {
        const width = input.bits[at % input.positions]!;
        expect(Math.abs(integer)).toBeLessThanOrEqual(largestInteger(width, input.unsigned));
        if (input.unsigned) expect(integer).toBeGreaterThanOrEqual(0);
      });
    }),
  );
});

test('a floor of 1 is one range per position; so is a block of all channels', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { integers } = quantise({ ...input, rangeMode: 'position', block: undefined });
      expect(quantise({ ...input, block: { ...input.block, scale: 'exact', floor: 1 } }).integers).toEqual(integers);
      const few = { ...input, channels: 2, values: input.values.subarray(0, 2 * input.positions) };
      const alone = quantise({ ...few, block: { ...input.block, scale: 'exact' } });
      expect(alone.integers).toEqual(quantise({ ...few, rangeMode: 'position', block: undefined }).integers);
    }),
  );
});

test('a block knows nothing of the others, but for the floor and the unit of E4M3', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const block = { ...input.block, floor: 0, scale: input.block.scale === 'e4m3' ? 'exact' : input.block.scale };
      const whole = quantise({ ...input, block }).integers;
      for (let first = 0; first < input.channels; first += block.channels) {
        const channels = Math.min(block.channels, input.channels - first);
        // A single channel by itself would share the range of all positions.
        if (channels === 1) continue;
        const [from, to] = [first, first + channels].map((channel) => channel * input.positions);
        const own = quantise({ ...input, block, channels, values: input.values.slice(from, to) });
        expect(own.integers).toEqual(whole.slice(from, to));
      }
    }),
  );
});

test('what is lost is half a step, unless a scale was rounded down and its largest values cut off', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { integers, steps } = quantise(input);
      input.values.forEach((value, at) => {
        const step = steps[stepIndex(input, at)]!;
        const largest = largestInteger(input.bits[at % input.positions]!, input.unsigned);
        const lost = Math.abs(value - integers[at]! * step);
        if (largest > 0 && Math.abs(value) <= step * largest) expect(lost).toBeLessThanOrEqual(step * 0.501);
      });
    }),
  );
});

test('scales take what their format stores', () => {
  const bytes = (scale: BlockRange['scale']) => scaleBytes(100, { channels: 16, scale, floor: 0 });
  expect(BLOCK_SCALES.map(bytes)).toEqual([400, 100, 104]);
});
