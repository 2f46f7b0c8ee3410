import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bestFixedPlan,
  bestStaticProfile,
  cascadePolicy,
  chooseCascade,
  fixedPolicy,
  isStaticProfile,
  LADDERS,
  oraclePolicy,
  plainPolicy,
  type PlanOutcomes,
} from '../../../src-shared/runs/policies.ts';
import { type PlanOptions, resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

// Four images; the plain network gets the last one wrong.
const FULL = { top1: [1, 1, 1, 0], top5: [1, 1, 1, 1], cost: 8 };
const CHEAP: PlanOutcomes = {
  top1: [1, 0, 0, 1],
  top5: [1, 1, 0, 1],
  sameTop1: [1, 0, 0, 0],
  sameTop5: [1, 1, 0, 1],
  cost: [2, 2, 2, 2],
  margin: [0.9, 0.1, 0.8, 0.2],
};
const MIDDLE: PlanOutcomes = {
  top1: [1, 1, 0, 0],
  top5: [1, 1, 1, 1],
  sameTop1: [1, 1, 0, 1],
  sameTop5: [1, 1, 1, 1],
  cost: [4, 4, 4, 4],
  margin: [0.9, 0.7, 0.3, 0.3],
};

describe('oraclePolicy', () => {
  it('pays for each image the cheapest plan that keeps it right, and full price where the plain network is wrong', () => {
    // 2 (cheap), 4 (middle), 8 (none keeps it), 8 (plain wrong, though the cheap plan is right by luck)
    const { top1, cost, saved } = oraclePolicy([CHEAP, MIDDLE], FULL, 'top1');
    expect({ top1, cost, saved }).toEqual({ top1: 0.75, cost: 5.5, saved: 1 - 5.5 / 8 });
    // Top-5: 2, 2, 4, 2
    expect(oraclePolicy([CHEAP, MIDDLE], FULL, 'top5').cost).toBe(2.5);
  });

  it('agrees with the plain network where that answers, and elsewhere as far as the plan chosen does', () => {
    // Cheap and middle keep the plain answer on images 0 and 1; on 2 and 3 the plain network answers.
    expect(oraclePolicy([CHEAP, MIDDLE], FULL, 'top1')).toMatchObject({ top1Agreement: 1, top5Agreement: 1 });
    // Top-5 chooses cheap for images 0, 1 and 3, middle for 2.
    expect(oraclePolicy([CHEAP, MIDDLE], FULL, 'top5')).toMatchObject({ top1Agreement: 0.25, top5Agreement: 1 });
    expect(fixedPolicy(CHEAP, FULL)).toMatchObject({ top1Agreement: 0.25, top5Agreement: 0.75 });
  });

  it('never costs more than full price, nor than any fixed plan that keeps all answers, and loses nothing', () => {
    fc.assert(
      fc.property(outcomesOf(3), ({ plans, full }) => {
        const oracle = oraclePolicy(plans, full, 'top1');
        expect(oracle.cost).toBeLessThanOrEqual(full.cost + 1e-9);
        expect(oracle.top1).toBeCloseTo(fixedPolicy(fullPlan(full), full).top1, 12);
        for (const plan of plans)
          if (full.top1.every((right, image) => right === 1 && plan.top1[image] === 1))
            expect(oracle.cost).toBeLessThanOrEqual(fixedPolicy(plan, full).cost + 1e-9);
      }),
    );
  });
});

describe('bestFixedPlan', () => {
  it('is the cheapest plan within the tolerance', () => {
    expect(bestFixedPlan([CHEAP, MIDDLE], FULL, 'top1', 0)).toBeNull();
    expect(bestFixedPlan([CHEAP, MIDDLE], FULL, 'top1', 0.25)).toBe(0);
    expect(bestFixedPlan([CHEAP, MIDDLE], FULL, 'top5', 0)).toBe(1);
    expect(bestFixedPlan([CHEAP, MIDDLE], FULL, 'top5', 0.25)).toBe(0);
  });
});

describe('bestStaticProfile', () => {
  it('is the cheapest that keeps the accuracy', () => {
    expect(bestStaticProfile([MIDDLE, CHEAP], FULL, 'top5', 0)).toEqual({ index: 0, keepsAccuracy: true });
    expect(bestStaticProfile([MIDDLE, CHEAP], FULL, 'top5', 0.25)).toEqual({ index: 1, keepsAccuracy: true });
  });

  it('is the most accurate where none does, of equally accurate ones the cheapest', () => {
    const dear = { ...MIDDLE, top1: CHEAP.top1 };
    expect(bestStaticProfile([dear, CHEAP], FULL, 'top1', 0)).toEqual({ index: 1, keepsAccuracy: false });
    expect(bestStaticProfile([{ ...CHEAP, top1: [0, 0, 0, 0] }, dear], FULL, 'top1', 0)?.index).toBe(1);
    expect(bestStaticProfile([], FULL, 'top1', 0)).toBeNull();
  });
});

it('the plain network loses nothing and saves nothing', () => {
  expect(plainPolicy(FULL)).toMatchObject({ top1: 0.75, top5: 1, top1Agreement: 1, top5Agreement: 1, saved: 0 });
});

describe('isStaticProfile', () => {
  const layers = ['conv1', 'conv2'];
  const isStatic = (options: PlanOptions) => isStaticProfile(resolvePlan(options), layers);

  it('has one width a layer, the same in every region; all layers may have the same one', () => {
    expect(isStatic({ metric: 'uniform', bits: [4] })).toBe(true);
    expect(isStatic({ metric: 'uniform', bits: [8], layerBits: { conv1: 6, conv2: 4 } })).toBe(true);
    expect(isStatic({ metric: 'uniform', bits: [8], layerBits: { conv2: 4 } })).toBe(true);
    // The regions of the plan are nobody's where every layer has one width.
    expect(isStatic({ bits: [4, 3], layerBits: { conv1: 6, conv2: 4 } })).toBe(true);
  });

  it('is nothing that any region changes', () => {
    expect(isStatic({ bits: [4, 3], layerBits: { conv2: 4 } })).toBe(false);
    expect(isStatic({ bits: [4, 3], layerBits: { conv1: [6, 5], conv2: [4, 4] } })).toBe(false);
    for (const step of LADDERS.cropping(['conv1'])) expect(isStatic(step)).toBe(false);
  });
});

describe('cascadePolicy', () => {
  it('charges every attempt and ends at the plain network', () => {
    // Image 0: 2. Image 1: 2 + 4. Image 2: 2, and wrong. Image 3: 2 + 4 + 8.
    const { top1, cost } = cascadePolicy([CHEAP, MIDDLE], FULL, { stages: [0, 1], threshold: 0.6, last: null });
    expect({ top1, cost }).toEqual({ top1: 0.5, cost: (2 + 6 + 2 + 14) / 4 });
  });

  it('may end at a plan whose answer then counts, whatever its margin', () => {
    // Image 0: 2. The others: 2 + 4, and what the second plan says.
    const { top1, cost } = cascadePolicy([CHEAP, MIDDLE], FULL, { stages: [0], threshold: 0.9, last: 1 });
    expect({ top1, cost }).toEqual({ top1: 0.5, cost: (2 + 3 * 6) / 4 });
    expect(chooseCascade([CHEAP, MIDDLE], FULL, 'top5', 0, [0, 1, 2, 3])).toEqual({
      stages: [],
      threshold: 0,
      last: 1,
    });
  });

  it('is the fixed plan where every margin is enough, and dearer than the plain network where none is', () => {
    expect(cascadePolicy([CHEAP], FULL, { stages: [0], threshold: 0, last: null }).costs).toEqual(
      fixedPolicy(CHEAP, FULL).costs,
    );
    expect(cascadePolicy([CHEAP], FULL, { stages: [0], threshold: 1.1, last: null }).cost).toBe(10);
  });

  it('is chosen to keep the accuracy on the images it is chosen by, and never dearer than the plain network there', () => {
    fc.assert(
      fc.property(outcomesOf(3), ({ plans, full }) => {
        const images = full.top1.map((_, image) => image);
        const cascade = chooseCascade(plans, full, 'top1', 0.1, images);
        const result = cascadePolicy(plans, full, cascade, images);
        expect(result.top1).toBeGreaterThanOrEqual(fixedPolicy(fullPlan(full), full).top1 - 0.1 - 1e-9);
        expect(result.cost).toBeLessThanOrEqual(full.cost);
      }),
      { numRuns: 30 },
    );
  });

  it('finds the threshold that tells right from wrong', () => {
    const full = { top1: [1, 1, 1, 1], top5: [1, 1, 1, 1], cost: 8 };
    const plan = { ...CHEAP, top1: [1, 1, 1, 0], top5: [1, 1, 1, 1], margin: [0.9, 0.8, 0.7, 0.4] };
    const cascade = chooseCascade([plan], full, 'top1', 0, [0, 1, 2, 3]);
    expect(cascade).toEqual({ stages: [0], threshold: 0.45, last: null });
    expect(cascadePolicy([plan], full, cascade)).toMatchObject({ top1: 1, cost: (3 * 2 + 10) / 4 });
  });
});

it('the full ladder is 16 different plans that crop the input, too', () => {
  const plans = LADDERS.full(['conv1']).map((options) => resolvePlan(options));
  expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(16);
  for (const plan of plans.filter(({ bits }) => bits[0] === 0)) expect(plan.layerBits).toEqual({ conv1: [0, 8] });
});

function fullPlan(full: { top1: number[]; top5: number[]; cost: number }): PlanOutcomes {
  const ones = full.top1.map(() => 1);
  return { ...full, sameTop1: ones, sameTop5: ones, cost: full.top1.map(() => full.cost), margin: ones };
}

function outcomesOf(plans: number) {
  const images = fc.integer({ min: 1, max: 12 });
  const flag = fc.integer({ min: 0, max: 1 });
  return images.chain((count) => {
    const flags = fc.array(flag, { minLength: count, maxLength: count });
    const numbers = (max: number) =>
      fc.array(fc.double({ min: 0, max, noNaN: true }), { minLength: count, maxLength: count });
    const outcome = fc.record({
      ...{ top1: flags, top5: flags, sameTop1: flags, sameTop5: flags },
      ...{ cost: numbers(9), margin: numbers(1) },
    });
    return fc.record({
      full: fc.record({ top1: flags, top5: flags, cost: fc.constant(8) }),
      plans: fc.array(outcome, { minLength: plans, maxLength: plans }),
    });
  });
}
