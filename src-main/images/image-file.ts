import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { FoveaError } from '../../src-shared/errors.ts';
import type { RgbImage } from '../../src-shared/image.ts';
import { type Preprocessing, type ResizeGeometry, resizeGeometry } from '../../src-shared/preprocessing.ts';
import { resample } from '../../src-shared/resample.ts';
import { isSrgbProfile, profileName } from './colour-profile.ts';
import { DecodingRoom } from './decoding-room.ts';
import { digestOf } from '../files/digest.ts';
import { readImageFile } from './image-digest.ts';
import { type TiffHead, tiffHead } from './tiff-head.ts';
import { imageFormat, IMAGE_FORMATS } from './image-format.ts';
import { avoidNativeSharp } from './sharp-in-electron.ts';

/** More pixels than any camera's single shot; what is larger is refused before it is decoded. */
const MAX_IMAGE_PIXELS = 200_000_000;
/** Pixels of the shorter side: below, there is nothing to tell regions apart by. */
const MIN_IMAGE_SIDE = 8;
/** Longer side over shorter side: beyond, the network's crop is a sliver of the image. */
const MAX_IMAGE_ASPECT = 100;

/** An image file as the network sees it. */
export interface LoadedImage {
  /** Pixels of the whole image, upright. */
  readonly width: number;
  readonly height: number;
  /** Digest of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** After resize and crop, of the preprocessing's size. */
  readonly image: RgbImage;
  /** What was done to the colours, or is odd about them: other programs may show others. Sentences. */
  readonly remarks: readonly string[];
  /** From opening the file to the cropped pixels. */
  readonly decodeMs: number;
}

/** Pixels of the upright image, from the header of its file. @throws FoveaError as {@link loadImage} */
export async function imageSize(path: string): Promise<{ width: number; height: number }> {
  const { width, height } = await openImage(path, 'as-seen');
  return { width, height };
}

/** A whole image made to fit a square. */
export interface ImagePreview {
  /** Pixels of the whole image, upright. */
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
  readonly image: RgbImage;
}

/**
 * Decodes a JPEG, PNG, WebP, GIF (first frame), TIFF (first page) or AVIF file to upright 8-bit RGB, resized and cropped for a
 * network. The content decides the format, not the name. Transparent pixels are laid on white, 16-bit images cut to 8 bits;
 * a channel beyond the colours that is no transparency is left out.
 * Embedded colour profiles and CMYK are converted to sRGB where the preprocessing wants colours as seen; else profiles are ignored
 * and CMYK is converted as Pillow does: the bytes are those of Pillow's `convert('RGB')`.
 *
 * @throws FoveaError `image-missing`, `image-is-directory`, `image-unreadable`, `image-empty`, `image-unsupported`, `image-damaged`
 * (also truncated), `image-too-large`, `image-too-small`
 */
export async function loadImage(path: string, preprocessing: Preprocessing): Promise<LoadedImage> {
  const start = performance.now();
  const file = await openImage(path, preprocessing.colours);
  const { width, height } = file;
  const geometry = resizeGeometry(width, height, preprocessing);
  const draft = preprocessing.decoding === 'fast' ? draftOf(file, geometry) : file;
  const image = await decodingRoom.with(draft.width * draft.height * 3, async () =>
    resized(await pixels(file, draft.decoder), geometry, preprocessing.resize),
  );
  const remarks = await remarksOn(file, preprocessing.colours);
  return { width, height, sha256: digestOf(file.bytes), image, remarks, decodeMs: performance.now() - start };
}

/**
 * The whole image as people see it, upright, its longer side at most `maxSide` pixels; never enlarged.
 * @throws FoveaError as {@link loadImage}
 */
export async function decodePreview(path: string, maxSide: number): Promise<ImagePreview> {
  const file = await openImage(path, 'as-seen');
  const { width, height } = file;
  const scale = Math.min(1, maxSide / Math.max(width, height));
  const size = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  // Mitchell and Netravali's cubic (SIGGRAPH 1988), antialiased: the compromise between blur and ringing.
  const image = await pixels(file, file.decoder.resize(size[0]!, size[1]!, { fit: 'fill', kernel: 'mitchell' }));
  return { width, height, sha256: digestOf(file.bytes), image };
}

