import { WORD } from './planes';

/** Positions and channels of a pallet, as `pallets.ts` has them; 16 bytes are a vector, too. */
const PALLET: i32 = 16;

/** Bytes of a vector, and of a double. */
const VECTOR: usize = 16;
const DOUBLE: usize = 8;

/** As `fake-quantisation.ts` has them. */
const ROUNDING_CONSTANT: f32 = 12582912;
const STEP_FLOOR: f32 = 7.888609052210118e-31;
const NEXT_POWER_FACTOR: f32 = 16777218;
const NEXT_POWER_SHRINK: f32 = 0.999999940395355224609375;

/** How far the shifters of single lanes reach: two to the power of two first-stage bits. */
const REACH: i32 = 4;

/** Widths there are: 0 to 16 bits. */
const WIDTHS: usize = 17;

/** One tensor of one image: what is given, what is made of it, and the sums. */
@unmanaged
class Activations {
  channels: i32 = 0;
  positions: i32 = 0;
  /** Positions of a row of magnitudes: whole vectors, and one to write beyond the end. */
  stride: usize = 0;
  /** float32, channel by channel. */
  values: usize = 0;
  /** uint8, by position. */
  bits: usize = 0;
  /** float32, by width: the step with one range for all, else its share of the range. */
  steps: usize = 0;
  /** float32 and double, by position; of ranges by block, a row of `stride` for every so many channels. */
  inverses: usize = 0;
  wideSteps: usize = 0;
  channelsOfRow: i32 = 0;
  /** float32, by position: the largest integers, where values are cut off at them; else 0. */
  tops: usize = 0;
  /** Without sign, rows of `stride`; uint8, or uint16 where a width exceeds 8 bits. */
  magnitudes: usize = 0;
  packed: usize = 0;
  /** The lanes of the pallet at work. */
  lanes: usize = 0;
  /** Doubles: signal, noise, clipped; then of the last pallets zeros, ones, steps, group bits, pallet bits. */
  sums: usize = 0;
}

/** Bytes at the beginning of the memory that tensors are written to before they are counted. */
let roomBytes: usize = 0;

/**
 * Room for activations that stays where it is, and what is in it, until it is asked for again.
 * @param beside bytes that counting will take: the memory, which moves when it grows, has them from now on
 */
export function roomOf(bytes: usize, beside: usize): usize {
  heap.reset();
  // The last vectors of a tensor reach beyond it.
  roomBytes = bytes + 4 * VECTOR;
  const room = heap.alloc(roomBytes);
  heap.alloc(beside);
  return room;
}

/**
 * A tensor to be counted; it takes the place of the one before.
 * @param values float32, channel by channel, in the room; 0 for values that are still to come
 */
export function activationsOf(channels: i32, positions: i32, values: usize): Activations {
  heap.reset();
  if (roomBytes > 0) heap.alloc(roomBytes);
  const own = new Activations();
  const stride = ((<usize>positions + 15) & ~15) + VECTOR;
  own.channels = channels;
  own.positions = positions;
  own.stride = stride;
  own.values = values == 0 ? heap.alloc(WORD * <usize>channels * <usize>positions + 4 * VECTOR) : values;
  own.channelsOfRow = channels;
  own.bits = heap.alloc(stride);
  own.steps = heap.alloc(WORD * WIDTHS);
  own.inverses = heap.alloc(WORD * stride);
  own.wideSteps = heap.alloc(DOUBLE * stride);
  own.lanes = heap.alloc(VECTOR * PALLET);
  own.sums = heap.alloc(DOUBLE * 8);
  // Beyond the last position is nothing, not even a NaN.
  memory.fill(own.inverses, 0, WORD * stride);
  memory.fill(own.wideSteps, 0, DOUBLE * stride);
  return own;
}

export function valuesOf(own: Activations): usize {
  return own.values;
}

export function bitsOf(own: Activations): usize {
  return own.bits;
}

export function stepsOf(own: Activations): usize {
  return own.steps;
}

export function sumsOf(own: Activations): usize {
  return own.sums;
}

