import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countPallets } from '../../../src-shared/energy/pallets.ts';

/** The one-bits of a magnitude as offsets, lowest first: the stream a lane works off. */
function offsets(magnitude: number): number[] {
  return [...magnitude.toString(2)].reverse().flatMap((digit, offset) => (digit === '1' ? [offset] : []));
}

/** One window step by step, on lists of offsets instead of machine words. */
function simulateWindow(lanes: readonly number[], firstStageBits: number): number {
  let streams = lanes.map(offsets);
  let steps = 0;
  while (streams.some((stream) => stream.length > 0)) {
    const least = Math.min(...streams.map((stream) => stream[0] ?? Infinity));
    streams = streams.map(([first = Infinity, ...rest]) =>
      first - least < 2 ** firstStageBits ? rest : first === Infinity ? [] : [first, ...rest],
    );
    steps++;
  }
  return steps;
}

function simulate(values: Uint16Array, channels: number, positions: number, firstStageBits: number): number {
  let sum = 0;
  for (let c = 0; c < channels; c += 16)
    for (let p = 0; p < positions; p += 16) {
      const channelsHere = Array.from({ length: Math.min(16, channels - c) }, (_, lane) => c + lane);
      const windows = Array.from({ length: Math.min(16, positions - p) }, (_, window) => p + window);
      const steps = windows.map((at) =>
        simulateWindow(
          channelsHere.map((channel) => values[channel * positions + at]!),
          firstStageBits,
        ),
      );
      sum += Math.max(...steps) * windows.length * channelsHere.length;
    }
  return sum / values.length;
}

const tensor = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 16 }))
  .chain(([channels, positions, bits]) =>
    fc.uint8Array({ minLength: 2 * channels * positions, maxLength: 2 * channels * positions }).map((bytes) => ({
      channels,
      positions,
      values: new Uint16Array(bytes.slice().buffer).map((value) => value % 2 ** bits),
    })),
  );

describe('countPallets', () => {
  it('equals a simulation of the lanes', () => {
    fc.assert(
      fc.property(tensor, fc.integer({ min: 0, max: 4 }), ({ channels, positions, values }, firstStageBits) => {
        const steps = countPallets(values, channels, positions, 0, firstStageBits).steps;
        expect(steps).toBeCloseTo(simulate(values, channels, positions, firstStageBits), 9);
      }),
      { numRuns: 60 },
    );
  });

  it('is never below the mean of the one-bits, nor rises with a longer reach', () => {
    fc.assert(
      fc.property(tensor, ({ channels, positions, values }) => {
        const [short, long] = [2, 4].map((reach) => countPallets(values, channels, positions, 0, reach).steps);
        expect(short).toBeGreaterThanOrEqual(long!);
        expect(long).toBeGreaterThanOrEqual(countPallets(values, channels, positions, 0).nonZeroBits - 1e-12);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['one lane pays its one-bits', [0b1011, 0], 3],
    ['bits within reach go together', [0b0001, 0b1000], 1],
    ['bits out of reach wait', [0b00001, 0b10000], 2],
    ['lanes 4 bits apart overlap after one step', [0b1111, 0b11110000], 5],
    ['nothing takes no step', [0, 0], 0],
    ['the widest magnitude', [0xffff, 0], 16],
  ])('%s', (_what, lanes, steps) => {
    expect(countPallets(Uint16Array.from(lanes), 2, 1, 0).steps).toBe(steps);
  });

  it('lets 16 windows wait for the slowest and leaves the next 16 alone', () => {
    const values = new Uint16Array(32);
    values[3] = 0b111;
    values[20] = 0b1;
    expect(countPallets(values, 1, 32, 0).steps).toBe((3 + 1) / 2);
    expect(countPallets(values, 32, 1, 0).steps).toBe((3 + 1) / 2);
  });

  it('takes any integer array and none at all', () => {
    expect(countPallets(Int32Array.of(65535), 1, 1, 0).steps).toBe(16);
    expect(countPallets(Uint8Array.of(255), 1, 1, 0).steps).toBe(8);
    expect(countPallets(new Uint16Array(0), 0, 0, 0)).toEqual({
      zeroShare: 0,
      nonZeroBits: 0,
      steps: 0,
      groupBits: 0,
      palletBits: 0,
    });
  });
});

describe('the widths that groups need', () => {
  /** Digits of the largest value among the indices given. */
  const width = (values: Uint16Array, indices: readonly number[], signBits: number) => {
    const largest = Math.max(...indices.map((index) => values[index]!));
    return largest === 0 ? 0 : largest.toString(2).length + signBits;
  };

  it('are those of their largest value, by 16 channels and by 16 channels x 16 positions', () => {
    fc.assert(
      fc.property(tensor, fc.constantFrom(0 as const, 1 as const), ({ channels, positions, values }, signBits) => {
        const counts = countPallets(values, channels, positions, signBits);
        let group = 0;
        let pallet = 0;
        for (let c = 0; c < channels; c += 16)
          for (let p = 0; p < positions; p += 16) {
            const own = [];
            for (let position = p; position < Math.min(positions, p + 16); position++) {
              const lanes = [];
              for (let channel = c; channel < Math.min(channels, c + 16); channel++)
                lanes.push(channel * positions + position);
              group += width(values, lanes, signBits) * lanes.length;
              own.push(...lanes);
            }
            pallet += width(values, own, signBits) * own.length;
          }
        expect(counts.groupBits).toBeCloseTo(group / values.length, 9);
        expect(counts.palletBits).toBeCloseTo(pallet / values.length, 9);
      }),
      { numRuns: 60 },
    );
  });
});

describe('one-bits and zeros', () => {
  it('are the digits 1, and the values without any', () => {
    fc.assert(
      fc.property(tensor, ({ channels, positions, values }) => {
        const { nonZeroBits, zeroShare } = countPallets(values, channels, positions, 0);
        const ones = [...values].reduce((sum, value) => sum + offsets(value).length, 0);
        expect(nonZeroBits).toBeCloseTo(ones / values.length, 12);
        expect(zeroShare).toBeCloseTo([...values].filter((value) => value === 0).length / values.length, 12);
      }),
      { numRuns: 60 },
    );
  });
});
