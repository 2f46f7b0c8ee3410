import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..');
const BUILDER = join(PROJECT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
const LOCK = join(PROJECT, 'node_modules', '.fovea-building');

/** A bundled file of the machine, `cli.js` or `engine.js`; built first where it is missing or older than its sources. */
export function builtFile(name: string): string {
  const file = join(PROJECT, 'out', 'main', name);
  while (isStale(file)) {
    try {
      mkdirSync(LOCK);
    } catch {
      // Another test file builds; a lock left behind by a killed run does not count.
      if (existsSync(LOCK) && Date.now() - statSync(LOCK).mtimeMs > 120_000) rmdirSync(LOCK);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      continue;
    }
    try {
      execFileSync(process.execPath, [BUILDER, 'build', '--logLevel', 'error'], { cwd: PROJECT, stdio: 'inherit' });
    } finally {
      rmdirSync(LOCK);
    }
    break;
  }
  return file;
}

function isStale(file: string): boolean {
  return !existsSync(file) || statSync(file).mtimeMs < Math.max(...['src-main', 'src-shared'].map(newest));
}

function newest(folder: string): number {
  const times = readdirSync(join(PROJECT, folder), { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newest(path) : statSync(join(PROJECT, path)).mtimeMs;
  });
  return Math.max(0, ...times);
}
