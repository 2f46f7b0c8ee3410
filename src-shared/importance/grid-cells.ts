import type { Grid } from '../image.ts';

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
