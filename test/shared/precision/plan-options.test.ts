import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOptionsSchema, soundOptions } from '../../../src-shared/precision/plan-options.ts';
import { resolvePlan, type PlanOptions } from '../../../src-shared/precision/precision-plan.ts';

const LOGARITHMIC = {
  metric: 'inverse:random',
  regions: 7,
  threshold: [0.2, 0.6],
  bits: [6, 4, 0],
  layerBits: { conv1: 8, conv2: [5, 3, 1] },
  inputBits: 7,
  range: 'layer',
  quantiser: 'log',
  weightBits: 3,
  seed: 42,
} satisfies PlanOptions;
const WIDE = { lowShare: 0.5, bits: [16, 0], inputBits: 12, range: 'position', powerOfTwo: true } satisfies PlanOptions;

describe.each([
  ['logarithmic', LOGARITHMIC],
  ['wide', WIDE],
])('sound options: of a %s plan', (_, options: PlanOptions) => {
  test('that is valid nothing is lost, in whatever order it is written', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries(options), { minLength: Object.keys(options).length }),
        (entries) => {
          expect(soundOptions(Object.fromEntries(entries))).toEqual(options);
        },
      ),
    );
  });

  test.each(['metric', 'regions', 'inputBits', 'seed', 'dither'])('a bad or unknown %s alone is lost', (name) => {
    const others = Object.fromEntries(Object.entries(options).filter(([other]) => other !== name));
    expect(soundOptions({ ...options, [name]: -1 })).toEqual(others);
    expect(soundOptions({ ...options, [name]: { of: 'a newer one' } })).toEqual(others);
  });
});

test('sound options make a plan whatever was stored', () => {
  const names = [...Object.keys(LOGARITHMIC), ...Object.keys(WIDE), 'dither'];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(...Object.values(LOGARITHMIC), ...Object.values(WIDE)),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (stored) => {
      const sound = soundOptions(stored);
      expect(planOptionsSchema.parse(sound)).toEqual(sound);
      resolvePlan(sound);
    }),
    { numRuns: 500 },
  );
});
