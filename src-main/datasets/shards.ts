import type { DatasetImage, Shard } from '../../src-shared/runs/run-record.ts';
import { digestOf } from '../files/digest.ts';

/**
 * The images of a shard: all are dealt out in turn, in the order of their digests, so that shards differ by one image at most and a
 * photo that was renamed stays in its own. A file that cannot be read is placed by its path.
 */
export function imagesOfShard(
  images: readonly DatasetImage[],
  digests: ReadonlyMap<string, string | null>,
  { index, count }: Shard,
): DatasetImage[] {
  const placed = images.map((image) => ({ image, place: digests.get(image.path) ?? digestOf(image.path) }));
  placed.sort((a, b) => compareText(a.place, b.place) || compareText(a.image.path, b.image.path));
  const own = new Set(placed.filter((_, at) => at % count === index - 1).map(({ image }) => image));
  return images.filter((image) => own.has(image));
}

/**
 * Digest of a dataset before it is cut, hexadecimal: 16 bytes of that of its paths and contents, then 16 of that of its labels, so that
 * what differs can be told. Shards that were dealt in another way have another one.
 */
export function datasetDigest(images: readonly DatasetImage[], digests: ReadonlyMap<string, string | null>): string {
  const contents = images.map(({ path }) => [path, digests.get(path)]);
  const labels = images.map(({ path, label }) => [path, label]);
  return [contents, labels].map((part) => digestOf(JSON.stringify(part)).slice(0, 32)).join('');
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
