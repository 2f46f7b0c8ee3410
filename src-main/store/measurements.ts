import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { ImageIdentity, ImportanceResult } from '../../src-shared/analysis.ts';
import { toErrorRecord } from '../../src-shared/errors.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { RESULTS_VERSION, type TopClasses } from '../../src-shared/runs/run-record.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { decodeLayerCounts, encodeLayerCounts } from './layer-counts-blob.ts';
import { hasItsCard, keepOpenedModel, openedModel } from './opened-models.ts';
import { type AnswerColumns, ANSWERS, answersOf, planSha256, ResultRows } from './result-rows.ts';
import { type MeasuredModel, settingsSha256 } from './run-model.ts';
import { openRunStore, type RunStore } from './run-store.ts';
import { dropUnused } from './unused-results.ts';

/** All that decides what an image gives, beside the version of Fovea's numbers. */
export interface MeasurementKey {
  /** SHA-256 of the image file, hexadecimal. */
  readonly image: string;
  readonly model: MeasuredModel;
  readonly plan: PrecisionPlan;
}

/** What one image under one plan gave, with all counts; the energy of any accelerator is priced from it. */
export interface Measurement {
  readonly image: Omit<ImageIdentity, 'path'>;
  readonly baseline: TopClasses;
  readonly quantised: TopClasses;
  readonly importance: ImportanceResult;
  readonly layers: readonly LayerCounts[];
}

/**
 * Bytes that results may take which no run has; beyond, those not used for longest go. An analysis by a network of 26 layers takes
 * 5 kB, by one of 200 layers 30 kB: some thousands of photos under a plan, and less than one large model takes. To measure again
 * what has gone costs a second.
 */
const MOST_BYTES = 64 * 2 ** 20;
/** So far down at once, so that not every analysis drops another. */
const KEPT_SHARE = 0.9;
/** What the rows of an analysis take beside their counts and maps. */
const ROW_BYTES = 256;
/** Uses are told apart by the hour: a look-up seldom writes. */
const USE_MS = 3_600_000;
/** Nobody waits for long to keep what can be measured again. */
const BUSY_TIMEOUT_MS = 500;

export interface MeasurementsOptions {
  /** Fovea's. */
  readonly version: string;
  /** For people, once: why nothing is looked up or kept. */
  readonly note: (message: string) => void;
  readonly mostBytes?: number;
}

/**
 * What images gave under plans, in the store of runs: whatever a run or an analysis measured, by any process, is looked up. Whatever
 * happens to the store, it is measured. The store is opened when it is first needed.
 */
export class Measurements {
  readonly #path: string;
  readonly #options: MeasurementsOptions;
  /** Undefined until it is needed, null when it cannot be used. */
  #store: RunStore | null | undefined;
  #hasNoted = false;

  /** @param path of the store, created where there is none */
  constructor(path: string, options: MeasurementsOptions) {
    this.#path = path;
    this.#options = options;
  }

