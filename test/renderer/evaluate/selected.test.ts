import { describe, expect, test } from 'vitest';
import { answersOf } from '../../../src-renderer/evaluate/desk-questions.ts';
import { inKeptOrder } from '../../../src-renderer/evaluate/selected.ts';
import {
  columnWindow,
  scrollTo,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileWindow,
} from '../../../src-renderer/picture/tile-window.ts';
import { BITS_STEP, emptyColumns, MARGIN_STEP, NO_CLASS, steps } from '../../../src-shared/outcomes/outcome-columns.ts';
import { EVERYTHING } from '../../../src-shared/outcomes/selection.ts';

/** Kept, lost, gained, failed, not yet done. */
function columns() {
  const made = emptyColumns(5, 1);
  made.label.set([1, 1, 2, 3, 3]);
  made.plain.set([1, 1, 1, NO_CLASS, NO_CLASS]);
  const [plan] = made.plans;
  plan!.answer.set([1, 2, 2, NO_CLASS, NO_CLASS]);
  plan!.margin.set([0.9, 0.1, 0.5].map((margin) => steps(margin, MARGIN_STEP)));
  plan!.bits.set([4, 4, 2].map((bits) => steps(bits, BITS_STEP)));
  made.failed[3] = 1;
  return made;
}

const select = (verdict: 'all' | 'changed', sort: 'path' | 'margin' = 'path', answers = answersOf(columns())) => {
  const answer = answers({
    kind: 'select',
    choice: { plan: 0, selection: { ...EVERYTHING, verdict }, sort },
  });
  if (answer.kind !== 'select') throw new Error('another question was answered');
  return answer.selected;
};

describe('what is selected', () => {
  test('is told with its facets, classes and histograms, of all and of those selected', () => {
    const { images, counts, classes, margins, savings } = select('changed');
    expect([...images]).toEqual([1, 2]);
    // All, changed, lost, gained, wrong before, failed.
    expect(counts).toEqual([4, 2, 1, 1, 1, 1]);
    expect(classes).toEqual([
      [1, 2],
      [3, 2],
      [2, 1],
    ]);
    expect([margins.low, margins.high]).toEqual([0, 1]);
    expect([margins.all[2], margins.all[10], margins.all[18]]).toEqual([1, 1, 1]);
    expect([margins.selected[2], margins.selected[10], margins.selected[18]]).toEqual([1, 1, 0]);
    expect([savings.low, savings.high]).toEqual([0.49, 0.76]);
    expect(savings.all.reduce((sum, images_) => sum + images_)).toBe(3);
  });

  test('is sorted, what has no result last', () => {
    expect([...select('all', 'margin').images]).toEqual([1, 2, 0, 3]);
  });

  test('is the same whatever was asked before', () => {
    const answers = answersOf(columns());
    for (const [verdict, sort] of [
      ['all', 'path'],
      ['all', 'margin'],
      ['changed', 'margin'],
      ['changed', 'path'],
    ] as const)
      expect(select(verdict, sort, answers)).toEqual(select(verdict, sort));
  });

  test.each([
    [[], [2, 0], [2, 0]],
    [
      [2, 0],
      [0, 1, 2, 3],
      [2, 0, 1, 3],
    ],
    [
      [2, 0, 1],
      [1, 2],
      [2, 1],
    ],
  ])('shown %j and found %j, it stands as %j: new ones last', (shown, now, kept) => {
    expect([...inKeptOrder(Uint32Array.from(shown), Uint32Array.from(now))]).toEqual(kept);
  });
});

describe('the window of tiles', () => {
  const size = { width: 4 * TILE_WIDTH + 10, height: 3 * TILE_HEIGHT, scrolled: 0 };

  test('draws what is in sight and a row beyond, of however many', () => {
    const window = tileWindow(50_000, { ...size, scrolled: 1000 * TILE_HEIGHT });
    expect(window).toEqual({
      columns: 4,
      from: 999 * 4,
      to: 1004 * 4,
      height: 12_500 * TILE_HEIGHT,
      above: 999 * TILE_HEIGHT,
    });
  });

  test.each([
    [0, 0, 0],
    [3, 0, 3],
    [5, 0, 5],
  ])('of %d tiles draws %d to %d', (tiles, from, to) => {
    expect(tileWindow(tiles, size)).toMatchObject({ from, to });
  });

  test('of low rows draws as many beyond as are a tile high', () => {
    const drawn = (rows: number, scrolled: number) => columnWindow(rows, 1, 20, { height: 400, scrolled });
    expect(drawn(1000, 0)).toMatchObject({ from: 0, to: 27 });
    expect(drawn(1000, 10_000)).toMatchObject({ from: 493, to: 527, above: 493 * 20, height: 20_000 });
    expect(drawn(5, 0)).toMatchObject({ from: 0, to: 5 });
  });

  test('is scrolled no further than to bring a tile into sight', () => {
    expect(scrollTo(11, 4, size)).toBeNull();
    expect(scrollTo(12, 4, size)).toBe(TILE_HEIGHT);
    expect(scrollTo(0, 4, { ...size, scrolled: 10 })).toBe(0);
  });
});
