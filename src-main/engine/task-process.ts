import { FoveaError } from '../../src-shared/errors.ts';
import type { ChildProcessPort, EndedBy, ProcessBounds, SpawnProcess } from './process-port.ts';

interface Job<Task, Answer> {
  readonly task: Task;
  resolve(answer: Answer): void;
  reject(error: Error): void;
  /** Somebody ended the process at it before: a second time it is not begun anew. */
  begunAgain: boolean;
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

export interface TaskProcessOptions<Task> {
  /** The error of the task at which the process ended. */
  readonly ended: (task: Task, cause: string, by: EndedBy) => Error;
  /** Milliseconds after which a process that does not answer is given up. Default: never. */
  readonly hangMs?: number;
  readonly bounds?: ProcessBounds;
}

/**
 * Keeps a process that answers tasks: started when first needed, and again after a crash, which fails the one task it was at. One that
 * somebody outside has ended begins that task once more.
 */
export function taskProcess<Task, Answer>(
  script: string,
  spawn: SpawnProcess,
  { ended, hangMs, bounds }: TaskProcessOptions<Task>,
): TaskProcess<Task, Answer> {
  const urgent: Job<Task, Answer>[] = [];
  const others: Job<Task, Answer>[] = [];
  let current: Job<Task, Answer> | null = null;
  let child: ChildProcessPort | null = null;
  let watchdog: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): ChildProcessPort => {
    const started = spawn(script, bounds);
    started.onMessage((message) => {
      // What it still says was of a task that is given up.
      if (started !== child) return;
      clearTimeout(watchdog);
      const job = current;
      current = null;
      // The process runs this build's own code: its messages are what its types say.
      job?.resolve(message as Answer);
      work();
    });
    started.onExit((cause, by) => started === child && giveUp(cause, by));
    return started;
  };

  /** The process is gone or must go, and takes the task in hand with it. */
  const giveUp = (cause: string, by: EndedBy) => {
    clearTimeout(watchdog);
    const job = current;
    child?.kill();
    child = null;
    current = null;
    if (job && by === 'signal' && !job.begunAgain && !closed) {
      job.begunAgain = true;
      urgent.unshift(job);
    } else job?.reject(ended(job.task, cause, by));
    work();
  };

  const work = () => {
    // Once closed, nothing begins: a process that was started then would outlive its keeper.
    if (current || closed) return;
    current = urgent.shift() ?? others.shift() ?? null;
    if (!current) return;
    child ??= start();
    child.send(current.task);
    if (hangMs !== undefined) watchdog = setTimeout(() => giveUp(`no answer for ${hangMs / 1000} s`, 'itself'), hangMs);
  };

  return {
    ask: (task, { waits = false, signal } = {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new FoveaError('cancelled', 'cancelled'));
        const queue = waits ? others : urgent;
        const job = { task, resolve, reject, begunAgain: false };
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
      closed = true;
      urgent.length = 0;
      others.length = 0;
      clearTimeout(watchdog);
      child?.kill();
    },
  };
}

/** Whether an answer is of the kind that was asked for. */
export function isOf<Answer extends { readonly kind: string }, Kind extends Answer['kind']>(
  answer: Answer,
  kind: Kind,
): answer is Extract<Answer, { kind: Kind }> {
  return answer.kind === kind;
}
