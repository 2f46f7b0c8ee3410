import { expect, test } from 'vitest';
import { randomGenerator } from '../../../src-shared/importance/random.ts';

const draw = (seed: number, count: number) => Array.from({ length: count }, randomGenerator(seed));

test('a seed gives one sequence, close seeds unrelated ones', () => {
  expect(draw(7, 100)).toEqual(draw(7, 100));
  const [a, b] = [draw(7, 2000), draw(8, 2000)];
  const correlation = a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5), 0) / 2000 / (1 / 12);
  expect(Math.abs(correlation)).toBeLessThan(0.1);
});

test('it is uniform in [0, 1)', () => {
  const counts = new Array<number>(20).fill(0);
  for (const value of draw(1, 20_000)) counts[Math.floor(value * 20)]!++;
  // Chi-squared with 19 degrees of freedom: 43.8 is exceeded once in a thousand seeds.
  expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(43.8);
  expect(counts).toHaveLength(20);
});

// sfc32 as PractRand 0.95 defines it, in 64-bit integers.
test('it is sfc32', () => {
  const mask = 0xffffffffn;
  let [a, b, c, counter] = [0n, 0xdeadbeefn, 0n, 1n];
  const next = () => {
    const sum = (a + b + counter++) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = ((((c << 21n) | (c >> 11n)) & mask) + sum) & mask;
    return Number(sum) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  expect(draw(0xdeadbeef, 500)).toEqual(Array.from({ length: 500 }, next));
});
