import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openUploads } from '../../../src-main/host/uploads.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fovea-uploads-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file is stored whole and gone after removal', async () => {
  const uploads = await openUploads(folder);
  await uploads.store('batch/a.jpg', Readable.from([Buffer.from('ab'), Buffer.from('c')]));
  const path = uploads.pathOf('batch/a.jpg');
  expect(readFileSync(path, 'utf8')).toBe('abc');
  await uploads.remove();
  expect(existsSync(path)).toBe(false);
});

test('nothing is left of a file that grows too large or breaks off', async () => {
  const uploads = await openUploads(folder, 4);
  await expect(uploads.store('batch/a.jpg', Readable.from([Buffer.alloc(3), Buffer.alloc(3)]))).rejects.toMatchObject({
    code: 'not-allowed',
  });
  async function* broken() {
    yield Buffer.alloc(2);
    throw new Error('connection lost');
  }
  await expect(uploads.store('batch/b.jpg', Readable.from(broken()))).rejects.toThrow('connection lost');
  expect(existsSync(uploads.pathOf('batch/a.jpg'))).toBe(false);
  expect(existsSync(uploads.pathOf('batch/b.jpg'))).toBe(false);
});

test('a disk that is full is told of with what to do, and nothing is left', async () => {
  const uploads = await openUploads(folder);
  async function* full() {
    yield Buffer.alloc(2);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }
  await expect(uploads.store('batch/a.jpg', Readable.from(full()))).rejects.toMatchObject({
    code: 'output-unwritable',
    message: expect.stringMatching(/^a\.jpg cannot be kept: .*no space left.*make room/),
  });
  expect(existsSync(uploads.pathOf('batch/a.jpg'))).toBe(false);
});

test('what a killed process left is emptied at the next start; a living one keeps its files', async () => {
  const dead = String(spawnSync(process.execPath, ['-e', '']).pid);
  const alive = String(process.ppid);
  for (const owner of [dead, alive, 'not-a-process', String(process.pid)]) {
    mkdirSync(join(folder, 'uploads', owner, 'batch'), { recursive: true });
    writeFileSync(join(folder, 'uploads', owner, 'batch', 'a.jpg'), 'a');
  }
  await openUploads(folder);
  const kept = (owner: string) => existsSync(join(folder, 'uploads', owner, 'batch', 'a.jpg'));
  expect([kept(dead), kept(alive), kept('not-a-process'), kept(String(process.pid))]).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

test('files of a process of another container or machine are left to it for a week', async () => {
  const uploads = join(folder, 'uploads');
  const [fresh, old] = [`${process.pid}-0123abcd`, `${process.pid}-4567cdef`];
  for (const name of [fresh, old]) mkdirSync(join(uploads, name), { recursive: true });
  const longAgo = new Date(Date.now() - 8 * 24 * 3_600_000);
  utimesSync(join(uploads, old), longAgo, longAgo);
  await openUploads(folder);
  expect([fresh, old].map((name) => existsSync(join(uploads, name)))).toEqual([true, false]);
});

test.each([
  'a.jpg',
  '../a.jpg',
  'batch/..',
  'batch/../../a.jpg',
  'batch//a.jpg',
  'batch/a\0.jpg',
  'batch/..\\a.jpg',
  '/etc/passwd',
])('%j is no name for a file', async (name) => {
  const uploads = await openUploads(folder);
  expect(() => uploads.pathOf(name)).toThrow(/not a name/);
});
