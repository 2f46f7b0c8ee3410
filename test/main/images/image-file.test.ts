import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodePreview, loadImage } from '../../../src-main/images/image-file.ts';
import type { FoveaErrorCode } from '../../../src-shared/errors.ts';
import type { RgbImage } from '../../../src-shared/image.ts';
import {
  type Preprocessing,
  presetPreprocessing,
  RESIZE_METHODS,
  resizeGeometry,
} from '../../../src-shared/preprocessing.ts';
import { resample } from '../../../src-shared/resample.ts';

const [WIDTH, HEIGHT] = [96, 64];
/** The centre 56 of 64 pixels a side. */
const PREPROCESSING = presetPreprocessing('plain', { layout: 'NCHW', height: 56, width: 56, channelCount: 3 });
/** The whole image as it is. */
const WHOLE: Preprocessing = { ...PREPROCESSING, height: HEIGHT, width: WIDTH, resizeShorterSide: null };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-images-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Four quarters: red, green; blue, grey. */
const QUARTERS = [
  [200, 40, 40],
  [40, 160, 60],
  [50, 60, 190],
  [128, 128, 128],
] as const;

function quarters(width = WIDTH, height = HEIGHT): Sharp {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return QUARTERS[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)]![i % 3]!;
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function written(name: string, content: Sharp | Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  writeFileSync(
    path,
    content instanceof Uint8Array || typeof content === 'string' ? content : await content.toBuffer(),
  );
  return path;
}

function pixel(image: RgbImage, x: number, y: number): number[] {
  return [...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3)];
}

/** The middles of the four quarters, within `tolerance` a channel of what was drawn. */
function expectQuarters(image: RgbImage, tolerance: number): void {
  const { width, height } = image;
  for (const [quarter, colour] of QUARTERS.entries()) {
    const found = pixel(
      image,
      Math.floor(width * (0.25 + 0.5 * (quarter % 2))),
      Math.floor(height * (quarter < 2 ? 0.25 : 0.75)),
    );
    for (const channel of [0, 1, 2])
      expect(Math.abs(found[channel]! - colour[channel]!), `quarter ${quarter}: ${found}`).toBeLessThanOrEqual(
        tolerance,
      );
  }
}

test.each<[string, () => Sharp, number]>([
  ['baseline.jpg', () => quarters().jpeg({ quality: 95 }), 4],
  ['progressive.jpg', () => quarters().jpeg({ progressive: true }), 6],
  ['grey-palette.png', () => quarters().png({ palette: true }), 2],
  ['plain.png', () => quarters().png(), 0],
  ['interlaced.png', () => quarters().png({ progressive: true }), 0],
  ['sixteen-bit.png', () => quarters().toColourspace('rgb16').png(), 1],
  ['lossless.webp', () => quarters().webp({ lossless: true }), 0],
  ['plain.gif', () => quarters().gif(), 2],
  ['plain.tiff', () => quarters().tiff({ compression: 'lzw' }), 0],
  ['sixteen-bit.tiff', () => quarters().toColourspace('rgb16').tiff({ compression: 'none' }), 1],
  ['plain.avif', () => quarters().avif({ lossless: true, effort: 0 }), 3],
])('%s decodes to the colours drawn', async (name, draw, tolerance) => {
  const loaded = await loadImage(await written(name, draw()), WHOLE);
  expect([loaded.width, loaded.height, loaded.image.width, loaded.image.height]).toEqual([
    WIDTH,
    HEIGHT,
    WIDTH,
    HEIGHT,
  ]);
  expectQuarters(loaded.image, tolerance);
});

test('a CMYK JPEG decodes to sRGB as it is seen, by the plain formula as it is published', async () => {
  const path = await written('cmyk.jpg', quarters().toColourspace('cmyk').jpeg({ quality: 95 }));
  expect((await sharp(path).metadata()).space).toBe('cmyk');
  // The gamut of CMYK is smaller: the colours are near, not equal.
  expectQuarters((await loadImage(path, { ...WHOLE, colours: 'as-seen' })).image, 55);
  const inks = await sharp(path).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
  const { image } = await loadImage(path, WHOLE);
  for (const [x, y] of [
    [20, 10],
    [70, 10],
    [20, 50],
    [70, 50],
  ] as const) {
    const [cyan, magenta, yellow, black] = inks.subarray(4 * (y * WIDTH + x));
    const rgb = [cyan!, magenta!, yellow!].map((ink) => 255 - black! - Math.round((ink * (255 - black!)) / 255));
    expect(pixel(image, x, y)).toEqual(rgb);
  }
});

