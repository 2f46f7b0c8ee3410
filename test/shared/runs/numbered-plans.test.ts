import { expect, it } from 'vitest';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { numberedPlans } from '../../../src-shared/runs/numbered-plans.ts';

it('a plan that comes again has its first number', () => {
  const { plans, add } = numberedPlans();
  const [four, two] = [[4], [2]].map((bits) => resolvePlan({ metric: 'uniform', bits }));
  expect([four!, two!, { ...four! }].map(add)).toEqual([0, 1, 0]);
  expect(plans).toEqual([four, two]);
});
