import type { Database } from 'better-sqlite3';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { CountDetail, DatasetImage, ImageOutcome, TopClasses } from '../../src-shared/runs/run-record.ts';
import { basicLayerCounts } from './layer-counts-blob.ts';
import { type AnswerColumns, ANSWERS, answersOf, ResultRows } from './result-rows.ts';
import { RunHeartbeat } from './run-heartbeat.ts';
import type { RunDatabase } from './run-database.ts';

/** What the store does not have yet of an image; it may have the rest from another run. */
export interface MissingResults {
  readonly baseline: boolean;
  /** Indexes of plans of the run. */
  readonly plans: readonly number[];
}

/** An image's answers, without the counts. */
export interface ImageAnswers extends DatasetImage {
  readonly baseline: TopClasses;
  readonly quantised: TopClasses;
}

/** See {@link RunWriter.trying}. */
interface Trial {
  readonly of: RunWriter;
  readonly series: readonly number[];
  readonly paths: readonly string[] | null;
}

/**
 * Writes the results of one run as they come. What a call has written stays, whatever happens to the process after it. Every
 * method may throw FoveaError `store-locked`, `store-full`, `store-damaged`; the call has then written nothing. Until `rest`
 * other processes see that the run is being worked on.
 */
export class RunWriter {
  readonly runId: string;
  readonly store: RunDatabase;
  readonly #baselineSeries: number;
  /** By index of the plan. */
  #planSeries: readonly number[];
  /** By index of the plan, in a run of basic counts: the same with all counts, or null where the store had none at the start. */
  #fullSeries: readonly (number | null)[];
  /** The run is over for an image that has been written, whatever results that lacks. */
  readonly #firstSuccess: boolean;
  readonly #rows: ResultRows;
  readonly #statements: Statements;
  readonly #heartbeat: RunHeartbeat;
  readonly #trial: Trial | null;

  constructor(store: RunDatabase, runId: string, trial: Trial | null = null) {
    this.runId = runId;
    this.store = store;
    this.#statements = trial ? trial.of.#statements : prepareStatements(store.db);
    this.#baselineSeries = this.#statements.baselineSeries.get(runId)!;
    this.#planSeries = trial?.series ?? this.#statements.planSeries.all(runId);
    this.#fullSeries = this.#statements.fullSeries.all(JSON.stringify(this.#planSeries));
    this.#firstSuccess = this.#statements.firstSuccess.get(runId) === 1;
    this.#rows = trial ? trial.of.#rows : new ResultRows(store.db);
    this.#heartbeat = trial ? trial.of.#heartbeat : new RunHeartbeat(store, runId);
    this.#trial = trial;
  }

  /**
   * A writer for the same run of plans that may be given up: as if they were all of its plans, and the images all of its images. They are
   * plans of the run once `RunStore.addPlan` makes them so; what they have until then counts for nothing there, and stays.
   * @param paths null for all images
   */
  trying(plans: readonly PrecisionPlan[], paths: readonly string[] | null): RunWriter {
    const series = this.store.write(() => {
      this.#heartbeat.beat();
      const { model, detail } = this.#statements.measured.get(this.runId)!;
      return plans.map((plan) => {
        const id = this.#rows.seriesId(model, plan, detail);
        this.#statements.addTrial.run({ run: this.runId, series: id });
        return id;
      });
    });
    return new RunWriter(this.store, this.runId, { of: this, series, paths });
  }

  /** What one of the plans gave for the images that have it, in the order of their paths. @param plan index of the plan */
  answers(plan: number): ImageAnswers[] {
    const of = { run: this.runId, plain: this.#baselineSeries, series: this.#planSeries[plan]!, paths: this.#paths };
    return this.store.read(() =>
      this.#statements.answers.all(of).map((row) => ({ path: row.path, label: row.label, ...answersOf(row) })),
    );
  }

  /** Whether it writes what may be given up, see {@link trying}. */
  get isTrial(): boolean {
    return this.#trial !== null;
  }

  get #paths(): string | null {
    const paths = this.#trial?.paths ?? null;
    return paths && JSON.stringify(paths);
  }

  /** Whether another process has taken the run over: it took this one for gone. */
  get lost(): boolean {
    return this.#heartbeat.lost;
  }

