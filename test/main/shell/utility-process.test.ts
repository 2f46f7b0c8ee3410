import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { spawnUtilityProcess } from '../../../src-main/shell/utility-process.ts';

const child = Object.assign(new EventEmitter(), {
  pid: undefined as number | undefined,
  stdout: null as PassThrough | null,
  postMessage: vi.fn(),
  kill: vi.fn(),
});
const fork = vi.hoisted(() => vi.fn());
vi.mock('electron', () => ({ utilityProcess: { fork } }));

test('a script of Electron’s is spoken to as one of Node’s', () => {
  fork.mockReturnValue(child);
  const port = spawnUtilityProcess('/fovea/engine.js');
  const env = expect.objectContaining({ PATH: process.env.PATH, UV_THREADPOOL_SIZE: '2' }) as NodeJS.ProcessEnv;
  expect(fork).toHaveBeenCalledWith('/fovea/engine.js', [], { env, stdio: ['ignore', 'pipe', 'inherit'] });

  port.send({ kind: 'task' });
  expect(child.postMessage).toHaveBeenCalledExactlyOnceWith({ kind: 'task' });
  const received: unknown[] = [];
  port.onMessage((message) => received.push(message));
  child.emit('message', { kind: 'result' });
  expect(received).toEqual([{ kind: 'result' }]);
  const causes: string[] = [];
  port.onExit((cause) => causes.push(cause));
  child.emit('exit', 134);
  expect(causes).toEqual(['exit code 134']);
});

test('one that says that it takes too much memory is ended, and its end says why', () => {
  fork.mockReturnValue(child);
  child.kill.mockClear();
  child.removeAllListeners();
  const port = spawnUtilityProcess('/fovea/engine.js');
  const ends: unknown[] = [];
  port.onExit((cause, by) => ends.push([cause, by]));
  child.stdout = new PassThrough();
  child.emit('spawn');
  child.stdout.emit('data', 'fovea: beyond its bound of memory\n');
  expect(child.kill).toHaveBeenCalledOnce();
  child.emit('exit', 9);
  expect(ends).toEqual([['exit code 9', 'memory']]);
});

test('it is ended for good, even where it does not listen', async () => {
  fork.mockReturnValue(child);
  child.kill.mockClear();
  const port = spawnUtilityProcess('/fovea/engine.js');
  port.kill();
  expect(child.kill).toHaveBeenCalledOnce();

  const deaf = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]);
  child.pid = deaf.pid;
  const ended = new Promise((resolve) => deaf.on('exit', (_code, signal) => resolve(signal)));
  port.kill();
  expect(await ended).toBe('SIGKILL');
});
