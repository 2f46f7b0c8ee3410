import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { spawnUtilityProcess } from '../../../src-main/shell/utility-process.ts';

const child = Object.assign(new EventEmitter(), {
  pid: undefined as number | undefined,
  postMessage: vi.fn(),
  kill: vi.fn(),
});
const fork = vi.hoisted(() => vi.fn());
vi.mock('electron', () => ({ utilityProcess: { fork } }));

test('a script of Electron’s is spoken to as one of Node’s', () => {
  fork.mockReturnValue(child);
  const port = spawnUtilityProcess('/fovea/engine.js');
  const env = expect.objectContaining({ PATH: process.env.PATH, UV_THREADPOOL_SIZE: '2' }) as NodeJS.ProcessEnv;
  expect(fork).toHaveBeenCalledWith('/fovea/engine.js', [], { env, stdio: ['ignore', 'ignore', 'inherit'] });

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

test('it is ended for good, even where it does not listen', async () => {
  fork.mockReturnValue(child);
  const port = spawnUtilityProcess('/fovea/engine.js');
  port.kill();
  expect(child.kill).toHaveBeenCalledOnce();

  const deaf = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]);
  child.pid = deaf.pid;
  const ended = new Promise((resolve) => deaf.on('exit', (_code, signal) => resolve(signal)));
  port.kill();
  expect(await ended).toBe('SIGKILL');
});
