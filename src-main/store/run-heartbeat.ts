import { FoveaError } from '../../src-shared/errors.ts';
import { HEARTBEAT_MS, isAtWork, type SeenOwner, THIS_PROCESS } from './run-owner.ts';
import type { RunDatabase } from './run-database.ts';

/** Shows other processes that this one works on a run, until it is stopped or the store is closed. */
export class RunHeartbeat {
  readonly #store: RunDatabase;
  readonly #runId: string;
  readonly #timer: NodeJS.Timeout;
  #lost = false;
  /** When {@link keepUp} last showed it, or this began. */
  #kept = Date.now();

  constructor(store: RunDatabase, runId: string) {
    this.#store = store;
    this.#runId = runId;
    this.#timer = setInterval(() => this.#beatAlone(), HEARTBEAT_MS);
    this.#timer.unref();
    beating.add(this);
  }

  get runId(): string {
    return this.#runId;
  }

  /** Whether the run is no longer this process's: another took it for gone, and over. */
  get lost(): boolean {
    return this.#lost;
  }

  /** For use within a transaction. @throws FoveaError `store-locked` when the run is lost */
  beat(): void {
    const { changes } = this.#store.db
      .prepare('UPDATE runs SET seen_at = ? WHERE id = ? AND owner_token = ?')
      .run(Date.now(), this.#runId, THIS_PROCESS.owner_token);
    if (changes === 1) return;
    this.#lost = true;
    throw new FoveaError(
      'store-locked',
      `run ${this.#runId} was taken over or deleted while this process was not seen`,
      'It may go on elsewhere: fovea runs list shows it.',
    );
  }

  /** To be called over and over in long work that gives the timer no turn. */
  keepUp(): void {
    const now = Date.now();
    if (now - this.#kept < HEARTBEAT_MS) return;
    this.#kept = now;
    this.#beatAlone();
  }

  stop(): void {
    clearInterval(this.#timer);
    beating.delete(this);
  }

  #beatAlone(): void {
    if (!this.#store.db.open) return this.stop();
    try {
      this.#store.write(() => this.beat());
    } catch (error) {
      // What keeps the store from being written is told by the next results.
      if (!(error instanceof FoveaError)) throw error;
    }
  }
}

/** Those of this process. */
const beating = new Set<RunHeartbeat>();

/**
 * Whether a process works on a run. This one knows of itself: where the disk was full, it could not write that it had ended.
 * @param now milliseconds since 1970
 */
export function isWorkedOn(runId: string, owner: SeenOwner, now: number): boolean {
  if (!isAtWork(owner, now)) return false;
  return owner.owner_token !== THIS_PROCESS.owner_token || [...beating].some((own) => own.runId === runId);
}
