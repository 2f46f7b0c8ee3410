import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layRelease } from '../resources/release/release-files.ts';
import { temporaryFolder } from './main/temporary-folder.ts';

const PROJECT = join(import.meta.dirname, '..');

test('a release is the packages of a system, its notices, and digests that other programs check', async () => {
  const folder = temporaryFolder({
    'dist/Fovea-1.2.3.AppImage': 'abc',
    'dist/fovea-1.2.3.tar.gz': '',
    'dist/latest-linux.yml': 'not handed out',
    'dist/linux-unpacked/fovea.exe': 'not handed out',
    'notices.txt': 'notices',
    'release/of-before.zip': 'of an earlier one',
  });
  const release = join(folder, 'release');
  const files = await layRelease(join(folder, 'dist'), join(folder, 'notices.txt'), release, 'linux');
  expect(readdirSync(release).sort()).toEqual(files.toSorted());
  expect(files).toEqual([
    'Fovea-1.2.3.AppImage',
    'THIRD-PARTY-NOTICES-linux.txt',
    'fovea-1.2.3.tar.gz',
    'SHA256SUMS-linux.txt',
  ]);
  // FIPS 180-4's own example, and the digest of nothing.
  const sums = readFileSync(join(release, 'SHA256SUMS-linux.txt'), 'utf8').split('\n');
  expect(sums[0]).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  Fovea-1.2.3.AppImage');
  expect(sums[2]).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  fovea-1.2.3.tar.gz');
});

test('where nothing was packed nothing is handed out', async () => {
  const folder = temporaryFolder({ 'release/of-before.zip': 'of an earlier one' });
  mkdirSync(join(folder, 'dist'));
  const release = join(folder, 'release');
  await expect(layRelease(join(folder, 'dist'), '', release, 'linux')).rejects.toThrow('expected packages, found none');
  expect(readdirSync(release)).toEqual(['of-before.zip']);
});

test.skipIf(!existsSync(join(PROJECT, '.git')))(
  'every file that a script of the project runs is in the project',
  () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const files = Object.values(scripts).flatMap((script) =>
      [...script.matchAll(/\b(?:node|bash) (?:--\S+ )*(\S+\.\w+)/g)].map(([, file]) => file!),
    );
    expect(files).toContain('resources/release/package.ts');
    const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...files];
    // Not the disk: a file that git ignores is missing for everybody else.
    const known = execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8' }).trim().split('\n');
    expect(known.toSorted()).toEqual([...new Set(files)].toSorted());
  },
);
