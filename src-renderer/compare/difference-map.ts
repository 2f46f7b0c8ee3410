import type { Analysis } from '../../src-shared/analysis.ts';
import type { Rgb } from '../../src-shared/colormap.ts';
import { gridOf, shownBits, type CellMap } from '../picture/cell-map.ts';

/** Widest difference the fixed scale shows: bits go from 0 to 16. */
const MOST = 8;
const LESS: Rgb = [33, 102, 172];
const SAME: Rgb = [136, 136, 136];
const MORE: Rgb = [178, 87, 27];

/** Colour of a difference in bits: blue for fewer, brown for more, on one scale from -8 to 8. */
function differenceColour(bits: number): Rgb {
  const share = Math.min(1, 0.35 + (0.65 * Math.abs(bits)) / MOST);
  const end = bits < 0 ? LESS : MORE;
  if (bits === 0) return SAME;
  const mixed = (channel: 0 | 1 | 2) => Math.round(SAME[channel] + share * (end[channel] - SAME[channel]));
  return [mixed(0), mixed(1), mixed(2)];
}

/** Bits of the other plan less those of the first, cell by cell, on the finer of the two grids. */
export function differenceMap(first: Analysis, other: Analysis): CellMap {
  const [a, b] = [gridOf(first), gridOf(other)];
  const grid = a.rows * a.columns >= b.rows * b.columns ? a : b;
  const bitsAt = (analysis: Analysis, row: number, column: number) => {
    const own = gridOf(analysis);
    const at = Math.floor(((row + 0.5) * own.rows) / grid.rows) * own.columns;
    const level = analysis.importance.levels[at + Math.floor(((column + 0.5) * own.columns) / grid.columns)] ?? 0;
    return shownBits(analysis, null)[level] ?? 0;
  };
  const values = Array.from({ length: grid.rows * grid.columns }, (_, index) => {
    const [row, column] = [Math.floor(index / grid.columns), index % grid.columns];
    return bitsAt(other, row, column) - bitsAt(first, row, column);
  });
  return { grid, values, colourOf: differenceColour, stepped: true };
}

/** `+2 on 23 %, −2 on 14 %` of the area. */
export function differenceText({ values }: CellMap): string {
  const shares = new Map<number, number>();
  for (const value of values) if (value !== 0) shares.set(value, (shares.get(value) ?? 0) + 1 / values.length);
  if (shares.size === 0) return 'same bits everywhere';
  const parts = [...shares]
    .sort(([a], [b]) => b - a)
    .map(([value, share]) => `${signedBits(value)} on ${Math.round(share * 100)} %`);
  return parts.join(', ');
}

export function signedBits(bits: number): string {
  return bits > 0 ? `+${bits}` : String(bits).replace('-', '−');
}
