import { FoveaError } from '../../src-shared/errors.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';

/**
 * Plans of a run that stopped at first successes lack the images that cheaper ones kept: what they have says nothing of them.
 * @throws FoveaError `bad-argument`
 */
export function requireWholePlans({ id, firstSuccess }: RunRecord): void {
  if (!firstSuccess) return;
  throw new FoveaError(
    'bad-argument',
    `run ${id} stopped at each image's first success: its plans were not run on all images, and have nothing to compare or report`,
    'fovea runs show tells its oracle; for the plans, evaluate the folder without --first-success.',
  );
}
