import { type OutcomeColumns, packedColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import { answersOf, type DeskAnswer, type DeskQuestion } from './desk-questions.ts';
import type { FromWorker, ToWorker } from './outcome-worker.ts';

/**
 * Answers questions about the outcomes of a run, in a worker; where none can be had, on the spot. Of each kind of question only the
 * newest is answered.
 */
export class OutcomeDesk {
  readonly #onAnswer: (answer: DeskAnswer) => void;
  readonly #newest = new Map<DeskQuestion['kind'], { readonly id: number; readonly question: DeskQuestion }>();
  #answer: ((question: DeskQuestion) => DeskAnswer) | null = null;
  #worker: Worker | null = null;
  #lastId = 0;

  constructor(onAnswer: (answer: DeskAnswer) => void) {
    this.#onAnswer = onAnswer;
    try {
      this.#worker = new Worker(new URL('./outcome-worker.ts', import.meta.url), { type: 'module' });
      this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#answered(data.id, data.answer);
      this.#worker.onerror = () => this.#doWithout();
    } catch {
      this.#doWithout();
    }
  }

  /** From now on questions are about these columns. */
  take(columns: OutcomeColumns): void {
    this.#answer = answersOf(columns);
    this.#post({ packed: packedColumns(columns) });
  }

  ask(question: DeskQuestion): void {
    if (!this.#answer) return;
    const id = ++this.#lastId;
    this.#newest.set(question.kind, { id, question });
    if (this.#worker) this.#post({ id, question });
    else this.#answered(id, this.#answer(question));
  }

  /** What was asked is no more wanted: another run is looked at. */
  forget(): void {
    this.#newest.clear();
  }

  close(): void {
    this.#worker?.terminate();
    this.#newest.clear();
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #answered(id: number, answer: DeskAnswer): void {
    if (this.#newest.get(answer.kind)?.id === id) this.#onAnswer(answer);
  }

  #doWithout(): void {
    this.#worker = null;
    for (const { id, question } of this.#newest.values()) if (this.#answer) this.#answered(id, this.#answer(question));
  }
}
