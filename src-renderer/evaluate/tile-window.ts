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

export const TILE_WIDTH = 122;
export const TILE_HEIGHT = 138;
/** Rows drawn above and below what is in sight. */
const BEYOND = 1;

export function tileWindow(tiles: number, { width, height, scrolled }: GridSize): TileWindow {
  const columns = Math.max(1, Math.floor(width / TILE_WIDTH));
  const rows = Math.ceil(tiles / columns);
  const first = Math.max(0, Math.min(rows - 1, Math.floor(scrolled / TILE_HEIGHT) - BEYOND));
  const last = Math.min(rows, Math.ceil((scrolled + height) / TILE_HEIGHT) + BEYOND);
  return {
    columns,
    from: first * columns,
    to: Math.min(tiles, Math.max(last, first) * columns),
    height: rows * TILE_HEIGHT,
    above: first * TILE_HEIGHT,
  };
}

/** Where to scroll so that a tile is in sight; null where it is. */
export function scrollTo(tile: number, columns: number, { height, scrolled }: GridSize): number | null {
  const top = Math.floor(tile / columns) * TILE_HEIGHT;
  if (top < scrolled) return top;
  return top + TILE_HEIGHT > scrolled + height ? top + TILE_HEIGHT - height : null;
}
