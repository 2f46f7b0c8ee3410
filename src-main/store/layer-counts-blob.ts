import type { LayerCounts, LayerGeometry } from '../../src-shared/measurement.ts';

/** The counts of a layer in stored order: the place in this list is a bit of the blob's header. Only ever appended to. */
const COLUMNS = [
  'meanBits',
  'lockstepBits',
  'crossbarBits',
  'maxBits',
  'precisionGroups',
  'rangeExponents',
  'zeroShare',
  'nonZeroBits',
  'lockstepNonZeroBits',
  'nonZeroBitsAt8',
  'lockstepNonZeroBitsAt8',
  'clippedShare',
  'sqnrDb',
] as const satisfies readonly Exclude<keyof LayerCounts, keyof LayerGeometry>[];

type Column = (typeof COLUMNS)[number];

/** What the activations themselves give: in no basic result. */
const OF_ACTIVATIONS: readonly Column[] = [
  'zeroShare',
  'nonZeroBits',
  'lockstepNonZeroBits',
  'nonZeroBitsAt8',
  'lockstepNonZeroBitsAt8',
  'clippedShare',
  'sqnrDb',
];

const HEADER_BYTES = 4;

/** Bytes of a stored number: single precision for runs, double where every digit is shown again. */
export type NumberBytes = 4 | 8;

/**
 * Counts of all layers, small enough to keep for every image and plan: columns that are null in every layer take no room.
 * Layout, little-endian: uint16 bit set of the columns, uint16 layers, then per column one float a layer, NaN for null.
 */
export function encodeLayerCounts(layers: readonly LayerCounts[], bytes: NumberBytes = 4): Buffer {
  const present = COLUMNS.filter((column) => layers.some((layer) => layer[column] !== null));
  const blob = Buffer.alloc(HEADER_BYTES + bytes * present.length * layers.length);
  blob.writeUInt16LE(bitSetOf(present), 0);
  blob.writeUInt16LE(layers.length, 2);
  let at = HEADER_BYTES;
  for (const column of present)
    for (const layer of layers) {
      const value = layer[column] ?? NaN;
      at = bytes === 4 ? blob.writeFloatLE(value, at) : blob.writeDoubleLE(value, at);
    }
  return blob;
}

/** The counts of a full result as a basic one has them, byte for byte. */
export function basicLayerCounts(blob: Buffer): Buffer {
  const columns = columnsOf(blob);
  const columnBytes = 4 * blob.readUInt16LE(2);
  const kept = columns.filter((column) => !OF_ACTIVATIONS.includes(column));
  const header = Buffer.from(blob.subarray(0, HEADER_BYTES));
  header.writeUInt16LE(bitSetOf(kept), 0);
  const start = (column: Column) => HEADER_BYTES + columns.indexOf(column) * columnBytes;
  return Buffer.concat([header, ...kept.map((column) => blob.subarray(start(column), start(column) + columnBytes))]);
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
  const columns = columnsOf(blob);
  if (
    blob.readUInt16LE(2) !== geometry.length ||
    blob.length !== HEADER_BYTES + bytes * columns.length * geometry.length
  )
    throw new RangeError(`stored counts of ${blob.length} bytes do not fit a model of ${geometry.length} layers`);
  const value = (column: Column, layer: number) => {
    const position = columns.indexOf(column);
    if (position < 0) return null;
    const at = HEADER_BYTES + bytes * (position * geometry.length + layer);
    const stored = bytes === 4 ? blob.readFloatLE(at) : blob.readDoubleLE(at);
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
    let at = HEADER_BYTES;
    for (const column of columnsOf(blob)) {
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

function bitSetOf(columns: readonly Column[]): number {
  return columns.reduce((set, column) => set | (1 << COLUMNS.indexOf(column)), 0);
}

function columnsOf(blob: Buffer): readonly Column[] {
  const set = blob.readUInt16LE(0);
  return COLUMNS.filter((_, bit) => set & (1 << bit));
}

function withCounts(layer: LayerGeometry, value: (column: Column) => number | null): LayerCounts {
  // In the order of `countLayer`, so that a document made of stored counts is the same text.
  return {
    ...layer,
    meanBits: value('meanBits') ?? 0,
    maxBits: value('maxBits') ?? 0,
    lockstepBits: value('lockstepBits') ?? 0,
    crossbarBits: value('crossbarBits') ?? 0,
    zeroShare: value('zeroShare'),
    nonZeroBits: value('nonZeroBits'),
    lockstepNonZeroBits: value('lockstepNonZeroBits'),
    nonZeroBitsAt8: value('nonZeroBitsAt8'),
    lockstepNonZeroBitsAt8: value('lockstepNonZeroBitsAt8'),
    clippedShare: value('clippedShare'),
    sqnrDb: value('sqnrDb'),
    precisionGroups: value('precisionGroups') ?? 0,
    rangeExponents: value('rangeExponents') ?? 0,
  };
}
