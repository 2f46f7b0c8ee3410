import type { RgbImage } from '../image.ts';
import { forEachSobelRow } from './sobel.ts';

/**
 * Colour gradient of each pixel: the square root of the largest eigenvalue of the structure tensor summed over R, G and B, in
 * grey levels per pixel. An edge between colours of one luma counts as much as one between greys.
 * Di Zenzo, "A note on the gradient of a multi-image", CVGIP 33 (1986), equations 6-8; derivatives by Sobel.
 * @returns one value a pixel, row by row
 */
export function colourGradient(image: RgbImage): Float32Array {
  const { data, width, height } = image;
  const out = new Float32Array(width * height);
  forEachSobelRow(data, width, height, 3, (y, dx, dy) => {
    for (let x = 0, i = 0; x < width; x++, i += 3) {
      const rx = dx[i]!;
      const gx = dx[i + 1]!;
      const bx = dx[i + 2]!;
      const ry = dy[i]!;
      const gy = dy[i + 1]!;
      const by = dy[i + 2]!;
      const xx = rx * rx + gx * gx + bx * bx;
      const yy = ry * ry + gy * gy + by * by;
      const xy = rx * ry + gx * gy + bx * by;
      const difference = xx - yy;
      out[y * width + x] = Math.sqrt((xx + yy + Math.sqrt(difference * difference + 4 * xy * xy)) / 2) / 8;
    }
  });
  return out;
}
