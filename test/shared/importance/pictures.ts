import fc from 'fast-check';
import type { RgbImage } from '../../../src-shared/image.ts';

/** An image whose pixels are computed; bytes are rounded and clamped. */
export function picture(
  width: number,
  height: number,
  pixel: (x: number, y: number) => number | readonly [number, number, number],
): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const clamped = new Uint8ClampedArray(data.buffer);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = pixel(x, y);
      clamped.set(typeof value === 'number' ? [value, value, value] : value, (y * width + x) * 3);
    }
  return { width, height, data };
}

/** Images of any content, up to `maxSide` pixels a side. */
export function anyPicture(minSide: number, maxSide: number): fc.Arbitrary<RgbImage> {
  const side = fc.integer({ min: minSide, max: maxSide });
  return fc
    .tuple(side, side)
    .chain(([width, height]) =>
      fc
        .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
        .map((data) => ({ width, height, data })),
    );
}
