/** One plan of a run, image by image. */
export interface PlanColumns {
  /** The most probable class; {@link NO_CLASS} where the image has no result yet. */
  readonly answer: Uint16Array;
  /** Probability of the first class less that of the second, in {@link MARGIN_STEP}s, cut off. */
  readonly margin: Uint16Array;
  /** MAC-weighted bits, in {@link BITS_STEP}s, cut off. */
  readonly bits: Uint16Array;
}

/**
 * The outcomes of a run, image x plan, as columns: 50,000 images under three plans are a bit more than a megabyte. Images count
 * from 0 in the order of the bytes of their paths, plans as in the run. Paths are asked for where they are shown.
 */
export interface OutcomeColumns {
  readonly images: number;
  /** {@link NO_CLASS} without a label. */
  readonly label: Uint16Array;
  /** The plain network's class; {@link NO_CLASS} where it is not known yet. */
  readonly plain: Uint16Array;
  /** 1 where the image could not be evaluated. */
  readonly failed: Uint8Array;
  readonly plans: readonly PlanColumns[];
}

/** Stands for no class; no network has so many. */
export const NO_CLASS = 0xffff;

/**
 * Steps that divide what is shown: a margin that is cut off to ten-thousandths rounds to the same hundredth as the margin itself, and
 * bits that are cut off so to the same tenth of a percent of what is saved.
 */
export const MARGIN_STEP = 1 / 10_000;
export const BITS_STEP = 1 / 2_000;

/** A margin, or bits, as a column holds it; single precision is no finer than the nudge. */
export function steps(value: number, step: number): number {
  return Math.max(0, Math.min(0xffff, Math.floor(value / step + 1e-3)));
}

/** Columns of so many images, with nothing known yet, in one piece: what is written to them is in {@link packedColumns}. */
export function emptyColumns(images: number, plans: number): OutcomeColumns {
  const columns = view(new Uint8Array(HEADER_BYTES + bytesOf(images, plans)), images, plans);
  columns.label.fill(NO_CLASS);
  columns.plain.fill(NO_CLASS);
  for (const { answer } of columns.plans) answer.fill(NO_CLASS);
  return columns;
}

/** Layout, images, plans; numbers lie as in memory, least significant byte first. */
const HEADER_BYTES = 12;
const LAYOUT = 1;

/** Of columns made by {@link emptyColumns} or {@link unpackedColumns}: the same as one piece, which travels and is stored. */
export function packedColumns({ label, images, plans }: OutcomeColumns): Uint8Array {
  const packed = new Uint8Array(label.buffer, 0, HEADER_BYTES + bytesOf(images, plans.length));
  new Uint32Array(packed.buffer, 0, 3).set([LAYOUT, images, plans.length]);
  return packed;
}

/** @returns null for what was packed by a Fovea that lays columns out otherwise */
export function unpackedColumns(packed: Uint8Array): OutcomeColumns | null {
  // A message's bytes begin anywhere in its buffer; numbers want an address of their own size.
  const own = packed.slice();
  if (own.length < HEADER_BYTES) return null;
  const [layout, images = 0, plans = 0] = new Uint32Array(own.buffer, 0, 3);
  if (layout !== LAYOUT || own.length !== HEADER_BYTES + bytesOf(images, plans)) return null;
  return view(own, images, plans);
}

/** Label, plain class and each plan's columns in two bytes an image, failures in one. */
function bytesOf(images: number, plans: number): number {
  return images * (2 + 2 + 6 * plans + 1);
}

function view({ buffer }: Uint8Array<ArrayBuffer>, images: number, plans: number): OutcomeColumns {
  let at = HEADER_BYTES;
  const next = () => {
    const column = new Uint16Array(buffer, at, images);
    at += column.byteLength;
    return column;
  };
  const [label, plain] = [next(), next()];
  const ofPlans = Array.from({ length: plans }, () => ({ answer: next(), margin: next(), bits: next() }));
  return { images, label, plain, plans: ofPlans, failed: new Uint8Array(buffer, at, images) };
}

/** Probability of the first class less that of the second, 0..1. */
export function marginOf(columns: OutcomeColumns, plan: number, image: number): number {
  return columns.plans[plan]!.margin[image]! * MARGIN_STEP;
}

/** The same, rounded as the margin itself would be. */
export function marginText(columns: OutcomeColumns, plan: number, image: number): string {
  return ((columns.plans[plan]!.margin[image]! + 0.5) * MARGIN_STEP).toFixed(2);
}
