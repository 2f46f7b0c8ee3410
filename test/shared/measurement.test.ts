import { expect, test } from 'vitest';
import { macWeightedBits } from '../../src-shared/measurement.ts';

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
