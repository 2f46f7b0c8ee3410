import { bitOf, cellOf, type ComparedAnswer, type Kept, type PairedImages, verdictsOf } from './run-comparison.ts';

/** What compared runs gave, image by image, as bytes: many images travel as fast as few. Numbers are little-endian. */
export interface ComparisonColumns {
  readonly images: number;
  /** Paths in the baseline's folder, UTF-8, each ended by a zero byte. */
  readonly paths: Uint8Array;
  /** An int32 an image, -1 without a label. */
  readonly labels: Uint8Array;
  /** One a compared run. */
  readonly sides: readonly AnswerColumns[];
}

export interface AnswerColumns {
  /** Index of the image in its run: a uint32 an image. */
  readonly indexes: Uint8Array;
  /** The first class: an int32 an image, -1 where there is none. */
  readonly classes: Uint8Array;
  /** Of the first class: a float32 an image. */
  readonly probabilities: Uint8Array;
  readonly margins: Uint8Array;
  /** MAC-weighted bits: a float32 an image. */
  readonly bits: Uint8Array;
  /** A byte an image: bit k is set where it is right by {@link KEPT} k; 255 where nobody can judge it. */
  readonly right: Uint8Array;
}

const NOT_JUDGED = 255;

export function encodeColumns({ rows, judgedBy, judged }: PairedImages): ComparisonColumns {
  const known = judged.length === rows.length ? null : new Set(judged);
  const filled = <Numbers extends Int32Array | Uint32Array | Float32Array>(
    numbers: Numbers,
    side: number,
    value: (answer: ComparedAnswer) => number,
  ): Uint8Array => {
    for (let image = 0; image < rows.length; image++) numbers[image] = value(rows[image]![side]!);
    return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  };
  const right = (side: number) =>
    verdictsOf(rows, side, judgedBy).map((verdict, image) =>
      known === null || known.has(rows[image]!) ? verdict : NOT_JUDGED,
    );
  return {
    images: rows.length,
    paths: new TextEncoder().encode(rows.map((row) => `${row[0]!.path}\0`).join('')),
    labels: filled(new Int32Array(rows.length), 0, ({ label }) => label ?? -1),
    sides: (rows[0] ?? []).map((_, side): AnswerColumns => ({
      indexes: filled(new Uint32Array(rows.length), side, ({ index }) => index),
      classes: filled(new Int32Array(rows.length), side, ({ classes }) => classes[0] ?? -1),
      probabilities: filled(new Float32Array(rows.length), side, ({ probability }) => probability),
      margins: filled(new Float32Array(rows.length), side, ({ margin }) => margin),
      bits: filled(new Float32Array(rows.length), side, ({ macWeightedBits }) => macWeightedBits),
      right: right(side),
    })),
  };
}

/** The same to look things up in. */
export interface ComparedImages {
  readonly count: number;
  readonly paths: readonly string[];
  readonly labels: Int32Array;
  readonly sides: readonly ComparedImagesSide[];
}

export interface ComparedImagesSide {
  readonly indexes: Uint32Array;
  readonly classes: Int32Array;
  readonly probabilities: Float32Array;
  readonly margins: Float32Array;
  readonly bits: Float32Array;
  readonly right: Uint8Array;
}

export function decodeColumns({ images, paths, labels, sides }: ComparisonColumns): ComparedImages {
  return {
    count: images,
    paths: new TextDecoder().decode(paths).split('\0').slice(0, images),
    labels: new Int32Array(aligned(labels)),
    sides: sides.map(({ indexes, classes, probabilities, margins, bits, right }) => ({
      indexes: new Uint32Array(aligned(indexes)),
      classes: new Int32Array(aligned(classes)),
      probabilities: new Float32Array(aligned(probabilities)),
      margins: new Float32Array(aligned(margins)),
      bits: new Float32Array(aligned(bits)),
      right,
    })),
  };
}

/** Cells of the 2 x 2 table, and what else can be chosen. */
export const OUTCOMES = ['bothRight', 'onlyFirst', 'onlyOther', 'bothWrong', 'disagree'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * The images of one cell of the table, by index.
 * @param other index of the side that is held against the first
 */
export function imagesOf(images: ComparedImages, other: number, kept: Kept, outcome: Outcome): number[] {
  const [first, second] = [images.sides[0], images.sides[other]];
  if (!first || !second) return [];
  const bit = bitOf(kept);
  const chosen: number[] = [];
  for (let image = 0; image < images.count; image++) {
    if (outcome === 'disagree') {
      if (first.classes[image] !== second.classes[image]) chosen.push(image);
      continue;
    }
    if (first.right[image] === NOT_JUDGED) continue;
    if (outcome === cellOf(first.right[image]!, second.right[image]!, bit)) chosen.push(image);
  }
  return chosen;
}

/** Bytes that came with a message may lie anywhere in it; numbers begin at whole words. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
