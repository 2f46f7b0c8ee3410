import { describe, expect, it, test } from 'vitest';
import { sharedProbability, topClasses } from '../../src-shared/top-classes.ts';

test('the most probable classes come first, equal ones in class order', () => {
  expect(topClasses([0.1, 0.4, 0.1, 0.4], 3)).toEqual({ classes: [1, 3, 0], probabilities: [0.4, 0.4, 0.1] });
  expect(topClasses(Float32Array.of(1, 2, 3, 4, 5, 6)).classes).toEqual([5, 4, 3, 2, 1]);
  expect(topClasses([1]).classes).toEqual([0]);
});

describe('sharedProbability', () => {
  const answer = (classes: readonly number[], probabilities: readonly number[]) => ({ classes, probabilities });

  it('is what both give to the same classes, of what the first gives to those kept', () => {
    const own = answer([3, 1, 7], [0.5, 0.2, 0.1]);
    // min(0.5, 0.4) + min(0.2, 0) + min(0.1, 0.3) of 0.8
    expect(sharedProbability(own, answer([3, 7, 2], [0.4, 0.3, 0.1]))).toBeCloseTo(0.625, 12);
    expect(sharedProbability(own, own)).toBe(1);
    expect(sharedProbability(own, answer([4, 5], [0.9, 0.1]))).toBe(0);
    expect(sharedProbability(answer([], []), own)).toBe(0);
  });
});
