import { expect, test } from 'vitest';
import {
  alternativesOf,
  hasMap,
  mapOf,
  noMapWords,
  uniformAt,
  uniformPlan,
  withMap,
} from '../../../src-renderer/analyse/alternatives.svelte.ts';
import { mapWorth } from '../../../src-renderer/figures/headline.ts';
import { DEFAULT_PLAN_SETTINGS, planOptions } from '../../../src-renderer/plan/plan-settings.ts';
import { isPreset, presetsOf } from '../../../src-renderer/plan/presets.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

const PLAN = { ...DEFAULT_PLAN_SETTINGS, metric: 'gradient' } as const;

test('a plan keeps all but its map under each control, and comes back to the importance it had', () => {
  expect(withMap(PLAN, 'random')).toEqual({ ...PLAN, metric: 'random' });
  expect(withMap(PLAN, 'inverse')).toEqual({ ...PLAN, inverse: true });
  expect(withMap(withMap(PLAN, 'inverse'), 'importance')).toEqual(PLAN);
  expect(withMap({ ...PLAN, metric: 'centre' }, 'importance').metric).toBe('combined');
  for (const map of ['importance', 'random', 'inverse', 'centre'] as const) expect(mapOf(withMap(PLAN, map))).toBe(map);
});

test('regions differ only where some have other bits', () => {
  expect(hasMap(PLAN)).toBe(true);
  for (const flat of [{ lowShare: 0 }, { bits: [4, 4] }, { bits: [4] }, { metric: 'uniform' }] as const)
    expect(hasMap({ ...PLAN, ...flat })).toBe(false);
  expect(hasMap({ ...PLAN, bits: [4, 4], layerBits: { conv: [4, 2] } })).toBe(true);
});

test('where no region differs, what would let one is a control that is there', () => {
  expect(noMapWords({ ...PLAN, bits: [4, 4] })).toMatch(/Give a share of the area other bits/);
  // Under uniform bits there are no shares.
  expect(noMapWords({ ...PLAN, metric: 'uniform', bits: [4] })).toMatch(/Choose a metric/);
});

test('a plan is held against eight uniform widths and four maps, all of them valid', () => {
  const all = alternativesOf(PLAN);
  expect(all).toHaveLength(12);
  for (const settings of all) expect(() => resolvePlan(planOptions(settings))).not.toThrow();
  expect(alternativesOf(uniformPlan(PLAN, 4))).toHaveLength(8);
});

test('between two widths the uniform curve is a straight line; beyond its ends it is unknown', () => {
  const curve = [
    { saved: 0, probability: 0.9 },
    { saved: 0.5, probability: 0.7 },
    { saved: 0.8, probability: null },
  ];
  expect(uniformAt(curve, 0.25)).toBeCloseTo(0.8, 12);
  expect(uniformAt(curve, 0.65)).toBeCloseTo(0.35, 12);
  expect([uniformAt(curve, -0.1), uniformAt(curve, 0.9)]).toEqual([null, null]);
});

test('what the map is worth is said in points and in probability', () => {
  const uniform = { bits: 4, saved: 0.483 };
  const said = (probability: number | null, uniformProbability: number | null) =>
    mapWorth({ uniform, saved: 0.489, probability, uniformProbability }).replaceAll('\u202f', ' ');
  expect(said(0.8, 0.81)).toContain(
    'Uniform 4 bits alone: −48.3 %. The map adds 0.6 points; at equal energy it makes no difference',
  );
  expect(said(0.5, 0.8)).toContain('it costs 0.30');
  expect(said(null, 0.8)).toContain('(gone from the first five; uniform bits 0.80)');
  expect(said(0.5, null)).toMatch(/points\.$/);
});

test('presets are plans that can be chosen and are recognised again', () => {
  const presets = presetsOf(PLAN, null);
  expect(presets.map(({ name }) => name)).toEqual(['Gentle', 'Crop half', 'Strong', 'Uniform', 'Layer profile']);
  for (const preset of presets) {
    expect(() => resolvePlan(planOptions(preset.settings))).not.toThrow();
    expect(
      presetsOf(preset.settings, null).some((own) => own.name === preset.name && isPreset(own, preset.settings)),
    ).toBe(true);
  }
});