  close(): void {
    this.#store?.close();
    this.#store = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * A model as it was when it was last opened, or null where that is not known or no longer so.
   * @throws FoveaError `card-…`, `labels-…`
   */
  async model(path: string): Promise<OpenedModel | null> {
    const opened = this.#guarded((store) => openedModel(store, path, this.#options.version));
    return opened && (await hasItsCard(opened)) ? opened : null;
  }

  /** Keeps a model as it was opened. @param stamp see `modelStamp`; of its file before it was opened */
  keepModel(stamp: string, opened: OpenedModel): void {
    if (isWhole(opened)) this.#guarded((store) => keepOpenedModel(store, stamp, opened));
  }

  /** What an analysis measured, to the last digit, or null. */
  find({ image, model, plan }: MeasurementKey): Measurement | null {
    return this.#guarded((store) => {
      const row = store.read(() =>
        store.db
          .prepare<[Buffer, Buffer, Buffer, number, Buffer], AnalysisRow>(FIND)
          .get(
            Buffer.from(model.sha256, 'hex'),
            Buffer.from(settingsSha256(model.settings), 'hex'),
            planSha256(plan),
            RESULTS_VERSION,
            Buffer.from(image, 'hex'),
          ),
      );
      const measurement = row ? measurementOf(row, image, model, plan) : null;
      if (row && measurement) this.#used(store, row);
      return measurement;
    });
  }

  /** Keeps what was measured with all counts. */
  keep({ image, model, plan }: MeasurementKey, measurement: Measurement): void {
    this.#guarded((store) =>
      store.write(() => {
        const { db } = store;
        const rows = new ResultRows(db);
        const modelId = rows.modelId(model);
        const imageId = rows.imageId(image);
        const plainSeries = rows.seriesId(modelId, null, 'basic');
        const series = rows.seriesId(modelId, plan, 'full');
        const { layers, baseline, quantised, importance } = measurement;
        // A run may have measured on another machine, whose arithmetic rounds otherwise: its result stays, and is not this one.
        if (rows.isOther(imageId, plainSeries, baseline) || rows.isOther(imageId, series, quantised)) return;
        rows.add(imageId, plainSeries, baseline, null);
        rows.add(imageId, series, quantised, layers);
        const counts = encodeLayerCounts(layers, 8);
        const maps = encodeImportance(importance);
        db.prepare(
          `INSERT OR REPLACE INTO analyses (result_id, baseline_id, width, height, importance, counts, bytes, used_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(
          rows.idOf(imageId, series),
          rows.idOf(imageId, plainSeries),
          measurement.image.width,
          measurement.image.height,
          maps,
          counts,
          maps.length + Math.ceil(1.5 * counts.length) + ROW_BYTES,
          Date.now(),
        );
        this.#evict(store);
      }),
    );
  }

  #evict(store: RunStore): void {
    const { mostBytes = MOST_BYTES } = this.#options;
    const total = store.db.prepare<[], number>('SELECT ifnull(sum(bytes), 0) FROM analyses').pluck().get()!;
    if (total <= mostBytes) return;
    const oldest = `SELECT result_id FROM (
        SELECT result_id, sum(bytes) OVER (ORDER BY used_at DESC, result_id DESC) AS total FROM analyses)
      WHERE total > :kept`;
    const kept = KEPT_SHARE * mostBytes;
    dropUnused(
      store.db,
      `SELECT image_id, series_id FROM results WHERE id IN (
         SELECT result_id FROM analyses WHERE result_id IN (${oldest})
         UNION SELECT baseline_id FROM analyses WHERE result_id IN (${oldest}))`,
      { kept },
      () => store.db.prepare(`DELETE FROM analyses WHERE result_id IN (${oldest})`).run({ kept }),
    );
  }

  #used(store: RunStore, { result_id, used_at }: AnalysisRow): void {
    const now = Date.now();
    if (Math.abs(now - used_at) < USE_MS) return;
    store.write(() => store.db.prepare('UPDATE analyses SET used_at = ? WHERE result_id = ?').run(now, result_id));
  }

  /** Does something with the store. Whatever fails is no more than a note, the first time. */
  #guarded<Result>(action: (store: RunStore) => Result): Result | null {
    try {
      if (this.#store === undefined) this.#store = openedStore(this.#path);
      return this.#store && action(this.#store);
    } catch (error) {
      const { code, message } = toErrorRecord(error);
      if (!this.#hasNoted) this.#options.note(`nothing is looked up in the run store, or kept there: ${message}`);
      this.#hasNoted = true;
      // Who has it locked will be done with it.
      if (code === 'store-locked') return null;
      this.#store?.close();
      this.#store = null;
      return null;
    }
  }
}

/** Whether a model's digest says all of its weights: those in other files may change without it. */
export function isWhole({ externalFiles }: OpenedModel): boolean {
  return externalFiles.length === 0;
}

function openedStore(path: string): RunStore {
  const store = openRunStore(path, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  // What a power cut takes is measured again. The store stays whole all the same.
  store.db.pragma('synchronous = NORMAL');
  return store;
}

interface AnalysisRow extends AnswerColumns {
  readonly result_id: number;
  readonly used_at: number;
  readonly width: number;
  readonly height: number;
  readonly importance: Buffer;
  readonly counts: Buffer;
}

const FIND = `
  SELECT result_id, used_at, width, height, importance, analyses.counts,
    ${ANSWERS}
  FROM models
  JOIN plans JOIN series ON series.model_id = models.id AND series.plan_id = plans.id AND detail = 'full'
  JOIN results AS r ON r.series_id = series.id
  JOIN images ON images.id = r.image_id
  JOIN analyses ON result_id = r.id
  JOIN results AS b ON b.id = baseline_id
  WHERE models.sha256 = ? AND settings_sha256 = ? AND plans.sha256 = ? AND results_version = ? AND images.sha256 = ?`;

/** Null where the stored counts or maps are not of this model and plan, and so not ours. */
function measurementOf(
  row: AnalysisRow,
  sha256: string,
  { layers }: MeasuredModel,
  plan: PrecisionPlan,
): Measurement | null {
  const cells = plan.regions ** 2;
  if (row.importance.length < 5 * cells) return null;
  try {
    return {
      image: { sha256, width: row.width, height: row.height, remarks: [] },
      ...answersOf(row),
      importance: {
        metric: plan.metric,
        grid: [plan.regions, plan.regions],
        values: Array.from({ length: cells }, (_, cell) => row.importance.readFloatLE(4 * cell)),
        levels: [...row.importance.subarray(4 * cells, 5 * cells)],
        ...levelMapsIn(row.importance.subarray(5 * cells)),
      },
      layers: decodeLayerCounts(row.counts, layers, 8),
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A float32 a cell, which is how they are computed, then a byte a cell, then the maps of layers that found their own, packed. */
function encodeImportance({ values, levels, levelMaps }: ImportanceResult): Buffer {
  const maps = levelMaps ? deflateRawSync(JSON.stringify(levelMaps)) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from(Float32Array.from(values).buffer), Buffer.from(levels), maps]);
}

/** More than the positions of all layers of any image: an altered store does not fill the memory. */
const MAX_MAPS_BYTES = 64 * 2 ** 20;
const levelMapsSchema = z.record(z.string(), z.string());

/** @throws RangeError for what is no such maps */
function levelMapsIn(packed: Buffer): Pick<ImportanceResult, 'levelMaps'> {
  if (packed.length === 0) return {};
  try {
    return {
      levelMaps: levelMapsSchema.parse(
        JSON.parse(inflateRawSync(packed, { maxOutputLength: MAX_MAPS_BYTES }).toString()),
      ),
    };
  } catch (error) {
    throw new RangeError('the stored maps of layers cannot be read', { cause: error });
  }
}