/** Shrinking to twice what is wanted leaves the filter enough to work on, and lets the decoder leave out most of its work. */
function draftOf(file: OpenImage, { width, height }: ResizeGeometry): Pick<OpenImage, 'width' | 'height' | 'decoder'> {
  const draft = { width: 2 * width, height: 2 * height };
  if (file.width <= draft.width || file.height <= draft.height) return file;
  return { ...draft, decoder: file.decoder.resize(draft.width, draft.height, { fit: 'fill', kernel: 'linear' }) };
}

async function resized(
  image: RgbImage,
  { crop, ...size }: ResizeGeometry,
  method: Preprocessing['resize'],
): Promise<RgbImage> {
  if (method === 'bilinear' || method === 'bicubic') return resample(image, size, crop, method);
  const sharp = await loadSharp();
  const { data, info } = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(size.width, size.height, { fit: 'fill', kernel: KERNELS[method] })
    .extract({ left: crop.left, top: crop.top, width: crop.right - crop.left, height: crop.bottom - crop.top })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** The decoder's names for its kernels. */
const KERNELS = {
  'sharp-nearest': 'nearest',
  'sharp-linear': 'linear',
  'sharp-cubic': 'cubic',
  'sharp-mitchell': 'mitchell',
  'sharp-lanczos2': 'lanczos2',
  'sharp-lanczos3': 'lanczos3',
} as const;

/** An engine's images wait for each other where they are large; three of 6 megapixels, or a hundred of 500 x 375 pixels, do not. */
const decodingRoom = new DecodingRoom(64 * 2 ** 20);

/** The decoder's names for {@link IMAGE_FORMATS}. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}`);

type Decoder = (input: Uint8Array, options: SharpOptions) => Sharp;

let decoder: Promise<Decoder> | undefined;

/**
 * The one place that loads the decoder; loaded late, so that a command that opens no image does not pay for it.
 * One thread per process (engines run side by side) and no cache (each file is read once).
 */
export function loadSharp(): Promise<Decoder> {
  return (decoder ??= importSharp());
}

async function importSharp(): Promise<Decoder> {
  avoidNativeSharp();
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  sharp.cache(false);
  // Each loader looks at a file in its turn, and some take their time over it.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  return sharp;
}

interface OpenImage {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly metadata: Metadata;
  /** Whether a last channel that is no transparency is left out. */
  readonly band: boolean;
  /** To upright, opaque RGB; to CMYK where its plain conversion is wanted. */
  readonly decoder: Sharp;
}

async function openImage(path: string, colours: Preprocessing['colours']): Promise<OpenImage> {
  const bytes = await readImageFile(path);
  if (imageFormat(bytes) === null)
    throw new FoveaError(
      'image-unsupported',
      `${path}: not an image of a known format: expected ${IMAGE_FORMATS.join(', ')}`,
      'Convert the image to one of these formats.',
    );
  const head = imageFormat(bytes) === 'TIFF' ? tiffHead(bytes) : null;
  if (head) refuseSamples(path, head);
  const sharp = await loadSharp();
  let metadata: Metadata;
  try {
    metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw damaged(path, error);
  }
  if (!READ_DEPTHS.includes(metadata.depth)) throw otherSamples(path, `samples of another type (${metadata.depth})`);
  const { width, height } = metadata.autoOrient;
  refuseBadSize(path, width, height);
  const options = {
    limitInputPixels: MAX_IMAGE_PIXELS,
    failOn: 'error',
    autoOrient: true,
    sequentialRead: true,
    // Converting from sRGB costs more than the decoding, and would change nothing.
    ignoreIcc: colours === 'as-published' || (metadata.icc !== undefined && isSrgbProfile(metadata.icc)),
  } as const;
  const band = hasBand(head);
  const opaque = (image: Sharp) => (band ? image.removeAlpha() : image.flatten({ background: '#ffffff' }));
  const decoder =
    colours === 'as-published' && metadata.space === 'cmyk'
      ? sharp(bytes, options).removeAlpha().pipelineColourspace('cmyk').toColourspace('cmyk')
      : opaque(sharp(bytes, options)).toColourspace('srgb');
  return { path, bytes, width, height, metadata, band, decoder };
}

/** The decoder's names of unsigned integers of 8 and 16 bits. */
const READ_DEPTHS: readonly string[] = ['uchar', 'ushort'];
const READ_BITS = [1, 2, 4, 8, 16];

const YCBCR = 6;
const JPEG_COMPRESSIONS = [6, 7];

/** A channel beyond the colours of which the file does not say that it is transparency. */
function hasBand(head: TiffHead | null): boolean {
  return head !== null && head.extra.length === 1 && head.extra[0] === 0;
}

/** Of a TIFF file's PhotometricInterpretation: channels of what is read. */
const COLOUR_CHANNELS: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 3],
  [3, 1],
  [5, 4],
  [YCBCR, 3],
]);

