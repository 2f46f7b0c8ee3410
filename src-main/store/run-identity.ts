import { createHash, randomBytes } from 'node:crypto';
import { FoveaError } from '../../src-shared/errors.ts';
import { canonicalJson } from '../../src-shared/runs/run-record.ts';
import { settingsSha256 } from './run-model.ts';
import type { NewRun } from './run-store.ts';

export function unknownRun(id: string): FoveaError {
  return new FoveaError('run-unknown', `no run ${JSON.stringify(id)} in the store`, 'fovea runs list shows all runs.');
}

/** Sorted by time, and unique enough for the stores of a whole laboratory: `20261123-141500-3fa9c2`. */
export function newRunId(): string {
  const [day, time] = new Date().toISOString().replace(/[-:]/g, '').split(/[T.]/);
  return `${day}-${time}-${randomBytes(3).toString('hex')}`;
}

/**
 * The id of a run that any task of a cluster makes: the same order gives the same one on every machine, so that a task that is
 * begun again goes on with its run, and stores that hold it twice are merged into one that has it once.
 * @param dataset digest of all its images and labels, see `datasetDigest`
 */
export function idOfOrder(order: NewRun, dataset: string): string {
  const { name, note = '', model, plans, detail, seed, shard, version } = order;
  // A search adds plans to its first one as it goes.
  const kind = shard ? `shard-${shard.index}-of-${shard.count}` : 'search';
  const parts = [kind, name, note, model.sha256, settingsSha256(model.settings), dataset, detail, seed, version, plans];
  return `${kind}-${createHash('sha256').update(canonicalJson(parts)).digest('hex').slice(0, 12)}`;
}
