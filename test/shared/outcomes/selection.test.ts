import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BITS_STEP,
  emptyColumns,
  MARGIN_STEP,
  marginOf,
  marginText,
  NO_CLASS,
  type OutcomeColumns,
  packedColumns,
  steps,
  unpackedColumns,
} from '../../../src-shared/outcomes/outcome-columns.ts';
import {
  EVERYTHING,
  parseSelection,
  selectedImages,
  type Selection,
  selectionText,
  sortedImages,
  verdictOf,
} from '../../../src-shared/outcomes/selection.ts';

/** Six images: kept, lost, gained, changed between wrong answers, failed, not yet done. */
function columns(): OutcomeColumns {
  const made = emptyColumns(6, 1);
  made.label.set([1, 1, 2, 3, 4, 5]);
  made.plain.set([1, 1, 1, 1, NO_CLASS, NO_CLASS]);
  made.plans[0]!.answer.set([1, 2, 2, 2, NO_CLASS, NO_CLASS]);
  made.plans[0]!.margin.set([0.5, 0.25, 0.75, 0.25].map((margin) => steps(margin, MARGIN_STEP)));
  made.plans[0]!.bits.set([4, 2, 6, 4].map((bits) => steps(bits, BITS_STEP)));
  made.failed[4] = 1;
  return made;
}

const select = (change: Partial<Selection>) => [...selectedImages(columns(), 0, { ...EVERYTHING, ...change })];

test('columns arrive as they were sent, wherever their bytes lie in the message', () => {
  const packed = packedColumns(columns());
  const message = new Uint8Array(packed.length + 3);
  message.set(packed, 3);
  expect(unpackedColumns(message.subarray(3))).toEqual(columns());
  expect(unpackedColumns(packed.subarray(1))).toBeNull();
  expect(unpackedColumns(packed.subarray(0, -1))).toBeNull();
});

test('50,000 images under three plans are little more than a megabyte', () => {
  expect(packedColumns(emptyColumns(50_000, 3)).length).toBe(12 + 50_000 * 23);
});

describe('what is cut off to steps', () => {
  test('a margin rounds to the hundredth that it rounds to itself', () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: 1, noNaN: true }), (margin) => {
        const made = emptyColumns(1, 1);
        made.plans[0]!.margin[0] = steps(margin, MARGIN_STEP);
        // A hair below a half of a hundredth may go either way: single precision is no finer.
        if (Math.abs(((margin * 100) % 1) - 0.5) > 1e-4) expect(marginText(made, 0, 0)).toBe(margin.toFixed(2));
        expect(Math.abs(marginOf(made, 0, 0) - margin)).toBeLessThan(1.01 * MARGIN_STEP);
      }),
    );
  });

  test.each([
    [Math.fround(0.4), MARGIN_STEP, 4000],
    [-1, MARGIN_STEP, 0],
    [16, BITS_STEP, 32_000],
    [100, BITS_STEP, 0xffff],
  ])('%d in steps of %d is %d', (value, step, wanted) => {
    expect(steps(value, step)).toBe(wanted);
  });
});

test('every image has one verdict', () => {
  expect([0, 1, 2, 3, 4, 5].map((image) => verdictOf(columns(), 0, image))).toEqual([
    'kept',
    'lost',
    'gained',
    'other',
    'failed',
    'pending',
  ]);
});

describe('a selection', () => {
  test.each<[Partial<Selection>, number[]]>([
    [{}, [0, 1, 2, 3, 4]],
    [{ verdict: 'changed' }, [1, 2, 3]],
    [{ verdict: 'lost' }, [1]],
    [{ verdict: 'gained' }, [2]],
    [{ verdict: 'kept' }, [0]],
    [{ verdict: 'wrong-before' }, [2, 3]],
    [{ verdict: 'failed' }, [4]],
    [{ class: 1 }, [0, 1]],
    [{ margin: [0.25, 0.5] }, [0, 1, 3]],
    [{ saved: [0.5, 0.75] }, [0, 1, 3]],
    [{ images: [3, 0] }, [0, 3]],
    [{ verdict: 'changed', margin: [0, 0.3], class: 3 }, [3]],
  ])('%o holds %o', (change, images) => {
    expect(select(change)).toEqual(images);
  });

  test.each<[Partial<Selection>, string]>([
    [{}, ''],
    [{ verdict: 'wrong-before', class: 12 }, 'wrong-before;class=12'],
    [{ margin: [0, 0.4], saved: [-0.25, 0.5] }, 'margin=0~0.4;saved=-0.25~0.5'],
    [{ images: [1, 5, 9] }, 'images=1.5.9'],
  ])('%o is written %s, and read again', (change, text) => {
    const selection = { ...EVERYTHING, ...change };
    expect(selectionText(selection)).toBe(text);
    expect(parseSelection(text)).toEqual(selection);
  });

  test('leaves out what a typed address has wrong', () => {
    expect(parseSelection('nonsense;class=-1;margin=1~0;saved=x;images=a')).toEqual(EVERYTHING);
  });

  test('sorts, equal ones by path, and what has no result last', () => {
    const all = selectedImages(columns(), 0, EVERYTHING);
    expect([...sortedImages(columns(), 0, all, 'margin')]).toEqual([1, 3, 0, 2, 4]);
    expect([...sortedImages(columns(), 0, all, 'saved')]).toEqual([2, 0, 3, 1, 4]);
    expect([...sortedImages(columns(), 0, all, 'class')]).toEqual([0, 1, 2, 3, 4]);
  });
});
