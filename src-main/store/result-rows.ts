import type { Database, Statement } from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { macWeightedBits, type LayerCounts } from '../../src-shared/measurement.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { canonicalJson, type CountDetail, RESULTS_VERSION, type TopClasses } from '../../src-shared/runs/run-record.ts';
import { encodeLayerCounts } from './layer-counts-blob.ts';
import { type MeasuredModel, settingsSha256 } from './run-model.ts';

/** Plans never change, and are asked for again and again. */
const planDigests = new WeakMap<PrecisionPlan, Buffer>();

/** Digest of a plan, as its row has it. */
export function planSha256(plan: PrecisionPlan): Buffer {
  const digest = planDigests.get(plan) ?? createHash('sha256').update(canonicalJson(plan)).digest();
  planDigests.set(plan, digest);
  return digest;
}

/**
 * The rows that results are kept by, each once: those that are not there yet are made. Whoever measures writes through these, so
 * that the same measurement has the same place. For use within a transaction.
 */
export class ResultRows {
  readonly #db: Database;
  readonly #statements = new Map<string, Statement<unknown[], number>>();

  constructor(db: Database) {
    this.#db = db;
  }

  modelId({ sha256, settings, layers, leftOut, labels }: MeasuredModel): number {
    const key = [sha256, settingsSha256(settings)].map((digest) => Buffer.from(digest, 'hex'));
    const id = this.#keyed(
      'SELECT id FROM models WHERE sha256 = ? AND settings_sha256 = ?',
      key,
      'INSERT INTO models (sha256, settings_sha256, settings, layers, labels) VALUES (?, ?, ?, ?, ?) RETURNING id',
      () => [...key, canonicalJson(settings), JSON.stringify(layers), JSON.stringify(labels)],
    );
    this.#prepared('UPDATE models SET left_out = ? WHERE id = ? AND left_out IS NULL RETURNING id').get(
      JSON.stringify(leftOut),
      id,
    );
    return id;
  }

  /** @param plan null for the plain network */
  seriesId(modelId: number, plan: PrecisionPlan | null, detail: CountDetail): number {
    return this.seriesOfPlan(modelId, plan && this.#planId(plan), detail);
  }

  seriesOfPlan(modelId: number, planId: number | null, detail: CountDetail): number {
    const key = [modelId, planId, detail, RESULTS_VERSION];
    return this.#keyed(
      'SELECT id FROM series WHERE model_id = ? AND ifnull(plan_id, 0) = ifnull(?, 0) AND detail = ? AND results_version = ?',
      key,
      'INSERT INTO series (model_id, plan_id, detail, results_version) VALUES (?, ?, ?, ?) RETURNING id',
      () => key,
    );
  }

  /**
   * @param sha256 of the file, hexadecimal
   */
  imageId(sha256: string): number {
    const key = [Buffer.from(sha256, 'hex')];
    return this.#keyed(
      'SELECT id FROM images WHERE sha256 = ?',
      key,
      'INSERT INTO images (sha256) VALUES (?) RETURNING id',
      () => key,
    );
  }

  /** Keeps what is remarkable about an image, as it was read for a result. */
  remark(imageId: number, series: number, remarks: readonly string[]): void {
    this.#prepared('UPDATE results SET remarks = ? WHERE image_id = ? AND series_id = ? RETURNING id').get(
      JSON.stringify(remarks),
      imageId,
      series,
    );
  }

  /**
   * Adds a result, unless there is one.
   * @param layers null for the plain network
   * @returns whether it was added
   */
  add(imageId: number, series: number, top: TopClasses, layers: readonly LayerCounts[] | null): boolean {
    const added = this.#prepared(
      `INSERT INTO results (image_id, series_id, class1, class2, class3, class4, class5, probabilities, mac_weighted_bits)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
    ).get(imageId, series, ...columnsOfTop(top), layers && macWeightedBits(layers));
    if (added === undefined) return false;
    if (layers) this.addCounts(added, encodeLayerCounts(layers));
    return true;
  }

  /** The id of a result, or null where there is none. */
  idOf(imageId: number, series: number): number | null {
    return this.#prepared('SELECT id FROM results WHERE image_id = ? AND series_id = ?').get(imageId, series) ?? null;
  }

  /** Whether there is a result, and of other classes or probabilities. */
  isOther(imageId: number, series: number, top: TopClasses): boolean {
    const found = this.#prepared(
      `SELECT id FROM results WHERE image_id = ? AND series_id = ? AND NOT (class1 IS ? AND class2 IS ? AND class3 IS ?
         AND class4 IS ? AND class5 IS ? AND probabilities = ?)`,
    ).get(imageId, series, ...columnsOfTop(top));
    return found !== undefined;
  }

  addCounts(resultId: number, counts: Buffer): void {
    this.#prepared('INSERT INTO layer_counts (result_id, counts) VALUES (?, ?) RETURNING result_id').get(
      resultId,
      counts,
    );
  }

  #planId(plan: PrecisionPlan): number {
    const sha256 = planSha256(plan);
    return this.#keyed(
      'SELECT id FROM plans WHERE sha256 = ?',
      [sha256],
      'INSERT INTO plans (sha256, plan) VALUES (?, ?) RETURNING id',
      () => [sha256, canonicalJson(plan)],
    );
  }

  #keyed(select: string, key: readonly unknown[], insert: string, row: () => readonly unknown[]): number {
    return this.#prepared(select).get(...key) ?? this.#prepared(insert).get(...row())!;
  }

  #prepared(sql: string): Statement<unknown[], number> {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare<unknown[], number>(sql).pluck()));
    return statement;
  }
}

function columnsOfTop({ classes, probabilities }: TopClasses): unknown[] {
  const five = Array.from({ length: 5 }, (_, rank) => classes[rank] ?? null);
  return [...five, Buffer.from(Float32Array.from(probabilities).buffer)];
}

/** What {@link ANSWERS} selects: `b` the plain network, `r` the plan; see {@link answersOf}. */
export interface AnswerColumns {
  readonly b1: number | null;
  readonly b2: number | null;
  readonly b3: number | null;
  readonly b4: number | null;
  readonly b5: number | null;
  readonly bProbabilities: Buffer;
  readonly r1: number | null;
  readonly r2: number | null;
  readonly r3: number | null;
  readonly r4: number | null;
  readonly r5: number | null;
  readonly rProbabilities: Buffer;
}

/** The answers of two joined rows of `results`, named `b` and `r`. */
export const ANSWERS = `
  b.class1 AS b1, b.class2 AS b2, b.class3 AS b3, b.class4 AS b4, b.class5 AS b5, b.probabilities AS bProbabilities,
  r.class1 AS r1, r.class2 AS r2, r.class3 AS r3, r.class4 AS r4, r.class5 AS r5, r.probabilities AS rProbabilities`;

export function answersOf(row: AnswerColumns): { readonly baseline: TopClasses; readonly quantised: TopClasses } {
  return {
    baseline: topOf([row.b1, row.b2, row.b3, row.b4, row.b5], row.bProbabilities),
    quantised: topOf([row.r1, row.r2, row.r3, row.r4, row.r5], row.rProbabilities),
  };
}

/** @param classes of a row, `class1` first */
export function topOf(classes: readonly (number | null)[], probabilities: Buffer): TopClasses {
  const known = classes.filter((one) => one !== null);
  return { classes: known, probabilities: known.map((_, rank) => probabilities.readFloatLE(4 * rank)) };
}
