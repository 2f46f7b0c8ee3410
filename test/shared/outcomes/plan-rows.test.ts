import { expect, it } from 'vitest';
import { nameOf } from '../../../src-shared/outcomes/plan-rows.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

it('names a control by what it controls, also where layers have bits of their own', () => {
  const own = { bits: [4, 2], layerBits: { conv1: [5, 3] } } as const;
  const names = ['gradient', 'random', 'inverse:gradient'].map((metric) => nameOf(resolvePlan({ ...own, metric })));
  expect(names).toEqual([
    '1 layer of their own, others 4/2',
    'random 1 layer of their own, others 4/2',
    'inverse 1 layer of their own, others 4/2',
  ]);
});
