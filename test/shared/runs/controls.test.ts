import { describe, expect, it } from 'vitest';
import type { LayerGeometry } from '../../../src-shared/measurement.ts';
import { parsePlan, type PlanOptions, resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import {
  askedPlans,
  seededShapes,
  SHAPE_NAMES,
  shapeName,
  uniformFrontier,
  withControls,
} from '../../../src-shared/runs/controls.ts';
import { roleOf } from '../../../src-shared/runs/plan-role.ts';

const layer = (name: string, channels: number, macs: number): LayerGeometry => ({
  name,
  op: 'Conv',
  inputShape: [channels, 8, 8],
  outputShape: [4, 8, 8],
  kernel: [3, 3],
  groups: 1,
  macs,
  values: 1,
  weights: 1,
});
const LAYERS = [
  layer('image', 3, 900),
  layer('a', 16, 100),
  layer('b', 16, 100),
  layer('c', 16, 100),
  layer('d', 16, 100),
];
const plan = (options: PlanOptions) => resolvePlan(options);
const PROFILE = plan({ metric: 'uniform', bits: [8], layerBits: { a: 4, b: 3, c: 3, d: 2 } });

describe('withControls', () => {
  it('adds the uniform widths and the other masks of a region plan, each once', () => {
    const asked = [
      plan({ bits: [4, 2] }),
      plan({ metric: 'random', bits: [4, 2] }),
      plan({ metric: 'uniform', bits: [5] }),
    ];
    const all = withControls(asked, LAYERS);
    expect(all.slice(0, 3)).toEqual(asked);
    expect(all.filter((one) => roleOf(one) === 'uniform').map(({ bits }) => bits[0])).toEqual([5, 8, 7, 6, 4, 3, 2, 1]);
    expect(all.slice(10).map(({ metric }) => metric)).toEqual(['centre', 'inverse:combined']);
    expect(all.every(({ inputBits }) => inputBits === 8)).toBe(true);
  });

  it('holds a layer-wise plan against shapes, and a plan by threshold against widths alone', () => {
    const shapes = seededShapes(LAYERS, PROFILE);
    expect(shapes).toHaveLength(12);
    // Quarters by multiply-accumulates, the layer that reads the image left out.
    expect(shapes[1]!.layerBits).toEqual({ a: [5], b: [5], c: [4], d: [4] });
    expect(withControls([PROFILE], LAYERS)).toHaveLength(1 + 8 + 12);
    expect(withControls([plan({ threshold: 0.5 })], LAYERS)).toHaveLength(1 + 8);
  });

  it('calls a shape by its name, and nothing else', () => {
    expect(seededShapes(LAYERS, PROFILE).map((shape) => shapeName(shape, LAYERS))).toEqual(SHAPE_NAMES);
    const blocks = plan({ metric: 'uniform', bits: [8], layerBits: { a: 4, b: 4, c: 3, d: 3 }, range: 'block' });
    expect(shapeName(blocks, LAYERS)).toBe('quarters of the network at 4-4-3-3 bits');
    for (const other of [PROFILE, plan({ bits: [4, 3] }), plan({ metric: 'uniform', bits: [4] })])
      expect(shapeName(other, LAYERS)).toBeNull();
    expect(shapeName(blocks, [])).toBeNull();
  });

  it('has frontiers of the same kind of numbers', () => {
    const layerRange = plan({ bits: [6, 4], range: 'layer' });
    const all = withControls([layerRange], LAYERS);
    expect(all.every(({ range }) => range === 'layer')).toBe(true);
    expect(uniformFrontier(plan({ quantiser: 'log', bits: [4] })).every(({ weightBits }) => weightBits === 5)).toBe(
      true,
    );
  });
});

describe('askedPlans', () => {
  it('tells what was asked for from what was added', () => {
    for (const asked of [
      [plan({})],
      [plan({ bits: [4, 2] }), plan({ metric: 'gradient', bits: [4, 2] })],
      [PROFILE, plan({ metric: 'uniform', bits: [6] })],
    ])
      expect(askedPlans(withControls(asked, LAYERS), LAYERS)).toBe(asked.length);
  });

  it('takes a run without controls for what it is', () => {
    const asked = [plan({}), plan({ metric: 'centre' })];
    expect(askedPlans(asked, LAYERS)).toBe(2);
    expect(askedPlans([plan({})], LAYERS)).toBe(1);
  });
});

it('controls by another metric leave out what is of the first alone', () => {
  const plans = [{ metric: 'saliency' }, { combinedWeights: [1, 0, 0, 0] }].map((options) => resolvePlan(options));
  const controls = withControls(plans, []).slice(plans.length);
  for (const plan of controls) expect(parsePlan(plan)).toEqual(plan);
  expect(controls.filter(({ saliency }) => saliency).map(({ metric }) => metric)).toEqual(['inverse:saliency']);
  expect(controls.filter(({ combinedWeights }) => combinedWeights).map(({ metric }) => metric)).toEqual([
    'inverse:combined',
  ]);
});

it('controls of a plan whose levels the graph finds are sound plans: a window has it only where the graph finds them', () => {
  const plan = resolvePlan({ metric: 'sensitivity', window: 5, bits: [4, 2] });
  const controls = withControls([plan], []).filter(({ bits }) => bits.length > 1);
  expect(controls.map(({ metric, window }) => [metric, window ?? null])).toEqual([
    ['sensitivity', 5],
    ['centre', null],
    ['random', null],
    ['inverse:sensitivity', 5],
  ]);
  for (const control of controls) expect(parsePlan(control)).toEqual(control);
});
