/** The first two of four 32-bit integers, as doubles. */
export function lowerHalf(integers: v128): v128 {
  return f64x2.convert_low_i32x4_s(integers);
}

/** The last two of four 32-bit integers, as doubles. */
export function upperHalf(integers: v128): v128 {
  return f64x2.convert_low_i32x4_s(v128.shuffle<i64>(integers, integers, 1, 1));
}

/** Two pairs of doubles, rounded to four floats. */
export function joined(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}
