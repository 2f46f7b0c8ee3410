import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { RgbImage } from '../../../src-shared/image.ts';
import { luma } from '../../../src-shared/importance/luma.ts';
import { imagePlanes, kernels, planePixels } from '../../../src-shared/kernels.ts';
import { type Mat, type OpenCv, openCv } from '../importance/opencv.ts';
import { anyPicture, picture } from '../importance/pictures.ts';

let cv: OpenCv;
beforeAll(async () => {
  cv = await openCv();
});

const gradients = (image: RgbImage) => planePixels(kernels().colourGradient(imagePlanes(image)), image, Float32Array);

function inside(image: RgbImage, values: Float32Array): number[] {
  const { width, height } = image;
  return [...values].filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x > 0 && y > 0 && x < width - 1 && y < height - 1;
  });
}

test.each([
  ['a flat image', () => 40, 0],
  ['a grey ramp of slope 5 rightwards, in three equal channels', (x: number) => 5 * x, 5 * Math.sqrt(3)],
  ['a grey ramp of slope 3 down and 4 right', (x: number, y: number) => 4 * x + 3 * y, 5 * Math.sqrt(3)],
  // E = 6^2, G = 2^2, F = 0: the larger one counts.
  ['red rising rightwards, blue downwards', (x: number, y: number) => [6 * x, 0, 2 * y] as const, 6],
  // Opposite slopes cancel in a mean over channels, not in the tensor.
  ['red rising as green falls', (x: number) => [6 * x, 200 - 6 * x, 0] as const, 6 * Math.SQRT2],
])('%s has its closed form', (_, pixel, slope) => {
  const image = picture(16, 12, pixel);
  for (const value of inside(image, gradients(image))) expect(value).toBeCloseTo(slope, 4);
});

test('an edge between colours of one luma is seen', () => {
  const image = picture(16, 16, (x) => (x < 8 ? [255, 0, 0] : [0, 130, 0]));
  const grey = luma(image);
  expect(Math.abs(grey[0]! - grey[15]!)).toBeLessThanOrEqual(1);
  expect(gradients(image)[8 * 16 + 7]).toBeGreaterThan(100);
});

test('it equals the largest eigenvalue that OpenCV finds of the tensor of its own derivatives', () => {
  fc.assert(
    fc.property(anyPicture(1, 20), (image) => {
      const { width, height, data } = image;
      const source = cv.matFromArray(height, width, cv.CV_8UC3, data);
      const [dx, dy] = [new cv.Mat(), new cv.Mat()];
      cv.Sobel(source, dx, cv.CV_32F, 1, 0, 3, 1 / 8, 0, cv.BORDER_REPLICATE);
      cv.Sobel(source, dy, cv.CV_32F, 0, 1, 3, 1 / 8, 0, cv.BORDER_REPLICATE);
      const gradient = gradients(image);
      for (let pixel = 0; pixel < width * height; pixel++) {
        const slopes = (mat: Mat) => mat.data32F.slice(pixel * 3, pixel * 3 + 3);
        const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
        const [x, y] = [slopes(dx), slopes(dy)];
        const tensor = cv.matFromArray(2, 2, cv.CV_32F, [dot(x, x), dot(x, y), dot(x, y), dot(y, y)]);
        const [eigenvalues, eigenvectors] = [new cv.Mat(), new cv.Mat()];
        cv.eigen(tensor, eigenvalues, eigenvectors);
        expect(gradient[pixel]).toBeCloseTo(Math.sqrt(Math.max(0, eigenvalues.data32F[0]!)), 2);
        for (const mat of [tensor, eigenvalues, eigenvectors]) mat.delete();
      }
      for (const mat of [source, dx, dy]) mat.delete();
    }),
    { numRuns: 60 },
  );
});
