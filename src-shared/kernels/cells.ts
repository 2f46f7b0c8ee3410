import { Planes, rowOf, WORD } from './planes';

/** Bytes of a double. */
const DOUBLE: i32 = 8;

/** Half-open pixels of a cell along an axis: its own as `cellStart` has them, or, where the grid is finer than the image, the one pixel it lies in. */
function firstPixel(cell: i32, cells: i32, size: i32): i32 {
  return <i32>((<i64>cell * size) / cells);
}

function endPixel(cell: i32, cells: i32, size: i32): i32 {
  return max(firstPixel(cell + 1, cells, size), firstPixel(cell, cells, size) + 1);
}

/**
 * Mean over each cell of a plane of floats, summed in doubles.
 * @returns doubles, one a cell, row by row
 */
export function cellMeans(planes: Planes, values: usize, rows: i32, columns: i32): usize {
  const means = heap.alloc(DOUBLE * rows * columns);
  for (let row = 0; row < rows; row++) {
    const top = firstPixel(row, rows, planes.height);
    const bottom = endPixel(row, rows, planes.height);
    for (let column = 0; column < columns; column++) {
      const left = firstPixel(column, columns, planes.width);
      const right = endPixel(column, columns, planes.width);
      const area = <f64>((right - left) * (bottom - top));
      let mean: f64 = 0;
      for (let y = top; y < bottom; y++) {
        const from = values + WORD * rowOf(y, planes.width);
        let sum: f64 = 0;
        for (let x = left; x < right; x++) sum += <f64>load<f32>(from + WORD * x);
        mean += sum / area;
      }
      store<f64>(means + DOUBLE * (row * columns + column), mean);
    }
  }
  return means;
}

/**
 * Shannon entropy of the histogram of 8-bit luma in each cell, in bits: 0 for a flat cell, at most 8.
 * Shannon, "A Mathematical Theory of Communication" (1948), section 6.
 * @returns doubles, one a cell, row by row
 */
export function lumaEntropy(planes: Planes, rows: i32, columns: i32): usize {
  const entropies = heap.alloc(DOUBLE * rows * columns);
  const histogram = heap.alloc(WORD * BINS);
  memory.fill(histogram, 0, WORD * BINS);
  for (let row = 0; row < rows; row++) {
    const top = firstPixel(row, rows, planes.height);
    const bottom = endPixel(row, rows, planes.height);
    for (let column = 0; column < columns; column++) {
      const left = firstPixel(column, columns, planes.width);
      const right = endPixel(column, columns, planes.width);
      for (let y = top; y < bottom; y++) {
        const from = planes.luma + rowOf(y, planes.width);
        for (let x = left; x < right; x++) {
          const bin = histogram + WORD * load<u8>(from + x);
          store<i32>(bin, load<i32>(bin) + 1);
        }
      }
      const count = (right - left) * (bottom - top);
      // H = -sum n/N log2(n/N) = log2 N - (sum n log2 n) / N.
      const entropy = log2(count) - clearedSum(histogram) / <f64>count;
      store<f64>(entropies + DOUBLE * (row * columns + column), entropy);
    }
  }
  return entropies;
}

const BINS: usize = 256;

/** Sum of n log2 n over the bins, which are emptied for the next cell. */
function clearedSum(histogram: usize): f64 {
  let sum: f64 = 0;
  for (let four = histogram; four < histogram + WORD * BINS; four += 16) {
    if (!v128.any_true(v128.load(four))) continue;
    for (let bin = four; bin < four + 16; bin += WORD) {
      const n = load<i32>(bin);
      if (n > 1) sum += <f64>n * log2(n);
    }
    v128.store(four, i32x4.splat(0));
  }
  return sum;
}

/** Logarithms of the counts that small cells ask for; 0 for 0. */
const LOGARITHMS: i32 = 1025;
const LOG2 = memory.data(DOUBLE * LOGARITHMS);
for (let n = 1; n < LOGARITHMS; n++) store<f64>(LOG2 + DOUBLE * n, NativeMath.log2(n));

function log2(n: i32): f64 {
  return n < LOGARITHMS ? load<f64>(LOG2 + DOUBLE * n) : NativeMath.log2(n);
}
