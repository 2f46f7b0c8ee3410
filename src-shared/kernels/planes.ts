/**
 * Planes: one value a pixel, of an image's size and a margin around it, so that kernels read neighbours and whole vectors without
 * asking where the image ends. The pixels just outside repeat the border; what lies further out is of no meaning.
 */

/** Values before the first pixel of a row, and at least as many behind the last. */
export const MARGIN: usize = 16;

/** Bytes behind the pixels of an image that are read too: a vector may begin at its last pixel. */
const READ_BEYOND: usize = 24;

/** Bytes of a 32-bit float or integer. */
export const WORD: usize = 4;

/** An image as planes of bytes. */
@unmanaged
export class Planes {
  width: i32 = 0;
  height: i32 = 0;
  red: usize = 0;
  green: usize = 0;
  blue: usize = 0;
  luma: usize = 0;
}

/** Values from one row of a plane to the next. */
export function strideOf(width: i32): usize {
  return ((<usize>width + 15) & ~15) + 2 * MARGIN;
}

/** Place in its plane of the first pixel of row `y`, in values; `y` may be -1 and `height`. */
export function rowOf(y: i32, width: i32): usize {
  return <usize>(y + 1) * strideOf(width) + MARGIN;
}

/** @param bytes of a value */
export function newPlane(width: i32, height: i32, bytes: usize): usize {
  return heap.alloc(bytes * valuesOf(width, height));
}

function valuesOf(width: i32, height: i32): usize {
  return <usize>(height + 2) * strideOf(width);
}

/** Plane of 8-bit luma. */
export function lumaOf(planes: Planes): usize {
  return planes.luma;
}

/**
 * Room for an image's bytes: R, G and B interleaved, row by row. It takes the place of the image before, and of all that was
 * computed from it.
 */
export function rgbOf(width: i32, height: i32): usize {
  heap.reset();
  return heap.alloc(3 * <usize>(width * height) + READ_BEYOND);
}

/** @param rgb of {@link rgbOf} */
export function planesOf(rgb: usize, width: i32, height: i32): Planes {
  const planes = new Planes();
  planes.width = width;
  planes.height = height;
  planes.red = newPlane(width, height, 1);
  planes.green = newPlane(width, height, 1);
  planes.blue = newPlane(width, height, 1);
  planes.luma = newPlane(width, height, 1);
  splitChannels(rgb, planes);
  computeLuma(planes);
  return planes;
}

function splitChannels(rgb: usize, planes: Planes): void {
  const width = planes.width;
  for (let y = 0; y < planes.height; y++) {
    const row = rowOf(y, width);
    for (let x = 0; x < width; x += 8) {
      const from = rgb + 3 * <usize>(y * width + x);
      // Bytes 0 to 15 of eight pixels are lanes 0 to 15 of the pair, bytes 16 to 23 its lanes 24 to 31.
      const a = v128.load(from);
      const b = v128.load(from, 8);
      const red = v128.shuffle<i8>(a, b, 0, 3, 6, 9, 12, 15, 26, 29, 0, 0, 0, 0, 0, 0, 0, 0);
      const green = v128.shuffle<i8>(a, b, 1, 4, 7, 10, 13, 24, 27, 30, 0, 0, 0, 0, 0, 0, 0, 0);
      const blue = v128.shuffle<i8>(a, b, 2, 5, 8, 11, 14, 25, 28, 31, 0, 0, 0, 0, 0, 0, 0, 0);
      v128.store_lane<i64>(planes.red + row + x, red, 0);
      v128.store_lane<i64>(planes.green + row + x, green, 0);
      v128.store_lane<i64>(planes.blue + row + x, blue, 0);
    }
  }
  repeatBorder(planes.red, width, planes.height);
  repeatBorder(planes.green, width, planes.height);
  repeatBorder(planes.blue, width, planes.height);
}

function repeatBorder(plane: usize, width: i32, height: i32): void {
  for (let y = 0; y < height; y++) {
    const row = plane + rowOf(y, width);
    store<u8>(row - 1, load<u8>(row));
    store<u8>(row + width, load<u8>(row + width - 1));
  }
  const stride = strideOf(width);
  memory.copy(plane, plane + stride, stride);
  memory.copy(plane + <usize>(height + 1) * stride, plane + <usize>height * stride, stride);
}

/** 8-bit luma (ITU-R BT.601-7, section 2.5.1) of every value of the planes, margins included. */
function computeLuma(planes: Planes): void {
  const end = valuesOf(planes.width, planes.height);
  for (let i: usize = 0; i < end; i += 8) {
    const red = v128.load_ext<u8>(planes.red + i);
    const green = v128.load_ext<u8>(planes.green + i);
    const blue = v128.load_ext<u8>(planes.blue + i);
    const luma = i16x8.narrow_i32x4_u(
      weighted(
        i32x4.extmul_low_i16x8_u(red, i16x8.splat(9798)),
        i32x4.extmul_low_i16x8_u(green, i16x8.splat(19235)),
        i32x4.extmul_low_i16x8_u(blue, i16x8.splat(3735)),
      ),
      weighted(
        i32x4.extmul_high_i16x8_u(red, i16x8.splat(9798)),
        i32x4.extmul_high_i16x8_u(green, i16x8.splat(19235)),
        i32x4.extmul_high_i16x8_u(blue, i16x8.splat(3735)),
      ),
    );
    v128.store_lane<i64>(planes.luma + i, i8x16.narrow_i16x8_u(luma, luma), 0);
  }
}

/** 0.299 R + 0.587 G + 0.114 B in fixed point with 15 fractional bits, rounded: exact and the same on every machine. */
function weighted(red: v128, green: v128, blue: v128): v128 {
  const sum = i32x4.add(i32x4.add(red, green), i32x4.add(blue, i32x4.splat(16384)));
  return i32x4.shr_u(sum, 15);
}
