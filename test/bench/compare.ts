import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { openRunStore } from '../../src-main/store/run-store.ts';
import { finishRun } from '../../src-main/work/run-report.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.ts';
import { completeRun, LAYERS, newRun, outcomeOf, sha256 } from '../main/store/stored-runs.ts';
import { rendererMebibytes, rendererPid, served, times } from './page.ts';

const RUNS = 1000;
const IMAGES = 50_000;
const MANY_LAYERS: readonly LayerGeometry[] = Array.from({ length: 26 }, (_, index) => ({
  ...LAYERS[0]!,
  name: `layer ${index}`,
}));

/** The Compare place with 1,001 saved runs, of which one has 50,000 images under two plans. */
export async function benchCompare(): Promise<string[]> {
  if (!chromiumPath()) return ['left out, there is no Chromium'];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-compare-'));
  try {
    const path = join(folder, 'runs.sqlite');
    return await measureCompare(folder, simulatedRuns(path));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function simulatedRuns(path: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  using store = openRunStore(path);
  for (let run = 0; run < RUNS; run++) completeRun(store, 1, { name: `run ${run}` });
  const plans = [4, 5].map((bits) => resolvePlan({ metric: 'uniform', bits: [bits] }));
  const run = newRun(IMAGES, { plans });
  const writer = store.createRun({ ...run, model: { ...run.model, sha256: sha256('big'), layers: MANY_LAYERS } });
  for (let start = 0; start < IMAGES; start += 500) {
    const images = run.dataset.images.slice(start, start + 500);
    writer.write(
      images.map(({ path: image }) => outcomeOf(image, plans.length, MANY_LAYERS)),
      1,
    );
  }
  finishRun(writer);
  return writer.runId;
}

export async function measureCompare(dataFolder: string, runId: string): Promise<string[]> {
  const { host, address } = await served(dataFolder);
  const browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(address);
    await page.getByRole('button', { name: 'pizza.jpg' }).waitFor();
    const pid = await rendererPid(page);
    const listed = await times(`a list of ${RUNS + 1} runs, drawn`, 200, pid, async () => {
      await page.evaluate(() => void (location.hash = '#models'));
      await page.locator('#compare').waitFor({ state: 'detached' });
      return page.evaluate(untilListed);
    });
    const filter = (index: number) => page.evaluate(untilFiltered, `run ${900 + index}`);
    const filtered = await times('the list filtered', 50, pid, filter);
    const compared = await times(`two plans of ${IMAGES} images compared, drawn`, 1000, pid, async () => {
      await page.reload();
      await page.locator('.pick').first().waitFor();
      return page.evaluate(untilCompared, `#compare/${runId},${runId}:2`);
    });
    const memory = rendererMebibytes(await rendererPid(page));
    return [listed, filtered, compared, `the page's process: ${memory.toFixed(0)} MiB (target below 300)`];
  } finally {
    await browser.close();
    host.kill('SIGTERM');
    await once(host, 'exit');
  }
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
  return new Promise((done) => {
    const look = () =>
      document.querySelector('#compare .list .name')?.textContent === text
        ? done(performance.now() - start)
        : requestAnimationFrame(look);
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
