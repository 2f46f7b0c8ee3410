import { randomBytes } from 'node:crypto';
import { FoveaError } from '../../src-shared/errors.ts';

export function unknownRun(id: string): FoveaError {
  return new FoveaError('run-unknown', `no run ${JSON.stringify(id)} in the store`, 'fovea runs list shows all runs.');
}

/** Sorted by time, and unique enough for the stores of a whole laboratory: `20261123-141500-3fa9c2`. */
export function newRunId(): string {
  const [day, time] = new Date().toISOString().replace(/[-:]/g, '').split(/[T.]/);
  return `${day}-${time}-${randomBytes(3).toString('hex')}`;
}
