import type { LayerHistogram } from '../../../src-shared/precision/activation-histogram.ts';
import { type ErrorRecord, FoveaError } from '../../../src-shared/errors.ts';

export interface EngineProgress {
  readonly done: number;
  readonly total: number;
  /** Of a calibration, by layer, now and then. */
  readonly histograms?: Readonly<Record<string, LayerHistogram>>;
}

export interface FailedPath {
  readonly path: string;
  readonly error: ErrorRecord;
}

/** What a task has of the one who asked for it. */
export interface TaskContext {
  readonly signal: AbortSignal;
  progress(progress: EngineProgress): void;
  /** The task's model is being opened, which nothing can interrupt and no progress tells of; or it is open now. */
  opening?(opening: boolean): void;
}

/** @throws FoveaError `cancelled` */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
}
