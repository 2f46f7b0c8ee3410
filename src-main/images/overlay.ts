import { bitsColour, levelColour, type Rgb, textColourOn, viridis } from '../../src-shared/colormap.ts';
import { cellRectangle, type Grid, type Rectangle } from '../../src-shared/image.ts';
import { MAX_BITS } from '../../src-shared/precision/precision-plan.ts';
import { type Preprocessing, visibleRectangle } from '../../src-shared/preprocessing.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { decodePreview, loadSharp } from './image-file.ts';
import {
  BLACK,
  blankRaster,
  crossRectangle,
  drawImage,
  drawText,
  fillRectangle,
  type Raster,
  removeColour,
  strokeRectangle,
  TEXT_HEIGHT,
  textWidth,
  WHITE,
} from './raster.ts';

/** What the cells show: importance 0..1, levels from 0 to one below their number, or bits 0..16. */
export type OverlayScale =
  { readonly kind: 'importance' } | { readonly kind: 'levels'; readonly levels: number } | { readonly kind: 'bits' };

export interface Overlay {
  /** File of the photo. */
  readonly photo: string;
  readonly preprocessing: Preprocessing;
  /** Cells over what the network sees: the importance grid, or the positions of a layer. */
  readonly grid: Grid;
  /** One value a cell, row by row. */
  readonly values: ArrayLike<number>;
  readonly scale: OverlayScale;
  /** One line under the photo: what is shown, of which layer. */
  readonly title: string;
}

const PHOTO_SIDE = 960;
const MARGIN = 16;
const OPACITY = 0.6;
const TEXT_SCALE = 2;
const LINE = TEXT_HEIGHT * TEXT_SCALE;
const SWATCH_HEIGHT = 20;
/** Smallest cell that has room for its number. */
const NUMBERED_CELL = 18;

/**
 * The whole photo upright, the cells over the part that the network sees, that part framed and grey underneath so that only the
 * map has colour, and a numeric legend below. A value has the same colour in every picture. Colour is not alone: levels and bits
 * are written into cells that have room, cropped cells (0 bits) are crossed out.
 * @returns a PNG file
 * @throws FoveaError as `loadImage`
 */
export async function renderOverlay(overlay: Overlay): Promise<Uint8Array> {
  const { grid, values, scale, title } = overlay;
  if (values.length !== grid.rows * grid.columns)
    throw new RangeError(`${values.length} values for ${grid.rows} x ${grid.columns} cells`);
  const { image: photo } = await decodePreview(overlay.photo, PHOTO_SIDE);
  const legend = legendOf(scale, values);
  const width =
    Math.max(photo.width, legend.steps.length * legend.stepWidth, textWidth(title, TEXT_SCALE)) + 2 * MARGIN;
  const legendTop = photo.height + 2 * MARGIN;
  const raster = blankRaster(width, legendTop + 2 * LINE + SWATCH_HEIGHT + 2 * MARGIN, WHITE);
  drawImage(raster, photo, MARGIN, MARGIN);
  drawCells(raster, overlay, rounded(visibleRectangle(photo.width, photo.height, overlay.preprocessing)));
  drawText(raster, title, MARGIN, legendTop, BLACK, TEXT_SCALE);
  drawLegend(raster, scale, legend, legendTop + LINE + MARGIN / 2);
  const sharp = await loadSharp();
  return sharp(raster.data, { raw: { width: raster.width, height: raster.height, channels: 3 } })
    .png()
    .toBuffer();
}

/**
 * Writes {@link renderOverlay}'s PNG, and its folder where that is missing.
 * @throws FoveaError `output-unwritable`, or as `loadImage`
 */
export async function writeOverlay(overlay: Overlay, path: string): Promise<void> {
  await writeWholeFile(path, await renderOverlay(overlay), { withFolder: true });
}

function drawCells(raster: Raster, { grid, values, scale }: Overlay, seen: Rectangle): void {
  const colourOf = colours(scale);
  removeColour(raster, seen);
  for (let row = 0; row < grid.rows; row++)
    for (let column = 0; column < grid.columns; column++) {
      const value = values[row * grid.columns + column]!;
      const cell = cellRectangle(grid, row, column, seen.right - seen.left, seen.bottom - seen.top);
      const place = {
        left: seen.left + cell.left,
        right: seen.left + cell.right,
        top: seen.top + cell.top,
        bottom: seen.top + cell.bottom,
      };
      const colour = colourOf(value);
      const room = Math.min(cell.right - cell.left, cell.bottom - cell.top) >= NUMBERED_CELL;
      fillRectangle(raster, place, colour, OPACITY);
      if (isCropped(scale, value)) crossRectangle(raster, place, WHITE);
      else if (room && scale.kind !== 'importance') {
        const text = String(value);
        const left = Math.round((place.left + place.right - textWidth(text, 1)) / 2);
        const top = Math.round((place.top + place.bottom - TEXT_HEIGHT) / 2);
        drawText(raster, text, left, top, textColourOn(colour), 1);
      }
    }
  strokeRectangle(raster, seen, BLACK, 2);
  strokeRectangle(raster, seen, WHITE, 1);
}

function colours(scale: OverlayScale): (value: number) => Rgb {
  if (scale.kind === 'importance') return viridis;
  return scale.kind === 'bits' ? bitsColour : (level) => levelColour(level, scale.levels);
}

function isCropped(scale: OverlayScale, value: number): boolean {
  return scale.kind === 'bits' && value === 0;
}

interface Legend {
  readonly stepWidth: number;
  readonly steps: readonly number[];
  /** Every how many steps have their number written below. */
  readonly numberedEvery: number;
}

/** Importance runs from 0 to 1; bits from 0 to 8, or to 16 where a wider value occurs. */
function legendOf(scale: OverlayScale, values: ArrayLike<number>): Legend {
  if (scale.kind === 'importance')
    return { stepWidth: 12, steps: Array.from({ length: 21 }, (_, step) => step / 20), numberedEvery: 5 };
  const highestBits = Array.from(values).some((bits) => bits > 8) ? MAX_BITS : 8;
  const count = scale.kind === 'levels' ? scale.levels : highestBits + 1;
  return { stepWidth: 40, steps: Array.from({ length: count }, (_, step) => step), numberedEvery: 1 };
}

function drawLegend(
  raster: Raster,
  scale: OverlayScale,
  { stepWidth, steps, numberedEvery }: Legend,
  top: number,
): void {
  const colourOf = colours(scale);
  for (const [index, value] of steps.entries()) {
    const left = MARGIN + index * stepWidth;
    const swatch = { left, top, right: left + stepWidth, bottom: top + SWATCH_HEIGHT };
    fillRectangle(raster, swatch, colourOf(value));
    if (isCropped(scale, value)) crossRectangle(raster, swatch, WHITE);
    if (index % numberedEvery > 0) continue;
    const text = String(value);
    const textLeft = Math.max(MARGIN, left + Math.round((stepWidth - textWidth(text, TEXT_SCALE)) / 2));
    drawText(raster, text, textLeft, top + SWATCH_HEIGHT + 4, BLACK, TEXT_SCALE);
  }
}

function rounded({ left, top, right, bottom }: Rectangle): Rectangle {
  return {
    left: MARGIN + Math.round(left),
    top: MARGIN + Math.round(top),
    right: MARGIN + Math.round(right),
    bottom: MARGIN + Math.round(bottom),
  };
}
