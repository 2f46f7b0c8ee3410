import { expect, test } from 'vitest';
import { taskbarProgress } from '../../../src-main/shell/taskbar-progress.ts';
import type { RunJob } from '../../../src-shared/contract/runs.ts';
import { figuresOf } from '../../../src-shared/work.ts';

const figures = (done: number, total: number | null) => figuresOf('evaluating', { done, total });
const job = (done: number, status: RunJob['status'] = 'running') => {
  const value: RunJob = { runId: 'r1', name: 'first try', status, figures: figures(done, 30), error: null };
  return { kind: 'event', event: 'run.changed', value } as const;
};

test('the taskbar shows the share done of all requests and runs, until they end', () => {
  const shown: number[] = [];
  const progress = taskbarProgress((share) => shown.push(share));
  progress.see({ kind: 'progress', id: 1, figures: figures(5, null) });
  progress.see({ kind: 'progress', id: 1, figures: figures(5, 10) });
  progress.see(job(15));
  progress.see({ kind: 'event', event: 'run.changed', value: 'nonsense' });
  progress.see({ kind: 'result', id: 1, value: null });
  progress.see({ kind: 'result', id: 2, value: null });
  progress.see(job(30, 'complete'));
  progress.see(job(3));
  progress.clear();
  expect(shown).toEqual([0.5, 0.5, 0.5, -1, 0.1, -1]);
});
