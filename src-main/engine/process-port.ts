import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../files/project-folder.ts';
import { memoryBound, MEMORY_VARIABLE, OVER_MEMORY } from './process-guard.ts';

/** One end of the conversation with a child process, forked by Node or by Electron. Messages are structured clones. */
export interface ProcessPort {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** Who ended a process: itself, its bound of memory, or somebody outside, whose signal nobody here has sent. */
export type EndedBy = 'itself' | 'memory' | 'signal';

export interface ChildProcessPort extends ProcessPort {
  /** Called once, with what is known of the cause: an exit code or a signal. */
  onExit(listener: (cause: string, by: EndedBy) => void): void;
  kill(): void;
}

/** What a child may do beyond reading files and computing. */
export interface ProcessBounds {
  /** MiB it may hold; default: what `memoryBound` leaves to one process. */
  readonly memory?: number | undefined;
  /** A folder it may write in; default: none. */
  readonly writes?: string | undefined;
  /** It tries what may not be there: native libraries say so on stderr, where nobody has asked. Default: false. */
  readonly isTrial?: boolean | undefined;
}

/** Starts a script in a process of its own. */
export type SpawnProcess = (script: string, bounds?: ProcessBounds) => ChildProcessPort;

/**
 * What a child finds in its environment beside the parent's own. Engines run side by side, one a core: more than two threads that
 * decode images in each would only take the caches from inference. ONNX Runtime reports to its maker on Linux and macOS unless it
 * is told not to before its process starts; nothing the user has set may turn that on again. Drivers of GPUs keep what they compile in the
 * user's cache, which Node's permission model does not see: engines write nothing, unless the user wants that.
 */
export function childEnvironment({ memory = memoryBound() }: ProcessBounds = {}): NodeJS.ProcessEnv {
  return {
    UV_THREADPOOL_SIZE: '2',
    MESA_SHADER_CACHE_DISABLE: 'true',
    __GL_SHADER_DISK_CACHE: '0',
    ...process.env,
    ORT_DISABLE_TELEMETRY: '1',
    [MEMORY_VARIABLE]: String(memory),
  };
}

/**
 * Node's permission model: children read, and load the native libraries, but start no program and write nowhere else than they are
 * told. (It binds JavaScript; the libraries themselves it does not.) Not with a debugger, which it forbids, nor where sharp is the
 * WebAssembly build, which asks Node for what it then withholds.
 */
function rights({ writes }: ProcessBounds): string[] {
  const isDebugged = /--inspect/.test(process.env.NODE_OPTIONS ?? '');
  if (isDebugged || !process.allowedNodeEnvironmentFlags.has('--permission') || !hasNativeSharp()) return [];
  return [
    '--permission',
    '--allow-fs-read=*',
    '--allow-addons',
    '--allow-worker',
    ...(writes === undefined ? [] : [`--allow-fs-write=${writes}`]),
    '--disable-warning=SecurityWarning',
  ];
}

function hasNativeSharp(): boolean {
  try {
    return readdirSync(join(projectFolder(), 'node_modules', '@img')).some((name) =>
      /^sharp-(linux|darwin|win32)/.test(name),
    );
  } catch {
    return false;
  }
}

/** Node's way; under Electron see `utility-process.ts`. */
export const forkProcess: SpawnProcess = (script, bounds = {}) => {
  const child = fork(script, {
    env: childEnvironment(bounds),
    execArgv: [...process.execArgv, ...rights(bounds)],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', bounds.isTrial ? 'ignore' : 'inherit', 'ipc'],
    // A group of its own: what a terminal sends reaches the parent alone. On Windows that would open a window.
    detached: process.platform !== 'win32',
  });
  const kill = () => void child.kill('SIGKILL');
  const overMemory = heardOverMemory(child.stdout, kill);
  let killed = false;
  // A message to a child that has just died; its end is told by `exit`.
  child.on('error', () => undefined);
  return {
    send: (message) => void child.send(message as object, () => undefined),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) =>
      void child.once('exit', (code, signal) =>
        listener(signal ?? `exit code ${code}`, endedBy(overMemory(), isFromOutside(signal) && !killed)),
      ),
    kill() {
      killed = true;
      kill();
      // Nobody waits for its end: the system takes longer to clear it away than a command has left to do.
      child.unref();
      child.channel?.unref();
      child.stdout?.destroy();
    },
  };
};

/** Listens for the word of a child that holds too much memory, and ends it; the function given says whether it came. */
export function heardOverMemory(stdout: NodeJS.ReadableStream | null, end: () => void): () => boolean {
  let heard = false;
  stdout?.on('data', (chunk) => {
    if (heard || !String(chunk).includes(OVER_MEMORY)) return;
    heard = true;
    end();
  });
  return () => heard;
}

/** What people and systems send; those that a crash raises, SIGSEGV or SIGABRT, are the process's own. */
const isFromOutside = (signal: NodeJS.Signals | null) =>
  signal !== null && ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGXCPU'].includes(signal);

export const endedBy = (overMemory: boolean, bySignal: boolean): EndedBy =>
  overMemory ? 'memory' : bySignal ? 'signal' : 'itself';

/** The child's end, whichever way it was started. A parent that is gone takes its children with it. */
export function parentPort(): ProcessPort {
  const port = process.parentPort;
  if (port)
    return {
      send: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', ({ data }) => listener(data)),
    };
  // Not `exit`, which waits for what is in work.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  return {
    // A parent that has just died; `disconnect` ends this process.
    send: (message) => void process.send?.(message, () => undefined),
    onMessage: (listener) => void process.on('message', listener),
  };
}
