import * as ort from 'onnxruntime-node';
import { levelMap, type PlannedMap } from '../../src-shared/precision/level-map.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { positionsOf, type TensorShape } from './tensor-place.ts';

/** One image of a batch with its plan and the importance of its cells. */
export interface PlannedImage extends PlannedMap {
  readonly plan: PrecisionPlan;
  /** By tensor, once the graph has found them: the level of each position; null where a tensor has its highest throughout. */
  readonly found?: readonly (Uint8Array | null)[];
}

/** Layers of one size share a level map, which nobody alters; images share masks that do not look at them. */
const levelMaps = new WeakMap<PlannedImage, Map<string, Uint8Array>>();

function sharedLevelMap(image: PlannedImage, height: number, width: number, leading: number): Uint8Array {
  const known = levelMaps.get(image) ?? new Map<string, Uint8Array>();
  levelMaps.set(image, known);
  const key = `${height} ${width} ${leading}`;
  let map = known.get(key);
  if (!map) {
    const placed = levelMap(image, height, width);
    map = leading === 0 ? placed : new Uint8Array(leading + placed.length).fill(image.plan.bits.length - 1);
    if (leading > 0) map.set(placed, leading);
    known.set(key, map);
  }
  return map;
}

/** The level of each position of a tensor, in the tensor's own order; not to be altered. */
export function levelsAt(image: PlannedImage, { height, width, leading, order }: TensorShape): Uint8Array {
  if (!order) return sharedLevelMap(image, height, width, leading);
  const highest = image.plan.bits.length - 1;
  const map = sharedLevelMap(image, height, width, 0);
  return Uint8Array.from(order, (position) => (position < 0 ? highest : map[position]!));
}

/** The level inputs of a batch: one tensor for all activations of the same shape, since their maps are the same. */
export class LevelMaps {
  readonly #images: readonly PlannedImage[];
  readonly #levelCount: number;
  readonly #tensors = new Map<string, ort.Tensor>();
  readonly #orders = new Map<Int32Array, number>();
  /** By indexes: the tables that were looked up in, with what was found. */
  readonly #lookedUp = new Map<ort.Tensor, { readonly table: Float32Array; readonly values: ort.Tensor }[]>();

  constructor(images: readonly PlannedImage[], levelCount: number) {
    this.#images = images;
    this.#levelCount = levelCount;
  }

  /** Indexes into the table, `image * levels + level`: one element an image where each has one width throughout. */
  tensorFor(shape: TensorShape, uniform: boolean): ort.Tensor {
    const { dims, channelAxes, height, width, leading, order } = shape;
    const single = uniform || shape.unplaced;
    const map = dims.slice(1).map((size, at) => (single || channelAxes.includes(at + 1) ? 1 : size));
    // Where axis 0 is no batch, images go in one by one; their maps stand one after another until then.
    const rows = single || channelAxes.includes(0) ? 1 : dims[0]!;
    const first = this.#images.length * rows;
    const key = `${first} ${map.join(' ')} ${single ? '' : `${height} ${width} ${leading} ${this.#numberOf(order)}`}`;
    let tensor = this.#tensors.get(key);
    if (!tensor) {
      const one = { ...shape, height: 1, width: 1, leading: 0, order: null };
      tensor = new ort.Tensor('int32', this.#indexes(single ? one : shape), [first, ...map]);
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  /** What a table has at the indexes of {@link tensorFor}. */
  lookUp(indexes: ort.Tensor, table: Float32Array): ort.Tensor {
    const known = this.#lookedUp.get(indexes) ?? [];
    this.#lookedUp.set(indexes, known);
    const same = known.find((own) => own.table.every((value, at) => value === table[at]));
    if (same) return same.values;
    const at = mapData(indexes);
    const found = new Float32Array(at.length);
    // `Float32Array.from` takes some twenty times as long.
    for (let position = 0; position < at.length; position++) found[position] = table[at[position]!]!;
    const values = new ort.Tensor(found, indexes.dims);
    known.push({ table, values });
    return values;
  }

  #numberOf(order: Int32Array | null): number {
    if (!order) return 0;
    const number = this.#orders.get(order) ?? this.#orders.size + 1;
    this.#orders.set(order, number);
    return number;
  }

  #indexes(shape: TensorShape): Int32Array {
    const positions = positionsOf(shape);
    const indexes = new Int32Array(this.#images.length * positions);
    let last: PlannedImage | null = null;
    let carried: Uint8Array = new Uint8Array();
    for (const [number, image] of this.#images.entries()) {
      // Images often share a mask.
      if (image !== last) carried = levelsAt(image, shape);
      last = image;
      for (let position = 0; position < positions; position++)
        indexes[number * positions + position] = number * this.#levelCount + carried[position]!;
    }
    return indexes;
  }
}

/** Indexes into the tables of two levels, one an image: the lower of its two entries. @param rank axes of the tensor */
export function imageIndexes(images: number, rank: number): ort.Tensor {
  const dims = [images, ...Array<number>(rank - 1).fill(1)];
  return new ort.Tensor(
    'int32',
    Int32Array.from({ length: images }, (_, image) => 2 * image),
    dims,
  );
}

/** Images [first, last) of the maps of `images`. */
export function imagesOf(tensor: ort.Tensor, images: number, first: number, last: number): ort.Tensor {
  const [rows = 1, ...dims] = tensor.dims;
  const length = tensor.size / images;
  const data = mapData(tensor).subarray(first * length, last * length);
  return new ort.Tensor(data, [((last - first) * rows) / images, ...dims]);
}

/** Of levels, or of what is looked up by them. */
export function mapData({ data }: ort.Tensor): Int32Array | Float32Array {
  if (data instanceof Int32Array || data instanceof Float32Array) return data;
  throw new Error('a map that a rewritten graph is fed holds other numbers');
}
