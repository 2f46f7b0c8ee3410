import { halvings, reachBefore, windowCounts } from '../../src-shared/precision/found-levels.ts';
import type { FoundLevels } from '../../src-shared/precision/precision-plan.ts';
import { integerAttribute, integersAttribute, makeNode } from '../onnx/onnx-node.ts';
import { INT32 } from '../onnx/onnx-schema.ts';
import { inputNames, sensitiveName } from './rewrite-options.ts';
import type { TensorNodes } from './tensor-nodes.ts';

/**
 * Finds the sensitive positions of a tensor in the tensor itself: what `foundSensitive` gives, to the bit.
 * @returns the name of the indexes into the tables, by position, as {@link inputNames.levels} gives them elsewhere
 */
export function foundLevelNodes(added: TensorNodes, { metric, window }: FoundLevels): string {
  const { tensor, index } = added;
  const { channels, channelAxes, height, width } = added.shape;
  const emit = added.emit.bind(added);
  // A zero keeps the number of images.
  const reshaped = (source: string, result: string, sizes: readonly number[]) =>
    added.reshaped(source, result, [0, ...sizes]);
  const images = inputNames.levels(index);
  const lookUp = (table: string, result: string) => emit('Gather', [table, images], result);
  const isFirst = channelAxes[0] === 1;
  const threshold = lookUp(inputNames.threshold(index), 'threshold');
  const magnitude = added.magnitude(tensor.name, 'found-magnitude');
  let above: string;
  if (metric === 'sensitivity') {
    const reduced = isFirst ? 1 : 2;
    const cut = (rest: number) => (isFirst ? [2, rest, height * width] : [height * width, 2, rest]);
    const sumOf = (source: string, result: string) => added.reduced('ReduceSum', source, result, [reduced]);
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
    const ofPosition = added.reduced('ReduceSum', sums, 'sum', [isFirst ? 2 : 3]);
    const plane = reshaped(ofPosition, 'sum-plane', [1, height, width]);
    const ones = added.constant('window', new Float32Array(window ** 2).fill(1), [1, 1, window, window]);
    const counts = added.constant('window-counts', windowCounts(height, width, window), [1, 1, height, width]);
    const before = reachBefore(window);
    const pads = integersAttribute('pads', [before, before, before, before]);
    const sum = window === 1 ? plane : emit('Conv', [plane, ones], 'window-sum', [pads]);
    const limit = emit('Mul', [threshold, counts], 'window-limit');
    above = emit('Greater', [sum, limit], 'above');
  } else {
    const peaks = added.reduced('ReduceMax', magnitude, 'found-peak', [channelAxes[0]!]);
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
      return added.gathered(source, added.constant(`${result}-from`, from), result, axis);
    };
    above = window === 1 ? held : spread(spread(held, 'held-rows', 2, height), 'above', 3, width);
  }
  added.nodes.push(makeNode('Cast', [above], sensitiveName(index), [integerAttribute('to', INT32)]));
  const own = isFirst ? sensitiveName(index) : reshaped(sensitiveName(index), 'sensitive', [height, width, 1]);
  return emit('Add', [images, own], 'levels');
}
