import { describe, expect, it } from 'vitest';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import {
  type ComparedAnswer,
  type ComparedRun,
  compareRuns,
  disagreements,
  pairImages,
} from '../../../src-shared/runs/run-comparison.ts';
import type { RunRecord } from '../../../src-shared/runs/run-record.ts';

const RUN: RunRecord = {
  id: 'a',
  name: 'a',
  note: '',
  status: 'complete',
  createdAt: '2026-01-01T00:00:00.000Z',
  model: { id: 'm', path: '/m.onnx', sha256: '00', settingsSha256: '11', device: 'cpu' },
  dataset: { path: '/photos', labels: { kind: 'folders' } },
  plans: 1,
  images: 4,
  finished: 4,
  failed: 0,
  detail: 'basic',
  firstSuccess: false,
  seed: 1,
  shard: null,
  version: '0.1.0',
  seconds: 1,
  resultsSha256: null,
};

/** @param answers first class of each image; image k has number k and label 0 */
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
    results: answers.map((answer, image): ComparedAnswer => ({
      path: `${changes.id ?? 'a'}/${image}.jpg`,
      image,
      index: image,
      label,
      plainClass: 0,
      classes: [answer, 1],
      probability: 0.5,
      margin: 0.2,
      macWeightedBits: bits,
    })),
  };
}

describe('compareRuns', () => {
  it('names the settings that differ, and no others', () => {
    const { settings } = compareRuns([side([0]), side([0], { id: 'b', seed: 2, note: 'x' }, 5)]);
    expect(settings.filter(({ differs }) => differs)).toEqual([
      { setting: 'seed', values: [1, 2], differs: true },
      { setting: 'plan.bits', values: [[4], [5]], differs: true },
    ]);
    expect(settings.find(({ setting }) => setting === 'plan.range')).toMatchObject({ differs: false });
  });

  it('pairs images by digest, wherever they lie, and tests the pairs', () => {
    const first = side([0, 0, 0, 0, 0, 0, 0, 2, 1]);
    const other = side([2, 2, 2, 2, 2, 2, 0, 0, 1], { id: 'b' }, 3);
    const compared = [first, { ...other, results: other.results.toReversed().slice(1) }];
    const comparison = compareRuns(compared);
    expect(comparison).toMatchObject({ images: 8, judged: 8, judgedBy: 'labels' });
    expect(comparison.accuracies).toMatchObject([{ top1: 7 / 8, top5: 7 / 8 }, { top1: 2 / 8 }]);
    expect(comparison.paired).toMatchObject([
      {
        top1: { bothRight: 1, onlyFirst: 6, onlyOther: 1, bothWrong: 0, difference: -5 / 8 },
        agreement: { onlyFirst: 6, onlyOther: 1 },
      },
    ]);
    // 6 against 1: twice the probability of at most 1 of 7, (1 + 7) / 2^7.
    expect(comparison.paired[0]!.top1.pValue).toBeCloseTo(0.125, 12);
    const differing = disagreements(pairImages(compared));
    expect(differing).toHaveLength(7);
    expect(differing[0]).toEqual({ path: 'a/0.jpg', image: 0, label: 0, classes: [0, 2] });
  });

  it('judges by the plain network where there are no labels', () => {
    const comparison = compareRuns([side([0, 0], {}, 4, null), side([0, 3], { id: 'b' }, 4, null)]);
    expect(comparison).toMatchObject({ judgedBy: 'agreement', judged: 2, accuracies: [{ top1: 1 }, { top1: 0.5 }] });
  });

  it('leaves images out whose labels contradict each other', () => {
    const contradicting = side([0, 0], { id: 'b' });
    const results = contradicting.results.map((result, image) => (image === 0 ? { ...result, label: 5 } : result));
    expect(compareRuns([side([0, 0]), { ...contradicting, results }])).toMatchObject({ images: 2, judged: 1 });
  });

  it('pairs a photo that occurs twice, twice', () => {
    const twice = (run: ComparedRun) => ({
      ...run,
      results: run.results.map((result) => ({ ...result, image: 7 })),
    });
    expect(compareRuns([twice(side([0, 0, 0])), twice(side([0, 1], { id: 'b' }))])).toMatchObject({ images: 2 });
  });

  it('has nothing to test without common images', () => {
    expect(compareRuns([side([0]), side([], { id: 'b' })])).toMatchObject({
      images: 0,
      accuracies: null,
      paired: [],
    });
  });

  it('raises the probabilities of a family of runs, each held against the first', () => {
    const first = side([0, 0, 0, 0, 0, 0, 0, 0]);
    const worse = side([2, 2, 2, 2, 2, 2, 0, 0], { id: 'b' });
    const same = side([0, 0, 0, 0, 0, 0, 0, 2], { id: 'c' });
    const { paired } = compareRuns([first, worse, same]);
    // 6 to 0: 2 / 2^6, doubled as the least of two; 1 to 0 is no evidence.
    expect(paired.map(({ top1 }) => [top1.pValue, top1.familyPValue])).toEqual([
      [expect.closeTo(0.03125, 12), expect.closeTo(0.0625, 12)],
      [1, 1],
    ]);
  });
});