test('a colour profile is ignored as published, converted as seen', async () => {
  const bytes = await quarters().png().toBuffer();
  const path = await written('p3.png', sharp(bytes).withIccProfile('p3', { attach: true }).png());
  const stored = await sharp(path, { ignoreIcc: true }).raw().toBuffer();
  expect(Buffer.compare(Buffer.from((await loadImage(path, WHOLE)).image.data), stored)).toBe(0);
  // The profile came with a conversion into it: converted back, the colours are as drawn.
  expectQuarters((await loadImage(path, { ...WHOLE, colours: 'as-seen' })).image, 2);
  expect(pixel((await loadImage(path, WHOLE)).image, 20, 10)).not.toEqual([200, 40, 40]);
});

test.each(RESIZE_METHODS)('resized by %s, a photo keeps its colours and the crop its size', async (resize) => {
  const path = await written('methods.png', quarters(192, 128).png());
  const { image } = await loadImage(path, { ...PREPROCESSING, resize });
  expect([image.width, image.height]).toEqual([56, 56]);
  expectQuarters(image, 1);
});

test('bilinear enlarging moves nothing: a mirrored photo gives the mirrored pixels', async () => {
  const noise = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * i * 7919) >> 5);
  const photo = () => sharp(noise, { raw: { width: 40, height: 30, channels: 3 } });
  const { image } = await loadImage(await written('small.png', photo().png()), { ...WHOLE, height: 64, width: 96 });
  const mirrored = await loadImage(await written('mirrored.png', photo().flop().flip().png()), WHOLE);
  const back = Array.from({ length: WIDTH * HEIGHT }, (_, at) =>
    pixel(mirrored.image, at % WIDTH, Math.floor(at / WIDTH)),
  );
  const wanted = Array.from({ length: WIDTH * HEIGHT }, (_, at) => pixel(image, at % WIDTH, Math.floor(at / WIDTH)));
  for (const [at, rgb] of back.reverse().entries())
    for (const channel of [0, 1, 2]) expect(Math.abs(rgb[channel]! - wanted[at]![channel]!)).toBeLessThanOrEqual(1);
});

test('a large photo is decoded in full, and shrunk in the decoder only with fast decoding', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const drawn = sharp({ create: { width: 800, height: 600, channels: 3, background: '#888', noise } });
  const path = await written('large.jpg', drawn.jpeg({ quality: 95 }));
  const whole = await sharp(path).raw().toBuffer();
  const { crop, ...size } = resizeGeometry(800, 600, PREPROCESSING);
  const full = await loadImage(path, PREPROCESSING);
  expect(full.image.data).toEqual(resample({ width: 800, height: 600, data: whole }, size, crop, 'bilinear').data);
  const fast = await loadImage(path, { ...PREPROCESSING, decoding: 'fast' });
  expect([fast.width, fast.height, fast.image.width]).toEqual([800, 600, 56]);
  const differences = fast.image.data.map((byte, at) => Math.abs(byte - full.image.data[at]!));
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
  expect(mean).toBeGreaterThan(0);
  expect(mean).toBeLessThan(4);
});

