import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFrames, frameDigests, FRAMES_A_PASS } from '../../../src-main/datasets/frames.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const PLANS = [resolvePlan({ metric: 'saliency', saliencyFrom: 'previous' })];

const namesBefore = async (root: string, images: readonly string[]) =>
  Object.fromEntries(
    [...(await findFrames(root, images, PLANS))!].map(([image, before]) => [
      image,
      before.map(({ path }) => path.slice(root.length + 1)),
    ]),
  );

test('frames come in natural order, folder by folder, whatever part of them is wanted', async () => {
  const root = temporaryFolder(
    Object.fromEntries(
      ['1.jpg', '2.jpg', '10.jpg', '2.map.png', '.3.jpg', 'a/5.png', 'a/6.png', 'note.txt'].map((name) => [name, name]),
    ),
  );
  expect(await namesBefore(root, ['1.jpg', '10.jpg', 'a/6.png'])).toEqual({
    '1.jpg': [],
    '10.jpg': ['1.jpg', '2.jpg'],
    'a/6.png': ['a/5.png'],
  });
  const frames = await findFrames(root, ['10.jpg'], PLANS);
  expect(frames?.get('10.jpg')).toEqual([
    { path: join(root, '1.jpg'), sha256: sha256('1.jpg') },
    { path: join(root, '2.jpg'), sha256: sha256('2.jpg') },
  ]);
});

test('every sixteenth frame makes a pass of its own', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `frame ${at}.jpg`);
  const root = temporaryFolder(Object.fromEntries(names.map((name) => [name, name])));
  const before = await namesBefore(root, names);
  expect(FRAMES_A_PASS).toBe(16);
  expect(names.filter((name) => before[name]!.length === 0)).toEqual(['frame 0.jpg', 'frame 16.jpg', 'frame 32.jpg']);
  expect(before['frame 15.jpg']).toEqual(names.slice(0, 15));
  expect(before['frame 18.jpg']).toEqual(['frame 16.jpg', 'frame 17.jpg']);
});

test('a frame that was there before has the frames before that one; another content is another digest', async () => {
  const root = temporaryFolder({ '1.jpg': 'a', '2.jpg': 'b', '3.jpg': 'a', '4.jpg': 'c' });
  const images = ['1.jpg', '2.jpg', '3.jpg', '4.jpg'];
  expect((await namesBefore(root, images))['3.jpg']).toEqual([]);
  const digests = frameDigests((await findFrames(root, images, PLANS))!);
  writeFileSync(join(root, '2.jpg'), 'other');
  const others = frameDigests((await findFrames(root, images, PLANS))!);
  expect(images.filter((image) => digests[image] !== others[image])).toEqual(['4.jpg']);
});

test('nothing is looked for where every image makes its own pass', async () => {
  expect(await findFrames('/nowhere', ['1.jpg'], [resolvePlan({ metric: 'saliency' })])).toBe(null);
  expect(
    await findFrames('/nowhere', ['1.jpg'], [resolvePlan({ metric: 'saliency', bits: [4], saliencyFrom: 'previous' })]),
  ).toBe(null);
});
