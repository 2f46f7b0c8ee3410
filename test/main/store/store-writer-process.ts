// Run as a process of its own: works on a run until it is done or killed. Arguments: store, run id, plans, and after how many
// images it holds and waits to be killed. Prints the path of each image once its results are written.
import { writeSync } from 'node:fs';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { finishRun, outcomeOf } from './stored-runs.ts';

const [path, runId, plans, images] = process.argv.slice(2);
const writer = openRunStore(path!).resumeRun(runId!);
const pending = writer.pending();
for (let start = 0; start < pending.length; start += 3) {
  if (start >= Number(images)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  const batch = pending.slice(start, start + 3).map((image) => image.path);
  writer.write(
    batch.map((image) => outcomeOf(image, Number(plans))),
    0.1,
  );
  writeSync(1, batch.map((image) => `${image}\n`).join(''));
}
finishRun(writer);
