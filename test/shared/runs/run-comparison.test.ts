import { describe, expect, it } from 'vitest';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { type ComparedRun, compareRuns } from '../../../src-shared/runs/run-comparison.ts';
import type { ImageResult, RunRecord } from '../../../src-shared/runs/run-record.ts';

const RUN: RunRecord = {
  id: 'a',
  name: 'a',
  note: '',
  status: 'complete',
  createdAt: '2026-01-01T00:00:00.000Z',
  model: { id: 'm', path: '/m.onnx', sha256: '00', settingsSha256: '11' },
  dataset: { path: '/photos', labels: { kind: 'folders' } },
  plans: 1,
  images: 4,
  finished: 4,
  failed: 0,
  detail: 'basic',
  seed: 1,
  shard: null,
  version: '0.1.0',
  seconds: 1,
  resultsSha256: null,
};

/** @param answers first class of each image; image k has digest k and label 0 */
function side(
  answers: readonly number[],
  changes: Partial<RunRecord> = {},
  bits = 4,
  label: number | null = 0,
): ComparedRun {
  return {
    run: { ...RUN, ...changes },
    planIndex: 0,
    plan: resolvePlan({ metric: 'uniform', bits: [bits] }),
    results: answers.map((answer, image): ImageResult => ({
      path: `${changes.id ?? 'a'}/${image}.jpg`,
      sha256: String(image),
      label,
      baseline: { classes: [0], probabilities: [0.5] },
      quantised: { classes: [answer, 1], probabilities: [0.5, 0.3] },
      macWeightedBits: bits,
      macWeightedLockstepBits: bits,
    })),
  };
}

describe('compareRuns', () => {
  it('names the settings that differ, and no others', () => {
    const { differences } = compareRuns([side([0]), side([0], { id: 'b', seed: 2, note: 'x' }, 5)], 1);
    expect(differences).toEqual([
      { setting: 'seed', values: [1, 2] },
      { setting: 'plan.bits', values: [[4], [5]] },
    ]);
  });

  it('pairs images by digest, wherever they lie, and tests the pairs', () => {
    const first = side([0, 0, 0, 0, 0, 0, 0, 2, 1]);
    const other = side([2, 2, 2, 2, 2, 2, 0, 0, 1], { id: 'b' }, 3);
    const comparison = compareRuns([first, { ...other, results: other.results.toReversed().slice(1) }], 1);
    expect(comparison).toMatchObject({ images: 8, judged: 8, judgedBy: 'labels' });
    expect(comparison.accuracies).toMatchObject([
      { top1: 7 / 8, top5: 7 / 8, macWeightedBits: 4 },
      { top1: 2 / 8, macWeightedBits: 3 },
    ]);
    expect(comparison.paired).toMatchObject([
      { top1OnlyFirst: 6, top1OnlyOther: 1, bitsDifference: -1, bitsInterval: [-1, -1] },
    ]);
    // 6 against 1: twice the probability of at most 1 of 7, (1 + 7) / 2^7.
    expect(comparison.paired[0]!.top1PValue).toBeCloseTo(0.125, 12);
    expect(comparison.disagreements).toHaveLength(7);
    expect(comparison.disagreements[0]).toEqual({ path: 'a/0.jpg', sha256: '0', label: 0, classes: [0, 2] });
  });

  it('judges by the plain network where there are no labels', () => {
    const comparison = compareRuns([side([0, 0], {}, 4, null), side([0, 3], { id: 'b' }, 4, null)], 1);
    expect(comparison).toMatchObject({ judgedBy: 'agreement', judged: 2, accuracies: [{ top1: 1 }, { top1: 0.5 }] });
  });

  it('leaves images out whose labels contradict each other', () => {
    const contradicting = side([0, 0], { id: 'b' });
    const results = contradicting.results.map((result, image) => (image === 0 ? { ...result, label: 5 } : result));
    expect(compareRuns([side([0, 0]), { ...contradicting, results }], 1)).toMatchObject({ images: 2, judged: 1 });
  });

  it('pairs a photo that occurs twice, twice', () => {
    const twice = (run: ComparedRun) => ({
      ...run,
      results: run.results.map((result) => ({ ...result, sha256: 'same' })),
    });
    expect(compareRuns([twice(side([0, 0, 0])), twice(side([0, 1], { id: 'b' }))], 1)).toMatchObject({ images: 2 });
  });

  it('has nothing to test without common images', () => {
    expect(compareRuns([side([0]), side([], { id: 'b' })], 1)).toMatchObject({
      images: 0,
      accuracies: null,
      paired: [],
      disagreements: [],
    });
  });
});
