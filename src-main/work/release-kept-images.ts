import type { KeptImages as KeptImagesRecord } from '../../src-shared/contract/runs.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { KeptImages } from '../store/kept-images.ts';
import type { RunStore } from '../store/run-store.ts';

/**
 * Lets a run go of the images that are kept for it; its results stay.
 * @returns what is kept then
 * @throws FoveaError `not-allowed` while the run is at work
 */
export async function releaseKeptImages(store: RunStore, kept: KeptImages, runId: string): Promise<KeptImagesRecord> {
  if (store.isAtWork(runId)) throw new FoveaError('not-allowed', `run ${runId} is at work`, 'Stop it first.');
  await kept.remove(runId);
  return kept.list(store);
}
