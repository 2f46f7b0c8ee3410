import { createHash } from 'node:crypto';
import { FoveaError } from '../../src-shared/errors.ts';
import { THIS_PROCESS } from './run-owner.ts';
import { completeRun } from './run-report.ts';
import { openRunStore, type RunStore } from './run-store.ts';

export interface MergeResult {
  /** Ids of the runs that came from the files and were not here before. */
  readonly added: readonly string[];
  /** Ids of the runs whose shards were all here and complete, and are now one. */
  readonly joined: readonly string[];
  /** Shards that still wait for others, or for their own completion. */
  readonly waiting: readonly WaitingShards[];
}

export interface WaitingShards {
  readonly runs: readonly string[];
  readonly name: string;
  readonly count: number;
  /** Shards that are missing or not complete. */
  readonly missing: readonly number[];
}

/**
 * Takes the runs of other stores into this one, and joins shards of one run when all are there. Merging the same file again
 * changes nothing. Files of an older Fovea are migrated in place when they are opened.
 * @param files stores; each is taken whole or not at all
 * @throws FoveaError `run-unknown` where a file does not exist, and what opening a store throws
 */
export function mergeStores(store: RunStore, files: readonly string[], exists: (file: string) => boolean): MergeResult {
  const missing = files.find((file) => !exists(file));
  if (missing !== undefined)
    throw new FoveaError(
      'run-unknown',
      `${missing}: no such file`,
      'Name the files other runs were stored in with --db.',
    );
  const added = files.flatMap((file) => mergeFile(store, file));
  return { added, ...joinShards(store) };
}

function mergeFile(store: RunStore, file: string): string[] {
  // Migrated, and known to be a store of ours, before its tables are read.
  openRunStore(file).close();
  const { db } = store;
  store.read(() => db.prepare('ATTACH ? AS other').run(file));
  try {
    return store.write(() => {
      const added = db
        .prepare<[], string>('SELECT id FROM other.runs WHERE id NOT IN (SELECT id FROM main.runs) ORDER BY id')
        .pluck()
        .all();
      db.exec(COPY);
      return added;
    });
  } finally {
    db.exec('DETACH other');
  }
}

/** Ids differ between stores, digests do not: the temporary tables map the one to the other by the other. */
const COPY = `
CREATE TEMP TABLE new_runs AS SELECT theirs.id FROM other.runs AS theirs LEFT JOIN main.runs AS ours USING (id)
  WHERE ours.id IS NULL OR (ours.status <> 'complete' AND
    (theirs.status = 'complete' OR theirs.finished_count > ours.finished_count));
DELETE FROM main.runs WHERE id IN (SELECT id FROM new_runs);

INSERT INTO main.models (sha256, settings_sha256, settings, layers, labels)
  SELECT sha256, settings_sha256, settings, layers, labels FROM other.models WHERE true ON CONFLICT DO NOTHING;
INSERT INTO main.plans (sha256, plan) SELECT sha256, plan FROM other.plans WHERE true ON CONFLICT DO NOTHING;
INSERT INTO main.images (sha256) SELECT sha256 FROM other.images WHERE true ORDER BY id ON CONFLICT DO NOTHING;

CREATE TEMP TABLE model_ids (theirs INTEGER PRIMARY KEY, ours INTEGER);
INSERT INTO model_ids SELECT theirs.id, ours.id FROM other.models AS theirs
  JOIN main.models AS ours ON ours.sha256 = theirs.sha256 AND ours.settings_sha256 = theirs.settings_sha256;
CREATE TEMP TABLE plan_ids (theirs INTEGER PRIMARY KEY, ours INTEGER);
INSERT INTO plan_ids SELECT theirs.id, ours.id FROM other.plans AS theirs JOIN main.plans AS ours USING (sha256);
CREATE TEMP TABLE image_ids (theirs INTEGER PRIMARY KEY, ours INTEGER);
INSERT INTO image_ids SELECT theirs.id, ours.id FROM other.images AS theirs JOIN main.images AS ours USING (sha256);

INSERT INTO main.series (model_id, plan_id, detail, results_version)
  SELECT m.ours, p.ours, detail, results_version FROM other.series
  JOIN model_ids AS m ON m.theirs = model_id LEFT JOIN plan_ids AS p ON p.theirs = plan_id
  WHERE true ON CONFLICT DO NOTHING;
CREATE TEMP TABLE series_ids (theirs INTEGER PRIMARY KEY, ours INTEGER);
INSERT INTO series_ids SELECT theirs.id, ours.id FROM other.series AS theirs
  JOIN model_ids AS m ON m.theirs = theirs.model_id LEFT JOIN plan_ids AS p ON p.theirs = theirs.plan_id
  JOIN main.series AS ours ON ours.model_id = m.ours AND ifnull(ours.plan_id, 0) = ifnull(p.ours, 0)
    AND ours.detail = theirs.detail AND ours.results_version = theirs.results_version;

INSERT INTO main.results (image_id, series_id, class1, class2, class3, class4, class5, probabilities, mac_weighted_bits)
  SELECT i.ours, s.ours, class1, class2, class3, class4, class5, probabilities, mac_weighted_bits FROM other.results AS r
  JOIN image_ids AS i ON i.theirs = r.image_id JOIN series_ids AS s ON s.theirs = r.series_id
  WHERE true ORDER BY r.id ON CONFLICT DO NOTHING;
INSERT INTO main.layer_counts (result_id, counts)
  SELECT ours.id, counts FROM other.layer_counts
  JOIN other.results AS r ON r.id = result_id
  JOIN image_ids AS i ON i.theirs = r.image_id JOIN series_ids AS s ON s.theirs = r.series_id
  JOIN main.results AS ours ON ours.image_id = i.ours AND ours.series_id = s.ours
  WHERE true ON CONFLICT DO NOTHING;

-- Whoever works on a run over there does not work on the copy: that one was never seen at work.
INSERT INTO main.runs (id, name, note, status, created_at, owner, model_id, model_name, model_path, baseline_id, dataset_path,
    dataset_sha256, labels, detail, seed, shard_index, shard_count, version, seconds, image_count, finished_count, failed_count,
    plan_count, results_sha256)
  SELECT id, name, note, status, created_at, owner, m.ours, model_name, model_path, s.ours, dataset_path, dataset_sha256, labels,
    detail, seed, shard_index, shard_count, version, seconds, image_count, finished_count, failed_count, plan_count, results_sha256
  FROM other.runs JOIN model_ids AS m ON m.theirs = model_id JOIN series_ids AS s ON s.theirs = baseline_id
  WHERE id IN (SELECT id FROM new_runs);
INSERT INTO main.run_plans SELECT run_id, position, s.ours FROM other.run_plans
  JOIN series_ids AS s ON s.theirs = series_id WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_images SELECT run_id, path, label, i.ours FROM other.run_images
  LEFT JOIN image_ids AS i ON i.theirs = image_id WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_failures SELECT run_id, path, code, message, next FROM other.run_failures
  WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_summaries SELECT run_id, summary FROM other.run_summaries WHERE run_id IN (SELECT id FROM new_runs);

DROP TABLE new_runs; DROP TABLE model_ids; DROP TABLE plan_ids; DROP TABLE image_ids; DROP TABLE series_ids;
`;

