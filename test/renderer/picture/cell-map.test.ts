import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cellAt,
  cellFacts,
  cellInGrid,
  cellInPhoto,
  cellMap,
  moveCell,
  pointedGrid,
} from '../../../src-renderer/picture/cell-map.ts';
import { bitsColour, viridis } from '../../../src-shared/colormap.ts';
import { cellRectangle } from '../../../src-shared/image.ts';
import { analysisOf, entry } from '../fake-host.ts';

const ANALYSIS = analysisOf(entry('a.jpg'), {
  regions: 13,
  bits: [4, 3],
  lowShare: 0.25,
  layerBits: { conv10: [6, 0] },
});

describe('cells', () => {
  it('are found under every pixel that the engine gives them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 64, max: 300 }), fc.nat(), (cells, size, seed) => {
        const grid = { rows: cells, columns: cells };
        const cell = { row: seed % cells, column: (seed * 7) % cells };
        const box = cellRectangle(grid, cell.row, cell.column, size, size);
        for (const [x, y] of [
          [box.left, box.top],
          [box.right - 0.01, box.bottom - 0.01],
        ] as const)
          expect(cellAt({ x, y }, grid, { width: size, height: size })).toEqual(cell);
      }),
    );
  });

  it('keep their place in the image when the grid changes', () => {
    const grid = (cells: number) => ({ rows: cells, columns: cells });
    expect(cellInGrid({ row: 13, column: 0 }, grid(14), grid(7))).toEqual({ row: 6, column: 0 });
    expect(cellInGrid({ row: 3, column: 5 }, grid(7), grid(56))).toEqual({ row: 28, column: 44 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 128 }), fc.nat(), (from, to, seed) => {
        const cell = { row: seed % from, column: (seed * 3) % from };
        const moved = cellInGrid(cell, grid(from), grid(to));
        for (const side of ['row', 'column'] as const) {
          expect(moved[side]).toBeLessThan(to);
          const middle = (cell[side] + 0.5) / from;
          expect(middle).toBeGreaterThanOrEqual(moved[side] / to);
          expect(middle).toBeLessThan((moved[side] + 1) / to + 1e-9);
        }
      }),
    );
  });

  it('are not found outside the input', () => {
    const size = { width: 224, height: 224 };
    for (const point of [
      { x: -0.1, y: 3 },
      { x: 3, y: 224 },
      { x: Number.NaN, y: 3 },
    ])
      expect(cellAt(point, { rows: 14, columns: 14 }, size)).toBeNull();
  });

  it('lie in the photo where the crop puts them', () => {
    const crop = { left: 100, top: 50, right: 548, bottom: 498 };
    const box = cellInPhoto({ row: 0, column: 13 }, { rows: 14, columns: 14 }, { width: 224, height: 224 }, crop);
    expect(box).toEqual({ left: 516, right: 548, top: 50, bottom: 82 });
  });

  it('are moved through by keyboard, beginning in the middle and staying inside', () => {
    const grid = { rows: 14, columns: 14 };
    expect(moveCell(null, 0, 1, grid)).toEqual({ row: 7, column: 7 });
    expect(moveCell({ row: 0, column: 13 }, -1, 1, grid)).toEqual({ row: 0, column: 13 });
    expect(moveCell({ row: 3, column: 3 }, 1, -1, grid)).toEqual({ row: 4, column: 2 });
  });
});

describe('maps', () => {
  it('show importance in viridis and bits in the ramp of bits, on the grid of the plan', () => {
    const importance = cellMap(ANALYSIS, { overlay: 'importance', layer: null });
    expect(importance?.grid).toEqual({ rows: 13, columns: 13 });
    expect(importance?.colourOf(0.5)).toEqual(viridis(0.5));
    const bits = cellMap(ANALYSIS, { overlay: 'bits', layer: null });
    expect(new Set(bits?.values)).toEqual(new Set([3, 4]));
    expect(bits?.values.filter((value) => value === 3)).toHaveLength(Math.round(169 * 0.25));
    expect(bits?.colourOf(3)).toEqual(bitsColour(3));
    expect(cellMap(ANALYSIS, { overlay: 'photo', layer: null })).toBeNull();
  });

  it('show the bits of a layer at its own resolution, with its own widths', () => {
    const look = { overlay: 'bits', layer: 'conv10' } as const;
    expect(pointedGrid(ANALYSIS, look)).toEqual({ rows: 14, columns: 14 });
    expect(new Set(cellMap(ANALYSIS, look)?.values)).toEqual(new Set([0, 6]));
    expect(new Set(cellMap(ANALYSIS, { overlay: 'bits', layer: 'conv1' })?.values)).toEqual(new Set([8]));
  });

  it('tell a cell its importance, level and bits; a position of a layer its level and bits', () => {
    const centre = { row: 6, column: 6 };
    const cell = cellFacts(ANALYSIS, { overlay: 'importance', layer: 'conv10' }, centre);
    expect(cell).toEqual({ importance: ANALYSIS.importance.values[6 * 13 + 6], level: 1, bits: 4 });
    expect(cellFacts(ANALYSIS, { overlay: 'bits', layer: 'conv10' }, centre)).toEqual({
      importance: null,
      level: 1,
      bits: 6,
    });
    expect(cellFacts(ANALYSIS, { overlay: 'importance', layer: null }, { row: 0, column: 13 })).toBeNull();
  });
});
