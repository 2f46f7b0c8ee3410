import { join } from 'node:path';
import type { EncodedImage } from '../../src-shared/contract/images.ts';
import type { KeptThumbnails as Figures } from '../../src-shared/contract/runs.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import type { ImageReader } from '../images/image-shelf.ts';
import { KEPT_THUMBNAIL_SIDE, type KeptThumbnails } from '../store/kept-thumbnails.ts';
import { findRun, runImageDigests } from '../store/run-query.ts';
import type { RunStore } from '../store/run-store.ts';

/** Written at a time: so many are lost at most where it is stopped. */
const BATCH = 64;

/**
 * Keeps small pictures of the images of a run. One that cannot be read has none; what was kept before it was stopped stays.
 * @throws FoveaError `run-unknown`, `store-…`
 */
export async function keepThumbnails(
  store: RunStore,
  images: Pick<ImageReader, 'picture'>,
  kept: KeptThumbnails,
  runId: string,
  work: Work,
): Promise<Figures> {
  const { path: root } = findRun(store, runId).dataset;
  const pathOf = new Map(
    [...runImageDigests(store, runId)].flatMap(([path, sha256]) => (sha256 === null ? [] : [[sha256, path] as const])),
  );
  const missing = kept.missing([...pathOf.keys()]);
  const meter = new WorkMeter(work, figuresOf('reading-images', { total: missing.length }), () => performance.now());
  for (let start = 0; start < missing.length && !work.signal.aborted; start += BATCH) {
    const batch = missing.slice(start, start + BATCH);
    const made = await Promise.all(
      batch.map((sha256) =>
        images.picture(join(root, pathOf.get(sha256)!), KEPT_THUMBNAIL_SIDE, 'tile').then(
          (picture): readonly [string, EncodedImage] => [sha256, picture],
          () => null,
        ),
      ),
    );
    const sound = made.filter((one) => one !== null);
    kept.keep(sound);
    meter.advance(batch.length, batch.length - sound.length);
  }
  return kept.figures();
}
