import type { QuantisedTensor } from './graph-layers.ts';

/** A quantised tensor as it is at run time, for one image: channels, and positions that stand for places of the image where that can be told. */
export interface TensorShape {
  readonly channels: number;
  /** Of the map the positions make; 1 x their number where they lie nowhere. */
  readonly height: number;
  readonly width: number;
  /** Positions before those of the map that look at the whole image: the class token, registers. */
  readonly leading: number;
  /** Sizes of all axes, the batch's included. */
  readonly dims: readonly number[];
  /** Axes that hold the channels of a position. */
  readonly channelAxes: readonly number[];
  /** By position of the tensor the position of the map, row by row, or -1 where there is only padding; null where the two are the same. */
  readonly order: Int32Array | null;
  /** Several positions, and yet no place in the image: the highest level is theirs. */
  readonly unplaced: boolean;
}

export const positionsOf = ({ height, width, leading, order }: TensorShape) =>
  order?.length ?? height * width + leading;

/** Rows and columns of a feature map. */
export type MapSize = readonly [number, number];

/** Tokens that transformers put before those of the image: class, distillation, four registers. */
const MOST_LEADING = 5;

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/** Windows of a map that stand one after another: their number, the positions of each, and where each comes from. */
export interface Windows {
  readonly count: number;
  readonly size: number;
  readonly map: MapSize;
  readonly order: Int32Array;
}

/**
 * @param maps sizes of the network's feature maps: tokens are told by their number
 * @param inputs channels that the layer which reads it multiplies; null for a convolution, whose channels are on axis 1
 */
export function tensorShape(
  dims: readonly number[],
  tensor: Pick<QuantisedTensor, 'layout' | 'isMap'>,
  maps: readonly MapSize[],
  inputs: number | null,
  windows: readonly Windows[] = [],
): TensorShape {
  const byConvolution = inputs === null;
  if (dims.length === 4 && dims[0] === 1 && (tensor.isMap || byConvolution)) {
    const first = tensor.layout === 'channels-first' || byConvolution;
    const [, a = 1, b = 1, c = 1] = dims;
    const [channels, height, width] = first ? [a, b, c] : [c, a, b];
    return { channels, height, width, leading: 0, dims, channelAxes: [first ? 1 : 3], order: null, unplaced: false };
  }
  if (byConvolution || dims.length < 2) return rows(dims, [Math.min(1, dims.length - 1)]);
  const channelAxes = axesOf(dims, inputs);
  const window = windows.find(({ count, size }) => dims[0] === count && dims.length > 2 && dims.at(-2) === size);
  if (window) {
    const [height, width] = window.map;
    return { ...rows(dims, channelAxes), height, width, order: window.order, unplaced: false };
  }
  const shape = rows(dims, channelAxes);
  const positionAxes = dims.filter((size, axis) => size > 1 && !channelAxes.includes(axis));
  const grid = positionAxes.length === 1 ? gridOf(positionAxes[0]!, maps) : null;
  if (!grid) return shape;
  const [height, width] = grid;
  return { ...shape, height, width, leading: positionAxes[0]! - height * width, unplaced: false };
}

/** The axes that make the channels a layer multiplies: attention's heads stand apart from the channels of each. */
function axesOf(dims: readonly number[], inputs: number): number[] {
  const last = dims.length - 1;
  const choices = [[last], [1, last], [0, last]];
  const fitting = choices.find(
    (axes) => new Set(axes).size === axes.length && product(axes.map((axis) => dims[axis]!)) === inputs,
  );
  return fitting ?? [last];
}

function rows(dims: readonly number[], channelAxes: readonly number[]): TensorShape {
  const width = product(dims.filter((_, axis) => !channelAxes.includes(axis)));
  const channels = product(channelAxes.map((axis) => dims[axis] ?? 1));
  return { channels, height: 1, width, leading: 0, dims, channelAxes, order: null, unplaced: width > 1 };
}

/** The map that a number of tokens makes, with the fewest before it. */
function gridOf(tokens: number, maps: readonly MapSize[]): MapSize | null {
  let best: MapSize | null = null;
  for (const size of maps) {
    const cells = product(size);
    const fits = cells > 1 && cells <= tokens && tokens - cells <= MOST_LEADING;
    if (fits && (!best || cells > product(best))) best = size;
  }
  return best;
}

/** Activations as channels x positions for each image, from the order in which the tensor holds them. */
export function channelsFirst(data: Float32Array, shape: TensorShape, count: number): Float32Array {
  const { dims, channelAxes, channels } = shape;
  // One image's sizes; of several, the batch is the outermost axis.
  if (String(channelAxes) === '1' && dims[0] === 1) return data;
  const positions = positionsOf(shape);
  const strides = dims.map((_, axis) => product(dims.slice(axis + 1)));
  const offsets = (axes: readonly number[]) =>
    axes.reduce<number[]>(
      (all, axis) =>
        all.flatMap((offset) => Array.from({ length: dims[axis]! }, (_, at) => offset + at * strides[axis]!)),
      [0],
    );
  const ofChannel = offsets(channelAxes);
  const ofPosition = offsets(dims.map((_, axis) => axis).filter((axis) => !channelAxes.includes(axis)));
  const result = new Float32Array(data.length);
  for (let image = 0; image < count; image++)
    for (let position = 0; position < positions; position++)
      for (let channel = 0; channel < channels; channel++)
        result[(image * channels + channel) * positions + position] =
          data[image * channels * positions + ofPosition[position]! + ofChannel[channel]!]!;
  return result;
}
