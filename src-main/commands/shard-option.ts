import type { Shard } from '../../src-shared/runs/run-record.ts';

/** What is wrong with a shard as it was written; whoever parses options tells it. */
export class WrongShard extends Error {}

/**
 * Reads `--shard`: `I/N` with I from 1 to N, `0-based:I/N`, `auto` in an array of tasks that says how many they are, or `auto/N`.
 * An array of Slurm counts its tasks from its own first index by its own step.
 * @param environment of this process: what a scheduler says of the task is read from it
 * @throws WrongShard
 */
export function readShard(text: string, environment: NodeJS.ProcessEnv): Shard {
  const [, zero, part, all] = /^(0-based:)?(\d+|auto)(?:\/(\d+))?$/.exec(text) ?? [];
  if (part === undefined || (part !== 'auto' && all === undefined))
    throw new WrongShard(`expected I/N with I from 1 to N such as 2/8, 0-based:I/N, auto or auto/N, found "${text}".`);
  const first = zero === undefined ? 1 : 0;
  const count = all === undefined ? undefined : Number(all);
  if (part === 'auto') return shardOfTask(environment, count, first);
  return placed(Number(part), first, count!, `"${text}"`);
}

interface Task {
  /** What the scheduler counts the task by. */
  readonly variable: string;
  readonly index: number;
  /** That of the first task; undefined where the scheduler leaves it to whoever writes the job. */
  readonly first: number | undefined;
  /** Of all tasks, where the scheduler says it. */
  readonly count: number | undefined;
}

/**
 * @param count of shards, where it was named
 * @param first what the indexes of a Slurm array begin with that has not as many tasks as there are shards: some of them again
 */
function shardOfTask(environment: NodeJS.ProcessEnv, count: number | undefined, first: number): Shard {
  const tasks = [slurmTask(environment, count, first), kubernetesTask(environment), parallelTask(environment)].filter(
    (task) => task !== null,
  );
  const [task, other] = tasks;
  if (!task)
    throw new WrongShard(
      'auto reads SLURM_ARRAY_TASK_ID (Slurm), JOB_COMPLETION_INDEX (Kubernetes) or PARALLEL_SEQ (GNU parallel), and none is set. Name the shard: I/N.',
    );
  if (other)
    throw new WrongShard(
      `auto finds both ${task.variable} and ${other.variable}. Name the shard: "$${other.variable}/N".`,
    );
  const all = count ?? task.count;
  if (all === undefined)
    throw new WrongShard(`${task.variable}=${task.index} does not say of how many. Name their number: --shard auto/N.`);
  return placed(task.index, task.first ?? first, all, `${task.variable}=${task.index} of ${all}`);
}

/**
 * The environment of a task of a job array (https://slurm.schedmd.com/job_array.html). Indexes with gaps tell no shard: they are
 * most likely some tasks of an array that is done.
 */
function slurmTask(environment: NodeJS.ProcessEnv, wanted: number | undefined, first: number): Task | null {
  const id = whole(environment, 'SLURM_ARRAY_TASK_ID');
  if (id === null) return null;
  const variable = 'SLURM_ARRAY_TASK_ID';
  const count = whole(environment, 'SLURM_ARRAY_TASK_COUNT');
  const min = whole(environment, 'SLURM_ARRAY_TASK_MIN');
  const max = whole(environment, 'SLURM_ARRAY_TASK_MAX');
  if (wanted !== undefined && count !== wanted) return { variable, index: id, first, count: wanted };
  if (count === null || min === null || max === null) return { variable, index: id, first, count: wanted };
  const step = count === 1 ? 1 : (max - min) / (count - 1);
  const isWhole = min + (count - 1) * step === max && Number.isInteger(step) && Number.isInteger((id - min) / step);
  if (!isWhole || (count === 1 && id > 1 && wanted === undefined))
    throw new WrongShard(
      `the array's ${count} ${count === 1 ? 'task' : 'tasks'} from ${min} to ${max} ${count === 1 ? 'is' : 'are'} no whole array. To do some tasks again, name the number of all: --shard auto/N.`,
    );
  return { variable, index: (id - min) / step, first: 0, count };
}

/** An indexed Job counts from 0 (https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/). */
function kubernetesTask(environment: NodeJS.ProcessEnv): Task | null {
  const index = whole(environment, 'JOB_COMPLETION_INDEX');
  return index === null ? null : { variable: 'JOB_COMPLETION_INDEX', index, first: 0, count: undefined };
}

/** GNU parallel counts its jobs from 1 (man parallel, "PARALLEL_SEQ"). */
function parallelTask(environment: NodeJS.ProcessEnv): Task | null {
  const index = whole(environment, 'PARALLEL_SEQ');
  return index === null ? null : { variable: 'PARALLEL_SEQ', index, first: 1, count: undefined };
}

function whole(environment: NodeJS.ProcessEnv, variable: string): number | null {
  const text = environment[variable];
  if (text === undefined || text === '') return null;
  if (!/^\d+$/.test(text)) throw new WrongShard(`${variable}: expected a whole number, found "${text}".`);
  return Number(text);
}

/** @param first what the first index is */
function placed(index: number, first: number, count: number, found: string): Shard {
  const last = count + first - 1;
  if (index < first || index > last)
    throw new WrongShard(
      `expected an index from ${first} to ${last}, found ${found}.${first === 1 && index === 0 ? ' Indexes that count from 0 are written 0-based:I/N.' : ''}`,
    );
  return { index: index - first + 1, count };
}
