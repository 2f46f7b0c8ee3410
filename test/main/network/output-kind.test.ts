import { describe, expect, it } from 'vitest';
import { hideNaN } from '../../../src-main/network/output-kind.ts';

describe('scores may hide a NaN', () => {
  it.each([
    ['that Relu, Clip, Sigmoid or Softmax made 0 of', [0, 0, 0], 'logits'],
    ['that came before the last bias is equal', [0.25, 0.25, 0.25], 'logits'],
    ['that Exp made infinite', [1, Infinity, 2], 'logits'],
    ['that is one still', [1, NaN, 2], 'sigmoid'],
    ['whose share is missing', [0.5, 0, 0.25], 'probabilities'],
    ['of a single score', [0], 'sigmoid'],
  ] as const)('%s', (_, scores, kind) => expect(hideNaN(Float32Array.from(scores), kind)).toBe(true));

  it.each([
    ['logits, some of them 0', [0, 3, 0], 'logits'],
    ['probabilities', [0.75, 0.25, 0], 'probabilities'],
    ['shares of their own', [0, 1, 1], 'sigmoid'],
    ['a single score', [0.25], 'sigmoid'],
  ] as const)('not %s', (_, scores, kind) => expect(hideNaN(Float32Array.from(scores), kind)).toBe(false));
});
