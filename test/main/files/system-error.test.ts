import { rejects } from 'node:assert';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemCode, whyNotInFolder } from '../../../src-main/files/system-error.ts';
import { temporaryFolder } from '../temporary-folder.ts';

it('knows an error of the system by its code, and says in words that a folder is not there', async () => {
  await rejects(stat(join(temporaryFolder(), 'none')), (error) => {
    expect(systemCode(error)).toBe('ENOENT');
    expect(whyNotInFolder(error)).toBe('there is no such folder');
    return true;
  });
});

it.each([[new Error('no room'), 'no room'] as const, ['thrown as text', 'thrown as text'] as const])(
  'has no code of %s, and gives its own words',
  (error, words) => {
    expect(systemCode(error)).toBeNull();
    expect(whyNotInFolder(error)).toBe(words);
  },
);
