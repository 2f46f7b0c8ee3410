import { expect, test } from 'vitest';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { planOptionsSchema } from '../../../src-shared/precision/plan-options.ts';
import { batchLine } from '../../../src-shared/runs/batch-line.ts';
import { methodsPlans } from '../../../src-shared/runs/methods-plans.ts';
import type { RunRecord } from '../../../src-shared/runs/run-record.ts';

const NOTHING_SEARCHED = { layers: [], inputLayers: [], staticPlan: null, jointPlan: null };
const RUN: RunRecord = {
  id: 'r1',
  name: 'photos',
  note: '',
  status: 'complete',
  createdAt: '2026-11-28T09:00:00.000Z',
  model: { id: 'tiny', path: '/tiny.onnx', sha256: '', settingsSha256: '', device: 'cpu' },
  dataset: { path: '/my photos', labels: { kind: 'none' } },
  plans: 1,
  images: 2,
  finished: 2,
  failed: 0,
  detail: 'basic',
  firstSuccess: false,
  seed: 1,
  shard: null,
  version: '0.1.0',
  seconds: 1,
  resultsSha256: null,
};

test('states every plan of the known methods so that it is read as the same plan', () => {
  const { plans } = methodsPlans([NOTHING_SEARCHED, NOTHING_SEARCHED], []);
  const [, stated] = /^echo '(.*)' > plans\.json && fovea batch '\/my photos' /.exec(batchLine(RUN, plans, []))!;
  const read = planOptionsSchema.array().parse(JSON.parse(stated!));
  expect(read.map((plan) => resolvePlan(plan))).toEqual(plans);
});

test('names images that were chosen one by one, and a shard', () => {
  const chosen = { ...RUN, dataset: { ...RUN.dataset, chosen: true } };
  const line = batchLine(chosen, [resolvePlan({})], ['a.jpg', "it's b.jpg"]);
  expect(line).toMatch(/^printf '%s\\n' a\.jpg 'it'\\''s b\.jpg' > images\.txt && echo .* --images images\.txt /);
  expect(batchLine({ ...RUN, shard: { index: 2, count: 3 } }, [resolvePlan({})], [])).toContain(' --shard 2/3 ');
});
