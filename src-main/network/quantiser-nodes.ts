import {
  FIRST_PLACE_FACTOR,
  FIRST_PLACE_SHRINK,
  LARGEST_E4M3,
  SMALLEST_E4M3,
} from '../../src-shared/precision/block-range.ts';
import {
  NEXT_POWER_FACTOR,
  NEXT_POWER_SHRINK,
  ROUNDING_CONSTANT,
} from '../../src-shared/precision/fake-quantisation.ts';
import { BINS_PER_OCTAVE } from '../../src-shared/precision/weighted-entropy.ts';
import { makeConstant } from '../onnx/onnx-node.ts';
import type { OnnxNode } from '../onnx/onnx-schema.ts';
import { blockNodes } from './block-nodes.ts';
import { foundLevelNodes } from './found-level-nodes.ts';
import type { QuantisedTensor } from './graph-layers.ts';
import { findsLevels, inputNames, type RewriteOptions, takesLevels } from './rewrite-options.ts';
import { type LookUp, TensorNodes } from './tensor-nodes.ts';
import type { TensorShape } from './tensor-place.ts';

/** What one graph quantises with: constants every tensor shares. */
export function sharedConstants({ quantiser, powerOfTwo, block }: RewriteOptions): OnnxNode[] {
  const constants: Record<string, number> = {
    ...(block ? { 'block-floor': block.floor } : {}),
    ...(block && block.scale !== 'exact'
      ? { 'first-place-factor': FIRST_PLACE_FACTOR, 'first-place-shrink': FIRST_PLACE_SHRINK }
      : {}),
    ...(block?.scale === 'e4m3'
      ? {
          'per-largest-e4m3': 1 / LARGEST_E4M3,
          'smallest-e4m3': SMALLEST_E4M3,
          eighth: 0.125,
          'e4m3-rounding': ROUNDING_CONSTANT,
        }
      : {}),
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

/** The nodes that quantise one tensor; the last gives {@link quantisedName}. */
export function quantiserNodes(
  tensor: QuantisedTensor,
  index: number,
  shape: TensorShape,
  opset: number,
  options: RewriteOptions,
): OnnxNode[] {
  const added = new TensorNodes(tensor, index, shape, opset);
  const emit = added.emit.bind(added);
  const { found } = options;
  const finds = found && findsLevels(tensor, shape);
  const levels = finds ? foundLevelNodes(added, found) : inputNames.levels(index);
  const lookUp: LookUp = takesLevels(tensor, shape, options)
    ? (table, result) => emit('Gather', [table, levels], result)
    : inputNames.byPosition;
  if (options.quantiser === 'log') logarithmicNodes(added, lookUp);
  else if (options.block) blockNodes(added, options.block, lookUp);
  else linearNodes(added, options, lookUp);
  return added.nodes;
}

/** With the range of each position, or with one of the tensor's. */
function linearNodes(added: TensorNodes, { range, powerOfTwo }: RewriteOptions, lookUp: LookUp): void {
  const { tensor, index } = added;
  const emit = added.emit.bind(added);
  const entry = lookUp(inputNames.table(index), 'entry');
  let values = tensor.name;
  let step = entry;
  if (range === 'position') {
    const peak = added.peak(added.magnitude(values, 'magnitude'));
    step = emit('Add', [emit('Mul', [peak, entry], 'share'), inputNames.stepFloor], 'exact-step');
    if (powerOfTwo) {
      const smaller = emit('Mul', [step, 'fovea/next-power-shrink'], 'smaller-step');
      const q = emit('Mul', [smaller, 'fovea/next-power-factor'], 'q');
      step = emit('Sub', [q, emit('Mul', [q, 'fovea/next-power-shrink'], 'q-shrunk')], 'power-step');
    }
  } else {
    const limit = inputNames.limit(index);
    values = emit('Min', [values, limit], 'below');
    if (!tensor.unsigned) values = emit('Max', [values, emit('Neg', [limit], 'lowest')], 'within');
  }
  if (powerOfTwo) {
    // With a power of two as step, adding 1.5 * 2^23 steps rounds to a multiple of the step at once.
    const rounding = emit('Mul', [step, inputNames.rounding], 'rounding');
    emit('Sub', [emit('Add', [values, rounding], 'raised'), rounding], 'quantised');
  } else {
    const scaled = emit('Mul', [values, emit('Reciprocal', [step], 'inverse')], 'scaled');
    const rounded = emit('Sub', [emit('Add', [scaled, inputNames.rounding], 'raised'), inputNames.rounding], 'integer');
    emit('Mul', [rounded, step], 'quantised');
  }
}

/**
 * Logarithmic levels: i = floor((16 log2 |x| - offset) / step + 1/2), at most the top level, gives 2^((offset + i step) / 16), and
 * zero below the lowest; the sign goes around it. As `quantiseLog` does it, in float32.
 */
function logarithmicNodes(added: TensorNodes, lookUp: LookUp): void {
  const { tensor, index } = added;
  const emit = added.emit.bind(added);
  const step = lookUp(inputNames.table(index), 'step');
  const offset = lookUp(inputNames.offsets(index), 'offset');
  const top = lookUp(inputNames.tops(index), 'top');
  const magnitude = added.magnitude(tensor.name, 'magnitude');
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
