/** Windows (positions, row by row) and channels that enter a tile of Stripes or Pragmatic together: 256 lanes, the pallet. */
const PALLET_POSITIONS = 16;
const PALLET_CHANNELS = 16;

/** Quantised magnitudes, 0..65535: the integers without their sign. */
export type Magnitudes = Uint8Array | Uint16Array | Int32Array;

/** Mean number of one-bits of the magnitudes, Pragmatic's essential bits; 0 for no values. */
export function meanNonZeroBits(magnitudes: Magnitudes): number {
  let ones = 0;
  for (let i = 0; i < magnitudes.length; i++) ones += onesOf(magnitudes[i]!);
  return magnitudes.length === 0 ? 0 : ones / magnitudes.length;
}

/**
 * Mean steps a value takes when its pallet waits for the slowest lane (Albericio et al., MICRO 2017, two-stage shifting).
 *
 * Each step takes the lowest one-bit that any of a window's 16 channels still has; a lane gives up its own lowest one-bit if
 * that lies less than 2^L above. The pallet, 16 windows side by side, is done when its slowest window is. Lanes beyond the
 * last channel or position are empty. The mean runs over values, so it is never below `meanNonZeroBits`.
 * @param magnitudes channels x positions, channel by channel (NCHW), 0..65535
 * @param firstStageBits L, 0..4: how far the shifters of single lanes reach
 */
export function meanPalletSteps(
  magnitudes: Magnitudes,
  channels: number,
  positions: number,
  firstStageBits = 2,
): number {
  const reach = 2 ** firstStageBits;
  const lanes = new Int32Array(PALLET_CHANNELS);
  let steps = 0;
  for (let channel = 0; channel < channels; channel += PALLET_CHANNELS) {
    const laneCount = Math.min(PALLET_CHANNELS, channels - channel);
    for (let position = 0; position < positions; position += PALLET_POSITIONS) {
      const windows = Math.min(PALLET_POSITIONS, positions - position);
      let slowest = 0;
      for (let window = 0; window < windows; window++) {
        let any = 0;
        let most = 0;
        let at = channel * positions + position + window;
        for (let lane = 0; lane < laneCount; lane++, at += positions) {
          const magnitude = magnitudes[at]!;
          lanes[lane] = magnitude;
          any |= magnitude;
          const ones = onesOf(magnitude);
          if (ones > most) most = ones;
        }
        if (most > slowest) slowest = most;
        // A step empties at least one offset for all lanes, so the window takes at most as many steps as offsets are in use.
        if (onesOf(any) <= slowest) continue;
        // Every one-bit within reach of every other: the lane with most of them decides.
        if (any >>> (Math.clz32(any & -any) ^ 31) < 2 ** reach) continue;
        slowest = Math.max(slowest, windowSteps(lanes, laneCount, any, reach));
      }
      steps += slowest * windows * laneCount;
    }
  }
  return magnitudes.length === 0 ? 0 : steps / magnitudes.length;
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
