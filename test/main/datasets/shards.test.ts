import { describe, expect, it } from 'vitest';
import { datasetDigest, imagesOfShard } from '../../../src-main/datasets/shards.ts';
import { sha256 } from '../store/stored-runs.ts';

describe('imagesOfShard', () => {
  const images = Array.from({ length: 250 }, (_, index) => ({ path: `${index}.jpg`, label: null }));
  const digests = new Map(images.map(({ path }, index) => [path, index % 100 === 0 ? null : sha256(path)]));
  const dealt = (count: number) =>
    Array.from({ length: count }, (_, index) => imagesOfShard(images, digests, { index: index + 1, count }));

  it.each([1, 4, 7, 8])('deals every image to exactly one of %i shards of one size', (count) => {
    const shards = dealt(count);
    expect(
      shards
        .flat()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(images.map(({ path }) => path).sort());
    const sizes = shards.map((shard) => shard.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('goes by content: a photo that was renamed stays in its shard', () => {
    const renamed = images.map(({ path, label }) => ({ path: digests.get(path) ? `moved/${path}` : path, label }));
    const digestsThen = new Map(renamed.map(({ path }) => [path, digests.get(path.replace('moved/', ''))!]));
    dealt(7).forEach((shard, index) =>
      expect(imagesOfShard(renamed, digestsThen, { index: index + 1, count: 7 }).map(({ path }) => path)).toEqual(
        shard.map(({ path }) => (digests.get(path) ? `moved/${path}` : path)),
      ),
    );
  });
});

describe('datasetDigest', () => {
  const images = [
    { path: 'a.jpg', label: 1 },
    { path: 'b.jpg', label: null },
  ];
  const digests = new Map([
    ['a.jpg', sha256('a')],
    ['b.jpg', null],
  ]);

  it('tells other contents and other labels apart', () => {
    const [contents, labels] = halvesOf(datasetDigest(images, digests));
    expect(halvesOf(datasetDigest([images[0]!, { path: 'b.jpg', label: 2 }], digests))).toEqual([
      contents,
      expect.not.stringMatching(labels!),
    ]);
    const [other, same] = halvesOf(datasetDigest(images, new Map([...digests, ['b.jpg', sha256('b')]])));
    expect([other === contents, same]).toEqual([false, labels]);
  });

  function halvesOf(digest: string): string[] {
    return [digest.slice(0, 32), digest.slice(32)];
  }
});
