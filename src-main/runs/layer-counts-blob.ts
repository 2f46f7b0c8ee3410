import type { LayerCounts, LayerGeometry } from '../../src-shared/measurement.ts';

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
] as const satisfies readonly (Exclude<keyof LayerCounts, keyof LayerGeometry> | 'retired')[];

type Column = (typeof COLUMNS)[number];

/** Columns of the header's first word; its last bit says that a second one follows the number of layers. */
const FIRST_COLUMNS = 15;
const MORE_COLUMNS = 1 << FIRST_COLUMNS;

/**
 * Counts of all layers, small enough to keep for every image and plan: columns that are null in every layer take no room.
 * Layout, little-endian: uint16 bit set of the first columns, uint16 layers, uint16 bit set of further columns where there are any,
 * then per column one float32 a layer, NaN for null.
 */
export function encodeLayerCounts(layers: readonly LayerCounts[]): Buffer {
  const present = COLUMNS.filter((column) => layers.some((layer) => countOf(layer, column) !== null));
  const set = present.reduce((bits, column) => bits | (1 << COLUMNS.indexOf(column)), 0);
  const more = set >>> FIRST_COLUMNS;
  const header = more > 0 ? [(set & (MORE_COLUMNS - 1)) | MORE_COLUMNS, layers.length, more] : [set, layers.length];
  const blob = Buffer.alloc(2 * header.length + 4 * present.length * layers.length);
  let at = 0;
  for (const word of header) at = blob.writeUInt16LE(word, at);
  for (const column of present) for (const layer of layers) at = blob.writeFloatLE(countOf(layer, column) ?? NaN, at);
  return blob;
}

function countOf(layer: LayerCounts, column: Column): number | null {
  return column === 'retired' ? null : layer[column];
}

/**
 * @param geometry the layers of the model, in the order they were encoded in
 * @throws RangeError when the blob does not belong to a model of these layers
 */
export function decodeLayerCounts(blob: Buffer, geometry: readonly LayerGeometry[]): LayerCounts[] {
  const { columns, start } = headerOf(blob);
  if (blob.readUInt16LE(2) !== geometry.length || blob.length !== start + 4 * columns.length * geometry.length)
    throw new RangeError(`stored counts of ${blob.length} bytes do not fit a model of ${geometry.length} layers`);
  const value = (column: Column, layer: number) => {
    const position = columns.indexOf(column);
    if (position < 0) return null;
    const stored = blob.readFloatLE(start + 4 * (position * geometry.length + layer));
    return Number.isNaN(stored) ? null : stored;
  };
  return geometry.map((layer, index) => withCounts(layer, (column) => value(column, index)));
}

/** Sums the counts of many images and gives their means; a count is averaged over the images that have it. */
export class LayerCountsMean {
  readonly #geometry: readonly LayerGeometry[];
  readonly #sums: Float64Array;
  readonly #images: Float64Array;

  constructor(geometry: readonly LayerGeometry[]) {
    this.#geometry = geometry;
    this.#sums = new Float64Array(COLUMNS.length * geometry.length);
    this.#images = new Float64Array(COLUMNS.length * geometry.length);
  }

  add(blob: Buffer): void {
    const layers = this.#geometry.length;
    const { columns, start: first } = headerOf(blob);
    let at = first;
    for (const column of columns) {
      const start = COLUMNS.indexOf(column) * layers;
      for (let layer = 0; layer < layers; layer++, at += 4) {
        const value = blob.readFloatLE(at);
        if (Number.isNaN(value)) continue;
        this.#sums[start + layer]! += value;
        this.#images[start + layer]! += 1;
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

function headerOf(blob: Buffer): { readonly columns: readonly Column[]; readonly start: number } {
  const first = blob.readUInt16LE(0);
  const extended = (first & MORE_COLUMNS) !== 0;
  const set = (first & (MORE_COLUMNS - 1)) | (extended ? blob.readUInt16LE(4) << FIRST_COLUMNS : 0);
  return { columns: COLUMNS.filter((_, bit) => set & (1 << bit)), start: extended ? 6 : 4 };
}

function withCounts(layer: LayerGeometry, value: (column: Column) => number | null): LayerCounts {
  return {
    ...layer,
    meanBits: value('meanBits') ?? 0,
    lockstepBits: value('lockstepBits') ?? 0,
    compactedBits: value('compactedBits'),
    crossbarBits: value('crossbarBits') ?? 0,
    maxBits: value('maxBits') ?? 0,
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
  };
}
