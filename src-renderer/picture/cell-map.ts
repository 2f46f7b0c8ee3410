import type { Analysis } from '../../src-shared/analysis.ts';
import { bitsColour, cssColour, levelColour, viridis, type Rgb } from '../../src-shared/colormap.ts';
import { cellRectangle, type Grid, type Rectangle } from '../../src-shared/image.ts';
import { layerLevels } from '../../src-shared/precision/bit-map.ts';
import { bitsOfLayer } from '../../src-shared/precision/precision-plan.ts';
import type { Point, Size } from './viewport.ts';

/** What can lie over the photo. */
export const OVERLAYS = ['photo', 'importance', 'levels', 'bits'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** One value for each cell over the network's input, row by row. */
export interface CellMap {
  readonly grid: Grid;
  readonly values: readonly number[];
  readonly colourOf: (value: number) => Rgb;
  /** Values are steps, whose borders are drawn: neighbouring bit widths have colours that a photo can hide. */
  readonly stepped: boolean;
  /** How much a value covers the photo, 0..1; left out: wholly. */
  readonly coverOf?: (value: number) => number;
}

/** Cropped cells are nearly covered, the others let the photo through. */
const KEPT_COVER = 0.5;

export interface Cell {
  readonly row: number;
  readonly column: number;
}

export function gridOf({ importance }: Analysis): Grid {
  return { rows: importance.grid[0], columns: importance.grid[1] };
}

/** What is looked at: with `bits` also the layer whose bits are shown; null for the plan's own. */
export interface Look {
  readonly overlay: Overlay;
  readonly layer: string | null;
}

/** What a cell is told to be. */
export interface CellFacts {
  /** Null for a position of a layer, which has a level alone. */
  readonly importance: number | null;
  readonly level: number;
  readonly bits: number;
}

/** The cells that can be pointed at: the regions, or the positions of a layer's input. */
export function pointedGrid(analysis: Analysis, { overlay, layer }: Look): Grid {
  return overlay === 'bits' ? levelsOfLayer(analysis, layer).grid : gridOf(analysis);
}

/** Null outside the grid. */
export function cellFacts(analysis: Analysis, { overlay, layer }: Look, { row, column }: Cell): CellFacts | null {
  const shown = overlay === 'bits' ? layer : null;
  const { grid, levels } = levelsOfLayer(analysis, shown);
  const index = row * grid.columns + column;
  const level = column < grid.columns ? levels[index] : undefined;
  if (level === undefined) return null;
  const importance = shown === null ? (analysis.importance.values[index] ?? null) : null;
  return { importance, level, bits: shownBits(analysis, shown)[level] ?? 0 };
}

/** The map that is shown; null for the photo itself. */
export function cellMap(analysis: Analysis, { overlay, layer }: Look): CellMap | null {
  const grid = gridOf(analysis);
  const { values, levels } = analysis.importance;
  switch (overlay) {
    case 'photo':
      return null;
    case 'importance':
      return { grid, values, colourOf: viridis, stepped: false };
    case 'levels':
      return {
        grid,
        values: levels,
        colourOf: (level) => levelColour(level, analysis.plan.bits.length),
        stepped: true,
      };
    case 'bits': {
      const carried = levelsOfLayer(analysis, layer);
      const bits = shownBits(analysis, layer);
      const values = carried.levels.map((level) => bits[level] ?? 0);
      return { grid: carried.grid, values, colourOf: bitsColour, stepped: true, coverOf: bitsCover };
    }
  }
}

function bitsCover(bits: number): number {
  return bits === 0 ? 1 : KEPT_COVER;
}

/** The level of each position of a layer's input; of each cell without a layer. */
export function levelsOfLayer(
  analysis: Analysis,
  layer: string | null,
): { readonly grid: Grid; readonly levels: readonly number[] } {
  const grid = gridOf(analysis);
  const { levels } = analysis.importance;
  const geometry = analysis.layers.find(({ name }) => name === layer);
  if (!geometry) return { grid, levels };
  const [, rows, columns] = geometry.inputShape;
  return { grid: { rows, columns }, levels: [...layerLevels(analysis, geometry)] };
}

/** Bits by level of a layer, or of the plan. The first layer reads the image. */
export function shownBits(
  { plan, layers }: Pick<Analysis, 'plan' | 'layers'>,
  layer: string | null,
): readonly number[] {
  return layer === null ? plan.bits : bitsOfLayer(plan, layer, layers[0]?.name === layer);
}

/** Canvas pixels to a pixel of the network's input: fine enough for thin borders. */
export const MAP_FINENESS = 2;
const BORDER = 'rgb(0 0 0 / 70%)';

/** Paints one cell after another into the canvas, which stands for the network's input: cells begin and end where the engine cuts. */
export function paintMap(canvas: HTMLCanvasElement, map: CellMap, size: Size): void {
  canvas.width = size.width * MAP_FINENESS;
  canvas.height = size.height * MAP_FINENESS;
  const context = canvas.getContext('2d');
  if (!context) return;
  const { rows, columns } = map.grid;
  const valueAt = (row: number, column: number) => map.values[row * columns + column] ?? 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const box = cellRectangle(map.grid, row, column, size.width, size.height);
      const [left, top] = [box.left * MAP_FINENESS, box.top * MAP_FINENESS];
      const [width, height] = [box.right * MAP_FINENESS - left, box.bottom * MAP_FINENESS - top];
      const value = valueAt(row, column);
      context.globalAlpha = map.coverOf?.(value) ?? 1;
      context.fillStyle = cssColour(map.colourOf(value));
      context.fillRect(left, top, width, height);
      context.globalAlpha = 1;
      if (!map.stepped) continue;
      context.fillStyle = BORDER;
      if (column > 0 && valueAt(row, column - 1) !== value) context.fillRect(left, top, 1, height);
      if (row > 0 && valueAt(row - 1, column) !== value) context.fillRect(left, top, width, 1);
    }
}

