import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
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

/** Names what process ids are counted in: those of another space, of a container or another machine, say nothing here. */
export const PID_SPACE = pidSpace();

/** Linux has several PID namespaces to a host, and hosts of one name; elsewhere the name has to do. */
function pidSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
