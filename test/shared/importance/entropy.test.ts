import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lumaEntropy } from '../../../src-shared/importance/entropy.ts';

const ONE_CELL = { rows: 1, columns: 1 };

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

test('each cell is measured alone', () => {
  const luma = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 5 : (i % 2) * 90));
  expect([...lumaEntropy(luma, 8, 8, { rows: 1, columns: 2 })]).toEqual([0, 1]);
});

test('it is the plain definition, whatever the image and grid', () => {
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
          const [row, column] = [Math.floor(cell / columns), cell % columns];
          const [left, top] = [Math.floor((column * w) / columns), Math.floor((row * h) / rows)];
          const right = Math.max(left + 1, Math.floor(((column + 1) * w) / columns));
          const bottom = Math.max(top + 1, Math.floor(((row + 1) * h) / rows));
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
