import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src-shared/runs/run-record.ts';
import { settingsSha256 } from './run-model.ts';
import type { NewRun } from './run-store.ts';

/**
 * The id of a run that any task of a cluster makes: the same order gives the same one on every machine, so that a task that is
 * begun again goes on with its run, and stores that hold it twice are merged into one that has it once.
 * @param dataset digest of all its images and labels, see `datasetDigest`
 */
export function idOfOrder(order: NewRun, dataset: string): string {
  const { name, note = '', model, plans, detail, firstSuccess = false, seed, shard, version } = order;
  // A search adds plans to its first one as it goes.
  const kind = shard ? `shard-${shard.index}-of-${shard.count}` : 'search';
  const parts = [
    kind,
    name,
    note,
    model.sha256,
    settingsSha256(model.settings),
    dataset,
    detail,
    firstSuccess,
    seed,
    version,
    plans,
  ];
  return `${kind}-${createHash('sha256').update(canonicalJson(parts)).digest('hex').slice(0, 12)}`;
}
