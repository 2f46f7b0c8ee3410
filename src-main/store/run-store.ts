import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import {
  canonicalJson,
  type CountDetail,
  type DatasetImage,
  type LabelSource,
  RESULTS_VERSION,
  type RunModel,
  type Shard,
} from '../../src-shared/runs/run-record.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { ResultRows } from './result-rows.ts';
import { newRunId, unknownRun } from './run-identity.ts';
import type { MeasuredModel } from './run-model.ts';
import { isWorkedOn } from './run-heartbeat.ts';
import { runAtWork, type SeenOwner, THIS_PROCESS } from './run-owner.ts';
import { RunDatabase } from './run-database.ts';
import { dropParts } from './run-part.ts';
import { RunWriter } from './run-writer.ts';
import { dropUnused } from './unused-results.ts';
import { isWriteProtected, openSqliteFile, openSqliteFileToRead } from '../files/sqlite-file.ts';

/** "Fove", as four bytes. */
const APPLICATION_ID = 0x466f7665;

export interface NewRun {
  /** Where the run was announced before it could be begun; default: a new one. */
  readonly id?: string;
  readonly name: string;
  readonly note?: string;
  readonly model: MeasuredModel & Pick<RunModel, 'id' | 'path'>;
  readonly dataset: {
    /** Absolute path of the folder. */
    readonly path: string;
    readonly labels: LabelSource;
    /** See `RunRecord.dataset.maps`. */
    readonly maps?: string;
    /** See `RunRecord.dataset.chosen`. */
    readonly chosen?: boolean;
    /** Of all images and labels before cutting into shards, hexadecimal; null where it is not known. A shard needs it. */
    readonly sha256: string | null;
    /** Of a shard: its own images alone. */
    readonly images: readonly DatasetImage[];
  };
  /** At least one, all different. */
  readonly plans: readonly PrecisionPlan[];
  readonly detail: CountDetail;
  /** See `RunRecord.firstSuccess`. Default: false. */
  readonly firstSuccess?: boolean;
  readonly seed: number;
  readonly shard: Shard | null;
  /** Fovea's. */
  readonly version: string;
}

/** What people mark runs with. */
export interface RunMarks {
  readonly starred?: boolean | undefined;
  readonly archived?: boolean | undefined;
}

export interface StoreOptions {
  /** Milliseconds to wait for another process that writes; default 5000. */
  readonly busyTimeoutMs?: number;
  /** See `SqliteFileOptions.isFilled`. */
  readonly isFilled?: boolean;
  /** For tests of migrations to come. */
  readonly migrations?: readonly string[];
}

/**
 * Opens the store of runs, creating it where there is none.
 * @throws FoveaError `store-damaged`, `store-newer`, `store-locked`, `store-full`, `output-unwritable`
 */
export function openRunStore(path: string, { migrations = MIGRATIONS, ...options }: StoreOptions = {}): RunStore {
  return new RunStore(path, openSqliteFile(path, { ...options, applicationId: APPLICATION_ID, migrations }));
}

/**
 * Opens the store of runs for what changes nothing in it: one that cannot be written is read as it is, and none is made.
 * @throws FoveaError as {@link openRunStore} does
 */
export function openRunStoreToRead(path: string): RunStore {
  if (existsSync(path) && !isWriteProtected(path)) return openRunStore(path);
  return new RunStore(path, openSqliteFileToRead(path, { applicationId: APPLICATION_ID, migrations: MIGRATIONS }));
}

/** All runs of a user, in one SQLite file. Every method may throw FoveaError `store-damaged`, `store-locked`, `store-full`. */
export class RunStore extends RunDatabase {
  readonly #rows: ResultRows;

  constructor(path: string, db: Database.Database) {
    super(path, db);
    this.#rows = new ResultRows(db);
  }

