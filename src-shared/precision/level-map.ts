import type { Grid } from '../image.ts';
import { metricParts } from './metrics.ts';
import type { PrecisionPlan } from './precision-plan.ts';

/** What of a plan decides levels. */
export type LevelRule = Pick<PrecisionPlan, 'metric' | 'bits' | 'shares' | 'thresholds'>;

/** A plan's importance map over one image: what the levels of every layer come from. */
export interface PlannedMap {
  readonly plan: LevelRule;
  readonly grid: Grid;
  /** Importance of each cell, 0..1, row by row; not to be altered once levels came of it. */
  readonly values: ArrayLike<number>;
}

/**
 * The level of each position of a `height` x `width` feature map, row by row: 0 (least important) to levels - 1.
 *
 * Importance is carried to the map, and levels are cut there, so that a quarter of the area is a quarter on every map. Along an axis
 * that is at least as fine as the grid a position has the importance of the cell that holds its centre; along a coarser one the mean
 * of the cells it covers, each by how much of it is covered: every cell has its say.
 *
 * By `shares`: the positions in ascending importance are cut so that levels 0..k together hold `round(positions * (shares[0] + .. +
 * shares[k]))` of them, half rounded up. Equally important cells come in an order that favours no place, the same for every image;
 * within one cell positions come in reading order. By `thresholds`: the number of thresholds that the importance reaches.
 *
 * `uniform` is one level: the highest, its inverse the lowest. A single row (pooled, fully connected, tokens) has lost the image's
 * geometry and takes the highest level throughout.
 */
export function levelMap({ plan, grid, values }: PlannedMap, height = grid.rows, width = grid.columns): Uint8Array {
  const { bits, shares, thresholds, metric } = plan;
  const cells = grid.rows * grid.columns;
  if (values.length !== cells) throw new RangeError(`${values.length} importances for ${cells} cells`);
  const highest = bits.length - 1;
  const levels = new Uint8Array(height * width).fill(highest);
  const { name, inverse } = metricParts(metric);
  if (highest === 0 || height === 1) return levels;
  if (name === 'uniform') return inverse ? levels.fill(0) : levels;
  const rows = axisOf(height, grid.rows);
  const columns = axisOf(width, grid.columns);
  if (thresholds) {
    const importance = blockImportance(values, grid, rows, columns);
    paint(levels, rows, columns, (block) => thresholds.filter((threshold) => importance[block]! >= threshold).length);
  } else if (shares)
    paintShares(levels, rows, columns, blocksInOrder(values, grid, rows, columns), sharesEnds(shares, levels.length));
  else throw new RangeError('neither shares nor thresholds given');
  return levels;
}

/** An axis of a feature map in blocks, whose positions have the same importance. */
interface Axis {
  /** First position of each block, and the length of the axis behind the last. */
  readonly starts: readonly number[];
  /** By block: the cells it lies in, with whole-number weights of one sum. */
  readonly covered: readonly (readonly { readonly cell: number; readonly weight: number }[])[];
  /** By block: the cell that holds its centre. */
  readonly centre: readonly number[];
}

/** Axes come in few sizes, and again with every image. */
const axes = new Map<string, Axis>();

function axisOf(size: number, cells: number): Axis {
  const key = `${size} ${cells}`;
  const known = axes.get(key);
  if (known) return known;
  const axis = size >= cells ? fineAxis(size, cells) : coarseAxis(size, cells);
  axes.set(key, axis);
  return axis;
}

/** A block a cell: the positions whose centres it holds. */
function fineAxis(size: number, cells: number): Axis {
  const blocks = Array.from({ length: cells }, (_, cell) => cell);
  // Position i has its centre at (2 i + 1) / (2 size) of the axis; the first one of a cell is the first whose centre reaches it.
  const starts = [...blocks.map((cell) => Math.ceil((2 * size * cell - cells) / (2 * cells))), size];
  return { starts, covered: blocks.map((cell) => [{ cell, weight: 1 }]), centre: blocks };
}

/** A block a position. Lengths are in parts of which a cell has `size` and a position `cells`. */
function coarseAxis(size: number, cells: number): Axis {
  const positions = Array.from({ length: size }, (_, position) => position);
  const covered = positions.map((position) => {
    const [from, to] = [position * cells, (position + 1) * cells];
    const first = Math.floor(from / size);
    return Array.from({ length: Math.ceil(to / size) - first }, (_, index) => {
      const cell = first + index;
      return { cell, weight: Math.min(to, (cell + 1) * size) - Math.max(from, cell * size) };
    });
  });
  const centre = positions.map((position) => Math.floor(((2 * position + 1) * cells) / (2 * size)));
  return { starts: [...positions, size], covered, centre };
}

