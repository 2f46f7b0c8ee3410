import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EndedBy, SpawnProcess } from '../../../src-main/engine/process-port.ts';
import { taskProcess } from '../../../src-main/engine/task-process.ts';

/** Processes that do what the test says: answer, or end. */
function scene(hangMs?: number) {
  const processes: {
    readonly asked: unknown[];
    readonly answer: (message: unknown) => void;
    readonly end: (cause: string, by: EndedBy) => void;
    killed: boolean;
  }[] = [];
  const spawn: SpawnProcess = () => {
    const asked: unknown[] = [];
    let hear: (message: unknown) => void = () => undefined;
    let ended: (cause: string, by: EndedBy) => void = () => undefined;
    const own = {
      asked,
      answer: (message: unknown) => hear(message),
      end: (cause: string, by: EndedBy) => ended(cause, by),
      killed: false,
    };
    processes.push(own);
    return {
      send: (message) => void asked.push(message),
      onMessage: (listener) => void (hear = listener),
      onExit: (listener) => void (ended = listener),
      kill: () => void (own.killed = true),
    };
  };
  const tasks = taskProcess<string, string>('script', spawn, {
    ended: (task, cause, by) => new Error(`${task}: ${cause}, by ${by}`),
    ...(hangMs === undefined ? {} : { hangMs }),
  });
  return { tasks, processes };
}

describe('a process that answers tasks', () => {
  it('that crashes fails the task it was at; those behind it go to the next', async () => {
    const { tasks, processes } = scene();
    const first = tasks.ask('first');
    const second = tasks.ask('second');
    processes[0]!.end('SIGSEGV', 'itself');
    await expect(first).rejects.toThrow('first: SIGSEGV, by itself');
    expect(processes[1]!.asked).toEqual(['second']);
    processes[1]!.answer('done');
    expect(await second).toBe('done');
  });

  it('that somebody has ended begins its task once more, before all others; ended again, it says who it was', async () => {
    const { tasks, processes } = scene();
    const first = tasks.ask('first');
    const second = tasks.ask('second');
    processes[0]!.end('SIGKILL', 'signal');
    expect(processes[1]!.asked).toEqual(['first']);
    processes[1]!.end('SIGKILL', 'signal');
    await expect(first).rejects.toThrow('first: SIGKILL, by signal');
    expect(processes[2]!.asked).toEqual(['second']);
    processes[2]!.end('SIGKILL', 'signal');
    processes[3]!.answer('done');
    expect(await second).toBe('done');
  });

  it('that is closed at its task ends with it: nothing begins again, and nothing else is begun', async () => {
    const { tasks, processes } = scene();
    const first = tasks.ask('first');
    tasks.close();
    expect(processes[0]!.killed).toBe(true);
    processes[0]!.end('SIGKILL', 'signal');
    await expect(first).rejects.toThrow('first: SIGKILL, by signal');
    await expect(tasks.ask('second')).rejects.toThrow('cancelled');
    expect(processes).toHaveLength(1);
  });

  describe('with a limit', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('is given up when it does not answer, and another takes its place', async () => {
      const { tasks, processes } = scene(60_000);
      const first = tasks.ask('first');
      const told = expect(first).rejects.toThrow('first: no answer for 60 s, by itself');
      const second = tasks.ask('second');
      await vi.advanceTimersByTimeAsync(59_999);
      expect(processes.map(({ killed }) => killed)).toEqual([false]);
      await vi.advanceTimersByTimeAsync(1);
      await told;
      expect(processes.map(({ killed }) => killed)).toEqual([true, false]);
      // What it says late is no answer to another task.
      processes[0]!.answer('late');
      processes[1]!.answer('done');
      expect(await second).toBe('done');
      // Nothing is asked: nothing can hang.
      await vi.advanceTimersByTimeAsync(600_000);
      expect(processes[1]!.killed).toBe(false);
    });
  });
});
