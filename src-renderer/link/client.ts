import type { z } from 'zod';
import {
  EVENTS,
  type EventName,
  type EventOf,
  type InputOf,
  type ProcedureName,
  type ResultOf,
} from '../../src-shared/contract/contract.ts';
import { hostMessageSchema } from '../../src-shared/contract/messages.ts';
import type { OpenedFiles } from '../../src-shared/contract/files.ts';
import { fromErrorRecord, type FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import {
  addressGone,
  cancelled,
  hostGone,
  type Carrier,
  type SendFilesOptions,
  type SendOptions,
  type SentFiles,
} from './carrier.ts';

export interface CallOptions extends SendOptions {
  /** A newer call in the same slot cancels the older one, which then fails with `cancelled`. */
  readonly slot?: string;
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: FoveaError): void;
  readonly onProgress: SendOptions['onProgress'] | undefined;
}

/** The view's end of the contract. */
export class Client {
  readonly #carrier: Carrier;
  readonly #pending = new Map<number, PendingCall>();
  readonly #slots = new Map<string, AbortController>();
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>();
  readonly #connectionListeners = new Set<(connected: boolean, refused: boolean) => void>();
  /** Starts anywhere, so that an answer to a page that was reloaded in this window is none to this one. */
  #lastId = Math.floor(Math.random() * 2 ** 40);

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    carrier.receive({
      message: (message) => this.#receive(message),
      connection: (connected, refused = false) => this.#connectionChanged(connected, refused),
    });
  }

  /**
   * Asks the machine side.
   * @throws FoveaError what the machine side answered; `cancelled` after a cancellation; `host-gone` without connection
   */
  async call<Name extends ProcedureName>(
    procedure: Name,
    input: InputOf<Name>,
    options: CallOptions = {},
  ): Promise<ResultOf<Name>> {
    const { slot } = options;
    if (slot === undefined) return this.#send(procedure, input, options.signal, options.onProgress);
    this.#slots.get(slot)?.abort();
    const controller = new AbortController();
    this.#slots.set(slot, controller);
    const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
    try {
      return await this.#send(procedure, input, signal, options.onProgress);
    } finally {
      if (this.#slots.get(slot) === controller) this.#slots.delete(slot);
    }
  }

  /**
   * Asks for what changes nothing: what a lost connection left unanswered is asked again once it is back.
   * @throws FoveaError as {@link call} does; `host-gone` only where no connection returns
   */
  async read<Name extends ProcedureName>(
    procedure: Name,
    input: InputOf<Name>,
    options: CallOptions = {},
  ): Promise<ResultOf<Name>> {
    for (;;) {
      try {
        return await this.call(procedure, input, options);
      } catch (thrown) {
        if (toErrorRecord(thrown).code !== 'host-gone') throw thrown;
        await this.#connectionBack(options.signal);
      }
    }
  }

  #connectionBack(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        signal?.removeEventListener('abort', abort);
        stop();
        settle();
      };
      const abort = () => end(() => reject(cancelled()));
      const stop = this.onConnection((connected, refused) => {
        if (connected) end(resolve);
        else if (refused) end(() => reject(addressGone()));
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort);
    });
  }

  /** Listens to an event until the returned function is called. */
  on<Name extends EventName>(event: Name, listener: (value: EventOf<Name>) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Listens to the loss (`false`) and the return (`true`) of the connection; one that is refused does not return. */
  onConnection(listener: (connected: boolean, refused: boolean) => void): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  /** Makes what was dropped known to the host: images, folders, models, stores. Call it within the drop event. */
  sendDropped(transfer: DataTransfer, options: SendFilesOptions = {}): Promise<SentFiles> {
    return this.#carrier.sendDropped(transfer, options);
  }

  /** The same with what a file input gave. */
  sendFiles(files: readonly File[], options: SendFilesOptions = {}): Promise<SentFiles> {
    return this.#carrier.sendFiles(files, options);
  }

  /** Opens what was sent: images, folders, models. */
  async openSent(sent: SentFiles, options: SendOptions = {}): Promise<OpenedFiles> {
    if (sent.files.length === 0) return { images: [], models: [], failed: sent.failed, skipped: 0 };
    const opened = await this.call('files.open', { files: [...sent.files] }, options);
    return { ...opened, failed: [...sent.failed, ...opened.failed] };
  }

  #send<Name extends ProcedureName>(
    procedure: Name,
    input: InputOf<Name>,
    signal: AbortSignal | undefined,
    onProgress: PendingCall['onProgress'],
  ): Promise<ResultOf<Name>> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      const cancel = () => {
        this.#pending.delete(id);
        try {
          this.#carrier.send({ kind: 'cancel', id });
        } catch {
          // Without a connection there is nothing left to cancel.
        }
        reject(cancelled());
      };
      if (signal?.aborted) return reject(cancelled());
      const forget = () => signal?.removeEventListener('abort', cancel);
      // The machine side is the same build as this page, and the contract states its result: the one place that relies on it.
      const answered = (value: unknown) => resolve(value as ResultOf<Name>);
      this.#pending.set(id, {
        resolve: (value) => (forget(), answered(value)),
        reject: (error) => (forget(), reject(error)),
        onProgress,
      });
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        this.#carrier.send({ kind: 'request', id, procedure, input });
      } catch (error) {
        this.#pending.delete(id);
        forget();
        reject(error);
      }
    });
  }

  #receive(raw: unknown): void {
    const message = understood(hostMessageSchema, raw);
    if (!message) return;
    if (message.kind === 'event') return this.#emit(message.event, message.value);
    const call = this.#pending.get(message.id);
    // The answer to a cancelled call may still be on its way.
    if (!call) return;
    if (message.kind === 'progress') return call.onProgress?.(message.figures);
    this.#pending.delete(message.id);
    if (message.kind === 'result') call.resolve(message.value);
    else call.reject(fromErrorRecord(message.error));
  }

  #emit(name: string, value: unknown): void {
    if (!isEventName(name)) return;
    const event = understood<EventOf<EventName>>(EVENTS[name], value);
    if (!event) return;
    for (const listener of this.#listeners.get(name) ?? []) (listener as (value: typeof event) => void)(event);
  }

  #connectionChanged(connected: boolean, refused: boolean): void {
    if (!connected) {
      for (const call of this.#pending.values()) call.reject(refused ? addressGone() : hostGone());
      this.#pending.clear();
    }
    for (const listener of this.#connectionListeners) listener(connected, refused);
  }
}

function understood<Value>(schema: z.ZodType<Value>, raw: unknown): Value | null {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  console.error('A message of the machine side was not understood.', parsed.error);
  return null;
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENTS, name);
}
