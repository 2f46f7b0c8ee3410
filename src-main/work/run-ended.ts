import { FoveaError } from '../../src-shared/errors.ts';

/** What ended a run before it was complete. All that was done is kept in it; whoever asked for it says how to go on. */
export class RunEnded extends FoveaError {
  readonly runId: string;

  constructor(runId: string, { code, message, next }: FoveaError, options?: ErrorOptions) {
    super(code, message, next, options);
    this.runId = runId;
  }
}
