import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { FoveaError } from '../../src-shared/errors.ts';
import { isAlive, PID_SPACE } from '../files/process-alive.ts';

/** How often a process at work on a run shows that it is still there, in milliseconds. */
export const HEARTBEAT_MS = 10_000;
/** A process not seen for so long, in milliseconds, is gone. Hosts that share a store may have clocks as far apart, less a heartbeat. */
const OWNER_TIMEOUT_MS = 60_000;

/** A process that works on a run. */
export interface RunOwner {
  /** For people: `host:pid`. */
  readonly owner: string;
  /** Names what its pid is counted in: processes of one space see each other's. */
  readonly owner_space: string;
  /** No other process has it, not even a later one of the same pid. */
  readonly owner_token: string;
}

/** The owner a store has of a run, and when it was last seen, in milliseconds since 1970. */
export interface SeenOwner extends RunOwner {
  readonly seen_at: number;
}

export const THIS_PROCESS: RunOwner = {
  owner: `${hostname()}:${process.pid}`,
  owner_space: PID_SPACE,
  owner_token: randomBytes(8).toString('hex'),
};

/**
 * Whether a process still works on the run it owns. One whose pid can be looked up is known to be gone at once, any other after
 * {@link OWNER_TIMEOUT_MS}.
 * @param now milliseconds since 1970
 */
export function isAtWork(owner: SeenOwner, now: number, self = THIS_PROCESS, pidExists = isAlive): boolean {
  // A clock that was set back makes times to come: they are as good as old ones.
  if (Math.abs(now - owner.seen_at) >= OWNER_TIMEOUT_MS) return false;
  if (!canBeLookedUp(owner, self)) return true;
  const pid = pidOf(owner);
  return pid === pidOf(self) ? owner.owner_token === self.owner_token : pidExists(pid);
}

/** Whether the owner's pid is counted in what this process sees. Runs of a store's first version have the host's name for a space. */
export function canBeLookedUp({ owner_space: space }: RunOwner, self = THIS_PROCESS): boolean {
  return space === self.owner_space || space === hostOf(self);
}

/** Says who works on a run, and how long to wait where that process is gone after all. */
export function runAtWork(runId: string, { owner, seen_at }: SeenOwner, now: number): FoveaError {
  const age = Math.max(0, now - seen_at);
  const seen = Math.floor(age / 1000);
  const wait = Math.ceil((OWNER_TIMEOUT_MS - age) / 1000);
  return new FoveaError(
    'store-locked',
    `run ${runId} is being worked on by ${owner}, seen ${seen} s ago`,
    `Wait for it, or stop it; if it is gone, try again in ${wait} s.`,
  );
}

const hostOf = ({ owner }: RunOwner) => owner.slice(0, owner.lastIndexOf(':'));
const pidOf = ({ owner }: RunOwner) => Number(owner.slice(owner.lastIndexOf(':') + 1));
