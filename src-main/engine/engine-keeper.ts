import { FoveaError, fromErrorRecord, toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import type { FromEngine, TaskInput, TaskName, TaskResult, ToEngine } from './engine-protocol.ts';
import type { EngineProgress } from './inside/task-context.ts';
import { hangLimitMs, workUnits } from './hang-limit.ts';
import { memoryBound, MEMORY_VARIABLE } from './process-guard.ts';
import type { ChildProcessPort, EndedBy, ProcessBounds, SpawnProcess } from './process-port.ts';

/**
 * What the keeper tells of its engine: `crashed` comes with what the work in hand failed with, `opening` with the path of the model.
 */
export type EngineStateListener = (
  state: 'starting' | 'opening' | 'ready' | 'crashed',
  error: ErrorRecord | null,
  model: string | null,
) => void;

export interface EngineKeeperOptions {
  /** The bundled engine. */
  readonly script: string;
  readonly spawn: SpawnProcess;
  /** Beyond reading and computing. */
  readonly bounds?: ProcessBounds;
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

/** A cancelled task that has not ended by then is in a long inference: the process is ended. */
const CANCEL_GRACE_MS = 2_000;
/** Of a model nobody wants any more there is nothing to keep. */
const CANCEL_OPENING_GRACE_MS = 300;
/** A timer that is so late was kept from running, and what the engine has said meanwhile from being heard. */
const STOPPED_MS = 1_000;

/**
 * Keeps one engine process: started when first needed, replaced after a crash or a hang. Those fail the task in hand; the tasks
 * behind it go to the fresh engine.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions;
  #child: ChildProcessPort | null = null;
  #ready = false;
  #closed = false;
  #closesWhenIdle = false;
  #nextId = 1;
  #watchdog: NodeJS.Timeout | undefined;
  /** The task in hand whose model is being opened. */
  #opening: number | null = null;
  /** Tasks whose engine ended while it opened their model. */
  readonly #openedAgain = new Set<number>();
  /** When the engine last gave a sign of life, or a task to the idle one, on `performance.now()`'s clock. */
  #lastSign = 0;
  /** Milliseconds that a unit of work has taken at most, by the model's path. */
  readonly #slowest = new Map<string, number>();
  /** In the order in which the engine takes them: the first is the one in hand. */
  readonly #waiting = new Map<number, Waiting>();

  constructor(options: EngineKeeperOptions) {
    this.#options = options;
  }

  /** Starts the process before anything is asked of it. */
  start(): void {
    this.#child ??= this.#start();
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
        grace = setTimeout(
          () => this.#replace(new FoveaError('cancelled', 'cancelled')),
          name === 'open' ? CANCEL_OPENING_GRACE_MS : CANCEL_GRACE_MS,
        );
      else this.#settle(id)?.reject(new FoveaError('cancelled', 'cancelled before it began'));
    };
    signal?.addEventListener('abort', cancel, { once: true });
    const result = new Promise<TaskResult<TaskName>>((resolve, reject) => {
      // Name and input belong together by this method's signature.
      const message = { kind: 'task', id, name, input } as Waiting['message'];
      this.#waiting.set(id, { message, resolve, reject, onProgress });
      child.send(message);
      if (this.#waiting.size === 1) this.#watch();
    });
    // An engine answers a task with that task's result.
    return (result as Promise<TaskResult<Name>>).finally(() => {
      clearTimeout(grace);
      signal?.removeEventListener('abort', cancel);
    });
  }

  /** Nothing is asked of it. */
  get isIdle(): boolean {
    return this.#waiting.size === 0;
  }

  /** Closes it when what it has been asked for is done. */
  closeWhenIdle(): void {
    if (this.isIdle) this.close();
    else this.#closesWhenIdle = true;
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
    this.#openedAgain.delete(id);
    this.#watch();
    if (this.#closesWhenIdle && this.isIdle) this.close();
    return waiting;
  }

  #start(): ChildProcessPort {
    this.#options.onState?.('starting', null, null);
    this.#ready = false;
    this.#opening = null;
    const child = this.#options.spawn(this.#options.script, this.#options.bounds);
    child.onMessage((message) => {
      if (child === this.#child) this.#receive(message as FromEngine);
    });
    child.onExit((cause, by) => {
      if (child === this.#child) this.#ended(cause, by);
    });
    if (this.#options.givesWay) child.send({ kind: 'give-way' } satisfies ToEngine);
    return child;
  }

  #receive(message: FromEngine): void {
    const { id } = message;
    if (message.kind === 'opening') {
      this.#opening = message.opening ? id : null;
      this.#ready = !message.opening;
      const path = pathOf(this.#waiting.get(id)?.message);
      this.#options.onState?.(message.opening ? 'opening' : 'ready', null, message.opening ? path : null);
      return this.#watch();
    }
    // Nothing more can be had of it than of one that has crashed: another process finds the device again, if it is there.
    if (message.kind === 'error' && message.error.code === 'device-lost')
      return this.#fail('engine-crashed', message.error.message, 'itself');
    this.#learn(id);
    if (message.kind === 'progress') {
      this.#watch();
      this.#waiting.get(id)?.onProgress?.(message.progress);
      return;
    }
    this.#opening = null;
    if (!this.#ready) {
      this.#ready = true;
      this.#options.onState?.('ready', null, null);
    }
    const waiting = this.#settle(id);
    if (message.kind === 'error') waiting?.reject(fromErrorRecord(message.error));
    else waiting?.resolve(message.result);
  }

  /** How long the work took that the engine has just told of. */
  #learn(id: number): void {
    const message = this.#waiting.get(id)?.message;
    const path = pathOf(message);
    if (!message || path === null || message.name === 'open' || this.#opening !== null) return;
    const unit = (performance.now() - this.#lastSign) / workUnits(message);
    this.#slowest.set(path, Math.max(unit, this.#slowest.get(path) ?? 0));
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    const inHand = this.#inHand();
    if (!inHand) return;
    const { message } = inHand;
    const learnt = this.#opening === null ? this.#slowest.get(pathOf(message) ?? '') : undefined;
    const limit = hangLimitMs(message, learnt);
    const since = (this.#lastSign = performance.now());
    this.#watchdog = setTimeout(() => {
      // This process was stopped, or the machine asleep.
      if (performance.now() - since > limit + STOPPED_MS) this.#watch();
      else this.#fail('engine-hung', `no sign of life for ${Math.round(limit / 1000)} s`, 'itself');
    }, limit);
  }

  /** The engine has ended unasked. One that ended while it opened a model opens it once more: it may have been killed from outside. */
  #ended(cause: string, by: EndedBy): void {
    const inHand = this.#inHand();
    const id = this.#opening;
    if (by === 'memory' || id === null || inHand?.message.id !== id || this.#openedAgain.has(id))
      return this.#fail(by === 'memory' ? 'engine-memory' : 'engine-crashed', cause, by);
    this.#openedAgain.add(id);
    this.#endProcess();
    this.#startAgain();
  }

  #fail(code: 'engine-crashed' | 'engine-hung' | 'engine-memory', cause: string, by: EndedBy): void {
    const mebibytes = this.#options.bounds?.memory ?? memoryBound();
    const error = new FoveaError(code, ...FAILURES[code](cause, by, mebibytes));
    this.#options.onState?.('crashed', toErrorRecord(error), null);
    this.#replace(error);
  }

  /** The engine is gone or must go, and takes the task in hand with it. */
  #replace(error: FoveaError): void {
    this.#endProcess();
    const failed = this.#inHand();
    if (failed) this.#settle(failed.message.id);
    if (this.#waiting.size > 0) this.#startAgain();
    failed?.reject(error);
  }

  /** All that is waited for goes to a fresh engine. */
  #startAgain(): void {
    const child = (this.#child = this.#start());
    for (const { message } of this.#waiting.values()) child.send(message);
    this.#watch();
  }

  #endProcess(): void {
    clearTimeout(this.#watchdog);
    const child = this.#child;
    this.#child = null;
    child?.kill();
  }
}

/** Of the model that a task is for. */
function pathOf(message: Waiting['message'] | undefined): string | null {
  return message && message.name !== 'probe' ? message.input.model.path : null;
}

const NEW_ENGINE = 'A new engine is started for the next request.';
const SAME_INPUT = `${NEW_ENGINE} If it happens again with this input, the model or the image may be the cause.`;

/** What to say, and what to do next, of each way an engine ends unasked. */
const FAILURES = {
  'engine-crashed': (cause: string, by: EndedBy): [string, string] => [
    `the engine process ended during this work (${cause})`,
    by === 'signal' ? `${NEW_ENGINE} Another program has ended it, or the system, where memory was short.` : SAME_INPUT,
  ],
  'engine-hung': (cause: string): [string, string] => [
    `the engine process hung during this work (${cause})`,
    SAME_INPUT,
  ],
  'engine-memory': (_: string, _by: EndedBy, mebibytes: number): [string, string] => [
    `this work took more memory than one engine may have (${mebibytes} MiB), and was ended`,
    `${NEW_ENGINE} Use a smaller model or image, or set ${MEMORY_VARIABLE} to more MiB.`,
  ],
};
