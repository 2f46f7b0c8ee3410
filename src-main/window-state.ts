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
  const primary = workAreas[0]!;
  const wanted = state.bounds;
  const home = wanted && largestOverlap(wanted, workAreas);
  if (!home) {
    const size = wanted ?? DEFAULT_WINDOW;
    const width = Math.min(size.width, primary.width);
    const height = Math.min(size.height, primary.height);
    const x = primary.x + Math.floor((primary.width - width) / 2);
    const y = primary.y + Math.floor((primary.height - height) / 2);
    return { x, y, width, height };
  }
  const width = Math.min(Math.max(wanted.width, MIN_WINDOW.width), home.width);
  const height = Math.min(Math.max(wanted.height, MIN_WINDOW.height), home.height);
  const x = Math.min(Math.max(wanted.x, home.x), home.x + home.width - width);
  const y = Math.min(Math.max(wanted.y, home.y), home.y + home.height - height);
  return { x, y, width, height };
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
