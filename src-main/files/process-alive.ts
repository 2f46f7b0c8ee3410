import { systemCode } from './system-error.ts';

/** Whether a process of this computer lives; false for what is no process id. */
export function isAlive(processId: number): boolean {
  if (!Number.isSafeInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // A process of somebody else exists, though it may not be signalled.
    return systemCode(error) === 'EPERM';
  }
}
