import { FoveaError } from '../../../src-shared/errors.ts';
import type { EngineProgress } from '../engine-protocol.ts';

/** What a task has of the one who asked for it. */
export interface TaskContext {
  readonly signal: AbortSignal;
  progress(progress: EngineProgress): void;
}

/** @throws FoveaError `cancelled` */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
}
