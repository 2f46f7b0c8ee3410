import { expect, test } from 'vitest';
import type { ToEngine } from '../../../src-main/engine/engine-protocol.ts';
import { hangLimitMs, workUnits } from '../../../src-main/engine/hang-limit.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

type Task = Extract<ToEngine, { kind: 'task' }>;

const model = { path: '/models/a.onnx' };
const plan = resolvePlan({});

const analysis: Task = {
  kind: 'task',
  id: 1,
  name: 'analyse',
  input: { model, image: 'a.jpg', plan, ranges: null, counts: false },
};
const evaluation = (images: number, plans: number): Task => ({
  kind: 'task',
  id: 1,
  name: 'evaluate',
  input: {
    model,
    images: Array.from({ length: images }, () => ({ path: 'a.jpg', plans: [], baseline: true })),
    plans: Array.from({ length: plans }, () => plan),
    ranges: null,
    counts: false,
  },
});

test('an evaluation is as many inferences as it has images and plans, with the plain network, a lot at a time', () => {
  expect(workUnits(analysis)).toBe(1);
  expect(workUnits(evaluation(2, 3))).toBe(8);
  expect(workUnits(evaluation(64, 1))).toBe(48);
});

test('what hangs is told by what the model takes: a minute for the fast, hours for the slow', () => {
  expect(hangLimitMs(analysis, 20)).toBe(60_000);
  expect(hangLimitMs(analysis, 30_000)).toBe(3_000_000);
  expect(hangLimitMs(evaluation(2, 3), 1000)).toBe(800_000);
});

test('while nothing is known of it it is ten minutes, and more where there is more to do', () => {
  expect(hangLimitMs(analysis, undefined)).toBe(600_000);
  expect(hangLimitMs(evaluation(24, 9), undefined)).toBe(240 * 60_000);
});
