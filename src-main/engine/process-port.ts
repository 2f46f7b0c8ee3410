import { fork } from 'node:child_process';

/** One end of the conversation with a child process, forked by Node or by Electron. Messages are structured clones. */
export interface ProcessPort {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

export interface ChildProcessPort extends ProcessPort {
  /** Called once, with what is known of the cause: an exit code or a signal. */
  onExit(listener: (cause: string) => void): void;
  kill(): void;
}

/** Starts a script in a process of its own. */
export type SpawnProcess = (script: string) => ChildProcessPort;

/**
 * What a child finds in its environment beside the parent's own. Engines run side by side, one a core: more than two threads that
 * decode images in each would only take the caches from inference. ONNX Runtime reports to its maker on Linux and macOS unless it
 * is told not to before its process starts; nothing the user has set may turn that on again.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { UV_THREADPOOL_SIZE: '2', ...process.env, ORT_DISABLE_TELEMETRY: '1' };
}

/** Node's way; under Electron see `utility-process.ts`. */
export const forkProcess: SpawnProcess = (script) => {
  const child = fork(script, {
    env: childEnvironment(),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  // A message to a child that has just died; its end is told by `exit`.
  child.on('error', () => undefined);
  return {
    send: (message) => void child.send(message as object, () => undefined),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', (code, signal) => listener(signal ?? `exit code ${code}`)),
    kill: () => void child.kill('SIGKILL'),
  };
};

/** The child's end, whichever way it was started. A parent that is gone takes its children with it. */
export function parentPort(): ProcessPort {
  const port = process.parentPort;
  if (port)
    return {
      send: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', ({ data }) => listener(data)),
    };
  process.on('disconnect', () => process.exit());
  return {
    // A parent that has just died; `disconnect` ends this process.
    send: (message) => void process.send?.(message, () => undefined),
    onMessage: (listener) => void process.on('message', listener),
  };
}
