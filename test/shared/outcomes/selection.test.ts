import { describe, expect, test } from 'vitest';
import {
  emptyColumns,
  NO_CLASS,
  type OutcomeColumns,
  receivedColumns,
  sentColumns,
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
  const made = emptyColumns(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'ü/f.jpg'], 1);
  made.label.set([1, 1, 2, 3, 4, 5]);
  made.plain.set([1, 1, 1, 1, NO_CLASS, NO_CLASS]);
  made.plans[0]!.answer.set([1, 2, 2, 2, NO_CLASS, NO_CLASS]);
  made.plans[0]!.margin.set([0.5, 0.25, 0.75, 0.25]);
  made.plans[0]!.bits.set([4, 2, 6, 4]);
  made.failed[4] = 1;
  return made;
}

const select = (change: Partial<Selection>) => [...selectedImages(columns(), 0, { ...EVERYTHING, ...change })];

test('columns arrive as they were sent, wherever their bytes lie in the message', () => {
  const sent = sentColumns(columns());
  const shifted = (bytes: Uint8Array) => {
    const message = new Uint8Array(bytes.length + 3);
    message.set(bytes, 3);
    return message.subarray(3);
  };
  const { plans, ...rest } = sent;
  const received = receivedColumns({
    paths: shifted(rest.paths),
    label: shifted(rest.label),
    plain: shifted(rest.plain),
    plainMargin: shifted(rest.plainMargin),
    failed: shifted(rest.failed),
    plans: plans.map(({ answer, margin, bits }) => ({
      answer: shifted(answer),
      margin: shifted(margin),
      bits: shifted(bits),
    })),
  });
  expect(received).toEqual(columns());
});

test('every image has one verdict', () => {
  expect(columns().paths.map((_, image) => verdictOf(columns(), 0, image))).toEqual([
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