/**
 * Largest magnitudes of blocks, float32, rows of {@link strideOf}; steps and inverses take their places beside them before the tensor is
 * quantised. A NaN is no peak.
 * @param channelsOfRow channels of a block
 * @param cut whether values are cut off at the largest integers, which are then to be given
 */
export function peaksOf(own: Activations, channelsOfRow: i32, cut: bool): usize {
  const rows = <usize>((own.channels + channelsOfRow - 1) / channelsOfRow);
  own.channelsOfRow = channelsOfRow;
  own.inverses = heap.alloc(WORD * own.stride * rows);
  own.wideSteps = heap.alloc(DOUBLE * own.stride * rows);
  own.tops = cut ? heap.alloc(WORD * own.stride) : 0;
  memory.fill(own.wideSteps, 0, DOUBLE * own.stride * rows);
  if (cut) memory.fill(own.tops, 0, WORD * own.stride);
  findPeaks(own, rows);
  return own.inverses;
}

export function strideOf(own: Activations): usize {
  return own.stride;
}

export function wideStepsOf(own: Activations): usize {
  return own.wideSteps;
}

export function topsOf(own: Activations): usize {
  return own.tops;
}

/** All bits in those of four lanes that lie below `count`, 1 to 4. */
const FIRST_LANES = memory.data<i32>([-1, -1, -1, -1, 0, 0, 0, 0], 16);
function firstLanes(count: i32): v128 {
  return v128.load(FIRST_LANES + WORD * (4 - count));
}

/**
 * Quantises the values; signal, noise and clipped values stand in the sums.
 * @param byBlock steps and inverses are in the places that {@link peaksOf} made
 * @param limit largest magnitude that passes
 * @param largest an integer of the widest position's may be: above 255, two bytes are taken for each
 * @param withNoise signal and noise are wanted
 * @returns whether all integers are of their width: no value was NaN, infinite, or out of range without a limit
 */
