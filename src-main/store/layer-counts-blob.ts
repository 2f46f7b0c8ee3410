import { type LayerCounts, type LayerGeometry, macWeightedLockstepBits } from '../../src-shared/measurement.ts';

/** The counts of a layer in stored order: the place in this list is a bit of the blob's header. Only ever appended to. */
const COLUMNS = [
  'meanBits',
  'lockstepBits',
  'crossbarBits',
  'maxBits',
  /** Was a count that nothing is priced by any more. */
  'retired',
  'rangeExponents',
  'zeroShare',
  'nonZeroBits',
  'lockstepNonZeroBits',
  'nonZeroBitsAt8',
  'lockstepNonZeroBitsAt8',
  'clippedShare',
  'sqnrDb',
  'compactedBits',
  'levelMapBits',
  'rescaledSums',
  'groupBits',
  'palletBits',
  'compactedNonZeroBits',
  'compactedPalletBits',
  'zeroShareAt8',
  'groupBitsAt8',
  'palletBitsAt8',
  /** Kept where layers find their own levels alone. */
  'predictorSteps',
  'wordBits',
  'lockstepWordBits',
  'passShare',
  'passBits',
] as const satisfies readonly (Exclude<keyof LayerCounts, keyof LayerGeometry | 'pass'> | PassColumn | 'retired')[];

/** Of a pass before the run: of an image that had none its share is 0, and its bits are null. */
type PassColumn = 'passShare' | 'passBits';

type Column = (typeof COLUMNS)[number];

/** What the activations themselves give: in no basic result. */
const OF_ACTIVATIONS: readonly Column[] = [
  'zeroShare',
  'nonZeroBits',
  'lockstepNonZeroBits',
  'compactedNonZeroBits',
  'groupBits',
  'palletBits',
  'compactedPalletBits',
  'zeroShareAt8',
  'nonZeroBitsAt8',
  'lockstepNonZeroBitsAt8',
  'groupBitsAt8',
  'palletBitsAt8',
  'clippedShare',
  'sqnrDb',
];

/** Columns of the header's first word; its last bit says that a second one follows the number of layers. */
const FIRST_COLUMNS = 15;
const MORE_COLUMNS = 1 << FIRST_COLUMNS;

/** Bytes of a stored number: single precision for runs, double where every digit is shown again. */
export type NumberBytes = 4 | 8;

/**
 * Counts of all layers, small enough to keep for every image and plan: columns that are null in every layer take no room.
 * Layout, little-endian: uint16 bit set of the first columns, uint16 layers, uint16 bit set of further columns where there are any,
 * then per column one float a layer, NaN for null.
 */
export function encodeLayerCounts(layers: readonly LayerCounts[], bytes: NumberBytes = 4): Buffer {
  const present = COLUMNS.filter((column) => layers.some((layer) => countOf(layer, column) !== null));
  const numbers = Buffer.alloc(bytes * present.length * layers.length);
  let at = 0;
  for (const column of present)
    for (const layer of layers) {
      const value = countOf(layer, column) ?? NaN;
      at = bytes === 4 ? numbers.writeFloatLE(value, at) : numbers.writeDoubleLE(value, at);
    }
  return Buffer.concat([header(present, layers.length), numbers]);
}

function countOf(layer: LayerCounts, column: Column): number | null {
  if (column === 'passShare') return layer.pass?.share ?? null;
  if (column === 'passBits') return layer.pass && layer.pass.share > 0 ? layer.pass.bits : null;
  if (column === 'retired' || (column === 'predictorSteps' && layer[column] === 0)) return null;
  return layer[column];
}

/** The counts of a full result as a basic one has them, byte for byte. */
export function basicLayerCounts(blob: Buffer): Buffer {
  const { columns, layers, start } = headerOf(blob);
  const kept = columns.filter((column) => !OF_ACTIVATIONS.includes(column));
  const from = (column: Column) => start + 4 * layers * columns.indexOf(column);
  return Buffer.concat([
    header(kept, layers),
    ...kept.map((column) => blob.subarray(from(column), from(column) + 4 * layers)),
  ]);
}

/**
 * @param geometry the layers of the model, in the order they were encoded in
 * @throws RangeError when the blob does not belong to a model of these layers
 */
export function decodeLayerCounts(
  blob: Buffer,
  geometry: readonly LayerGeometry[],
  bytes: NumberBytes = 4,
): LayerCounts[] {
  const { columns, layers, start } = headerOf(blob);
  if (layers !== geometry.length || blob.length !== start + bytes * columns.length * geometry.length)
    throw new RangeError(`stored counts of ${blob.length} bytes do not fit a model of ${geometry.length} layers`);
  const value = (column: Column, layer: number) => {
    const position = columns.indexOf(column);
    if (position < 0) return null;
    const at = start + bytes * (position * geometry.length + layer);
    const stored = bytes === 4 ? blob.readFloatLE(at) : blob.readDoubleLE(at);
    return Number.isNaN(stored) ? null : stored;
  };
  return geometry.map((layer, index) => withCounts(layer, (column) => value(column, index)));
}

/**
 * MAC-weighted bits in lock-step, without reading the other counts.
 * @param geometry the layers of the model, in the order they were encoded in
 */
export function lockstepBitsOf(blob: Buffer, geometry: readonly LayerGeometry[]): number {
  const { columns, start } = headerOf(blob);
  const read = (column: Column, index: number) => {
    const position = columns.indexOf(column);
    return position < 0 ? null : blob.readFloatLE(start + 4 * (geometry.length * position + index));
  };
  return macWeightedLockstepBits(
    geometry.map(({ macs }, index) => ({
      macs,
      lockstepBits: read('lockstepBits', index)!,
      ...passOf((column) => read(column, index)),
    })),
  );
}

