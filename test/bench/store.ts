import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listRuns } from '../../src-main/store/run-query.ts';
import { listRunsToShow } from '../../src-main/store/run-list.ts';
import { compareSides } from '../../src-main/work/compare-runs.ts';
import { defaultPricing } from '../../src-shared/energy/price-order.ts';
import { encodeColumns } from '../../src-shared/runs/comparison-columns.ts';
import { runReport } from '../../src-main/work/run-report.ts';
import { openRunStore } from '../../src-main/store/run-store.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { completeRun, finishRun, LAYERS, newRun, outcomeOf, sha256 } from '../main/store/stored-runs.ts';

const IMAGES = 50_000;
const RUNS = 1000;
/** As many layers as SqueezeNet 1.1 quantises. */
export const MANY_LAYERS: readonly LayerGeometry[] = Array.from({ length: 26 }, (_, index) => ({
  ...LAYERS[0]!,
  name: `layer ${index}`,
}));

/** Times of the store's daily work, one line each. */
export async function benchStore(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-store-'));
  try {
    const path = join(folder, 'runs.sqlite');
    const lines: string[] = [];
    const time = <Result>(what: string, action: () => Result): Result => {
      const [start, before] = [performance.now(), process.cpuUsage()];
      const result = action();
      const { user, system } = process.cpuUsage(before);
      const processor = ((user + system) / 1000).toFixed(0);
      lines.push(`${what}: ${(performance.now() - start).toFixed(0)} ms, ${processor} ms of processor time`);
      return result;
    };

    let store = openRunStore(path);
    for (let run = 0; run < RUNS; run++) completeRun(store, 1, { name: `run ${run}` });
    const plans = [4, 5].map((bits) => resolvePlan({ metric: 'uniform', bits: [bits] }));
    const run = newRun(IMAGES, { plans });
    const big = { ...run, model: { ...run.model, sha256: sha256('big'), layers: MANY_LAYERS } };
    const writer = time(`begin a run of ${IMAGES} images`, () => store.createRun(big));
    const outcomes = big.dataset.images.map(({ path: image }) => outcomeOf(image, plans.length, MANY_LAYERS));
    time(`write ${IMAGES} images under ${plans.length} plans, 500 a batch`, () => {
      for (let start = 0; start < IMAGES; start += 500) writer.write(outcomes.slice(start, start + 500), 1);
    });
    time('complete it (report and digest)', () => finishRun(writer));
    store.close();
    lines.push(`size of the store: ${((await stat(path)).size / 2 ** 20).toFixed(0)} MiB`);

    store = time('open the store', () => openRunStore(path));
    time(`list ${RUNS + 1} runs`, () => listRuns(store));
    time(`list them with what the window shows of each (target 200)`, () => listRunsToShow(store));
    const wanted = [0, 1].map((plan) => ({ runId: writer.runId, plan }));
    const compare = () => encodeColumns(compareSides(store, wanted, defaultPricing()).paired);
    time(`compare two plans of ${IMAGES} images, columns included`, compare);
    time(`the same again`, compare);
    store.write(() => store.db.prepare('DELETE FROM run_summaries WHERE run_id = ?').run(writer.runId));
    time(`the same without a report, as of a run that was stopped`, compare);
    time(`open the run of ${IMAGES} images`, () => runReport(store, writer.runId));
    const resumed = store.resumeRun(writer.runId);
    time(`what is pending of it`, () => resumed.pending());
    finishRun(resumed);
    time(`delete it`, () => store.deleteRuns([writer.runId]));
    store.close();
    return lines;
  } finally {
    await rm(folder, { recursive: true });
  }
}