test.each([8, 16])('a grey image of %i bits has three equal channels', async (bits) => {
  const grey = quarters()
    .toColourspace(bits === 8 ? 'b-w' : 'grey16')
    .png();
  const { image } = await loadImage(await written(`grey-${bits}.png`, grey), WHOLE);
  expect(pixel(image, 90, 60)).toEqual([128, 128, 128]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is undone', async (orientation) => {
  // Turned clockwise, then mirrored: the inverse of each orientation, so that the upright image is always the same.
  const [angle, mirrored] = (
    [
      [0, false],
      [0, true],
      [180, false],
      [180, true],
      [90, true],
      [270, false],
      [270, true],
      [90, false],
    ] as const
  )[orientation - 1]!;
  const turned = await quarters().rotate(angle).png().toBuffer();
  const stored = sharp(await sharp(turned).flop(mirrored).png().toBuffer());
  const path = await written(`exif-${orientation}.jpg`, stored.withMetadata({ orientation }).jpeg({ quality: 95 }));
  expect((await sharp(path).metadata()).orientation).toBe(orientation);
  const loaded = await loadImage(path, WHOLE);
  expect([loaded.width, loaded.height]).toEqual([WIDTH, HEIGHT]);
  expectQuarters(loaded.image, 6);
  expectQuarters((await decodePreview(path, 48)).image, 6);
});

test('transparent pixels are white, half-transparent ones half white', async () => {
  const rgba = Uint8Array.from(
    { length: 16 * 16 * 4 },
    (_, i) => [0, 0, 0, Math.floor(i / 4) % 16 < 8 ? 0 : 128][i % 4]!,
  );
  const path = await written('alpha.png', sharp(rgba, { raw: { width: 16, height: 16, channels: 4 } }).png());
  const { image } = await loadImage(path, { ...WHOLE, width: 16, height: 16 });
  expect(pixel(image, 2, 8)).toEqual([255, 255, 255]);
  for (const byte of pixel(image, 13, 8)) expect(Math.abs(byte - 127)).toBeLessThanOrEqual(1);
});

test('of an animation the first frame counts', async () => {
  const frames = [await quarters().png().toBuffer(), await quarters().negate().png().toBuffer()];
  const path = await written('animated.gif', sharp(frames, { join: { animated: true } }).gif());
  expect((await sharp(path).metadata()).pages).toBe(2);
  const loaded = await loadImage(path, WHOLE);
  expect(loaded.height).toBe(HEIGHT);
  expectQuarters(loaded.image, 2);
});

test('the shorter side is resized, the centre cropped, the digest that of the file', async () => {
  const path = await written('crop.png', quarters(192, 128).png());
  const { image, sha256, decodeMs } = await loadImage(path, PREPROCESSING);
  expect([image.width, image.height, image.data.length]).toEqual([56, 56, 56 * 56 * 3]);
  expectQuarters(image, 0);
  expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  expect(decodeMs).toBeGreaterThan(0);
});

test('a resize down averages: no aliasing of a pattern finer than the result', async () => {
  const stripes = Uint8Array.from({ length: 512 * 512 * 3 }, (_, i) => (Math.floor(i / 3) % 2) * 255);
  const path = await written('stripes.png', sharp(stripes, { raw: { width: 512, height: 512, channels: 3 } }).png());
  const { image } = await loadImage(path, PREPROCESSING);
  expect(Math.max(...image.data) - Math.min(...image.data)).toBeLessThanOrEqual(16);
});

test('a preview keeps the shape and is never enlarged', async () => {
  const path = await written('preview.png', quarters(300, 200).png());
  const small = await decodePreview(path, 150);
  expect([small.width, small.height, small.image.width, small.image.height]).toEqual([300, 200, 150, 100]);
  expectQuarters(small.image, 0);
  expect((await decodePreview(path, 4000)).image).toMatchObject({ width: 300, height: 200 });
});

test('a PNG named .jpg decodes: the content decides', async () => {
  expectQuarters((await loadImage(await written('renamed.jpg', quarters().png()), WHOLE)).image, 0);
});

test('a JPEG with stray bytes between its parts, as some cameras write, decodes', async () => {
  const jpeg = await quarters().jpeg({ quality: 95 }).toBuffer();
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  const path = await written(
    'stray.jpg',
    Buffer.concat([jpeg.subarray(0, frame), Buffer.alloc(3), jpeg.subarray(frame)]),
  );
  expectQuarters((await loadImage(path, WHOLE)).image, 6);
});

/** A PNG of one colour, whatever its size: rows are zeros and deflate to almost nothing. By default all of them are there. */
function hugePng(width: number, height: number, rowsThere = height): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
  };
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * rowsThere));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('a 30,000 x 30,000 image is refused before it is decoded', async () => {
  // Its rows end early: whoever began to decode it would find it damaged.
  const refusal = async (side: number) =>
    loadImage(await written('huge.png', hugePng(side, side, 10)), PREPROCESSING).catch((error: unknown) => error);
  expect(await refusal(3_000)).toMatchObject({ code: 'image-damaged' });
  expect(await refusal(30_000)).toMatchObject({
    code: 'image-too-large',
    message: expect.stringContaining('30000 x 30000') as string,
  });
});

test('a large image within the limit decodes', async () => {
  const { width, image } = await loadImage(await written('large.png', hugePng(12_000, 9_000)), PREPROCESSING);
  expect([width, new Set(image.data)]).toEqual([12_000, new Set([0])]);
});

