import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.ts';
import { longNetwork, writeModel } from '../main/onnx/onnx-models.ts';
import { CLI, IMAGES, scrolled, simulatedRun } from './evaluate.ts';
import { served } from './page.ts';

const NODES = 1000;
const ROUNDS = 5;

/** The strip of a long network in the window, and the report of a large run. */
export async function benchModels(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-models-'));
  try {
    return [...(await benchStrip(folder)), ...benchReport(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function benchStrip(folder: string): Promise<string[]> {
  if (!chromiumPath()) return ['strip: left out, there is no Chromium'];
  const dataFolder = join(folder, 'strip');
  const env = { ...process.env, FOVEA_DATA: dataFolder };
  // Each is opened once: what an engine takes to load a network is not the strip's.
  for (let round = 0; round < ROUNDS; round++) {
    const file = writeModel(folder, `long-${round}.onnx`, longNetwork(NODES, round));
    execFileSync(process.execPath, [CLI, 'models', 'add', file, '--json'], { env, stdio: 'pipe' });
  }
  await using host = await served(dataFolder);
  await using browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(host.address);
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('grid').waitFor();
  await page.getByRole('button', { name: `long-${ROUNDS - 1}` }).waitFor();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await page.evaluate(untilStrip, `long-${round}`));
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const before = await busy();
  const frames = await page.evaluate(scrolled, { box: '.grid .body', step: 40 });
  const after = await busy();
  return [
    `the strip of ${NODES} nodes is drawn ${times.map((time) => time.toFixed(0)).join(', ')} ms after its model is chosen (target 300)`,
    `it scrolls at ${(1000 / frames.median).toFixed(0)} frames a second, median (target 60); the page computes ` +
      `${((1000 * (after - before)) / frames.count).toFixed(1)} ms of processor time a frame (of 16.7)`,
  ];
}

/** In the page: milliseconds from the click on a model to the frame that shows its strip. */
function untilStrip(id: string): Promise<number> {
  const button = [...document.querySelectorAll<HTMLElement>('[aria-label=Installed] button')].find((one) =>
    one.textContent.trim().startsWith(id),
  )!;
  const start = performance.now();
  button.click();
  return new Promise((done) => {
    const look = () => {
      const title = document.querySelector('[aria-label=Layers] h2')?.textContent;
      if (title === id && document.querySelector('[role=grid] .row.layer')) done(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

function benchReport(folder: string): string[] {
  const dataFolder = join(folder, 'report');
  mkdirSync(dataFolder);
  const runId = simulatedRun(dataFolder, join(folder, 'photos'), IMAGES);
  const out = join(folder, 'report.html');
  const start = performance.now();
  execFileSync(process.execPath, [CLI, 'report', runId, '--out', out], {
    env: { ...process.env, FOVEA_DATA: dataFolder },
    stdio: 'ignore',
  });
  return [
    `the report of ${IMAGES} images: ${((performance.now() - start) / 1000).toFixed(1)} s (target 5), ` +
      `${(statSync(out).size / 1e6).toFixed(1)} MB (target 10)`,
  ];
}
