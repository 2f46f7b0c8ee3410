import { FoveaError } from '../../src-shared/errors.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { listRuns } from '../store/run-query.ts';
import type { RunDatabase } from '../store/run-database.ts';
import type { Bench } from './bench.ts';

/**
 * Takes an installed model out of sight; `ModelLibrary.restore` brings it back for ten minutes at least.
 * @returns how many stored runs were measured with it: they keep their figures
 * @throws FoveaError `not-allowed` for a model that comes with Fovea, that is not installed, or that a run is at work with; `output-unwritable`
 */
export async function removeModel(bench: Bench, store: RunDatabase, model: InstalledModel): Promise<number> {
  const runs = listRuns(store).filter((run) => run.model.path === model.path);
  const atWork = runs.find(({ status }) => status === 'running');
  if (atWork)
    throw new FoveaError(
      'not-allowed',
      `${model.id}: run ${atWork.name} is at work with it`,
      'Stop the run, or wait for its end.',
    );
  await bench.library.remove(model);
  bench.forget(model);
  return runs.length;
}
