import { bitsColour, cssColour, type Rgb, viridis } from '../../src-shared/colormap.ts';
import { cellRectangle } from '../../src-shared/image.ts';
import { escaped } from '../../src-shared/report/html.ts';
import type { CellMap, Overlay } from '../picture/cell-map.ts';
import type { Photo } from '../picture/photo-loader.svelte.ts';

/** What a figure says beside the picture. */
export interface FigureWords {
  readonly name: string;
  readonly sentence: string;
  readonly worth: string;
  /** Of the map's scale. */
  readonly legend: string;
  readonly command: string;
}

const WIDTH = 960;
const MARGIN = 24;
const LINE = 20;
/** Letters to a pixel of size, at most: lines are broken so that any font has room. */
const LETTER = 0.56;
const SCALE_WIDTH = 320;

/**
 * The picture with its map, the scale, what is said of it and the command that repeats it, as an SVG that stands alone: the photo within
 * it, the cells as shapes.
 */
export function figureSvg(photo: Photo, map: CellMap | null, overlay: Overlay, words: FigureWords): string {
  const inner = WIDTH - 2 * MARGIN;
  const scale = inner / photo.width;
  const height = photo.height * scale;
  const { crop, inputSize } = photo;
  const cells = map ? cellsOf(map, photo) : '';
  const [width, tall] = [crop.right - crop.left, crop.bottom - crop.top];
  const texts = [
    ...broken(words.sentence, 17, inner).map((line) => ({ line, size: 17, weight: 600, mono: false })),
    ...broken(words.worth, 14, inner).map((line) => ({ line, size: 14, weight: 400, mono: false })),
    ...broken(words.command, 12, inner).map((line) => ({ line, size: 12, weight: 400, mono: true })),
  ];
  const textTop = MARGIN + height + 64;
  const total = textTop + texts.length * (LINE + 4) + MARGIN;
  const family = (mono: boolean) => (mono ? 'monospace' : 'system-ui, sans-serif');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${Math.ceil(total)}" viewBox="0 0 ${WIDTH} ${Math.ceil(total)}">`,
    `<title>${escaped(words.name)}</title><rect width="100%" height="100%" fill="#fff"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN}) scale(${scale})">`,
    `<image width="${photo.width}" height="${photo.height}" href="${dataUrlOf(photo)}"/>`,
    `<path fill="#0d1116" fill-opacity=".5" fill-rule="evenodd" d="M0 0H${photo.width}V${photo.height}H0ZM${crop.left} ${crop.top}H${crop.right}V${crop.bottom}H${crop.left}Z"/>`,
    `<g transform="translate(${crop.left} ${crop.top}) scale(${width / inputSize.width} ${tall / inputSize.height})">${cells}</g>`,
    `<rect x="${crop.left}" y="${crop.top}" width="${width}" height="${tall}" fill="none" stroke="#fff" stroke-width="${1 / scale}"/>`,
    '</g>',
    ...scaleOf(overlay, map, MARGIN, MARGIN + height + 12),
    `<text x="${MARGIN + SCALE_WIDTH + 16}" y="${MARGIN + height + 26}" font-family="system-ui, sans-serif" font-size="13" fill="#5a636e">${escaped(words.legend)}</text>`,
    ...texts.map(
      ({ line, size, weight, mono }, index) =>
        `<text x="${MARGIN}" y="${textTop + index * (LINE + 4)}" font-family="${family(mono)}" font-size="${size}" font-weight="${weight}" fill="${mono ? '#5a636e' : '#1b1f24'}">${escaped(line)}</text>`,
    ),
    '</svg>\n',
  ].join('');
}

function cellsOf(map: CellMap, { inputSize }: Photo): string {
  const { rows, columns } = map.grid;
  const boxes: string[] = [];
  const texts: string[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const value = map.values[row * columns + column] ?? 0;
      const box = cellRectangle(map.grid, row, column, inputSize.width, inputSize.height);
      const [width, height] = [box.right - box.left, box.bottom - box.top];
      const cover = 0.7 * (map.coverOf?.(value) ?? 1);
      boxes.push(
        `<rect x="${box.left}" y="${box.top}" width="${width}" height="${height}" fill="${hex(map.colourOf(value))}" fill-opacity="${cover}"/>`,
      );
      if (map.stepped && columns <= 28)
        texts.push(
          `<text x="${box.left + width / 2}" y="${box.top + height * 0.68}" font-size="${Math.min(height, width) * 0.5}">${value}</text>`,
        );
    }
  const style =
    'font-family="monospace" text-anchor="middle" fill="#fff" stroke="#000" stroke-opacity=".6" stroke-width=".7" paint-order="stroke"';
  return `${boxes.join('')}<g ${style}>${texts.join('')}</g>`;
}

function scaleOf(overlay: Overlay, map: CellMap | null, left: number, top: number): string[] {
  if (!map || overlay === 'photo') return [];
  const steps =
    overlay === 'importance'
      ? Array.from({ length: 64 }, (_, index) => ({ colour: viridis(index / 63), text: '' }))
      : overlay === 'bits'
        ? Array.from({ length: 10 }, (_, bits) => ({
            colour: bitsColour(bits),
            text: bits === 9 ? '&gt;8' : String(bits),
          }))
        : [...new Set(map.values)]
            .toSorted((a, b) => a - b)
            .map((level) => ({ colour: map.colourOf(level), text: String(level) }));
  const width = SCALE_WIDTH / steps.length;
  return steps.map(
    ({ colour, text }, index) =>
      `<rect x="${left + index * width}" y="${top}" width="${width + 0.5}" height="14" fill="${hex(colour)}"/>` +
      (text === ''
        ? ''
        : `<text x="${left + (index + 0.5) * width}" y="${top + 28}" font-family="monospace" font-size="11" text-anchor="middle" fill="#5a636e">${text}</text>`),
  );
}

/** Attributes of SVG want commas in their colours in more than one reader: `#rrggbb` is read by all. */
function hex(colour: Rgb): string {
  const bytes = cssColour(colour).match(/\d+/g) ?? [];
  return `#${bytes.map((byte) => Number(byte).toString(16).padStart(2, '0')).join('')}`;
}

function dataUrlOf({ bitmap, width, height }: Photo): string {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  return canvas.toDataURL('image/jpeg', 0.9);
}

/** Words in lines of at most so many pixels. */
function broken(text: string, size: number, width: number): string[] {
  const most = Math.floor(width / (size * LETTER));
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
