import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { loadImage } from '../../../src-main/images/image-file.ts';
import { tiffHead } from '../../../src-main/images/tiff-head.ts';
import { presetPreprocessing } from '../../../src-shared/preprocessing.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SIDE = 16;
const PREPROCESSING = {
  ...presetPreprocessing('plain', { layout: 'NCHW', height: SIDE, width: SIDE, channelCount: 3 }),
  resizeShorterSide: null,
};

interface Samples {
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point. */
  readonly format?: number;
  /** 1 black is zero, 2 RGB, 8 CIELAB. */
  readonly photometric?: number;
  readonly channels?: number;
  readonly bigEndian?: boolean;
  /** What channels beyond those of the colours are: 0 nothing that is said, 1 and 2 transparency. */
  readonly extra?: readonly number[];
  /** Of YCbCr, across and down. */
  readonly subsampling?: readonly [number, number];
  /** Of a pixel, by channel; else all are 0x3f. */
  readonly pixel?: readonly number[];
}

/** An uncompressed TIFF file of one strip. */
function tiff(samples: Samples): Uint8Array {
  const { bits, format = 1, photometric = 1, channels = 1, bigEndian = false, extra, subsampling, pixel } = samples;
  const each = (value: number) => Array<number>(channels).fill(value);
  const stripBytes = Math.ceil((SIDE * SIDE * channels * bits) / 8);
  const tags: [tag: number, type: number, values: readonly number[]][] = [
    [256, 3, [SIDE]],
    [257, 3, [SIDE]],
    [258, 3, each(bits)],
    [259, 3, [1]],
    [262, 3, [photometric]],
    [273, 4, [1000]],
    [277, 3, [channels]],
    [278, 3, [SIDE]],
    [279, 4, [stripBytes]],
    ...(extra ? [[338, 3, extra] as [number, number, readonly number[]]] : []),
    [339, 3, each(format)],
    ...(subsampling ? [[530, 3, subsampling] as [number, number, readonly number[]]] : []),
  ];
  const bytes = new Uint8Array(1000 + stripBytes);
  const view = new DataView(bytes.buffer);
  const little = !bigEndian;
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, tags.length, little);
  let free = 500;
  tags.forEach(([tag, type, values], entry) => {
    const at = 10 + 12 * entry;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, values.length, little);
    if (type === 4) return view.setUint32(at + 8, values[0]!, little);
    const inside = values.length <= 2;
    if (!inside) view.setUint32(at + 8, free, little);
    values.forEach((value, index) => view.setUint16((inside ? at + 8 : free) + 2 * index, value, little));
    if (!inside) free += 2 * values.length;
  });
  bytes.fill(0x3f, 1000);
  if (pixel) for (let at = 0; at < stripBytes; at++) bytes[1000 + at] = pixel[at % channels]!;
  return bytes;
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

test.each<[string, Samples, string]>([
  ['floats', { bits: 32, format: 3 }, 'floating-point samples of 32 bits'],
  ['halves', { bits: 16, format: 3 }, 'floating-point samples of 16 bits'],
  ['doubles, big end first', { bits: 64, format: 3, bigEndian: true }, 'floating-point samples of 64 bits'],
  ['32-bit integers', { bits: 32 }, 'samples of 32 bits'],
  ['12-bit integers', { bits: 12 }, 'samples of 12 bits'],
  ['signed integers', { bits: 16, format: 2 }, 'signed samples of 16 bits'],
  ['CIELAB', { bits: 8, photometric: 8, channels: 3 }, 'CIELAB colours'],
  ['a mask', { bits: 1, photometric: 4 }, 'a transparency mask'],
  ['a sensor', { bits: 16, photometric: 32803 }, 'raw samples of a colour filter array'],
  ['linear raw samples', { bits: 16, photometric: 34892, channels: 3 }, 'raw linear samples'],
  ['logarithmic colours', { bits: 16, photometric: 32845, channels: 3 }, 'logarithmic colours'],
  ['unheard-of colours', { bits: 8, photometric: 777, channels: 3 }, 'colours of a kind that is not known (777)'],
  ['five bands', { bits: 8, photometric: 2, channels: 5, extra: [0, 0] }, '5 channels'],
  ['five bands that call themselves grey', { bits: 8, channels: 5, extra: [0, 0, 0, 0] }, '5 channels'],
  ['inks that are no CMYK', { bits: 8, photometric: 5, channels: 3 }, '3 channels'],
  // The decoder would take them for RGB.
  ['YCbCr as it is', { bits: 8, photometric: 6, channels: 3, subsampling: [1, 1] }, 'YCbCr colours without JPEG'],
])('a TIFF file of %s is refused by name, not as damaged', async (_, samples, words) => {
  const path = written('samples.tif', tiff(samples));
  const loaded = loadImage(path, PREPROCESSING);
  await expect(loaded).rejects.toMatchObject({
    code: 'image-unsupported',
    message: expect.stringContaining(words) as string,
    next: expect.stringContaining('8 or 16 bits') as string,
  });
});

test.each([8, 16])('a TIFF file of unsigned integers of %i bits is read', async (bits) => {
  const { image } = await loadImage(written('samples.tif', tiff({ bits })), PREPROCESSING);
  expect(new Set(image.data)).toEqual(new Set([0x3f]));
});

