import { describe, expect, it } from 'vitest';
import { COMPARED_METRICS, GRAPH_METRICS, OUTSIDE_METRICS } from '../../../src-shared/precision/metrics.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { METHODS, methodsPlans, REGION_SETTINGS } from '../../../src-shared/runs/methods-plans.ts';
import { canonicalJson } from '../../../src-shared/runs/run-record.ts';
import { LAYERS } from '../../main/store/stored-runs.ts';

const profile = (bits: number) => resolvePlan({ metric: 'uniform', bits: [8], layerBits: { conv2: bits } });
const joint = (bits: number) => resolvePlan({ bits: [8, 8], layerBits: { conv2: [bits, bits - 1] } });
const context = (bits: number) => ({
  layers: LAYERS,
  inputLayers: ['conv1'],
  staticPlan: profile(bits),
  jointPlan: joint(bits),
});
const { plans, methods } = methodsPlans([context(5), context(3)], []);

describe('methodsPlans', () => {
  it('has each plan once, and nothing that a method does not choose from or need as its control', () => {
    expect(new Set(plans.map((plan) => canonicalJson(plan))).size).toBe(plans.length);
    for (const { choices } of methods)
      for (const own of choices) for (const plan of own) expect(plans[plan]).toBeDefined();
  });

  it('lets searched methods choose on each half from what was found there, the others from the same', () => {
    const choicesOf = (id: string) => methods.find((method) => method.id === id)!.choices;
    expect(choicesOf('static').map((own) => own.map((plan) => plans[plan]))).toEqual([[profile(5)], [profile(3)]]);
    expect(choicesOf('joint').map((own) => own.map((plan) => plans[plan]))).toEqual([[joint(5)], [joint(3)]]);
    for (const { id, choices } of methods)
      if (id !== 'static' && id !== 'joint') expect(choices[0]).toEqual(choices[1]);
  });

  it('has the controls of every plan with regions: centre, random, inverse', () => {
    const has = new Set(plans.map((plan) => canonicalJson(plan)));
    for (const metric of ['centre', 'random', 'inverse:combined'] as const)
      expect(has).toContain(canonicalJson({ ...joint(5), metric }));
    for (const setting of REGION_SETTINGS)
      expect(has).toContain(canonicalJson(resolvePlan({ ...setting, metric: 'inverse:entropy' })));
  });

  it('makes a method of every metric that is compared and no control', () => {
    const named = METHODS.flatMap(({ id }) => (id.startsWith('regions-') ? [id.slice('regions-'.length)] : []));
    expect(named).toEqual([
      ...COMPARED_METRICS.filter((metric) => !['centre', 'random'].includes(metric) && !metric.startsWith('inverse:')),
      ...OUTSIDE_METRICS,
      ...GRAPH_METRICS,
    ]);
  });

  it('leaves out what cannot be compared, with its controls, and nothing else', () => {
    const rest = methodsPlans([context(5), context(3)], [{ metric: 'given' }]);
    expect(rest.methods.map(({ id }) => id)).toEqual(methods.flatMap(({ id }) => (id === 'regions-given' ? [] : [id])));
    expect(rest.plans).toEqual(plans.filter(({ metric }) => !metric.endsWith('given')));
  });
});
