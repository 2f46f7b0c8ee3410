import { type BlockRange, blocksOf, scaleCuts } from '../../src-shared/precision/block-range.ts';
import { integersAttribute } from '../onnx/onnx-node.ts';
import { inputNames } from './rewrite-options.ts';
import type { LookUp, TensorNodes } from './tensor-nodes.ts';

/**
 * A range for every block of channels. The axis of the channels is cut in two, blocks and the channels of one, where there are several;
 * channels that fill no whole block are followed by copies of the last one, which change no maximum.
 */
export function blockNodes(added: TensorNodes, block: BlockRange, lookUpOwn: LookUp): void {
  const { tensor, index } = added;
  const emit = added.emit.bind(added);
  const reshaped = added.reshaped.bind(added);
  const { channels, channelAxes, dims } = added.shape;
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
    values = added.gathered(values, added.constant('filled-channels', filled), 'filled', axis);
  }
  if (blocks > 1) values = reshaped(values, 'blocks', sizes(blocks, block.channels));
  const perBlock = (source: string, result: string) =>
    blocks > 1 ? reshaped(source, `${result}-of-block`, sizes(blocks, 1)) : source;

  const magnitude = added.magnitude(values, 'magnitude');
  let peak =
    blocks === 1
      ? added.peak(magnitude)
      : reshaped(added.reduced('ReduceMax', magnitude, 'peak-of-block', [axis + 1]), 'peak', sizes(blocks));
  const all = blocks > 1 ? [...sizes(blocks).keys()] : [...dims.keys()];
  const most = peak;
  if (block.floor > 0 && blocks > 1) {
    const ofPosition = added.reduced('ReduceMax', peak, 'peak-of-position', [axis]);
    peak = emit('Max', [peak, emit('Mul', [ofPosition, 'fovea/block-floor'], 'least-peak')], 'floored-peak');
  }
  const ofImage = all.filter((own) => !isBatch(own));
  const scale = scaleNodes(added, peak, block, () => added.reduced('ReduceMax', most, 'peak-of-tensor', ofImage));
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
    const own = added.constant('own-channels', [...Array(channels).keys()]);
    result = added.gathered(result, own, merged ? 'quantised-own' : 'quantised', axis);
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
function scaleNodes(added: TensorNodes, peak: string, { scale }: BlockRange, peakOfTensor: () => string): string {
  if (scale === 'exact') return peak;
  const emit = added.emit.bind(added);
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
