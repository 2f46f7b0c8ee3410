import type { ToEngine } from './engine-protocol.ts';

type Task = Extract<ToEngine, { kind: 'task' }>;

/** Before anything is known of a model, and while it is opened: large ones take minutes on slow disks. */
const UNKNOWN_MS = 600_000;
/** What a unit of work may take then, where there are many. */
const UNKNOWN_UNIT_MS = 60_000;
/** A machine that is busy with other things is so much slower at most than it was. */
const PATIENCE = 100;
const LEAST_MS = 60_000;
/** Images that an engine takes at once when it evaluates; it tells of each lot. */
const IMAGES_AT_ONCE = 24;

/** How much work lies between two signs of life of a task at most, in inferences of one image. */
export function workUnits(task: Task): number {
  if (task.name !== 'evaluate') return 1;
  return Math.max(1, Math.min(task.input.images.length, IMAGES_AT_ONCE)) * (task.input.plans.length + 1);
}

/**
 * Milliseconds without a sign of life after which an engine counts as hung.
 * @param slowestMs what a unit of the model's work has taken at most; undefined while that is not known
 */
export function hangLimitMs(task: Task, slowestMs: number | undefined): number {
  if (task.name === 'probe') return LEAST_MS;
  const units = workUnits(task);
  if (slowestMs === undefined) return Math.max(UNKNOWN_MS, units * UNKNOWN_UNIT_MS);
  return Math.max(LEAST_MS, PATIENCE * units * slowestMs);
}
