/** One plan of a run, image by image. */
export interface PlanColumns {
  /** The most probable class; {@link NO_CLASS} where the image has no result yet. */
  readonly answer: Uint16Array;
  /** Probability of the first class less that of the second, 0..1. */
  readonly margin: Float32Array;
  /** MAC-weighted bits. */
  readonly bits: Float32Array;
}

/**
 * The outcomes of a run, image x plan, as columns: 50,000 images under three plans are two megabytes. Images count from 0 in the
 * order of the bytes of their paths, plans as in the run.
 */
export interface OutcomeColumns {
  /** Relative to the run's folder. */
  readonly paths: readonly string[];
  /** {@link NO_CLASS} without a label. */
  readonly label: Uint16Array;
  /** The plain network's class; {@link NO_CLASS} where it is not known yet. */
  readonly plain: Uint16Array;
  readonly plainMargin: Float32Array;
  /** 1 where the image could not be evaluated. */
  readonly failed: Uint8Array;
  readonly plans: readonly PlanColumns[];
}

/** Stands for no class; no network has so many. */
export const NO_CLASS = 0xffff;

/** The same as they travel: both carriers keep a `Uint8Array`. Numbers lie as in memory, least significant byte first. */
export interface SentColumns {
  /** UTF-8, each path ended by a NUL, which no path holds. */
  readonly paths: Uint8Array;
  readonly label: Uint8Array;
  readonly plain: Uint8Array;
  readonly plainMargin: Uint8Array;
  readonly failed: Uint8Array;
  readonly plans: readonly { readonly answer: Uint8Array; readonly margin: Uint8Array; readonly bits: Uint8Array }[];
}

/** Columns of so many images, with nothing known yet. */
export function emptyColumns(paths: readonly string[], plans: number): OutcomeColumns {
  const classes = () => new Uint16Array(paths.length).fill(NO_CLASS);
  const numbers = () => new Float32Array(paths.length);
  return {
    paths,
    label: classes(),
    plain: classes(),
    plainMargin: numbers(),
    failed: new Uint8Array(paths.length),
    plans: Array.from({ length: plans }, () => ({ answer: classes(), margin: numbers(), bits: numbers() })),
  };
}

export function sentColumns({ paths, label, plain, plainMargin, failed, plans }: OutcomeColumns): SentColumns {
  return {
    paths: new TextEncoder().encode(paths.map((path) => `${path}\0`).join('')),
    label: bytesOf(label),
    plain: bytesOf(plain),
    plainMargin: bytesOf(plainMargin),
    failed,
    plans: plans.map(({ answer, margin, bits }) => ({
      answer: bytesOf(answer),
      margin: bytesOf(margin),
      bits: bytesOf(bits),
    })),
  };
}

export function receivedColumns({ paths, label, plain, plainMargin, failed, plans }: SentColumns): OutcomeColumns {
  return {
    paths: new TextDecoder().decode(paths).split('\0').slice(0, -1),
    label: new Uint16Array(aligned(label)),
    plain: new Uint16Array(aligned(plain)),
    plainMargin: new Float32Array(aligned(plainMargin)),
    failed: new Uint8Array(aligned(failed)),
    plans: plans.map(({ answer, margin, bits }) => ({
      answer: new Uint16Array(aligned(answer)),
      margin: new Float32Array(aligned(margin)),
      bits: new Float32Array(aligned(bits)),
    })),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A message's bytes begin anywhere in its buffer; numbers want an address of their own size. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
