import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocationPath, harmByWidth, lastKeeping } from '../../../src-shared/precision/width-allocation.ts';

describe('harmByWidth', () => {
  it('keeps what was measured, falls by four a bit above and goes on below as it came', () => {
    expect(
      harmByWidth(
        new Map([
          [4, 1],
          [3, 5],
          [2, 30],
        ]),
      ),
    ).toEqual([30 * 6 * 6, 30 * 6, 30, 5, 1, 1 / 4, 1 / 16, 1 / 64, 1 / 256]);
  });

  it('takes no harm for nothing, nor for less than that of a bit more, where few images hide it', () => {
    const harm = harmByWidth(
      new Map([
        [4, -0.5],
        [3, 9],
        [2, 8],
      ]),
    );
    // From the least on: 8, at most that; then at least an eighth of it.
    expect(harm.slice(2, 6)).toEqual([8, 8, 1, 0.25]);
    expect(harmByWidth(new Map([[3, 0]]))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('falls with every bit, whatever was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), (values) => {
        const harm = harmByWidth(new Map(values.map((value, at) => [at + 2, value])));
        for (let bits = 1; bits < harm.length; bits++) expect(harm[bits]!).toBeLessThanOrEqual(harm[bits - 1]!);
        expect(harm[8]).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

/** Harm that falls by four a bit, times a strength; costs are bits times multiply-accumulates. */
const tensor = (strength: number, macs: number) => ({
  harm: Array.from({ length: 9 }, (_, bits) => strength * 4 ** -bits),
  cost: Array.from({ length: 9 }, (_, bits) => macs * bits),
});
const EVEN = { area: 0.25, harm: 0.25 };

describe('allocationPath', () => {
  it('begins at 8 bits everywhere, and ends at one', () => {
    const path = allocationPath([tensor(1, 1), tensor(2, 3)], EVEN);
    expect(path[0]).toEqual([
      { high: 8, low: 8 },
      { high: 8, low: 8 },
    ]);
    expect(path.at(-1)).toEqual([
      { high: 1, low: 1 },
      { high: 1, low: 1 },
    ]);
  });

  it('gives a bit more to what harms four times as much for what it costs', () => {
    const path = allocationPath([tensor(4, 1), tensor(1, 1)], { area: 0.25, harm: 1 });
    // Regions bear all of the harm here, so that nobody gets levels; between two steps of one tensor is one of the other.
    expect(path.map((widths) => widths.map(({ high, low }) => (high === low ? high : NaN)).join())).toContain('5,4');
    expect(path.flat().every(({ high, low }) => high === low)).toBe(true);
  });

  it('lowers first the regions that bear less of the harm than of the area', () => {
    const path = allocationPath([tensor(1, 1)], { area: 0.25, harm: 0.05 });
    // Harm in units of that at 8 bits: 1, 1.15, then 4 for 0.75 bits or 4.6 for 1 bit, which is the better price.
    expect(path.slice(0, 3)).toEqual([[{ high: 8, low: 8 }], [{ high: 8, low: 7 }], [{ high: 7, low: 6 }]]);
  });

  it('never finds a point that another allocation beats in harm and cost', () => {
    const strengths = fc.array(
      fc.tuple(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer({ min: 1, max: 9 })),
      {
        minLength: 2,
        maxLength: 2,
      },
    );
    fc.assert(
      fc.property(strengths, ([first, second]) => {
        const tensors = [tensor(...first!), tensor(...second!)];
        const points = allocationPath(tensors, { area: 0.25, harm: 1 }).map((widths) => [
          widths.reduce((sum, { high }, at) => sum + tensors[at]!.harm[high]!, 0),
          widths.reduce((sum, { high }, at) => sum + tensors[at]!.cost[high]!, 0),
        ]);
        for (const [harm, cost] of points)
          for (let a = 1; a <= 8; a++)
            for (let b = 1; b <= 8; b++) {
              const otherHarm = tensors[0]!.harm[a]! + tensors[1]!.harm[b]!;
              const otherCost = tensors[0]!.cost[a]! + tensors[1]!.cost[b]!;
              expect(otherHarm < harm! * (1 - 1e-9) && otherCost < cost! * (1 + 1e-9)).toBe(false);
            }
      }),
      { numRuns: 30 },
    );
  });
});

describe('lastKeeping', () => {
  const ask = async (length: number, keeping: number) => {
    const asked: number[] = [];
    let calls = 0;
    const found = await lastKeeping(length, (points) => {
      calls++;
      asked.push(...points);
      return Promise.resolve(points.map((point) => point < keeping));
    });
    return { ...found, asked, calls };
  };

  it('finds the last point that keeps, wherever that is', async () => {
    for (const length of [1, 2, 3, 4, 5, 17, 250])
      for (let keeping = 0; keeping <= length; keeping++) {
        const { last, kept } = await ask(length, keeping);
        expect(last).toBe(keeping - 1);
        expect(kept.at(-1) ?? -1).toBe(last);
        expect(kept).toEqual(kept.toSorted((a, b) => a - b));
      }
  });

  it('asks a few points, none twice', async () => {
    const { asked, calls } = await ask(250, 170);
    expect(calls).toBeLessThanOrEqual(4);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('trusts no point behind one that fails', async () => {
    const { last } = await lastKeeping(4, (points) => Promise.resolve(points.map((point) => point !== 1)));
    expect(last).toBe(0);
  });
});