/** CSS pixels of a cell that has room for its figure. */
const FIGURE_CELL = 15;

/** Where a map lies on screen, CSS pixels, and how much of it is shown from its left and its right edge on. */
export interface MapPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
}

/** Letters as the page has them: pixels of a `rem`, and the family. */
export interface FigureFont {
  readonly rem: number;
  readonly family: string;
}

/** Writes its value into each cell of a stepped map that has room, sharp at any zoom. */
export function paintFigures(
  context: CanvasRenderingContext2D,
  map: CellMap,
  place: MapPlace,
  { rem, family }: FigureFont,
): void {
  const { rows, columns } = map.grid;
  if (!map.stepped || place.width / columns < FIGURE_CELL || place.height / rows < FIGURE_CELL) return;
  const size = Math.min(rem, place.width / columns / 2, place.height / rows / 1.6);
  const fineness = context.getTransform().a;
  const figureOf = figuresOf(context.canvas, `${size}px ${family}`, size, fineness);
  const { width, height } = context.canvas;
  const aligned = (at: number) => Math.round(at * fineness) / fineness;
  context.save();
  context.beginPath();
  context.rect(place.from, place.top, Math.max(0, place.to - place.from), place.height);
  context.clip();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const x = place.left + ((column + 0.5) * place.width) / columns;
      const y = place.top + ((row + 0.5) * place.height) / rows;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      const figure = figureOf(String(map.values[row * columns + column] ?? ''));
      const side = figure.width / fineness;
      context.drawImage(figure, aligned(x - side / 2), aligned(y - side / 2), side, side);
    }
  context.restore();
}

/** A map has a few values and many cells: each figure is drawn once, and then copied. By the canvas they were drawn for, of its last size. */
const drawnFigures = new WeakMap<
  HTMLCanvasElement,
  { readonly style: string; readonly figures: Map<string, OffscreenCanvas> }
>();

function figuresOf(
  canvas: HTMLCanvasElement,
  font: string,
  size: number,
  fineness: number,
): (text: string) => OffscreenCanvas {
  const style = `${font} ${fineness}`;
  let drawn = drawnFigures.get(canvas);
  if (drawn?.style !== style) drawnFigures.set(canvas, (drawn = { style, figures: new Map() }));
  const { figures } = drawn;
  return (text) => {
    let figure = figures.get(text);
    if (!figure) figures.set(text, (figure = paintedFigure(text, font, size, fineness)));
    return figure;
  };
}

/** Legible on light and on dark, in the middle of a square. */
function paintedFigure(text: string, font: string, size: number, fineness: number): OffscreenCanvas {
  const side = Math.ceil((2 * size + 4) * fineness);
  const figure = new OffscreenCanvas(side, side);
  const context = figure.getContext('2d');
  if (!context) return figure;
  context.scale(fineness, fineness);
  context.font = font;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 2.5;
  context.lineJoin = 'round';
  context.strokeStyle = 'rgb(0 0 0 / 60%)';
  context.fillStyle = '#fff';
  const middle = side / 2 / fineness;
  context.strokeText(text, middle, middle);
  context.fillText(text, middle, middle);
  return figure;
}

/** The cell of another grid that lies at the same place of the image. */
export function cellInGrid({ row, column }: Cell, from: Grid, to: Grid): Cell {
  return {
    row: Math.floor(((row + 0.5) * to.rows) / from.rows),
    column: Math.floor(((column + 0.5) * to.columns) / from.columns),
  };
}

/** The cell at a point of the network's input, in its pixels; null outside. */
export function cellAt(point: Point, grid: Grid, size: Size): Cell | null {
  const x = Math.floor(point.x);
  const y = Math.floor(point.y);
  if (!(x >= 0 && y >= 0 && x < size.width && y < size.height)) return null;
  // The inverse of cellStart: the last cell that starts at or before the pixel.
  const along = (pixel: number, cells: number, length: number) => Math.ceil(((pixel + 1) * cells) / length) - 1;
  return { row: along(y, grid.rows, size.height), column: along(x, grid.columns, size.width) };
}

/** The cell `rows` and `columns` further on, within the grid; without a cell the middle one. */
export function moveCell(cell: Cell | null, rows: number, columns: number, grid: Grid): Cell {
  if (!cell) return { row: grid.rows >> 1, column: grid.columns >> 1 };
  const within = (index: number, cells: number) => Math.min(cells - 1, Math.max(0, index));
  return { row: within(cell.row + rows, grid.rows), column: within(cell.column + columns, grid.columns) };
}

/** The part of the photo that a cell covers. */
export function cellInPhoto({ row, column }: Cell, grid: Grid, size: Size, crop: Rectangle): Rectangle {
  const { left, top, right, bottom } = cellRectangle(grid, row, column, size.width, size.height);
  const scaleX = (crop.right - crop.left) / size.width;
  const scaleY = (crop.bottom - crop.top) / size.height;
  return {
    left: crop.left + left * scaleX,
    right: crop.left + right * scaleX,
    top: crop.top + top * scaleY,
    bottom: crop.top + bottom * scaleY,
  };
}
