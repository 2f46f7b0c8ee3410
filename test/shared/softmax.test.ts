import fc from 'fast-check';
import { expect, test } from 'vitest';
import { softmax } from '../../src-shared/softmax.ts';

const logits = fc
  .array(fc.float({ min: -500, max: 500, noNaN: true }), { minLength: 1, maxLength: 50 })
  .map((all) => Float32Array.from(all));

test('golden', () => {
  const found = softmax(Float32Array.of(1, 2, 3));
  [0.09003057, 0.24472847, 0.66524096].forEach((wanted, at) => expect(found[at]).toBeCloseTo(wanted, 6));
});

test('a distribution in the order of the logits, unmoved by a constant, however large', () => {
  fc.assert(
    fc.property(logits, (all) => {
      const found = softmax(all);
      expect(found.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
      all.forEach((a, i) =>
        all.forEach((b, j) => {
          if (a > b) expect(found[i]!).toBeGreaterThanOrEqual(found[j]!);
        }),
      );
      const moved = softmax(all.map((value) => value + 512));
      moved.forEach((value, at) => expect(value).toBeCloseTo(found[at]!, 3));
    }),
    { numRuns: 300 },
  );
});
