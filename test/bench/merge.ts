import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRunStore } from '../../src-main/store/run-store.ts';
import { mergeRuns } from '../../src-main/work/merge-runs.ts';
import { finishRun } from '../../src-main/work/run-report.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { newRun, outcomeOf, sha256 } from '../main/store/stored-runs.ts';
import { MANY_LAYERS } from './store.ts';

const SHARDS = Number(process.env.MERGE_SHARDS ?? 100);
const IMAGES_PER_SHARD = 500;
const PLANS = Array.from({ length: 16 }, (_, index) =>
  resolvePlan({ bits: [Math.ceil((index + 2) / 2), Math.ceil((index + 1) / 2)], lowShare: index % 2 ? 0.25 : 0.5 }),
);

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
    const db = join(folder, 'merged.sqlite');
    const start = performance.now();
    const cpu = process.cpuUsage();
    const files = Array.from({ length: SHARDS }, (_, index) => join(shards, `${index + 1}.sqlite`));
    const { joined } = mergeRuns({ db }, files);
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - start) / 1000;
    if (joined.length !== 1) throw new Error('the shards were not joined');
    return [
      `merge of ${SHARDS} shards of ${IMAGES_PER_SHARD} images under ${PLANS.length} plans (at most 10 s): ${seconds.toFixed(1)} s, ` +
        `${((user + system) / 1e6).toFixed(1)} s of processor; ${((await stat(db)).size / 2 ** 20).toFixed(0)} MiB`,
      `memory at most: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}
