import { centreDistances } from './grid-cells.ts';
import type { Grid, RgbImage } from '../image.ts';
import { type Address, imagePlanes, kernels } from '../kernels.ts';
import {
  COMBINED_PARTS,
  COMBINED_WEIGHTS,
  isPixelMetric,
  type Metric,
  metricParts,
  type PixelMetric,
} from '../precision/metrics.ts';
import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { randomGenerator } from './random.ts';

export { COMBINED_WEIGHTS };

/**
 * Range over the cells that a metric must reach to fill 0..1; a smaller one is noise of the sensor or of JPEG, and stays small.
 * Units: grey levels per pixel; bits; grey levels per pixel, summed over the corners of a pixel.
 */
const FULL_RANGE = { gradient: 4, entropy: 2, interest: 0.1 } as const;

type ImageMetric = keyof typeof FULL_RANGE;

/**
 * Importance of each cell, 0 (least) to 1.
 *
 * `entropy`, `gradient` and `interest` are stretched linearly from the lowest to the highest cell, so a flat image gives a flat map.
 * `combined` is their sum weighted by `weights` with the centre prior, which counts as far as the image has
 * contrast at all: a flat image gives a flat map here too. Controls: `centre` falls linearly from the image's centre to its
 * corners; `random` is drawn from `seed` alone; `uniform` is 1 everywhere, as is what is found in the graph; `inverse:<metric>` is 1 minus the metric.
 * @param image as the network sees it
 * @param metric computed from pixels, see `isPixelMetric`
 * @param seed of the `random` metric, 0..2^32 - 1
 * @param weights of the `combined` metric, in the order of {@link COMBINED_PARTS}: shares of their sum
 * @returns one value a cell, row by row
 */
export function importanceMap(
  image: RgbImage,
  grid: Grid,
  metric: Metric,
  seed: number,
  weights: readonly number[] = Object.values(COMBINED_WEIGHTS),
): Float32Array {
  const { name, inverse } = metricParts(metric);
  if (!isPixelMetric(name)) throw new RangeError(`the importance of metric ${name} is not computed from pixels`);
  const map = name === 'combined' ? combinedMap(image, grid, weights) : baseMap(image, grid, name, seed);
  return inverse ? inverted(map) : Float32Array.from(map);
}

/** The control `inverse:<metric>`: important and unimportant swapped. */
export function inverted(map: ArrayLike<number>): Float32Array {
  return Float32Array.from(map, (value) => 1 - value);
}

/** The seed of an image: `random` must be another mask on every image, or it is one fixed mask that may happen to be good. */
export function seedOfImage({ seed }: Pick<PrecisionPlan, 'seed'>, sha256: string): number {
  return (seed ^ Number.parseInt(sha256.slice(0, 8), 16)) >>> 0;
}

function baseMap(image: RgbImage, grid: Grid, metric: Exclude<PixelMetric, 'combined'>, seed: number): Float64Array {
  switch (metric) {
    // Of the latter two the image says nothing: each layer finds its own map.
    case 'uniform':
    case 'sensitivity':
    case 'outliers':
      return new Float64Array(grid.rows * grid.columns).fill(1);
    case 'random': {
      const random = randomGenerator(seed);
      return new Float64Array(grid.rows * grid.columns).map(random);
    }
    case 'centre':
      return centreDistances(grid).map((distance) => 1 - distance);
    default:
      return stretched(imageMetric(imagePlanes(image), grid, metric), FULL_RANGE[metric]);
  }
}

function combinedMap(image: RgbImage, grid: Grid, weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // Weights that sum to 1 as they are written stay as they are written.
  const scale = Math.abs(total - 1) < 1e-9 ? 1 : 1 / total;
  const weightOf = Object.fromEntries(COMBINED_PARTS.map((part, index) => [part, weights[index]! * scale]));
  const planes = imagePlanes(image);
  const centre = baseMap(image, grid, 'centre', 0);
  const sum = new Float64Array(centre.length);
  let contrast = 0;
  for (const metric of ['gradient', 'entropy', 'interest'] as const) {
    const map = stretched(imageMetric(planes, grid, metric), FULL_RANGE[metric]);
    for (let cell = 0; cell < sum.length; cell++) {
      sum[cell]! += weightOf[metric]! * map[cell]!;
      contrast = Math.max(contrast, map[cell]!);
    }
  }
  return sum.map((value, cell) => value + weightOf['centre']! * contrast * centre[cell]!);
}

/**
 * @param planes of the image, in the kernels
 * @returns one value a cell, row by row, in their memory: good until they are called again
 */
function imageMetric(planes: Address, { rows, columns }: Grid, metric: ImageMetric): Float64Array {
  const { cellMeans, colourGradient, corners, lumaEntropy, memory } = kernels();
  const cells = {
    gradient: () => cellMeans(planes, colourGradient(planes), rows, columns),
    entropy: () => lumaEntropy(planes, rows, columns),
    interest: () => cellMeans(planes, corners(planes), rows, columns),
  }[metric]();
  return new Float64Array(memory.buffer, cells, rows * columns);
}

/** Values from their least, over their range or `fullRange`, whichever is larger: 0..1. */
function stretched(values: Float64Array, fullRange: number): Float64Array {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = Math.max(high - low, fullRange);
  return values.map((value) => (value - low) / range);
}
