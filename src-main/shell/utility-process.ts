import { utilityProcess } from 'electron';
import { childEnvironment, endedBy, heardOverMemory, type SpawnProcess } from '../engine/process-port.ts';

/** Electron's way to start a script in a process of its own. It has no sandbox for such: `docs/security.md` says what stands in for it. */
export const spawnUtilityProcess: SpawnProcess = (script, bounds = {}) => {
  const child = utilityProcess.fork(script, [], {
    env: childEnvironment(bounds),
    stdio: ['ignore', 'pipe', bounds.isTrial ? 'ignore' : 'inherit'],
  });
  const kill = () => {
    // `child.kill()` asks politely, and a process in the middle of an inference does not hear.
    if (child.pid === undefined) child.kill();
    else process.kill(child.pid, 'SIGKILL');
  };
  let overMemory = () => false;
  // There is no stdout before the process runs.
  child.once('spawn', () => (overMemory = heardOverMemory(child.stdout, kill)));
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) =>
      void child.once('exit', (code) => listener(`exit code ${code}`, endedBy(overMemory(), false))),
    kill,
  };
};
