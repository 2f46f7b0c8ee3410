import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RgbImage } from '../../src-shared/image.ts';
import { presetPreprocessing, resizeGeometry } from '../../src-shared/preprocessing.ts';
import { FILTERS, type FilterName, resample } from '../../src-shared/resample.ts';
import golden from './pillow-digests.json' with { type: 'json' };

/** As `pillow-digests.py` draws it. */
function drawn(width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const noise = ((Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(c, 83492791)) >>> 13) & 255;
        const patch = x % 32 < 16 && y % 32 < 16;
        data[at++] = patch ? (noise & 1) * 255 : ((noise + 2 * x + 3 * y) >> 1) & 255;
      }
  return { width, height, data };
}

const sides = (sizes: readonly number[]) => [sizes[0]!, sizes[1]!] as const;

test.each(golden)('$image, $resizeShorterSide, cropped to $crop: the bytes that Pillow gives', (expected) => {
  const [width, height] = sides(expected.image);
  const [cropWidth, cropHeight] = sides(expected.crop);
  const preset = presetPreprocessing('plain', {
    layout: 'NCHW',
    height: cropHeight,
    width: cropWidth,
    channelCount: 3,
  });
  const { crop, ...size } = resizeGeometry(width, height, { ...preset, resizeShorterSide: expected.resizeShorterSide });
  const image = drawn(width, height);
  for (const filter of Object.keys(FILTERS) as FilterName[]) {
    const { data } = resample(image, size, crop, filter);
    expect(createHash('sha256').update(data).digest('hex'), filter).toBe(expected[filter]);
  }
});
