// Run as a process of its own, until it is killed: listens to a child, and prints a line once it hears it.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { forkProcess } from '../../../src-main/engine/process-port.ts';

const child = forkProcess(join(import.meta.dirname, 'port-child-process.ts'));
let heard = false;
child.onMessage(() => {
  if (!heard) writeSync(1, 'heard\n');
  heard = true;
});
