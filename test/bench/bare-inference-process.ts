// Run as a process of its own: plain and rewritten inference on ready tensors, nothing else. Arguments: model, seconds.
// Prints `ready`, waits for a line, works, and prints milliseconds an image: plain, rewritten.
import { once } from 'node:events';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';

const BATCH = 8;
const [path, seconds] = process.argv.slice(2);
const { network } = await openModel({ path: path!, threads: 1 });
const pixels = Float32Array.from({ length: BATCH * network.inputLength }, (_, index) => 100 * Math.sin(index * 0.37));
const plan = resolvePlan({});
const grid = { rows: plan.regions, columns: plan.regions };
const values = Float32Array.from({ length: plan.regions ** 2 }, (_, cell) => Number(cell % 4 > 0));
const images = Array.from({ length: BATCH }, () => ({ plan, grid, values }));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / BATCH;
}

await network.plain(pixels, BATCH);
await network.quantised(pixels, images, null, false);
console.log('ready');
await once(process.stdin, 'data');
const sums = [0, 0];
let rounds = 0;
for (const end = performance.now() + 1000 * Number(seconds); performance.now() < end; rounds++) {
  sums[0]! += await timed(() => network.plain(pixels, BATCH));
  sums[1]! += await timed(() => network.quantised(pixels, images, null, false));
}
console.log(sums.map((sum) => sum / rounds).join(' '));
process.exit();
