import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.ts';
import { PROJECT, serve } from '../e2e/served.ts';

const SQUEEZENET = join(PROJECT, '..', 'shared', 'models', 'squeezenet1.1-imagenet.onnx');
const MOVES = 40;

/** From a movement of a slider to the figures of the new plan on the page, in a real browser; what is known already is no movement. */
export async function benchSlider(): Promise<string[]> {
  const executablePath = chromiumPath();
  if (!executablePath) return ['left out, there is no Chromium'];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-slider-'));
  const { host, address } = serve({ ...process.env, FOVEA_DATA: folder });
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(await address);
    const told = [`embedded model: ${await median(page)} (target 40 ms at most, on an idle machine)`];
    if (!existsSync(SQUEEZENET)) return told;
    await page.keyboard.press('Control+o');
    await page.getByRole('combobox', { name: /File or folder on the computer/ }).fill(SQUEEZENET);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('26 layers').first().waitFor();
    return [...told, `SqueezeNet 1.1: ${await median(page)} (target 60 ms at most, on an idle machine)`];
  } finally {
    await browser.close();
    host.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function median(page: Page): Promise<string> {
  await page.locator('section[aria-label=Result][aria-busy=false] .answer').waitFor();
  await page.getByText('ready', { exact: true }).waitFor();
  const times = await page.getByRole('slider', { name: 'Low share' }).evaluate(moveAndWait, MOVES);
  const sorted = times.toSorted((a, b) => a - b);
  return `median ${sorted[MOVES / 2]!.toFixed(0)} ms, 9 of 10 within ${sorted[Math.floor(MOVES * 0.9)]!.toFixed(0)} ms`;
}

/** Moves to a new value, and waits until no figure is an earlier plan's and the frame with it has been drawn. */
async function moveAndWait(element: HTMLElement | SVGElement, moves: number): Promise<number[]> {
  const slider = element as HTMLInputElement;
  const result = document.querySelector('section[aria-label=Result]')!;
  const times: number[] = [];
  for (let move = 0; move < moves; move++) {
    const start = performance.now();
    slider.valueAsNumber = 0.51 + move / 100;
    slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
    do await new Promise(requestAnimationFrame);
    while (result.classList.contains('stale') || result.getAttribute('aria-busy') === 'true');
    times.push(performance.now() - start);
  }
  return times;
}
