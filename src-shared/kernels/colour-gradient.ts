import { joined, lowerHalf, upperHalf } from './doubles';
import { newPlane, Planes, rowOf, strideOf, WORD } from './planes';
import { slopesAcross, slopesDown } from './sobel';

/**
 * Colour gradient of each pixel: the square root of the largest eigenvalue of the structure tensor summed over R, G and B, in
 * grey levels per pixel. An edge between colours of one luma counts as much as one between greys.
 * Di Zenzo, "A note on the gradient of a multi-image", CVGIP 33 (1986), equations 6-8; derivatives by Sobel.
 * @returns plane of floats
 */
export function colourGradient(planes: Planes): usize {
  const width = planes.width;
  const stride = strideOf(width);
  const gradient = newPlane(width, planes.height, WORD);
  for (let y = 0; y < planes.height; y++) {
    const row = rowOf(y, width);
    for (let i = row; i < row + width; i += 8) {
      const rx = slopesAcross(planes.red + i, stride);
      const ry = slopesDown(planes.red + i, stride);
      const gx = slopesAcross(planes.green + i, stride);
      const gy = slopesDown(planes.green + i, stride);
      const bx = slopesAcross(planes.blue + i, stride);
      const by = slopesDown(planes.blue + i, stride);
      v128.store(
        gradient + WORD * i,
        gradients(
          lowProducts(rx, gx, bx, rx, gx, bx),
          lowProducts(ry, gy, by, ry, gy, by),
          lowProducts(rx, gx, bx, ry, gy, by),
        ),
      );
      v128.store(
        gradient + WORD * i,
        gradients(
          highProducts(rx, gx, bx, rx, gx, bx),
          highProducts(ry, gy, by, ry, gy, by),
          highProducts(rx, gx, bx, ry, gy, by),
        ),
        16,
      );
    }
  }
  return gradient;
}

/** Products of slopes, of the first four of eight pixels, summed over the channels. */
function lowProducts(r1: v128, g1: v128, b1: v128, r2: v128, g2: v128, b2: v128): v128 {
  const redAndGreen = i32x4.add(i32x4.extmul_low_i16x8_s(r1, r2), i32x4.extmul_low_i16x8_s(g1, g2));
  return i32x4.add(redAndGreen, i32x4.extmul_low_i16x8_s(b1, b2));
}

/** The same of the last four. */
function highProducts(r1: v128, g1: v128, b1: v128, r2: v128, g2: v128, b2: v128): v128 {
  const redAndGreen = i32x4.add(i32x4.extmul_high_i16x8_s(r1, r2), i32x4.extmul_high_i16x8_s(g1, g2));
  return i32x4.add(redAndGreen, i32x4.extmul_high_i16x8_s(b1, b2));
}

/** Of four pixels, from the entries of their tensors. */
function gradients(xx: v128, yy: v128, xy: v128): v128 {
  return joined(
    pairOfGradients(lowerHalf(xx), lowerHalf(yy), lowerHalf(xy)),
    pairOfGradients(upperHalf(xx), upperHalf(yy), upperHalf(xy)),
  );
}

function pairOfGradients(xx: v128, yy: v128, xy: v128): v128 {
  const difference = f64x2.sub(xx, yy);
  const discriminant = f64x2.add(f64x2.mul(difference, difference), f64x2.mul(f64x2.splat(4), f64x2.mul(xy, xy)));
  const eigenvalue = f64x2.mul(f64x2.add(f64x2.add(xx, yy), f64x2.sqrt(discriminant)), f64x2.splat(0.5));
  return f64x2.mul(f64x2.sqrt(eigenvalue), f64x2.splat(0.125));
}
