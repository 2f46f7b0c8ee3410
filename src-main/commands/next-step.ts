import { FoveaError } from '../../src-shared/errors.ts';
import { resumeCommand, type ResumePlace } from '../text/resume-command.ts';
import { RunEnded } from '../work/run-ended.ts';

/** Runs what makes one run; what ends that says what to type to go on with it. */
export function withNextStep<Result>(place: ResumePlace, work: () => Promise<Result>): Promise<Result> {
  return saying(work, ({ runId, code }) =>
    code === 'dataset-unreadable'
      ? `For a folder that has moved: ${resumeCommand(runId, place, 'FOLDER')}`
      : `Go on with: ${resumeCommand(runId, place)}`,
  );
}

/** Runs what makes runs of its own accord: given again, the command finds what was done. */
export function withSameCommand<Result>(work: () => Promise<Result>): Promise<Result> {
  return saying(work, () => 'Give the same command again: what is done is not computed anew.');
}

async function saying<Result>(work: () => Promise<Result>, goOn: (ended: RunEnded) => string): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
    throw new FoveaError(error.code, error.message, `${error.next} ${goOn(error)}`.trim(), { cause: error });
  }
}