const TRUNCATED = ['jpg', 'progressive.jpg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
test.each(TRUNCATED)('a truncated .%s is damaged, wherever it ends', async (extension) => {
  // Noise, so that the end of the file holds pixels. Taller than wide: the last rows lie outside the crop.
  const noise = sharp({
    create: {
      width: 128,
      height: 256,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });
  const encoders: Record<(typeof TRUNCATED)[number], () => Sharp> = {
    jpg: () => noise.jpeg(),
    'progressive.jpg': () => noise.jpeg({ progressive: true }),
    png: () => noise.png(),
    webp: () => noise.webp(),
    gif: () => noise.gif(),
    tiff: () => noise.tiff({ compression: 'lzw' }),
    avif: () => noise.avif({ effort: 0 }),
  };
  const whole = await encoders[extension]().toBuffer();
  await loadImage(await written(`whole.${extension}`, whole), PREPROCESSING);
  for (const share of [0.1, 0.5, 0.95]) {
    const path = await written(`truncated.${extension}`, whole.subarray(0, Math.floor(whole.length * share)));
    await expect(loadImage(path, PREPROCESSING), `${share} of the file`).rejects.toMatchObject({
      code: 'image-damaged',
      message: expect.stringContaining(path),
    });
    await expect(decodePreview(path, 64)).rejects.toMatchObject({ code: 'image-damaged' });
  }
});

test.each<[string, FoveaErrorCode, () => Promise<string>]>([
  ['a missing file', 'image-missing', async () => join(folder, 'nowhere.jpg')],
  ['a path through a file', 'image-missing', async () => join(await written('file.png', quarters().png()), 'x.jpg')],
  ['a directory', 'image-is-directory', async () => folder],
  ['an empty file', 'image-empty', () => written('empty.jpg', '')],
  [
    'a text file named .jpg',
    'image-unsupported',
    () => written('text.jpg', 'This is no image, whatever its name says.\n'),
  ],
  [
    'an SVG',
    'image-unsupported',
    () => written('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>'),
  ],
  [
    'an SVG named .png',
    'image-unsupported',
    () =>
      written('drawing.png', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>'),
  ],
  ['a PDF', 'image-unsupported', () => written('page.pdf', '%PDF-1.7\n')],
  ['two bytes of a JPEG', 'image-unsupported', () => written('start.jpg', Buffer.from([0xff, 0xd8]))],
  [
    'a signature and rubbish',
    'image-damaged',
    () => written('rubbish.png', Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(200, 7)])),
  ],
  ['a 1 x 1 image', 'image-too-small', () => written('one.png', quarters(1, 1).png())],
  ['an image of 7 rows', 'image-too-small', () => written('seven.png', quarters(40, 7).png())],
  ['a sliver', 'image-unsupported', () => written('sliver.png', quarters(2000, 8).png())],
  [
    'a link to itself',
    'image-unreadable',
    async () => {
      symlinkSync(join(folder, 'loop.jpg'), join(folder, 'loop.jpg'));
      return join(folder, 'loop.jpg');
    },
  ],
  [
    'a pipe',
    'image-unreadable',
    async () => {
      execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
      return join(folder, 'pipe.jpg');
    },
  ],
])('%s is refused as %s', async (_, code, make) => {
  const path = await make();
  const expected = { name: 'FoveaError', code, message: expect.stringContaining(path) };
  await expect(loadImage(path, PREPROCESSING)).rejects.toMatchObject(expected);
  await expect(decodePreview(path, 100)).rejects.toMatchObject(expected);
});

test.skipIf(process.getuid?.() === 0)('a file without permission is unreadable (root may read all)', async () => {
  const path = await written('secret.png', quarters().png());
  chmodSync(path, 0);
  await expect(loadImage(path, PREPROCESSING)).rejects.toMatchObject({ code: 'image-unreadable' });
});

const PHOTOS = join(import.meta.dirname, '../../../../shared/data/imagenet-250/images');
test.skipIf(!existsSync(PHOTOS))('the crops of 250 photos are those of Pillow (needs ../shared)', async () => {
  const preprocessing = presetPreprocessing('imagenet', { layout: 'NCHW', height: 224, width: 224, channelCount: 3 });
  const digest = createHash('sha256');
  for (const name of readdirSync(PHOTOS).sort())
    digest.update((await loadImage(join(PHOTOS, name), preprocessing)).image.data);
  // By test/shared/pillow-digests.py.
  expect(digest.digest('hex')).toBe('73116922cc332e63dd56a8a8f4524217b916a66f2d3081405bdac77edae5f9ba');
});

test('8 x 8 pixels suffice', async () => {
  const { image } = await loadImage(await written('eight.png', quarters(8, 8).png()), PREPROCESSING);
  expectQuarters(image, 0);
});

test('a path of any characters is taken as it is', async () => {
  const nested = join(folder, 'höhe %20 #1');
  mkdirSync(nested);
  const path = join(nested, 'ünï code.png');
  writeFileSync(path, await quarters().png().toBuffer());
  expectQuarters((await loadImage(path, WHOLE)).image, 0);
});
