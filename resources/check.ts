/** `npm run check`: types, style and format at once, for each takes one core. Prints what each says when it ends; fails where one does. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..');
const CHECKS = {
  types: ['svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.json'],
  style: ['eslint/bin/eslint.js', '.'],
  format: ['prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
} as const;

function check([name, [program, ...words]]: [string, readonly [string, ...string[]]]): Promise<boolean> {
  const child = spawn(process.execPath, [join(PROJECT, 'node_modules', program), ...words], { cwd: PROJECT });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (told += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(`${name}: ${code === 0 ? 'good' : `failed (${code})`}\n${told}`);
      resolve(code === 0);
    });
  });
}

const good = await Promise.all(Object.entries(CHECKS).map(check));
process.exitCode = good.every(Boolean) ? 0 : 1;
