import { setPriority } from 'node:os';
import { FoveaError, toErrorRecord } from '../src-shared/errors.ts';
import type { FromEngine, ToEngine } from './engine/engine-protocol.ts';
import { runTask } from './engine/inside/engine-tasks.ts';
import { guardProcess } from './engine/process-guard.ts';
import { parentPort } from './engine/process-port.ts';
import { loadSharp } from './images/image-file.ts';

// An engine process: tasks one after another, cancelled between images. Its keeper is engine/engine-keeper.ts.

/** Of an engine whose work nobody waits for at the screen. */
const NICENESS = 10;

const port = parentPort();
guardProcess();
const controllers = new Map<number, AbortController>();
let last: Promise<void> = Promise.resolve();

port.onMessage((raw) => {
  // The keeper runs this build's own code: its messages are what its types say.
  const message = raw as ToEngine;
  if (message.kind === 'cancel') return controllers.get(message.id)?.abort();
  if (message.kind === 'give-way') return setPriority(NICENESS);
  controllers.set(message.id, new AbortController());
  last = last.then(() => perform(message));
});

// While nothing is asked yet. What is wrong with it is told by the first image.
loadSharp().catch(() => undefined);

async function perform(message: Extract<ToEngine, { kind: 'task' }>): Promise<void> {
  const { id } = message;
  const send = (reply: FromEngine) => port.send(reply);
  const { signal } = controllers.get(id)!;
  try {
    if (signal.aborted) throw new FoveaError('cancelled', 'cancelled before it began');
    const result = await runTask(message, {
      signal,
      progress: (progress) => send({ kind: 'progress', id, progress }),
      opening: (opening) => send({ kind: 'opening', id, opening }),
    });
    send({ kind: 'result', id, result });
  } catch (error) {
    send({ kind: 'error', id, error: toErrorRecord(error) });
  } finally {
    controllers.delete(id);
  }
}
