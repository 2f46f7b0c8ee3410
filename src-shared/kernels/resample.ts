/**
 * The two passes of a separable resize of 8-bit R, G, B: weights of 22 binary places, sums in 32-bit integers, bytes between the
 * passes, as Pillow has them (`src/libImaging/Resample.c`, Pillow 9.4). Vectors multiply 16-bit numbers, so a weight comes in two:
 * `high * 2^11 + low`; the sums of both are put together before they are rounded, which is exact.
 */

const PRECISION_BITS: i32 = 22;
const LOW_BITS: i32 = 11;

/** Bytes that a vector may read behind the last pixel of a row. */
const READ_BEYOND: usize = 16;

/** Takes the place of all that was in the kernels' memory. */
export function clearRoom(): void {
  heap.reset();
}

/** Room for so many bytes, and for the vector that begins at the last of them. */
export function roomFor(bytes: usize): usize {
  return heap.alloc(bytes + READ_BEYOND);
}

/** The sums of both halves of the weights, rounded to bytes: 4 integers. */
function rounded(high: v128, low: v128): v128 {
  const sum = i32x4.add(i32x4.shl(high, LOW_BITS), low);
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << (PRECISION_BITS - 1))), PRECISION_BITS);
}

/**
 * Along the rows.
 * @param source `rows` rows of `sourceBytes` bytes
 * @param starts by column of the result, in bytes: where in a row its first pixel begins
 * @param weights by column, `taps` of them: of two taps each, 16-bit numbers, the high halves and then the low ones
 * @param taps a multiple of 4; those that are not needed are 0
 * @param out `rows` rows of `columns` pixels
 */
export function resampleRows(
  source: usize,
  sourceBytes: usize,
  rows: i32,
  starts: usize,
  weights: usize,
  taps: i32,
  columns: i32,
  out: usize,
): void {
  const weightBytes = 4 * <usize>taps;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let from = source + load<i32>(starts + 4 * <usize>column);
      const first = weights + weightBytes * <usize>column;
      let high = i32x4.splat(0);
      let low = i32x4.splat(0);
      for (let weight = first; weight < first + weightBytes; weight += 16) {
        // Four pixels of three bytes become two pairs a channel.
        const pixels = v128.load(from);
        const pairs = v128.shuffle<i8>(pixels, pixels, 0, 3, 1, 4, 2, 5, 0, 0, 6, 9, 7, 10, 8, 11, 0, 0);
        const before = i16x8.extend_low_i8x16_u(pairs);
        const behind = i16x8.extend_high_i8x16_u(pairs);
        high = i32x4.add(high, i32x4.dot_i16x8_s(before, v128.load_splat<i32>(weight)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(before, v128.load_splat<i32>(weight, 4)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(behind, v128.load_splat<i32>(weight, 8)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(behind, v128.load_splat<i32>(weight, 12)));
        from += 12;
      }
      const words = i16x8.narrow_i32x4_s(rounded(high, low), high);
      // The fourth byte is of no meaning: the next pixel, or the room behind the last one, takes it.
      v128.store_lane<i32>(out, i8x16.narrow_i16x8_u(words, words), 0);
      out += 3;
    }
    source += sourceBytes;
  }
}

/**
 * Down the columns: one row of the result.
 * @param source the first of `taps` rows of `bytes` bytes
 * @param weights as in {@link resampleRows}, of one row
 * @param taps a multiple of 2
 */
export function resampleColumns(source: usize, bytes: usize, weights: usize, taps: i32, out: usize): void {
  const end = weights + 4 * <usize>taps;
  for (let at: usize = 0; at < bytes; at += 16) {
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    let low0 = i32x4.splat(0);
    let low1 = i32x4.splat(0);
    let low2 = i32x4.splat(0);
    let low3 = i32x4.splat(0);
    let from = source + at;
    for (let weight = weights; weight < end; weight += 8) {
      const above = v128.load(from);
      const below = v128.load(from + bytes);
      const left = v128.shuffle<i8>(above, below, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const right = v128.shuffle<i8>(above, below, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const pairs0 = i16x8.extend_low_i8x16_u(left);
      const pairs1 = i16x8.extend_high_i8x16_u(left);
      const pairs2 = i16x8.extend_low_i8x16_u(right);
      const pairs3 = i16x8.extend_high_i8x16_u(right);
      const high = v128.load_splat<i32>(weight);
      const low = v128.load_splat<i32>(weight, 4);
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(pairs0, high));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(pairs1, high));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(pairs2, high));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(pairs3, high));
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(pairs0, low));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(pairs1, low));
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(pairs2, low));
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(pairs3, low));
      from += 2 * bytes;
    }
    const words0 = i16x8.narrow_i32x4_s(rounded(high0, low0), rounded(high1, low1));
    const words1 = i16x8.narrow_i32x4_s(rounded(high2, low2), rounded(high3, low3));
    // What it writes behind a row, the next row takes.
    v128.store(out + at, i8x16.narrow_i16x8_u(words0, words1));
  }
}
