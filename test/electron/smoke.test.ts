import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '../..');
const PACKAGE = join(PROJECT, 'node_modules', 'electron');
const SAMPLE = join(PROJECT, 'resources', 'samples', 'watch.jpg');

/** Electron's program, or the reason why the application cannot be tried out here. */
function electronHere(): { readonly program: string } | { readonly missing: string } {
  const pathFile = join(PACKAGE, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
  const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(PACKAGE, 'dist'), name);
  if (!existsSync(program)) return { missing: "Electron's program is not installed" };
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { missing: 'there is no display' };
  return { program };
}

const here = electronHere();
const reason = 'missing' in here ? ` (skipped: ${here.missing})` : '';

describe.skipIf('missing' in here)(`the application in Electron${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-smoke-'));
  const complaints: string[] = [];
  let application: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    if ('missing' in here) return;
    // Chromium refuses its sandbox to the superuser.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    application = await electron.launch({
      executablePath: here.program,
      args: [...asRoot, `--user-data-dir=${join(folder, 'chromium')}`, PROJECT, SAMPLE],
      env: { ...process.env, FOVEA_DATA: folder },
    });
    page = await application.firstWindow();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await application?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('shows the view from its own scheme, without Node and without a complaint', async () => {
    await expect.poll(() => page.title()).toContain('Fovea');
    expect(page.url()).toBe('app://fovea/');
    const globals = await page.evaluate(() => ({
      node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
      bridge: Object.keys(window.fovea ?? {}).sort(),
      secure: globalThis.isSecureContext,
    }));
    expect(globals).toEqual({ node: [], bridge: ['pathOf', 'receive', 'send'], secure: true });
    expect(complaints).toEqual([]);
  });

  test('analyses the image it was started with, in a process of its own', async () => {
    await page.getByText('watch.jpg').first().waitFor();
    await page
      .getByText(/(Same|Other) answer/)
      .first()
      .waitFor({ timeout: 60_000 });
    const processes = await application.evaluate(({ app }) => app.getAppMetrics().map(({ type }) => type));
    expect(processes.filter((type) => type === 'Utility').length).toBeGreaterThanOrEqual(2);
  });

  test('reaches no network and goes nowhere', async () => {
    const reached = await page.evaluate(() => fetch('http://127.0.0.1:9/').then(String, () => 'refused'));
    expect(reached).toBe('refused');
    await page.evaluate(() => void (location.href = 'https://example.org/'));
    await page.evaluate(() => window.open('https://example.org/'));
    expect(page.url()).toBe('app://fovea/');
    expect(application.windows()).toHaveLength(1);
  });
});
