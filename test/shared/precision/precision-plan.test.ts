import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FoveaError } from '../../../src-shared/errors.ts';
import { graphMetric, METRICS } from '../../../src-shared/precision/metrics.ts';
import {
  bitsOfLayer,
  optionsOfPlan,
  parsePlan,
  precisionPlanSchema,
  resolvePlan,
  type PlanOptions,
} from '../../../src-shared/precision/precision-plan.ts';

test('what is left out takes its default', () => {
  expect(resolvePlan({})).toEqual({
    metric: 'combined',
    regions: 14,
    seed: 1,
    shares: [0.25, 0.75],
    thresholds: null,
    bits: [3, 4],
    layerBits: {},
    inputBits: 8,
    range: 'position',
    powerOfTwo: false,
    quantiser: 'linear',
    weightBits: null,
  });
});

test('bits are stated from the most important level down, and kept by level', () => {
  const plan = resolvePlan({ bits: [8, 4, 0], layerBits: { one: 6, three: [5, 3, 1] }, lowShare: 0.5 });
  expect(plan.bits).toEqual([0, 4, 8]);
  expect(plan.shares).toEqual([0.5, 0.25, 0.25]);
  expect(plan.layerBits).toEqual({ one: [6, 6, 6], three: [1, 3, 5] });
});

test('one level is the whole image', () => {
  expect(resolvePlan({ bits: [4] })).toMatchObject({ bits: [4], shares: [1] });
});

test('a threshold takes the place of a share', () => {
  expect(resolvePlan({ threshold: 0.4 })).toMatchObject({ shares: null, thresholds: [0.4] });
  expect(resolvePlan({ threshold: [0.2, 0.6], bits: [8, 4, 2] }).thresholds).toEqual([0.2, 0.6]);
});

test('layers that read the image have 8 bits, more where the plan has more, or what is asked for', () => {
  expect(resolvePlan({ bits: [4, 2] }).inputBits).toBe(8);
  expect(resolvePlan({ bits: [16, 2] }).inputBits).toBe(16);
  const plan = resolvePlan({ bits: [4, 2], inputBits: 6, layerBits: { named: [3, 1] } });
  expect(bitsOfLayer(plan, 'first', true)).toEqual([6, 6]);
  expect(bitsOfLayer(plan, 'later', false)).toEqual([2, 4]);
  expect(bitsOfLayer(plan, 'named', true)).toEqual([1, 3]);
});

test('every metric has its inverse', () => {
  for (const metric of METRICS)
    for (const name of [metric, `inverse:${metric}`]) expect(resolvePlan({ metric: name }).metric).toBe(name);
});

const WRONG: readonly [string, PlanOptions, RegExp][] = [
  ['bits of -1', { bits: [4, -1] }, /bits.*-1/],
  ['bits of 17', { bits: [17, 4] }, /bits.*17/],
  ['bits of 2.5', { bits: [4, 2.5] }, /bits.*2\.5/],
  ['no bits', { bits: [] }, /bits/],
  ['nine levels', { bits: [9, 8, 7, 6, 5, 4, 3, 2, 1] }, /bits/],
  ['a layer of -1 bits', { layerBits: { conv: -1 } }, /layerBits\.conv/],
  ['a layer of three levels in a plan of two', { layerBits: { conv: [5, 4, 3] } }, /layer conv.*2/],
  ['input bits of 17', { inputBits: 17 }, /inputBits.*17/],
  ['a grid of 0', { regions: 0 }, /regions.*0/],
  ['a grid of 1000', { regions: 1000 }, /regions.*1000/],
  ['a grid of 3.5', { regions: 3.5 }, /regions.*3\.5/],
  ['a share of 1.2', { lowShare: 1.2 }, /low share.*1\.2/],
  ['a share of -0.1', { lowShare: -0.1 }, /low share.*-0\.1/],
  ['a share that is no number', { lowShare: NaN }, /low share/],
  ['a share and a threshold', { lowShare: 0.2, threshold: 0.5 }, /both/],
  ['a threshold of 2', { threshold: 2 }, /thresholds.*2/],
  ['thresholds that descend', { threshold: [0.6, 0.2], bits: [8, 4, 2] }, /ascend/],
  ['two thresholds for two levels', { threshold: [0.2, 0.6] }, /expected 1 threshold/],
  ['an unknown metric', { metric: 'beauty' }, /metric.*combined/],
  ['an inverse of nothing', { metric: 'inverse:' }, /metric/],
  ['a double inverse', { metric: 'inverse:inverse:centre' }, /metric/],
  ['an unknown range', { range: 'image' }, /range.*position/],
  ['an unknown quantiser', { quantiser: 'cubic' }, /quantiser.*linear/],
  ['power-of-two steps of a layer', { powerOfTwo: true, range: 'layer' }, /powerOfTwo.*position/],
  ['blocks of a range per position', { block: 16 }, /block.*range block/],
  ['a block of 24 channels', { range: 'block', block: 24 }, /block.channels.*24/],
  ['an unknown scale', { range: 'block', blockScale: 'e5m2' }, /block.scale.*e4m3/],
  ['a floor of 2', { range: 'block', blockFloor: 2 }, /block.floor.*2/],
  ['power-of-two steps of blocks', { range: 'block', powerOfTwo: true }, /powerOfTwo.*position/],
  ['a seed of -1', { seed: -1 }, /seed.*-1/],
];

