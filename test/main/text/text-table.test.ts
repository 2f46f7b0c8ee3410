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

test('a table that is wider than the terminal goes on below, each row under its name', () => {
  const header = ['machine', 'mode', 'compute', 'total'];
  const rows = [
    ['Stripes', 'ideal', 12, 34],
    ['Stripes', 'lock-step', 56, 78],
  ];
  const whole = textTable(header, rows, 36);
  expect(whole).toBe(textTable(header, rows, Infinity));
  expect(whole.split('\n')[0]).toBe('machine  mode       compute  total');
  // Two rows of a machine are told apart by their modes.
  expect(textTable(header, rows, 30)).toBe(
    [
      'machine  mode       compute',
      'Stripes  ideal           12',
      'Stripes  lock-step       56',
      '',
      'machine  mode       total',
      'Stripes  ideal         34',
      'Stripes  lock-step     78',
      '',
    ].join('\n'),
  );
  expect(textTable(['a', 'bb', 'cc'], [[1, 2, 3]], 5)).toBe('a  bb\n1   2\n\na  cc\n1   3\n');
  // No terminal is too narrow to end.
  expect(textTable(['a', 'bb', 'cc'], [[1, 2, 3]], 1)).toBe('a  bb\n1   2\n\na  cc\n1   3\n');
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