/**
 * Counts are summed up in whole steps of this, so that sums are exact, and in whatever order the same: up to a total of two millions, or
 * any of whole numbers. It is some 1e-10; single precision itself is coarser from 1/512 on.
 */
const STEPS = 2 ** 32;

/** Sums over many images, a number for each count of each layer, and of how many images they are. */
export interface LayerCountsSums {
  readonly sums: Float64Array;
  readonly images: Float64Array;
}

/** So many numbers a layer has of either. */
export const SUMS_A_LAYER = COLUMNS.length;

/** Sums the counts of many images and gives their means; a count is averaged over the images that have it. */
export class LayerCountsMean {
  readonly #geometry: readonly LayerGeometry[];
  readonly #sums: Float64Array;
  readonly #images: Float64Array;

  /** @param sums so far, which are added to; default: none */
  constructor(geometry: readonly LayerGeometry[], sums?: LayerCountsSums) {
    this.#geometry = geometry;
    this.#sums = sums?.sums ?? new Float64Array(SUMS_A_LAYER * geometry.length);
    this.#images = sums?.images ?? new Float64Array(SUMS_A_LAYER * geometry.length);
  }

  add(blob: Buffer): void {
    const layers = this.#geometry.length;
    const { columns, start: first } = headerOf(blob);
    const numbers = new DataView(blob.buffer, blob.byteOffset, blob.length);
    let at = first;
    for (const column of columns) {
      const start = COLUMNS.indexOf(column) * layers;
      for (let to = start; to < start + layers; to++, at += 4) {
        const value = numbers.getFloat32(at, true);
        if (Number.isNaN(value)) continue;
        this.#sums[to]! += Math.round(value * STEPS) / STEPS;
        this.#images[to]! += 1;
      }
    }
  }

  mean(): LayerCounts[] {
    const layers = this.#geometry.length;
    const mean = (column: Column, layer: number) => {
      const at = COLUMNS.indexOf(column) * layers + layer;
      return this.#images[at] === 0 ? null : this.#sums[at]! / this.#images[at]!;
    };
    return this.#geometry.map((layer, index) => withCounts(layer, (column) => mean(column, index)));
  }
}

function header(columns: readonly Column[], layers: number): Buffer {
  const set = columns.reduce((bits, column) => bits | (1 << COLUMNS.indexOf(column)), 0);
  const more = set >>> FIRST_COLUMNS;
  const words = more > 0 ? [(set & (MORE_COLUMNS - 1)) | MORE_COLUMNS, layers, more] : [set, layers];
  const bytes = Buffer.alloc(2 * words.length);
  words.forEach((word, index) => bytes.writeUInt16LE(word, 2 * index));
  return bytes;
}

/** What a blob's header says, and where its numbers begin. */
function headerOf(blob: Buffer): {
  readonly columns: readonly Column[];
  readonly layers: number;
  readonly start: number;
} {
  const first = blob.readUInt16LE(0);
  const extended = (first & MORE_COLUMNS) !== 0;
  const set = (first & (MORE_COLUMNS - 1)) | (extended ? blob.readUInt16LE(4) << FIRST_COLUMNS : 0);
  return {
    columns: columnsOf(set),
    layers: blob.readUInt16LE(2),
    start: extended ? 6 : 4,
  };
}

/** Few sets occur, each in the blobs of thousands of images. */
const columnSets = new Map<number, readonly Column[]>();

function columnsOf(set: number): readonly Column[] {
  let columns = columnSets.get(set);
  if (!columns) columnSets.set(set, (columns = COLUMNS.filter((_, bit) => set & (1 << bit))));
  return columns;
}

function passOf(value: (column: PassColumn) => number | null): Pick<LayerCounts, 'pass'> {
  const share = value('passShare');
  return share === null ? {} : { pass: { share, bits: share > 0 ? (value('passBits') ?? 0) : 0 } };
}

function withCounts(layer: LayerGeometry, value: (column: Column) => number | null): LayerCounts {
  // In the order of `countLayer`, so that a document made of stored counts is the same text.
  return {
    ...layer,
    meanBits: value('meanBits') ?? 0,
    lockstepBits: value('lockstepBits') ?? 0,
    compactedBits: value('compactedBits'),
    crossbarBits: value('crossbarBits') ?? 0,
    maxBits: value('maxBits') ?? 0,
    wordBits: value('wordBits'),
    lockstepWordBits: value('lockstepWordBits'),
    zeroShare: value('zeroShare'),
    nonZeroBits: value('nonZeroBits'),
    lockstepNonZeroBits: value('lockstepNonZeroBits'),
    compactedNonZeroBits: value('compactedNonZeroBits'),
    groupBits: value('groupBits'),
    palletBits: value('palletBits'),
    compactedPalletBits: value('compactedPalletBits'),
    zeroShareAt8: value('zeroShareAt8'),
    nonZeroBitsAt8: value('nonZeroBitsAt8'),
    lockstepNonZeroBitsAt8: value('lockstepNonZeroBitsAt8'),
    groupBitsAt8: value('groupBitsAt8'),
    palletBitsAt8: value('palletBitsAt8'),
    clippedShare: value('clippedShare'),
    sqnrDb: value('sqnrDb'),
    levelMapBits: value('levelMapBits') ?? 0,
    rangeExponents: value('rangeExponents') ?? 0,
    rescaledSums: value('rescaledSums') ?? 0,
    predictorSteps: value('predictorSteps') ?? 0,
    ...passOf(value),
  };
}
