import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/**
 * Holds that axe finds nothing wrong with the page in either theme; what a theme can change is contrast alone.
 * @param part selects what is new on a page that was looked at whole before, such as a dialog over it
 */
export async function faultless(page: Page, state: string, part?: string): Promise<void> {
  // Figures of an earlier plan are faded until those of the new one come.
  await expect.poll(() => page.locator('.stale').count()).toBe(0);
  // Once a document: read anew for each look, axe would cost as much as its looking.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = async () => {
    const light = await page.evaluate(look, { part, options: {} });
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await page.evaluate(look, { part, options: { runOnly: ['color-contrast'] } });
    await page.emulateMedia({ colorScheme: 'light' });
    return [...light, ...dark];
  };
  // What fades in is pale for a moment, also under a look that takes its time: a fault is what stays.
  await expect.poll(found, { message: state }).toEqual([]);
}

/** In the page: what axe finds wrong with it, one line each. */
async function look({ part, options }: { part: string | undefined; options: axe.RunOptions }) {
  const { violations } = await window.axe!.run(part ?? document, { ...options, resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`));
}
