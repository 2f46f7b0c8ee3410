// `npm run package`, after a build: packs for the system it runs on, and lays into release/ what is handed out. Arguments go to electron-builder.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { layRelease } from './release-files.ts';

const PROJECT = join(import.meta.dirname, '../..');
const packed = join(PROJECT, 'dist');
rmSync(packed, { recursive: true, force: true });
const packager = join(PROJECT, 'node_modules', 'electron-builder', 'cli.js');
const { status } = spawnSync(process.execPath, [packager, '--publish', 'never', ...process.argv.slice(2)], {
  cwd: PROJECT,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const notices = join(PROJECT, 'out', 'THIRD-PARTY-NOTICES.txt');
for (const name of await layRelease(packed, notices, join(PROJECT, 'release'), process.platform)) console.log(name);
