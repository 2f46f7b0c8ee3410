/** Windows (positions, row by row) and channels that enter a tile of Stripes or Pragmatic together: 256 lanes, the pallet. */
const PALLET_POSITIONS = 16;
const PALLET_CHANNELS = 16;

/** Quantised magnitudes, 0..65535: the integers without their sign. */
export type Magnitudes = Uint8Array | Uint16Array | Int32Array;

/** Means over the values of a tensor, some of which wait for others; 0 for no values. */
export interface PalletCounts {
  /** Share of values that are zero. */
  readonly zeroShare: number;
  /** Number of one-bits of the magnitudes, Pragmatic's essential bits. */
  readonly nonZeroBits: number;
  /** Steps of Pragmatic when a pallet waits for its slowest lane; never below `nonZeroBits`. */
  readonly steps: number;
  /** Bits of the widest magnitude among 16 channels of one position, leading zeros left out, and the sign where there is one. */
  readonly groupBits: number;
  /** The same of a pallet: 16 channels of 16 positions. Never below `groupBits`. */
  readonly palletBits: number;
}

/**
 * What groups of activations take: one-bits (Albericio et al., MICRO 2017, two-stage shifting), and the widths they really need
 * (Delmas et al., CAL 2017).
 *
 * Each step of Pragmatic takes the lowest one-bit that any of a window's 16 channels still has; a lane gives up its own lowest
 * one-bit if that lies less than 2^L above. The pallet, 16 windows side by side, is done when its slowest window is. Lanes beyond
 * the last channel or position are empty.
 * @param magnitudes channels x positions, channel by channel (NCHW), 0..65535
 * @param signBits 1 where the values have a sign, 0 where they have none; a group of zeros needs none
 * @param firstStageBits L, 0..4: how far the shifters of single lanes reach
 */
export function countPallets(
  magnitudes: Magnitudes,
  channels: number,
  positions: number,
  signBits: 0 | 1,
  firstStageBits = 2,
): PalletCounts {
  const reach = 2 ** firstStageBits;
  const lanes = new Int32Array(PALLET_CHANNELS);
  const widthOf = (any: number) => (any === 0 ? 0 : 32 - Math.clz32(any) + signBits);
  let zeros = 0;
  let nonZeroBits = 0;
  let steps = 0;
  let groupBits = 0;
  let palletBits = 0;
  for (let channel = 0; channel < channels; channel += PALLET_CHANNELS) {
    const laneCount = Math.min(PALLET_CHANNELS, channels - channel);
    for (let position = 0; position < positions; position += PALLET_POSITIONS) {
      const windows = Math.min(PALLET_POSITIONS, positions - position);
      let slowest = 0;
      let anyOfPallet = 0;
      for (let window = 0; window < windows; window++) {
        let any = 0;
        let most = 0;
        let at = channel * positions + position + window;
        for (let lane = 0; lane < laneCount; lane++, at += positions) {
          const magnitude = magnitudes[at]!;
          lanes[lane] = magnitude;
          any |= magnitude;
          const ones = onesOf(magnitude);
          nonZeroBits += ones;
          if (ones === 0) zeros++;
          else if (ones > most) most = ones;
        }
        anyOfPallet |= any;
        groupBits += widthOf(any) * laneCount;
        if (most > slowest) slowest = most;
        // A step empties at least one offset for all lanes, so the window takes at most as many steps as offsets are in use.
        if (onesOf(any) <= slowest) continue;
        // Every one-bit within reach of every other: the lane with most of them decides.
        if (any >>> (Math.clz32(any & -any) ^ 31) < 2 ** reach) continue;
        slowest = Math.max(slowest, windowSteps(lanes, laneCount, any, reach));
      }
      steps += slowest * windows * laneCount;
      palletBits += widthOf(anyOfPallet) * windows * laneCount;
    }
  }
  return palletMeans([zeros, nonZeroBits, steps, groupBits, palletBits], magnitudes.length);
}

/** @param sums over all values, whole numbers: zeros, one-bits, steps, bits of groups and of pallets */
export function palletMeans(sums: readonly [number, number, number, number, number], values: number): PalletCounts {
  const [zeroShare, nonZeroBits, steps, groupBits, palletBits] = sums.map((sum) => sum / Math.max(1, values));
  return {
    zeroShare: zeroShare!,
    nonZeroBits: nonZeroBits!,
    steps: steps!,
    groupBits: groupBits!,
    palletBits: palletBits!,
  };
}

/** Steps of one window. @param any all lanes or-ed together; the lanes are used up */
function windowSteps(lanes: Int32Array, laneCount: number, any: number, reach: number): number {
  let steps = 0;
  while (any !== 0) {
    // As a number: shifted beyond 32 bits, a limit of 0 would leave every lane as it is, for ever.
    const limit = lowestOne(any) * 2 ** reach;
    any = 0;
    for (let lane = 0; lane < laneCount; lane++) {
      let rest = lanes[lane]!;
      // An empty lane has no lowest one-bit: 0 < limit leaves it empty.
      if (lowestOne(rest) < limit) {
        rest &= rest - 1;
        lanes[lane] = rest;
      }
      any |= rest;
    }
    steps++;
  }
  return steps;
}

const lowestOne = (bits: number) => (bits & -bits) >>> 0;
/** Of any 32-bit integer. */
const onesOf = (bits: number) => ONES[bits & 0xffff]! + ONES[bits >>> 16]!;

/** Number of one-bits of every 16-bit integer. */
const ONES = new Uint8Array(1 << 16);
for (let i = 1; i < ONES.length; i++) ONES[i] = ONES[i >> 1]! + (i & 1);
