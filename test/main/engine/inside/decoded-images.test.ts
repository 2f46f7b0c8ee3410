import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodedImage } from '../../../../src-main/engine/inside/decoded-images.ts';
import { openModel } from '../../../../src-main/engine/inside/opened-model.ts';
import { loadImage } from '../../../../src-main/images/image-file.ts';
import { picture, scene } from './engine-scene.ts';

test('an image is decoded once as long as its file and what the network wants are the same', async () => {
  const { folder, model, photos } = await scene(1);
  const { network, model: opened } = await openModel(model);
  await network.close();
  const { preprocessing } = opened;
  const [photo] = photos as [string];
  const first = await decodedImage(photo, preprocessing);
  expect(await decodedImage(photo, preprocessing)).toBe(first);
  const { decodeMs, ...own } = await loadImage(photo, preprocessing);
  expect(decodeMs).toBeGreaterThan(0);
  expect(first).toMatchObject(own);
  const wider = { ...preprocessing, width: preprocessing.width * 2 };
  expect((await decodedImage(photo, wider)).image.width).toBe(wider.width);
  await picture(photo, 7);
  const changed = await decodedImage(photo, preprocessing);
  expect(changed.sha256).not.toBe(first.sha256);
  expect(changed.image).toEqual((await loadImage(photo, preprocessing)).image);
  await expect(decodedImage(join(folder, 'none.png'), preprocessing)).rejects.toMatchObject({ code: 'image-missing' });
  writeFileSync(photo, 'no image');
  await expect(decodedImage(photo, preprocessing)).rejects.toMatchObject({ code: 'image-unsupported' });
});
