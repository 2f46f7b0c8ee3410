import { Planes, rowOf, WORD } from './planes';

/** Bytes of a double. */
const DOUBLE: i32 = 8;

/** The half-open pixels that a cell's value is taken from. */
@unmanaged
class Cell {
  left: i32 = 0;
  top: i32 = 0;
  right: i32 = 0;
  bottom: i32 = 0;

  /** Goes to cell `index` of a grid: its own pixels or, where the grid is finer than the image, the one pixel it lies in. */
  moveTo(index: i32, planes: Planes, rows: i32, columns: i32): void {
    const row = index / columns;
    const column = index % columns;
    this.left = cellStart(column, columns, planes.width);
    this.top = cellStart(row, rows, planes.height);
    this.right = max(cellStart(column + 1, columns, planes.width), this.left + 1);
    this.bottom = max(cellStart(row + 1, rows, planes.height), this.top + 1);
  }

  get area(): i32 {
    return (this.right - this.left) * (this.bottom - this.top);
  }
}

/** As `image.ts` has it. */
function cellStart(index: i32, cells: i32, size: i32): i32 {
  return <i32>((<i64>index * size) / cells);
}

/**
 * Mean over each cell of a plane of floats, summed in doubles.
 * @returns doubles, one a cell, row by row
 */
export function cellMeans(planes: Planes, values: usize, rows: i32, columns: i32): usize {
  const cells = rows * columns;
  const means = heap.alloc(DOUBLE * cells);
  const cell = new Cell();
  for (let index = 0; index < cells; index++) {
    cell.moveTo(index, planes, rows, columns);
    const area = <f64>cell.area;
    let mean: f64 = 0;
    for (let y = cell.top; y < cell.bottom; y++) {
      const from = values + WORD * rowOf(y, planes.width);
      let sum: f64 = 0;
      for (let x = cell.left; x < cell.right; x++) sum += <f64>load<f32>(from + WORD * x);
      mean += sum / area;
    }
    store<f64>(means + DOUBLE * index, mean);
  }
  return means;
}

/**
 * Shannon entropy of the histogram of 8-bit luma in each cell, in bits: 0 for a flat cell, at most 8.
 * Shannon, "A Mathematical Theory of Communication" (1948), section 6.
 * @returns doubles, one a cell, row by row
 */
export function lumaEntropy(planes: Planes, rows: i32, columns: i32): usize {
  const cells = rows * columns;
  const entropies = heap.alloc(DOUBLE * cells);
  const histogram = heap.alloc(WORD * BINS);
  memory.fill(histogram, 0, WORD * BINS);
  const cell = new Cell();
  for (let index = 0; index < cells; index++) {
    cell.moveTo(index, planes, rows, columns);
    for (let y = cell.top; y < cell.bottom; y++) {
      const from = planes.luma + rowOf(y, planes.width);
      for (let x = cell.left; x < cell.right; x++) {
        const bin = histogram + WORD * load<u8>(from + x);
        store<i32>(bin, load<i32>(bin) + 1);
      }
    }
    // H = -sum n/N log2(n/N) = log2 N - (sum n log2 n) / N.
    const entropy = log2(cell.area) - clearedSum(histogram) / <f64>cell.area;
    store<f64>(entropies + DOUBLE * index, entropy);
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
