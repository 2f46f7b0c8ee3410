import type { RgbImage } from '../image.ts';

/**
 * 8-bit luma, `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601-7, section 2.5.1), rounded; one byte a pixel.
 * Fixed point with 15 fractional bits: exact and the same on every machine.
 */
export function luma(image: RgbImage): Uint8Array {
  const { data } = image;
  const out = new Uint8Array(image.width * image.height);
  for (let pixel = 0, source = 0; pixel < out.length; pixel++, source += 3)
    out[pixel] = (data[source]! * 9798 + data[source + 1]! * 19235 + data[source + 2]! * 3735 + 16384) >> 15;
  return out;
}
