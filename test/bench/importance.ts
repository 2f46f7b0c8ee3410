import { importanceMap } from '../../src-shared/importance/importance.ts';
import type { RgbImage } from '../../src-shared/image.ts';
import { randomGenerator } from '../../src-shared/importance/random.ts';

const GRID = { rows: 14, columns: 14 };
const REPEATS = 300;

/** Median milliseconds of each metric on a warm engine, 224 x 224 pixels, 14 x 14 cells; `combined` computes all of them. */
export function benchImportance(): Promise<string[]> {
  const image = texture(224, 224);
  const lines = (['entropy', 'gradient', 'interest', 'combined'] as const).map((metric) => {
    const times = Array.from({ length: REPEATS }, () => {
      const start = performance.now();
      importanceMap(image, GRID, metric, 0);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    return `importance ${metric.padEnd(8)} 224 x 224, 14 x 14 cells: ${times[REPEATS >> 1]!.toFixed(2)} ms`;
  });
  return Promise.resolve(lines);
}

/** Smooth colours with noise: every pixel has derivatives, as in a photo, and many are corners. */
function texture(width: number, height: number): RgbImage {
  const random = randomGenerator(1);
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 70 * Math.sin(x / 9 + i) * Math.cos(y / 13) + 40 * random();
  });
  return { width, height, data };
}
