import type { RunJob } from '../../src-shared/contract/runs.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { newRunId } from '../store/run-identity.ts';
import type { Bench } from './bench.ts';
import { evaluate, type EvaluatedRun, type EvaluateOrder, resume, storedRun } from './evaluate.ts';

interface JobInWork {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Runs as jobs that the machine owns: whoever begins one gets its id at once and may go; it ends by itself, when it is stopped, or
 * with this process, and all that is done is kept. Their engines give way to what somebody waits for.
 */
export class RunJobs {
  readonly #bench: Bench;
  readonly #changed: (job: RunJob) => void;
  readonly #jobs = new Map<string, RunJob>();
  readonly #inWork = new Map<string, JobInWork>();

  /** @param changed told of every change of a job, the last one included */
  constructor(bench: Bench, changed: (job: RunJob) => void) {
    this.#bench = bench;
    this.#changed = changed;
  }

  /** Jobs in work, and those that have ended since the start; the oldest first. */
  list(): RunJob[] {
    return [...this.#jobs.values()];
  }

  /** Begins a run. What keeps it from beginning is told as the job's error. */
  start({ runId = newRunId(), ...order }: Omit<EvaluateOrder, 'givesWay'> & { readonly name: string }): RunJob {
    return this.#begin(runId, order.name, (work) =>
      evaluate(this.#bench, { ...order, runId, again: 'refused', givesWay: true }, work),
    );
  }

  /**
   * Goes on with a run of the store.
   * @throws FoveaError `run-unknown`, or `not-allowed` where this machine is at work on it
   */
  resume(wanted: string): RunJob {
    const { id, name } = storedRun(this.#bench, wanted);
    if (this.#inWork.has(id)) throw new FoveaError('not-allowed', `run ${id} is at work already`);
    return this.#begin(id, name, (work) => resume(this.#bench, { run: id, givesWay: true }, work));
  }

  /**
   * Asks a run to stop; resolves when it has.
   * @throws FoveaError `run-unknown` where this machine is not at work on it
   */
  async stop(runId: string): Promise<void> {
    const job = this.#inWork.get(runId);
    if (!job) throw new FoveaError('run-unknown', `run ${runId} is not at work here`);
    job.controller.abort();
    await job.ended;
  }

  /** Resolves when a run is no longer at work. */
  async ended(runId: string): Promise<RunJob | undefined> {
    await this.#inWork.get(runId)?.ended;
    return this.#jobs.get(runId);
  }

  /** Stops all; what is done is kept. */
  async close(): Promise<void> {
    const jobs = [...this.#inWork.values()];
    for (const { controller } of jobs) controller.abort();
    await Promise.all(jobs.map(({ ended }) => ended));
  }

  #begin(runId: string, name: string, evaluated: (work: Work) => Promise<EvaluatedRun>): RunJob {
    const controller = new AbortController();
    const job: RunJob = { runId, name, status: 'running', figures: figuresOf('opening-model'), error: null };
    this.#jobs.set(runId, job);
    const work: Work = {
      signal: controller.signal,
      progress: (figures) => this.#change(runId, { figures }),
      // What notes tell is in the run's report.
      note: () => undefined,
    };
    const ended = evaluated(work).then(
      ({ run: { status, images, finished, failed } }) => {
        // The last figures told were of whatever the work was at.
        const figures = figuresOf('evaluating', { done: finished + failed, total: images, failed });
        this.#end(runId, { status, figures });
      },
      (error: unknown) => {
        const record = toErrorRecord(error);
        if (record.code === 'cancelled') this.#end(runId, { status: 'cancelled' });
        else this.#end(runId, { status: 'failed', error: record });
      },
    );
    this.#inWork.set(runId, { controller, ended });
    this.#changed(job);
    return job;
  }

  #end(runId: string, change: Partial<RunJob>): void {
    this.#inWork.delete(runId);
    this.#change(runId, change);
  }

  #change(runId: string, change: Partial<RunJob>): void {
    const job = { ...this.#jobs.get(runId)!, ...change };
    this.#jobs.set(runId, job);
    this.#changed(job);
  }
}
