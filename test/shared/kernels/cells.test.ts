import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Grid, Rectangle } from '../../../src-shared/image.ts';
import { imagePlanes, kernels, planePixels } from '../../../src-shared/kernels.ts';
import { anyPicture } from '../importance/pictures.ts';

const ONE_CELL = { rows: 1, columns: 1 };

function lumaEntropy(luma: Uint8Array, width: number, height: number, { rows, columns }: Grid): Float64Array {
  const data = Uint8Array.from({ length: 3 * luma.length }, (_, i) => luma[Math.floor(i / 3)]!);
  const cells = kernels().lumaEntropy(imagePlanes({ width, height, data }), rows, columns);
  return new Float64Array(kernels().memory.buffer, cells, rows * columns);
}

test.each([
  ['flat: 0 bits', 16, 16, () => 77, 0],
  ['two equal halves: 1 bit', 16, 16, (i: number) => (i % 2) * 200, 1],
  ['quarter and three quarters: 0.8113 bits', 8, 8, (i: number) => (i % 4 === 0 ? 9 : 3), 0.8112781244591328],
  ['all 256 values once: 8 bits', 16, 16, (i: number) => i, 8],
  ['a cell of more pixels than the logarithm table: 8 bits', 64, 64, (i: number) => i % 256, 8],
])('%s', (_, width, height, byte, bits) => {
  const luma = Uint8Array.from({ length: width * height }, (_pixel, i) => byte(i));
  expect(lumaEntropy(luma, width, height, ONE_CELL)[0]).toBeCloseTo(bits, 12);
});

test('the entropy of each cell is measured alone', () => {
  const luma = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 5 : (i % 2) * 90));
  expect([...lumaEntropy(luma, 8, 8, { rows: 1, columns: 2 })]).toEqual([0, 1]);
});

test('the entropy is the plain definition, whatever the image and grid', () => {
  const side = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(
      side,
      side,
      fc.uint8Array({ minLength: 400, maxLength: 400 }),
      side,
      side,
      (w, h, bytes, rows, columns) => {
        const luma = bytes.subarray(0, w * h);
        const entropies = lumaEntropy(luma, w, h, { rows, columns });
        for (let cell = 0; cell < rows * columns; cell++) {
          const { left, top, right, bottom } = pixelsOf(cell, { rows, columns }, w, h);
          const counts = new Map<number, number>();
          for (let y = top; y < bottom; y++)
            for (let x = left; x < right; x++) counts.set(luma[y * w + x]!, (counts.get(luma[y * w + x]!) ?? 0) + 1);
          const total = (right - left) * (bottom - top);
          const expected = -[...counts.values()].reduce((sum, n) => sum + (n / total) * Math.log2(n / total), 0);
          expect(entropies[cell]).toBeCloseTo(expected, 10);
        }
      },
    ),
  );
});

test('the mean is that of the pixels of the cell, whatever the image and grid', () => {
  const side = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(anyPicture(1, 24), side, side, (image, rows, columns) => {
      const planes = imagePlanes(image);
      const gradient = kernels().colourGradient(planes);
      const cells = kernels().cellMeans(planes, gradient, rows, columns);
      const means = new Float64Array(kernels().memory.buffer, cells, rows * columns);
      const values = planePixels(gradient, image, Float32Array);
      for (const [cell, mean] of means.entries()) {
        const { left, top, right, bottom } = pixelsOf(cell, { rows, columns }, image.width, image.height);
        let sum = 0;
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += values[y * image.width + x]!;
        expect(mean).toBeCloseTo(sum / ((right - left) * (bottom - top)), 9);
      }
    }),
  );
});

/** The pixels of a cell, or the one it lies in where the grid is finer than the image. */
function pixelsOf(cell: number, { rows, columns }: Grid, width: number, height: number): Rectangle {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  const [left, top] = [Math.floor((column * width) / columns), Math.floor((row * height) / rows)];
  return {
    left,
    top,
    right: Math.max(left + 1, Math.floor(((column + 1) * width) / columns)),
    bottom: Math.max(top + 1, Math.floor(((row + 1) * height) / rows)),
  };
}
