import { setPriority } from 'node:os';
import { guardProcess } from './engine/process-guard.ts';
import { parentPort } from './engine/process-port.ts';
import { toErrorRecord, type ErrorRecord } from '../src-shared/errors.ts';
import type { RunReport } from '../src-shared/runs/run-record.ts';
import { openRunStoreToRead } from './store/run-store.ts';
import { readColumns } from './work/read-columns.ts';
import { shownReport } from './work/run-report.ts';

/** To the process that counts up runs which are not complete, one at a time; each is answered once. */
export interface RunTask {
  readonly kind: 'report' | 'columns';
  readonly db: string;
  readonly runId: string;
}

export type RunAnswer =
  | { readonly kind: 'report'; readonly report: RunReport }
  | { readonly kind: 'columns'; readonly columns: Uint8Array }
  | { readonly kind: 'error'; readonly error: ErrorRecord };

/** The analysis that the user waits for goes before figures that come again soon. */
const NICENESS = 10;

guardProcess();
const port = parentPort();
setPriority(NICENESS);
port.onMessage((message) => port.send(answer(message as RunTask)));

function answer({ kind, db, runId }: RunTask): RunAnswer {
  try {
    using store = openRunStoreToRead(db);
    if (kind === 'report') return { kind, report: shownReport(store, runId) };
    return { kind, columns: new Uint8Array(readColumns(store, runId)) };
  } catch (error) {
    return { kind: 'error', error: toErrorRecord(error) };
  }
}