export function quantise(
  own: Activations,
  byBlock: bool,
  byPosition: bool,
  powerOfTwo: bool,
  unsigned: bool,
  limit: f32,
  largest: i32,
  withNoise: bool,
): bool {
  if (!byBlock) {
    if (byPosition) positionSteps(own, powerOfTwo);
    else layerSteps(own);
  }
  const wide = largest > 255;
  const rowBytes = wide ? 2 * own.stride : own.stride;
  own.magnitudes = heap.alloc(rowBytes * <usize>own.channels + VECTOR);
  const positions = own.positions;
  const top = f32x4.splat(limit);
  const bottom = unsigned ? f32x4.splat(-Infinity) : f32x4.splat(-limit);
  const rounding = f32x4.splat(ROUNDING_CONSTANT);
  let worst = i32x4.splat(0);
  let squares = f64x2.splat(0);
  let clippedValues: f64 = 0;
  for (let channel = 0; channel < own.channels; channel++) {
    const row = own.values + WORD * <usize>channel * <usize>positions;
    const to = own.magnitudes + rowBytes * <usize>channel;
    const stepRow = own.stride * <usize>(channel / own.channelsOfRow);
    let clipped = i32x4.splat(0);
    for (let at = 0; at < positions; at += 16) {
      const from = row + WORD * at;
      const rest = positions - at;
      const isWhole = rest >= 16;
      const a = isWhole ? v128.load(from) : someOf(from, rest);
      const b = isWhole ? v128.load(from, 16) : someOf(from + 16, rest - 4);
      const c = isWhole ? v128.load(from, 32) : someOf(from + 32, rest - 8);
      const d = isWhole ? v128.load(from, 48) : someOf(from + 48, rest - 12);
      let valuesA = a;
      let valuesB = b;
      let valuesC = c;
      let valuesD = d;
      if (!byPosition && !byBlock) {
        clipped = i32x4.sub(clipped, outside(a, top, bottom));
        clipped = i32x4.sub(clipped, outside(b, top, bottom));
        clipped = i32x4.sub(clipped, outside(c, top, bottom));
        clipped = i32x4.sub(clipped, outside(d, top, bottom));
        valuesA = f32x4.pmax(f32x4.pmin(a, top), bottom);
        valuesB = f32x4.pmax(f32x4.pmin(b, top), bottom);
        valuesC = f32x4.pmax(f32x4.pmin(c, top), bottom);
        valuesD = f32x4.pmax(f32x4.pmin(d, top), bottom);
      }
      const inverses = own.inverses + WORD * (stepRow + at);
      let raisedA = f32x4.add(f32x4.mul(valuesA, v128.load(inverses)), rounding);
      let raisedB = f32x4.add(f32x4.mul(valuesB, v128.load(inverses, 16)), rounding);
      let raisedC = f32x4.add(f32x4.mul(valuesC, v128.load(inverses, 32)), rounding);
      let raisedD = f32x4.add(f32x4.mul(valuesD, v128.load(inverses, 48)), rounding);
      if (own.tops != 0) {
        const tops = own.tops + WORD * at;
        clipped = i32x4.sub(clipped, beyond(raisedA, v128.load(tops)));
        clipped = i32x4.sub(clipped, beyond(raisedB, v128.load(tops, 16)));
        clipped = i32x4.sub(clipped, beyond(raisedC, v128.load(tops, 32)));
        clipped = i32x4.sub(clipped, beyond(raisedD, v128.load(tops, 48)));
        raisedA = cutOff(raisedA, v128.load(tops));
        raisedB = cutOff(raisedB, v128.load(tops, 16));
        raisedC = cutOff(raisedC, v128.load(tops, 32));
        raisedD = cutOff(raisedD, v128.load(tops, 48));
      }
      if (withNoise) {
        const steps = own.wideSteps + DOUBLE * (stepRow + at);
        // Zeros have neither signal nor noise, and half of all values are zeros.
        if (v128.any_true(a)) squares = withSquares(squares, a, f32x4.sub(raisedA, rounding), steps);
        if (v128.any_true(b)) squares = withSquares(squares, b, f32x4.sub(raisedB, rounding), steps + 4 * DOUBLE);
        if (v128.any_true(c)) squares = withSquares(squares, c, f32x4.sub(raisedC, rounding), steps + 8 * DOUBLE);
        if (v128.any_true(d)) squares = withSquares(squares, d, f32x4.sub(raisedD, rounding), steps + 12 * DOUBLE);
      }
      const magnitudesA = magnitudesOf(raisedA, unsigned);
      const magnitudesB = magnitudesOf(raisedB, unsigned);
      const magnitudesC = magnitudesOf(raisedC, unsigned);
      const magnitudesD = magnitudesOf(raisedD, unsigned);
      worst = i32x4.max_u(worst, i32x4.max_u(magnitudesA, magnitudesB));
      worst = i32x4.max_u(worst, i32x4.max_u(magnitudesC, magnitudesD));
      const low = i16x8.narrow_i32x4_u(magnitudesA, magnitudesB);
      const high = i16x8.narrow_i32x4_u(magnitudesC, magnitudesD);
      if (wide) {
        v128.store(to + 2 * at, low);
        v128.store(to + 2 * at, high, 16);
      } else v128.store(to + at, i8x16.narrow_i16x8_u(low, high));
    }
    clippedValues += <f64>sumOfFour(clipped);
  }
  store<f64>(own.sums, f64x2.extract_lane(squares, 0));
  store<f64>(own.sums + DOUBLE, f64x2.extract_lane(squares, 1));
  store<f64>(own.sums + 2 * DOUBLE, clippedValues);
  return !v128.any_true(i32x4.gt_u(worst, i32x4.splat(largest)));
}

/** Four values, or zeros where there are fewer. */
function someOf(from: usize, count: i32): v128 {
  if (count <= 0) return i32x4.splat(0);
  const four = v128.load(from);
  return count < 4 ? v128.and(four, firstLanes(count)) : four;
}

/** All bits where a value is cut off. */
function outside(values: v128, top: v128, bottom: v128): v128 {
  return v128.or(f32x4.gt(values, top), f32x4.lt(values, bottom));
}

/** All bits where an integer is cut off. @param raised sums with the rounding constant */
function beyond(raised: v128, tops: v128): v128 {
  return f32x4.gt(f32x4.abs(f32x4.sub(raised, f32x4.splat(ROUNDING_CONSTANT))), tops);
}

