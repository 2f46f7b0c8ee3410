import type { ListedRun, RunsComparison } from '../../../src-shared/contract/comparison.ts';
import { defaultPricing } from '../../../src-shared/energy/price-order.ts';
import { resolvePlan, type PlanOptions } from '../../../src-shared/precision/precision-plan.ts';
import { compareBits } from '../../../src-shared/runs/compared-bits.ts';
import { compareEnergy } from '../../../src-shared/runs/compared-energy.ts';
import { encodeColumns } from '../../../src-shared/runs/comparison-columns.ts';
import {
  type ComparedAnswer,
  type ComparedRun,
  compareRuns,
  pairImages,
} from '../../../src-shared/runs/run-comparison.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';
import { LAYERS, MODEL } from '../fake-host.ts';

const PLANS: readonly PlanOptions[] = [
  { metric: 'gradient', bits: [4, 2] },
  { metric: 'combined', bits: [4, 2] },
  { metric: 'uniform', bits: [5] },
];

export function listedRun(id: string, changes: Partial<ListedRun> = {}): ListedRun {
  return {
    id,
    name: `run ${id}`,
    note: '',
    status: 'complete',
    createdAt: '2026-01-01T00:00:00.000Z',
    model: { id: MODEL.id, path: '/m.onnx', sha256: MODEL.sha256, settingsSha256: '11', device: 'cpu' },
    dataset: { path: '/photos', labels: { kind: 'folders' } },
    plans: 1,
    images: 40,
    finished: 40,
    failed: 0,
    detail: 'basic',
    firstSuccess: false,
    seed: 1,
    shard: null,
    version: '0.1.0',
    seconds: 1,
    resultsSha256: null,
    starred: false,
    archived: false,
    planText: '4 bits everywhere',
    top1: 0.7,
    top1Agreement: 0.9,
    macWeightedLockstepBits: 3.8,
    ...changes,
  };
}

/** Runs over forty images of which A gets 30 right, B 28 (two lost), every further one as A does. */
export function comparisonOf(
  runs: readonly ListedRun[],
  rightOf: (side: number) => number = (side) => (side === 1 ? 28 : 30),
): RunsComparison {
  const compared = runs.map((run, side): ComparedRun => ({
    run,
    planIndex: 0,
    plan: resolvePlan(PLANS[side % PLANS.length]!),
    results: Array.from({ length: run.finished }, (_, image): ComparedAnswer => ({
      path: `${image}.jpg`,
      image,
      index: image,
      label: 1,
      plainClass: 1,
      classes: [image < rightOf(side) ? 1 : 2, 3],
      probability: 0.6,
      margin: 0.3,
      macWeightedBits: 3,
    })),
  }));
  const paired = pairImages(compared);
  const counts = runs.map((_, side) => {
    const single = (image: number) => LAYERS.map((layer) => uniformCounts(layer, 4 - 0.25 * side + 0.01 * (image % 3)));
    return { layers: single(1), sample: Array.from({ length: 40 }, (_, image) => single(image)), leftOut: [] };
  });
  return {
    sides: compared,
    planNames: compared.map(({ run }) => Array.from({ length: run.plans }, (_, plan) => `plan of ${run.name} ${plan}`)),
    comparison: compareRuns(compared, paired),
    bits: compareBits(defaultPricing().modes, counts, 40),
    energy: compareEnergy(defaultPricing(), counts, 40),
    layers: counts.map(({ layers }) => layers),
    leftOut: [],
    labels: ['no', 'one', 'two', 'three'],
    columns: encodeColumns(paired),
  };
}
