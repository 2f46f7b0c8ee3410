import type { Grid, Rectangle } from '../image.ts';

/** Importance by place, row by row, 0 (least) to 1: what a file says of a photo, or a network of its input. */
export interface ValueMap {
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
}

/**
 * Whether a map may cover a whole photo: one side of the photo's shape, give or take a pixel of the map, as any scaling rounds it.
 */
export function isShapedLike(
  { width, height }: Pick<ValueMap, 'width' | 'height'>,
  photo: { readonly width: number; readonly height: number },
): boolean {
  return Math.abs(width * photo.height - height * photo.width) <= Math.max(photo.width, photo.height);
}

/**
 * The importance of each cell of a grid over a part of a map: the mean of the map over the cell's area, where every value stands for
 * its whole square. Any map, finer or coarser than the grid, so gives each cell its fair share.
 * @param view what the grid covers, in places of the map, inside of it; fractions count as such. Default: all of it
 * @returns one value a cell, row by row
 */
export function cellsOfMap(
  { width, height, values }: ValueMap,
  grid: Grid,
  view: Rectangle = { left: 0, top: 0, right: width, bottom: height },
): Float32Array {
  const columns = coverage(view.left, view.right, grid.columns, width);
  const cells = new Float32Array(grid.rows * grid.columns);
  for (const [row, down] of coverage(view.top, view.bottom, grid.rows, height).entries())
    for (const [column, across] of columns.entries()) {
      let sum = 0;
      for (let y = 0; y < down.weights.length; y++) {
        const from = (down.first + y) * width + across.first;
        let own = 0;
        for (let x = 0; x < across.weights.length; x++) own += across.weights[x]! * values[from + x]!;
        sum += down.weights[y]! * own;
      }
      cells[row * grid.columns + column] = sum / (down.length * across.length);
    }
  return cells;
}

/** What a cell covers along an axis: places from `first` on, each by how much of it, and their sum. */
interface Coverage {
  readonly first: number;
  readonly weights: Float64Array;
  readonly length: number;
}

function coverage(low: number, high: number, cells: number, size: number): Coverage[] {
  const edge = (cell: number) => Math.min(size, Math.max(0, low + ((high - low) * cell) / cells));
  return Array.from({ length: cells }, (_, cell) => {
    const [from, to] = [edge(cell), edge(cell + 1)];
    const first = Math.min(size - 1, Math.floor(from));
    const weights = Float64Array.from(
      { length: Math.max(1, Math.ceil(to) - first) },
      (__, at) => Math.min(to, first + at + 1) - Math.max(from, first + at),
    );
    return { first, weights, length: weights.reduce((sum, weight) => sum + weight, 0) };
  });
}
