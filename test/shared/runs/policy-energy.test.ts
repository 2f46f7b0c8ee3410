import { describe, expect, test } from 'vitest';
import type { EnergyEstimate } from '../../../src-shared/energy/energy-estimate.ts';
import { cascadePolicy, type FullPrecision, oraclePolicy } from '../../../src-shared/runs/policies.ts';
import { policyEnergy, policySaved } from '../../../src-shared/runs/policy-energy.ts';
import { policyReport } from '../../../src-shared/runs/policy-reports.ts';
import type { MeasuredPlan, RunOutcomes } from '../../../src-shared/runs/run-outcomes.ts';

// Four images. The plain network gets all but the last right; plan 0 is the cheaper, and keeps the first alone.
const images = [0, 1, 2, 3];
const full: FullPrecision = { top1: [1, 1, 1, 0], top5: [1, 1, 1, 0], cost: 8 };
const plan = (right: number[], cost: number, margin: number[]) =>
  ({ top1: right, top5: right, sameTop1: right, sameTop5: right, cost: [cost, cost, cost, cost], margin }) as unknown;
const plans = [plan([1, 0, 0, 0], 2, [0.9, 0.1, 0.8, 0.1]), plan([1, 1, 0, 0], 4, [1, 1, 1, 1])] as MeasuredPlan[];
const outcomes = { plans, staticProfiles: [], full, labelled: true } as unknown as RunOutcomes;
const reported = (outcome: ReturnType<typeof oraclePolicy>, used: number[], policy: 'oracle' | 'cascade') =>
  policyReport(outcomes, { policy, keeps: 'top1', images, outcome, plans: used, endsAtPlain: true }, 1);

describe('what a policy saves on a machine', () => {
  // One image pays plan 0, one plan 1, and two pay 8 bits: the one that no plan keeps, and the one that is wrong anyway.
  const oracle = reported(oraclePolicy(plans, full, 'top1', images), [0, 1], 'oracle');

  test('an oracle pays for each image the plan that it is given', () => {
    expect(oracle.paid).toEqual({ plans: [0.25, 0.25], plain: 0.5 });
    // 1 - (0.25 * 0.4 + 0.25 * 0.7 + 0.5)
    expect(policySaved(oracle, (index) => [0.6, 0.3][index]!)).toBeCloseTo(0.225, 12);
  });

  test('a cascade pays every attempt', () => {
    const cascade = cascadePolicy(plans, full, { stages: [0], threshold: 0.5, last: 1 }, images);
    const report = reported(cascade, [0, 1], 'cascade');
    expect(report.paid).toEqual({ plans: [1, 0.5], plain: 0 });
    // 1 - (0.4 + 0.5 * 0.7)
    expect(policySaved(report, (index) => [0.6, 0.3][index]!)).toBeCloseTo(0.25, 12);
  });

  test('is not told where a plan that is paid has no price, or it was not noted which are', () => {
    expect(policySaved(oracle, (index) => [0.6, null][index]!)).toBeNull();
    expect(policySaved({ ...oracle, paid: null }, () => 0.6)).toBeNull();
    const unused = { ...oracle, paid: { plans: [0.5, 0], plain: 0.5 } };
    expect(policySaved(unused, (index) => [0.6, null][index]!)).toBeCloseTo(0.3, 12);
  });

  test('is told of every machine and mode that all plans have', () => {
    const estimate = (accelerator: string, savedVs8bit: number) =>
      ({ accelerator, mode: 'lockstep', savedVs8bit, totalSavedVs8bit: savedVs8bit / 2 }) as EnergyEstimate;
    const priced = policyEnergy(oracle, [
      [estimate('stripes', 0.6), estimate('pragmatic', 0.5)],
      [estimate('stripes', 0.3)],
    ]);
    expect(priced).toEqual([
      {
        accelerator: 'stripes',
        mode: 'lockstep',
        savedVs8bit: expect.closeTo(0.225, 12),
        totalSavedVs8bit: expect.closeTo(0.1125, 12),
      },
    ]);
  });
});
