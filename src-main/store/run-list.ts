import { FoveaError } from '../../src-shared/errors.ts';
import type { Comparability, ListedRun } from '../../src-shared/contract/comparison.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import { parsePlan } from '../../src-shared/precision/precision-plan.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import type { RunDatabase } from './run-database.ts';
import { findRun, listRuns } from './run-query.ts';

interface ListedRow {
  readonly id: string;
  readonly starred: 0 | 1;
  readonly archived: 0 | 1;
  readonly plan: string;
  readonly top1: number | null;
  readonly top1Agreement: number | null;
  readonly macWeightedLockstepBits: number | null;
}

/**
 * All runs with what a list shows of them, newest first. Of reports only three figures are read, by SQLite itself: to parse a
 * thousand of them would take seconds.
 */
export function listRunsToShow(store: RunDatabase): ListedRun[] {
  const rows = store.read(() =>
    store.db
      .prepare<[], ListedRow>(
        `SELECT runs.id, starred, archived, plans.plan,
           summary ->> '$.plans[0].top1' AS top1, summary ->> '$.plans[0].top1Agreement' AS top1Agreement,
           summary ->> '$.plans[0].macWeightedLockstepBits' AS macWeightedLockstepBits
         FROM runs
         JOIN run_plans ON run_plans.run_id = runs.id AND position = 0
         JOIN series ON series.id = series_id JOIN plans ON plans.id = plan_id
         LEFT JOIN run_summaries ON run_summaries.run_id = runs.id
         WHERE deleted_at IS NULL`,
      )
      .all(),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const texts = new Map<string, string>();
  const textOf = (plan: string) => {
    let text = texts.get(plan);
    if (text === undefined) texts.set(plan, (text = planText(parsePlan(JSON.parse(plan)))));
    return text;
  };
  return listRuns(store).flatMap((run): ListedRun[] => {
    const row = byId.get(run.id);
    if (!row) return [];
    const { top1, top1Agreement, macWeightedLockstepBits } = row;
    const marks = { starred: row.starred === 1, archived: row.archived === 1 };
    return [{ ...run, ...marks, planText: textOf(row.plan), top1, top1Agreement, macWeightedLockstepBits }];
  });
}

/**
 * Which runs can be put beside a baseline: those of its model that share an image with it, whether they are complete or not.
 * @throws FoveaError `run-unknown`
 */
export function comparableRuns(store: RunDatabase, baseline: string): Comparability[] {
  const base = findRun(store, baseline);
  const shared = new Map(
    store.read(() =>
      store.db
        .prepare<[string], [string, number]>(
          `SELECT run_id, count(*) FROM run_images
           WHERE image_id IN (SELECT image_id FROM run_images WHERE run_id = ?) GROUP BY run_id`,
        )
        .raw()
        .all(base.id),
    ),
  );
  return listRuns(store).map((run) => {
    const images = shared.get(run.id) ?? 0;
    return { runId: run.id, images, reason: reasonAgainst(base, run, images) };
  });
}

function reasonAgainst(base: RunRecord, run: RunRecord, images: number): string | null {
  if (run.model.sha256 !== base.model.sha256) return `other model: ${run.model.id}`;
  if (base.firstSuccess) return 'the baseline stopped at first successes';
  if (run.firstSuccess) return 'stopped at first successes: its plans lack images';
  if (run.finished === 0) return `no image is done yet (${run.status})`;
  return images === 0 ? 'no image in common' : null;
}

/**
 * SHA-256 of an image of a run, hexadecimal.
 * @throws FoveaError `image-missing` for a path that is none of its images
 */
export function imageDigestOf(store: RunDatabase, runId: string, path: string): string {
  const digest = store.read(() =>
    store.db
      .prepare<[string, string], string>(
        `SELECT lower(hex(sha256)) FROM run_images JOIN images ON images.id = image_id WHERE run_id = ? AND path = ?`,
      )
      .pluck()
      .get(runId, path),
  );
  if (digest === undefined)
    throw new FoveaError('image-missing', `${path}: no image of run ${runId}`, 'Open the comparison again.');
  return digest;
}
