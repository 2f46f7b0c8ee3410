import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepPrivate, makePrivate } from '../../../src-main/files/private-folder.ts';
import { openSqliteFile } from '../../../src-main/files/sqlite-file.ts';
import { fovea } from '../fovea.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Windows has no such permissions. */
const hasModes = process.platform !== 'win32';

test.runIf(hasModes)('what an older Fovea has left in its folder becomes the user’s alone, and nothing else', () => {
  const folder = temporaryFolder({ 'runs.sqlite': '', 'runs.sqlite-wal': '', 'notes.txt': '', 'elsewhere/a': '' });
  mkdirSync(join(folder, 'models'));
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'kept'));
  for (const name of ['', 'models', 'elsewhere']) chmodSync(join(folder, name), 0o755);
  for (const name of ['runs.sqlite', 'runs.sqlite-wal', 'notes.txt']) chmodSync(join(folder, name), 0o644);

  keepPrivate(folder, true);
  const modes = ['', 'models', 'elsewhere', 'runs.sqlite', 'runs.sqlite-wal', 'notes.txt'].map((name) =>
    modeOf(join(folder, name)),
  );
  expect(modes).toEqual(['755', '700', '755', '600', '600', '644']);
  keepPrivate(folder, false);
  expect(modeOf(folder)).toBe('700');
  keepPrivate(join(folder, 'absent'), false);
});

test.runIf(hasModes)('a new folder and a new store are the user’s alone, and the log beside the store', () => {
  const folder = join(temporaryFolder(), 'data');
  makePrivate(folder);
  expect(modeOf(folder)).toBe('700');
  const path = join(folder, 'deeper', 'runs.sqlite');
  const db = openSqliteFile(path, { applicationId: 1, migrations: ['CREATE TABLE a (b)'] });
  db.exec('INSERT INTO a VALUES (1)');
  expect(['', '-wal', '-shm'].map((end) => modeOf(path + end))).toEqual(['600', '600', '600']);
  db.close();
  expect(modeOf(join(folder, 'deeper'))).toBe('700');
});

test.runIf(hasModes)('a command leaves nothing that others could read', async () => {
  const home = temporaryFolder();
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, 'share') };
  const old = join(home, 'share', 'fovea', 'models');
  mkdirSync(old, { recursive: true });
  for (const path of [old, join(old, '..')]) chmodSync(path, 0o755);
  writeFileSync(join(old, '..', 'runs.sqlite'), '', { mode: 0o644 });
  // An empty name is none: the system's own place is used.
  expect(await fovea(['runs', 'list'], { cwd: home, dataFolder: '', env })).toMatchObject({ code: 0 });
  for (const [name, mode] of [
    ['', '700'],
    ['models', '700'],
    ['runs.sqlite', '600'],
  ] as const)
    expect([name, process.platform === 'darwin' ? mode : modeOf(join(old, '..', name))]).toEqual([name, mode]);
});