test.each(WRONG)('%s is refused by name', (_, options, words) => {
  try {
    resolvePlan(options);
  } catch (error) {
    expect(error).toBeInstanceOf(FoveaError);
    const { code, message, next } = error as FoveaError;
    expect(code).toBe('bad-plan');
    expect(message).toMatch(words);
    expect(next).not.toBe('');
    return;
  }
  expect.fail('accepted');
});

const options = fc.record(
  {
    metric: fc.constantFrom(...METRICS),
    regions: fc.integer({ min: 1, max: 128 }),
    lowShare: fc.double({ min: 0, max: 1, noNaN: true }),
    bits: fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 1, maxLength: 8 }),
    inputBits: fc.integer({ min: 0, max: 16 }),
    range: fc.constantFrom('layer', 'position', 'block'),
    seed: fc.integer({ min: 0, max: 0xffffffff }),
  },
  { requiredKeys: [] },
);

describe('resolved plans', () => {
  test.each([
    [{ metric: 'sensitivity', bits: [4, 3, 2] }, 'bits'],
    [{ metric: 'outliers', threshold: 0.5 }, 'thresholds'],
    [{ metric: 'gradient', window: 3 }, 'window'],
    [{ metric: 'sensitivity', window: 4 }, 'window'],
  ])('with levels from the graph hold two, by a share, and a window: %j', (stated, field) => {
    expect(() => resolvePlan(stated)).toThrow(new RegExp(`\\b${field}\\b`));
  });

  test('are complete and pass their own check, also after a journey through JSON', () => {
    fc.assert(
      fc.property(options, (all) => {
        // What is found in the graph has two levels at most.
        const stated = graphMetric(all.metric ?? '') && all.bits ? { ...all, bits: all.bits.slice(0, 2) } : all;
        const plan = resolvePlan(stated);
        expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
        expect(Object.values(plan).every((value) => value !== undefined)).toBe(true);
        // Weights of the combined metric are stated where they are not the default, blocks where ranges go by them: other plans are the
        // same text as before there were any.
        const always = Object.keys(precisionPlanSchema.shape).filter(
          (name) =>
            name !== 'combinedWeights' &&
            (name !== 'saliency' || plan.metric.endsWith('saliency')) &&
            (name !== 'block' || plan.range === 'block') &&
            (name !== 'window' || graphMetric(plan.metric) !== null),
        );
        expect(Object.keys(plan).sort()).toEqual(always.sort());
        expect(resolvePlan(optionsOfPlan(plan)).block).toEqual(plan.block);
        expect(plan.shares?.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 500 },
    );
  });

  test('that hold more than a plan has, or less, are refused', () => {
    expect(() => parsePlan({ ...resolvePlan({}), depth: 3 })).toThrow(/depth/);
    expect(() => parsePlan({ ...resolvePlan({}), bits: undefined })).toThrow(/bits/);
    expect(() => parsePlan({ ...resolvePlan({}), shares: [0.5, 0.4] })).toThrow(/sum to 1/);
    expect(() => parsePlan({ ...resolvePlan({}), shares: null })).toThrow(/shares/);
    expect(() => parsePlan('a plan')).toThrow(FoveaError);
    expect(() => parsePlan(null)).toThrow(FoveaError);
  });
});