function cutOff(raised: v128, tops: v128): v128 {
  const rounding = f32x4.splat(ROUNDING_CONSTANT);
  return f32x4.pmax(f32x4.pmin(raised, f32x4.add(rounding, tops)), f32x4.sub(rounding, tops));
}

/** @param raised sums with the rounding constant: their lowest bits are the rounded integers */
function magnitudesOf(raised: v128, unsigned: bool): v128 {
  const integers = i32x4.sub(raised, i32x4.splat(reinterpret<i32>(ROUNDING_CONSTANT)));
  return unsigned ? integers : i32x4.abs(integers);
}

/**
 * The sums of squares of values and of errors with those of four values: one by one in their order, as the reference adds them,
 * because a sum of doubles depends on it.
 * @param steps doubles, of the four positions
 */
function withSquares(sum: v128, values: v128, integers: v128, steps: usize): v128 {
  const first = withTwo(sum, values, integers, steps);
  return withTwo(
    first,
    v128.shuffle<i64>(values, values, 1, 1),
    v128.shuffle<i64>(integers, integers, 1, 1),
    steps + 2 * DOUBLE,
  );
}

function withTwo(sum: v128, values: v128, integers: v128, steps: usize): v128 {
  const value = f64x2.promote_low_f32x4(values);
  const error = f64x2.sub(value, f64x2.mul(f64x2.promote_low_f32x4(integers), v128.load(steps)));
  const signal = f64x2.mul(value, value);
  const noise = f64x2.mul(error, error);
  return f64x2.add(f64x2.add(sum, v128.shuffle<i64>(signal, noise, 0, 2)), v128.shuffle<i64>(signal, noise, 1, 3));
}

function layerSteps(own: Activations): void {
  for (let position = 0; position < own.positions; position++)
    setStep(own, position, load<f32>(own.steps + WORD * load<u8>(own.bits + position)));
}

/** Steps as `positionSteps` of the reference has them: a NaN is no peak, and a single channel has one range for all. */
function positionSteps(own: Activations, powerOfTwo: bool): void {
  const positions = own.positions;
  // The inverses take the peaks' place.
  const peaks = own.inverses;
  findPeaks(own, 1);
  let most: f32 = 0;
  if (own.channels == 1)
    for (let position = 0; position < positions; position++) most = max(most, load<f32>(peaks + WORD * position));
  for (let position = 0; position < positions; position++) {
    const peak = own.channels == 1 ? most : load<f32>(peaks + WORD * position);
    const step: f32 = peak * load<f32>(own.steps + WORD * load<u8>(own.bits + position)) + STEP_FLOOR;
    setStep(own, position, powerOfTwo ? nextPowerOfTwo(step) : step);
  }
}

/** The inverses' place takes the largest magnitudes. */
function findPeaks(own: Activations, rows: usize): void {
  const positions = own.positions;
  memory.fill(own.inverses, 0, WORD * own.stride * rows);
  for (let channel = 0; channel < own.channels; channel++) {
    const row = own.values + WORD * <usize>channel * <usize>positions;
    const peaks = own.inverses + WORD * own.stride * <usize>(channel / own.channelsOfRow);
    for (let position = 0; position < positions; position += 4) {
      let values = v128.load(row + WORD * position);
      if (position + 4 > positions) values = v128.and(values, firstLanes(positions - position));
      v128.store(peaks + WORD * position, f32x4.pmax(v128.load(peaks + WORD * position), f32x4.abs(values)));
    }
  }
}

function nextPowerOfTwo(value: f32): f32 {
  const q: f32 = NEXT_POWER_FACTOR * (NEXT_POWER_SHRINK * value);
  return q - NEXT_POWER_SHRINK * q;
}

function setStep(own: Activations, position: i32, step: f32): void {
  store<f32>(own.inverses + WORD * position, <f32>1 / step);
  store<f64>(own.wideSteps + DOUBLE * position, step);
}

/**
 * What groups and pallets of the quantised magnitudes take, into the sums; as `countPallets` does it.
 * @param wide two bytes each
 * @param kept only the positions that have bits, moved together
 * @param signBits see there
 * @returns positions that were counted
 */
