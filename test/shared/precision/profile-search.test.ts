import { describe, expect, it } from 'vitest';
import { type Profile, searchProfile } from '../../../src-shared/precision/profile-search.ts';

const MACS = [100, 400, 50, 200];

/** Judges a profile as a network would of which each layer needs `needs` bits: every missing bit spoils 10 images of 100. */
function network(needs: Profile) {
  let calls = 0;
  return {
    calls: () => calls,
    evaluate: (profiles: readonly Profile[]) => {
      calls++;
      return Promise.resolve(
        profiles.map((profile) => {
          const missing = profile.reduce((sum, bits, layer) => sum + Math.max(0, needs[layer]! - bits), 0);
          const right = Math.max(0, 100 - 10 * missing);
          return { right, agreement: right };
        }),
      );
    },
  };
}

describe('searchProfile', () => {
  it.each([[[3, 3, 3, 3]], [[8, 2, 5, 1]], [[1, 1, 1, 1]], [[8, 8, 8, 8]], [[2, 7, 4, 4]]])(
    'finds what each layer needs: %j',
    async (needs) => {
      const { evaluate } = network(needs);
      expect(await searchProfile({ macs: MACS, floor: 100, evaluate })).toEqual(needs);
    },
  );

  it('spends what may be lost', async () => {
    const { evaluate } = network([3, 3, 3, 3]);
    const found = await searchProfile({ macs: MACS, floor: 90, evaluate });
    expect(found.reduce((sum, bits) => sum + bits)).toBe(11);
    const [score] = await evaluate([found]);
    expect(score!.right).toBe(90);
  });

  it('stays at 8 bits where nothing less will do, and does not trust luck below a failure', async () => {
    const right = (profile: Profile) => (profile.every((bits) => bits === 8 || bits === 2) ? 100 : 0);
    const evaluate = (profiles: readonly Profile[]) =>
      Promise.resolve(profiles.map((profile) => ({ right: right(profile), agreement: 0 })));
    expect(await searchProfile({ macs: MACS, floor: 100, evaluate })).toEqual([8, 8, 8, 8]);
  });

  it('asks for many profiles at a time, and for joint steps from the largest to the one it takes', async () => {
    // Alone each layer bears a bit less, and any three together; four do not.
    const macs = Array<number>(12).fill(1);
    const asked: number[][] = [];
    const evaluate = (profiles: readonly Profile[]) => {
      const lowered = profiles.map((profile) => profile.filter((bits) => bits < 8).length);
      asked.push(lowered);
      return Promise.resolve(
        lowered.map((count, index) => {
          const right = count <= 3 && profiles[index]!.every((bits) => bits > 6) ? 100 : 0;
          return { right, agreement: right };
        }),
      );
    };
    const found = await searchProfile({ macs, floor: 100, evaluate });
    expect(found).toEqual([7, 7, 7, ...Array<number>(9).fill(8)]);
    const [first, ...rounds] = asked;
    expect(first).toEqual(Array(7).fill(12));
    expect(rounds).toEqual([
      // What was found so far comes first, from the second round on it is known.
      [0, ...Array<number>(12).fill(1)],
      ...[[12], [9], [7], [5], [4], [3]],
      // The three that were taken bear no more, the others not with them.
      [3, ...Array<number>(3).fill(3), ...Array<number>(9).fill(4)],
    ]);
  });

  it('takes first what harms least for what it saves', async () => {
    // One missing bit may be lost of the first, which saves 100, or two of the fourth, each of which harms half as much and saves 200.
    const evaluate = (profiles: readonly Profile[]) =>
      Promise.resolve(
        profiles.map((profile) => {
          const missing = profile.map((bits) => Math.max(0, 4 - bits));
          const right = 100 - 10 * missing[0]! - 10 * missing[1]! - 10 * missing[2]! - 5 * missing[3]!;
          return { right, agreement: right };
        }),
      );
    expect(await searchProfile({ macs: [100, 100, 0, 200], floor: 90, evaluate })).toEqual([4, 4, 4, 2]);
  });
});
