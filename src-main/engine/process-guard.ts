import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';

// Guards of a child process. A thread of its own, for the main one is deaf in the middle of an inference.

const MEBIBYTE = 2 ** 20;
/** What one process may take of the memory: beyond it the machine would come to a standstill. */
const SHARE_OF_MEMORY = 0.75;
/** However many processes share the memory, each is left so much: less than that no network of the paper's needs. */
const LEAST_MEBIBYTES = 2048;

/** What a child is told of its bound, in MiB; a user may set it, too. */
export const MEMORY_VARIABLE = 'FOVEA_ENGINE_MEMORY';
/** What a child writes to its stdout when it goes beyond, before it is ended. */
export const OVER_MEMORY = 'fovea: beyond its bound of memory';

/**
 * MiB that a child may hold.
 * @param processes that share the memory
 */
export function memoryBound(processes = 1, environment: NodeJS.ProcessEnv = process.env): number {
  const own = Number(environment[MEMORY_VARIABLE]);
  if (own > 0) return own;
  const limit = process.constrainedMemory();
  const total = Math.min(totalmem(), limit > 0 ? limit : Infinity) / MEBIBYTE;
  const all = SHARE_OF_MEMORY * total;
  return Math.floor(Math.min(all, Math.max(all / processes, LEAST_MEBIBYTES)));
}

/** Ends this process when its parent is gone, or when it holds more memory than it may, whatever its main thread is at. */
export function guardProcess(): void {
  // The terminal sends Ctrl-C to all its processes: the parent alone decides.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const bounds: Bounds = {
    parent: process.ppid,
    bytes: Number(process.env[MEMORY_VARIABLE] || Infinity) * MEBIBYTE,
    overMemory: `${OVER_MEMORY}\n`,
  };
  // Source instead of a file: it runs the same from an archive, which a thread could not read everywhere.
  new Worker(`(${watch})()`, { eval: true, workerData: bounds }).unref();
}

interface Bounds {
  readonly parent: number;
  readonly bytes: number;
  readonly overMemory: string;
}

/** Runs in the thread, by its source: nothing of this file is there. */
function watch(): void {
  const { writeSync } = process.getBuiltinModule('node:fs');
  const threads = process.getBuiltinModule('node:worker_threads');
  const { parent, bytes, overMemory } = threads.workerData as Bounds;
  const isGone = () => {
    if (process.ppid !== parent) return true;
    try {
      // Where a process keeps the number of a parent that is gone.
      return !process.kill(parent, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  };
  const end = () => process.kill(process.pid, 'SIGKILL');
  const looking = setInterval(() => {
    if (isGone()) return end();
    if (process.memoryUsage.rss() <= bytes) return;
    clearInterval(looking);
    try {
      writeSync(1, overMemory);
    } catch {
      return end();
    }
    // Whoever started it knows why by then, and has ended it.
    setTimeout(end, 500);
  }, 100);
}
