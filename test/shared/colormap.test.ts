import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitsColour,
  levelColour,
  relativeLuminance,
  type Rgb,
  textColourOn,
  viridis,
} from '../../src-shared/colormap.ts';

const WIDTHS = Array.from({ length: 17 }, (_, bits) => bits);

// Entries of matplotlib's _viridis_data, in bytes.
test.each([
  [0, [0x44, 0x01, 0x54]],
  [1, [0x44, 0x02, 0x56]],
  [64, [0x3b, 0x52, 0x8b]],
  [128, [0x21, 0x91, 0x8c]],
  [200, [0x70, 0xcf, 0x57]],
  [255, [0xfd, 0xe7, 0x25]],
])('colour %i of viridis is within one byte of the published one', (index, published) => {
  for (const [channel, byte] of viridis(index / 255).entries())
    expect(Math.abs(byte - published[channel]!)).toBeLessThanOrEqual(1);
});

test('lightness rises strictly along both ramps', () => {
  const rises = (colours: Rgb[]) =>
    colours.slice(1).every((colour, i) => relativeLuminance(colour) > relativeLuminance(colours[i]!));
  expect(rises(Array.from({ length: 64 }, (_, i) => viridis(i / 63)))).toBe(true);
  expect(rises(WIDTHS.map(bitsColour))).toBe(true);
});

// Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), severity 1.
test.each([
  ['protanopia', [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]],
  ['deuteranopia', [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881]],
  ['tritanopia', [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039]],
])('with %s the bits keep their order of lightness and 0 to 8 stay apart', (_, matrix) => {
  const lightness = WIDTHS.map((bits) => {
    const linear = bitsColour(bits).map((byte) => (byte / 255) ** 2.2);
    const [r, g, b] = [0, 3, 6].map((row) =>
      Math.max(0, matrix[row]! * linear[0]! + matrix[row + 1]! * linear[1]! + matrix[row + 2]! * linear[2]!),
    );
    return 116 * Math.cbrt(0.2126 * r! + 0.7152 * g! + 0.0722 * b!) - 16;
  });
  for (const bits of WIDTHS.slice(1)) expect(lightness[bits]).toBeGreaterThan(lightness[bits - 1]!);
  // A lightness difference of 2 to 3 (CIELAB) is seen side by side.
  for (let bits = 1; bits <= 8; bits++) expect(lightness[bits]! - lightness[bits - 1]!).toBeGreaterThan(2.5);
});

test('text on any colour has a contrast of at least 4.5 to 1', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte), (background) => {
      const [a, b] = [background, textColourOn(background)].map((colour) => relativeLuminance(colour) + 0.05);
      expect(Math.max(a! / b!, b! / a!)).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test('values outside the scale take its ends', () => {
  expect(viridis(-1)).toEqual(viridis(0));
  expect(viridis(2)).toEqual(viridis(1));
  expect(viridis(Number.NaN)).toEqual(viridis(0));
  expect(bitsColour(20)).toEqual(bitsColour(16));
});

test('levels spread over the whole scale', () => {
  const lightness = [0, 1, 2].map((level) => relativeLuminance(levelColour(level, 3)));
  expect(lightness).toEqual(lightness.toSorted((a, b) => a - b));
  expect(levelColour(0, 1)).toEqual(levelColour(2, 3));
  // One hue, blue: no level looks like an importance.
  for (const level of [0, 1, 2]) {
    const [red, green, blue] = levelColour(level, 3);
    expect(blue).toBeGreaterThan(green);
    expect(green).toBeGreaterThan(red);
  }
});
