import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { openRunStore } from '../../src-main/store/run-store.ts';
import { readColumns } from '../../src-main/work/read-columns.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.ts';
import { rendererMebibytes, rendererPid, served, TICKS_A_SECOND, times } from './page.ts';
import { finishRun, LAYERS, newRun, outcomeOf } from '../main/store/stored-runs.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
export const CLI = join(PROJECT, 'out', 'main', 'cli.js');
const SAMPLES = join(PROJECT, 'resources', 'samples');
const PHOTOS = join(PROJECT, '..', 'shared', 'data', 'imagenet-250', 'images');
const EMBEDDED = readdirSync(join(PROJECT, 'models')).find((name) => name.endsWith('.onnx'))!;
export const IMAGES = 50_000;
const PLANS = [{ bits: [4, 3] }, { bits: [4, 2] }, { metric: 'uniform', bits: [4] }] as const;
/** As many layers as SqueezeNet 1.1 quantises. */
const MANY_LAYERS: readonly LayerGeometry[] = Array.from({ length: 26 }, (_, index) => ({
  ...LAYERS[0]!,
  name: `layer ${index}`,
}));

/** A large run in the window, and what a run of the window costs beside the same run of the command line. */
export async function benchEvaluate(): Promise<string[]> {
  if (!chromiumPath()) return ['left out, there is no Chromium'];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-evaluate-'));
  try {
    return [...(await benchLargeRun(folder)), ...(await benchCost(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A complete run of so many images, simulated through the store; every image is one of the samples. */
export function simulatedRun(dataFolder: string, photos: string, images: number): string {
  const samples = readdirSync(SAMPLES).filter((name) => name.endsWith('.jpg'));
  mkdirSync(photos, { recursive: true });
  const run = newRun(images, { plans: PLANS.map((plan) => resolvePlan({ ...plan, bits: [...plan.bits] })) });
  run.dataset.images.forEach(({ path }, index) =>
    linkOrCopy(join(SAMPLES, samples[index % samples.length]!), join(photos, path)),
  );
  using store = openRunStore(join(dataFolder, 'runs.sqlite'));
  const writer = store.createRun({
    ...run,
    model: { ...run.model, path: join(PROJECT, 'models', EMBEDDED), layers: MANY_LAYERS },
    dataset: { ...run.dataset, path: photos },
  });
  for (let start = 0; start < images; start += 500)
    writer.write(
      run.dataset.images.slice(start, start + 500).map(({ path }) => outcomeOf(path, PLANS.length, MANY_LAYERS)),
      1,
    );
  finishRun(writer);
  return writer.runId;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to);
  }
}

export async function benchLargeRun(folder: string): Promise<string[]> {
  const dataFolder = join(folder, 'data');
  mkdirSync(dataFolder);
  const runId = simulatedRun(dataFolder, join(folder, 'photos'), IMAGES);
  return measureLargeRun(dataFolder, runId);
}

/** Of a run that is there: what opening, sorting, filtering and scrolling take. */
export async function measureLargeRun(dataFolder: string, runId: string): Promise<string[]> {
  const lines: string[] = [];
  {
    using store = openRunStore(join(dataFolder, 'runs.sqlite'));
    const start = performance.now();
    const columns = readColumns(store, runId);
    lines.push(
      `columns of ${IMAGES} images under ${PLANS.length} plans: ${(columns.length / 1e6).toFixed(2)} MB (target about 1), ` +
        `made in ${(performance.now() - start).toFixed(0)} ms where a run is not complete`,
    );
  }
  await using host = await served(dataFolder);
  await using browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(host.address);
  await page.getByRole('link', { name: 'Evaluate' }).click();
  await page.getByRole('button', { name: 'Open', exact: true }).or(page.locator('.card select')).first().waitFor();
  const pid = await rendererPid(page);
  const opened = await times('opened, tiles drawn', 500, pid, async () => {
    await page.evaluate(() => void (location.hash = '#evaluate'));
    await page.locator('.tile').waitFor({ state: 'detached' });
    return page.evaluate(untilTiles, `#evaluate/${runId}`);
  });
  lines.push(opened);
  await page.locator('.images output').getByText(`${IMAGES} of ${IMAGES}`).waitFor();
  const sorted = (index: number) => page.evaluate(untilNewOrder, index % 2 ? 'margin' : 'saved');
  lines.push(await times('sorted anew, tiles drawn', 100, pid, sorted));
  const filtered = (index: number) => page.evaluate(untilNewCount, index % 2 ? 'lost' : 'gained');
  lines.push(await times('filtered anew, tiles drawn', 100, pid, filtered));
  await page.evaluate(untilNewCount, 'all');
  const frames = await page.evaluate(scrolled, { box: '.tiles', step: 40 });
  lines.push(`scrolling: ${(1000 / frames.median).toFixed(0)} frames a second, median (target 60)`);
  const memory = rendererMebibytes(pid);
  lines.push(`the page's process: ${memory.toFixed(0)} MiB (target below 300)`);
  return lines;
}

// What follows runs in the page, and tells the milliseconds from an input to the frame that shows its result.

function untilTiles(hash: string): Promise<number> {
  const start = performance.now();
  location.hash = hash;
  return new Promise((done) => {
    const look = () =>
      document.querySelector('.tile') ? done(performance.now() - start) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  });
}

function untilNewOrder(key: string): Promise<number> {
  const select = document.querySelector<HTMLSelectElement>('select[aria-label=Order]')!;
  const first = document.querySelector('.tile')?.getAttribute('data-image');
  const start = performance.now();
  select.value = key;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  return new Promise((done) => {
    const look = () => {
      const now = document.querySelector('.tile')?.getAttribute('data-image');
      if (now !== first) done(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

function untilNewCount(verdict: string): Promise<number> {
  const chips = [...document.querySelectorAll<HTMLButtonElement>('.facets .chip')];
  const output = document.querySelector('.images output')!;
  const before = output.textContent;
  const start = performance.now();
  chips.find((chip) => chip.textContent.trim().startsWith(verdict))!.click();
  return new Promise((done) => {
    const look = () => (output.textContent !== before ? done(performance.now() - start) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  });
}

/** Scrolls a box for three seconds, so many pixels a frame; the median milliseconds of a frame, and how many there were. */
export function scrolled({
  box: selector,
  step: pixels,
}: {
  readonly box: string;
  readonly step: number;
}): Promise<{ median: number; count: number }> {
  const box = document.querySelector(selector)!;
  const frames: number[] = [];
  return new Promise((done) => {
    let last = performance.now();
    const end = last + 3000;
    const step = (now: number) => {
      frames.push(now - last);
      last = now;
      box.scrollTop += pixels;
      if (now < end) requestAnimationFrame(step);
      else done({ median: frames.sort((a, b) => a - b)[frames.length >> 1]!, count: frames.length });
    };
    requestAnimationFrame(step);
  });
}

const COST_IMAGES = 250;
/** What both evaluate with the embedded model; {@link startRun} chooses it in the window. */
const COST_PLANS = [3, 2, 0].map((low) => ({ metric: 'combined', lowShare: 0.5, bits: [4, low] }));
const COST_ROUNDS = 2;

/** Processor time of the same evaluation by the window's machine and by `fovea batch`, in turns. */
async function benchCost(folder: string): Promise<string[]> {
  if (!existsSync(PHOTOS)) return ['cost of a run of the window: left out, the shared photos are not there'];
  const photos = join(folder, 'some');
  mkdirSync(photos);
  for (const name of readdirSync(PHOTOS).sort().slice(0, COST_IMAGES))
    linkOrCopy(join(PHOTOS, name), join(photos, name));
  const sums = { window: 0, batch: 0 };
  for (let round = 0; round < COST_ROUNDS; round++) {
    sums.batch += await batchSeconds(join(folder, `batch-${round}`), photos);
    sums.window += await windowSeconds(join(folder, `window-${round}`), photos);
  }
  const { window, batch } = sums;
  return [
    `${COST_IMAGES} images under ${COST_PLANS.length} plans: ${(window / COST_ROUNDS).toFixed(1)} s of processor time from the window, ` +
      `${(batch / COST_ROUNDS).toFixed(1)} s by fovea batch: ${(window / batch).toFixed(3)} (target 1.05 at most)`,
  ];
}

async function batchSeconds(data: string, photos: string): Promise<number> {
  mkdirSync(data);
  const plans = join(data, 'plans.json');
  writeFileSync(plans, JSON.stringify(COST_PLANS));
  const words = ['batch', photos, '--labels', 'none', '--plan', plans, '--no-controls', '--quiet'];
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { ...process.env, FOVEA_DATA: data },
    stdio: 'ignore',
  });
  const meter = processorMeter(child.pid!);
  await once(child, 'exit');
  return meter.stop();
}

async function windowSeconds(data: string, photos: string): Promise<number> {
  mkdirSync(data);
  await using host = await served(data);
  await using browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
  const page = await browser.newPage();
  await page.goto(host.address);
  await page.getByRole('button', { name: 'pizza.jpg' }).waitFor();
  await page.getByRole('link', { name: 'Evaluate' }).click();
  // What the page opens and analyses for its own use is none of the run's.
  await untilIdle(host.pid);
  const meter = processorMeter(host.pid);
  await page.evaluate(() => undefined);
  await startRun(page, photos);
  await page.getByRole('heading', { name: /^Complete/ }).waitFor({ timeout: 600_000 });
  return meter.stop();
}

/** {@link COST_PLANS}, chosen as a user chooses them. */
async function startRun(page: Page, photos: string): Promise<void> {
  await page.getByLabel('Folder of images').fill(photos);
  await page.getByLabel('Folder of images').press('Tab');
  await page.getByRole('button', { name: 'uniform 8…1' }).click();
  await page.getByRole('button', { name: 'centre, random, inverse' }).click();
  await page.getByRole('button', { name: '25 %' }).click();
  await page.getByRole('button', { name: '4/0' }).click();
  await page.locator('.check').getByText('photos').waitFor();
  const chosen = await page.locator('output').first().innerText();
  if (!chosen.startsWith(`${COST_PLANS.length} + 0 + 0 `)) throw new Error(`the window would evaluate ${chosen}`);
  await page.getByRole('button', { name: 'Start' }).click();
}

/** Resolves when a process and its descendants have not worked for a second. */
async function untilIdle(root: number): Promise<void> {
  for (let spent = Infinity; spent > 0.02;) {
    const meter = processorMeter(root);
    await new Promise((later) => setTimeout(later, 1000));
    spent = meter.stop();
  }
}

/** Adds up the processor time of a process and all its descendants, from now on. Processes that end are counted as last seen. */
function processorMeter(root: number): { stop(): number } {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  const look = (isFirst: boolean) => {
    const stats = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
          return [{ pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
        } catch {
          return [];
        }
      });
    const own = new Set([root]);
    for (let size = 0; size < own.size;) {
      size = own.size;
      for (const { pid, parent } of stats) if (own.has(parent)) own.add(pid);
    }
    for (const { pid, ticks } of stats)
      if (own.has(pid)) {
        if (isFirst) first.set(pid, ticks);
        last.set(pid, ticks);
      }
  };
  look(true);
  const timer = setInterval(look, 200, false);
  return {
    stop() {
      clearInterval(timer);
      let ticks = 0;
      for (const [pid, now] of last) ticks += now - (first.get(pid) ?? 0);
      return ticks / TICKS_A_SECOND;
    },
  };
}
