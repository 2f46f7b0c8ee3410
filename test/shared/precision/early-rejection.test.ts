import { describe, expect, it } from 'vitest';
import { hardestFirst, survivors } from '../../../src-shared/precision/early-rejection.ts';
import { type Profile, searchProfile } from '../../../src-shared/precision/profile-search.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';

const IMAGES = Array.from({ length: 40 }, (_, image) => `image ${image}`);

/** Shows images to plans, and counts how many each has seen. */
function shown(worthOf: (plan: string, image: string) => number) {
  const seen = new Map<string, number>();
  const see = (plans: readonly string[], images: readonly string[]) => {
    for (const plan of plans) seen.set(plan, (seen.get(plan) ?? 0) + images.length);
    return Promise.resolve(plans.map((plan) => images.reduce((sum, image) => sum + worthOf(plan, image), 0)));
  };
  return { see, seen };
}

describe('survivors', () => {
  it('are shown all images; what can no longer reach the floor is shown no more', async () => {
    // 40 images in portions of 8. One of 38 may fail on two: the third is within the first eight, or within the second.
    const failing = new Map([
      ['none', []],
      ['two', [0, 39]],
      ['three at once', [0, 1, 2]],
      ['three by the second portion', [0, 8, 15]],
      ['three at the end', [0, 38, 39]],
    ]);
    const { see, seen } = shown((plan, image) => Number(!failing.get(plan)!.some((at) => IMAGES[at] === image)));
    expect(await survivors([...failing.keys()], IMAGES, 38, 8, see)).toEqual(['none', 'two', 'three at the end']);
    expect([...seen.values()]).toEqual([40, 40, 8, 16, 40]);
  });

  it('are not asked for before any can fail', async () => {
    // All of 25 may be lost: the first portion has the next multiple of eight.
    const { see, seen } = shown(() => 0);
    expect(await survivors(['worth nothing'], IMAGES, 15, 8, see)).toEqual([]);
    expect([...seen.values()]).toEqual([32]);
  });

  it('have no images, or no plans', async () => {
    const { see, seen } = shown(() => 1);
    expect(await survivors(['plan'], [], 0, 8, see)).toEqual(['plan']);
    expect(await survivors([], IMAGES, 0, 8, see)).toEqual([]);
    expect([...seen.values()]).toEqual([0]);
  });
});

describe('hardestFirst', () => {
  it('goes by what plans lacked, then by what they agreed less, then by name', () => {
    const of = (...worths: readonly (readonly [string, number, number])[]) =>
      new Map(worths.map(([image, worth, agreement]) => [image, { worth, agreement }]));
    const judged = [
      of(['a', 1, 1], ['b', 1, 0.9], ['c', 0, 0.5], ['d', 1, 1]),
      of(['a', 1, 1], ['b', 1, 0.9], ['c', 1, 0.5], ['d', 1, 1]),
    ];
    expect(hardestFirst(['d', 'c', 'b', 'a'], judged)).toEqual(['c', 'b', 'a', 'd']);
    expect(hardestFirst(['b', 'a'], [])).toEqual(['a', 'b']);
  });
});

describe('a search for a profile', () => {
  const MACS = [3, 1, 4, 1, 5, 9];

  /** A network of which every image bears each layer's bits down to a random width, a bit more or less well. */
  function judge(seed: number, byAgreement: boolean) {
    const random = randomGenerator(seed);
    const needs = IMAGES.map(() => MACS.map(() => 1 + 6 * random()));
    const worthOf = (profile: Profile, image: number) => {
      const missing = profile.reduce((sum, bits, layer) => sum + Math.max(0, needs[image]![layer]! - bits) ** 2, 0);
      const agreement = 1 / (1 + 0.1 * missing);
      return { worth: byAgreement ? agreement : Number(agreement > 0.5), agreement };
    };
    const whole = (profile: Profile) => {
      const each = IMAGES.map((_, image) => worthOf(profile, image));
      const sum = (key: 'worth' | 'agreement') => each.reduce((all, own) => all + own[key], 0);
      return { right: sum('worth'), agreement: sum('agreement') };
    };
    return { worthOf, whole };
  }

  it.each([true, false])(
    'finds the same whether plans are given up or not, and shows fewer images (%s)',
    async (byAgreement) => {
      let [all, fewer] = [0, 0];
      for (let seed = 1; seed <= 40; seed++) {
        const { worthOf, whole } = judge(seed, byAgreement);
        const floor = whole(MACS.map(() => 8)).right - 0.5 - (seed % 8);
        const found = await searchProfile({
          macs: MACS,
          floor,
          evaluate: (profiles) => {
            all += profiles.length * IMAGES.length;
            return Promise.resolve(profiles.map(whole));
          },
        });
        const kept: ReadonlyMap<string, { worth: number; agreement: number }>[] = [];
        const sifting = await searchProfile({
          macs: MACS,
          floor,
          evaluate: async (profiles) => {
            const left = await survivors(
              profiles,
              hardestFirst(IMAGES, kept),
              floor,
              1 + (seed % 9),
              (plans, images) => {
                fewer += plans.length * images.length;
                const places = images.map((image) => IMAGES.indexOf(image));
                return Promise.resolve(
                  plans.map((plan) => places.reduce((sum, image) => sum + worthOf(plan, image).worth, 0)),
                );
              },
            );
            return profiles.map((profile) => {
              if (!left.includes(profile)) return null;
              const score = whole(profile);
              if (score.right >= floor) kept.push(new Map(IMAGES.map((image, at) => [image, worthOf(profile, at)])));
              return score;
            });
          },
        });
        expect(sifting).toEqual(found);
      }
      expect(fewer).toBeLessThan(0.9 * all);
    },
  );
});