  /**
   * Begins a run: from now on it is listed, and can be resumed whatever happens.
   * @throws FoveaError `store-locked` when another process has begun the run of this id
   */
  createRun(run: NewRun): RunWriter {
    const id = run.id ?? newRunId();
    this.write(() => {
      const other = this.#ownerOf(id);
      if (other) throw runAtWork(id, other, Date.now());
      const modelId = this.#rows.modelId(run.model);
      const baselineId = this.#rows.seriesId(modelId, null, 'basic');
      this.db
        .prepare(
          `INSERT INTO runs (id, name, note, status, created_at, owner, owner_space, owner_token, seen_at,
             model_id, model_name, model_path, baseline_id, dataset_path, dataset_sha256, labels, detail, seed,
             shard_index, shard_count, version, seconds, image_count, finished_count, failed_count, plan_count, first_success,
             maps_path, chosen_images)
           VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0, ?, ?, ?, ?)`,
        )
        .run(
          id,
          run.name,
          run.note ?? '',
          new Date().toISOString(),
          THIS_PROCESS.owner,
          THIS_PROCESS.owner_space,
          THIS_PROCESS.owner_token,
          Date.now(),
          modelId,
          run.model.id,
          run.model.path,
          baselineId,
          run.dataset.path,
          run.dataset.sha256 && Buffer.from(run.dataset.sha256, 'hex'),
          canonicalJson(run.dataset.labels),
          run.detail,
          run.seed,
          run.shard?.index ?? null,
          run.shard?.count ?? null,
          run.version,
          run.dataset.images.length,
          run.plans.length,
          Number(run.firstSuccess ?? false),
          run.dataset.maps ?? null,
          Number(run.dataset.chosen ?? false),
        );
      const addPlan = this.db.prepare('INSERT INTO run_plans (run_id, position, series_id) VALUES (?, ?, ?)');
      run.plans.forEach((plan, position) => addPlan.run(id, position, this.#rows.seriesId(modelId, plan, run.detail)));
      const addImage = this.db.prepare('INSERT INTO run_images (run_id, path, label) VALUES (?, ?, ?)');
      for (const { path, label } of run.dataset.images) addImage.run(id, path, label);
    });
    return new RunWriter(this, id);
  }

  /**
   * Goes on with a run that was cancelled, failed or interrupted. Images that failed are pending again: a damaged file fails
   * again, one that was out of reach may not. A run with results of an older {@link RESULTS_VERSION} begins anew.
   * @param folder absolute path of the dataset, where it has moved
   * @param maps absolute path of its maps, where they have
   * @throws FoveaError `run-unknown`, or `store-locked` when another process is at work on it
   */
  resumeRun(id: string, folder?: string, maps?: string): RunWriter {
    this.write(() => {
      this.#requireIdle(id);
      this.db
        .prepare(
          `UPDATE runs SET status = 'running', owner = :owner, owner_space = :owner_space, owner_token = :owner_token,
             seen_at = :now, dataset_path = ifnull(:folder, dataset_path), maps_path = ifnull(:maps, maps_path), failed_count = 0,
             results_sha256 = NULL
           WHERE id = :id`,
        )
        .run({ ...THIS_PROCESS, now: Date.now(), folder: folder ?? null, maps: maps ?? null, id });
      this.db.prepare('DELETE FROM run_summaries WHERE run_id = ?').run(id);
      this.db.prepare('DELETE FROM run_columns WHERE run_id = ?').run(id);
      dropParts(this, id);
      this.db.prepare('DELETE FROM run_failures WHERE run_id = ?').run(id);
      this.#dropOldResults(id);
    });
    return new RunWriter(this, id);
  }

  /** Adds a plan to a run that it was tried for, on all images: they are finished as they were. See {@link RunWriter.trying}. */
  addPlan(id: string, plan: PrecisionPlan): void {
    this.write(() => {
      const run = this.db
        .prepare<[string], { model_id: number; detail: CountDetail; plan_count: number }>(
          'SELECT model_id, detail, plan_count FROM runs WHERE id = ?',
        )
        .get(id);
      if (!run) throw unknownRun(id);
      const series = this.#rows.seriesId(run.model_id, plan, run.detail);
      this.db
        .prepare('INSERT INTO run_plans (run_id, position, series_id) VALUES (?, ?, ?)')
        .run(id, run.plan_count, series);
      this.db.prepare('UPDATE runs SET plan_count = plan_count + 1 WHERE id = ?').run(id);
      this.db.prepare('DELETE FROM run_trials WHERE run_id = ? AND series_id = ?').run(id, series);
    });
  }

  /** Whether a process, this one or another, works on a run. */
  isAtWork(id: string): boolean {
    const run = this.read(() => this.#ownerOf(id));
    return run?.status === 'running' && isWorkedOn(id, run, Date.now());
  }

  /** The process that a run is in the hands of, as it was last seen; null where it is in none. */
  ownerOf(id: string): SeenOwner | null {
    const run = this.read(() => this.#ownerOf(id));
    return run?.status === 'running' ? run : null;
  }

  /** How far the run of an id is, deleted or not; null where there is none. */
  statusOf(id: string): string | null {
    return this.read(() => this.#ownerOf(id)?.status ?? null);
  }

  renameRun(id: string, name: string): void {
    this.#updateRun('UPDATE runs SET name = ? WHERE id = ?', name, id);
  }

  noteRun(id: string, note: string): void {
    this.#updateRun('UPDATE runs SET note = ? WHERE id = ?', note, id);
  }

  /** Marks a run, or takes the mark away: what is not given stays. */
  markRun(id: string, { starred, archived }: RunMarks): void {
    const bit = (mark: boolean | undefined) => (mark === undefined ? null : Number(mark));
    const sql = 'UPDATE runs SET starred = ifnull(?, starred), archived = ifnull(?, archived) WHERE id = ?';
    const changes = this.write(() => this.db.prepare(sql).run(bit(starred), bit(archived), id).changes);
    if (changes === 0) throw unknownRun(id);
  }

  /**
   * Takes a run out of sight, to be brought back or purged later.
   * @throws FoveaError `run-unknown`, or `store-locked` when a process is at work on it
   */
  hideRun(id: string): void {
    this.write(() => {
      this.#requireIdle(id);
      this.db.prepare('UPDATE runs SET deleted_at = ? WHERE id = ?').run(Date.now(), id);
    });
  }

  /** @throws FoveaError `run-unknown` where it is gone for good */
  restoreRun(id: string): void {
    const changes = this.write(() => this.db.prepare('UPDATE runs SET deleted_at = NULL WHERE id = ?').run(id).changes);
    if (changes === 0) throw unknownRun(id);
  }

  /**
   * Removes for good what was deleted before a point of time, in milliseconds since 1970.
   * @returns the ids of what is gone
   */
  purgeRuns(before: number): string[] {
    const ids = this.read(() =>
      this.db.prepare<[number], string>('SELECT id FROM runs WHERE deleted_at < ?').pluck().all(before),
    );
    if (ids.length > 0) this.deleteRuns(ids);
    return ids;
  }

  /**
   * Removes runs and the results that no other run and no analysis has, and gives the room back.
   * @throws FoveaError `run-unknown`, or `store-locked` when a process is at work on one of them; then none is removed
   */
  deleteRuns(ids: readonly string[]): void {
    this.write(() => {
      for (const id of ids) {
        this.#requireIdle(id);
        this.#freeing(id, () => this.db.prepare('DELETE FROM runs WHERE id = ?').run(id));
      }
    });
    this.read(() => this.db.pragma('incremental_vacuum'));
  }

  /** Results of an older version are neither gone on with nor mixed with new ones: all images are pending again. */
  #dropOldResults(id: string): void {
    const plans = this.db
      .prepare<
        [string],
        { position: number; plan_id: number; model_id: number; detail: CountDetail; results_version: number }
      >(
        `SELECT position, plan_id, model_id, detail, results_version FROM run_plans JOIN series ON series.id = series_id
         WHERE run_id = ?`,
      )
      .all(id);
    if (plans.every(({ results_version }) => results_version === RESULTS_VERSION)) return;
    this.#freeing(id, () => {
      this.db.prepare('DELETE FROM run_trials WHERE run_id = ?').run(id);
      const setPlan = this.db.prepare('UPDATE run_plans SET series_id = ? WHERE run_id = ? AND position = ?');
      for (const { position, plan_id, model_id, detail } of plans)
        setPlan.run(this.#rows.seriesOfPlan(model_id, plan_id, detail), id, position);
      this.db
        .prepare('UPDATE runs SET baseline_id = ?, finished_count = 0 WHERE id = ?')
        .run(this.#rows.seriesId(plans[0]!.model_id, null, 'basic'), id);
      // Which of its results an image would need nothing but a new climb tells.
      this.db
        .prepare(
          'UPDATE run_images SET image_id = NULL WHERE run_id = ? AND (SELECT first_success FROM runs WHERE id = run_id)',
        )
        .run(id);
      this.db.prepare('UPDATE run_images SET image_id = NULL WHERE run_id = ?').run(id);
    });
  }

  /** Makes a change after which a run no longer has the results it has, and removes those nothing else has. */
  #freeing(id: string, change: () => void): void {
    dropUnused(
      this.db,
      `SELECT image_id, series_id FROM run_images,
         (SELECT series_id FROM run_plans WHERE run_id = :id UNION SELECT series_id FROM run_trials WHERE run_id = :id
          UNION SELECT baseline_id FROM runs WHERE id = :id)
       WHERE run_id = :id AND image_id IS NOT NULL`,
      { id },
      change,
    );
  }

  /** @throws FoveaError `run-unknown`, or `store-locked` when a process is at work on it */
  #requireIdle(id: string): void {
    const run = this.#ownerOf(id);
    if (!run) throw unknownRun(id);
    if (this.isAtWork(id)) throw runAtWork(id, run, Date.now());
  }

  #ownerOf(id: string): (SeenOwner & { readonly status: string }) | undefined {
    return this.db
      .prepare<[string], SeenOwner & { readonly status: string }>(
        'SELECT status, owner, owner_space, owner_token, seen_at FROM runs WHERE id = ?',
      )
      .get(id);
  }

  #updateRun(sql: string, value: string, id: string): void {
    const changes = this.write(() => this.db.prepare(sql).run(value, id).changes);
    if (changes === 0) throw unknownRun(id);
  }
}
