import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageReader } from '../../../src-main/images/image-reader.ts';
import {
  type EndedBy,
  forkProcess,
  type ChildProcessPort,
  type SpawnProcess,
} from '../../../src-main/engine/process-port.ts';

const SCRIPT = resolve(import.meta.dirname, '../../../src-main/image-process.ts');
const folder = mkdtempSync(join(tmpdir(), 'fovea-reader-'));
const small = join(folder, 'small.png');
const large = join(folder, 'large.jpg');
const broken = join(folder, 'broken.jpg');

const children: ChildProcessPort[] = [];
/** What it answers is not heard: for the reader it is at its image until it is killed. */
const unheard = new Set<ChildProcessPort>();
const spawn: SpawnProcess = (script) => {
  const child = forkProcess(script);
  children.push(child);
  return { ...child, onMessage: (listener) => child.onMessage((message) => unheard.has(child) || listener(message)) };
};
const reader = imageReader(SCRIPT, spawn);

beforeAll(async () => {
  const noise = Buffer.from(Array.from({ length: 40 * 30 * 3 }, (_, index) => (index * 97) % 256));
  await sharp(noise, { raw: { width: 40, height: 30, channels: 3 } })
    .png()
    .toFile(small);
  // Lies on its side: 1200 x 800 pixels are stored, 800 x 1200 shown.
  await sharp({ create: { width: 1200, height: 800, channels: 3, background: '#336699' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(large);
  writeFileSync(broken, 'not an image');
});
afterAll(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

test('the size is that of the upright image', async () => {
  expect(await reader.size(large)).toEqual({ width: 800, height: 1200 });
});

test('a small picture keeps every pixel, a large one is shrunk upright', async () => {
  const picture = await reader.picture(small, 256, 'thumbnail');
  expect(picture).toMatchObject({ mime: 'image/png', width: 40, height: 30 });
  const pixels = (source: Uint8Array | string) => sharp(source).removeAlpha().raw().toBuffer();
  expect(await pixels(picture.bytes)).toEqual(await pixels(small));

  const shrunk = await reader.picture(large, 900, 'preview');
  expect(shrunk).toMatchObject({ mime: 'image/jpeg', width: 600, height: 900 });
  expect(await sharp(shrunk.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 600, height: 900 });
});

test('a bad file has its own error and the next one is read', async () => {
  await expect(reader.size(broken)).rejects.toMatchObject({ code: 'image-unsupported' });
  await expect(reader.picture(join(folder, 'absent.jpg'), 64, 'preview')).rejects.toMatchObject({
    code: 'image-missing',
  });
  expect(await reader.size(small)).toEqual({ width: 40, height: 30 });
});

test('a killed decoder fails the image it was at; those waiting are read by the next process', async () => {
  await reader.size(small);
  const started = children.length;
  const child = children.at(-1)!;
  unheard.add(child);
  const first = reader.picture(large, 900, 'preview');
  const second = reader.picture(small, 64, 'preview');
  child.kill();
  await expect(first).rejects.toMatchObject({ code: 'image-damaged', message: expect.stringContaining('SIGKILL') });
  expect(await second).toMatchObject({ width: 40 });
  expect(children).toHaveLength(started + 1);
});

test.each<[EndedBy, string, RegExp]>([
  ['itself', 'image-damaged', /The file may be damaged/],
  ['memory', 'image-too-large', /smaller/],
  ['signal', 'image-unreadable', /^Another program has ended it, or the system/],
])('of a decoder that ended by %s, the file is blamed only where it may be the cause', async (by, code, next) => {
  const ending: SpawnProcess = () => {
    let ended: (cause: string, by: EndedBy) => void = () => undefined;
    return {
      send: () => queueMicrotask(() => ended('SIGKILL', by)),
      onMessage: () => undefined,
      onExit: (listener) => void (ended = listener),
      kill: () => undefined,
    };
  };
  await expect(imageReader(SCRIPT, ending).size(small)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(small),
    next: expect.stringMatching(next),
  });
});

test('what the user waits for goes before thumbnails', async () => {
  const order: string[] = [];
  const note = (name: string) => () => void order.push(name);
  await Promise.all([
    reader.picture(small, 64, 'thumbnail').then(note('first thumbnail')),
    reader.picture(small, 64, 'thumbnail').then(note('second thumbnail')),
    reader.picture(small, 64, 'preview').then(note('preview')),
  ]);
  expect(order).toEqual(['first thumbnail', 'preview', 'second thumbnail']);
});
