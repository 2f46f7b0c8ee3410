import { emptyColumns, packedColumns, unpackedColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import { type LayerCountsSums, SUMS_A_LAYER } from './layer-counts-blob.ts';
import type { RunDatabase } from './run-database.ts';
import { DIGEST_BYTES } from './run-digest.ts';

/**
 * All that the report and the digest of a run are made from, without the counts of every image: of 500 images under 16 plans 0.4 MB, where
 * the results take 9 MB. Images are in the order of the bytes of their paths.
 */
export interface RunPart {
  readonly images: number;
  /** Of each image, one after another; see `imageDigest`. */
  readonly digests: Uint8Array;
  /** Of each image: a set of {@link IMAGE_BITS}. */
  readonly state: Uint8Array;
  /** By index of the plan. */
  readonly plans: readonly PlanPart[];
}

/** What one plan gave, by image. */
export interface PlanPart {
  /** A set of {@link ANSWER_BITS}; 0 where there is no result. */
  readonly answers: Uint8Array;
  /** MAC-weighted bits of the layers, ideally and in lock-step. */
  readonly bits: Float64Array;
  readonly lockstepBits: Float64Array;
  /** See `margin`. */
  readonly margin: Float64Array;
  /** Of all images. */
  readonly counts: LayerCountsSums;
}

/** What of an image is so: it has the plain network's result, a label, is of the first half; the plain network is right. */
export const IMAGE_BITS = { known: 1, labelled: 2, firstHalf: 4, top1: 8, top5: 16 } as const;
/** What of a result is so: there is one, it is right, it is the plain network's, there is no answer. */
export const ANSWER_BITS = { known: 1, top1: 2, top5: 4, sameTop1: 8, sameTop5: 16, unanswered: 32 } as const;

/** Layout, images, plans, layers. */
const HEADER = 4;
const LAYOUT = 1;

/** Of nothing yet, in one piece: {@link packedPart} has what is written to it. */
export function emptyPart(images: number, plans: number, layers: number): RunPart {
  const whole = new ArrayBuffer(bytesOf(images, plans, layers));
  new Float64Array(whole, 0, HEADER).set([LAYOUT, images, plans, layers]);
  return view(whole, images, plans, layers);
}

function packedPart({ digests }: RunPart): Uint8Array {
  return new Uint8Array(digests.buffer);
}

/** @returns null for what another Fovea lays out otherwise */
function unpackedPart(packed: Uint8Array, images: number, plans: number, layers: number): RunPart | null {
  if (packed.length !== bytesOf(images, plans, layers)) return null;
  // Numbers want an address of their own size.
  const whole = packed.slice().buffer;
  const header = new Float64Array(whole, 0, HEADER);
  return [LAYOUT, images, plans, layers].every((number, at) => header[at] === number)
    ? view(whole, images, plans, layers)
    : null;
}

function bytesOf(images: number, plans: number, layers: number): number {
  return 8 * HEADER + images * (DIGEST_BYTES + 1) + plans * (images * (3 * 8 + 1) + 2 * 8 * layers * SUMS_A_LAYER);
}

/** Numbers of eight bytes come first. */
function view(whole: ArrayBuffer, images: number, plans: number, layers: number): RunPart {
  let at = 8 * HEADER;
  const numbers = (length: number) => {
    const column = new Float64Array(whole, at, length);
    at += column.byteLength;
    return column;
  };
  const bytes = (length: number) => new Uint8Array(whole, (at += length) - length, length);
  const sums = layers * SUMS_A_LAYER;
  const ofPlans = Array.from({ length: plans }, () => ({
    bits: numbers(images),
    lockstepBits: numbers(images),
    margin: numbers(images),
    counts: { sums: numbers(sums), images: numbers(sums) },
  }));
  return {
    images,
    digests: bytes(images * DIGEST_BYTES),
    state: bytes(images),
    plans: ofPlans.map((plan) => ({ ...plan, answers: bytes(images) })),
  };
}

/** SQLite takes no value of a billion bytes (https://www.sqlite.org/limits.html). */
const MOST_BYTES = 2 ** 29;

/** Keeps what a complete shard tells of its results, unless that is too much. For use within a transaction. */
export function keepPart(
  { db }: RunDatabase,
  runId: string,
  { part, columns, shard }: { readonly part: RunPart; readonly columns: Uint8Array; readonly shard: number },
): void {
  const numbers = packedPart(part);
  if (numbers.length > MOST_BYTES) return;
  db.prepare(
    `INSERT OR REPLACE INTO run_parts (run_id, shard, paths, numbers, columns)
     SELECT :run, :shard, json_group_array(path ORDER BY path), :numbers, :columns FROM run_images WHERE run_id = :run`,
  ).run({ run: runId, shard, numbers, columns });
}

export function dropParts({ db }: RunDatabase, runId: string): void {
  db.prepare('DELETE FROM run_parts WHERE run_id = ?').run(runId);
}

interface PartRow {
  readonly paths: string;
  readonly numbers: Buffer;
  readonly columns: Buffer;
}

/**
 * What the shards of a run tell of it together, and its outcomes as columns, packed; null where not all of them do.
 * @param paths of all its images, in order
 */
export function joinedParts(
  { db }: RunDatabase,
  runId: string,
  paths: readonly string[],
  plans: number,
  layers: readonly LayerGeometry[],
): { readonly part: RunPart; readonly columns: Uint8Array } | null {
  const places = new Map(paths.map((path, place) => [path, place]));
  const whole = emptyPart(paths.length, plans, layers.length);
  const columns = emptyColumns(paths.length, plans);
  const rows = db.prepare<[string], PartRow>('SELECT paths, numbers, columns FROM run_parts WHERE run_id = ?');
  for (const row of rows.iterate(runId)) {
    const own: unknown = JSON.parse(row.paths);
    if (!Array.isArray(own)) return null;
    const part = unpackedPart(row.numbers, own.length, plans, layers.length);
    const outcomes = unpackedColumns(row.columns);
    if (!part || outcomes?.images !== part.images || outcomes.plans.length !== plans) return null;
    const to = Int32Array.from(own, (path) => places.get(path) ?? -1);
    // Two parts that have an image are not of one cut.
    if (to.some((place) => place < 0 || !places.delete(paths[place]!))) return null;
    const put = (from: ArrayLike<number>, target: { [place: number]: number }) => {
      for (let at = 0; at < to.length; at++) target[to[at]!] = from[at]!;
    };
    to.forEach((place, at) =>
      whole.digests.set(part.digests.subarray(DIGEST_BYTES * at, DIGEST_BYTES * (at + 1)), DIGEST_BYTES * place),
    );
    put(part.state, whole.state);
    put(outcomes.label, columns.label);
    put(outcomes.plain, columns.plain);
    put(outcomes.failed, columns.failed);
    part.plans.forEach((plan, index) => {
      const target = whole.plans[index]!;
      for (const key of ['answers', 'bits', 'lockstepBits', 'margin'] as const) put(plan[key], target[key]);
      for (const key of ['answer', 'margin', 'bits'] as const)
        put(outcomes.plans[index]![key], columns.plans[index]![key]);
      for (const key of ['sums', 'images'] as const)
        plan.counts[key].forEach((value, at) => (target.counts[key][at]! += value));
    });
  }
  return places.size === 0 ? { part: whole, columns: packedColumns(columns) } : null;
}
