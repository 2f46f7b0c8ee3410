import type { HostMessage } from '../../src-shared/contract/messages.ts';
import type { WorkFigures } from '../../src-shared/work.ts';
import { RUN_EVENTS } from '../../src-shared/contract/runs.ts';

/**
 * Shows the work in hand on the taskbar: the share done of all requests and runs that know their total.
 * @param show receives 0..1, or -1 when there is nothing to show
 */
export function taskbarProgress(show: (share: number) => void): { see(message: HostMessage): void; clear(): void } {
  const works = new Map<number | string, { readonly done: number; readonly total: number }>();
  const update = () => {
    let done = 0;
    let total = 0;
    for (const work of works.values()) {
      done += work.done;
      total += work.total;
    }
    show(total > 0 ? done / total : -1);
  };
  const set = (id: number | string, { done, total }: WorkFigures) => {
    if (total === null) return;
    works.set(id, { done, total });
    update();
  };
  const unset = (id: number | string) => {
    if (works.delete(id)) update();
  };
  return {
    see(message) {
      if (message.kind === 'progress') set(message.id, message.figures);
      else if (message.kind !== 'event') unset(message.id);
      else if (message.event === 'run.changed') {
        const { data: job } = RUN_EVENTS['run.changed'].safeParse(message.value);
        if (job?.status === 'running') set(job.runId, job.figures);
        else if (job) unset(job.runId);
      }
    },
    clear() {
      works.clear();
      update();
    },
  };
}