  /** All images of the run, in the order of their paths. */
  images(): DatasetImage[] {
    return this.store.read(() => this.#statements.images.all(this.runId));
  }

  /** Images that have neither all their results nor a failure, in the order of their paths. */
  pending(): DatasetImage[] {
    const all = [...new Set([this.#baselineSeries, ...this.#planSeries])];
    const wanted = { count: this.#firstSuccess ? 1 : all.length, series: JSON.stringify(all), paths: this.#paths };
    return this.store.read(() => this.#statements.pending.all({ run: this.runId, ...wanted }));
  }

  /** Whether the store has any result of this model, plain or under one of the plans. */
  hasResults(): boolean {
    return this.store.read(() =>
      [this.#baselineSeries, ...this.#planSeries, ...this.#fullSeries].some(
        (series) => series !== null && this.#statements.seriesHasResults.get(series) === 1,
      ),
    );
  }

  /** A plan was added to the run. */
  plansChanged(): void {
    this.#planSeries = this.#statements.planSeries.all(this.runId);
    this.#fullSeries = this.#statements.fullSeries.all(JSON.stringify(this.#planSeries));
  }

  /**
   * What is to be measured of an image. Results with all counts serve a run that has fewer: `write` takes them over.
   * @param sha256 of the image file, hexadecimal
   */
  missing(sha256: string): MissingResults {
    return this.store.read(() => {
      const known = this.#seriesOf(sha256);
      const isKnown = (series: number, plan: number) => known.has(series) || known.has(this.#fullSeries[plan] ?? null);
      return {
        baseline: !known.has(this.#baselineSeries),
        plans: this.#planSeries.flatMap((series, plan) => (isKnown(series, plan) ? [] : [plan])),
      };
    });
  }

  /**
   * Writes a batch, all or nothing. An image may come in several batches; it is finished when the store has all its results.
   * @param seconds of work since the last batch
   */
  write(outcomes: readonly ImageOutcome[], seconds: number): void {
    this.store.write(() => {
      this.#heartbeat.beat();
      let finished = 0;
      let failed = 0;
      for (const outcome of outcomes) {
        const { path } = outcome;
        const before = this.#statements.runImage.get(this.runId, path);
        if (!before) throw new Error(`run ${this.runId} has no image ${path}`);
        if ('failure' in outcome) {
          const { code, message, next } = outcome.failure;
          failed += this.#statements.addFailure.run(this.runId, path, code, message, next).changes;
          continue;
        }
        const counts = this.#trial === null;
        const wasFinished = counts && before.image_id !== null && this.#isFinished(outcome.sha256);
        const imageId = this.#rows.imageId(outcome.sha256);
        this.#statements.setImage.run(imageId, this.runId, path);
        failed -= this.#statements.removeFailure.run(this.runId, path).changes;
        if (outcome.baseline) this.#rows.add(imageId, this.#baselineSeries, outcome.baseline, null);
        if (outcome.remarks?.length) this.#rows.remark(imageId, this.#baselineSeries, outcome.remarks);
        for (const { plan, top, layers } of outcome.results)
          this.#rows.add(imageId, this.#planSeries[plan]!, top, layers);
        this.#takeFullResults(imageId);
        if (counts && !wasFinished && this.#isFinished(outcome.sha256)) finished++;
      }
      this.#statements.advance.run(finished, failed, seconds, this.runId);
    });
  }

  /**
   * Ends this sitting, unless nothing is pending.
   * @returns whether nothing is: the run then waits for its report, and is `running` until it has it
   */
  finish(status: 'cancelled' | 'failed'): boolean {
    const isComplete = this.pending().length === 0;
    this.store.write(() => {
      this.#heartbeat.beat();
      if (!isComplete) this.#statements.setStatus.run(status, this.runId);
    });
    if (!isComplete) this.rest();
    return isComplete;
  }

  /** See `RunHeartbeat.keepUp`. */
  keepUp(): void {
    this.#heartbeat.keepUp();
  }

  /** Nothing works on the run here any more, whatever has become of it. */
  rest(): void {
    this.#heartbeat.stop();
  }

  #isFinished(sha256: string): boolean {
    const known = this.#seriesOf(sha256);
    if (this.#firstSuccess) return known.has(this.#baselineSeries);
    return [this.#baselineSeries, ...this.#planSeries].every((series) => known.has(series));
  }

  #seriesOf(sha256: string): ReadonlySet<number | null> {
    return new Set(this.#statements.seriesOfImage.all(Buffer.from(sha256, 'hex')));
  }

  /** Takes the results of a plan that are known in full, as an analysis or a run with all counts has them, for those wanted. */
  #takeFullResults(imageId: number): void {
    this.#planSeries.forEach((series, plan) => {
      const full = this.#fullSeries[plan] ?? null;
      if (full === null) return;
      const taken = this.#statements.takeResult.get(series, imageId, full);
      if (taken === undefined) return;
      this.#rows.addCounts(taken, basicLayerCounts(this.#statements.countsOf.get(imageId, full)!));
    });
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(db: Database) {
  return {
    baselineSeries: db.prepare<[string], number>('SELECT baseline_id FROM runs WHERE id = ?').pluck(),
    firstSuccess: db.prepare<[string], 0 | 1>('SELECT first_success FROM runs WHERE id = ?').pluck(),
    planSeries: db
      .prepare<[string], number>('SELECT series_id FROM run_plans WHERE run_id = ? ORDER BY position')
      .pluck(),
    images: db.prepare<[string], DatasetImage>('SELECT path, label FROM run_images WHERE run_id = ? ORDER BY path'),
    pending: db.prepare<{ run: string; count: number; series: string; paths: string | null }, DatasetImage>(
      `SELECT path, label FROM run_images WHERE run_id = :run
         AND (:paths IS NULL OR path IN (SELECT value FROM json_each(:paths)))
         AND NOT EXISTS (SELECT 1 FROM run_failures AS f WHERE f.run_id = :run AND f.path = run_images.path)
         AND (image_id IS NULL OR :count > (
           SELECT count(*) FROM results WHERE results.image_id = run_images.image_id
             AND series_id IN (SELECT value FROM json_each(:series))))
       ORDER BY path`,
    ),
    measured: db.prepare<[string], { model: number; detail: CountDetail }>(
      'SELECT model_id AS model, detail FROM runs WHERE id = ?',
    ),
    addTrial: db.prepare<{ run: string; series: number }>(
      `INSERT INTO run_trials (run_id, series_id) SELECT :run, :series
       WHERE NOT EXISTS (SELECT 1 FROM run_plans WHERE run_id = :run AND series_id = :series) ON CONFLICT DO NOTHING`,
    ),
    answers: db.prepare<
      { run: string; plain: number; series: number; paths: string | null },
      AnswerColumns & DatasetImage
    >(
      `SELECT path, label, ${ANSWERS} FROM run_images
       CROSS JOIN results AS b ON b.image_id = run_images.image_id AND b.series_id = :plain
       CROSS JOIN results AS r ON r.image_id = run_images.image_id AND r.series_id = :series
       WHERE run_id = :run AND (:paths IS NULL OR path IN (SELECT value FROM json_each(:paths))) ORDER BY path`,
    ),
    seriesHasResults: db.prepare<[number], number>('SELECT EXISTS (SELECT 1 FROM results WHERE series_id = ?)').pluck(),
    seriesOfImage: db
      .prepare<[Buffer], number>(
        'SELECT series_id FROM results WHERE image_id = (SELECT id FROM images WHERE sha256 = ?)',
      )
      .pluck(),
    runImage: db.prepare<[string, string], { image_id: number | null }>(
      'SELECT image_id FROM run_images WHERE run_id = ? AND path = ?',
    ),
    setImage: db.prepare('UPDATE run_images SET image_id = ? WHERE run_id = ? AND path = ?'),
    fullSeries: db
      .prepare<[string], number | null>(
        `SELECT twin.id FROM json_each(?) AS wanted JOIN series AS own ON own.id = wanted.value
         LEFT JOIN series AS twin ON own.detail = 'basic' AND twin.detail = 'full' AND twin.model_id = own.model_id
           AND twin.plan_id = own.plan_id AND twin.results_version = own.results_version
         ORDER BY wanted.key`,
      )
      .pluck(),
    takeResult: db
      .prepare<[number, number, number], number>(
        `INSERT INTO results (image_id, series_id, class1, class2, class3, class4, class5, probabilities, mac_weighted_bits)
         SELECT image_id, ?, class1, class2, class3, class4, class5, probabilities, mac_weighted_bits FROM results
         WHERE image_id = ? AND series_id = ? ON CONFLICT DO NOTHING RETURNING id`,
      )
      .pluck(),
    countsOf: db
      .prepare<[number, number], Buffer>(
        'SELECT counts FROM layer_counts JOIN results ON results.id = result_id WHERE image_id = ? AND series_id = ?',
      )
      .pluck(),
    addFailure: db.prepare(
      'INSERT INTO run_failures (run_id, path, code, message, next) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    removeFailure: db.prepare('DELETE FROM run_failures WHERE run_id = ? AND path = ?'),
    advance: db.prepare(
      `UPDATE runs SET finished_count = finished_count + ?, failed_count = failed_count + ?, seconds = seconds + ?
       WHERE id = ?`,
    ),
    setStatus: db.prepare('UPDATE runs SET status = ? WHERE id = ?'),
  };
}
