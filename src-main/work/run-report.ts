import { planClaims } from '../../src-shared/runs/plan-claims.ts';
import { KEEPS } from '../../src-shared/runs/policies.ts';
import { oracleReport, policyReports } from '../../src-shared/runs/policy-reports.ts';
import { planReport, type RunReport } from '../../src-shared/runs/run-record.ts';
import { costInterval } from '../../src-shared/runs/statistics.ts';
import type { RunDatabase } from '../store/run-database.ts';
import { resultsDigest } from '../store/run-digest.ts';
import { dropParts, joinedParts, keepPart, type RunPart } from '../store/run-part.ts';
import { findRun, runImages, runModel, runPlans, storedReport } from '../store/run-query.ts';
import type { RunWriter } from '../store/run-writer.ts';
import { patiently } from './patience.ts';
import { keepColumns, readColumns } from './read-columns.ts';
import { emptyTally, outcomesOf, readPart } from './read-outcomes.ts';

/** The report of a run: the one it was completed with, else of what is there so far. */
export function runReport(store: RunDatabase, runId: string): RunReport {
  return storedReport(store, runId) ?? makeReport(store, runId, readPart(store, runId));
}

/**
 * The same for a window that looks at a run twice a second while it goes, in a third of the time: of a run that is not complete without
 * the intervals of what plans and policies cost, and without what is claimed of them, which it does not show.
 */
export function shownReport(store: RunDatabase, runId: string): RunReport {
  return (
    storedReport(store, runId) ??
    makeReport(store, runId, readPart(store, runId, { digests: false }), { statistics: false })
  );
}

/**
 * Ends a sitting at a run: one with nothing pending is complete, and gets its report and the digest of its results, however long that has to wait
 * for another process. One that was stopped waits for nobody: unmarked it counts as interrupted, and goes on as well.
 */
export async function finishRun(writer: RunWriter, status: 'cancelled' | 'failed' = 'cancelled'): Promise<void> {
  const end = () => writer.finish(status);
  try {
    if (writer.pending().length > 0 ? end() : await patiently(end))
      await patiently(countedUp(writer.store, writer.runId, () => writer.keepUp()));
  } finally {
    writer.rest();
  }
}

/** Gives a run that has all its results its report and its digest. */
export function completeRun(store: RunDatabase, runId: string): void {
  countedUp(store, runId)();
}

/**
 * Makes the report and the digest of a run that has all its results. Of shards that were joined they are made from what those tell of theirs.
 * @param keepUp called over and over: of many results this takes minutes
 * @returns what writes them
 */
function countedUp(store: RunDatabase, runId: string, keepUp?: () => void): () => void {
  const { shard } = findRun(store, runId);
  const paths = runImages(store, runId);
  const joined = joinedParts(store, runId, paths, runPlans(store, runId).length, runModel(store, runId).layers);
  const { part, columns } = joined ?? { part: readPart(store, runId, { keepUp }), columns: readColumns(store, runId) };
  keepUp?.();
  const report = makeReport(store, runId, part);
  return () =>
    store.write(() => {
      keepColumns(store, runId, columns);
      dropParts(store, runId);
      if (shard) keepPart(store, runId, { part, columns, shard: shard.index });
      store.db
        .prepare(
          `UPDATE runs SET status = 'complete', finished_count = image_count - failed_count, results_sha256 = ?
           WHERE id = ?`,
        )
        .run(resultsDigest(part.digests), runId);
      store.db
        .prepare('INSERT OR REPLACE INTO run_summaries (run_id, summary) VALUES (?, ?)')
        .run(runId, JSON.stringify(report));
    });
}

function makeReport(store: RunDatabase, runId: string, part: RunPart, { statistics = true } = {}): RunReport {
  const run = findRun(store, runId);
  const { firstSuccess } = run;
  const seed = statistics ? run.seed : null;
  const outcomes = outcomesOf(store, runId, part);
  const { leftOut } = runModel(store, runId);
  const asked = [...outcomes.plans.keys()].slice(0, outcomes.asked);
  if (firstSuccess)
    return {
      plans: outcomes.plans.map(({ plan }, index) =>
        planReport(plan, emptyTally(), null, null, [], { control: index >= outcomes.asked, claims: null }),
      ),
      policies:
        outcomes.judged.length === 0 ? [] : KEEPS.map((keeps) => oracleReport(outcomes, keeps, asked, seed, [])),
      leftOut,
    };
  const claims = statistics ? planClaims(outcomes) : [];
  return {
    plans: outcomes.plans.map(({ plan, tally, bits, lockstepBits, layers }, index) => {
      const interval = (values: readonly number[]) => (seed === null ? null : costInterval(values, { seed }));
      return planReport(plan, tally, interval(bits), interval(lockstepBits), layers, {
        control: index >= outcomes.asked,
        claims: claims[index] ?? null,
      });
    }),
    policies: KEEPS.flatMap((keeps) => policyReports(outcomes, keeps, asked, seed)),
    leftOut,
  };
}
