import { expect, it } from 'vitest';
import { planText } from '../../../src-shared/precision/plan-text.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

it.each([
  [{}, 'combined 14x14, 75 % at 4, 25 % at 3 bits, range position'],
  [{ metric: 'uniform', bits: [1] }, '1 bit everywhere, range position'],
  [{ metric: 'uniform', bits: [4], range: 'layer', inputBits: 6 }, '4 bits everywhere, input 6 bits, range layer'],
  [
    { bits: [8, 4, 2], threshold: [0.2, 0.6], metric: 'gradient', powerOfTwo: true },
    'gradient 14x14, 8 from importance 0.6, 4 from importance 0.2, 2 bits below, range position (powers of two)',
  ],
  [{ metric: 'uniform', bits: [1] }, '1 bit everywhere, range position'],
  [
    { metric: 'uniform', bits: [8], layerBits: { a: 3, b: 5, c: 4 } },
    '3 layers at 3 to 5 bits, others at 8, range position',
  ],
  [
    { metric: 'inverse:random', lowShare: 1 / 3, seed: 7, layerBits: { conv1: 8 }, quantiser: 'log' },
    'inverse:random 14x14, 66.7 % at 4, 33.3 % at 3 bits, 1 layer of its own, range layer, quantiser log, weights 5 bits, seed 7',
  ],
] as const)('%j reads %s', (options, text) => expect(planText(resolvePlan(options))).toBe(text));
