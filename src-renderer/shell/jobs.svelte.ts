import { count } from '../../src-shared/count-text.ts';
import type { InputOf } from '../../src-shared/contract/contract.ts';
import type { RunJob } from '../../src-shared/contract/runs.ts';
import type { Client } from '../link/client.ts';
import { merged } from '../merge.ts';
import type { Messages } from './messages.svelte.ts';
import type { Task } from './tasks.svelte.ts';

/** The runs that the machine works on, and those it has ended since it started. They go on whatever becomes of this page. */
export class Jobs {
  #list = $state.raw<readonly RunJob[]>([]);
  #disconnected = false;
  readonly #client: Client;
  readonly #messages: Messages;

  /** Those that go on, as the status bar shows them. */
  readonly tasks: readonly Task[] = $derived(
    this.#list
      .filter(({ status }) => status === 'running')
      .map(({ runId, name, figures }) => ({ id: runId, name, figures, cancel: () => void this.stop(runId) })),
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
    try {
      const seen = this.#list.filter(({ status }) => status === 'running');
      this.#list = await this.#client.call('runs.jobs', {});
      for (const job of seen) {
        const now = this.#list.find(({ runId }) => runId === job.runId);
        // Another machine side answers than the one that worked on it.
        this.#tellEnd(now ?? { ...job, status: 'interrupted' });
      }
    } catch (thrown) {
      this.#messages.error(thrown);
    }
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

  async #begun(asked: Promise<RunJob>): Promise<RunJob | null> {
    try {
      const job = await asked;
      // What an event told already is newer.
      if (!this.#list.some(({ runId }) => runId === job.runId)) this.#changed(job);
      return job;
    } catch (thrown) {
      this.#messages.error(thrown);
      return null;
    }
  }

  async stop(runId: string): Promise<void> {
    try {
      await this.#client.call('runs.stop', { runId });
    } catch (thrown) {
      this.#messages.error(thrown);
    }
  }

  #changed(job: RunJob): void {
    const before = this.#list.find(({ runId }) => runId === job.runId);
    this.#list = merged(this.#list, [job], ({ runId }) => runId);
    if (job.status !== before?.status) this.#tellEnd(job);
  }

  #tellEnd({ runId, name, status, figures: { done, total, failed }, error }: RunJob): void {
    const kept = `${total === null ? count(done, 'image') : `${done} of ${count(total, 'image')}`} kept`;
    switch (status) {
      case 'running':
        return;
      case 'complete':
        return this.#messages.done(
          `Run ${name} is saved: ${count(total ?? done, 'image')}${failed > 0 ? `, of which ${failed} failed` : ''}.`,
        );
      case 'cancelled':
        return this.#messages.done(`Run ${name} is cancelled: ${kept}.`);
      case 'failed':
        return this.#messages.record({
          code: error?.code ?? 'internal',
          message: `Run ${name} failed: ${error?.message ?? kept}`,
          next: error?.next ?? '',
        });
      case 'interrupted':
        return this.#messages.record({
          code: error?.code ?? 'host-gone',
          message: `Run ${name} was interrupted: ${kept}`,
          next: `Go on with it: fovea batch --resume ${runId}`,
        });
    }
  }
}
