import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Overlay, renderOverlay, writeOverlay } from '../../../src-main/images/overlay.ts';
import { bitsColour, levelColour, type Rgb, viridis } from '../../../src-shared/colormap.ts';
import { presetPreprocessing } from '../../../src-shared/preprocessing.ts';

const MARGIN = 16;
/** The network sees the centre 224 of 256 rows and of 320 columns: 7/4 of that in a photo of 560 x 448. */
const SEEN = { left: MARGIN + 84, top: MARGIN + 28, size: 392 } as const;
const GREY = 100;

let folder: string;
let base: Omit<Overlay, 'values' | 'scale'>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-overlay-'));
  const photo = join(folder, 'photo.png');
  writeFileSync(
    photo,
    await sharp({ create: { width: 560, height: 448, channels: 3, background: { r: GREY, g: GREY, b: GREY } } })
      .png()
      .toBuffer(),
  );
  base = {
    photo,
    preprocessing: presetPreprocessing('plain', { layout: 'NCHW', height: 224, width: 224, channelCount: 3 }),
    grid: { rows: 2, columns: 2 },
    title: 'Title',
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Picture {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): number[];
}

async function drawn(overlay: Overlay): Promise<Picture> {
  const { data, info } = await sharp(await renderOverlay(overlay))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    at: (x, y) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  };
}

/** A point of cell (row, column) away from its middle, where a number may stand, and from its diagonals. */
function inCell(picture: Picture, row: number, column: number): number[] {
  const cell = SEEN.size / 2;
  return picture.at(SEEN.left + Math.floor(cell * (column + 0.5)), SEEN.top + Math.floor(cell * (row + 0.2)));
}

/** 60 % of the map over 40 % of the photo. */
const over = (colour: Rgb) => colour.map((byte) => Math.round(GREY + 0.6 * (byte - GREY)));

test('importance lies over what the network sees, and nowhere else', async () => {
  const picture = await drawn({ ...base, values: [0, 0.25, 0.5, 1], scale: { kind: 'importance' } });
  expect(inCell(picture, 0, 0)).toEqual(over(viridis(0)));
  expect(inCell(picture, 0, 1)).toEqual(over(viridis(0.25)));
  expect(inCell(picture, 1, 0)).toEqual(over(viridis(0.5)));
  expect(inCell(picture, 1, 1)).toEqual(over(viridis(1)));
  expect(picture.at(SEEN.left - 2, SEEN.top + 100)).toEqual([GREY, GREY, GREY]);
  expect(picture.at(SEEN.left + SEEN.size + 1, SEEN.top + 100)).toEqual([GREY, GREY, GREY]);
  expect(picture.at(SEEN.left + 100, SEEN.top - 2)).toEqual([GREY, GREY, GREY]);
  expect(picture.at(SEEN.left, SEEN.top + 100)).toEqual([255, 255, 255]);
  expect(picture.at(SEEN.left + 1, SEEN.top + 100)).toEqual([0, 0, 0]);
});

test('levels and bits have their colours; 0 bits are crossed out', async () => {
  const levels = await drawn({ ...base, values: [0, 1, 2, 2], scale: { kind: 'levels', levels: 3 } });
  expect(inCell(levels, 0, 1)).toEqual(over(levelColour(1, 3)));
  const bits = await drawn({ ...base, values: [0, 3, 4, 8], scale: { kind: 'bits' } });
  expect(inCell(bits, 0, 0)).toEqual(over(bitsColour(0)));
  expect(inCell(bits, 1, 0)).toEqual(over(bitsColour(4)));
  const middle = (column: number) => bits.at(SEEN.left + SEEN.size * (0.25 + 0.5 * column), SEEN.top + SEEN.size / 4);
  expect(middle(0)).toEqual([255, 255, 255]);
  expect(middle(1)).not.toEqual([255, 255, 255]);
});

test('the legend shows the same colours in every picture, wide bits where they occur', async () => {
  const legendTop = 448 + 2 * MARGIN + 16 + 8;
  const swatch = (picture: Picture, index: number) => picture.at(MARGIN + 40 * index + 10, legendTop + 3);
  const narrow = await drawn({ ...base, values: [2, 3, 4, 8], scale: { kind: 'bits' } });
  const wide = await drawn({ ...base, values: [2, 3, 4, 16], scale: { kind: 'bits' } });
  for (const bits of [1, 4, 8]) {
    expect(swatch(narrow, bits)).toEqual([...bitsColour(bits)]);
    expect(swatch(wide, bits)).toEqual([...bitsColour(bits)]);
  }
  expect(swatch(narrow, 9)).toEqual([255, 255, 255]);
  expect(swatch(wide, 16)).toEqual([...bitsColour(16)]);
});

test('a grid finer than its pixels, and a title of any length and script, are drawn', async () => {
  const grid = { rows: 112, columns: 112 };
  const title = `${'fire2/squeeze1x1_1 '.repeat(6)}– größe 图`;
  const values = new Float32Array(112 * 112).fill(4);
  const picture = await drawn({ ...base, grid, values, scale: { kind: 'bits' }, title });
  expect(picture.width).toBeGreaterThan(560 + 2 * MARGIN);
  expect(inCell(picture, 0, 0)).toEqual(over(bitsColour(4)));
});

test('it is written with its folder, and says so when it cannot be', async () => {
  const overlay: Overlay = { ...base, values: [0, 0, 1, 1], scale: { kind: 'importance' } };
  const path = join(folder, 'new', 'importance.png');
  await writeOverlay(overlay, path);
  expect(readFileSync(path).equals(await renderOverlay(overlay))).toBe(true);
  await expect(writeOverlay(overlay, join(base.photo, 'x.png'))).rejects.toMatchObject({ code: 'output-unwritable' });
});

test('a photo that cannot be read keeps its own error; a wrong number of cells is a defect', async () => {
  const scale = { kind: 'importance' } as const;
  await expect(renderOverlay({ ...base, photo: folder, values: [0, 0, 0, 0], scale })).rejects.toMatchObject({
    code: 'image-is-directory',
  });
  await expect(renderOverlay({ ...base, values: [0], scale })).rejects.toThrow(RangeError);
});