/** Of others, what they are. */
const OTHER_COLOURS: ReadonlyMap<number, string> = new Map([
  [4, 'a transparency mask'],
  ...[8, 9, 10].map((lab) => [lab, 'CIELAB colours'] as const),
  [32803, 'raw samples of a colour filter array'],
  ...[32844, 32845].map((log) => [log, 'logarithmic colours'] as const),
  [34892, 'raw linear samples'],
]);

/** Which number stands for white in other samples cannot be told from the file: it is not guessed. */
function refuseSamples(path: string, head: TiffHead): void {
  const { photometric, channels } = head;
  const colours = photometric === null ? undefined : COLOUR_CHANNELS.get(photometric);
  if (photometric !== null && colours === undefined)
    throw otherSamples(
      path,
      OTHER_COLOURS.get(photometric) ?? `colours of a kind that is not known (${photometric})`,
      'grey, RGB or CMYK',
    );
  if (colours !== undefined && (channels < colours || channels > colours + 1))
    throw otherSamples(path, `${channels} channels`, `${colours}, and one of transparency at most`);
  const isJpeg = JPEG_COMPRESSIONS.includes(head.compression);
  // The decoder takes YCbCr of full resolution for RGB.
  if (photometric === YCBCR && !isJpeg && head.subsampling.every((factor) => factor === 1))
    throw otherSamples(path, 'YCbCr colours without JPEG compression', 'RGB');
  if (head.format === 'float') throw otherSamples(path, `floating-point samples of ${head.bits} bits`);
  if (head.format !== 'unsigned') throw otherSamples(path, `${head.format} samples of ${head.bits} bits`);
  if (!READ_BITS.includes(head.bits)) throw otherSamples(path, `samples of ${head.bits} bits`);
}

function otherSamples(path: string, found: string, expected = 'unsigned integers of 8 or 16 bits'): FoveaError {
  return new FoveaError(
    'image-unsupported',
    `${path}: the image has ${found}, expected ${expected}`,
    'Convert the image to 8 or 16 bits a channel in RGB or grey.',
  );
}

/** Longer side of the sample in which the largest value of a 16-bit image is looked for. */
const SAMPLE_SIDE = 512;

async function remarksOn(
  { path, bytes, metadata, band, width, height }: OpenImage,
  colours: Preprocessing['colours'],
): Promise<string[]> {
  const remarks: string[] = [];
  if (band)
    remarks.push(
      `Its ${metadata.channels === 2 ? '2nd' : `${metadata.channels}th`} channel is left out: the file does not say that it is transparency, nor what it is.`,
    );
  else if (metadata.hasAlpha && metadata.space !== 'cmyk' && !(await isOpaque(path, bytes)))
    remarks.push(
      'Its transparent pixels are laid on white; programs that drop transparency show what is stored below it.',
    );
  const { icc, space, depth, pages = 1 } = metadata;
  if (pages > 1) remarks.push(`Of its ${pages} frames or pages the first is taken.`);
  const profile = icc && (profileName(icc) ?? 'the colour profile in the file');
  if (colours === 'as-published' && space === 'cmyk')
    remarks.push(
      'CMYK is converted by the plain formula of the programs that networks are trained with; others may show other colours.',
    );
  else if (colours === 'as-published' && icc && !isSrgbProfile(icc))
    remarks.push(
      `Colours are taken as published: ${profile} is not applied; programs that apply profiles show other colours.`,
    );
  else if (space === 'cmyk' && !icc)
    remarks.push('CMYK without a colour profile is converted by a general one; other programs may show other colours.');
  else if (icc && !isSrgbProfile(icc))
    remarks.push(`Converted to sRGB from ${profile}; programs that ignore profiles show other colours.`);
  if (depth === 'ushort' && imageFormat(bytes) !== 'AVIF') {
    const sharp = await loadSharp();
    const scale = Math.min(1, SAMPLE_SIDE / Math.max(width, height));
    const size = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
    try {
      const sample = sharp(bytes, { limitInputPixels: MAX_IMAGE_PIXELS, autoOrient: true, ignoreIcc: true })
        .removeAlpha()
        .resize(size[0]!, size[1]!, { fit: 'fill', kernel: 'nearest' })
        .toColourspace(metadata.channels < 3 ? 'grey16' : 'rgb16')
        .raw({ depth: 'ushort' });
      const { buffer, byteOffset, byteLength } = await sample.toBuffer();
      const most = new Uint16Array(buffer, byteOffset, byteLength / 2).reduce((all, value) => Math.max(all, value), 0);
      const bits = 32 - Math.clz32(most);
      if (bits > 0 && bits < 15)
        remarks.push(
          `Of its 16 bits only the lowest ${bits} are used, so it looks nearly black; scale the values to the full range if that is not meant.`,
        );
    } catch (error) {
      throw damaged(path, error);
    }
  }
  return remarks;
}

