import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isAtWork, runAtWork, type RunOwner, THIS_PROCESS } from '../../../src-main/store/run-owner.ts';

const SELF: RunOwner = { owner: 'node-a:7', owner_space: 'boot-1 pid:[1]', owner_token: 'mine' };
const NOW = Date.UTC(2026, 10, 27);
const SECOND = 1000;

const exists = () => true;
const isGone = () => false;
const atWork = (owner: Partial<RunOwner>, secondsAgo: number, pidExists: (pid: number) => boolean) =>
  isAtWork({ ...SELF, ...owner, seen_at: NOW - secondsAgo * SECOND }, NOW, SELF, pidExists);

describe('an owner', () => {
  it.each([
    ['this very process', {}, exists, true],
    ['a process that had the pid this one has', { owner_token: 'earlier' }, exists, false],
    ['a process beside this one', { owner: 'node-a:8', owner_token: 'other' }, exists, true],
    ['a process that was beside this one', { owner: 'node-a:8', owner_token: 'other' }, isGone, false],
    ['a process of a space of its own', { owner_space: 'boot-1 pid:[2]', owner_token: 'other' }, isGone, true],
    ['a process of another host of the same name', { owner_space: 'boot-2 pid:[1]', owner_token: 'x' }, isGone, true],
    ['a process of this host under its former name', { owner: 'former:8', owner_token: 'other' }, isGone, false],
    ['a process an older Fovea knew by host and pid', { owner_space: 'node-a', owner_token: '' }, exists, false],
    ['one of those beside this one', { owner: 'node-a:8', owner_space: 'node-a', owner_token: '' }, exists, true],
    ['one of those that is gone', { owner: 'node-a:8', owner_space: 'node-a', owner_token: '' }, isGone, false],
    ['one of those elsewhere', { owner: 'node-b:8', owner_space: 'node-b', owner_token: '' }, isGone, true],
  ])('just seen is at work or not: %s', (_, owner, pidExists, expected) => {
    expect(atWork(owner, 12, pidExists)).toBe(expected);
  });

  it('not seen for a minute is gone, whatever has its pid now, and whichever way the clock was set', () => {
    const owner = { owner: 'node-b:8', owner_space: 'boot-2 pid:[1]', owner_token: 'other' };
    expect([59, 60, 1e9, -59, -60].map((seconds) => atWork(owner, seconds, exists))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(atWork({ owner: 'node-a:8', owner_token: 'other' }, 60, exists)).toBe(false);
  });

  it('is named with how long to wait for its end', () => {
    expect(runAtWork('r', { ...SELF, seen_at: NOW - 12.3 * SECOND }, NOW)).toMatchObject({
      code: 'store-locked',
      message: 'run r is being worked on by node-a:7, seen 12 s ago',
      next: 'Wait for it, or stop it; if it is gone, try again in 48 s.',
    });
  });

  it('is told from every other by host, pid and a token', () => {
    expect(THIS_PROCESS).toMatchObject({ owner: `${hostname()}:${process.pid}`, owner_token: expect.any(String) });
    expect(THIS_PROCESS.owner_token).toMatch(/^[0-9a-f]{16}$/);
    expect(isAtWork({ ...THIS_PROCESS, seen_at: Date.now() }, Date.now())).toBe(true);
  });
});
