import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FoveaError, type FoveaErrorCode } from '../../src-shared/errors.ts';
import { openRunStore, type RunStore } from './run-store.ts';
import { joinedHere, type JoinResult, joinShards } from './shard-join.ts';

export interface MergeResult extends JoinResult {
  /** Ids of the runs that came from the files and were not here before. */
  readonly added: readonly string[];
  /** Ids of the runs that were here, and had come further in the files. */
  readonly updated: readonly string[];
  /** Files that could not be read as stores; nothing of them was taken. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

/** What is wrong with one file, and no reason to leave the others. */
const OF_THE_FILE: readonly FoveaErrorCode[] = ['store-damaged', 'store-newer', 'output-unwritable'];

/**
 * Takes the runs of other stores into this one, and joins shards of one run when all are there; without files, those that are here.
 * Merging the same file again changes nothing, shards that were joined included. Files of an older Fovea are migrated in place when
 * they are opened.
 * @param files stores, or folders of stores (`*.sqlite`); each is taken whole or not at all
 * @param makeReport completes the report of a run that shards were joined into
 * @throws FoveaError `run-unknown` where a file does not exist or a folder has no stores, `bad-argument` where one is this very store,
 * and what opening a store throws where none can be opened
 */
export function mergeStores(
  store: RunStore,
  files: readonly string[],
  makeReport: (runId: string) => void,
): MergeResult {
  const all = files.flatMap((file) => storesOf(file, store));
  const added = new Set<string>();
  const updated = new Set<string>();
  const failed: { path: string; reason: string }[] = [];
  for (const file of all)
    try {
      for (const { id, isHere } of mergeFile(store, file)) if (!added.has(id)) (isHere ? updated : added).add(id);
    } catch (error) {
      if (!(error instanceof FoveaError) || !OF_THE_FILE.includes(error.code) || all.length === 1) throw error;
      failed.push({ path: file, reason: error.message });
    }
  return { added: [...added], updated: [...updated], failed, ...joinShards(store, makeReport) };
}

/** The stores that a name stands for. */
function storesOf(name: string, store: RunStore): string[] {
  if (!existsSync(name))
    throw new FoveaError(
      'run-unknown',
      `${name}: no such file`,
      'Name the files other runs were stored in with --db, or the folder they lie in.',
    );
  if (statSync(name).isDirectory()) {
    const found = readdirSync(name).filter((file) => file.endsWith('.sqlite'));
    if (found.length === 0)
      throw new FoveaError('run-unknown', `${name}: the folder has no stores`, 'Their names end with .sqlite.');
    const order = new Intl.Collator('en', { numeric: true });
    return found
      .sort(order.compare)
      .map((file) => join(name, file))
      .filter((file) => !isSameFile(file, store.path));
  }
  if (isSameFile(name, store.path))
    throw new FoveaError(
      'bad-argument',
      `${name}: this file is the store itself`,
      'Name the files of other stores, or another store with --db; without files, what is here is joined.',
    );
  return [name];
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

interface TakenRun {
  readonly id: string;
  /** Whether it was here before, not as far. */
  readonly isHere: boolean;
}

/** @returns the runs that were taken */
function mergeFile(store: RunStore, file: string): TakenRun[] {
  // Migrated, and known to be a store of ours, before its tables are read.
  openRunStore(file).close();
  const { db } = store;
  store.read(() => db.prepare('ATTACH ? AS other').run(file));
  try {
    return copied(store, file);
  } finally {
    db.exec('DETACH other');
  }
}

function copied(store: RunStore, file: string): TakenRun[] {
  const { db } = store;
  try {
    return store.write(() => {
      const taken = runsToTake(store);
      db.exec('CREATE TEMP TABLE new_runs (id TEXT PRIMARY KEY)');
      const add = db.prepare('INSERT INTO new_runs VALUES (?)');
      for (const { id } of taken) add.run(id);
      db.exec(COPY);
      return taken;
    });
  } catch (error) {
    // SQLite does not say which of the two files it is.
    if (!(error instanceof FoveaError) || error.code !== 'store-damaged' || isSound(store, 'other')) throw error;
    throw new FoveaError('store-damaged', `${file}: the store is damaged; nothing of it was taken`, 'Restore a copy.', {
      cause: error,
    });
  }
}

function isSound({ db }: RunStore, schema: 'other'): boolean {
  try {
    return db.pragma(`${schema}.quick_check(1)`, { simple: true }) === 'ok';
  } catch {
    return false;
  }
}

/** Runs of the other store that are not here, or not as far. What a process works on here is left to it. */
function runsToTake(store: RunStore): TakenRun[] {
  const isJoined = joinedHere(store);
  return store.db
    .prepare<[], { id: string; isHere: 0 | 1 }>(
      `SELECT theirs.id, ours.id IS NOT NULL AS isHere FROM other.runs AS theirs LEFT JOIN main.runs AS ours USING (id)
       WHERE theirs.deleted_at IS NULL AND (ours.id IS NULL OR (ours.status <> 'complete' AND
         (theirs.status = 'complete' OR theirs.finished_count > ours.finished_count))) ORDER BY theirs.id`,
    )
    .all()
    .filter(({ id, isHere }) => (isHere ? !store.isAtWork(id) : !isJoined(id)))
    .map(({ id, isHere }) => ({ id, isHere: isHere === 1 }));
}

/**
 * Ids differ between stores, digests do not: the temporary tables map the one to the other by the other. Results that only an
 * analysis has stay where they are: nothing here would ever need them.
 */
const COPY = `
CREATE TEMP TABLE only_analysed AS SELECT id FROM other.results
  WHERE id IN (SELECT result_id FROM other.analyses UNION SELECT baseline_id FROM other.analyses)
  AND NOT EXISTS (
    SELECT 1 FROM other.run_images JOIN other.runs ON runs.id = run_id
    WHERE run_images.image_id = results.image_id AND (baseline_id = results.series_id OR EXISTS (
      SELECT 1 FROM other.run_plans WHERE run_plans.run_id = runs.id AND run_plans.series_id = results.series_id)));

DELETE FROM main.runs WHERE id IN (SELECT id FROM new_runs);

INSERT INTO main.models (sha256, settings_sha256, settings, layers, labels, left_out)
  SELECT sha256, settings_sha256, settings, layers, labels, left_out FROM other.models WHERE true ON CONFLICT DO NOTHING;
INSERT INTO main.plans (sha256, plan) SELECT sha256, plan FROM other.plans WHERE true ON CONFLICT DO NOTHING;
INSERT INTO main.images (sha256) SELECT sha256 FROM other.images WHERE id IN (SELECT image_id FROM other.run_images)
  ORDER BY id ON CONFLICT DO NOTHING;

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

-- Ids go on from the last: rows are then appended, which takes half the time of looking up where they belong.
CREATE TEMP TABLE last_id AS SELECT ifnull(max(id), 0) AS value FROM main.results;
INSERT INTO main.results (id, image_id, series_id, class1, class2, class3, class4, class5, probabilities, mac_weighted_bits,
    remarks)
  SELECT (SELECT value FROM last_id) + r.id, i.ours, s.ours, class1, class2, class3, class4, class5, probabilities,
    mac_weighted_bits, remarks
  FROM other.results AS r
  JOIN image_ids AS i ON i.theirs = r.image_id JOIN series_ids AS s ON s.theirs = r.series_id
  WHERE r.id NOT IN (SELECT id FROM only_analysed) ORDER BY r.id ON CONFLICT DO NOTHING;
-- What was here before stays, and may have come from a machine that rounds otherwise: what runs tell of results is of others then.
CREATE TEMP TABLE told AS SELECT changes() < (SELECT count(*) FROM other.results) AND EXISTS (
  SELECT 1 FROM other.results AS r LEFT JOIN other.layer_counts AS c ON c.result_id = r.id
  JOIN image_ids AS i ON i.theirs = r.image_id JOIN series_ids AS s ON s.theirs = r.series_id
  JOIN main.results AS ours ON ours.image_id = i.ours AND ours.series_id = s.ours
  LEFT JOIN main.layer_counts AS d ON d.result_id = ours.id
  WHERE ours.id <= (SELECT value FROM last_id) AND (c.counts IS NOT d.counts OR r.probabilities IS NOT ours.probabilities
    OR (r.class1, r.class2, r.class3, r.class4, r.class5)
      IS NOT (ours.class1, ours.class2, ours.class3, ours.class4, ours.class5))) AS otherwise;
INSERT INTO main.layer_counts (result_id, counts)
  SELECT (SELECT value FROM last_id) + result_id, counts FROM other.layer_counts
  WHERE (SELECT value FROM last_id) + result_id IN (SELECT id FROM main.results);

-- Whoever works on a run over there does not work on the copy: that one was never seen at work.
INSERT INTO main.runs (id, name, note, status, created_at, owner, model_id, model_name, model_path, baseline_id, dataset_path,
    dataset_sha256, labels, detail, seed, shard_index, shard_count, version, seconds, image_count, finished_count, failed_count,
    plan_count, results_sha256, starred, archived, first_success, maps_path, chosen_images)
  SELECT id, name, note, status, created_at, owner, m.ours, model_name, model_path, s.ours, dataset_path, dataset_sha256, labels,
    detail, seed, shard_index, shard_count, version, seconds, image_count, finished_count, failed_count, plan_count, results_sha256,
    starred, archived, first_success, maps_path, chosen_images
  FROM other.runs JOIN model_ids AS m ON m.theirs = model_id JOIN series_ids AS s ON s.theirs = baseline_id
  WHERE id IN (SELECT id FROM new_runs);
INSERT INTO main.run_plans SELECT run_id, position, s.ours FROM other.run_plans
  JOIN series_ids AS s ON s.theirs = series_id WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_trials SELECT run_id, s.ours FROM other.run_trials
  JOIN series_ids AS s ON s.theirs = series_id WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_images SELECT run_id, path, label, i.ours FROM other.run_images
  LEFT JOIN image_ids AS i ON i.theirs = image_id WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_failures SELECT run_id, path, code, message, next FROM other.run_failures
  WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_summaries SELECT run_id, summary FROM other.run_summaries WHERE run_id IN (SELECT id FROM new_runs);
INSERT INTO main.run_parts (run_id, shard, paths, numbers, columns)
  SELECT run_id, shard, paths, numbers, columns FROM other.run_parts
  WHERE run_id IN (SELECT id FROM new_runs) AND NOT (SELECT otherwise FROM told);

DROP TABLE last_id; DROP TABLE told; DROP TABLE only_analysed; DROP TABLE new_runs; DROP TABLE model_ids; DROP TABLE plan_ids; DROP TABLE image_ids; DROP TABLE series_ids;
`;
