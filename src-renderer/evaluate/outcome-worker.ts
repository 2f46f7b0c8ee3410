import { unpackedColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import { answersOf, type DeskAnswer, type DeskQuestion } from './desk-questions.ts';

/** What comes in: columns, of which later questions are, or a question. */
export type ToWorker = { readonly packed: Uint8Array } | { readonly id: number; readonly question: DeskQuestion };
export interface FromWorker {
  readonly id: number;
  readonly answer: DeskAnswer;
}

// The outcomes of a run are filtered, sorted and compared here, so that the page scrolls on meanwhile.
let answer: ((question: DeskQuestion) => DeskAnswer) | null = null;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if ('packed' in data) {
    const columns = unpackedColumns(data.packed);
    answer = columns && answersOf(columns);
  } else if (answer) postMessage({ id: data.id, answer: answer(data.question) } satisfies FromWorker);
});
