import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { planImage, prepareImage } from '../../../../src-main/engine/inside/image-analysis.ts';
import { mapDigest } from '../../../../src-main/images/map-file.ts';
import { cellRectangle } from '../../../../src-shared/image.ts';
import { presetPreprocessing } from '../../../../src-shared/preprocessing.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { plans, run, scene } from './engine-scene.ts';

const mapAt = async (path: string) => ({ path, sha256: await mapDigest(path) });

test.each([
  ['cut from its middle', {}],
  ['squashed', { resizeShorterSide: null }],
])(
  'a map goes the way of its photo, %s: one that is the photo itself has the means of what the network sees',
  async (_, change) => {
    const [width, height] = [150, 100];
    const photo = join(temporaryFolder(), 'photo.png');
    const grey = Uint8Array.from({ length: width * height }, (__, at) => (at % width) + Math.floor(at / width));
    await sharp(grey, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(photo);
    const preprocessing = {
      ...presetPreprocessing('imagenet', { layout: 'NCHW', channelCount: 3, height: 64, width: 64 }),
      ...change,
    };
    const prepared = await prepareImage(photo, preprocessing, new Float32Array(3 * 64 * 64), await mapAt(photo));
    const [plan, inverse] = plans({ metric: 'given', regions: 4 }, { metric: 'inverse:given', regions: 4 });
    const { values, grid } = planImage(prepared, plan!);
    const { image } = prepared.loaded;
    for (let cell = 0; cell < 16; cell++) {
      const { left, right, top, bottom } = cellRectangle(grid, Math.floor(cell / 4), cell % 4, 64, 64);
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += image.data[3 * (y * 64 + x)]!;
      // The photo is resized to whole grey levels, the map is not.
      expect(Math.abs(255 * values[cell]! - sum / 256)).toBeLessThan(0.6);
      expect(planImage(prepared, inverse!).values[cell]).toBeCloseTo(1 - values[cell]!, 6);
    }
  },
);

test('levels follow the map, and a map that does not fit its photo is told', async () => {
  const { folder, model, photos } = await scene(1);
  const image = photos[0]!;
  const plan = plans({ metric: 'given', bits: [6, 2], lowShare: 0.5, regions: 2 })[0]!;
  const write = (text: string) => {
    const path = join(folder, 'map.csv');
    writeFileSync(path, text);
    return mapAt(path);
  };
  const analyse = async (map?: { path: string; sha256: string }) =>
    run('analyse', { model, image, plan, ranges: null, counts: true, ...(map ? { map } : {}) });
  const left = await analyse(await write('1,0\n1,0\n'));
  expect(left.importance).toMatchObject({ metric: 'given', values: [1, 0, 1, 0], levels: [1, 0, 1, 0] });
  const top = await analyse(await write('1,1\n0,0\n'));
  expect(top.importance).toMatchObject({ values: [1, 1, 0, 0], levels: [1, 1, 0, 0] });
  expect(top.quantised).not.toEqual(left.quantised);
  await expect(analyse()).rejects.toMatchObject({ code: 'map-missing', message: expect.stringContaining(image) });
  await expect(analyse(await write('1,0,1\n'))).rejects.toMatchObject({
    code: 'map-invalid',
    message: expect.stringContaining('it is 3 x 1, which is not the shape of the photo, 40 x 40'),
  });
  const changed = await write('0,1\n0,1\n');
  await write('0,0\n1,0\n');
  await expect(analyse(changed)).rejects.toMatchObject({
    code: 'map-invalid',
    message: expect.stringContaining('it was changed after the work had begun'),
  });
});
