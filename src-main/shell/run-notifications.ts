import type { RunJob } from '../../src-shared/contract/runs.ts';
import { runEndText } from '../../src-shared/runs/run-end-text.ts';

/**
 * Tells by the system's own means that a run has ended, to a user who looks at something else.
 * @param show what is to be read
 * @returns takes every change of a run
 */
export function runNotifications(
  isLookedAt: () => boolean,
  show: (title: string, body: string) => void,
): (job: RunJob) => void {
  const running = new Set<string>();
  return (job) => {
    if (job.status === 'running') running.add(job.runId);
    // Who paused a run knows that it has ended.
    else if (running.delete(job.runId) && job.status !== 'cancelled' && !isLookedAt()) show('Fovea', runEndText(job));
  };
}
