import { createHash } from 'node:crypto';
import { dropParts } from './run-part.ts';
import { THIS_PROCESS } from './run-owner.ts';
import type { RunStore } from './run-store.ts';

export interface JoinResult {
  /** Ids of the runs that shards were joined into: all of them, or one that had more than before. */
  readonly joined: readonly string[];
  /** Shards that still wait for others, or for their own completion. */
  readonly waiting: readonly WaitingShards[];
  /** Shards that are named alike and cut alike, and cannot be joined with the others of their name. */
  readonly differing: readonly DifferingShards[];
}

export interface DifferingShards {
  readonly name: string;
  readonly count: number;
  readonly shards: readonly number[];
  /** Most of the shards of that name; what differs is told against them. */
  readonly others: readonly number[];
  readonly differs: readonly ShardDifference[];
}

/** All that shards of one run have in common. */
const IN_COMMON = {
  model: 'model',
  settings: 'way the model is fed, or calibrated ranges',
  plans: 'plans',
  version: 'version of the results',
  images: 'images',
  labels: 'labels',
  detail: 'counts, or how far an oracle goes',
  seed: 'seed',
} as const;
export type ShardDifference = (typeof IN_COMMON)[keyof typeof IN_COMMON];
type Common = Readonly<Record<keyof typeof IN_COMMON, string>>;

export interface WaitingShards {
  readonly runs: readonly string[];
  readonly name: string;
  readonly count: number;
  /** Shards that are missing or not complete. */
  readonly missing: readonly number[];
}

/** Tells which shards of the store attached as `other` add nothing to a run they are joined into here. */
export function joinedHere(store: RunStore): (id: string) => boolean {
  const shards = new Map(shardRuns(store, 'other').map((shard) => [shard.id, shard]));
  return (id) => {
    const shard = shards.get(id);
    if (!shard) return false;
    const joined = joinedId(shard.evaluation);
    if (!hasRun(store, joined)) return false;
    return shard.status !== 'complete' || gainedImages(store, joined, id, 'other').length === 0;
  };
}

interface ShardRun extends Common {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly index: number;
  readonly count: number;
  /** Text that is the same for all shards of one evaluation, and differs for any other. */
  readonly evaluation: string;
}

function shardRuns(store: RunStore, schema: 'main' | 'other'): ShardRun[] {
  return store.db
    .prepare<[], Omit<ShardRun, 'evaluation'>>(
      `SELECT runs.id, name, status, shard_index AS "index", shard_count AS count,
         hex(models.sha256) AS model, hex(settings_sha256) AS settings, runs.detail || first_success AS detail, CAST(seed AS TEXT) AS seed,
         hex(substr(dataset_sha256, 1, 16)) AS images, hex(substr(dataset_sha256, 17)) AS labels,
         group_concat(DISTINCT results_version) AS version, group_concat(hex(plans.sha256), ' ' ORDER BY position) AS plans
       FROM ${schema}.runs JOIN ${schema}.models ON models.id = runs.model_id
       JOIN ${schema}.run_plans ON run_id = runs.id JOIN ${schema}.series ON series.id = series_id
       JOIN ${schema}.plans ON plans.id = plan_id
       WHERE shard_count IS NOT NULL AND deleted_at IS NULL GROUP BY runs.id ORDER BY shard_count, shard_index, runs.id`,
    )
    .all()
    .map((run) => ({ ...run, evaluation: [run.count, ...commonKeys.map((key) => run[key])].join(' ') }));
}

const commonKeys = Object.keys(IN_COMMON) as (keyof typeof IN_COMMON)[];

/** Of several runs of a name cut into as many shards, none of which is whole, the most are right: what differs in the others. */
function differences(groups: readonly (readonly ShardRun[])[]): DifferingShards[] {
  return [...Map.groupBy(groups, ([first]) => `${first!.count} ${first!.name}`).values()].flatMap((alike) => {
    const [most, ...rest] = alike.toSorted((a, b) => b.length - a.length);
    return rest.map((group) => ({
      name: group[0]!.name,
      count: group[0]!.count,
      shards: indexesOf(group),
      others: indexesOf(most!),
      differs: commonKeys.filter((key) => group[0]![key] !== most![0]![key]).map((key) => IN_COMMON[key]),
    }));
  });
}

const indexesOf = (shards: readonly ShardRun[]) => [...new Set(shards.map(({ index }) => index))];

/** The same shards always make the same run, however often they are merged. */
function joinedId(evaluation: string): string {
  return `merged-${createHash('sha256').update(evaluation).digest('hex').slice(0, 12)}`;
}

/**
 * Joins shards of one run when all are there. One that comes later gives what it has beyond the run they are joined into.
 * @param makeReport completes the report of a run that has all its results
 */
