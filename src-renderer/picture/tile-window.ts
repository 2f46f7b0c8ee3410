/** Which tiles of a long grid are drawn. Lengths in pixels. */
export interface TileWindow {
  readonly columns: number;
  /** Index of the first tile drawn, and behind the last one. */
  readonly from: number;
  readonly to: number;
  /** Of all tiles together, and of what lies above the first one drawn. */
  readonly height: number;
  readonly above: number;
}

export interface GridSize {
  readonly width: number;
  readonly height: number;
  readonly scrolled: number;
}

/** Of Evaluate's grid. */
export const TILE_WIDTH = 122;
export const TILE_HEIGHT = 138;
export function tileWindow(tiles: number, { width, height, scrolled }: GridSize): TileWindow {
  const columns = Math.max(1, Math.floor(width / TILE_WIDTH));
  return columnWindow(tiles, columns, TILE_HEIGHT, { height, scrolled });
}

/** The same in so many columns. @param tall height of a row */
export function columnWindow(
  tiles: number,
  columns: number,
  tall: number,
  { height, scrolled }: Omit<GridSize, 'width'>,
): TileWindow {
  const rows = Math.ceil(tiles / columns);
  // About a tile more is drawn above and below what is in sight.
  const beyond = Math.max(1, Math.round(TILE_HEIGHT / tall));
  const first = Math.max(0, Math.min(rows - 1, Math.floor(scrolled / tall) - beyond));
  const last = Math.max(0, Math.min(rows, Math.ceil((scrolled + height) / tall) + beyond));
  return {
    columns,
    from: first * columns,
    to: Math.min(tiles, Math.max(last, first) * columns),
    height: rows * tall,
    above: first * tall,
  };
}

/** Where to scroll so that a tile is in sight; null where it is. */
export function scrollTo(
  tile: number,
  columns: number,
  { height, scrolled }: Omit<GridSize, 'width'> & Partial<GridSize>,
  tall = TILE_HEIGHT,
): number | null {
  const top = Math.floor(tile / columns) * tall;
  if (top < scrolled) return top;
  return top + tall > scrolled + height ? top + tall - height : null;
}
