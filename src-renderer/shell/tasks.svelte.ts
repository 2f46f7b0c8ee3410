import { figuresOf, type Stage, type WorkFigures } from '../../src-shared/work.ts';
import type { SendOptions } from '../link/carrier.ts';
import type { Messages } from './messages.svelte.ts';

export type LongWork<Result> = (options: Required<SendOptions>) => Promise<Result>;

/** Work that takes long enough to be shown, and can be stopped. */
export interface Task {
  readonly id: number | string;
  /** What it is done for, where its stage does not tell; null otherwise. */
  readonly name: string | null;
  readonly figures: WorkFigures;
  /** Stops it so that it can go on later; where it can. */
  readonly pause?: () => void;
  cancel(): void;
}

/** What this page waits for, the oldest first. */
export class Tasks {
  #list = $state.raw<readonly Task[]>([]);
  #lastId = 0;
  readonly #messages: Messages;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  get list(): readonly Task[] {
    return this.#list;
  }

  /** Runs long work with its progress shown. What it throws becomes a message. */
  async run<Result>(stage: Stage, work: LongWork<Result>): Promise<Result | null> {
    const controller = new AbortController();
    const begun: Task = {
      id: ++this.#lastId,
      name: null,
      figures: figuresOf(stage),
      cancel: () => controller.abort(),
    };
    const replace = (...task: readonly Task[]) =>
      (this.#list = this.#list.flatMap((other) => (other.id === begun.id ? task : [other])));
    this.#list = [...this.#list, begun];
    try {
      const onProgress = (figures: WorkFigures) => replace({ ...begun, figures });
      return await this.#messages.told(() => work({ signal: controller.signal, onProgress }));
    } finally {
      replace();
    }
  }
}
