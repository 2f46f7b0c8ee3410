import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core';
import { drop } from '../e2e/application.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '../..');
const PACKAGE = join(PROJECT, 'node_modules', 'electron');
const SAMPLES = join(PROJECT, 'resources', 'samples');
const SAMPLE = join(SAMPLES, 'watch.jpg');

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
// Where the program is meant to be, its absence is a fault.
if ('missing' in here && process.env.FOVEA_NEEDS_ELECTRON) throw new Error(here.missing);
const reason = 'missing' in here ? ` (skipped: ${here.missing})` : '';

describe.skipIf('missing' in here)(`the application in Electron${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-smoke-'));
  const complaints: string[] = [];
  let application: ElectronApplication;
  let page: Page;

  const launch = (program: string, ...files: string[]) => {
    // Chromium refuses its sandbox to the superuser.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return {
      executablePath: program,
      args: [...asRoot, `--user-data-dir=${join(folder, 'chromium')}`, PROJECT, ...files],
      env: { ...process.env, FOVEA_DATA: folder },
    };
  };
  const answer = () => page.getByText(/(Same|Other) answer/).first();
  const menuItem = (id: string) =>
    application.evaluate(({ Menu }, wanted) => {
      const item = Menu.getApplicationMenu()?.getMenuItemById(wanted);
      item?.click();
      return item?.enabled ?? null;
    }, id);
  /** Process ids of what analyses and reads images. */
  const utilities = () =>
    application.evaluate(({ app }) =>
      app
        .getAppMetrics()
        .flatMap(({ type, pid, serviceName }) => (type === 'Utility' && serviceName?.startsWith('node.') ? [pid] : [])),
    );

  beforeAll(async () => {
    if ('missing' in here) return;
    application = await electron.launch(launch(here.program, SAMPLE));
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
    await answer().waitFor({ timeout: 60_000 });
    expect((await utilities()).length).toBeGreaterThanOrEqual(2);
  });

  test('takes a photo and a model that are dropped, whose paths the preload script tells', async () => {
    const model = join(folder, 'dropped.onnx');
    copyFileSync(join(PROJECT, 'models', 'fovea-caltech101.onnx'), model);
    await drop(page, [join(SAMPLES, 'starfish.jpg')]);
    await page.getByText('starfish.jpg').first().waitFor();
    await answer().waitFor();
    await drop(page, [model]);
    await page.getByRole('option', { name: /dropped/ }).waitFor({ state: 'attached' });
    await answer().waitFor();
  });

  test('loses its engine and goes on with another', async () => {
    for (const pid of await utilities()) process.kill(pid, 'SIGKILL');
    await drop(page, [join(SAMPLES, 'pizza.jpg')]);
    await page.getByText('pizza.jpg').first().waitFor();
    await answer().waitFor({ timeout: 60_000 });
    expect((await utilities()).length).toBeGreaterThanOrEqual(2);
  });

  test('goes where its menu says, and evaluates ten photos', async () => {
    expect(await menuItem('place.evaluate')).toBe(true);
    await page.getByLabel('Folder of images').fill(SAMPLES);
    await page.getByLabel('Folder of images').press('Tab');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor({ timeout: 240_000 });
    expect(await menuItem('place.analyse')).toBe(true);
    await answer().waitFor();
  });

  test('is started once: a second start hands its files over and ends', async () => {
    const { executablePath, args, env } = launch('program' in here ? here.program : '', join(SAMPLES, 'umbrella.jpg'));
    const second = spawn(executablePath, args, { env, stdio: 'ignore' });
    const [code] = (await once(second, 'exit')) as [number | null];
    expect(code).toBe(0);
    await page.getByText('umbrella.jpg').first().waitFor();
    expect(application.windows()).toHaveLength(1);
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
