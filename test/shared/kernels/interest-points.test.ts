import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RgbImage } from '../../../src-shared/image.ts';
import { luma } from '../../../src-shared/importance/luma.ts';
import { imagePlanes, kernels, planePixels } from '../../../src-shared/kernels.ts';
import { openCv } from '../importance/opencv.ts';
import { anyPicture, picture } from '../importance/pictures.ts';

const strengthsOf = (image: RgbImage) => planePixels(kernels().corners(imagePlanes(image)), image, Float32Array);
const responseOf = (image: RgbImage) => planePixels(kernels().harrisResponse(imagePlanes(image)), image, Float32Array);

function corners(width: number, height: number, pixel: (x: number, y: number) => number): [number, number, number][] {
  const strengths = strengthsOf(picture(width, height, pixel));
  return [...strengths].flatMap((strength, i) => (strength > 0 ? [[i % width, Math.floor(i / width), strength]] : []));
}

test('a flat image, a straight edge and a ramp have no corner', () => {
  expect(corners(24, 24, () => 90)).toEqual([]);
  expect(corners(24, 24, (x) => (x < 12 ? 10 : 200))).toEqual([]);
  expect(corners(24, 24, (_, y) => (y < 9 ? 200 : 10))).toEqual([]);
  expect(corners(24, 24, (x, y) => 3 * x + 2 * y)).toEqual([]);
});

test('a square has four corners of one strength, at its corners', () => {
  const found = corners(32, 32, (x, y) => (x >= 10 && x < 22 && y >= 8 && y < 20 ? 220 : 20));
  expect(found).toHaveLength(4);
  for (const [x, y, strength] of found) {
    expect(Math.min(Math.abs(x - 9.5), Math.abs(x - 21.5))).toBeLessThanOrEqual(1.5);
    expect(Math.min(Math.abs(y - 7.5), Math.abs(y - 19.5))).toBeLessThanOrEqual(1.5);
    expect(strength).toBeCloseTo(found[0]![2], 4);
  }
});

test('a checkerboard has one corner where four fields meet', () => {
  const found = corners(40, 40, (x, y) => (((x >> 3) + (y >> 3)) % 2 ? 200 : 50));
  expect(found).toHaveLength(16);
  for (const [x, y] of found)
    for (const at of [x, y]) expect(Math.abs(((((at - 7.5) % 8) + 12) % 8) - 4)).toBeLessThanOrEqual(1.5);
});

test('doubled contrast doubles the strength', () => {
  const square = (height: number) => corners(20, 20, (x, y) => (x > 8 && y > 8 ? height : 0));
  expect(square(200)).toHaveLength(1);
  expect(square(200)[0]![2]).toBeCloseTo(2 * square(100)[0]![2], 3);
});

test('the response equals that of OpenCV, borders too', async () => {
  const cv = await openCv();
  fc.assert(
    fc.property(anyPicture(1, 20), (image) => {
      const { width, height } = image;
      const source = cv.matFromArray(height, width, cv.CV_8UC1, luma(image));
      const expected = new cv.Mat();
      cv.cornerHarris(source, expected, 3, 3, 0.04, cv.BORDER_REPLICATE);
      const response = responseOf(image);
      // OpenCV scales derivatives by 1 / (4 blockSize 255) and sums the block; here they are per pixel (1/8) and averaged.
      const scale = (1 / 9 / 64 / (1 / (4 * 3 * 255)) ** 2) ** 2;
      const largest = Math.max(1, ...response.map(Math.abs));
      for (const [i, value] of response.entries())
        expect(Math.abs(value - expected.data32F[i]! * scale) / largest).toBeLessThan(1e-5);
      source.delete();
      expected.delete();
    }),
  );
});
