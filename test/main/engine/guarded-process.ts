// Run as a process of its own, by process-port.test.ts: does what its second argument says, guarded as engines are.
import { guardProcess } from '../../../src-main/engine/process-guard.ts';
import { parentPort } from '../../../src-main/engine/process-port.ts';

const port = parentPort();
guardProcess();
port.onMessage((order) => {
  port.send(process.pid);
  // As in an inference: no message and no event is heard from here on.
  setImmediate(() => {
    const held: Buffer[] = [];
    for (;;) if (order === 'fill') held.push(Buffer.alloc(16 * 2 ** 20, held.length + 1));
  });
});
