import {
  type BlockRange,
  blocksOf,
  FIRST_PLACE_FACTOR,
  FIRST_PLACE_SHRINK,
  LARGEST_E4M3,
  scaleCuts,
  SMALLEST_E4M3,
} from '../../src-shared/precision/block-range.ts';
import {
  NEXT_POWER_FACTOR,
  NEXT_POWER_SHRINK,
  ROUNDING_CONSTANT,
} from '../../src-shared/precision/fake-quantisation.ts';
import type { FoundLevels, Quantiser, RangeMode } from '../../src-shared/precision/precision-plan.ts';
import { halvings, reachBefore, windowCounts } from '../../src-shared/precision/found-levels.ts';
import { BINS_PER_OCTAVE } from '../../src-shared/precision/weighted-entropy.ts';
import type { QuantisedTensor } from './graph-layers.ts';
import type { TensorShape } from './tensor-place.ts';
import { integerAttribute, integersAttribute, makeConstant, makeNode } from '../onnx/onnx-node.ts';
import { INT32, type OnnxNode } from '../onnx/onnx-schema.ts';

/** What is built into a rewritten graph; bits, masks and images are its inputs. */
export interface RewriteOptions {
  readonly quantiser: Quantiser;
  readonly range: RangeMode;
  readonly powerOfTwo: boolean;
  /** Of range `block`. */
  readonly block: BlockRange | null;
  /** Left out where levels come as inputs; else the graph finds them where a tensor {@link findsLevels}. */
  readonly found?: FoundLevels;
  /** Weights are clustered to this many bits (quantiser `log`); null leaves them as they are. */
  readonly weightBits: number | null;
  /** Give the quantised tensors, as they were before quantisation, as outputs too: counts and calibration read them. */
  readonly exposeActivations: boolean;
  /**
   * As an exported model has it: all tensors take levels, and tables of what each level means. Left out, the maps of what would be looked up
   * are the inputs, since ONNX Runtime looks up one value after another.
   */
  readonly byLevel?: true;
}

/** Names of the inputs a rewritten graph has beside the image. */
export const inputNames = {
  /** int32, index into the table, by position: [N, 1, H, W], or [N, 1, 1, 1] where each image has one width throughout. */
  levels: (tensor: number) => `fovea.levels.${tensor}`,
  levelsPrefix: 'fovea.levels.',
  /** float32, where the graph finds levels: the threshold of each image, and what rounds its sums (metric `sensitivity`); see `windowThreshold`. */
  threshold: (tensor: number) => `fovea.threshold.${tensor}`,
  sumRounding: (tensor: number) => `fovea.sum-rounding.${tensor}`,
  /** float32, in place of levels and a table: what the table has for each position, of the shape of the levels. */
  byPosition: (table: string) => `${inputNames.byPositionPrefix}${table}`,
  byPositionPrefix: 'fovea.by-position/',
  /** float32: steps (range `layer`, quantiser `log`) or shares of the range (ranges `position` and `block`), by image and level. */
  table: (tensor: number) => `fovea.table.${tensor}`,
  /**
   * float32: offsets of the logarithmic levels and their highest level, -1 for zeros only (quantiser `log`); of scales that cut values off
   * (range `block`), the largest integer of each level.
   */
  offsets: (tensor: number) => `fovea.offsets.${tensor}`,
  tops: (tensor: number) => `fovea.tops.${tensor}`,
  /** float32 scalar: largest magnitude that passes (range `layer`). */
  limit: (tensor: number) => `fovea.limit.${tensor}`,
  /** float32 scalar added to every step (ranges `position` and `block`). */
  stepFloor: 'fovea.step-floor',
  /** float32 scalar: the rounding constant, or 0 to let values pass exactly. */
  rounding: 'fovea.rounding',
} as const;

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

/** The tables of a tensor: what the quantiser looks up by image and level. */
export function tableNames(tensor: number, { quantiser, block }: RewriteOptions): readonly string[] {
  const table = inputNames.table(tensor);
  if (block) return scaleCuts(block) ? [table, inputNames.tops(tensor)] : [table];
  return quantiser === 'linear' ? [table] : [table, inputNames.offsets(tensor), inputNames.tops(tensor)];
}

