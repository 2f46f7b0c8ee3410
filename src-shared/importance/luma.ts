import type { RgbImage } from '../image.ts';
import { imagePlanes, kernels, planePixels } from '../kernels.ts';

/** 8-bit luma, `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601-7, section 2.5.1), rounded; one byte a pixel. */
export function luma(image: RgbImage): Uint8Array {
  return planePixels(kernels().lumaOf(imagePlanes(image)), image, Uint8Array);
}
