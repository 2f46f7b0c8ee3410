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

/** Holds that axe finds nothing wrong with the page in either theme; what a theme can change is contrast alone. */
export async function faultless(page: Page, state: string): Promise<void> {
  // Once a document: read anew for each look, axe would cost as much as its looking.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = await page.evaluate(look, {});
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await page.evaluate(look, { runOnly: ['color-contrast'] });
  await page.emulateMedia({ colorScheme: 'light' });
  expect([...found, ...dark], state).toEqual([]);
}

/** In the page: what axe finds wrong with it, one line each. */
async function look(options: axe.RunOptions): Promise<readonly string[]> {
  const { violations } = await window.axe!.run(document, { ...options, resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`));
}
