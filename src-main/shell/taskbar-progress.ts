import type { HostMessage } from '../../src-shared/contract/messages.ts';

/**
 * Shows the work in hand on the taskbar: the share done of all requests that know their total.
 * @param show receives 0..1, or -1 when there is nothing to show
 */
export function taskbarProgress(show: (share: number) => void): { see(message: HostMessage): void; clear(): void } {
  const requests = new Map<number, { readonly done: number; readonly total: number }>();
  const update = () => {
    let done = 0;
    let total = 0;
    for (const request of requests.values()) {
      done += request.done;
      total += request.total;
    }
    show(total > 0 ? done / total : -1);
  };
  return {
    see(message) {
      if (message.kind === 'progress') {
        const { done, total } = message.figures;
        if (total === null) return;
        requests.set(message.id, { done, total });
        update();
      } else if (message.kind !== 'event' && requests.delete(message.id)) update();
    },
    clear() {
      requests.clear();
      update();
    },
  };
}
