/**
 * Sobel's 3 x 3 derivatives of eight neighbouring pixels of a plane of bytes: eight times the slope in levels per pixel,
 * -1020..1020, as 16-bit integers.
 * @param at address of the first pixel
 * @param stride of the plane
 */

export function slopesAcross(at: usize, stride: usize): v128 {
  return i16x8.sub(smoothedColumn(at + 1, stride), smoothedColumn(at - 1, stride));
}

export function slopesDown(at: usize, stride: usize): v128 {
  return i16x8.sub(smoothedRow(at + stride), smoothedRow(at - stride));
}

function smoothedColumn(at: usize, stride: usize): v128 {
  return smoothed(v128.load_ext<u8>(at - stride), v128.load_ext<u8>(at), v128.load_ext<u8>(at + stride));
}

function smoothedRow(at: usize): v128 {
  return smoothed(v128.load_ext<u8>(at - 1), v128.load_ext<u8>(at), v128.load_ext<u8>(at + 1));
}

function smoothed(before: v128, here: v128, after: v128): v128 {
  return i16x8.add(i16x8.add(before, after), i16x8.shl(here, 1));
}
