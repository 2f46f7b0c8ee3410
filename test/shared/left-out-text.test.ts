import { expect, test } from 'vitest';
import { leftOutText } from '../../src-shared/left-out-text.ts';

const layers = [{ macs: 30 }, { macs: 16 }];
const left = (macs: number | null, name = 'up') => ({
  name,
  op: 'ConvTranspose',
  macs,
  why: 'a transposed convolution',
});

test('what is left out is counted, named and weighed', () => {
  expect(leftOutText(layers, [])).toBeNull();
  expect(leftOutText(layers, [left(54)])).toMatch(
    /^1 of 3 layers, 54 % of the MACs, is not quantised: up \(ConvTranspose: a transposed convolution\)\. Energy and savings/,
  );
  expect(leftOutText(layers, [left(54), left(null, 'loop')])).toContain(
    '2 of 4 layers, at least 54 % of the MACs, are not',
  );
  expect(leftOutText(layers, [left(null)])).toContain('an unknown share of the MACs');
  expect(leftOutText([{ macs: 1000 }], [left(1)])).toContain('less than 1 %');
  expect(leftOutText([{ macs: 1 }], [left(1000)])).toContain('more than 99 %');
  expect(
    leftOutText(
      layers,
      ['a', 'b', 'c', 'd', 'e'].map((name) => left(1, name)),
    ),
  ).toContain('and 2 more.');
});

test('figures are called the whole network’s only where all MACs are known', () => {
  expect(leftOutText(layers, [left(54)])).toContain(
    'those of the whole network, with 8 bits for what is not quantised',
  );
  expect(leftOutText(layers, [left(54), left(null)])).toContain('of the other layers alone, not of the whole network');
});
