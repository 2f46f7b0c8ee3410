import { describe, expect, it } from 'vitest';
import { isTolerated } from '../../../src-main/commands/folder-options.ts';
import { readShard } from '../../../src-main/commands/shard-option.ts';

/** The environment of a task of a Slurm array. */
const slurm = (id: number, min: number, max: number, count: number) => ({
  SLURM_ARRAY_TASK_ID: `${id}`,
  SLURM_ARRAY_TASK_MIN: `${min}`,
  SLURM_ARRAY_TASK_MAX: `${max}`,
  SLURM_ARRAY_TASK_COUNT: `${count}`,
});

describe('readShard', () => {
  it.each([
    ['3/4', {}, 3, 4],
    ['0-based:0/4', {}, 1, 4],
    ['0-based:3/4', {}, 4, 4],
    // --array=1-4, 0-3, 10-40:10 and 5-5 under their own indexes.
    ['auto', slurm(1, 1, 4, 4), 1, 4],
    ['auto', slurm(3, 0, 3, 4), 4, 4],
    ['auto', slurm(30, 10, 40, 4), 3, 4],
    ['auto/4', slurm(30, 10, 40, 4), 3, 4],
    ['auto', slurm(0, 0, 0, 1), 1, 1],
    // Some tasks of an array again: the number of all is named.
    ['auto/8', slurm(5, 5, 5, 1), 5, 8],
    ['0-based:auto/8', slurm(5, 5, 7, 2), 6, 8],
    ['auto/4', { JOB_COMPLETION_INDEX: '0' }, 1, 4],
    ['auto/4', { JOB_COMPLETION_INDEX: '3' }, 4, 4],
    ['auto/4', { PARALLEL_SEQ: '4' }, 4, 4],
  ])('reads %s in %j', (text, environment, index, count) => {
    expect(readShard(text, environment)).toEqual({ index, count });
  });

  it.each([
    ['0/4', {}, /from 1 to 4, found "0\/4".*0-based:I\/N/],
    ['5/4', {}, /from 1 to 4/],
    ['0-based:4/4', {}, /from 0 to 3/],
    ['3', {}, /expected I\/N/],
    ['auto/0', { PARALLEL_SEQ: '1' }, /found PARALLEL_SEQ=1 of 0/],
    ['auto', {}, /none is set/],
    ['auto', { JOB_COMPLETION_INDEX: '0' }, /JOB_COMPLETION_INDEX=0 does not say of how many.*auto\/N/],
    ['auto/4', { JOB_COMPLETION_INDEX: '4' }, /JOB_COMPLETION_INDEX=4 of 4/],
    ['auto/4', { JOB_COMPLETION_INDEX: 'x' }, /JOB_COMPLETION_INDEX: expected a whole number/],
    ['auto', { ...slurm(1, 1, 4, 4), PARALLEL_SEQ: '2' }, /both SLURM_ARRAY_TASK_ID and PARALLEL_SEQ/],
    ['auto', slurm(4, 1, 6, 3), /3 tasks from 1 to 6.*auto\/N/],
    ['auto', slurm(5, 5, 5, 1), /1 task from 5 to 5 is no whole array/],
    ['auto/8', slurm(9, 9, 9, 1), /from 1 to 8/],
  ])('refuses %s in %j', (text, environment, message) => {
    expect(() => readShard(text, { ...environment })).toThrow(message);
  });
});

describe('isTolerated', () => {
  it.each([
    [undefined, 0, true],
    [undefined, 1, false],
    [{ images: 3 }, 3, true],
    [{ images: 3 }, 4, false],
    [{ share: 0.02 }, 5, true],
    [{ share: 0.02 }, 6, false],
  ])('with %j, %i failures of 250 images: %s', (allowed, failed, expected) => {
    expect(isTolerated(allowed, failed, 250)).toBe(expected);
  });
});
