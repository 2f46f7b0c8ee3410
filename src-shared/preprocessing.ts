import type { Rectangle, RgbImage } from './image.ts';
import { luma } from './importance/luma.ts';

export const LAYOUTS = ['NCHW', 'NHWC'] as const;
export const CHANNEL_ORDERS = ['RGB', 'BGR', 'grey'] as const;

/**
 * How a photo is resized. `bilinear` and `bicubic` are Pillow's, byte for byte: what torchvision evaluates networks with. The others
 * are the kernels of the library that decodes (sharp), whose enlarging moves a picture by half a pixel.
 */
export const RESIZE_METHODS = [
  'bilinear',
  'bicubic',
  'sharp-nearest',
  'sharp-linear',
  'sharp-cubic',
  'sharp-mitchell',
  'sharp-lanczos2',
  'sharp-lanczos3',
] as const;
export type ResizeMethod = (typeof RESIZE_METHODS)[number];

/** What becomes of a photo's colour profile: ignored, as networks are trained and published; or converted to sRGB, as people see it. */
export const COLOUR_READINGS = ['as-published', 'as-seen'] as const;
/** Whether a photo is decoded in full, or shrunk to no less than twice its resized size while it is decoded. */
export const DECODINGS = ['full', 'fast'] as const;

/** The way from a photo's file to bytes, where a user may have it otherwise than the model's card. */
export interface PixelChoices {
  readonly colours?: (typeof COLOUR_READINGS)[number] | undefined;
  readonly decoding?: (typeof DECODINGS)[number] | undefined;
}

/** How networks are evaluated, unless a card says otherwise. */
export const PUBLISHED_PIXELS = { resize: 'bilinear', colours: 'as-published', decoding: 'full' } as const;

/** How an image file becomes a network's input tensor: resize, crop, channel order, range, mean, standard deviation. */
export interface Preprocessing {
  readonly layout: (typeof LAYOUTS)[number];
  /** Order of the tensor's channels; `grey` is one channel of luma. */
  readonly channels: (typeof CHANNEL_ORDERS)[number];
  /** Pixels of the network's input. */
  readonly height: number;
  readonly width: number;
  /** Pixels of the shorter side before the crop, not below `height` or `width`; null squashes the whole image to the input. */
  readonly resizeShorterSide: number | null;
  readonly crop: 'centre';
  readonly resize: ResizeMethod;
  readonly colours: (typeof COLOUR_READINGS)[number];
  readonly decoding: (typeof DECODINGS)[number];
  /** What 0 and 255 become, before `mean` and `std`. */
  readonly range: readonly [number, number];
  /** Subtracted, one per channel in tensor order, in the units of `range`. */
  readonly mean: readonly number[];
  /** Divided by, one per channel in tensor order, in the units of `range`. */
  readonly std: readonly number[];
}

type Normalisation = Pick<Preprocessing, 'channels' | 'range' | 'mean' | 'std'>;

/** The usual conventions, for models that come without a card; all with {@link PUBLISHED_PIXELS}. */
export const PREPROCESSING_PRESETS = {
  /** torchvision: https://docs.pytorch.org/vision/stable/models.html, "transforms" of the classification weights. */
  imagenet: { channels: 'RGB', range: [0, 1], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  /** Caffe's ILSVRC mean pixel, blue first. */
  caffe: { channels: 'BGR', range: [0, 255], mean: [103.94, 116.78, 123.68], std: [1, 1, 1] },
  /** TensorFlow-Slim's Inception preprocessing. */
  tensorflow: { channels: 'RGB', range: [-1, 1], mean: [0, 0, 0], std: [1, 1, 1] },
  plain: { channels: 'RGB', range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] },
  /** The bytes as they are, for networks that normalise themselves. */
  bytes: { channels: 'RGB', range: [0, 255], mean: [0, 0, 0], std: [1, 1, 1] },
  'bytes-bgr': { channels: 'BGR', range: [0, 255], mean: [0, 0, 0], std: [1, 1, 1] },
} as const satisfies Record<string, Normalisation>;

export type PreprocessingPreset = keyof typeof PREPROCESSING_PRESETS;

/**
 * A preset for an input of `height` x `width`: the centre 7/8 of the shorter side (224 of 256), as ImageNet is commonly evaluated.
 * A model of one input channel gets luma, with the preset's green mean and deviation.
 */
