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
          sum(i32x4.extmul_low_i16x8_s(rx, rx), i32x4.extmul_low_i16x8_s(gx, gx), i32x4.extmul_low_i16x8_s(bx, bx)),
          sum(i32x4.extmul_low_i16x8_s(ry, ry), i32x4.extmul_low_i16x8_s(gy, gy), i32x4.extmul_low_i16x8_s(by, by)),
          sum(i32x4.extmul_low_i16x8_s(rx, ry), i32x4.extmul_low_i16x8_s(gx, gy), i32x4.extmul_low_i16x8_s(bx, by)),
        ),
      );
      v128.store(
        gradient + WORD * i,
        gradients(
          sum(i32x4.extmul_high_i16x8_s(rx, rx), i32x4.extmul_high_i16x8_s(gx, gx), i32x4.extmul_high_i16x8_s(bx, bx)),
          sum(i32x4.extmul_high_i16x8_s(ry, ry), i32x4.extmul_high_i16x8_s(gy, gy), i32x4.extmul_high_i16x8_s(by, by)),
          sum(i32x4.extmul_high_i16x8_s(rx, ry), i32x4.extmul_high_i16x8_s(gx, gy), i32x4.extmul_high_i16x8_s(bx, by)),
        ),
        16,
      );
    }
  }
  return gradient;
}

function sum(red: v128, green: v128, blue: v128): v128 {
  return i32x4.add(i32x4.add(red, green), blue);
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
