import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { walkImages } from '../../../src-main/datasets/image-walk.ts';
import { findMaps } from '../../../src-main/datasets/map-files.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const GIVEN = [resolvePlan({ metric: 'inverse:given' })];

function folderOf(names: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  return folder;
}

describe('maps of images', () => {
  test('lie beside them, and are no photos', async () => {
    const root = folderOf(['a.jpg', 'a.map.png', 'b/c.png', 'b/c.map.csv', 'b/d.jpg', 'e.map.png', 'b/c.d.map.npy']);
    const { files, otherFiles } = await walkImages(root);
    // A picture called so without a photo is one itself.
    expect(files).toEqual(['a.jpg', 'b/c.png', 'b/d.jpg', 'e.map.png']);
    expect(otherFiles).toEqual(['b/c.d.map.npy']);
    const maps = await findMaps(root, files, GIVEN);
    expect(maps?.get('a.jpg')).toEqual({ path: join(root, 'a.map.png'), sha256: sha256('a.map.png') });
    expect(maps?.get('b/c.png')).toEqual({ path: join(root, 'b/c.map.csv'), sha256: sha256('b/c.map.csv') });
    expect(maps?.get('b/d.jpg')).toMatchObject({
      code: 'map-missing',
      message: `${join(root, 'b/d.jpg')}: has no importance map; looked for ${join(root, 'b/d.map')}{.png,.csv,.npy}`,
      next: expect.stringContaining('--maps'),
    });
  });

  test('lie in a folder of their own, in that of their photo or directly', async () => {
    const root = folderOf([
      'x/1.jpg',
      'y/1.jpg',
      'y/2.jpg',
      '3.jpg',
      'maps/x/1.png',
      'maps/1.npy',
      'maps/2.csv',
      'maps/3.npy',
    ]);
    const { files } = await walkImages(root, { maps: join(root, 'maps') });
    expect(files).toEqual(['3.jpg', 'x/1.jpg', 'y/1.jpg', 'y/2.jpg']);
    const maps = await findMaps(root, files, GIVEN, join(root, 'maps'));
    const found = [...maps!].map(([image, map]) => [
      image,
      'path' in map ? map.path.slice(root.length + 1) : map.message,
    ]);
    expect(found).toEqual([
      ['3.jpg', 'maps/3.npy'],
      ['x/1.jpg', 'maps/x/1.png'],
      ['y/1.jpg', `${join(root, 'maps/1.npy')}: several images are called 1, and any of them may be meant`],
      ['y/2.jpg', 'maps/2.csv'],
    ]);
  });

  test('are one for each: two are told, and copies of a photo with maps of their own', async () => {
    const root = folderOf(['a.jpg', 'a.map.png', 'a.map.npy', 'b.jpg', 'b.map.csv', 'd.jpg', 'd.map.csv']);
    copyFileSync(join(root, 'b.jpg'), join(root, 'c.jpg'));
    writeFileSync(join(root, 'c.map.csv'), 'another');
    copyFileSync(join(root, 'd.jpg'), join(root, 'e.jpg'));
    copyFileSync(join(root, 'd.map.csv'), join(root, 'e.map.csv'));
    const maps = await findMaps(root, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg'], GIVEN);
    expect(maps?.get('a.jpg')).toMatchObject({
      code: 'map-invalid',
      message: expect.stringContaining('has several importance maps: a.map.png, a.map.npy'),
    });
    expect(maps?.get('b.jpg')).toHaveProperty('sha256');
    expect(maps?.get('c.jpg')).toMatchObject({
      code: 'map-invalid',
      message: `${join(root, 'c.jpg')}: is the same photo as b.jpg, which has another importance map`,
    });
    expect(maps?.get('e.jpg')).toHaveProperty('sha256');
  });

  test('are not looked for where no plan takes them, and then may not be named', async () => {
    const root = folderOf(['a.jpg', 'map.csv']);
    const others = [resolvePlan({ metric: 'centre' })];
    expect(await findMaps(root, ['a.jpg'], others)).toBe(null);
    await expect(findMaps(root, ['a.jpg'], others, root)).rejects.toMatchObject({
      code: 'bad-argument',
      next: expect.stringContaining('--metric given'),
    });
  });

  test('may be one file for one image', async () => {
    const root = folderOf(['a.jpg', 'b.jpg', 'map.csv']);
    const map = join(root, 'map.csv');
    expect((await findMaps(root, ['a.jpg'], GIVEN, map))?.get('a.jpg')).toEqual({
      path: map,
      sha256: sha256('map.csv'),
    });
    await expect(findMaps(root, ['a.jpg', 'b.jpg'], GIVEN, map)).rejects.toMatchObject({ code: 'bad-argument' });
  });

  test('of a photo that is not there say so', async () => {
    const root = folderOf(['map.csv']);
    expect((await findMaps(root, ['a.jpg'], GIVEN))?.get('a.jpg')).toMatchObject({ code: 'image-missing' });
  });
});
