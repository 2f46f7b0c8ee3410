import { type Grid, type Rectangle, cellRectangle } from '../image.ts';

/** The pixels a cell's value is taken from: its own, or, where the grid is finer than the image, the one pixel it lies in. */
export function sampleRectangle(grid: Grid, row: number, column: number, width: number, height: number): Rectangle {
  const { left, top, right, bottom } = cellRectangle(grid, row, column, width, height);
  return { left, top, right: Math.max(right, left + 1), bottom: Math.max(bottom, top + 1) };
}

/**
 * Mean over each cell of a value per pixel.
 * @param pixelRows the rows of the image, `width` values each
 * @returns one value a cell, row by row
 */
export function cellMeans(pixelRows: Iterable<Float32Array>, width: number, height: number, grid: Grid): Float64Array {
  const { rows, columns } = grid;
  const across = Array.from({ length: columns }, (_, column) => sampleRectangle(grid, 0, column, width, height));
  const down = Array.from({ length: rows }, (_, row) => sampleRectangle(grid, row, 0, width, height));
  const means = new Float64Array(rows * columns);
  let y = 0;
  for (const values of pixelRows) {
    for (let row = 0; row < rows; row++) {
      const { top, bottom } = down[row]!;
      if (y < top || y >= bottom) continue;
      for (let column = 0; column < columns; column++) {
        const { left, right } = across[column]!;
        let sum = 0;
        for (let x = left; x < right; x++) sum += values[x]!;
        means[row * columns + column]! += sum / ((right - left) * (bottom - top));
      }
    }
    y++;
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
