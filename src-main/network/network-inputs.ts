import * as ort from 'onnxruntime-node';
import { carryLevels } from '../../src-shared/precision/bit-map.ts';
import { layerStep, stepShare } from '../../src-shared/precision/fake-quantisation.ts';
import type { Grid } from '../../src-shared/image.ts';
import { logLevelsOf, rangeOf, type LayerRange } from '../../src-shared/precision/layer-range.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { Layout } from './graph-layers.ts';
import type { RewriteOptions } from './quantiser-nodes.ts';
import type { TensorShape } from './network-shapes.ts';

/** Nothing is clipped. */
export const PASSING_LIMIT = 3.4e38;

/** One image of a batch with its plan and the levels of its cells. */
export interface PlannedImage {
  readonly plan: PrecisionPlan;
  readonly levels: Uint8Array;
  readonly grid: Grid;
}

/** Images [first, last) of a batch of level maps. */
export function imagesOf(tensor: ort.Tensor, first: number, last: number): ort.Tensor {
  const [count = 1, ...dims] = tensor.dims;
  const length = tensor.size / count;
  return new ort.Tensor('int32', (tensor.data as Int32Array).subarray(first * length, last * length), [
    last - first,
    ...dims,
  ]);
}

/** By table of a tensor: what it holds for a width. */
export function tableEntries(
  variant: RewriteOptions,
  unsigned: boolean,
  range: LayerRange,
): ((bits: number) => number)[] {
  if (variant.quantiser === 'linear')
    return [
      (bits) => (variant.range === 'position' ? stepShare(bits, unsigned) : layerStep(bits, unsigned, rangeOf(range))),
    ];
  const levels = (bits: number) => logLevelsOf(range, bits, unsigned);
  return [(bits) => levels(bits).step, (bits) => levels(bits).offset, (bits) => levels(bits).count - 2];
}

/** The level inputs of a batch: one tensor for all activations of the same shape, since their maps are the same. */
export class LevelMaps {
  readonly #images: readonly PlannedImage[];
  readonly #levelCount: number;
  readonly #tensors = new Map<string, ort.Tensor>();

  constructor(images: readonly PlannedImage[], levelCount: number) {
    this.#images = images;
    this.#levelCount = levelCount;
  }

  /** Indexes into the table, `image * levels + level`: one element an image where each has one width throughout. */
  tensorFor({ height, width, rank }: TensorShape, layout: Layout, uniform: boolean): ort.Tensor {
    const [h, w] = uniform || rank < 4 ? [1, 1] : [height, width];
    const key = `${h} ${w} ${rank} ${layout}`;
    let tensor = this.#tensors.get(key);
    if (!tensor) {
      const map = rank < 4 ? Array<number>(rank - 1).fill(1) : layout === 'channels-first' ? [1, h, w] : [h, w, 1];
      tensor = new ort.Tensor('int32', this.#indexes(h, w), [this.#images.length, ...map]);
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  #indexes(height: number, width: number): Int32Array {
    const positions = height * width;
    const indexes = new Int32Array(this.#images.length * positions);
    let last: PlannedImage | null = null;
    let carried: Uint8Array = new Uint8Array();
    for (const [number, image] of this.#images.entries()) {
      const { levels, grid, plan } = image;
      // Images often share a mask.
      if (image !== last) carried = carryLevels(levels, grid, height, width, plan.bits.length - 1);
      last = image;
      for (let position = 0; position < positions; position++)
        indexes[number * positions + position] = number * this.#levelCount + carried[position]!;
    }
    return indexes;
  }
}

export function scalar(value: number): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.of(value), []);
}
