import { toErrorRecord, type ErrorRecord, type FoveaErrorCode } from '../../src-shared/errors.ts';

export interface Message {
  readonly key: number;
  readonly tone: 'error' | 'done';
  /** Of an error. */
  readonly code: FoveaErrorCode | null;
  readonly text: string;
  /** What the user can do next; empty when nothing more can be said. */
  readonly next: string;
  /** What can be done about it at once. */
  readonly action: MessageAction | null;
}

export interface MessageAction {
  readonly label: string;
  act(): void;
}

const DONE_SECONDS = 6;
const MOST_SHOWN = 4;

/** What the application has to say: errors stay until they are closed, the rest leaves by itself. */
export class Messages {
  #list = $state.raw<readonly Message[]>([]);
  #lastKey = 0;

  get list(): readonly Message[] {
    return this.#list;
  }

  /** What was thrown; a cancellation is the user's own wish and says nothing. */
  error(thrown: unknown): void {
    this.record(toErrorRecord(thrown));
  }

  /** What work gives; null where it throws, which is told. */
  async told<Result>(work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (thrown) {
      this.error(thrown);
      return null;
    }
  }

  record({ code, message, next }: ErrorRecord): void {
    if (code !== 'cancelled') this.#add({ tone: 'error', code, text: sentence(message), next, action: null });
  }

  /** With something that can be done about it, it stays until it is closed. */
  done(text: string, action: MessageAction | null = null): void {
    const key = this.#add({ tone: 'done', code: null, text, next: '', action });
    if (!action) setTimeout(() => this.close(key), DONE_SECONDS * 1000);
  }

  close(key: number): void {
    this.#list = this.#list.filter((message) => message.key !== key);
  }

  /** Takes away errors that are over. */
  over(code: FoveaErrorCode): void {
    this.#list = this.#list.filter((message) => message.code !== code);
  }

  #add(message: Omit<Message, 'key'>): number {
    const key = ++this.#lastKey;
    const others = this.#list.filter(({ text }) => text !== message.text);
    this.#list = [...others, { ...message, key }].slice(-MOST_SHOWN);
    return key;
  }
}

/** Errors are written without capital and full stop, to be joined; shown alone they are sentences. A file keeps its name. */
export function sentence(text: string): string {
  const [first = ''] = text.split(' ');
  const capital = /^[a-z]+$/.test(first) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
