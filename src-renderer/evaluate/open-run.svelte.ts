import type { ResultOf } from '../../src-shared/contract/contract.ts';
import { toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import { type OutcomeColumns, unpackedColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import type { Client } from '../link/client.ts';
import { PathBook } from './path-book.svelte.ts';

/** Between two looks at a run that goes on. */
const LOOK_AGAIN_MS = 500;
/** A look may take this share of the time at most: a large run is looked at less often. */
const SHARE_OF_TIME = 0.1;

/** As many as a machine answers with at once. */
const PATHS_A_CALL = 10_000;

/** A run that is looked at, also while it goes: its report, its failures and its outcomes. */
export class OpenRun {
  readonly runId: string;
  found = $state.raw<ResultOf<'runs.report'> | null>(null);
  columns = $state.raw<OutcomeColumns | null>(null);
  classes = $state.raw<readonly string[]>([]);
  /** Paths of its images where they were chosen one by one, none where they are those of its folder; null until that is known. */
  chosen = $state.raw<readonly string[] | null>(null);
  /** Why it cannot be looked at. */
  failure = $state.raw<ErrorRecord | null>(null);
  readonly paths: PathBook;
  readonly #client: Client;
  #looking = false;
  #again = false;
  /** The next look waits for nothing but the one that is at work. */
  #hurry = false;
  #closed = false;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, runId: string) {
    this.#client = client;
    this.runId = runId;
    this.paths = new PathBook(client, runId);
    void this.#look();
  }

  /**
   * It may have changed: it is looked at again, soon.
   * @param last no change comes after this one, which is looked at without a wait
   */
  changed({ last = false } = {}): void {
    this.#again = true;
    this.#hurry ||= last;
    if (last && this.#later !== undefined) {
      clearTimeout(this.#later);
      this.#later = undefined;
    }
    if (!this.#looking && this.#later === undefined && !this.#closed) void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#later);
  }

  async #look(): Promise<void> {
    const { runId } = this;
    this.#looking = true;
    this.#again = false;
    const start = performance.now();
    try {
      const [found, sent, classes] = await Promise.all([
        this.#client.call('runs.report', { runId }),
        this.#client.call('runs.columns', { runId }),
        this.classes.length > 0 ? this.classes : this.#client.call('runs.classes', { runId }),
      ]);
      const chosen = this.chosen ?? (found.run.dataset.chosen ? await this.#allPaths(found.run.images) : []);
      if (this.#closed) return;
      this.chosen = chosen;
      this.found = found;
      this.columns = unpackedColumns(sent);
      this.classes = classes;
      this.failure = null;
    } catch (thrown) {
      this.failure = toErrorRecord(thrown);
    } finally {
      this.#looking = false;
      const took = performance.now() - start;
      const wait = this.#hurry ? 0 : Math.max(LOOK_AGAIN_MS, took / SHARE_OF_TIME - took);
      this.#hurry = false;
      if (!this.#closed) this.#later = setTimeout(() => this.#lookAgain(), wait);
    }
  }

  async #allPaths(images: number): Promise<string[]> {
    const paths: string[] = [];
    while (paths.length < images) {
      const length = Math.min(PATHS_A_CALL, images - paths.length);
      const wanted = Array.from({ length }, (_, index) => paths.length + index);
      paths.push(...(await this.#client.call('runs.paths', { runId: this.runId, images: wanted })));
    }
    return paths;
  }

  #lookAgain(): void {
    this.#later = undefined;
    if (this.#again) void this.#look();
  }
}
