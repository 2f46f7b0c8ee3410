import { utilityProcess } from 'electron';
import { childEnvironment, type SpawnProcess } from '../engine/process-port.ts';

/** Electron's way to start a script in a process of its own. */
export const spawnUtilityProcess: SpawnProcess = (script) => {
  const child = utilityProcess.fork(script, [], { env: childEnvironment(), stdio: ['ignore', 'ignore', 'inherit'] });
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
    kill() {
      // `child.kill()` asks politely, and a process in the middle of an inference does not hear.
      if (child.pid === undefined) child.kill();
      else process.kill(child.pid, 'SIGKILL');
    },
  };
};
