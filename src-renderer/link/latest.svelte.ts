export interface LatestOptions<Question, Answer> {
  readonly ask: (question: Question, signal: AbortSignal) => Promise<Answer>;
  /** Whether an answer to `earlier` is still worth showing once `later` was asked. */
  readonly related: (earlier: Question, later: Question) => boolean;
  /** Not told of a question that was overtaken: the newer one is asked next. */
  readonly onError: (thrown: unknown, question: Question) => void;
}

/**
 * Keeps an answer in step with a question that changes faster than it can be answered.
 *
 * At most one question is out, and at most one waits: the newest. An answer to a related question
 * that was overtaken is shown, so that a drag moves the picture; an unrelated one is cancelled and never shown. Answers
 * are therefore shown in the order of their questions.
 */
export class Latest<Question, Answer> {
  #answer = $state.raw<Answer | null>(null);
  #busy = $state(false);
  #waiting: { readonly question: Question } | null = null;
  #out: { readonly question: Question; readonly cancel: AbortController } | null = null;
  #scheduled = false;
  readonly #options: LatestOptions<Question, Answer>;

  constructor(options: LatestOptions<Question, Answer>) {
    this.#options = options;
  }

  get answer(): Answer | null {
    return this.#answer;
  }

  /** True from a question to the answer of the newest one. */
  get busy(): boolean {
    return this.#busy;
  }

  ask(question: Question): void {
    if (this.#out && !this.#options.related(this.#out.question, question)) this.#cancelOut();
    this.#waiting = { question };
    this.#busy = true;
    this.#scheduleNext();
  }

  /** Forgets question and answer. */
  clear(): void {
    this.#cancelOut();
    this.#waiting = null;
    this.#answer = null;
    this.#busy = false;
  }

  #cancelOut(): void {
    this.#out?.cancel.abort();
    this.#out = null;
  }

  #scheduleNext(): void {
    if (this.#scheduled || this.#out) return;
    this.#scheduled = true;
    // Of the questions of one moment the last alone is asked; it waits for no frame.
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#sendWaiting();
    });
  }

  async #sendWaiting(): Promise<void> {
    if (!this.#waiting || this.#out) return;
    const out = { question: this.#waiting.question, cancel: new AbortController() };
    this.#out = out;
    this.#waiting = null;
    try {
      const answer = await this.#options.ask(out.question, out.cancel.signal);
      if (this.#out === out) this.#answer = answer;
    } catch (thrown) {
      if (this.#out === out && !this.#waiting) this.#options.onError(thrown, out.question);
    }
    if (this.#out !== out) return;
    this.#out = null;
    if (this.#waiting) this.#scheduleNext();
    else this.#busy = false;
  }
}
