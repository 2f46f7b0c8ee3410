import { FoveaError } from '../../src-shared/errors.ts';
import type { ChildProcessPort, SpawnProcess } from './process-port.ts';

interface Job<Task, Answer> {
  readonly task: Task;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export interface AskOptions {
  /** It comes after all tasks that do not wait. Default: false. */
  readonly waits?: boolean;
  /** A task that is still waiting when nobody wants its answer any more is left out. */
  readonly signal?: AbortSignal | undefined;
}

/** A process that answers one task after another. */
export interface TaskProcess<Task, Answer> {
  /** @throws FoveaError `cancelled`, or what the process ended by */
  ask(task: Task, options?: AskOptions): Promise<Answer>;
  close(): void;
}

/**
 * Keeps a process that answers tasks: started when first needed, and again after a crash, which fails the one task it was at.
 * @param ended the error of the task at which the process ended
 */
export function taskProcess<Task, Answer>(
  script: string,
  spawn: SpawnProcess,
  ended: (task: Task, cause: string) => Error,
): TaskProcess<Task, Answer> {
  const urgent: Job<Task, Answer>[] = [];
  const others: Job<Task, Answer>[] = [];
  let current: Job<Task, Answer> | null = null;
  let child: ChildProcessPort | null = null;

  const start = (): ChildProcessPort => {
    const started = spawn(script);
    started.onMessage((message) => {
      const job = current;
      current = null;
      // The process runs this build's own code: its messages are what its types say.
      job?.resolve(message as Answer);
      work();
    });
    started.onExit((cause) => {
      const job = current;
      child = null;
      current = null;
      job?.reject(ended(job.task, cause));
      work();
    });
    return started;
  };

  const work = () => {
    if (current) return;
    current = urgent.shift() ?? others.shift() ?? null;
    if (!current) return;
    child ??= start();
    child.send(current.task);
  };

  return {
    ask: (task, { waits = false, signal } = {}) =>
      new Promise((resolve, reject) => {
        const queue = waits ? others : urgent;
        const job = { task, resolve, reject };
        queue.push(job);
        signal?.addEventListener('abort', () => {
          const place = queue.indexOf(job);
          if (place < 0) return;
          queue.splice(place, 1);
          reject(new FoveaError('cancelled', 'cancelled'));
        });
        work();
      }),
    close() {
      urgent.length = 0;
      others.length = 0;
      child?.kill();
    },
  };
}