interface ShardRun {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly index: number;
  readonly count: number;
  /** Text that is the same for all shards of one evaluation, and differs for any other. */
  readonly evaluation: string;
}

const SHARD_RUNS = `
  SELECT runs.id, name, status, shard_index AS "index", shard_count AS count,
    concat_ws(' ', hex(models.sha256), hex(settings_sha256), detail, seed, hex(dataset_sha256), shard_count, (
      SELECT group_concat(results_version || '/' || hex(plans.sha256), ' ' ORDER BY position) FROM run_plans
      JOIN series ON series.id = series_id JOIN plans ON plans.id = plan_id WHERE run_id = runs.id)) AS evaluation
  FROM runs JOIN models ON models.id = model_id
  WHERE shard_count IS NOT NULL ORDER BY shard_count, shard_index, runs.id`;

function joinShards(store: RunStore): Pick<MergeResult, 'joined' | 'waiting'> {
  const runs = store.read(() => store.db.prepare<[], ShardRun>(SHARD_RUNS).all());
  const joined: string[] = [];
  const waiting: WaitingShards[] = [];
  for (const [evaluation, shards] of Map.groupBy(runs, (run) => run.evaluation)) {
    const { count, name } = shards[0]!;
    const complete = new Map(shards.filter(({ status }) => status === 'complete').map((run) => [run.index, run.id]));
    const missing = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !complete.has(index));
    if (missing.length > 0) {
      waiting.push({ runs: shards.map(({ id }) => id), name, count, missing });
      continue;
    }
    // The same shards always make the same run, however often they are merged.
    const id = `merged-${createHash('sha256').update(evaluation).digest('hex').slice(0, 12)}`;
    joinInto(
      store,
      id,
      [...complete.values()],
      shards.map((run) => run.id),
    );
    completeRun(store, id);
    joined.push(id);
  }
  return { joined, waiting };
}

/**
 * @param parts one run a shard, all complete, the first shard first
 * @param remove all runs that the new one makes superfluous
 */
function joinInto(store: RunStore, id: string, parts: readonly string[], remove: readonly string[]): void {
  store.write(() => {
    const { db } = store;
    const ids = JSON.stringify(parts);
    db.prepare('DELETE FROM runs WHERE id = ?').run(id);
    db.prepare(
      `INSERT INTO runs (id, name, note, status, created_at, owner, owner_space, owner_token, seen_at, model_id, model_name,
         model_path, baseline_id, dataset_path, dataset_sha256, labels, detail, seed, version, seconds,
         image_count, finished_count, failed_count, plan_count)
       SELECT :id, name, note, 'running', sums.created_at, :owner, :owner_space, :owner_token, :now, model_id, model_name,
         model_path, baseline_id, dataset_path, dataset_sha256, labels, detail, seed, version, sums.seconds,
         images, finished, failed, plan_count
       FROM runs, (
         SELECT min(created_at) AS created_at, sum(seconds) AS seconds, sum(image_count) AS images,
           sum(finished_count) AS finished, sum(failed_count) AS failed
         FROM runs WHERE id IN (SELECT value FROM json_each(:ids))) AS sums
       WHERE runs.id = :first`,
    ).run({ id, ids, first: parts[0]!, ...THIS_PROCESS, now: Date.now() });
    db.prepare('INSERT INTO run_plans SELECT ?, position, series_id FROM run_plans WHERE run_id = ?').run(
      id,
      parts[0]!,
    );
    db.prepare(
      `INSERT INTO run_images SELECT ?, path, label, image_id FROM run_images
       WHERE run_id IN (SELECT value FROM json_each(?))`,
    ).run(id, ids);
    db.prepare(
      `INSERT INTO run_failures SELECT ?, path, code, message, next FROM run_failures
       WHERE run_id IN (SELECT value FROM json_each(?))`,
    ).run(id, ids);
    db.prepare('DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))').run(JSON.stringify(remove));
  });
}
