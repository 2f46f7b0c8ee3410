import { describe, expect, it } from 'vitest';
import { agreementFor } from '../../../src-shared/runs/agreement-floor.ts';

describe('agreementFor', () => {
  it('finds the agreement that goes with a loss on the square law that the widths follow', () => {
    // 100 images, 80 right: 0.02 answers lost by the square of what agreement lacks, 10 -> 2, 20 -> 8, 50 -> 50.
    const widths = [
      { right: 80, agreement: 100 },
      { right: 78, agreement: 90 },
      { right: 72, agreement: 80 },
      { right: 30, agreement: 50 },
    ];
    // 0.5 lost: the root of 0.5 / 0.02.
    expect(agreementFor(widths, 100, 80, 79.5)).toBeCloseTo(95, 12);
    expect(agreementFor(widths, 100, 80, 72)).toBeCloseTo(80, 12);
  });

  it('is moved little by the luck of one width', () => {
    const law = [10, 20, 50].map((lack) => ({ right: 80 - 0.02 * lack ** 2, agreement: 100 - lack }));
    const lucky = [{ ...law[0]!, right: 82 }, ...law.slice(1)];
    expect(Math.abs(agreementFor(lucky, 100, 80, 79) - agreementFor(law, 100, 80, 79))).toBeLessThan(0.1);
  });

  it('does not ask widths that have little left to lose', () => {
    // On the law but for the last two, which by it would lose 98 and 128 of the 80 that are right.
    const widths = [10, 20, 30].map((lack) => ({ right: 80 - 0.02 * lack ** 2, agreement: 100 - lack }));
    const destroyed = [70, 80].map((lack) => ({ right: 0, agreement: 100 - lack }));
    expect(agreementFor([...widths, ...destroyed], 100, 80, 79.5)).toBeCloseTo(95, 12);
    expect(agreementFor(destroyed, 100, 80, 79.5)).toBeLessThan(95);
  });

  it('asks nothing where widths lose nothing', () => {
    expect(agreementFor([{ right: 80, agreement: 60 }], 100, 80, 79)).toBe(0);
  });
});
