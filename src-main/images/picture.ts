import type { EncodedImage } from '../../src-shared/contract/images.ts';
import { decodePreview, loadSharp } from './image-file.ts';

/** Up to here a picture is kept without loss, for whoever looks at single pixels. */
const LOSSLESS_PIXELS = 512 * 512;

/**
 * The upright image, its longer side at most `maxSide`, encoded for a browser.
 * @param small bytes matter more than single pixels
 * @throws FoveaError `image-*`
 */
export async function picture(path: string, maxSide: number, small = false): Promise<EncodedImage> {
  const { image } = await decodePreview(path, maxSide);
  const { width, height, data } = image;
  const sharp = await loadSharp();
  const raw = sharp(data, { raw: { width, height, channels: 3 } });
  const lossless = !small && width * height <= LOSSLESS_PIXELS;
  const jpeg = small ? { quality: 80 } : ({ quality: 92, chromaSubsampling: '4:4:4' } as const);
  const encoded = lossless ? raw.png({ compressionLevel: 3 }) : raw.jpeg(jpeg);
  return { mime: lossless ? 'image/png' : 'image/jpeg', bytes: await encoded.toBuffer(), width, height };
}
