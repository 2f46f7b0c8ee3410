import type { Comparability, ListedRun } from '../../src-shared/contract/comparison.ts';
import type { InputOf } from '../../src-shared/contract/contract.ts';
import { type ErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import { begun } from '../format.ts';
import type { Client } from '../link/client.ts';
import type { Messages } from '../shell/messages.svelte.ts';
import { keptLook, type RunLook } from './run-look.ts';

type Marks = Omit<InputOf<'runs.update'>, 'runId'>;

/** The saved runs: looked for, marked, renamed, deleted and brought back. */
export class RunLibrary {
  #runs = $state.raw<readonly ListedRun[]>([]);
  /** False until they were asked for. */
  known = $state(false);
  /** Why they cannot be listed: the store is locked, damaged or of a newer Fovea. */
  failure = $state.raw<ErrorRecord | null>(null);
  /** As the list has it, which keeps it over a reload. */
  readonly look = $state(keptLook(sessionStorage));
  /** What was deleted last, while it can be brought back. */
  deleted = $state.raw<ListedRun | null>(null);
  #comparable = $state.raw<Readonly<Record<string, Comparability>>>({});
  /** What was asked of last. */
  #baseline: string | null = null;
  readonly #client: Client;
  readonly #messages: Messages;

  readonly #texts = $derived(Object.fromEntries(this.#runs.map((run) => [run.id, textOf(run)])));

  readonly shown: readonly ListedRun[] = $derived.by(() => {
    const { search, sort, filter } = this.look;
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.#runs.filter(
      (run) =>
        (filter === 'archived' ? run.archived : !run.archived && (filter === 'all' || run.starred)) &&
        words.every((word) => this.#texts[run.id]!.includes(word)),
    );
    return sort === 'newest' ? found : found.toSorted(ORDERS[sort]);
  });

  readonly counts = $derived({
    all: this.#runs.filter(({ archived }) => !archived).length,
    starred: this.#runs.filter(({ starred, archived }) => starred && !archived).length,
    archived: this.#runs.filter(({ archived }) => archived).length,
  });

  /** Names that more than one run has. */
  readonly #sharedNames = $derived(
    [...Map.groupBy(this.#runs, ({ name }) => name)].flatMap(([name, { length }]) => (length > 1 ? name : [])),
  );

  constructor(client: Client, messages: Messages) {
    this.#client = client;
    this.#messages = messages;
  }

  find(id: string): ListedRun | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  /** What tells a run from the others: its name, and when it was begun where another has the same. */
  nameOf({ name, createdAt }: ListedRun): string {
    return this.#sharedNames.includes(name) ? `${name}, ${begun(createdAt)}` : name;
  }

  async ask(): Promise<void> {
    try {
      this.#runs = await this.#client.read('runs.listed', {}, { slot: 'runs' });
      this.known = true;
      this.failure = null;
    } catch (thrown) {
      const error = toErrorRecord(thrown);
      if (error.code !== 'cancelled') this.failure = error;
    }
  }

  /** Asks which runs can be put beside a baseline; without one all can. */
  async askComparable(baseline: string | null): Promise<void> {
    this.#baseline = baseline;
    const answers = baseline
      ? await this.#client
          .read('runs.comparable', { runId: baseline }, { slot: 'comparable' })
          // The list itself says what is wrong with the store, and the place which run is no more.
          .catch(() => [])
      : [];
    if (this.#baseline === baseline)
      this.#comparable = Object.fromEntries(answers.map((answer) => [answer.runId, answer]));
  }

  /** Why a run cannot be put beside the baseline; null where it can. */
  reasonAgainst(id: string): string | null {
    return this.#comparable[id]?.reason ?? null;
  }

  async update(id: string, marks: Marks): Promise<void> {
    await this.#change(() => this.#client.call('runs.update', { runId: id, ...marks }));
  }

  async delete(id: string): Promise<void> {
    const run = this.find(id) ?? null;
    if (await this.#change(() => this.#client.call('runs.delete', { runId: id }))) this.deleted = run;
  }

  async restore(): Promise<void> {
    const run = this.deleted;
    if (!run) return;
    this.deleted = null;
    await this.#change(() => this.#client.call('runs.restore', { runId: run.id }));
  }

  /** What another window did meanwhile shows in the list that is asked for anew, whatever came of the change. */
  async #change(change: () => Promise<unknown>): Promise<boolean> {
    const done = await this.#messages.told(() => change().then(() => true));
    await this.ask();
    return done ?? false;
  }
}

function textOf({ id, name, note, planText, model, status }: ListedRun): string {
  return [id, name, note, planText, model.id, status].join(' ').toLowerCase();
}

const ORDERS: Readonly<Record<Exclude<RunLook['sort'], 'newest'>, (a: ListedRun, b: ListedRun) => number>> = {
  top1: (a, b) => (b.top1 ?? b.top1Agreement ?? -1) - (a.top1 ?? a.top1Agreement ?? -1),
  saved: (a, b) => (a.macWeightedLockstepBits ?? Infinity) - (b.macWeightedLockstepBits ?? Infinity),
  name: (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }),
};
