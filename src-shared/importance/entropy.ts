import { sampleRectangle } from './grid-cells.ts';
import type { Grid } from '../image.ts';

/**
 * Shannon entropy of the histogram of 8-bit luma in each cell, in bits: 0 for a flat cell, at most 8.
 * Shannon, "A Mathematical Theory of Communication" (1948), section 6.
 * @param luma one byte a pixel, row by row
 * @returns one value a cell, row by row
 */
export function lumaEntropy(luma: Uint8Array, width: number, height: number, grid: Grid): Float64Array {
  const entropies = new Float64Array(grid.rows * grid.columns);
  const histogram = new Int32Array(256);
  for (let cell = 0; cell < entropies.length; cell++) {
    const { left, top, right, bottom } = sampleRectangle(
      grid,
      Math.floor(cell / grid.columns),
      cell % grid.columns,
      width,
      height,
    );
    for (let y = top; y < bottom; y++)
      for (let pixel = y * width + left; pixel < y * width + right; pixel++) histogram[luma[pixel]!]!++;
    const count = (right - left) * (bottom - top);
    // H = -sum n/N log2(n/N) = log2 N - (sum n log2 n) / N. Bins are cleared on the way for the next cell.
    let sum = 0;
    for (let bin = 0; bin < 256; bin++) {
      const n = histogram[bin]!;
      if (n === 0) continue;
      sum += n * log2(n);
      histogram[bin] = 0;
    }
    entropies[cell] = log2(count) - sum / count;
  }
  return entropies;
}

const LOG2 = Float64Array.from({ length: 1025 }, (_, n) => Math.log2(n));

function log2(n: number): number {
  return n < LOG2.length ? LOG2[n]! : Math.log2(n);
}