/** Weights are whole numbers, so that places that mirror each other come out equal to the last digit. */
function blockImportance(values: ArrayLike<number>, grid: Grid, rows: Axis, columns: Axis): Float64Array {
  const importance = new Float64Array(rows.covered.length * columns.covered.length);
  let block = 0;
  for (const high of rows.covered)
    for (const wide of columns.covered) {
      let sum = 0;
      let weights = 0;
      for (const row of high)
        for (const column of wide) {
          const weight = row.weight * column.weight;
          sum += weight * values[row.cell * grid.columns + column.cell]!;
          weights += weight;
        }
      importance[block++] = sum / weights;
    }
  return importance;
}

/** How many positions levels 0..k hold together, by k. */
function sharesEnds(shares: readonly number[], positions: number): number[] {
  let sum = 0;
  return shares.map((share, level) => {
    sum += share;
    // The smallest addition keeps a half a half where the sum of shares fell short of it by rounding.
    return level === shares.length - 1 ? positions : Math.floor(positions * sum + 0.5 + 1e-9);
  });
}

/** By map of importance and size: many plans cut the same order. */
const orders = new WeakMap<ArrayLike<number>, Map<string, readonly number[]>>();

/** The blocks of a feature map in ascending importance. */
function blocksInOrder(values: ArrayLike<number>, grid: Grid, rows: Axis, columns: Axis): readonly number[] {
  const known = orders.get(values) ?? new Map<string, readonly number[]>();
  orders.set(values, known);
  const key = `${grid.columns} ${rows.starts.at(-1)} ${columns.starts.at(-1)}`;
  const order = known.get(key) ?? orderOf(blockImportance(values, grid, rows, columns), grid, rows, columns);
  known.set(key, order);
  return order;
}

function orderOf(importance: Float64Array, grid: Grid, rows: Axis, columns: Axis): readonly number[] {
  const wide = columns.covered.length;
  const turns = Float64Array.from(importance, (_, block) =>
    scrambled(rows.centre[Math.floor(block / wide)]! * grid.columns + columns.centre[block % wide]!),
  );
  return Array.from(importance.keys()).sort(
    (a, b) => importance[a]! - importance[b]! || turns[a]! - turns[b]! || a - b,
  );
}

function paintShares(
  levels: Uint8Array,
  rows: Axis,
  columns: Axis,
  order: readonly number[],
  ends: readonly number[],
): void {
  const wide = columns.covered.length;
  const rowOf = (block: number) => Math.floor(block / wide);
  const levelOf = (rank: number) => ends.findIndex((end) => rank < end);
  const whole = new Uint8Array(order.length);
  const split: { readonly block: number; readonly rank: number }[] = [];
  let rank = 0;
  for (const block of order) {
    const positions = length(rows, rowOf(block)) * length(columns, block % wide);
    whole[block] = levelOf(rank);
    if (positions > 1 && levelOf(rank + positions - 1) !== whole[block]) split.push({ block, rank });
    rank += positions;
  }
  paint(levels, rows, columns, (block) => whole[block]!);
  for (const { block, rank: first } of split) {
    let next = first;
    eachPosition(rows, columns, rowOf(block), block % wide, (position) => (levels[position] = levelOf(next++)));
  }
}

function length({ starts }: Axis, block: number): number {
  return starts[block + 1]! - starts[block]!;
}

function eachPosition(rows: Axis, columns: Axis, row: number, column: number, visit: (position: number) => void): void {
  const width = columns.starts.at(-1)!;
  for (let y = rows.starts[row]!; y < rows.starts[row + 1]!; y++)
    for (let x = columns.starts[column]!; x < columns.starts[column + 1]!; x++) visit(y * width + x);
}

function paint(levels: Uint8Array, rows: Axis, columns: Axis, levelOf: (block: number) => number): void {
  const width = columns.starts.at(-1)!;
  const wide = columns.covered.length;
  for (let row = 0; row < rows.covered.length; row++) {
    const top = rows.starts[row]! * width;
    const bottom = rows.starts[row + 1]! * width;
    if (top === bottom) continue;
    for (let column = 0; column < wide; column++)
      levels.fill(levelOf(row * wide + column), top + columns.starts[column]!, top + columns.starts[column + 1]!);
    // The rows of a block are alike.
    for (let at = top + width; at < bottom; at += width) levels.copyWithin(at, top, top + width);
  }
}

/** A fixed order of cells that has nothing to do with where they lie: no two have the same turn (MurmurHash3's finaliser). */
function scrambled(cell: number): number {
  let mixed = cell + 1;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
