import { expect, it } from 'vitest';
import { emptyColumns } from '../../../src-shared/outcomes/outcome-columns.ts';
import { nameOf, planRows } from '../../../src-shared/outcomes/plan-rows.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { planReport, type PlanTally, type RunReport } from '../../../src-shared/runs/run-record.ts';

const NO_IMAGE: PlanTally = {
  ...{ images: 0, labelled: 0, top1: 0, top5: 0, baselineTop1: 0, baselineTop5: 0 },
  ...{ top1Agreement: 0, top5Agreement: 0, macWeightedBits: 0, macWeightedLockstepBits: 0, unanswered: 0 },
};

it('names a control by what it controls, also where layers have bits of their own', () => {
  const own = { bits: [4, 2], layerBits: { conv1: [5, 3] } } as const;
  const names = ['gradient', 'random', 'inverse:gradient'].map((metric) => nameOf(resolvePlan({ ...own, metric })));
  expect(names).toEqual([
    '1 layer of their own, others 4/2',
    'random 1 layer of their own, others 4/2',
    'inverse 1 layer of their own, others 4/2',
  ]);
});

it('holds a plan against uniform widths of its own range mode alone', () => {
  const plans = (['layer', 'position'] as const).flatMap((range) => [
    resolvePlan({ bits: [4, 2], range }),
    resolvePlan({ metric: 'uniform', bits: [4], range }),
    resolvePlan({ metric: 'uniform', bits: [2], range }),
  ]);
  const tally = { ...NO_IMAGE, images: 4, top1Agreement: 4, top5Agreement: 4 };
  const report: RunReport = {
    policies: [],
    leftOut: [],
    plans: plans.map((plan) => {
      const bits = plan.bits.length > 1 ? 3 : plan.bits[0]!;
      return planReport(plan, { ...tally, macWeightedLockstepBits: 4 * bits }, null, null, [], {
        control: false,
        claims: null,
      });
    }),
  };
  const columns = emptyColumns(4, plans.length);
  columns.plain.fill(1);
  // Uniform widths are right by range `position`, and wrong by `layer`.
  columns.plans.forEach(({ answer }, index) => answer.fill(index === 0 || index > 2 ? 1 : 2));
  const rows = planRows(report, columns, { accelerator: null, mode: 'lockstep', whole: false }, []);
  expect([0, 3].map((plan) => rows.find((row) => row.plan === plan)!.difference!.mean)).toEqual([1, 0]);
});
