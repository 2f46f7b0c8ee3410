import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeWholeFile } from '../../../src-main/files/whole-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('writeWholeFile', () => {
  it('leaves a whole file or none', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'out.csv');
    expect(await writeWholeFile(file, ['a', 'b\r\n'])).toBe(4);
    expect(readFileSync(file, 'utf8')).toBe('ab\r\n');
    const failing = function* () {
      yield 'half';
      throw new Error('broken off');
    };
    await expect(writeWholeFile(join(folder, 'half.csv'), failing())).rejects.toMatchObject({
      code: 'output-unwritable',
    });
    expect(readdirSync(folder)).toEqual(['out.csv']);
    const lost = join(folder, 'no', 'such', 'folder.csv');
    await expect(writeWholeFile(lost, 'a')).rejects.toMatchObject({
      code: 'output-unwritable',
      message: `${lost}: cannot be written: there is no such folder`,
    });
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });

  it('is written by several at once, each to its end', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'same.json');
    const others: Promise<number>[] = [];
    const pieces = function* () {
      for (let piece = 0; piece < 20; piece++) {
        others.push(writeWholeFile(file, 'short'));
        yield 'a long piece ';
      }
    };
    expect(await writeWholeFile(file, pieces())).toBe(20 * 13);
    expect(await Promise.all(others)).toEqual(others.map(() => 5));
    expect(['short', 'a long piece '.repeat(20)]).toContain(readFileSync(file, 'utf8'));
    expect(readdirSync(folder)).toEqual(['same.json']);
  });

  it.skipIf(process.platform === 'win32')('does not take the place of a pipe, a device or a folder', async () => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(writeWholeFile(pipe, 'a')).rejects.toMatchObject({
      code: 'output-unwritable',
      message: expect.stringContaining('pipe') as string,
    });
    expect(statSync(pipe).isFIFO()).toBe(true);
    await expect(writeWholeFile(dirname(pipe), 'a')).rejects.toMatchObject({ code: 'output-unwritable' });
  });

  it('makes its folder, and lets its owner alone in, where it is asked to', async () => {
    const file = join(temporaryFolder(), 'own', 'secret.json');
    await writeWholeFile(file, Uint8Array.of(1, 2), { withFolder: true, mode: 0o600 });
    expect([...readFileSync(file)]).toEqual([1, 2]);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
