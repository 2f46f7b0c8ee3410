import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
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
}

/** An uncompressed TIFF file of one strip. */
function tiff({ bits, format = 1, photometric = 1, channels = 1, bigEndian = false }: Samples): Uint8Array {
  const tags: [tag: number, type: number, value: number][] = [
    [256, 3, SIDE],
    [257, 3, SIDE],
    [258, 3, bits],
    [259, 3, 1],
    [262, 3, photometric],
    [273, 4, 1000],
    [277, 3, channels],
    [278, 3, SIDE],
    [279, 4, Math.ceil((SIDE * SIDE * channels * bits) / 8)],
    [339, 3, format],
  ];
  const bytes = new Uint8Array(1000 + tags[8]![2]);
  const view = new DataView(bytes.buffer);
  const little = !bigEndian;
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, tags.length, little);
  tags.forEach(([tag, type, value], entry) => {
    const at = 10 + 12 * entry;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    // Samples a pixel share one number here; a list of them would lie elsewhere.
    view.setUint32(at + 4, 1, little);
    if (type === 3) view.setUint16(at + 8, value, little);
    else view.setUint32(at + 8, value, little);
  });
  bytes.fill(0x3f, 1000);
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

test('the head of a TIFF file ends where its bytes do', () => {
  const bytes = tiff({ bits: 8 });
  for (let length = 0; length < 140; length++) expect(() => tiffHead(bytes.subarray(0, length))).not.toThrow();
  expect(tiffHead(bytes)).toEqual({ bits: 8, format: 'unsigned', lab: false });
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
