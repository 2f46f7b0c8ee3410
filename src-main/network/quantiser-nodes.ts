import { NEXT_POWER_FACTOR, NEXT_POWER_SHRINK } from '../../src-shared/precision/fake-quantisation.ts';
import type { Quantiser, RangeMode } from '../../src-shared/precision/precision-plan.ts';
import { BINS_PER_OCTAVE } from '../../src-shared/precision/weighted-entropy.ts';
import type { QuantisedTensor } from './graph-layers.ts';
import type { TensorShape } from './tensor-place.ts';
import { integerAttribute, integersAttribute, makeConstant, makeNode } from '../onnx/onnx-node.ts';
import type { OnnxNode } from '../onnx/onnx-schema.ts';

/** What is built into a rewritten graph; bits, masks and images are its inputs. */
export interface RewriteOptions {
  readonly quantiser: Quantiser;
  readonly range: RangeMode;
  readonly powerOfTwo: boolean;
  /** Weights are clustered to this many bits (quantiser `log`); null leaves them as they are. */
  readonly weightBits: number | null;
  /** Give the quantised tensors, as they were before quantisation, as outputs too: counts and calibration read them. */
  readonly exposeActivations: boolean;
}

/** Names of the inputs a rewritten graph has beside the image. */
export const inputNames = {
  /** int32, index into the table, by position: [N, 1, H, W], or [N, 1, 1, 1] where each image has one width throughout. */
  levels: (tensor: number) => `fovea.levels.${tensor}`,
  levelsPrefix: 'fovea.levels.',
  /** float32: steps (range `layer`, quantiser `log`) or shares of the range (range `position`), by image and level. */
  table: (tensor: number) => `fovea.table.${tensor}`,
  /** float32: offsets of the logarithmic levels and their highest level, -1 for zeros only (quantiser `log`). */
  offsets: (tensor: number) => `fovea.offsets.${tensor}`,
  tops: (tensor: number) => `fovea.tops.${tensor}`,
  /** float32 scalar: largest magnitude that passes (range `layer`). */
  limit: (tensor: number) => `fovea.limit.${tensor}`,
  /** float32 scalar added to every step (range `position`). */
  stepFloor: 'fovea.step-floor',
  /** float32 scalar: the rounding constant, or 0 to let values pass exactly. */
  rounding: 'fovea.rounding',
} as const;

/** What one graph quantises with: constants every tensor shares. */
export function sharedConstants({ quantiser, powerOfTwo }: RewriteOptions): OnnxNode[] {
  const constants: Record<string, number> = {
    ...(powerOfTwo ? { 'next-power-factor': NEXT_POWER_FACTOR, 'next-power-shrink': NEXT_POWER_SHRINK } : {}),
    ...(quantiser === 'log'
      ? {
          octave: BINS_PER_OCTAVE / Math.LN2,
          'per-octave': Math.LN2 / BINS_PER_OCTAVE,
          half: 0.5,
          one: 1,
          'minus-one': -1,
          huge: 3e38,
        }
      : {}),
  };
  return Object.entries(constants).map(([name, value]) => makeConstant(`fovea/${name}`, [], Float32Array.of(value)));
}

/** The tables of a tensor: what the quantiser looks up by image and level. */
export function tableNames(tensor: number, { quantiser }: RewriteOptions): readonly string[] {
  const table = inputNames.table(tensor);
  return quantiser === 'linear' ? [table] : [table, inputNames.offsets(tensor), inputNames.tops(tensor)];
}

type Emit = (opType: string, inputs: readonly string[], result: string, attributes?: readonly Uint8Array[]) => string;

