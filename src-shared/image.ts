/**
 * An image as the network sees it: after resize and crop, before mean and standard deviation.
 * `data` holds 8-bit sRGB, interleaved R, G, B, row by row: `3 * width * height` bytes.
 */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** R x C cells over an image; cell (r, c) has index `r * columns + c`. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** Half-open pixel rectangle. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * First pixel of cell `index` along an axis of `size` pixels cut into `cells`. Cells differ by at most one pixel and cover
 * the axis without gap or overlap; with more cells than pixels some are empty.
 */
function cellStart(index: number, cells: number, size: number): number {
  return Math.floor((index * size) / cells);
}

/** The pixels of cell (`row`, `column`) of an image of `width` x `height`. */
export function cellRectangle(grid: Grid, row: number, column: number, width: number, height: number): Rectangle {
  return {
    left: cellStart(column, grid.columns, width),
    right: cellStart(column + 1, grid.columns, width),
    top: cellStart(row, grid.rows, height),
    bottom: cellStart(row + 1, grid.rows, height),
  };
}