test.each<[string, Samples, readonly number[], RegExp | null]>([
  [
    'RGB and infrared',
    { bits: 8, photometric: 2, channels: 4, extra: [0], pixel: [200, 100, 50, 0] },
    [200, 100, 50],
    /^Its 4th/,
  ],
  ['grey and a height', { bits: 8, channels: 2, extra: [0], pixel: [90, 0] }, [90, 90, 90], /^Its 2nd channel/],
  [
    'RGB, opaque',
    { bits: 8, photometric: 2, channels: 4, extra: [2], pixel: [200, 100, 50, 255] },
    [200, 100, 50],
    null,
  ],
  [
    'RGB, clear',
    { bits: 8, photometric: 2, channels: 4, extra: [2], pixel: [200, 100, 50, 0] },
    [255, 255, 255],
    /^Its transparent/,
  ],
])('a channel that is no transparency hides nothing: %s', async (_, samples, colour, remark) => {
  const { image, remarks } = await loadImage(written('bands.tif', tiff(samples)), PREPROCESSING);
  expect([...image.data.subarray(0, 3)]).toEqual(colour);
  expect(remarks).toEqual(remark ? [expect.stringMatching(remark)] : []);
});

test('the head of a TIFF file ends where its bytes do', () => {
  const bytes = tiff({ bits: 8 });
  for (let length = 0; length < 160; length++) expect(() => tiffHead(bytes.subarray(0, length))).not.toThrow();
  expect(tiffHead(bytes)).toEqual({
    bits: 8,
    format: 'unsigned',
    photometric: 1,
    channels: 1,
    extra: [],
    compression: 1,
    subsampling: [2, 2],
  });
});

const sixteen = (most: number) =>
  sharp(
    Uint16Array.from({ length: SIDE * SIDE }, (_, at) => (at * most) / (SIDE * SIDE - 1)),
    {
      raw: { width: SIDE, height: SIDE, channels: 1 },
    },
  ).toColourspace('grey16');

test.each<[number, string | null]>([
  [4095, 'lowest 12'],
  [1023, 'lowest 10'],
  [65535, null],
  [40000, null],
])('16 bits of which the values reach %i are told of as %s', async (most, words) => {
  const { remarks } = await loadImage(written('grey.png', await sixteen(most).png().toBuffer()), PREPROCESSING);
  if (words === null) expect(remarks).toEqual([]);
  else expect(remarks).toEqual([expect.stringContaining(words)]);
});

test.each([
  ['as-published', /^CMYK is converted by the plain formula/, /P3.* is not applied/],
  ['as-seen', /^CMYK without a colour profile/, /Converted to sRGB from .*P3/],
] as const)('what was done to colours %s is told: CMYK, profiles other than sRGB', async (colours, plain, profile) => {
  const grey = sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#805030' } });
  const remarksOf = async (name: string, bytes: Uint8Array) =>
    (await loadImage(written(name, bytes), { ...PREPROCESSING, colours })).remarks;
  expect(await remarksOf('cmyk.jpg', await grey.clone().toColourspace('cmyk').jpeg().toBuffer())).toEqual([
    expect.stringMatching(plain),
  ]);
  expect(await remarksOf('p3.jpg', await grey.clone().withIccProfile('p3').jpeg().toBuffer())).toEqual([
    expect.stringMatching(profile),
  ]);
  expect(await remarksOf('srgb.jpg', await grey.clone().withIccProfile('srgb').jpeg().toBuffer())).toEqual([]);
});

test('of several frames the first is taken, and told', async () => {
  const frames = Buffer.from([...Array<number>(SIDE * SIDE * 3).fill(40), ...Array<number>(SIDE * SIDE * 3).fill(200)]);
  const raw = { width: SIDE, height: 2 * SIDE, channels: 3, pageHeight: SIDE } as const;
  const path = written('frames.webp', await sharp(frames, { raw }).webp({ lossless: true }).toBuffer());
  const { image, remarks } = await loadImage(path, PREPROCESSING);
  expect(new Set(image.data)).toEqual(new Set([40]));
  expect(remarks).toEqual(['Of its 2 frames or pages the first is taken.']);
});

test('transparency that is laid on white is told; a channel of it that says nothing is not', async () => {
  const rgba = (alpha: readonly number[]) =>
    sharp(new Uint8Array(alpha.flatMap((value) => [200, 30, 30, value])), {
      raw: { width: 16, height: alpha.length / 16, channels: 4 },
    });
  const opaque = Array.from({ length: 256 }, () => 255);
  const remarksOf = async (name: string, image: Sharp) =>
    (await loadImage(written(name, await image.toBuffer()), PREPROCESSING)).remarks;
  const told = [expect.stringMatching(/^Its transparent pixels are laid on white; /)];
  expect(await remarksOf('opaque.png', rgba(opaque).png())).toEqual([]);
  expect(await remarksOf('one.png', rgba([254, ...opaque.slice(1)]).png())).toEqual(told);
  expect(await remarksOf('one.webp', rgba([0, ...opaque.slice(1)]).webp({ lossless: true }))).toEqual(told);
  expect(
    await remarksOf(
      'grey.png',
      rgba([0, ...opaque.slice(1)])
        .toColourspace('b-w')
        .png(),
    ),
  ).toEqual(told);
  expect(await remarksOf('palette.png', rgba([0, ...opaque.slice(1)]).png({ palette: true }))).toEqual(told);
  expect(
    await remarksOf(
      'deep.png',
      rgba([0, ...opaque.slice(1)])
        .toColourspace('rgb16')
        .png(),
    ),
  ).toEqual(told);
});
