// Run as a process of its own, until it is killed: has a child that is deaf from the first message on, and prints its number.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { forkProcess } from '../../../src-main/engine/process-port.ts';

const child = forkProcess(join(import.meta.dirname, 'guarded-process.ts'));
child.onMessage((pid) => writeSync(1, `${String(pid)}\n`));
child.send('spin');
