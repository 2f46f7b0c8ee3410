import type { OutputKind } from '../../src-shared/model-card.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import { RESHAPING } from './tensor-facts.ts';

/** Operators that may follow the one that makes scores of sums, and leave them what they are. */
const KEEPS_KIND = new Set([...RESHAPING, 'Clip', 'Cast']);

/** What the scores of an output are, by the operator they come from. */
export function outputKindOf(model: OnnxModel, output: string): OutputKind {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = producers.get(output);
  while (node && KEEPS_KIND.has(node.opType)) node = producers.get(node.inputs[0]!);
  if (node?.opType === 'Softmax') return 'probabilities';
  return node?.opType === 'Sigmoid' || node?.opType === 'HardSigmoid' ? 'sigmoid' : 'logits';
}

/**
 * What scores are, by the operator they come from and by what a run gave.
 * @param again gives the scores of another run
 */
export async function kindOfScores(
  structural: OutputKind,
  scores: Float32Array,
  again: () => Promise<Float32Array>,
): Promise<OutputKind> {
  if (areProbabilities(scores))
    return structural === 'probabilities' || areProbabilities(await again()) ? 'probabilities' : structural;
  if (structural === 'probabilities' || (structural === 'sigmoid' && !areShares(scores))) return 'logits';
  return structural;
}

/** How far the sum of probabilities may be from 1: half precision inside the model rounds each. */
const SUM_TOLERANCE = 2e-3;

/** Whether the scores of a run are probabilities of which one class gets each share: none negative, together 1. */
function areProbabilities(scores: Float32Array): boolean {
  let sum = 0;
  for (const score of scores) {
    if (!(score >= 0 && score <= 1 + SUM_TOLERANCE)) return false;
    sum += score;
  }
  return scores.length > 1 && Math.abs(sum - 1) <= SUM_TOLERANCE;
}

/** Whether every score of a run is a probability of its own. */
function areShares(scores: Float32Array): boolean {
  return scores.every((score) => score >= 0 && score <= 1);
}

/**
 * Whether scores may come from a NaN that has not survived: on GPUs Relu, Clip, Sigmoid and Softmax make 0 of it, and Exp infinity. Then
 * all scores are equal, or probabilities that do not add up to 1. One that was lost long before the scores cannot be told.
 */
export function hideNaN(scores: Float32Array, kind: OutputKind): boolean {
  if (!scores.every(Number.isFinite)) return true;
  if (scores.length === 1) return scores[0] === 0;
  if (scores.every((score) => score === scores[0])) return true;
  return kind === 'probabilities' && !areProbabilities(scores);
}
