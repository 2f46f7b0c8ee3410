import { expect, test } from 'vitest';
import { macWeightedBits, topClasses } from '../../src-shared/measurement.ts';

test('bits are weighted by MACs', () => {
  expect(
    macWeightedBits([
      { macs: 100, meanBits: 8 },
      { macs: 300, meanBits: 4 },
      { macs: 0, meanBits: 16 },
    ]),
  ).toBe(5);
  expect(macWeightedBits([])).toBeNaN();
});

test('the most probable classes come first, equal ones in class order, with their names', () => {
  const top = topClasses([0.1, 0.4, 0.1, 0.4], 3, ['a', 'b']);
  expect(top).toEqual([
    { class: 1, label: 'b', probability: 0.4 },
    { class: 3, label: 'class 3', probability: 0.4 },
    { class: 0, label: 'a', probability: 0.1 },
  ]);
  expect(topClasses([1], 5, [])).toHaveLength(1);
});
