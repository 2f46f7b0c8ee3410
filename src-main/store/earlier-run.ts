import { canonicalJson, type RunRecord } from '../../src-shared/runs/run-record.ts';
import { settingsSha256 } from './run-model.ts';
import { listRuns, runPlans } from './run-query.ts';
import type { NewRun, RunStore } from './run-store.ts';

/** What tells an order that is given again. */
export interface Again {
  /** Digest of every image by its path, hexadecimal; null where it cannot be read. */
  readonly digests: ReadonlyMap<string, string | null>;
  /** The run adds plans as it goes: an earlier one may have more. */
  readonly grows: boolean;
}

/**
 * The newest run of the very same order, to go on with instead of beginning another: name and note, model and its settings, plans,
 * images with labels and contents, counts, seed, and Fovea's version. A run that a process is at work on is left to it.
 * @returns its id, or null
 */
export function earlierRun(store: RunStore, order: NewRun, again: Again): string | null {
  const meant = runsOf(store, order, again.grows, (run) => !isRunning(run));
  return meant.find((run) => hasImages(store, run, order, again.digests))?.id ?? null;
}

/**
 * The newest run of the very same order that was stopped or killed: a command that is called again after it, by a person or by a
 * cluster's queue, goes on with it, so that there are no two of one name.
 * @param digests read only where a run may be meant; see {@link Again}
 * @returns its id, or null
 */
export async function unfinishedRun(
  store: RunStore,
  order: NewRun,
  digests: () => Promise<Again['digests']>,
): Promise<string | null> {
  const meant = runsOf(store, order, false, (run) => !isRunning(run) && run.status !== 'complete');
  if (meant.length === 0) return null;
  const own = await digests();
  return meant.find((run) => hasImages(store, run, order, own))?.id ?? null;
}

/**
 * The newest run of the very same order that a process is at work on, as far as can be told without reading a photo.
 * @returns its id, or null
 */
export function runningRun(store: RunStore, order: NewRun, grows: boolean): string | null {
  return runsOf(store, order, grows, isRunning)[0]?.id ?? null;
}

/**
 * The newest run of the very same order and images that a process, this one or another, is at work on.
 * @returns its id, or null
 */
export function sameRunAtWork(store: RunStore, order: NewRun): string | null {
  const running = runsOf(store, order, false, isRunning);
  return running.find((run) => hasImages(store, run, order, null))?.id ?? null;
}

const isRunning = ({ status }: RunRecord) => status === 'running';

/** Runs of an order, their images aside, the newest first. */
function runsOf(
  store: RunStore,
  order: NewRun,
  grows: boolean,
  isMeant: (run: RunRecord) => boolean,
): readonly RunRecord[] {
  return listRuns(store).filter((run) => isMeant(run) && isSameOrder(run, order) && hasPlans(store, run, order, grows));
}

function isSameOrder(
  run: RunRecord,
  { name, note = '', model, dataset, detail, firstSuccess = false, seed, shard, version }: NewRun,
): boolean {
  const of = (one: Pick<RunRecord, 'name' | 'note' | 'detail' | 'firstSuccess' | 'seed' | 'shard' | 'version'>) =>
    [one.name, one.note, one.detail, one.firstSuccess, one.seed, one.shard, one.version] as const;
  return (
    run.model.sha256 === model.sha256 &&
    run.model.settingsSha256 === settingsSha256(model.settings) &&
    run.dataset.path === dataset.path &&
    canonicalJson(run.dataset.labels) === canonicalJson(dataset.labels) &&
    canonicalJson(of(run)) === canonicalJson(of({ name, note, detail, firstSuccess, seed, shard, version }))
  );
}

function hasPlans(store: RunStore, run: RunRecord, { plans }: NewRun, grows: boolean): boolean {
  if (grows ? run.plans < plans.length : run.plans !== plans.length) return false;
  return canonicalJson(runPlans(store, run.id).slice(0, plans.length)) === canonicalJson(plans);
}

/**
 * A photo that was replaced makes another order: what the run has of it is of the old one.
 * @param digests null where the photos themselves are not looked at
 */
function hasImages(
  store: RunStore,
  run: RunRecord,
  { dataset: { images } }: NewRun,
  digests: Again['digests'] | null,
): boolean {
  if (run.images !== images.length) return false;
  const labels = new Map(images.map(({ path, label }) => [path, label]));
  return store
    .read(() =>
      store.db
        .prepare<[string], { path: string; label: number | null; sha256: string | null }>(
          `SELECT path, label, lower(hex(sha256)) AS sha256 FROM run_images LEFT JOIN images ON images.id = image_id
           WHERE run_id = ?`,
        )
        .all(run.id),
    )
    .every(
      ({ path, label, sha256 }) => labels.get(path) === label && (!digests || !sha256 || sha256 === digests.get(path)),
    );
}