/** The nodes that quantise one tensor; the last gives {@link quantisedName}. */
export function quantiserNodes(
  tensor: QuantisedTensor,
  index: number,
  shape: TensorShape,
  opset: number,
  options: RewriteOptions,
): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  const emit: Emit = (opType, inputs, result, attributes = []) => {
    const output = `fovea/${index}/${result}`;
    nodes.push(makeNode(opType, inputs, output, attributes));
    return output;
  };
  if (options.quantiser === 'log') {
    logarithmicNodes(tensor, index, emit);
    return nodes;
  }
  const entry = emit('Gather', [inputNames.table(index), inputNames.levels(index)], 'entry');
  let values = tensor.name;
  let step = entry;
  if (options.range === 'position') {
    const magnitude = tensor.unsigned ? values : emit('Abs', [values], 'magnitude');
    const peak = emit('ReduceMax', ...reduction(magnitude, shape, index, opset, nodes));
    step = emit('Add', [emit('Mul', [peak, entry], 'share'), inputNames.stepFloor], 'exact-step');
    if (options.powerOfTwo) {
      const smaller = emit('Mul', [step, 'fovea/next-power-shrink'], 'smaller-step');
      const q = emit('Mul', [smaller, 'fovea/next-power-factor'], 'q');
      step = emit('Sub', [q, emit('Mul', [q, 'fovea/next-power-shrink'], 'q-shrunk')], 'power-step');
    }
  } else {
    const limit = inputNames.limit(index);
    values = emit('Min', [values, limit], 'below');
    if (!tensor.unsigned) values = emit('Max', [values, emit('Neg', [limit], 'lowest')], 'within');
  }
  if (options.powerOfTwo) {
    // With a power of two as step, adding 1.5 * 2^23 steps rounds to a multiple of the step at once.
    const rounding = emit('Mul', [step, inputNames.rounding], 'rounding');
    emit('Sub', [emit('Add', [values, rounding], 'raised'), rounding], 'quantised');
  } else {
    const scaled = emit('Mul', [values, emit('Reciprocal', [step], 'inverse')], 'scaled');
    const rounded = emit('Sub', [emit('Add', [scaled, inputNames.rounding], 'raised'), inputNames.rounding], 'integer');
    emit('Mul', [rounded, step], 'quantised');
  }
  return nodes;
}

/**
 * Logarithmic levels: i = floor((16 log2 |x| - offset) / step + 1/2), at most the top level, gives 2^((offset + i step) / 16), and
 * zero below the lowest; the sign goes around it. As `quantiseLog` does it, in float32.
 */
function logarithmicNodes(tensor: QuantisedTensor, index: number, emit: Emit): void {
  const lookUp = (table: string, result: string) => emit('Gather', [table, inputNames.levels(index)], result);
  const step = lookUp(inputNames.table(index), 'step');
  const offset = lookUp(inputNames.offsets(index), 'offset');
  const top = lookUp(inputNames.tops(index), 'top');
  const magnitude = tensor.unsigned ? tensor.name : emit('Abs', [tensor.name], 'magnitude');
  const bins = emit('Mul', [emit('Log', [magnitude], 'logarithm'), 'fovea/octave'], 'bins');
  const steps = emit(
    'Add',
    [emit('Div', [emit('Sub', [bins, offset], 'above'), step], 'steps'), 'fovea/half'],
    'raised',
  );
  const nearest = emit('Max', [emit('Floor', [steps], 'nearest'), 'fovea/minus-one'], 'from-zero');
  const level = emit('Min', [nearest, top], 'level');
  const exponent = emit(
    'Mul',
    [emit('Add', [emit('Mul', [level, step], 'rise'), offset], 'bin'), 'fovea/per-octave'],
    'exponent',
  );
  // Level -1 is exact zero, all others are present.
  const present = emit('Min', [emit('Add', [level, 'fovea/one'], 'count'), 'fovea/one'], 'present');
  const value = emit('Mul', [emit('Exp', [exponent], 'power'), present], tensor.unsigned ? 'quantised' : 'absolute');
  if (tensor.unsigned) return;
  const scaled = emit('Mul', [tensor.name, 'fovea/huge'], 'scaled');
  const sign = emit('Max', [emit('Min', [scaled, 'fovea/one'], 'at-most-one'), 'fovea/minus-one'], 'sign');
  emit('Mul', [value, sign], 'quantised');
}

/** The quantised tensor. */
export const quantisedName = (tensor: number) => `fovea/${tensor}/quantised`;

/**
 * Inputs, result name and attributes of the maximum over the channels of a position; from opset 18 on the axes are an input. A value
 * alone at its position would be its own range, and nothing would be quantised: then all positions share one.
 */
function reduction(
  source: string,
  { channels, channelAxes, dims }: TensorShape,
  index: number,
  opset: number,
  nodes: OnnxNode[],
): [string[], string, Uint8Array[]] {
  const keep = integerAttribute('keepdims', 1);
  const reduced = channels > 1 ? channelAxes : dims.map((_, axis) => axis).filter((axis) => axis > 0 || dims[0] !== 1);
  if (opset < 18) return [[source], 'peak', [integersAttribute('axes', reduced), keep]];
  const axes = `fovea/${index}/axes`;
  nodes.push(makeConstant(axes, [reduced.length], BigInt64Array.from(reduced, BigInt)));
  return [[source, axes], 'peak', [keep]];
}
