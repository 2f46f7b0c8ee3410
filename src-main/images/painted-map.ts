import type { Grid, Rectangle } from '../../src-shared/image.ts';
import { loadSharp } from './image-file.ts';

/** Pixels of the longer side of a painted map: cells begin and end to a few thousandths of the photo. */
const MAP_SIDE = 1024;

/**
 * Importance by cell as a map of the whole photo, a grey PNG that metric `given` takes: beside what the network sees of the photo it is 0.
 * @param values 0..1, one a cell, row by row
 * @param photo pixels of the upright photo
 * @param view what the network sees of it, in the same pixels
 */
export async function mapPng(
  values: readonly number[],
  grid: Grid,
  photo: { readonly width: number; readonly height: number },
  view: Rectangle,
): Promise<Uint8Array> {
  const scale = Math.min(1, MAP_SIDE / Math.max(photo.width, photo.height));
  const [width, height] = [photo.width, photo.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  /** Of the middle of each pixel along an axis the cell that it lies in; others are outside. */
  const cellsAlong = (size: number, side: number, low: number, high: number, cells: number) =>
    Array.from({ length: size }, (_, at) => Math.floor(((((at + 0.5) * side) / size - low) * cells) / (high - low)));
  const across = cellsAlong(width, photo.width, view.left, view.right, grid.columns);
  const down = cellsAlong(height, photo.height, view.top, view.bottom, grid.rows);
  const grey = new Uint8Array(width * height);
  down.forEach((row, y) => {
    if (row < 0 || row >= grid.rows) return;
    across.forEach((column, x) => {
      if (column >= 0 && column < grid.columns)
        grey[y * width + x] = Math.round(255 * values[row * grid.columns + column]!);
    });
  });
  const sharp = await loadSharp();
  return sharp(grey, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}
