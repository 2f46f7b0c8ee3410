import { FLOAT, typeName, type OnnxModel, type OnnxValue } from './onnx-schema.ts';
import { prunedTo } from './prune-model.ts';

/** The output that is taken for the scores of the classes, and why that one. */
export interface ChosenOutput {
  readonly value: OnnxValue;
  /** Empty where there is but one. */
  readonly why: string;
}

/** `name float32 [N, 10]` of each tensor, for messages. */
export function tensorsText(values: readonly OnnxValue[]): string {
  return values
    .map(
      ({ name, elementType, shape }) =>
        `${name} ${typeName(elementType)} [${shape?.map((size) => size ?? '?').join(', ') ?? '?'}]`,
    )
    .join('; ');
}

/** One score a class: besides the batch, one axis at most is longer than 1. */
function mayClassify({ elementType, shape }: OnnxValue): boolean {
  return elementType === FLOAT && (shape === null || shape.slice(1).filter((size) => size !== 1).length <= 1);
}

/**
 * Of several outputs the one that takes the most of the network, first of equals: heads that helped in training, and features, leave it
 * earlier. Null where the model gives nothing.
 */
export function chooseOutput(model: OnnxModel): ChosenOutput | null {
  const [first] = model.outputs;
  if (!first) return null;
  if (model.outputs.length === 1) return { value: first, why: '' };
  const scores = model.outputs.filter(mayClassify);
  const candidates = scores.length > 0 ? scores : model.outputs;
  const needs = candidates.map((value) => prunedTo(model, value.name).nodes.length);
  const value = candidates[needs.indexOf(Math.max(...needs))]!;
  const others = tensorsText(model.outputs.filter((output) => output !== value));
  const reason =
    candidates.length === 1 ? 'the only one that can be scores of classes' : 'the one that needs most of the network';
  return { value, why: `${value.name} is taken for the scores, as ${reason}; the model also gives ${others}` };
}
