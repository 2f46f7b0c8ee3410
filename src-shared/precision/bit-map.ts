import type { Analysis } from '../analysis.ts';
import type { Grid } from '../image.ts';
import type { LayerGeometry } from '../measurement.ts';

/**
 * A level map carried to a `height` x `width` feature map, row by row: the cell that holds the centre of a position decides,
 * stride and padding accounted for by proportion. A single position (pooled or fully connected) stands for the whole image and
 * takes the highest level of the plan; so do those of a single row (tokens), which has lost the image's geometry.
 * @param levels level of each cell
 * @param highest the plan's highest level, levels - 1
 */
export function carryLevels(
  levels: Uint8Array,
  grid: Grid,
  height: number,
  width: number,
  highest: number,
): Uint8Array {
  if (height === 1) return new Uint8Array(width).fill(highest);
  const columns = Uint16Array.from({ length: width }, (_, x) => cellOf(x, width, grid.columns));
  const carried = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = cellOf(y, height, grid.rows) * grid.columns;
    for (let x = 0; x < width; x++) carried[y * width + x] = levels[row + columns[x]!]!;
  }
  return carried;
}

/** The cell, of `cells` along an axis, that holds the centre of position `index` of `size`. */
function cellOf(index: number, size: number, cells: number): number {
  return Math.floor(((2 * index + 1) * cells) / (2 * size));
}

/** The bits of each position of a layer's input, row by row; the analysis names the bits of every layer. */
export function layerBitMap(
  { plan, importance }: Pick<Analysis, 'plan' | 'importance'>,
  layer: LayerGeometry,
): Uint8Array {
  const [rows, columns] = importance.grid;
  const [, height, width] = layer.inputShape;
  const bits = plan.layerBits[layer.name] ?? plan.bits;
  const levels = Uint8Array.from(importance.levels);
  return carryLevels(levels, { rows, columns }, height, width, plan.bits.length - 1).map((level) => bits[level]!);
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? 0 : sum / values.length;
}

/**
 * Mean bits when each pallet pays its maximum: `run` adjacent positions in row-major order enter a tile together
 * (16 windows for Stripes and Pragmatic; all their channels share the position's bits). Never below the mean.
 */
export function meanOfRunMaxima(bits: Uint8Array, run: number): number {
  let sum = 0;
  for (let start = 0; start < bits.length; start += run) {
    const end = Math.min(start + run, bits.length);
    let maximum = 0;
    for (let i = start; i < end; i++) maximum = Math.max(maximum, bits[i]!);
    sum += maximum * (end - start);
  }
  return bits.length === 0 ? 0 : sum / bits.length;
}

/** The rows of one ISAAC crossbar (Shafiee et al., ISCA 2016, section 5). */
const CROSSBAR_ROWS = 128;

/**
 * Mean bits when the 128 rows of a crossbar pay their maximum. A window's inputs fill the rows channel by channel, so with 128
 * channels or more a crossbar sees one position and pays no more than it; with fewer it sees a tile of neighbours. Tiles that
 * cut the map without overlap meet the edges of regions as often as sliding windows do.
 * @param kernel height and width
 */
export function meanOfCrossbarMaxima(
  bits: Uint8Array,
  [, height, width]: readonly [number, number, number],
  channelsPerGroup: number,
  [kernelHeight, kernelWidth]: readonly [number, number],
): number {
  const positions = Math.min(kernelHeight * kernelWidth, Math.max(1, Math.floor(CROSSBAR_ROWS / channelsPerGroup)));
  const tileHeight =
    positions === kernelHeight * kernelWidth ? kernelHeight : Math.max(1, Math.floor(positions / kernelWidth));
  const tileWidth = Math.min(kernelWidth, positions);
  if (tileHeight * tileWidth === 1) return meanOf(bits);
  let sum = 0;
  for (let top = 0; top < height; top += tileHeight)
    for (let left = 0; left < width; left += tileWidth) {
      const bottom = Math.min(top + tileHeight, height);
      const right = Math.min(left + tileWidth, width);
      let maximum = 0;
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) maximum = Math.max(maximum, bits[y * width + x]!);
      sum += maximum * (bottom - top) * (right - left);
    }
  return bits.length === 0 ? 0 : sum / bits.length;
}