/** Many programs give images a channel of transparency that says nothing. */
async function isOpaque(path: string, bytes: Uint8Array): Promise<boolean> {
  const sharp = await loadSharp();
  try {
    const alpha = sharp(bytes, { limitInputPixels: MAX_IMAGE_PIXELS, sequentialRead: true, ignoreIcc: true })
      .extractChannel('alpha')
      .toColourspace('b-w')
      .raw();
    return (await alpha.toBuffer()).every((value) => value === 255);
  } catch (error) {
    throw damaged(path, error);
  }
}

function refuseBadSize(path: string, width: number, height: number): void {
  const size = `${path}: the image is ${width} x ${height} pixels`;
  if (width * height > MAX_IMAGE_PIXELS)
    throw new FoveaError(
      'image-too-large',
      `${size}, at most ${MAX_IMAGE_PIXELS / 1e6} million are decoded`,
      'Make the image smaller.',
    );
  if (Math.min(width, height) < MIN_IMAGE_SIDE)
    throw new FoveaError(
      'image-too-small',
      `${size}, expected at least ${MIN_IMAGE_SIDE} on each side`,
      'Use a larger image.',
    );
  if (Math.max(width, height) > MAX_IMAGE_ASPECT * Math.min(width, height))
    throw new FoveaError(
      'image-unsupported',
      `${size}, expected the longer side to be at most ${MAX_IMAGE_ASPECT} times the shorter`,
      'Crop the image.',
    );
}

async function pixels(file: OpenImage, pipeline: Sharp): Promise<RgbImage> {
  try {
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    if (info.channels === 4) return { width: info.width, height: info.height, data: rgbOfCmyk(data) };
    if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels`);
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw damaged(file.path, error);
  }
}

/** White less black, less that share of each ink: `cmyk2rgb` of Pillow's `src/libImaging/Convert.c`. */
function rgbOfCmyk(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4)
    for (let ink = 0; ink < 3; ink++) {
      const white = 255 - cmyk[from + 3]!;
      // ink * white / 255, rounded.
      const product = cmyk[from + ink]! * white + 128;
      rgb[to++] = white - (((product >> 8) + product) >> 8);
    }
  return rgb;
}

function damaged(path: string, error: unknown): FoveaError {
  const reason = plainReason(error);
  return new FoveaError(
    'image-damaged',
    `${path}: the image is damaged or truncated: ${reason}`,
    'Fetch or save it again.',
    { cause: error },
  );
}

/** The decoder's words without the names of its functions. */
function plainReason(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  const plain = line
    .replace(/^Input (?:file|buffer) (?:has|contains) (?:corrupt header|unsupported image format)[: ]*/, '')
    .replace(/^(?:\w*(?:load|save)\w*|Vips\w+|tiff2vips|libspng|webp\w*|heif\w*|gif\w*): */i, '')
    .trim();
  return plain === '' || /undefined|unknown error/i.test(plain) ? 'the decoder cannot read it' : plain;
}
