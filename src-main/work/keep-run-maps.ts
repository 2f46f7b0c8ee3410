import { basename, dirname } from 'node:path';
import { usesMaps } from '../../src-shared/precision/metrics.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { findMaps } from '../datasets/map-files.ts';
import type { KeptImages } from '../store/kept-images.ts';

/** An image that a run is to be begun with. */
export interface ImageOfRun {
  /** In the run's folder, separated by `/`. */
  readonly path: string;
  /** Where it lay when it was opened, absolute: its map lies beside it there. */
  readonly from: string;
  /** Absolute path of a map it was given instead. */
  readonly map?: string | undefined;
}

/**
 * Keeps with a run the maps that its images have, as a folder that `--maps` takes: those that were painted or sent go on lying nowhere else.
 * @param store path of the run's store
 * @returns the folder; undefined where no plan takes maps, or no image has any
 * @throws FoveaError `map-invalid` where images that are called alike have different maps, `output-unwritable`
 */
export async function keepRunMaps(
  kept: KeptImages,
  store: string,
  runId: string,
  images: readonly ImageOfRun[],
  plans: readonly Pick<PrecisionPlan, 'metric'>[],
): Promise<string | undefined> {
  if (!plans.some(usesMaps)) return undefined;
  let folder: string | undefined;
  for (const { path, from, map } of images) {
    const found = map ?? (await mapBeside(from, plans));
    if (found !== null) folder = await kept.keepMap(store, runId, path, found);
  }
  return folder;
}

async function mapBeside(image: string, plans: readonly Pick<PrecisionPlan, 'metric'>[]): Promise<string | null> {
  const found = (await findMaps(dirname(image), [basename(image)], plans))?.get(basename(image));
  return found && 'sha256' in found ? found.path : null;
}
