import { expect, test } from 'vitest';
import { intervalText, percent, pValueText } from '../../../src-main/text/figure-text.ts';
import { oneLine, textTable } from '../../../src-main/text/text-table.ts';

test('a table aligns numbers to the right, texts to the left, and shows what is missing', () => {
  expect(
    textTable(
      ['name', 'Top-1', 'images'],
      [
        ['a', '62.4 %', 250],
        ['longer', null, 12],
      ],
    ),
  ).toBe(['name     Top-1  images', 'a       62.4 %     250', 'longer       -      12', ''].join('\n'));
});

test('a name from outside cannot break a line, nor steer the terminal', () => {
  expect(oneLine('two\nlines \u001b[2J \u009b \u2028 \u202egpj.exe')).toBe(
    'two\\nlines \\u001b[2J \\u009b \\u2028 \\u202egpj.exe',
  );
});

test('figures', () => {
  expect([percent(0.624), percent(-0.0001), percent(null), intervalText([0.5, 0.6218])]).toEqual([
    '62.4 %',
    '0.0 %',
    null,
    '50.0 to 62.2',
  ]);
  expect([pValueText(0.01234), pValueText(3.7e-5)]).toEqual(['0.0123', '3.7e-5']);
});
