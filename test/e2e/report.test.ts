import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.ts';
import { smallClassifier, writeModel } from '../main/onnx/onnx-models.ts';
import { Application, PROJECT } from './application.ts';

const CLI = join(PROJECT, 'out/main/cli.js');
/** Of A4 between the margins of a report, in pixels of 1/96 inch. */
const PAPER = { width: Math.floor(((210 - 2 * 15) / 25.4) * 96), height: Math.floor(((297 - 2 * 16) / 25.4) * 96) };

describe.skipIf(!chromiumPath())('a report', () => {
  let application: Application;
  /** Without network and without scripts. */
  let reader: Browser;
  let runId: string;
  let file: string;

  const fovea = (...words: readonly string[]) =>
    execFileSync(process.execPath, [CLI, ...words], {
      env: { ...process.env, FOVEA_DATA: join(application.folder, 'data') },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  beforeAll(async () => {
    application = await Application.start();
    reader = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
    const model = writeModel(application.folder, 'small.onnx', smallClassifier());
    const told = fovea(
      ...['batch', join(PROJECT, 'resources', 'samples'), '--model', model, '--labels', 'none'],
      ...['--bits', '4,2', '--name', 'told', '--json'],
    );
    runId = z.object({ run: z.object({ id: z.string() }) }).parse(JSON.parse(told)).run.id;
    file = join(application.folder, 'report.html');
    fovea('report', 'told', '--out', file);
  });
  afterAll(async () => {
    await reader?.close();
    await application?.stop();
  });

  async function opened(): Promise<{ readonly page: Page; readonly requests: readonly string[] }> {
    const context = await reader.newContext({ offline: true, javaScriptEnabled: false, viewport: PAPER });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url().slice(0, 200)));
    await page.goto(pathToFileURL(file).href);
    return { page, requests };
  }

  it('is the same file from the window and from the terminal', async () => {
    const { page } = await application.open();
    await page.evaluate((run) => void (location.hash = `#evaluate/${run}`), runId);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    const path = await (await download).path();
    expect(readFileSync(path, 'utf8')).toBe(readFileSync(file, 'utf8'));
  });

  it('asks for nothing, and is valid: read strictly it is the same document', async () => {
    const { page, requests } = await opened();
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('told');
    const blank = await (await reader.newContext()).newPage();
    const found = await blank.evaluate(
      (html) => {
        // XML knows no mercy: a tag that is not closed, an attribute given twice or a sign that is not escaped ends it.
        const strict = new DOMParser().parseFromString(
          html.replace(/^<!doctype html>/i, '').replace('<html', '<html xmlns="http://www.w3.org/1999/xhtml"'),
          'application/xhtml+xml',
        );
        const lenient = new DOMParser().parseFromString(html, 'text/html');
        const outline = (of: Document) =>
          [...of.querySelectorAll('*')].map(
            (one) => `${one.parentElement?.tagName.toLowerCase()} > ${one.tagName.toLowerCase()}`,
          );
        const ids = [...lenient.querySelectorAll('[id]')].map(({ id }) => id);
        const named = [...lenient.querySelectorAll('[aria-labelledby], a[href^="#"]')].map(
          (one) => one.getAttribute('aria-labelledby') ?? one.getAttribute('href')!.slice(1),
        );
        return {
          errors: [...strict.querySelectorAll('parsererror')].map(({ textContent }) => textContent),
          strict: outline(strict),
          lenient: outline(lenient),
          ids,
          named,
          quirks: lenient.compatMode,
          unknown: [...lenient.querySelectorAll('*')]
            .filter((one) => one instanceof HTMLUnknownElement)
            .map(({ tagName }) => tagName),
        };
      },
      readFileSync(file, 'utf8'),
    );
    expect(found.errors).toEqual([]);
    expect(found.lenient.length).toBeGreaterThan(100);
    expect(found.strict).toEqual(found.lenient);
    expect([found.quirks, found.unknown]).toEqual(['CSS1Compat', []]);
    expect(new Set(found.ids).size).toBe(found.ids.length);
    expect(found.named.filter((id) => !found.ids.includes(id))).toEqual([]);
  });

  it.each([640, 480])('is no wider than a window of %i pixels', async (width) => {
    const page = await (await reader.newContext({ offline: true, viewport: { width, height: 800 } })).newPage();
    await page.goto(pathToFileURL(file).href);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });

  it('prints on A4, and nothing that is looked at is cut by the end of a page', async () => {
    const page = await (await reader.newContext({ offline: true, viewport: PAPER })).newPage();
    await page.goto(pathToFileURL(file).href);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    const sizes = [...pdf.matchAll(/\/MediaBox \[([\d. ]+)\]/g)].map(([, box]) => box!.split(' ').map(Number));
    expect(sizes.length).toBeGreaterThan(2);
    for (const [, , width, height] of sizes)
      expect([Math.round(width! / 2.8346), Math.round(height! / 2.8346)]).toEqual([210, 297]);
    await page.emulateMedia({ media: 'print' });
    const found = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      whole: [...document.querySelectorAll('figure, tr, .photos li, dl div')].map((one) => ({
        height: one.getBoundingClientRect().height,
        kept: getComputedStyle(one).breakInside,
      })),
      first: document.querySelector('.first')!.getBoundingClientRect().height,
    }));
    expect(found.wide).toBeLessThanOrEqual(PAPER.width);
    expect(found.whole.length).toBeGreaterThan(10);
    for (const { height, kept } of found.whole) {
      expect(kept).toBe('avoid');
      expect(height).toBeLessThanOrEqual(PAPER.height);
    }
    // The first page has one sentence, one figure, one table and the command.
    expect(found.first).toBeLessThanOrEqual(PAPER.height);
  });
});
