import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../../src-main/text/shell-word.ts';

test('a plain word stays as it is', () => {
  expect(shellWord('/data/runs-2.sqlite', 'linux')).toBe('/data/runs-2.sqlite');
  expect(shellWord('C:\\data\\runs.sqlite', 'win32')).toBe('C:\\data\\runs.sqlite');
});

test('any other is quoted', () => {
  expect(shellWord("it's here/runs.sqlite", 'linux')).toBe(`'it'\\''s here/runs.sqlite'`);
  expect(shellWord('C:\\my data\\runs.sqlite', 'win32')).toBe('"C:\\my data\\runs.sqlite"');
  expect(shellWord('', 'linux')).toBe("''");
});

test.skipIf(process.platform === 'win32')('a shell reads it back', () => {
  for (const text of ["it's", '$(id) `x` "y" \\ !', '~', '*', 'two\nlines', 'é'])
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
});
