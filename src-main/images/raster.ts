import type { Rgb } from '../../src-shared/colormap.ts';
import type { Rectangle, RgbImage } from '../../src-shared/image.ts';
import { luma } from '../../src-shared/importance/luma.ts';

/** Pixels that are drawn on; what falls outside is left out. Coordinates are whole pixels. */
export type Raster = RgbImage;

export const BLACK: Rgb = [0, 0, 0];
export const WHITE: Rgb = [255, 255, 255];

export function blankRaster(width: number, height: number, colour: Rgb): Raster {
  const raster = { width, height, data: new Uint8Array(width * height * 3) };
  fillRectangle(raster, { left: 0, top: 0, right: width, bottom: height }, colour);
  return raster;
}

/** @param opacity 0 leaves what is there, 1 covers it */
export function fillRectangle(raster: Raster, rectangle: Rectangle, colour: Rgb, opacity = 1): void {
  const { width, height, data } = raster;
  for (let y = Math.max(0, rectangle.top); y < Math.min(height, rectangle.bottom); y++)
    for (let x = Math.max(0, rectangle.left); x < Math.min(width, rectangle.right); x++)
      for (const [channel, byte] of colour.entries()) {
        const i = (y * width + x) * 3 + channel;
        data[i] = Math.round(data[i]! + opacity * (byte - data[i]!));
      }
}

/** Leaves the lightness (luma, ITU-R BT.601) and takes the colour away. */
export function removeColour(raster: Raster, { left, top, right, bottom }: Rectangle): void {
  for (let y = top; y < bottom; y++) {
    const row = raster.data.subarray((y * raster.width + left) * 3, (y * raster.width + right) * 3);
    for (const [pixel, grey] of luma({ width: right - left, height: 1, data: row }).entries())
      row.fill(grey, pixel * 3, pixel * 3 + 3);
  }
}

/** A frame of `thickness` pixels just inside the rectangle. */
export function strokeRectangle(raster: Raster, rectangle: Rectangle, colour: Rgb, thickness: number): void {
  const { left, top, right, bottom } = rectangle;
  fillRectangle(raster, { left, top, right, bottom: top + thickness }, colour);
  fillRectangle(raster, { left, top: bottom - thickness, right, bottom }, colour);
  fillRectangle(raster, { left, top, right: left + thickness, bottom }, colour);
  fillRectangle(raster, { left: right - thickness, top, right, bottom }, colour);
}

/** Both diagonals: marks a cell without colour. */
export function crossRectangle(raster: Raster, { left, top, right, bottom }: Rectangle, colour: Rgb): void {
  const length = Math.max(right - left, bottom - top);
  const dot = (x: number, y: number) =>
    fillRectangle(raster, { left: x, top: y, right: Math.min(x + 1, right), bottom: Math.min(y + 1, bottom) }, colour);
  for (let i = 0; i < length; i++) {
    const x = left + Math.floor((i * (right - left)) / length);
    const y = top + Math.floor((i * (bottom - top)) / length);
    dot(x, y);
    dot(right - 1 - (x - left), y);
  }
}

export function drawImage(raster: Raster, image: RgbImage, left: number, top: number): void {
  for (let row = 0; row < image.height; row++)
    raster.data.set(
      image.data.subarray(row * image.width * 3, (row + 1) * image.width * 3),
      ((top + row) * raster.width + left) * 3,
    );
}

const GLYPH_WIDTH = 5;
/** Pixels from one character to the next, and of a line, at scale 1. */
const TEXT_ADVANCE = GLYPH_WIDTH + 1;
export const TEXT_HEIGHT = 8;

/**
 * Text in a 5 x 8 dot-matrix face, because a bare machine has no fonts. Characters outside printable ASCII become `?`.
 * @param scale pixels a dot
 */
export function drawText(raster: Raster, text: string, left: number, top: number, colour: Rgb, scale: number): void {
  for (const [index, character] of [...text].entries()) {
    const code = character.codePointAt(0)! - 32;
    const glyph = GLYPHS[code] ?? GLYPHS['?'.charCodeAt(0) - 32]!;
    for (let column = 0; column < GLYPH_WIDTH; column++)
      for (let row = 0; row < TEXT_HEIGHT; row++) {
        if (!((glyph[column]! >> row) & 1)) continue;
        const x = left + (index * TEXT_ADVANCE + column) * scale;
        const y = top + row * scale;
        fillRectangle(raster, { left: x, top: y, right: x + scale, bottom: y + scale }, colour);
      }
  }
}

export function textWidth(text: string, scale: number): number {
  return ([...text].length * TEXT_ADVANCE - 1) * scale;
}

/** The characters from space to `~`: five columns each, left to right, the lowest bit at the top. */
const GLYPHS = (
  '0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649562050 0000070000 001c224100 0041221c00 ' +
  '2a1c7f1c2a 08083e0808 0080703000 0808080808 0000606000 2010080402 3e5149453e 00427f4000 7249494946 2141494d33 ' +
  '1814127f10 2745454539 3c4a494931 4121110907 3649494936 464949291e 0000140000 0040340000 0008142241 1414141414 ' +
  '0041221408 0201590906 3e415d594e 7c1211127c 7f49494936 3e41414122 7f4141413e 7f49494941 7f09090901 3e41415173 ' +
  '7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f021c027f 7f0408107f 3e4141413e 7f09090906 3e4151215e ' +
  '7f09192946 2649494932 03017f0103 3f4040403f 1f2040201f 3f4038403f 6314081463 0304780403 6159494d43 007f414141 ' +
  '0204081020 004141417f 0402010204 4040404040 0003070800 2054547840 7f28444438 3844444428 384444287f 3854545418 ' +
  '00087e0902 18a4a49c78 7f08040478 00447d4000 2040403d00 7f10284400 00417f4000 7c04780478 7c08040478 3844444438 ' +
  'fc18242418 18242418fc 7c08040408 4854545424 04043f4424 3c4040207c 1c2040201c 3c4030403c 4428102844 4c9090907c ' +
  '4464544c44 0008364100 0000770000 0041360800 0201020402'
)
  .split(' ')
  .map((glyph) => [0, 2, 4, 6, 8].map((start) => Number.parseInt(glyph.slice(start, start + 2), 16)));
