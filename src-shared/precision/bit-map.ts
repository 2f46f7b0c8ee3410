import type { Analysis } from '../analysis.ts';
import type { Grid } from '../image.ts';
import type { LayerGeometry } from '../measurement.ts';
import { levelMap } from './level-map.ts';
import { foundLevels } from './precision-plan.ts';

type Mapped = Pick<Analysis, 'plan' | 'importance'>;

/** The level of each position of a layer's input, row by row. */
export function layerLevels({ plan, importance }: Mapped, { name, inputShape }: LayerGeometry): Uint8Array {
  const [, height, width] = inputShape;
  const own = importance.levelMaps?.[name];
  if (own !== undefined) return Uint8Array.from(own, Number);
  // Where others find their levels it has the highest throughout.
  if (foundLevels(plan)) return new Uint8Array(height * width).fill(plan.bits.length - 1);
  const [rows, columns] = importance.grid;
  return levelMap({ plan, grid: { rows, columns }, values: importance.values }, height, width);
}

/** The bits of each position of a layer's input, row by row; the analysis names the bits of every layer. */
export function layerBitMap(analysis: Mapped, layer: LayerGeometry): Uint8Array {
  const bits = analysis.plan.layerBits[layer.name] ?? analysis.plan.bits;
  return layerLevels(analysis, layer).map((level) => bits[level]!);
}

/**
 * What the maps of layers have in common: the mean level at each cell of a grid, where its centre lies, each layer by its MACs.
 * @param levelMaps by layer, a digit a position
 * @returns 0..1 for two levels, row by row
 */
export function meanLevels(
  layers: readonly LayerGeometry[],
  levelMaps: Readonly<Record<string, string>>,
  { rows, columns }: Grid,
): Float32Array {
  const sums = new Float64Array(rows * columns);
  let macs = 0;
  for (const { name, inputShape, macs: own } of layers) {
    const levels = levelMaps[name];
    if (levels === undefined) continue;
    const [, height, width] = inputShape;
    macs += own;
    sums.forEach((_, cell) => {
      const row = Math.floor(((Math.floor(cell / columns) + 0.5) * height) / rows);
      const column = Math.floor((((cell % columns) + 0.5) * width) / columns);
      sums[cell]! += own * Number(levels[row * width + column]);
    });
  }
  return Float32Array.from(sums, (sum) => (macs === 0 ? 1 : sum / macs));
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
