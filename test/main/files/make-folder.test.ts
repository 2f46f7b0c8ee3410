import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../../src-main/files/make-folder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('folders are made with those above them, once', () => {
  const folder = join(temporaryFolder(), 'a', 'b');
  makeFolder(folder, 0o700);
  makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('what cannot be made is said, with the reason of the system', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow('EEXIST');
  expect(() => makeFolder(join(file, 'inside'))).toThrow('ENOTDIR');
});
