import { type ChildProcessPort, forkProcess, type SpawnProcess } from './process-port.ts';

interface FirstProcess {
  readonly script: string;
  readonly port: ChildProcessPort;
  ended: boolean;
}

let first: FirstProcess | null = null;

/** Starts a process before it is known whether anybody will need it; {@link spawnFirst} hands it out. */
export function startFirst(script: string, spawn: SpawnProcess = forkProcess): void {
  const started = { script, port: spawn(script), ended: false };
  started.port.onExit(() => (started.ended = true));
  first = started;
}

/** As `forkProcess`, but the process that was started first is handed out to the first who wants one like it. */
export const spawnFirst: SpawnProcess = (script, bounds) => {
  if (first?.script !== script || first.ended || bounds !== undefined) return forkProcess(script, bounds);
  const { port } = first;
  first = null;
  return port;
};

/** Ends the process that was started first, where nobody has taken it. */
export function dropFirst(): void {
  first?.port.kill();
  first = null;
}
