import { FoveaError, fromErrorRecord, toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import type { FromEngine, TaskInput, TaskName, TaskResult, ToEngine } from './engine-protocol.ts';
import type { EngineProgress } from './inside/task-context.ts';
import type { ChildProcessPort, SpawnProcess } from './process-port.ts';

/** What the keeper tells of its engine: `crashed` comes with what the work in hand failed with. */
export type EngineStateListener = (state: 'starting' | 'ready' | 'crashed', error: ErrorRecord | null) => void;

export interface EngineKeeperOptions {
  /** The bundled engine. */
  readonly script: string;
  readonly spawn: SpawnProcess;
  /** Milliseconds without a result or progress after which an engine counts as hung. Default: ten minutes. */
  readonly hangTimeoutMs?: number;
  readonly onState?: EngineStateListener;
  /** Its work gives way to whatever else the machine does. */
  readonly givesWay?: boolean;
}

export interface TaskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EngineProgress) => void;
}

interface Waiting {
  readonly message: Extract<ToEngine, { kind: 'task' }>;
  resolve(result: TaskResult<TaskName>): void;
  reject(error: Error): void;
  readonly onProgress: ((progress: EngineProgress) => void) | undefined;
}

const HANG_TIMEOUT_MS = 600_000;
/** A cancelled task that has not ended by then is in a long inference: the process is ended. */
const CANCEL_GRACE_MS = 2_000;

/**
 * Keeps one engine process: started when first needed, replaced after a crash or a hang. Those fail the task in hand; the tasks
 * behind it go to the fresh engine.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions;
  #child: ChildProcessPort | null = null;
  #ready = false;
  #closed = false;
  #nextId = 1;
  #watchdog: NodeJS.Timeout | undefined;
  /** In the order in which the engine takes them: the first is the one in hand. */
  readonly #waiting = new Map<number, Waiting>();

  constructor(options: EngineKeeperOptions) {
    this.#options = options;
  }

  /**
   * @throws FoveaError what the task throws; `engine-crashed`, `engine-hung`, `cancelled`
   */
  run<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    { signal, onProgress }: TaskOptions = {},
  ): Promise<TaskResult<Name>> {
    if (this.#closed) return Promise.reject(new FoveaError('cancelled', 'the engine has been closed'));
    if (signal?.aborted) return Promise.reject(new FoveaError('cancelled', 'cancelled before it began'));
    const id = this.#nextId++;
    const child = (this.#child ??= this.#start());
    let grace: NodeJS.Timeout | undefined;
    const cancel = () => {
      this.#child?.send({ kind: 'cancel', id });
      if (this.#inHand()?.message.id === id)
        grace = setTimeout(() => this.#replace(new FoveaError('cancelled', 'cancelled')), CANCEL_GRACE_MS);
      else this.#settle(id)?.reject(new FoveaError('cancelled', 'cancelled before it began'));
    };
    signal?.addEventListener('abort', cancel, { once: true });
    const result = new Promise<TaskResult<TaskName>>((resolve, reject) => {
      // Name and input belong together by this method's signature.
      const message = { kind: 'task', id, name, input } as Waiting['message'];
      this.#waiting.set(id, { message, resolve, reject, onProgress });
      child.send(message);
      this.#watch();
    });
    // An engine answers a task with that task's result.
    return (result as Promise<TaskResult<Name>>).finally(() => {
      clearTimeout(grace);
      signal?.removeEventListener('abort', cancel);
    });
  }

  /** Ends the process; what it was at fails as cancelled. */
  close(): void {
    this.#closed = true;
    this.#endProcess();
    for (const id of [...this.#waiting.keys()])
      this.#settle(id)?.reject(new FoveaError('cancelled', 'the engine has been closed'));
  }

  #inHand(): Waiting | undefined {
    return this.#waiting.values().next().value;
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#watch();
    return waiting;
  }

  #start(): ChildProcessPort {
    this.#options.onState?.('starting', null);
    this.#ready = false;
    const child = this.#options.spawn(this.#options.script);
    child.onMessage((message) => {
      if (child === this.#child) this.#receive(message as FromEngine);
    });
    child.onExit((cause) => {
      if (child === this.#child) this.#fail('engine-crashed', cause);
    });
    if (this.#options.givesWay) child.send({ kind: 'give-way' } satisfies ToEngine);
    return child;
  }

  #receive(message: FromEngine): void {
    if (message.kind === 'progress') {
      this.#watch();
      this.#waiting.get(message.id)?.onProgress?.(message.progress);
      return;
    }
    if (!this.#ready) {
      this.#ready = true;
      this.#options.onState?.('ready', null);
    }
    const waiting = this.#settle(message.id);
    if (message.kind === 'error') waiting?.reject(fromErrorRecord(message.error));
    else waiting?.resolve(message.result);
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.#waiting.size === 0) return;
    const limit = this.#options.hangTimeoutMs ?? HANG_TIMEOUT_MS;
    this.#watchdog = setTimeout(
      () => this.#fail('engine-hung', `no sign of life for ${Math.round(limit / 1000)} s`),
      limit,
    );
  }

  #fail(code: 'engine-crashed' | 'engine-hung', cause: string): void {
    const error = new FoveaError(
      code,
      `the engine process ${code === 'engine-hung' ? 'hung' : 'ended'} during this work (${cause})`,
      'A new engine is started for the next request. If it happens again with this input, the model or the image may be the cause.',
    );
    this.#options.onState?.('crashed', toErrorRecord(error));
    this.#replace(error);
  }

  /** The engine is gone or must go, and takes the task in hand with it. */
  #replace(error: FoveaError): void {
    this.#endProcess();
    const failed = this.#inHand();
    if (failed) this.#settle(failed.message.id);
    if (this.#waiting.size > 0) {
      const child = (this.#child = this.#start());
      for (const { message } of this.#waiting.values()) child.send(message);
    }
    failed?.reject(error);
  }

  #endProcess(): void {
    clearTimeout(this.#watchdog);
    const child = this.#child;
    this.#child = null;
    child?.kill();
  }
}
