import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { dropFirst, spawnFirst, startFirst } from '../../../src-main/engine/first-process.ts';
import type { ChildProcessPort } from '../../../src-main/engine/process-port.ts';

const SCRIPT = join(import.meta.dirname, 'test-engine.mjs');

/** Starts no process. */
function started(script: string) {
  let isKilled = false;
  let end = () => {};
  const port: ChildProcessPort = {
    send: () => undefined,
    onMessage: () => undefined,
    onExit: (listener) => (end = () => listener('exit code 1', 'itself')),
    kill: () => (isKilled = true),
  };
  startFirst(script, () => port);
  return { port, end: () => end(), isKilled: () => isKilled };
}

/** What is handed out for the script, ended at once. */
function handedOut(...[script, bounds]: Parameters<typeof spawnFirst>): ChildProcessPort {
  const port = spawnFirst(script, bounds);
  port.kill();
  return port;
}

afterEach(dropFirst);

test('the process that was started first is handed out once, to whoever wants one like it', () => {
  const { port } = started(SCRIPT);
  expect(handedOut(SCRIPT, { memory: 1024 })).not.toBe(port);
  expect(handedOut(SCRIPT)).toBe(port);
  expect(handedOut(SCRIPT)).not.toBe(port);
  started('another.js');
  expect(handedOut(SCRIPT)).not.toBe(port);
});

test('one that has ended meanwhile is handed out to nobody', () => {
  const { port, end } = started(SCRIPT);
  end();
  expect(handedOut(SCRIPT)).not.toBe(port);
});

test('one that nobody has taken is ended, and no other', () => {
  const taken = started(SCRIPT);
  spawnFirst(SCRIPT);
  dropFirst();
  expect(taken.isKilled()).toBe(false);
  const left = started(SCRIPT);
  dropFirst();
  expect(left.isKilled()).toBe(true);
  expect(handedOut(SCRIPT)).not.toBe(left.port);
});
