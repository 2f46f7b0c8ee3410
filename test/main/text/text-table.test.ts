import { expect, test } from 'vitest';
import { durationText, progressText } from '../../../src-main/work/folder-progress.ts';
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
  expect([durationText(0.2), durationText(59.5), durationText(61), durationText(12_000)]).toEqual([
    '1 s',
    '60 s',
    '2 min',
    '3 h 20 min',
  ]);
});

test('progress names count, rate, time left and failures', () => {
  const progress = { done: 120, total: 250, failed: 2, imagesPerSecond: 41.26, secondsLeft: 3.15 };
  expect(progressText(progress)).toBe('120 of 250 images, 41.3 a second, 4 s left, 2 failed');
  expect(progressText({ ...progress, done: 250, failed: 0 })).toBe('250 of 250 images, 41.3 a second');
});
