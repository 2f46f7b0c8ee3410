import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSmallFile } from '../../../src-main/files/small-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a file is read; what is larger, or no file, is refused before it is read', async () => {
  const folder = temporaryFolder({ 'a.txt': 'text', 'huge.csv': '' });
  expect((await readSmallFile(join(folder, 'a.txt'), 4)).toString()).toBe('text');
  // Takes no room, and would take long to read.
  truncateSync(join(folder, 'huge.csv'), 2 ** 40);
  await expect(readSmallFile(join(folder, 'huge.csv'), 2 ** 20)).rejects.toThrow(
    'expected a file of 1 MiB at most, found 1048576 MiB',
  );
  await expect(readSmallFile(folder, 10)).rejects.toThrow('expected a file, found a folder');
  await expect(readSmallFile(join(folder, 'absent'), 10)).rejects.toMatchObject({
    code: 'ENOENT',
    message: 'there is no such file',
  });
});

test.runIf(process.platform !== 'win32')('a pipe that nobody writes to is not waited for', async () => {
  const path = join(temporaryFolder(), 'labels.csv');
  execFileSync('mkfifo', [path]);
  await expect(readSmallFile(path, 10)).rejects.toThrow('expected a file, found a pipe');
});
