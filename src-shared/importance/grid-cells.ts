import { type Grid, type Rectangle, cellRectangle } from '../image.ts';

/** The pixels a cell's value is taken from: its own, or, where the grid is finer than the image, the one pixel it lies in. */
export function sampleRectangle(grid: Grid, row: number, column: number, width: number, height: number): Rectangle {
  const { left, top, right, bottom } = cellRectangle(grid, row, column, width, height);
  return { left, top, right: Math.max(right, left + 1), bottom: Math.max(bottom, top + 1) };
}

/**
 * Mean over each cell of a value per pixel.
 * @param values `width * height`, row by row
 * @returns one value a cell, row by row
 */
export function cellMeans(values: ArrayLike<number>, width: number, height: number, grid: Grid): Float64Array {
  const means = new Float64Array(grid.rows * grid.columns);
  for (let cell = 0; cell < means.length; cell++) {
    const { left, top, right, bottom } = sampleRectangle(
      grid,
      Math.floor(cell / grid.columns),
      cell % grid.columns,
      width,
      height,
    );
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += values[y * width + x]!;
    means[cell] = sum / ((right - left) * (bottom - top));
  }
  return means;
}

/**
 * Distance of each cell's centre from the grid's centre: 0 at the centre, 1 in the corner of the image, both axes alike.
 * @returns one value a cell, row by row
 */
export function centreDistances({ rows, columns }: Grid): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, cell) => {
    // The division comes last so that mirrored cells are exactly as far.
    const x = (2 * (cell % columns) + 1 - columns) / columns;
    const y = (2 * Math.floor(cell / columns) + 1 - rows) / rows;
    return Math.sqrt((x * x + y * y) / 2);
  });
}
