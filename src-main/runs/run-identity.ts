import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { FoveaError } from '../../src-shared/errors.ts';

export function unknownRun(id: string): FoveaError {
  return new FoveaError('run-unknown', `no run ${JSON.stringify(id)} in the store`, 'fovea runs list shows all runs.');
}

/** Sorted by time, and unique enough for the stores of a whole laboratory: `20261123-141500-3fa9c2`. */
export function newRunId(): string {
  const [day, time] = new Date().toISOString().replace(/[-:]/g, '').split(/[T.]/);
  return `${day}-${time}-${randomBytes(3).toString('hex')}`;
}

export function thisProcess(): string {
  return `${hostname()}:${process.pid}`;
}

/** Whether the process of an owner still runs; one on another machine is taken to. */
export function isAlive(owner: string): boolean {
  const split = owner.lastIndexOf(':');
  const pid = Number(owner.slice(split + 1));
  if (owner.slice(0, split) !== hostname()) return true;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
