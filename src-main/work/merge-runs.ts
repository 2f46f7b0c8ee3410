import { type MergeResult, mergeStores } from '../store/run-merge.ts';
import { openRunStore, type RunStore } from '../store/run-store.ts';
import type { Bench } from './bench.ts';
import { completeRun } from './run-report.ts';

/**
 * Takes the runs of other stores into the store of a bench, and joins shards.
 * @throws FoveaError as `mergeStores`
 */
export function mergeRuns({ db }: Pick<Bench, 'db'>, files: readonly string[]): MergeResult {
  using store = openRunStore(db, { isFilled: true });
  return mergeInto(store, files);
}

/** The same with a store that is open. */
export function mergeInto(store: RunStore, files: readonly string[]): MergeResult {
  return mergeStores(store, files, (id) => completeRun(store, id));
}
