import { z } from 'zod';
import { DEFAULT_DEVICE } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { bitsOfNetwork } from '../../src-shared/left-out.ts';
import type { LayerCounts, LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import { parsePlan, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import {
  COUNT_DETAILS,
  type FailedImage,
  type ImageResult,
  labelSourceSchema,
  leftOutSchema,
  type ModelSettings,
  modelSettingsSchema,
  type RemarkedImage,
  type RunRecord,
  type RunReport,
  runReportSchema,
  storedLayersSchema,
} from '../../src-shared/runs/run-record.ts';
import { keepRecent } from '../../src-shared/keep-recent.ts';
import { decodeLayerCounts, lockstepBitsOf } from './layer-counts-blob.ts';
import { type AnswerColumns, ANSWERS, answersOf } from './result-rows.ts';
import { unknownRun } from './run-identity.ts';
import { isWorkedOn } from './run-heartbeat.ts';
import type { SeenOwner } from './run-owner.ts';
import type { RunDatabase } from './run-database.ts';

/** All runs but deleted ones, newest first. */
export function listRuns(store: RunDatabase): RunRecord[] {
  return store.read(() =>
    store.db
      .prepare<[], RunRow>(`${SELECT_RUN} WHERE deleted_at IS NULL ORDER BY created_at DESC, runs.rowid DESC`)
      .all()
      .map((row) => runRecord(store, row)),
  );
}

/** Whether the store has a run, one included that is deleted but can be brought back. */
export function hasRun(store: RunDatabase, id: string): boolean {
  return store.read(() => store.db.prepare('SELECT 1 FROM runs WHERE id = ?').get(id) !== undefined);
}

/**
 * Finds a run by its id, by a beginning of its id, or by its name.
 * @throws FoveaError `run-unknown`, also where several runs are meant
 */
export function findRun(store: RunDatabase, wanted: string): RunRecord {
  const records = store.read(() =>
    store.db
      .prepare<[string], RunRow>(`${SELECT_RUN} WHERE runs.id = ? AND deleted_at IS NULL`)
      .all(wanted)
      .concat(
        store.db
          .prepare<[string, string], RunRow>(
            `${SELECT_RUN} WHERE substr(runs.id, 1, length(?)) = ? AND deleted_at IS NULL`,
          )
          .all(wanted, wanted),
        store.db.prepare<[string], RunRow>(`${SELECT_RUN} WHERE name = ? AND deleted_at IS NULL`).all(wanted),
      )
      .map((row) => runRecord(store, row)),
  );
  const ids = [...new Set(records.map(({ id }) => id))];
  if (records[0]?.id === wanted || ids.length === 1) return records[0]!;
  if (ids.length === 0 || wanted === '') throw unknownRun(wanted);
  throw new FoveaError(
    'run-unknown',
    `${JSON.stringify(wanted)} may be any of ${ids.length} runs: ${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', ...' : ''}`,
    'Give more of the id; fovea runs list shows all.',
  );
}

/** The plans of a run, by index. */
export function runPlans(store: RunDatabase, id: string): PrecisionPlan[] {
  return store.read(() =>
    store.db
      .prepare<[string], string>(
        `SELECT plan FROM run_plans JOIN series ON series.id = series_id JOIN plans ON plans.id = plan_id
         WHERE run_id = ? ORDER BY position`,
      )
      .pluck()
      .all(id)
      .map(planOf),
  );
}

/** Plans as they have been read, by their text: they come again with every question about a run. */
const readPlans = new Map<string, PrecisionPlan>();
const MOST_READ_PLANS = 4096;

function planOf(text: string): PrecisionPlan {
  const plan = readPlans.get(text) ?? parsePlan(JSON.parse(text));
  keepRecent(readPlans, text, plan, MOST_READ_PLANS);
  return plan;
}

/** Paths of the images of a run, relative to its dataset's folder, in the order of their bytes. */
export function runImages(store: RunDatabase, id: string): string[] {
  return store.read(() =>
    store.db.prepare<[string], string>('SELECT path FROM run_images WHERE run_id = ? ORDER BY path').pluck().all(id),
  );
}

/** Digests of the images of a run by path, hexadecimal; null where an image has not been evaluated. */
export function runImageDigests(store: RunDatabase, id: string): Map<string, string | null> {
  const rows = store.read(() =>
    store.db
      .prepare<[string], { path: string; sha256: string | null }>(
        `SELECT path, lower(hex(sha256)) AS sha256 FROM run_images LEFT JOIN images ON images.id = image_id
         WHERE run_id = ? ORDER BY path`,
      )
      .all(id),
  );
  return new Map(rows.map(({ path, sha256 }) => [path, sha256 || null]));
}

/** Digest of one image of a run, hexadecimal; null where it has not been read. */
export function runImageDigest(store: RunDatabase, id: string, path: string): string | null {
  const digest = store.read(() =>
    store.db
      .prepare<[string, string], string>(
        'SELECT lower(hex(sha256)) FROM run_images JOIN images ON images.id = image_id WHERE run_id = ? AND path = ?',
      )
      .pluck()
      .get(id, path),
  );
  return digest ?? null;
}

/**
 * Path of one image of a run, relative to its dataset's folder.
 * @param index in the order of {@link runImages}
 * @throws FoveaError `image-missing`
 */
export function runImage(store: RunDatabase, id: string, index: number): string {
  const path = store.read(() =>
    store.db
      .prepare<[string, number], string>('SELECT path FROM run_images WHERE run_id = ? ORDER BY path LIMIT 1 OFFSET ?')
      .pluck()
      .get(id, index),
  );
  if (path === undefined) throw new FoveaError('image-missing', `run ${id} has no image ${index + 1}`);
  return path;
}

/** What a run keeps of its model; class names by index, none where the model has none. */
export function runModel(
  store: RunDatabase,
  id: string,
): {
  readonly settings: ModelSettings;
  readonly layers: readonly LayerGeometry[];
  /** What of it is no layer; null where it was not noted. */
  readonly leftOut: readonly LeftOutLayer[] | null;
  readonly labels: readonly string[];
} {
  const row = store.read(() =>
    store.db
      .prepare<[string], { settings: string; layers: string; left_out: string | null; labels: string }>(
        'SELECT settings, layers, left_out, models.labels FROM models JOIN runs ON models.id = model_id WHERE runs.id = ?',
      )
      .get(id),
  );
  if (!row) throw unknownRun(id);
  return {
    settings: stored(store, 'the settings of a model', modelSettingsSchema, row.settings),
    layers: stored(store, 'the layers of a model', storedLayersSchema, row.layers),
    leftOut: row.left_out === null ? null : stored(store, 'what a model leaves out', leftOutSchema, row.left_out),
    labels: stored(store, 'the labels of a model', z.array(z.string()), row.labels),
  };
}

/** Images of a run whose colours are remarkable, in the order of their paths. */
export function runRemarks(store: RunDatabase, id: string): RemarkedImage[] {
  const rows = store.read(() =>
    store.db
      .prepare<[string], { path: string; remarks: string }>(
        `SELECT path, remarks FROM runs JOIN run_images ON run_images.run_id = runs.id
         JOIN results ON results.image_id = run_images.image_id AND results.series_id = runs.baseline_id
         WHERE runs.id = ? AND remarks IS NOT NULL ORDER BY path`,
      )
      .all(id),
  );
  return rows.map(({ path, remarks }) => ({
    path,
    remarks: stored(store, 'the remarks on an image', z.array(z.string()), remarks),
  }));
}

export function runFailures(store: RunDatabase, id: string): FailedImage[] {
  return store.read(() =>
    store.db
      .prepare<[string], FailedImage>(
        'SELECT path, code, message AS reason FROM run_failures WHERE run_id = ? ORDER BY path',
      )
      .all(id),
  );
}

/** The report a finished run was given, or null. */
export function storedReport(store: RunDatabase, id: string): RunReport | null {
  const text = store.read(() =>
    store.db.prepare<[string], string>('SELECT summary FROM run_summaries WHERE run_id = ?').pluck().get(id),
  );
  return text === undefined ? null : stored(store, `the report of run ${id}`, runReportSchema, text);
}

/** An image's result with its counts, as stored bytes. */
export interface StoredImageResult extends ImageResult {
  readonly counts: Buffer;
}

/** Rows read at a time: between them others may write, and memory stays flat. */
const PAGE = 2000;

/**
 * What one plan of a run gave for each finished image, in the order of their paths.
 * @param plan index of the plan
 */
export function* imageResults(store: RunDatabase, id: string, plan: number): Generator<StoredImageResult> {
  const series = store.read(() =>
    store.db
      .prepare<[string, number], { baseline: number; plan: number }>(
        `SELECT baseline_id AS baseline, series_id AS plan FROM run_plans JOIN runs ON runs.id = run_id
         WHERE run_id = ? AND position = ?`,
      )
      .get(id, plan),
  );
  if (!series) throw unknownRun(`${id}, plan ${plan + 1}`);
  const { layers, leftOut } = runModel(store, id);
  const ofNetwork = (bits: number) => bitsOfNetwork(bits, layers, leftOut ?? []);
  // CROSS JOIN keeps the order of the tables: the images lead, so rows come sorted without sorting.
  const page = store.db.prepare<[number, number, string, string, number], ResultRow>(
    `SELECT run_images.path, label, hex(sha256) AS sha256,
       ${ANSWERS},
       r.mac_weighted_bits AS macWeightedBits, counts
     FROM run_images
     CROSS JOIN images ON images.id = run_images.image_id
     CROSS JOIN results AS b ON b.image_id = run_images.image_id AND b.series_id = ?
     CROSS JOIN results AS r ON r.image_id = run_images.image_id AND r.series_id = ?
     CROSS JOIN layer_counts ON layer_counts.result_id = r.id
     WHERE run_images.run_id = ? AND run_images.path > ? ORDER BY run_images.path LIMIT ?`,
  );
  for (let after = ''; ;) {
    const results = store.read(() =>
      page.all(series.baseline, series.plan, id, after, PAGE).map((row) => ({
        path: row.path,
        sha256: row.sha256.toLowerCase(),
        label: row.label,
        ...answersOf(row),
        macWeightedBits: ofNetwork(row.macWeightedBits),
        macWeightedLockstepBits: ofNetwork(lockstepBitsOf(row.counts, layers)),
        counts: row.counts,
      })),
    );
    yield* results;
    if (results.length < PAGE) return;
    after = results.at(-1)!.path;
  }
}

/** @param layers of the run's model */
export function countsOf(
  store: RunDatabase,
  result: StoredImageResult,
  layers: readonly LayerGeometry[],
): LayerCounts[] {
  return store.read(() => decodeLayerCounts(result.counts, layers));
}

const SELECT_RUN = `
  SELECT runs.id, name, note, status, created_at, owner, owner_space, owner_token, seen_at, model_name, model_path,
    hex(models.sha256) AS model_sha256, hex(settings_sha256) AS settings_sha256,
    iif(json_valid(settings), settings ->> '$.device', NULL) AS device, dataset_path, runs.labels, plan_count, image_count, finished_count, failed_count,
    detail, seed, shard_index, shard_count, version, seconds, hex(results_sha256) AS results_sha256, first_success,
    maps_path, chosen_images
  FROM runs JOIN models ON models.id = model_id`;

interface RunRow extends SeenOwner {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly status: 'running' | 'complete' | 'cancelled' | 'failed';
  readonly created_at: string;
  readonly model_name: string;
  readonly model_path: string;
  readonly model_sha256: string;
  readonly settings_sha256: string;
  readonly device: string | null;
  readonly dataset_path: string;
  readonly labels: string;
  readonly plan_count: number;
  readonly image_count: number;
  readonly finished_count: number;
  readonly failed_count: number;
  readonly detail: string;
  readonly seed: number;
  readonly shard_index: number | null;
  readonly shard_count: number | null;
  readonly version: string;
  readonly seconds: number;
  readonly results_sha256: string;
  readonly first_success: 0 | 1;
  readonly maps_path: string | null;
  readonly chosen_images: 0 | 1;
}

interface ResultRow extends AnswerColumns {
  readonly path: string;
  readonly label: number | null;
  readonly sha256: string;
  readonly macWeightedBits: number;
  readonly counts: Buffer;
}

function runRecord(store: RunDatabase, row: RunRow): RunRecord {
  return {
    id: row.id,
    name: row.name,
    note: row.note,
    status: row.status === 'running' && !isWorkedOn(row.id, row, Date.now()) ? 'interrupted' : row.status,
    createdAt: row.created_at,
    model: {
      id: row.model_name,
      path: row.model_path,
      sha256: row.model_sha256.toLowerCase(),
      settingsSha256: row.settings_sha256.toLowerCase(),
      device: row.device ?? DEFAULT_DEVICE,
    },
    dataset: {
      path: row.dataset_path,
      labels: stored(store, `the labels of run ${row.id}`, labelSourceSchema, row.labels),
      ...(row.maps_path === null ? {} : { maps: row.maps_path }),
      ...(row.chosen_images === 1 ? { chosen: true } : {}),
    },
    plans: row.plan_count,
    images: row.image_count,
    finished: row.finished_count,
    failed: row.failed_count,
    detail: z.enum(COUNT_DETAILS).parse(row.detail),
    firstSuccess: row.first_success === 1,
    seed: row.seed,
    shard:
      row.shard_index === null || row.shard_count === null ? null : { index: row.shard_index, count: row.shard_count },
    version: row.version,
    seconds: row.seconds,
    resultsSha256: row.results_sha256 === '' ? null : row.results_sha256.toLowerCase(),
  };
}

/** A store may come from elsewhere (merge), so what is kept as JSON is held against its schema. */
function stored<Schema extends z.ZodType>(
  store: RunDatabase,
  what: string,
  schema: Schema,
  text: string,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new FoveaError('store-damaged', `${store.path}: ${what} cannot be read`, 'Restore a copy of the store.', {
      cause: error,
    });
  }
}
