import { readdirSync, readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { writeWholeFile } from '../../../src-main/files/whole-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Bytes that are still free on the disk. */
let room = Infinity;

// A disk takes three bytes at a time, and less as it fills.
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const open = async (...given: Parameters<typeof actual.open>): Promise<FileHandle> => {
    const file = await actual.open(...given);
    const write = file.write.bind(file) as (piece: Uint8Array, at: number, length: number) => Promise<unknown>;
    const some = (piece: Uint8Array, at = 0) => {
      const length = Math.min(3, piece.length - at, room);
      if (length === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      room -= length;
      return write(piece, at, length);
    };
    return Object.assign(file, { write: some });
  };
  return { ...actual, open };
});

test('a piece that the system takes a part of at a time is written whole', async () => {
  const file = join(temporaryFolder(), 'out.csv');
  room = Infinity;
  expect(await writeWholeFile(file, ['0123456789', '', 'abcd'])).toBe(14);
  expect(readFileSync(file, 'utf8')).toBe('0123456789abcd');
});

test('a disk that is full in the middle of a piece is told of, and leaves the old file and nothing else', async () => {
  const folder = temporaryFolder({ 'out.csv': 'old' });
  room = 5;
  await expect(writeWholeFile(join(folder, 'out.csv'), '0123456789')).rejects.toMatchObject({
    code: 'output-unwritable',
    message: expect.stringContaining('no space left') as string,
  });
  expect([readdirSync(folder), readFileSync(join(folder, 'out.csv'), 'utf8')]).toEqual([['out.csv'], 'old']);
});
