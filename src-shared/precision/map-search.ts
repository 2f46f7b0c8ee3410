import { jointSizes } from './profile-search.ts';

/** Cells along each side of the maps that are searched through. */
export const SEARCH_GRID = 14;

/** Cells, row by row: 1 at the high width, 0 at the low one. */
export type Mask = Uint8Array;

/** How the network bears a mask. */
export interface MaskVerdict {
  readonly keeps: boolean;
  /** How sure it is of the answer to be kept: of two masks that keep it, the better one has more. */
  readonly sureness: number;
}

export interface MapSearch {
  /** Judges masks, several at a time, because that is cheaper. */
  readonly evaluate: (masks: readonly Mask[]) => Promise<readonly MaskVerdict[]>;
  /** Masks that may be tried; the last batch is still finished. */
  readonly tries: number;
}

export interface FoundMap {
  /** All high where nothing less keeps the answer. */
  readonly mask: Mask;
  readonly tried: number;
}

/** Windows are tried at every second cell. */
const STRIDE = 2;

/**
 * The map with the fewest high cells that keeps an image's answer, as far as a bounded search finds it: first the smallest square window
 * that does, of those of one size the surest; then its border, and so on inwards, cells tried one by one and lowered together, the surest
 * first, as many as keep it. What is high stays in one piece or nearly so: cells that are harmless alone are not harmless together, and
 * holes harm more than a frame.
 */
export async function searchMap({ evaluate, tries }: MapSearch): Promise<FoundMap> {
  let best: Mask = new Uint8Array(SEARCH_GRID ** 2).fill(1);
  let tried = 0;
  const judge = async (masks: readonly Mask[]) => {
    tried += masks.length;
    return evaluate(masks);
  };
  for (let side = SEARCH_GRID - STRIDE; side > 0 && tried < tries; side -= STRIDE) {
    const windows = windowsOf(side);
    const verdicts = await judge(windows);
    const keeping = windows.map((mask, at) => ({ mask, ...verdicts[at]! })).filter(({ keeps }) => keeps);
    const [surest] = keeping.toSorted((a, b) => b.sureness - a.sureness);
    if (!surest) break;
    best = surest.mask;
  }
  while (tried < tries) {
    const cells = borderOf(best);
    const verdicts = await judge(cells.map((cell) => lowered(best, [cell])));
    const harmless = cells
      .map((cell, at) => ({ cell, ...verdicts[at]! }))
      .filter(({ keeps }) => keeps)
      .sort((a, b) => b.sureness - a.sureness || a.cell - b.cell)
      .map(({ cell }) => cell);
    if (harmless.length === 0) break;
    const steps = jointSizes(harmless.length).map((size) => lowered(best, harmless.slice(0, size)));
    const together = await judge(steps);
    best = steps.findLast((_, at) => together[at]!.keeps) ?? lowered(best, harmless.slice(0, 1));
  }
  return { mask: best, tried };
}

function windowsOf(side: number): Mask[] {
  const starts = Array.from({ length: (SEARCH_GRID - side) / STRIDE + 1 }, (_, at) => at * STRIDE);
  return starts.flatMap((top) =>
    starts.map((left) => {
      const mask = new Uint8Array(SEARCH_GRID ** 2);
      for (let row = top; row < top + side; row++)
        mask.fill(1, row * SEARCH_GRID + left, row * SEARCH_GRID + left + side);
      return mask;
    }),
  );
}

/** High cells with a neighbour that is low, or with the end of the image beside them. */
export function borderOf(mask: Mask): number[] {
  const isHigh = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < SEARCH_GRID && column < SEARCH_GRID && mask[row * SEARCH_GRID + column] === 1;
  return [...mask.keys()].filter((cell) => {
    const [row, column] = [Math.floor(cell / SEARCH_GRID), cell % SEARCH_GRID];
    const around = [isHigh(row - 1, column), isHigh(row + 1, column), isHigh(row, column - 1), isHigh(row, column + 1)];
    return mask[cell] === 1 && around.includes(false);
  });
}

function lowered(mask: Mask, cells: readonly number[]): Mask {
  const own = mask.slice();
  for (const cell of cells) own[cell] = 0;
  return own;
}
