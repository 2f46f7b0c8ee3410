import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runsFile } from '../../../src-main/files/data-folder.ts';
import { resumeCommand } from '../../../src-main/text/resume-command.ts';

test('names the store only where it is another than the default', () => {
  const dataFolder = '/home/ada/.local/share/fovea';
  expect(resumeCommand('r1', { db: runsFile(dataFolder), dataFolder })).toBe('fovea batch --resume r1');
  expect(resumeCommand('r1', { db: '/data/my runs.sqlite', dataFolder }, 'FOLDER')).toMatch(
    /^fovea batch FOLDER --resume r1 --db ['"]\/data\/my runs\.sqlite['"]$/,
  );
});

test('finds the default store whichever way its folder is written', () => {
  expect(runsFile('data')).toBe(resolve('data', 'runs.sqlite'));
});
