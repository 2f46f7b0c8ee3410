import { unpackedColumns, type OutcomeColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import { answerTo, type DeskAnswer, type DeskQuestion } from './desk-questions.ts';

/** What comes in: columns, of which later questions are, or a question. */
export type ToWorker = { readonly packed: Uint8Array } | { readonly id: number; readonly question: DeskQuestion };
export interface FromWorker {
  readonly id: number;
  readonly answer: DeskAnswer;
}

// The outcomes of a run are filtered, sorted and compared here, so that the page scrolls on meanwhile.
let columns: OutcomeColumns | null = null;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if ('packed' in data) columns = unpackedColumns(data.packed);
  else if (columns) postMessage({ id: data.id, answer: answerTo(columns, data.question) } satisfies FromWorker);
});
