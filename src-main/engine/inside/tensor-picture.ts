import type { EncodedImage } from '../../../src-shared/contract/images.ts';
import { channelCount, type Preprocessing } from '../../../src-shared/preprocessing.ts';
import { loadSharp } from '../../images/image-file.ts';

/** A network's input as a picture, and the values that black and white stand for. */
export interface TensorPicture {
  readonly picture: EncodedImage;
  readonly low: number;
  readonly high: number;
}

/**
 * The values of an input, lowest to highest from black to white, in the order of its channels: swapped channels and a wrong mean show as
 * other colours.
 * @param pixels one image, in the preprocessing's layout
 */
export async function tensorPicture(pixels: Float32Array, preprocessing: Preprocessing): Promise<TensorPicture> {
  const { layout, height, width } = preprocessing;
  const channels = channelCount(preprocessing);
  let [low, high] = [Infinity, -Infinity];
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  const data = new Uint8Array(height * width * 3);
  for (let position = 0; position < height * width; position++)
    for (let channel = 0; channel < 3; channel++) {
      const own = Math.min(channel, channels - 1);
      const at = layout === 'NCHW' ? own * height * width + position : position * channels + own;
      data[position * 3 + channel] = Math.round((pixels[at]! - low) * scale);
    }
  const sharp = await loadSharp();
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toBuffer();
  return { picture: { mime: 'image/png', bytes, width, height }, low, high };
}