export function countPallets(own: Activations, wide: bool, kept: bool, signBits: i32): i32 {
  const positions = kept ? pack(own, wide) : own.positions;
  const from = kept ? own.packed : own.magnitudes;
  const pallets = own.sums + 3 * DOUBLE;
  memory.fill(pallets, 0, 5 * DOUBLE);
  for (let channel = 0; channel < own.channels; channel += PALLET)
    for (let position = 0; position < positions; position += PALLET) {
      const lanes = min(PALLET, own.channels - channel);
      const windows = min(PALLET, positions - position);
      if (wide)
        addPallet<u16>(own, from + 2 * (<usize>channel * own.stride + position), lanes, windows, signBits, pallets);
      else addPallet<u8>(own, from + <usize>channel * own.stride + position, lanes, windows, signBits, pallets);
    }
  return positions;
}

/** Leaves out the positions of 0 bits. @returns how many are left */
function pack(own: Activations, wide: bool): i32 {
  const bytes: usize = wide ? 2 : 1;
  const rowBytes = bytes * own.stride;
  own.packed = heap.alloc(rowBytes * <usize>own.channels + VECTOR);
  const positions = own.positions;
  let kept = 0;
  for (let channel = 0; channel < own.channels; channel++) {
    const from = own.magnitudes + rowBytes * <usize>channel;
    const start = own.packed + rowBytes * <usize>channel;
    let to = start;
    for (let position = 0; position < positions;) {
      if (load<u8>(own.bits + position) == 0) {
        position++;
        continue;
      }
      let end = position + 1;
      while (end < positions && load<u8>(own.bits + end) != 0) end++;
      // Whole vectors: what they write beyond a run, the next one or the end of the row takes back.
      const length = bytes * (end - position);
      for (let at: usize = 0; at < length; at += VECTOR) v128.store(to + at, v128.load(from + bytes * position + at));
      to += length;
      position = end;
    }
    for (let end = to; end < start + rowBytes; end += VECTOR) v128.store(end, i8x16.splat(0));
    kept = <i32>((to - start) / bytes);
  }
  return kept;
}

/** @param sums doubles: zeros, ones, steps, group bits, pallet bits */
function addPallet<T>(own: Activations, from: usize, lanes: i32, windows: i32, signBits: i32, sums: usize): void {
  const rowBytes = sizeof<T>() * own.stride;
  const none = v128.splat<T>(0);
  let zeros = 0;
  let ones = 0;
  let slowest = 0;
  let groupBits = 0;
  let anyOfPallet = none;
  // 16 windows of one byte, or twice 8 of two.
  for (let part: usize = 0; part < sizeof<T>(); part++) {
    let any = none;
    let most = none;
    let onesOfWindows = none;
    let zerosOfWindows = none;
    for (let lane = 0; lane < lanes; lane++) {
      const magnitudes = v128.load(from + VECTOR * part + rowBytes * <usize>lane);
      v128.store(own.lanes + VECTOR * lane, magnitudes);
      const onesHere = onesOf<T>(magnitudes);
      any = v128.or(any, magnitudes);
      most = v128.max<T>(most, onesHere);
      onesOfWindows = v128.add<T>(onesOfWindows, onesHere);
      zerosOfWindows = v128.sub<T>(zerosOfWindows, v128.eq<T>(magnitudes, none));
    }
    zeros += sumOf<T>(zerosOfWindows);
    ones += sumOf<T>(onesOfWindows);
    groupBits += sumOf<T>(widthOf<T>(any, signBits));
    anyOfPallet = v128.or(anyOfPallet, any);
    slowest = max(slowest, highestOf<T>(most));
    // A step empties at least one offset for all lanes, so a window takes at most as many steps as offsets are in use; and where every
    // one-bit is within reach of every other, the lane with most of them decides.
    const slower = v128.gt<T>(onesOf<T>(any), v128.splat<T>(<T>slowest));
    const beyond = v128.ne<T>(v128.andnot(any, withinReach<T>(any)), none);
    if (v128.any_true(v128.and(slower, beyond))) slowest = max(slowest, stepsOfWindows<T>(own.lanes, lanes, any));
  }
  const values = windows * lanes;
  // Windows that are none count as zeros.
  add(sums, zeros - (PALLET - windows) * lanes);
  add(sums + DOUBLE, ones);
  add(sums + 2 * DOUBLE, slowest * values);
  add(sums + 3 * DOUBLE, groupBits * lanes);
  add(sums + 4 * DOUBLE, highestOf<T>(widthOf<T>(unionOf<T>(anyOfPallet), signBits)) * values);
}

