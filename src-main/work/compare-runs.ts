import { FoveaError } from '../../src-shared/errors.ts';
import { type ComparedRun, compareRuns, type RunComparison } from '../../src-shared/runs/run-comparison.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import { findRun, imageResults, runModel, runPlans } from '../store/run-query.ts';
import type { RunStore } from '../store/run-store.ts';

export interface ComparedRuns {
  readonly compared: readonly ComparedRun[];
  readonly comparison: RunComparison;
  /** Class names by index. */
  readonly labels: readonly string[];
}

/**
 * @param wanted runs by id or name; `RUN:2` means the second plan alone, otherwise all plans of a run are compared
 * @throws FoveaError `bad-argument` when fewer than two plans are named, or a plan the run does not have
 */
export function compareStoredRuns(store: RunStore, wanted: readonly string[], seed: number): ComparedRuns {
  const compared = wanted.flatMap((name) => comparedRuns(store, name));
  if (compared.length < 2)
    throw new FoveaError(
      'bad-argument',
      'a comparison needs two plans or more',
      'Name two runs, or a run of several plans.',
    );
  const { labels } = runModel(store, compared[0]!.run.id);
  return { compared, comparison: compareRuns(compared, seed), labels };
}

function comparedRuns(store: RunStore, wanted: string): ComparedRun[] {
  const { run, planIndex } = splitPlan(store, wanted);
  const plans = runPlans(store, run.id);
  if (planIndex !== null && !plans[planIndex])
    throw new FoveaError('bad-argument', `run ${run.id} has plans 1 to ${plans.length}, not ${planIndex + 1}`, '');
  const side = (index: number): ComparedRun => ({
    run,
    planIndex: index,
    plan: plans[index]!,
    results: Array.from(imageResults(store, run.id, index), ({ counts: _, ...result }) => result),
  });
  return planIndex === null ? plans.map((_, index) => side(index)) : [side(planIndex)];
}

/** A name may end in a colon and a number itself: the whole goes before the part. */
function splitPlan(store: RunStore, wanted: string): { readonly run: RunRecord; readonly planIndex: number | null } {
  const [, name, plan] = /^(.+):(\d+)$/.exec(wanted) ?? [];
  try {
    return { run: findRun(store, wanted), planIndex: null };
  } catch (error) {
    if (name === undefined) throw error;
    return { run: findRun(store, name), planIndex: Number(plan) - 1 };
  }
}
