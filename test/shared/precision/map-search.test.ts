import { describe, expect, it } from 'vitest';
import { borderOf, type Mask, SEARCH_GRID, searchMap } from '../../../src-shared/precision/map-search.ts';

const cell = (row: number, column: number) => row * SEARCH_GRID + column;
const highOf = (mask: Mask) => [...mask.keys()].filter((at) => mask[at] === 1);

/** An image whose answer stands while the needed cells are high; surer the more of all cells are. */
function needing(...needed: readonly number[]) {
  let tried = 0;
  return {
    tried: () => tried,
    evaluate: (masks: readonly Mask[]) => {
      tried += masks.length;
      return Promise.resolve(
        masks.map((mask) => ({ keeps: needed.every((at) => mask[at] === 1), sureness: highOf(mask).length })),
      );
    },
  };
}

describe('searchMap', () => {
  it('finds the cells that are needed, and lowers all others', async () => {
    const needed = [cell(5, 6), cell(5, 7), cell(6, 6), cell(6, 7)];
    const { evaluate, tried } = needing(...needed);
    const found = await searchMap({ evaluate, tries: 2000 });
    expect(highOf(found.mask)).toEqual(needed);
    expect(found.tried).toBe(tried());
  });

  it('keeps everything high where nothing less will do, and where only the whole keeps the answer', async () => {
    const all = Array.from({ length: SEARCH_GRID ** 2 }, (_, at) => at);
    const { mask } = await searchMap({ evaluate: needing(...all).evaluate, tries: 500 });
    expect(highOf(mask)).toEqual(all);
  });

  it('never gives a mask that was not seen to keep the answer, though cells that are harmless alone harm together', async () => {
    // Any three low cells of the four corners break it.
    const corners = [cell(0, 0), cell(0, 13), cell(13, 0), cell(13, 13)];
    const keeps = (mask: Mask) => corners.filter((at) => mask[at] === 1).length >= 2;
    const evaluate = (masks: readonly Mask[]) =>
      Promise.resolve(masks.map((mask) => ({ keeps: keeps(mask), sureness: highOf(mask).length })));
    const { mask } = await searchMap({ evaluate, tries: 3000 });
    expect(keeps(mask)).toBe(true);
    expect(highOf(mask).length).toBeLessThan(20);
  });

  it('ends with the batch in which its tries run out', async () => {
    const { evaluate } = needing(cell(6, 6));
    // Windows of 12 and 10 cells are 4 and 9; those of 8 are not tried any more.
    const { mask, tried } = await searchMap({ evaluate, tries: 10 });
    expect(tried).toBe(13);
    expect(highOf(mask)).toHaveLength(100);
  });
});

it('the border of a mask is what is next to low cells or to the end of the image', () => {
  const mask = new Uint8Array(SEARCH_GRID ** 2);
  for (let row = 4; row < 7; row++) mask.fill(1, cell(row, 4), cell(row, 7));
  expect(borderOf(mask)).toHaveLength(8);
  expect(borderOf(mask)).not.toContain(cell(5, 5));
  expect(borderOf(new Uint8Array(SEARCH_GRID ** 2).fill(1))).toHaveLength(4 * (SEARCH_GRID - 1));
});
