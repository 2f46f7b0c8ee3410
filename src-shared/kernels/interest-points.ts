import { joined, lowerHalf, upperHalf } from './doubles';
import { MARGIN, newPlane, Planes, rowOf, strideOf, WORD } from './planes';
import { slopesAcross, slopesDown } from './sobel';

/** Weight of the squared trace in Harris's response; 0.04 to 0.06 are usual. */
const HARRIS_K: f64 = 0.04;

/** Derivatives are eight times the slope, and nine pixels are averaged. */
const SCALE: f64 = 1.0 / (9 * 64);

/** Rows of products of derivatives that are held: of the row above, of this one and of the one below. */
const HELD = 3;

/**
 * Harris's corner response `det(M) - k trace(M)^2` of each pixel, M the structure tensor of luma averaged over 3 x 3 pixels, in
 * (grey levels per pixel)^4: positive at corners, negative on edges, zero where flat.
 * Harris and Stephens, "A Combined Corner and Edge Detector" (1988), section 2; derivatives by Sobel, the border repeated.
 * @returns plane of floats
 */
export function harrisResponse(planes: Planes): usize {
  const luma = planes.luma;
  const width = planes.width;
  const height = planes.height;
  const stride = WORD * strideOf(width);
  const scratch = heap.alloc(3 * HELD * stride);
  const response = newPlane(width, height, WORD);
  productRow(luma, 0, width, scratch);
  for (let y = 0; y < height; y++) {
    if (y + 1 < height) productRow(luma, y + 1, width, scratch);
    const above = heldRow(max(y - 1, 0), width, scratch);
    const here = heldRow(y, width, scratch);
    const below = heldRow(min(y + 1, height - 1), width, scratch);
    const row = response + WORD * rowOf(y, width);
    for (let x: usize = 0; x < WORD * <usize>width; x += 16)
      v128.store(
        row + x,
        responses(
          sumOfNine(above + x, here + x, below + x),
          sumOfNine(above + x + stride, here + x + stride, below + x + stride),
          sumOfNine(above + x + 2 * stride, here + x + 2 * stride, below + x + 2 * stride),
        ),
      );
  }
  return response;
}

/** Where the products of row `y` are held, 32-bit integers: x x, then a stride on x y, then y y. */
function heldRow(y: i32, width: i32, scratch: usize): usize {
  return scratch + WORD * (<usize>((y % HELD) * 3) * strideOf(width) + MARGIN);
}

function productRow(luma: usize, y: i32, width: i32, scratch: usize): void {
  const stride = strideOf(width);
  const from = luma + rowOf(y, width);
  const xx = heldRow(y, width, scratch);
  const xy = xx + WORD * stride;
  const yy = xy + WORD * stride;
  for (let x: usize = 0; x < <usize>width; x += 8) {
    const dx = slopesAcross(from + x, stride);
    const dy = slopesDown(from + x, stride);
    v128.store(xx + WORD * x, i32x4.extmul_low_i16x8_s(dx, dx));
    v128.store(xx + WORD * x, i32x4.extmul_high_i16x8_s(dx, dx), 16);
    v128.store(xy + WORD * x, i32x4.extmul_low_i16x8_s(dx, dy));
    v128.store(xy + WORD * x, i32x4.extmul_high_i16x8_s(dx, dy), 16);
    v128.store(yy + WORD * x, i32x4.extmul_low_i16x8_s(dy, dy));
    v128.store(yy + WORD * x, i32x4.extmul_high_i16x8_s(dy, dy), 16);
  }
  repeatEnds(xx, width);
  repeatEnds(xy, width);
  repeatEnds(yy, width);
}

function repeatEnds(row: usize, width: i32): void {
  const end = row + WORD * width;
  store<i32>(row - WORD, load<i32>(row));
  store<i32>(end, load<i32>(end - WORD));
}

/** Of four pixels of three rows and their neighbours: at most 9 * 1020^2, so exact. */
function sumOfNine(above: usize, here: usize, below: usize): v128 {
  return i32x4.add(i32x4.add(sumOfThree(above), sumOfThree(here)), sumOfThree(below));
}

function sumOfThree(at: usize): v128 {
  return i32x4.add(i32x4.add(v128.load(at - WORD), v128.load(at)), v128.load(at + WORD));
}

/** Of four pixels, from their summed products. */
function responses(xx: v128, xy: v128, yy: v128): v128 {
  return joined(
    pairOfResponses(lowerHalf(xx), lowerHalf(xy), lowerHalf(yy)),
    pairOfResponses(upperHalf(xx), upperHalf(xy), upperHalf(yy)),
  );
}

function pairOfResponses(xx: v128, xy: v128, yy: v128): v128 {
  const a = f64x2.mul(xx, f64x2.splat(SCALE));
  const b = f64x2.mul(xy, f64x2.splat(SCALE));
  const c = f64x2.mul(yy, f64x2.splat(SCALE));
  const determinant = f64x2.sub(f64x2.mul(a, c), f64x2.mul(b, b));
  const trace = f64x2.add(a, c);
  return f64x2.sub(determinant, f64x2.mul(f64x2.mul(f64x2.splat(HARRIS_K), trace), trace));
}

/**
 * Corners and their strengths: where {@link harrisResponse} is positive and largest among its 3 x 3 pixels, its fourth root (which
 * brings it back to grey levels per pixel, so that doubled contrast doubles the strength); 0 elsewhere. Of equal neighbours the
 * first in reading order is the corner. The outermost pixels, whose derivatives rest on repeated pixels, are never corners.
 * @returns plane of floats
 */
export function corners(planes: Planes): usize {
  const width = planes.width;
  const height = planes.height;
  const stride = WORD * strideOf(width);
  const response = harrisResponse(planes);
  const strengths = newPlane(width, height, WORD);
  for (let y = 0; y < height; y++) {
    const row = WORD * rowOf(y, width);
    if (y === 0 || y === height - 1) {
      memory.fill(strengths + row, 0, WORD * width);
      continue;
    }
    for (let x: usize = 0; x < WORD * <usize>width; x += 16) {
      const at = response + row + x;
      const values = v128.load(at);
      const isCorner = v128.and(
        v128.and(
          v128.and(f32x4.gt(values, f32x4.splat(0)), f32x4.gt(values, v128.load(at - WORD))),
          v128.and(f32x4.ge(values, v128.load(at + WORD)), exceedsRow(values, at - stride)),
        ),
        reachesRow(values, at + stride),
      );
      const roots = v128.any_true(isCorner) ? fourthRoots(values) : f32x4.splat(0);
      v128.store(strengths + row + x, v128.and(isCorner, roots));
    }
    store<f32>(strengths + row, 0);
    store<f32>(strengths + row + WORD * (width - 1), 0);
  }
  return strengths;
}

function exceedsRow(values: v128, at: usize): v128 {
  return v128.and(
    v128.and(f32x4.gt(values, v128.load(at - WORD)), f32x4.gt(values, v128.load(at))),
    f32x4.gt(values, v128.load(at + WORD)),
  );
}

function reachesRow(values: v128, at: usize): v128 {
  return v128.and(
    v128.and(f32x4.ge(values, v128.load(at - WORD)), f32x4.ge(values, v128.load(at))),
    f32x4.ge(values, v128.load(at + WORD)),
  );
}

function fourthRoots(values: v128): v128 {
  return joined(
    f64x2.sqrt(f64x2.sqrt(f64x2.promote_low_f32x4(values))),
    f64x2.sqrt(f64x2.sqrt(f64x2.promote_low_f32x4(v128.shuffle<i64>(values, values, 1, 1)))),
  );
}
