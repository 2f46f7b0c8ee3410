import { expect, test } from 'vitest';
import { percent, points, rounded } from '../../src-shared/figure-text.ts';

test('what rounds to 0 has no sign, and a share is rounded as it is written', () => {
  expect([-0.04, 0.04, -0.05, 0.05].map((value) => rounded(value, 1))).toEqual(['0.0', '0.0', '-0.1', '0.1']);
  expect([0.6245, 0.0005, -0.00049, 0.285].map((share) => points(share))).toEqual(['62.5', '0.1', '0.0', '28.5']);
  expect(percent(0.12345, 2)).toBe('12.35 %');
});
