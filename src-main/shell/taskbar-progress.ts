import { RUN_EVENTS } from '../../src-shared/contract/runs.ts';
import type { HostMessage } from '../../src-shared/contract/messages.ts';
import type { WorkFigures } from '../../src-shared/work.ts';

/**
 * Shows the work in hand on the taskbar: the share done of all requests and runs that know their total.
 * @param show receives 0..1, or -1 when there is nothing to show
 */
export function taskbarProgress(show: (share: number) => void): { see(message: HostMessage): void; clear(): void } {
  /** By number of the request, and id of the run. */
  const inHand = new Map<number | string, { readonly done: number; readonly total: number }>();
  const update = () => {
    let done = 0;
    let total = 0;
    for (const work of inHand.values()) {
      done += work.done;
      total += work.total;
    }
    show(total > 0 ? done / total : -1);
  };
  const goesOn = (id: number | string, { done, total }: WorkFigures) => {
    if (total === null) return;
    inHand.set(id, { done, total });
    update();
  };
  const ends = (id: number | string) => {
    if (inHand.delete(id)) update();
  };
  return {
    see(message) {
      if (message.kind === 'progress') return goesOn(message.id, message.figures);
      if (message.kind !== 'event') return ends(message.id);
      const job = message.event === 'run.changed' ? RUN_EVENTS['run.changed'].safeParse(message.value).data : undefined;
      if (job?.status === 'running') goesOn(job.runId, job.figures);
      else if (job) ends(job.runId);
    },
    clear() {
      inHand.clear();
      update();
    },
  };
}
