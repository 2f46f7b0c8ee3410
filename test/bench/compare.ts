import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { openRunStore, type RunStore } from '../../src-main/store/run-store.ts';
import { compareSides } from '../../src-main/work/compare-runs.ts';
import { defaultPricing } from '../../src-shared/energy/price-order.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { encodeColumns } from '../../src-shared/runs/comparison-columns.ts';
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.ts';
import { completeRun, finishRun, LAYERS, newRun, outcomeOf, sha256 } from '../main/store/stored-runs.ts';
import { rendererMebibytes, rendererPid, served, times } from './page.ts';

const RUNS = 1000;
const IMAGES = 50_000;
const MANY_LAYERS: readonly LayerGeometry[] = Array.from({ length: 26 }, (_, index) => ({
  ...LAYERS[0]!,
  name: `layer ${index}`,
}));

/** The Compare place with 1,002 saved runs, of which two have 50,000 images each. */
export async function benchCompare(): Promise<string[]> {
  if (!chromiumPath()) return ['left out, there is no Chromium'];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-compare-'));
  try {
    using store = openRunStore(join(folder, 'runs.sqlite'));
    for (let run = 0; run < RUNS; run++) completeRun(store, 1, { name: `run ${run}` });
    const large = [4, 5].map((bits) => largeRun(store, bits));
    const lines = fromTheStore(store, large);
    store.close();
    return [...lines, ...(await measureCompare(folder, large))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function largeRun(store: RunStore, bits: number): string {
  const run = newRun(IMAGES, { plans: [resolvePlan({ metric: 'uniform', bits: [bits] })] });
  const writer = store.createRun({ ...run, model: { ...run.model, sha256: sha256('big'), layers: MANY_LAYERS } });
  for (let start = 0; start < IMAGES; start += 500) {
    const images = run.dataset.images.slice(start, start + 500);
    writer.write(
      images.map(({ path: image }) => outcomeOf(image, 1, MANY_LAYERS)),
      1,
    );
  }
  finishRun(writer);
  return writer.runId;
}

/** What comparing two runs takes the machine, its answer to the window included. */
function fromTheStore(store: RunStore, runs: readonly string[]): string[] {
  const wanted = runs.map((runId) => ({ runId, plan: 0 }));
  const compare = () => void encodeColumns(compareSides(store, wanted, defaultPricing()).paired);
  const measured = (what: string) => {
    const all = Array.from({ length: 3 }, () => timed(compare));
    const told = all.map(([wall, processor]) => `${wall.toFixed(0)} (${processor.toFixed(0)})`).join(', ');
    return `${what}: ${told} ms, in brackets of processor time (target 1000)`;
  };
  const kept = measured(`two runs of ${IMAGES} images compared, from the store`);
  for (const runId of runs)
    store.write(() => store.db.prepare('DELETE FROM run_summaries WHERE run_id = ?').run(runId));
  return [kept, measured('the same without their reports, as of runs that were stopped')];
}

function timed(action: () => void): [wall: number, processor: number] {
  const [start, before] = [performance.now(), process.cpuUsage()];
  action();
  const { user, system } = process.cpuUsage(before);
  return [performance.now() - start, (user + system) / 1000];
}

async function measureCompare(dataFolder: string, large: readonly string[]): Promise<string[]> {
  await using host = await served(dataFolder);
  await using browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(host.address);
  await page.getByRole('button', { name: 'pizza.jpg' }).waitFor();
  const pid = await rendererPid(page);
  const listed = await times(`a list of ${RUNS + large.length} runs, drawn`, 200, pid, async () => {
    await page.evaluate(() => void (location.hash = '#models'));
    await page.locator('#compare').waitFor({ state: 'detached' });
    return page.evaluate(untilListed);
  });
  const filter = (index: number) => page.evaluate(untilFiltered, `run ${900 + index}`);
  const filtered = await times('the list filtered', 50, pid, filter);
  const compared = await times(`two runs of ${IMAGES} images compared, drawn`, 1000, pid, async (index) => {
    // In turns the one and the other as the baseline: what is on screen already is not asked for again.
    const runs = index % 2 === 0 ? large : large.toReversed();
    await page.evaluate(() => void (location.hash = '#compare'));
    await page.locator('#compare .content').waitFor({ state: 'detached' });
    return page.evaluate(untilCompared, `#compare/${runs.join()}`);
  });
  const memory = rendererMebibytes(await rendererPid(page));
  return [listed, filtered, compared, `the page's process: ${memory.toFixed(0)} MiB (target below 300)`];
}

// What follows runs in the page, and tells the milliseconds from an input to the frame that shows its result.

function untilListed(): Promise<number> {
  const start = performance.now();
  location.hash = '#compare';
  return new Promise((done) => {
    const look = () =>
      document.querySelector('.pick') ? done(performance.now() - start) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  });
}

function untilFiltered(text: string): Promise<number> {
  const input = document.querySelector<HTMLInputElement>('input[aria-label="Search runs"]')!;
  const start = performance.now();
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  // Not alone, perhaps: the digits may stand in the id of another run.
  const isListed = () =>
    [...document.querySelectorAll('#compare .list .name')].some((name) => name.textContent === text);
  return new Promise((done) => {
    const look = () => (isListed() ? done(performance.now() - start) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  });
}

function untilCompared(hash: string): Promise<number> {
  const start = performance.now();
  location.hash = hash;
  return new Promise((done) => {
    const look = () =>
      document.querySelector('#compare .content h2') ? done(performance.now() - start) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  });
}