/** Steps until all lanes of all windows are empty. @param lanes are used up */
function stepsOfWindows<T>(lanes: usize, count: i32, any: v128): i32 {
  const none = v128.splat<T>(0);
  const one = v128.splat<T>(1);
  let steps = 0;
  for (; v128.any_true(any); steps++) {
    const within = withinReach<T>(any);
    any = none;
    for (let lane = 0; lane < count; lane++) {
      const rest = v128.load(lanes + VECTOR * lane);
      // A lane whose lowest one-bit is out of reach waits.
      const waits = v128.eq<T>(v128.and(rest, within), none);
      const next = v128.and(rest, v128.or(v128.sub<T>(rest, one), waits));
      v128.store(lanes + VECTOR * lane, next);
      any = v128.or(any, next);
    }
  }
  return steps;
}

/** All bits below the lowest one-bit's place and the reach above it. */
function withinReach<T>(any: v128): v128 {
  const lowest = v128.and(any, v128.neg<T>(any));
  return v128.sub<T>(v128.shl<T>(lowest, REACH), v128.splat<T>(1));
}

/** Of each window. */
function onesOf<T>(magnitudes: v128): v128 {
  const ofBytes = i8x16.popcnt(magnitudes);
  return sizeof<T>() == 1 ? ofBytes : i16x8.extadd_pairwise_i8x16_u(ofBytes);
}

/** Bits of each window, leading zeros left out and the sign with them. */
function widthOf<T>(any: v128, signBits: i32): v128 {
  let filled = v128.or(any, v128.shr<T>(any, 1));
  filled = v128.or(filled, v128.shr<T>(filled, 2));
  filled = v128.or(filled, v128.shr<T>(filled, 4));
  if (sizeof<T>() == 2) filled = v128.or(filled, v128.shr<T>(filled, 8));
  const present = v128.ne<T>(any, v128.splat<T>(0));
  return v128.add<T>(onesOf<T>(filled), v128.and(present, v128.splat<T>(<T>signBits)));
}

/** All windows or-ed together, in each of them. */
function unionOf<T>(any: v128): v128 {
  any = v128.or(any, v128.shuffle<u64>(any, any, 1, 0));
  any = v128.or(any, v128.shuffle<u32>(any, any, 1, 0, 3, 2));
  any = v128.or(any, v128.shuffle<u16>(any, any, 1, 0, 3, 2, 5, 4, 7, 6));
  if (sizeof<T>() == 1)
    any = v128.or(any, v128.shuffle<u8>(any, any, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  return any;
}

function highestOf<T>(counts: v128): i32 {
  counts = v128.max<T>(counts, v128.shuffle<u64>(counts, counts, 1, 0));
  counts = v128.max<T>(counts, v128.shuffle<u32>(counts, counts, 1, 0, 3, 2));
  counts = v128.max<T>(counts, v128.shuffle<u16>(counts, counts, 1, 0, 3, 2, 5, 4, 7, 6));
  if (sizeof<T>() == 1)
    counts = v128.max<T>(
      counts,
      v128.shuffle<u8>(counts, counts, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14),
    );
  return <i32>v128.extract_lane<T>(counts, 0);
}

function sumOf<T>(counts: v128): i32 {
  const pairs = sizeof<T>() == 1 ? i16x8.extadd_pairwise_i8x16_u(counts) : counts;
  return sumOfFour(i32x4.extadd_pairwise_i16x8_u(pairs));
}

function sumOfFour(counts: v128): i32 {
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}

function add(sum: usize, count: i32): void {
  store<f64>(sum, load<f64>(sum) + <f64>count);
}