/** What a tensor's own levels are found by, as inputs: tables of one value an image. */
export function foundInputNames(tensor: number, { metric }: FoundLevels): readonly string[] {
  const threshold = inputNames.threshold(tensor);
  return metric === 'sensitivity' ? [threshold, inputNames.sumRounding(tensor)] : [threshold];
}

/** The output that tells which positions a tensor found sensitive: int32, 0 or 1, [N, 1, H, W]. */
export const sensitiveName = (tensor: number) => `fovea.sensitive.${tensor}`;

type Emit = (opType: string, inputs: readonly string[], result: string, attributes?: readonly Uint8Array[]) => string;

/** What a table has for each position. @param result name of the node that looks it up, where it is not fed */
type LookUp = (table: string, result: string) => string;

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
  const { found } = options;
  let levels = inputNames.levels(index);
  if (found && findsLevels(tensor, shape)) levels = foundLevelNodes(tensor, index, shape, opset, found, emit, nodes);
  const lookUp: LookUp = takesLevels(tensor, shape, options)
    ? (table, result) => emit('Gather', [table, levels], result)
    : inputNames.byPosition;
  if (options.quantiser === 'log') {
    logarithmicNodes(tensor, index, lookUp, emit);
    return nodes;
  }
  if (options.block) {
    blockNodes(tensor, index, lookUp, shape, opset, options.block, emit, nodes);
    return nodes;
  }
  const entry = lookUp(inputNames.table(index), 'entry');
  let values = tensor.name;
  let step = entry;
  if (options.range === 'position') {
    const magnitude = tensor.unsigned ? values : emit('Abs', [values], 'magnitude');
    const peak = peakNode(magnitude, index, shape, opset, emit, nodes);
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

/** Channels whose maximum is taken at once, where a map has {@link MANY_CHANNELS}. */
const CHANNELS_AT_ONCE = 8;
const MANY_CHANNELS = 64;

/**
 * The largest magnitude of each position. ONNX Runtime goes through all channels for a few positions at a time: the rows of large maps,
 * a multiple of a page apart, push each other out of the cache. So a few channels go first, and then what is left of them.
 */
function peakNode(
  magnitude: string,
  index: number,
  shape: TensorShape,
  opset: number,
  emit: Emit,
  nodes: OnnxNode[],
): string {
  const { dims, channelAxes, channels } = shape;
  const largest = (source: string, result: string, axes: readonly number[]) =>
    emit('ReduceMax', ...reduction(source, axes, result, index, opset, nodes));
  const isMap = dims.length === 4 && dims[0] === 1 && String(channelAxes) === '1';
  if (!isMap || channels < MANY_CHANNELS || channels % CHANNELS_AT_ONCE > 0)
    return largest(magnitude, 'peak', sharedAxes(shape));
  const cut = (source: string, result: string, rows: number) => {
    // Zeros keep height and width, which a window may have changed.
    const sizes = makeConstant(`fovea/${index}/${result}-sizes`, [4], BigInt64Array.of(-1n, BigInt(rows), 0n, 0n));
    nodes.push(sizes);
    return emit('Reshape', [source, sizes.outputs[0]!], result);
  };
  const few = largest(cut(magnitude, 'few-channels', CHANNELS_AT_ONCE), 'peak-of-few', [1]);
  return largest(cut(few, 'few-peaks', channels / CHANNELS_AT_ONCE), 'peak', [1]);
}

/**
 * A range for every block of channels. The axis of the channels is cut in two, blocks and the channels of one, where there are several;
 * channels that fill no whole block are followed by copies of the last one, which change no maximum.
 */
function blockNodes(
  tensor: QuantisedTensor,
  index: number,
  lookUpOwn: LookUp,
  shape: TensorShape,
  opset: number,
  block: BlockRange,
  emit: Emit,
  nodes: OnnxNode[],
): void {
  const whole = (name: string, values: readonly number[]) => {
    nodes.push(makeConstant(name, [values.length], BigInt64Array.from(values, BigInt)));
    return name;
  };
  const constant = (name: string, values: readonly number[]) => whole(`fovea/${index}/${name}`, values);
  const reshaped = (source: string, result: string, sizes: readonly number[]) =>
    emit('Reshape', [source, constant(`${result}-sizes`, sizes)], result);
  const { channels, channelAxes, dims } = shape;
  const blocks = blocksOf(channels, block);
  const isWhole = channels % block.channels === 0;
  const merged = blocks > 1 && channelAxes.length > 1;
  // Several axes of channels become the last one.
  const order = [...dims.keys()].filter((axis) => !channelAxes.includes(axis)).concat(channelAxes);
  const toEnd = (source: string, result: string) =>
    emit('Transpose', [source], `${result}-ordered`, [integersAttribute('perm', order)]);
  const axis = merged ? order.length - channelAxes.length : channelAxes[0]!;
  const others = merged ? order.slice(0, axis).map((own) => dims[own]!) : dims.toSpliced(axis, 1);
  // Any number of images, where axis 0 is theirs.
  const isBatch = (own: number) => own === 0 && dims[0] === 1 && !channelAxes.includes(0);
  const batch = others.map((size, at) => (isBatch(at) ? -1 : size));
  const sizes = (...own: readonly number[]) => batch.toSpliced(axis, 0, ...own);
  const lookUp = (table: string, result: string) => {
    const found = lookUpOwn(table, result);
    if (!merged) return found;
    // Zeros keep the sizes as they are.
    return reshaped(toEnd(found, result), `${result}-merged`, [...others.map(() => 0), 1]);
  };

  let values = tensor.name;
  if (merged) values = reshaped(toEnd(values, 'values'), 'values-merged', sizes(channels));
  if (blocks > 1 && !isWhole) {
    const filled = Array.from({ length: blocks * block.channels }, (_, channel) => Math.min(channel, channels - 1));
    values = emit('Gather', [values, constant('filled-channels', filled)], 'filled', [integerAttribute('axis', axis)]);
  }
  if (blocks > 1) values = reshaped(values, 'blocks', sizes(blocks, block.channels));
  const perBlock = (source: string, result: string) =>
    blocks > 1 ? reshaped(source, `${result}-of-block`, sizes(blocks, 1)) : source;

  const magnitude = tensor.unsigned ? values : emit('Abs', [values], 'magnitude');
  let peak: string;
  if (blocks === 1) peak = peakNode(magnitude, index, shape, opset, emit, nodes);
  else {
    const kept = emit('ReduceMax', ...reduction(magnitude, [axis + 1], 'peak-of-block', index, opset, nodes));
    peak = reshaped(kept, 'peak', sizes(blocks));
  }
  const all = blocks > 1 ? [...sizes(blocks).keys()] : [...dims.keys()];
  const most = peak;
  if (block.floor > 0 && blocks > 1) {
    const ofPosition = emit('ReduceMax', ...reduction(peak, [axis], 'peak-of-position', index, opset, nodes));
    peak = emit('Max', [peak, emit('Mul', [ofPosition, 'fovea/block-floor'], 'least-peak')], 'floored-peak');
  }
  const scale = scaleNodes(peak, block, emit, () =>
    emit(
      'ReduceMax',
      ...reduction(
        most,
        all.filter((own) => !isBatch(own)),
        'peak-of-tensor',
        index,
        opset,
        nodes,
      ),
    ),
  );
  const entry = lookUp(inputNames.table(index), 'entry');
  const step = emit('Add', [emit('Mul', [scale, entry], 'share'), inputNames.stepFloor], 'step');
  if (scaleCuts(block)) {
    const limit = emit('Mul', [step, lookUp(inputNames.tops(index), 'top')], 'limit');
    values = emit('Min', [values, perBlock(limit, 'limit')], 'below');
    if (!tensor.unsigned) values = emit('Max', [values, perBlock(emit('Neg', [limit], 'lowest'), 'lowest')], 'within');
  }
  const inverse = perBlock(emit('Reciprocal', [step], 'inverse'), 'inverse');
  const raised = emit('Add', [emit('Mul', [values, inverse], 'scaled'), inputNames.rounding], 'raised');
  const rounded = emit('Sub', [raised, inputNames.rounding], 'integer');
  if (blocks === 1) {
    emit('Mul', [rounded, step], 'quantised');
    return;
  }
  let result = emit('Mul', [rounded, perBlock(step, 'step')], 'quantised-blocks');
  if (!isWhole) {
    result = reshaped(result, 'quantised-filled', sizes(blocks * block.channels));
    const own = constant('own-channels', [...Array(channels).keys()]);
    result = emit('Gather', [result, own], merged ? 'quantised-own' : 'quantised', [integerAttribute('axis', axis)]);
    if (!merged) return;
  }
  if (!merged) {
    reshaped(result, 'quantised', sizes(channels));
    return;
  }
  const ordered = order.map((own) => (isBatch(own) ? -1 : dims[own]!));
  const back = dims.map((_, own) => order.indexOf(own));
  emit('Transpose', [reshaped(result, 'quantised-ordered', ordered)], 'quantised', [integersAttribute('perm', back)]);
}

/** As `blockScales` computes them. @param peakOfTensor adds a node for the largest magnitude of an image */
function scaleNodes(peak: string, { scale }: BlockRange, emit: Emit, peakOfTensor: () => string): string {
  if (scale === 'exact') return peak;
  const powerBelow = (value: string) => {
    const q = emit('Mul', [value, 'fovea/first-place-factor'], 'q');
    return emit('Sub', [q, emit('Mul', [q, 'fovea/first-place-shrink'], 'q-shrunk')], 'power');
  };
  if (scale === 'power-of-two') return powerBelow(peak);
  const largest = emit('Mul', [peakOfTensor(), 'fovea/per-largest-e4m3'], 'unit-share');
  const unit = emit('Add', [largest, inputNames.stepFloor], 'unit');
  const ratio = emit('Div', [peak, unit], 'ratio');
  const eighth = emit('Mul', [powerBelow(ratio), 'fovea/eighth'], 'eighth');
  const apart = emit('Max', [eighth, 'fovea/smallest-e4m3'], 'apart');
  const rounding = emit('Mul', [apart, 'fovea/e4m3-rounding'], 'e4m3-rounding');
  const nearest = emit('Sub', [emit('Add', [ratio, rounding], 'e4m3-raised'), rounding], 'nearest-e4m3');
  return emit('Mul', [emit('Max', [nearest, 'fovea/smallest-e4m3'], 'e4m3'), unit], 'scale');
}

/**
 * Logarithmic levels: i = floor((16 log2 |x| - offset) / step + 1/2), at most the top level, gives 2^((offset + i step) / 16), and
 * zero below the lowest; the sign goes around it. As `quantiseLog` does it, in float32.
 */
function logarithmicNodes(tensor: QuantisedTensor, index: number, lookUp: LookUp, emit: Emit): void {
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
 * Whether a tensor has levels of its own where the graph finds them: feature maps behind the image. All else has its highest level
 * throughout: what reads the image, rows without a place, tokens.
 */
export function findsLevels({ readsImage }: Pick<QuantisedTensor, 'readsImage'>, shape: TensorShape): boolean {
  const { dims, channelAxes, height, width, leading, order } = shape;
  if (readsImage || height === 1 || leading > 0 || order || channelAxes.length !== 1) return false;
  const map = String(dims.toSpliced(channelAxes[0]!, 1)) === String([1, height, width]);
  return map && dims.length === 4;
}

/** Whether a tensor takes levels and tables by level, not maps of what would be looked up. */
export function takesLevels(
  tensor: Pick<QuantisedTensor, 'readsImage'>,
  shape: TensorShape,
  { byLevel, found }: RewriteOptions,
): boolean {
  return byLevel === true || (found !== undefined && findsLevels(tensor, shape));
}

/**
 * Finds the sensitive positions of a tensor in the tensor itself: what `foundSensitive` gives, to the bit.
 * @returns the name of the indexes into the tables, by position, as {@link inputNames.levels} gives them elsewhere
 */
function foundLevelNodes(
  tensor: QuantisedTensor,
  index: number,
  { channels, channelAxes, height, width }: TensorShape,
  opset: number,
  { metric, window }: FoundLevels,
  emit: Emit,
  nodes: OnnxNode[],
): string {
  const whole = (name: string, values: readonly number[]) => {
    nodes.push(makeConstant(`fovea/${index}/${name}`, [values.length], BigInt64Array.from(values, BigInt)));
    return `fovea/${index}/${name}`;
  };
  // A zero keeps the number of images.
  const reshaped = (source: string, result: string, sizes: readonly number[]) =>
    emit('Reshape', [source, whole(`${result}-sizes`, [0, ...sizes])], result);
  const images = inputNames.levels(index);
  const lookUp = (table: string, result: string) => emit('Gather', [table, images], result);
  const isFirst = channelAxes[0] === 1;
  const threshold = lookUp(inputNames.threshold(index), 'threshold');
  const magnitude = tensor.unsigned ? tensor.name : emit('Abs', [tensor.name], 'found-magnitude');
  let above: string;
  if (metric === 'sensitivity') {
    const reduced = isFirst ? 1 : 2;
    const cut = (rest: number) => (isFirst ? [2, rest, height * width] : [height * width, 2, rest]);
    const sumOf = (source: string, result: string) =>
      emit('ReduceSum', ...reduction(source, [reduced], result, index, opset, nodes, 13));
    const times = halvings(channels);
    let rest = channels;
    let sums = magnitude;
    for (let halving = 0; halving < times; halving++) {
      rest /= 2;
      sums = sumOf(reshaped(sums, `halves-${halving}`, cut(rest)), `sums-${halving}`);
    }
    if (times === 0) sums = reshaped(sums, 'sums', isFirst ? [1, rest, height * width] : [height * width, 1, rest]);
    const rounding = lookUp(inputNames.sumRounding(index), 'sum-rounding');
    sums = emit('Sub', [emit('Add', [sums, rounding], 'sums-raised'), rounding], 'sums-rounded');
    const ofPosition = emit('ReduceSum', ...reduction(sums, [isFirst ? 2 : 3], 'sum', index, opset, nodes, 13));
    const plane = reshaped(ofPosition, 'sum-plane', [1, height, width]);
    nodes.push(
      makeConstant(`fovea/${index}/window`, [1, 1, window, window], new Float32Array(window ** 2).fill(1)),
      makeConstant(`fovea/${index}/window-counts`, [1, 1, height, width], windowCounts(height, width, window)),
    );
    const before = reachBefore(window);
    const pads = integersAttribute('pads', [before, before, before, before]);
    const sum = window === 1 ? plane : emit('Conv', [plane, `fovea/${index}/window`], 'window-sum', [pads]);
    const limit = emit('Mul', [threshold, `fovea/${index}/window-counts`], 'window-limit');
    above = emit('Greater', [sum, limit], 'above');
  } else {
    const peaks = emit('ReduceMax', ...reduction(magnitude, [channelAxes[0]!], 'found-peak', index, opset, nodes));
    const plane = isFirst ? peaks : reshaped(peaks, 'peak-plane', [1, height, width]);
    const [rows, columns] = [Math.ceil(height / window), Math.ceil(width / window)];
    const pads = [0, 0, rows * window - height, columns * window - width];
    const patches = emit('MaxPool', [plane], 'patches', [
      integersAttribute('kernel_shape', [window, window]),
      integersAttribute('strides', [window, window]),
      integersAttribute('pads', pads),
    ]);
    const held = emit('Greater', [patches, threshold], 'held');
    const spread = (source: string, result: string, axis: number, size: number) => {
      const from = Array.from({ length: size }, (_, at) => Math.floor(at / window));
      return emit('Gather', [source, whole(`${result}-from`, from)], result, [integerAttribute('axis', axis)]);
    };
    above = window === 1 ? held : spread(spread(held, 'held-rows', 2, height), 'above', 3, width);
  }
  nodes.push(makeNode('Cast', [above], sensitiveName(index), [integerAttribute('to', INT32)]));
  const own = isFirst ? sensitiveName(index) : reshaped(sensitiveName(index), 'sensitive', [height, width, 1]);
  return emit('Add', [images, own], 'levels');
}

/**
 * Axes of which a position's values share a range: its channels. A value alone at its position would be its own range, and nothing would
 * be quantised: then all positions share one.
 */
function sharedAxes({ channels, channelAxes, dims }: TensorShape): readonly number[] {
  return channels > 1 ? channelAxes : dims.map((_, axis) => axis).filter((axis) => axis > 0 || dims[0] !== 1);
}

/** Inputs, result name and attributes of a reduction; from an opset on, 18 for maxima and 13 for sums, the axes are an input. */
function reduction(
  source: string,
  reduced: readonly number[],
  result: string,
  index: number,
  opset: number,
  nodes: OnnxNode[],
  axesAreInput = 18,
): [string[], string, Uint8Array[]] {
  const keep = integerAttribute('keepdims', 1);
  if (opset < axesAreInput) return [[source], result, [integersAttribute('axes', reduced), keep]];
  const axes = `fovea/${index}/${result}-axes`;
  nodes.push(makeConstant(axes, [reduced.length], BigInt64Array.from(reduced, BigInt)));
  return [[source, axes], result, [keep]];
}
