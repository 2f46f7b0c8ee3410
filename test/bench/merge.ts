import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRunStore } from '../../src-main/store/run-store.ts';
import { mergeRuns } from '../../src-main/work/merge-runs.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { finishRun, newRun, outcomeOf, sha256 } from '../main/store/stored-runs.ts';
import { MANY_LAYERS } from './store.ts';

const SHARDS = Number(process.env.MERGE_SHARDS ?? 100);
const IMAGES_PER_SHARD = 500;
const PLANS = Array.from({ length: 16 }, (_, index) =>
  resolvePlan({ bits: [Math.ceil((index + 2) / 2), Math.ceil((index + 1) / 2)], lowShare: index % 2 ? 0.25 : 0.5 }),
);

/** Of a process that merges. Times in seconds, sizes in MiB. */
interface Merged {
  readonly joined: number;
  readonly seconds: number;
  readonly processor: number;
  readonly megabytes: number;
  readonly memory: number;
}

/** Merges in a process of its own: this one has made the shards, and its memory says nothing. */
function merged(db: string, files: readonly string[]): Promise<Merged> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [db, ...files]);
    child.once('message', (message) => resolve(message as Merged));
    child.once('exit', (code) => reject(new Error(`the merge ended with ${code}`)));
  });
}

if (import.meta.main) {
  const [db, ...files] = process.argv.slice(2);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const { joined } = mergeRuns({ db: db! }, files);
  const { user, system } = process.cpuUsage(cpu);
  process.send!({
    joined: joined.length,
    seconds: (performance.now() - start) / 1000,
    processor: (user + system) / 1e6,
    megabytes: statSync(db!).size / 2 ** 20,
    memory: process.resourceUsage().maxRSS / 1024,
  } satisfies Merged);
}

/** Shards of one run merged into an empty store: at most 10 s, and no more memory for more of them. */
export async function benchMerge(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-merge-'));
  try {
    const shards = join(folder, 'shards');
    await mkdir(shards);
    const whole = newRun(SHARDS * IMAGES_PER_SHARD, { plans: PLANS });
    for (let index = 1; index <= SHARDS; index++) {
      using store = openRunStore(join(shards, `${index}.sqlite`));
      const images = whole.dataset.images.filter((_, at) => at % SHARDS === index - 1);
      const writer = store.createRun({
        ...whole,
        model: { ...whole.model, layers: MANY_LAYERS },
        dataset: { ...whole.dataset, images, sha256: sha256('whole') },
        shard: { index, count: SHARDS },
      });
      for (let at = 0; at < images.length; at += 100)
        writer.write(
          images.slice(at, at + 100).map(({ path }) => outcomeOf(path, PLANS.length, MANY_LAYERS)),
          1,
        );
      finishRun(writer);
    }
    const files = Array.from({ length: SHARDS }, (_, index) => join(shards, `${index + 1}.sqlite`));
    const few = await merged(join(folder, 'few.sqlite'), files.slice(0, SHARDS / 4));
    const all = await merged(join(folder, 'all.sqlite'), files);
    if (all.joined !== 1) throw new Error('the shards were not joined');
    return [
      `merge of ${SHARDS} shards of ${IMAGES_PER_SHARD} images under ${PLANS.length} plans (at most 10 s): ${all.seconds.toFixed(1)} s, ` +
        `${all.processor.toFixed(1)} s of processor; ${all.megabytes.toFixed(0)} MiB`,
      `memory of the process at most: ${all.memory.toFixed(0)} MiB; ${few.memory.toFixed(0)} MiB for the first quarter of them, not joined yet`,
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}
