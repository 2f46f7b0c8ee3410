import type { RgbImage } from '../image.ts';
import { sobelRow } from './sobel.ts';

/**
 * Colour gradient of each pixel: the square root of the largest eigenvalue of the structure tensor summed over R, G and B, in
 * grey levels per pixel. An edge between colours of one luma counts as much as one between greys.
 * Di Zenzo, "A note on the gradient of a multi-image", CVGIP 33 (1986), equations 6-8; derivatives by Sobel.
 * @returns the rows of the image, one value a pixel; each is overwritten by the next
 */
export function* colourGradientRows({ data, width, height }: RgbImage): Iterable<Float32Array> {
  const dx = new Float64Array(width * 3);
  const dy = new Float64Array(width * 3);
  const gradient = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    sobelRow(data, width, height, 3, y, dx, dy);
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
      gradient[x] = Math.sqrt((xx + yy + Math.sqrt(difference * difference + 4 * xy * xy)) / 2) / 8;
    }
    yield gradient;
  }
}
