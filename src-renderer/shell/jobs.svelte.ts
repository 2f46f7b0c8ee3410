import type { InputOf } from '../../src-shared/contract/contract.ts';
import type { RunJob } from '../../src-shared/contract/runs.ts';
import { runEndText } from '../../src-shared/runs/run-end-text.ts';
import type { Client } from '../link/client.ts';
import { merged } from '../merge.ts';
import type { Messages } from './messages.svelte.ts';
import type { Task } from './tasks.svelte.ts';

/** The runs that the machine works on, and those it has ended since it started. They go on whatever becomes of this page. */
export class Jobs {
  #list = $state.raw<readonly RunJob[]>([]);
  /** The run that was taken out of sight last, unless it was brought back. */
  removed = $state<string | null>(null);
  #disconnected = false;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing that is drawn follows it
  readonly #cancelling = new Set<string>();
  readonly #client: Client;
  readonly #messages: Messages;

  /** Those that go on, as the status bar shows them. */
  readonly tasks: readonly Task[] = $derived(
    this.#list
      .filter(({ status }) => status === 'running')
      .map(({ runId, name, figures }) => ({
        id: runId,
        name,
        figures,
        pause: () => void this.stop(runId),
        cancel: () => void this.cancel(runId),
      })),
  );

  constructor(client: Client, messages: Messages) {
    this.#client = client;
    this.#messages = messages;
    client.on('run.changed', (job) => this.#changed(job));
    client.onConnection((connected) => {
      // What happened meanwhile was told to nobody.
      if (connected && this.#disconnected) void this.ask();
      this.#disconnected = !connected;
    });
  }

  get list(): readonly RunJob[] {
    return this.#list;
  }

  /** Asks which there are. Those that this page has seen going, and that go no more, are told of. */
  async ask(): Promise<void> {
    await this.#messages.told(async () => {
      const list = await this.#client.call('runs.jobs', {});
      // What ended meanwhile was told as it ended.
      const seen = this.#list.filter(({ status }) => status === 'running');
      this.#list = list;
      for (const job of seen) {
        const now = this.#list.find(({ runId }) => runId === job.runId);
        // Another machine side answers than the one that worked on it.
        this.#tellEnd(now ?? { ...job, status: 'interrupted' });
      }
    });
  }

  /** Begins a run; null where it cannot be begun, which is told. */
  start(order: InputOf<'runs.start'>): Promise<RunJob | null> {
    return this.#begun(this.#client.call('runs.start', order));
  }

  /** Goes on with a run. */
  resume(runId: string): Promise<RunJob | null> {
    // It begins anew for the one who looks at it: how it ended before is no news.
    this.#list = this.#list.filter((job) => job.runId !== runId);
    return this.#begun(this.#client.call('runs.resume', { runId }));
  }

  #begun(asked: Promise<RunJob>): Promise<RunJob | null> {
    return this.#messages.told(async () => {
      const job = await asked;
      // What an event told already is newer.
      if (!this.#list.some(({ runId }) => runId === job.runId)) this.#changed(job);
      return job;
    });
  }

  async stop(runId: string): Promise<void> {
    await this.#messages.told(() => this.#client.call('runs.stop', { runId }));
  }

  /** Stops a run and takes it out of sight; it can be brought back. */
  async cancel(runId: string): Promise<void> {
    const name = this.#list.find((job) => job.runId === runId)?.name ?? runId;
    this.#cancelling.add(runId);
    await this.#messages.told(async () => {
      await this.#client.call('runs.stop', { runId });
      await this.#client.call('runs.delete', { runId });
      this.removed = runId;
      this.#messages.done(`Run ${name} is cancelled.`, {
        label: 'Keep what is done',
        act: () => void this.#restore(runId),
      });
    });
    this.#cancelling.delete(runId);
  }

  async #restore(runId: string): Promise<void> {
    await this.#messages.told(async () => {
      await this.#client.call('runs.restore', { runId });
      this.removed = null;
    });
  }

  #changed(job: RunJob): void {
    const before = this.#list.find(({ runId }) => runId === job.runId);
    this.#list = merged(this.#list, [job], ({ runId }) => runId);
    if (job.status !== before?.status) this.#tellEnd(job);
  }

  #tellEnd(job: RunJob): void {
    const { runId, status, error } = job;
    if (status === 'running' || this.#cancelling.has(runId)) return;
    if (status === 'complete' || status === 'cancelled') this.#messages.done(`${runEndText(job)}.`);
    else
      this.#messages.record({
        code: error?.code ?? (status === 'failed' ? 'internal' : 'host-gone'),
        message: runEndText(job),
        next: error?.next ?? (status === 'failed' ? '' : `Go on with it: fovea batch --resume ${runId}`),
      });
    // Under Electron the shell tells it; a browser only if its user has said so.
    if (status !== 'cancelled' && document.hidden && 'Notification' in window && Notification.permission === 'granted')
      new Notification('Fovea', { body: runEndText(job) });
  }
}