export function presetPreprocessing(
  preset: PreprocessingPreset,
  input: Pick<Preprocessing, 'layout' | 'height' | 'width'> & { readonly channelCount: 1 | 3 },
): Preprocessing {
  const { channels, range, mean, std } = PREPROCESSING_PRESETS[preset];
  const { layout, height, width, channelCount } = input;
  const geometry = { layout, height, width, crop: 'centre', ...PUBLISHED_PIXELS } as const;
  const resizeShorterSide = Math.round((Math.max(height, width) * 8) / 7);
  return channelCount === 1
    ? { ...geometry, resizeShorterSide, channels: 'grey', range, mean: [mean[1]], std: [std[1]] }
    : { ...geometry, resizeShorterSide, channels, range, mean, std };
}

/** Resized size and the crop inside it, in pixels of the resized image. */
export interface ResizeGeometry {
  readonly width: number;
  readonly height: number;
  readonly crop: Rectangle;
}

/** As torchvision's Resize and CenterCrop have it: the longer side rounded down, the crop's offset half to even. */
export function resizeGeometry(width: number, height: number, preprocessing: Preprocessing): ResizeGeometry {
  const { resizeShorterSide: side, width: cropWidth, height: cropHeight } = preprocessing;
  const shorter = Math.min(width, height);
  const resized =
    side === null
      ? { width: cropWidth, height: cropHeight }
      : { width: Math.floor((width * side) / shorter), height: Math.floor((height * side) / shorter) };
  const left = halfToEven((resized.width - cropWidth) / 2);
  const top = halfToEven((resized.height - cropHeight) / 2);
  return { ...resized, crop: { left, top, right: left + cropWidth, bottom: top + cropHeight } };
}

function halfToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  return fraction > 0.5 || (fraction === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** What the network sees of an upright image of `width` x `height`: a rectangle in its pixels, not rounded. */
export function visibleRectangle(width: number, height: number, preprocessing: Preprocessing): Rectangle {
  const { crop, ...resized } = resizeGeometry(width, height, preprocessing);
  return {
    left: (crop.left * width) / resized.width,
    right: (crop.right * width) / resized.width,
    top: (crop.top * height) / resized.height,
    bottom: (crop.bottom * height) / resized.height,
  };
}

export function channelCount(preprocessing: Pick<Preprocessing, 'channels'>): 1 | 3 {
  return preprocessing.channels === 'grey' ? 1 : 3;
}

/** Values of one image's tensor. */
export function tensorLength(preprocessing: Preprocessing): number {
  return channelCount(preprocessing) * preprocessing.height * preprocessing.width;
}

/**
 * Writes one image of a batch: `(lo + byte / 255 * (hi - lo) - mean) / std` per channel.
 * @param image of the preprocessing's height and width
 * @param out receives {@link tensorLength} values from `offset` on, in the preprocessing's layout
 * @throws RangeError when the image's size or the room in `out` is not what the preprocessing says
 */
export function toTensor(image: RgbImage, preprocessing: Preprocessing, out: Float32Array, offset = 0): void {
  const { layout, channels, height, width, range, mean, std } = preprocessing;
  if (image.width !== width || image.height !== height)
    throw new RangeError(`image is ${image.width} x ${image.height}, the network's input ${width} x ${height}`);
  if (offset + tensorLength(preprocessing) > out.length) throw new RangeError('the tensor has no room for the image');
  const count = channelCount(preprocessing);
  const pixels = width * height;
  const pixelStride = layout === 'NCHW' ? 1 : count;
  const channelStride = layout === 'NCHW' ? pixels : 1;
  const data = channels === 'grey' ? luma(image) : image.data;
  const table = new Float32Array(256);
  for (let channel = 0; channel < count; channel++) {
    for (let byte = 0; byte < 256; byte++)
      table[byte] = (range[0] + (byte / 255) * (range[1] - range[0]) - mean[channel]!) / std[channel]!;
    const first = offset + channel * channelStride;
    const last = first + pixels * pixelStride;
    let source = channels === 'BGR' ? 2 - channel : channel;
    for (let at = first; at < last; at += pixelStride, source += count) out[at] = table[data[source]!]!;
  }
}
