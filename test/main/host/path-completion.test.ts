import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { completePath, typedPath } from '../../../src-main/host/path-completion.ts';

const root = mkdtempSync(join(tmpdir(), 'fovea-completion-'));
for (const folder of ['photos', 'Pictures', '.hidden', 'models']) mkdirSync(join(root, folder));
for (const file of ['photo.jpg', 'pine.PNG', 'notes.txt', 'net.onnx']) writeFileSync(join(root, file), '');
symlinkSync(join(root, 'models'), join(root, 'plinked'));
symlinkSync(join(root, 'nowhere'), join(root, 'broken'));
afterAll(() => rmSync(root, { recursive: true }));

const names = async (prefix: string) => (await completePath(prefix)).entries.map(({ name }) => name);

test('a folder lists its folders first, then images and models, nothing else', async () => {
  expect(await names(`${root}/`)).toEqual([
    'Pictures',
    'models',
    'photos',
    'plinked',
    'net.onnx',
    'photo.jpg',
    'pine.PNG',
  ]);
});

test('a beginning of a name finds it, whatever its case; folders end in a separator to go on from', async () => {
  expect((await completePath(join(root, 'ph'))).entries).toEqual([
    { path: join(root, 'photos') + '/', name: 'photos', kind: 'folder' },
    { path: join(root, 'photo.jpg'), name: 'photo.jpg', kind: 'file' },
  ]);
  expect(await names(join(root, 'PI'))).toEqual(['Pictures', 'pine.PNG']);
});

test('a hidden folder needs its dot', async () => {
  expect(await names(`${root}/.h`)).toEqual(['.hidden']);
});

test('a folder that is not there completes to nothing', async () => {
  expect(await completePath(join(root, 'absent', 'x'))).toEqual({ entries: [], more: false });
});

test('a large folder says that there is more', async () => {
  const many = join(root, 'models');
  for (let index = 0; index < 205; index++) writeFileSync(join(many, `${index}.onnx`), '');
  const { entries, more } = await completePath(`${many}/`);
  expect([entries.length, more]).toEqual([200, true]);
});

test('the home folder is where ~ and relative paths start', () => {
  expect(typedPath('~/photos')).toBe(join(homedir(), 'photos'));
  expect(typedPath('photos')).toBe(join(homedir(), 'photos'));
  expect(typedPath('~x')).toBe(join(homedir(), '~x'));
  expect(typedPath('/srv')).toBe('/srv');
});
