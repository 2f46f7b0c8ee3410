import type { ErrorRecord } from '../../src-shared/errors.ts';
import type { WorkFigures } from '../../src-shared/work.ts';

/** A download that goes on, or why it does not any more. */
export interface Download {
  readonly figures: WorkFigures | null;
  readonly failure: ErrorRecord | null;
  readonly stop: () => void;
}
