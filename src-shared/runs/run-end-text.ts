import type { RunJob } from '../contract/runs.ts';
import { count } from '../count-text.ts';

/** What has become of a run that goes no more, in a sentence without its full stop. */
export function runEndText({ name, status, figures: { done, total, failed }, error }: RunJob): string {
  const kept = `${total === null ? count(done, 'image') : `${done} of ${count(total, 'image')}`} kept`;
  switch (status) {
    case 'complete':
      return `Run ${name} is saved: ${count(total ?? done, 'image')}${failed > 0 ? `, of which ${failed} failed` : ''}`;
    case 'failed':
      return `Run ${name} failed: ${error?.message ?? kept}`;
    case 'interrupted':
      return `Run ${name} was interrupted: ${kept}`;
    default:
      return `Run ${name} is paused: ${kept}`;
  }
}

/** What a run that stopped at first successes has to tell of its plans. */
export const FIRST_SUCCESS_TEXT =
  'Each image was done with the cheapest plan that keeps its answer, for the oracle alone: no plan was run on all images, and none has ' +
  'figures of its own.';
