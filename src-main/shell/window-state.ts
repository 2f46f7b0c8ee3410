import { z } from 'zod';

const bounds = z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() });
export const windowStateSchema = z.object({ bounds: bounds.nullable(), maximised: z.boolean() });
export type WindowState = z.infer<typeof windowStateSchema>;
export type Bounds = z.infer<typeof bounds>;

export const DEFAULT_WINDOW_STATE: WindowState = { bounds: null, maximised: false };
export const MIN_WINDOW = { width: 900, height: 600 } as const;
const DEFAULT_WINDOW = { width: 1440, height: 900 } as const;

/**
 * Where the window opens: where it was, moved and shrunk into the display it overlaps most; centred on the first display when it
 * was on one that is gone.
 * @param workAreas of the displays, the primary first; at least one
 */
export function placeWindow(state: WindowState, workAreas: readonly Bounds[]): Bounds {
  const wanted = state.bounds;
  const home = wanted && largestOverlap(wanted, workAreas);
  const area = home ?? workAreas[0]!;
  const width = clamp(wanted?.width ?? DEFAULT_WINDOW.width, MIN_WINDOW.width, area.width);
  const height = clamp(wanted?.height ?? DEFAULT_WINDOW.height, MIN_WINDOW.height, area.height);
  const free = { x: area.width - width, y: area.height - height };
  const x = area.x + (home ? clamp(wanted.x - area.x, 0, free.x) : Math.floor(free.x / 2));
  const y = area.y + (home ? clamp(wanted.y - area.y, 0, free.y) : Math.floor(free.y / 2));
  return { x, y, width, height };
}

/** The upper bound wins: a display can be smaller than the least window. */
function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function largestOverlap(window: Bounds, workAreas: readonly Bounds[]): Bounds | null {
  let best: Bounds | null = null;
  let bestArea = 0;
  for (const area of workAreas) {
    const width = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
    const height = Math.min(window.y + window.height, area.y + area.height) - Math.max(window.y, area.y);
    if (width <= 0 || height <= 0 || width * height <= bestArea) continue;
    best = area;
    bestArea = width * height;
  }
  return best;
}