export function joinShards(store: RunStore, makeReport: (runId: string) => void): JoinResult {
  const runs = store.read(() => shardRuns(store, 'main'));
  const joined: string[] = [];
  const waiting: WaitingShards[] = [];
  const apart: (readonly ShardRun[])[] = [];
  for (const [evaluation, shards] of Map.groupBy(runs, (run) => run.evaluation)) {
    const id = joinedId(evaluation);
    if (hasRun(store, id)) {
      if (absorb(store, id, shards)) {
        if (pendingImages(store, id) === 0) makeReport(id);
        joined.push(id);
      }
      continue;
    }
    const { count, name } = shards[0]!;
    const complete = new Map(shards.filter(({ status }) => status === 'complete').map((run) => [run.index, run.id]));
    const missing = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !complete.has(index));
    if (missing.length > 0) {
      apart.push(shards);
      waiting.push({ runs: shards.map(({ id }) => id), name, count, missing });
      continue;
    }
    // At once: killed in between, the shards would be gone and the run not be complete.
    store.write(() => {
      joinInto(
        store,
        id,
        [...complete.values()],
        shards.map((run) => run.id),
      );
      makeReport(id);
    });
    joined.push(id);
  }
  return { joined, waiting, differing: differences(apart) };
}

function hasRun(store: RunStore, id: string): boolean {
  return (
    store.db.prepare<[string], number>('SELECT EXISTS (SELECT 1 FROM main.runs WHERE id = ?)').pluck().get(id) === 1
  );
}

interface GainedImage {
  readonly path: string;
  readonly image: number;
}

/** Images a complete shard has results of, and the run that its kind was joined into has not. */
function gainedImages(store: RunStore, joined: string, shard: string, schema: 'main' | 'other'): GainedImage[] {
  return store.db
    .prepare<[string, string], GainedImage>(
      `SELECT path, theirs.image_id AS image FROM main.run_images AS ours JOIN ${schema}.run_images AS theirs USING (path)
       WHERE ours.run_id = ? AND theirs.run_id = ? AND theirs.image_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM ${schema}.run_failures AS f WHERE f.run_id = theirs.run_id AND f.path = theirs.path)
         AND (ours.image_id IS NULL
           OR EXISTS (SELECT 1 FROM main.run_failures AS f WHERE f.run_id = ours.run_id AND f.path = ours.path))`,
    )
    .all(joined, shard);
}

/**
 * Gives a run that shards were joined into what such shards have beyond it, and removes those that had something.
 * @returns whether any had; none has while the run is being worked on
 */
function absorb(store: RunStore, id: string, shards: readonly ShardRun[]): boolean {
  const { db } = store;
  return store.write(() => {
    if (store.isAtWork(id)) return false;
    const setImage = db.prepare('UPDATE run_images SET image_id = ? WHERE run_id = ? AND path = ?');
    const removeFailure = db.prepare('DELETE FROM run_failures WHERE run_id = ? AND path = ?');
    const advance = db.prepare(
      'UPDATE runs SET finished_count = finished_count + 1, failed_count = failed_count - ? WHERE id = ?',
    );
    let hasGained = false;
    for (const shard of shards.filter(({ status }) => status === 'complete')) {
      const gained = gainedImages(store, id, shard.id, 'main');
      for (const { path, image } of gained) {
        setImage.run(image, id, path);
        advance.run(removeFailure.run(id, path).changes, id);
      }
      if (gained.length === 0) continue;
      dropParts(store, id);
      db.prepare('DELETE FROM runs WHERE id = ?').run(shard.id);
      hasGained = true;
    }
    return hasGained;
  });
}

function pendingImages(store: RunStore, id: string): number {
  return store.read(() =>
    store.db
      .prepare<[string], number>(
        `SELECT count(*) FROM run_images LEFT JOIN run_failures USING (run_id, path)
         WHERE run_id = ? AND image_id IS NULL AND code IS NULL`,
      )
      .pluck()
      .get(id)!,
  );
}

/**
 * Makes one run of shards.
 * @param parts one run a shard, all complete, the first shard first
 * @param remove all runs that the new one makes superfluous
 */
function joinInto(store: RunStore, id: string, parts: readonly string[], remove: readonly string[]): void {
  store.write(() => {
    const { db } = store;
    const ids = JSON.stringify(parts);
    db.prepare(
      `INSERT INTO runs (id, name, note, status, created_at, owner, owner_space, owner_token, seen_at, model_id, model_name,
         model_path, baseline_id, dataset_path, dataset_sha256, labels, detail, seed, version, seconds,
         image_count, finished_count, failed_count, plan_count, first_success, maps_path)
       SELECT :id, name, note, 'running', sums.created_at, :owner, :owner_space, :owner_token, :now, model_id, model_name,
         model_path, baseline_id, dataset_path, dataset_sha256, labels, detail, seed, version, sums.seconds,
         images, finished, failed, plan_count, first_success, maps_path
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
    db.prepare('UPDATE run_parts SET run_id = ? WHERE run_id IN (SELECT value FROM json_each(?))').run(id, ids);
    db.prepare('DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))').run(JSON.stringify(remove));
  });
}
