import { FoveaError, fromErrorRecord } from '../../src-shared/errors.ts';
import type { RunRecord, RunReport } from '../../src-shared/runs/run-record.ts';
import type { SpawnProcess } from '../engine/process-port.ts';
import { isOf, taskProcess } from '../engine/task-process.ts';
import type { RunAnswer, RunTask } from '../run-process.ts';
import type { RunStore } from '../store/run-store.ts';
import { keepColumns, keptColumns, readColumns } from './read-columns.ts';
import { shownReport } from './run-report.ts';

/** Answers that are counted up at once: more of them would keep this process, and whoever analyses in it, waiting. */
const FEW_ANSWERS = 1000;

/** Looks at runs: at complete ones as they were kept, at others by counting up what is there, which a process of its own does. */
export interface RunReader {
  report(store: RunStore, run: RunRecord): Promise<RunReport>;
  /** See `packedColumns`. */
  columns(store: RunStore, run: RunRecord): Promise<Uint8Array>;
  close(): void;
}

export function runReader(script: string, spawn: SpawnProcess): RunReader {
  const counting = taskProcess<RunTask, RunAnswer>(script, spawn, {
    ended: ({ runId }, cause) =>
      new FoveaError('internal', `run ${runId} could not be counted up (${cause})`, 'Open it again.'),
    // SQLite keeps files beside the store even where it only reads.
    bounds: { writes: '*' },
  });
  const elsewhere = async <Kind extends RunTask['kind']>(
    kind: Kind,
    { path: db }: RunStore,
    { id: runId }: RunRecord,
  ): Promise<Extract<RunAnswer, { kind: Kind }>> => {
    const answer = await counting.ask({ kind, db, runId });
    if (answer.kind === 'error') throw fromErrorRecord(answer.error);
    if (!isOf(answer, kind)) throw new Error(`the ${kind} of run ${runId} was asked for`);
    return answer;
  };
  const isQuick = ({ status, finished, plans }: RunRecord) =>
    status === 'complete' || finished * (plans + 1) <= FEW_ANSWERS;

  return {
    report: async (store, run) =>
      isQuick(run) ? shownReport(store, run.id) : (await elsewhere('report', store, run)).report,
    async columns(store, run) {
      if (!isQuick(run)) return (await elsewhere('columns', store, run)).columns;
      const kept = keptColumns(store, run.id);
      if (kept) return kept;
      const columns = readColumns(store, run.id);
      // A run that an older Fovea completed, or that came from another store.
      if (run.status === 'complete') store.write(() => keepColumns(store, run.id, columns));
      return columns;
    },
    close: () => counting.close(),
  };
}
