import { expect, test } from 'vitest';
import {
  BLACK,
  blankRaster,
  crossRectangle,
  drawText,
  fillRectangle,
  type Raster,
  removeColour,
  textWidth,
  WHITE,
} from '../../../src-main/images/raster.ts';

/** `#` where a pixel is not white. */
function shape({ width, height, data }: Raster): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_pixel, x) => (data[(y * width + x) * 3] === 255 ? '.' : '#')).join(''),
  );
}

test('text has the shapes of its characters, one dot between them', () => {
  const raster = blankRaster(17, 8, WHITE);
  drawText(raster, '4lg', 0, 0, BLACK, 1);
  expect(textWidth('4lg', 1)).toBe(17);
  expect(shape(raster)).toEqual([
    '...#...##........',
    '..##....#........',
    '.#.#....#....###.',
    '#..#....#...#..##',
    '#####...#...#..##',
    '...#....#....##.#',
    '...#...###......#',
    '.............###.',
  ]);
});

test('what lies outside the pixels is left out', () => {
  const raster = blankRaster(4, 3, WHITE);
  fillRectangle(raster, { left: -5, top: -5, right: 2, bottom: 99 }, BLACK);
  drawText(raster, 'WWW', 2, 2, WHITE, 3);
  expect(shape(raster)).toEqual(['##..', '##..', '##..']);
});

test('a cross runs from corner to corner of any rectangle', () => {
  const raster = blankRaster(7, 5, WHITE);
  crossRectangle(raster, { left: 1, top: 0, right: 6, bottom: 5 }, BLACK);
  expect(shape(raster)).toEqual(['.#...#.', '..#.#..', '...#...', '..#.#..', '.#...#.']);
});

test('opacity mixes, and taking the colour away keeps the lightness', () => {
  const raster = blankRaster(2, 1, [255, 0, 0]);
  fillRectangle(raster, { left: 1, top: 0, right: 2, bottom: 1 }, [55, 100, 0], 0.5);
  expect([...raster.data]).toEqual([255, 0, 0, 155, 50, 0]);
  removeColour(raster, { left: 0, top: 0, right: 1, bottom: 1 });
  expect([...raster.data]).toEqual([76, 76, 76, 155, 50, 0]);
});
