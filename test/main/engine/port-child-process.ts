// Run as a process of its own, by `port-parent-process.ts`: says something whenever a piece of work is done.
import { parentPort } from '../../../src-main/engine/process-port.ts';

const port = parentPort();
const never = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => {
  // Work during which the end of the parent is not heard.
  Atomics.wait(never, 0, 0, 100);
  port.send('done');
}, 1);
