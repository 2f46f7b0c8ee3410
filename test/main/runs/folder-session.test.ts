import { describe, expect, it } from 'vitest';
import { shardOf, workerCount } from '../../../src-main/runs/folder-session.ts';
import { sha256 } from './stored-runs.ts';

const GIB = 2 ** 30;

describe('workerCount', () => {
  it('is one a core while memory lasts, and never none', () => {
    expect(workerCount(8, 32 * GIB, 5e6)).toBe(8);
    // VGG-16: 553 MB, two and a half times, and the engine itself.
    expect(workerCount(8, 8 * GIB, 553e6)).toBe(3);
    expect(workerCount(8, GIB / 4, 553e6)).toBe(1);
    expect(workerCount(1, 64 * GIB, 5e6)).toBe(1);
  });
});

describe('shardOf', () => {
  const paths = Array.from({ length: 3000 }, (_, index) => `${index}.jpg`);
  const digests = new Map(paths.map((path, index) => [path, index % 100 === 0 ? null : sha256(path)]));

  it('puts every image into exactly one of about equal shards', () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7].map(
      (shard) => paths.filter((path) => shardOf(path, digests, 7) === shard).length,
    );
    expect(sizes.reduce((a, b) => a + b)).toBe(3000);
    for (const size of sizes) expect(Math.abs(size - 3000 / 7)).toBeLessThan(80);
  });

  it('goes by content: a photo that was renamed stays in its shard', () => {
    const renamed = new Map([...digests].map(([path, digest]) => [`moved/${path}`, digest]));
    for (const path of paths)
      if (digests.get(path)) expect(shardOf(`moved/${path}`, renamed, 7)).toBe(shardOf(path, digests, 7));
  });
});
