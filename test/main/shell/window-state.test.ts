import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonFile } from '../../../src-main/files/json-file.ts';
import {
  DEFAULT_WINDOW_STATE,
  MIN_WINDOW,
  placeWindow,
  windowStateSchema,
  type Bounds,
} from '../../../src-main/shell/window-state.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const LEFT = { x: 0, y: 0, width: 1920, height: 1040 };
const RIGHT = { x: 1920, y: -200, width: 2560, height: 1400 };
const place = (bounds: Bounds | null, areas = [LEFT, RIGHT]) => placeWindow({ bounds, maximised: false }, areas);

describe('a window', () => {
  test('opens where it was', () => {
    const bounds = { x: 2000, y: 100, width: 1200, height: 800 };
    expect(place(bounds)).toEqual(bounds);
  });

  test('that hung over an edge is moved in', () => {
    expect(place({ x: -300, y: -50, width: 1200, height: 800 })).toEqual({ x: 0, y: 0, width: 1200, height: 800 });
  });

  test('on a display that is gone opens in the middle of the first, in its size', () => {
    expect(place({ x: 2500, y: 0, width: 1000, height: 700 }, [LEFT])).toEqual({
      x: 460,
      y: 170,
      width: 1000,
      height: 700,
    });
  });

  test('opens in the middle the first time, no larger than the display', () => {
    expect(place(null)).toEqual({ x: 240, y: 70, width: 1440, height: 900 });
    expect(place(null, [{ x: 0, y: 0, width: 1024, height: 700 }])).toEqual({ x: 0, y: 0, width: 1024, height: 700 });
  });

  test('always lies within one display and is never smaller than its least size where the display allows it', () => {
    const side = fc.integer({ min: 300, max: 4000 });
    const at = fc.integer({ min: -4000, max: 4000 });
    const rectangle = fc.record({ x: at, y: at, width: side, height: side });
    fc.assert(
      fc.property(fc.option(rectangle), fc.array(rectangle, { minLength: 1, maxLength: 3 }), (bounds, areas) => {
        const placed = place(bounds, areas);
        const home = areas.find(
          (area) =>
            placed.x >= area.x &&
            placed.y >= area.y &&
            placed.x + placed.width <= area.x + area.width &&
            placed.y + placed.height <= area.y + area.height,
        );
        expect(home).toBeDefined();
        expect(placed.width).toBeGreaterThanOrEqual(Math.min(MIN_WINDOW.width, ...areas.map(({ width }) => width)));
      }),
    );
  });
});

test.each([
  [
    { bounds: { x: 0.5, y: 0, width: 1200, height: 800 }, maximised: true },
    { bounds: null, maximised: true },
  ],
  [
    { bounds: LEFT, maximised: 'half' },
    { bounds: LEFT, maximised: false },
  ],
  [
    { bounds: { ...LEFT, display: 2 }, maximised: true, zoom: 2 },
    { bounds: LEFT, maximised: true },
  ],
])('of what was remembered, a field that is wrong or unknown costs itself alone: %j', async (stored, read) => {
  const path = join(temporaryFolder({ 'window.json': JSON.stringify(stored) }), 'window.json');
  expect(await jsonFile(path, windowStateSchema, DEFAULT_WINDOW_STATE).read()).toEqual(read);
});
