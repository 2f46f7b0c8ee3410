import { expect, test } from 'vitest';
import { topClasses } from '../../src-shared/top-classes.ts';

test('the most probable classes come first, equal ones in class order', () => {
  expect(topClasses([0.1, 0.4, 0.1, 0.4], 3)).toEqual({ classes: [1, 3, 0], probabilities: [0.4, 0.4, 0.1] });
  expect(topClasses(Float32Array.of(1, 2, 3, 4, 5, 6)).classes).toEqual([5, 4, 3, 2, 1]);
  expect(topClasses([1]).classes).toEqual([0]);
});
