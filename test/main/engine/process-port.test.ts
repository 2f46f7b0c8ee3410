import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { memoryBound } from '../../../src-main/engine/process-guard.ts';
import {
  childEnvironment,
  forkProcess,
  type EndedBy,
  type ProcessBounds,
} from '../../../src-main/engine/process-port.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const isLinux = process.platform === 'linux';

/** A child that runs a script, and is gone when the test ends. */
function child(script: string, bounds: ProcessBounds = {}) {
  const port = forkProcess(script, bounds);
  onTestFinished(() => port.kill());
  const ended = new Promise<readonly [string, EndedBy]>((resolve) => port.onExit((...end) => resolve(end)));
  const message = new Promise<unknown>((resolve) => port.onMessage(resolve));
  return { port, ended, message };
}

/** A child that says what a script of JavaScript gives, and goes on living. */
async function said(script: string, bounds: ProcessBounds = {}): Promise<unknown> {
  const folder = temporaryFolder({
    'child.mjs': `const tell = async () => { ${script} };
      process.send(await tell().catch((error) => error.code ?? String(error)));
      process.on('message', () => undefined);`,
  });
  return child(join(folder, 'child.mjs'), bounds).message;
}

test('a child whose parent is killed while it works ends without a word', async () => {
  for (let attempt = 0; attempt < 2; attempt++) {
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'port-parent-process.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    parent.stderr.on('data', (chunk) => (said += String(chunk)));
    // The child has the same stderr: it closes when both are gone.
    const ended = once(parent.stderr, 'close');
    await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    await ended;
    expect(said).toBe('');
  }
});

test('a child that is deaf, as in the middle of an inference, ends with its parent', async () => {
  const parent = spawn(process.execPath, [join(import.meta.dirname, 'guarded-parent.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  parent.kill('SIGKILL');
  await expect.poll(() => exists(Number(String(line)))).toBe(false);
});

test('a child that takes more memory than it may is ended, however deaf, and it is known why', async () => {
  const { port, ended } = child(join(import.meta.dirname, 'guarded-process.ts'), { memory: 400 });
  port.send('fill');
  expect((await ended)[1]).toBe('memory');
});

test('who ended a child is known: itself, a crash included, or a signal from outside', async () => {
  const folder = temporaryFolder({
    'exit.mjs': 'process.exit(3)',
    'stay.mjs': "process.on('message', () => process.send(process.pid))",
  });
  expect(await child(join(folder, 'exit.mjs')).ended).toEqual(['exit code 3', 'itself']);
  const killed = child(join(folder, 'stay.mjs'));
  killed.port.send('');
  process.kill(Number(await killed.message), 'SIGKILL');
  expect((await killed.ended)[1]).toBe('signal');
  const crashed = child(join(folder, 'stay.mjs'));
  crashed.port.send('');
  process.kill(Number(await crashed.message), 'SIGSEGV');
  expect(await crashed.ended).toEqual(['SIGSEGV', 'itself']);
  const ended = child(join(folder, 'stay.mjs'));
  ended.port.send('');
  await ended.message;
  ended.port.kill();
  expect(await ended.ended).toEqual(['SIGKILL', 'itself']);
});

test.runIf(isLinux)('Ctrl-C of a terminal does not reach children: they are a group of their own', async () => {
  // Fields 1 and 5 of proc(5): its number, and that of its group.
  const fields = "(await import('node:fs')).readFileSync('/proc/self/stat', 'utf8').split(' ')";
  const [pid, group] = (await said(`const fields = ${fields}; return [fields[0], fields[4]]`)) as string[];
  expect(group).toBe(pid);
});

test('a child reads, and neither writes nor starts a program', async () => {
  const folder = temporaryFolder({ 'a.txt': 'text' });
  const path = JSON.stringify(join(folder, 'a.txt'));
  expect(await said(`return (await import('node:fs')).readFileSync(${path}, 'utf8')`)).toBe('text');
  const write = `(await import('node:fs')).writeFileSync(${path}, 'other'); return 'written'`;
  expect(await said(write)).toBe('ERR_ACCESS_DENIED');
  expect(await said(`(await import('node:child_process')).execFileSync('true')`)).toBe('ERR_ACCESS_DENIED');
  // That the refusal is the permission's, and not the disk's.
  expect(await said(write, { writes: folder })).toBe('written');
});

test('the bound of memory is a share of the machine, shared by those at work, or what the user says', () => {
  const all = memoryBound(1, {});
  expect(all).toBeGreaterThan(0);
  expect(memoryBound(1000, {})).toBeLessThanOrEqual(Math.max(2048, all / 100));
  expect(memoryBound(4, { FOVEA_ENGINE_MEMORY: '1234' })).toBe(1234);
  expect(childEnvironment({ memory: 77 }).FOVEA_ENGINE_MEMORY).toBe('77');
});

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
