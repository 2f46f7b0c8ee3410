import { AxeBuilder } from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../chromium.ts';
import { heldEngines } from '../main/held-engines.ts';
import { temporaryFolder } from '../main/temporary-folder.ts';
import { Application, PROJECT } from './application.ts';

const SAMPLES = join(PROJECT, 'resources/samples');
const CLI = join(PROJECT, 'out/main/cli.js');

/** The samples with labels: half of them wrong, so that there is something to lose and to gain. */
function labelledPhotos(): string {
  const folder = temporaryFolder();
  cpSync(SAMPLES, folder, { recursive: true });
  const rows = ['starfish.jpg,starfish', 'pizza.jpg,pizza', 'sunflower.jpg,pizza', 'umbrella.jpg,starfish'];
  writeFileSync(join(folder, 'labels.csv'), `file,label\n${rows.join('\n')}\n`);
  return folder;
}

async function openEvaluate(application: Application) {
  const opened = await application.open();
  await opened.page.getByRole('link', { name: 'Evaluate' }).click();
  return opened;
}

async function chooseFolder(page: Page, folder: string) {
  await page.getByLabel('Folder of images').fill(folder);
  await page.getByLabel('Folder of images').press('Tab');
}

const check = (page: Page) => page.locator('.check');

/** Leaves the uniform widths and one plan, so that a run is short. */
async function fewPlans(page: Page) {
  await page.getByRole('button', { name: 'centre, random, inverse' }).click();
  await page.getByRole('button', { name: '25 %' }).click();
  await page.getByRole('button', { name: '4/3' }).click();
}

async function evaluated(page: Page, folder: string) {
  await chooseFolder(page, folder);
  await check(page).getByText('photos').waitFor();
  await fewPlans(page);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('heading', { name: /^Complete/ }).waitFor();
  await page.getByRole('row', { name: /combined 50 % at 4\/2 4 / }).waitFor();
}

describe.skipIf(!chromiumPath())('the Evaluate place in a browser', () => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.start();
  });
  afterAll(() => application?.stop());

  it('evaluates a folder by its path: labels found, figures, from a facet to an image and to Analyse, and back', async () => {
    const { page, problems } = await openEvaluate(application);
    await chooseFolder(page, labelledPhotos());
    await expect.poll(() => check(page).innerText()).toMatch(/4 photos · 4 of 4 labelled \(labels.csv\).*about/);
    await fewPlans(page);
    expect(await page.locator('output').first().innerText()).toBe('1 + 8 + 0 = 9 plans');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
    await expect.poll(() => page.locator('.tile').count()).toBe(4);
    // Two labels are wrong on purpose.
    await page.getByRole('button', { name: 'wrong before 2' }).click();
    await expect.poll(() => page.locator('.tile').count()).toBe(2);
    expect(page.url()).toMatch(/#evaluate\/\S+\?sel=wrong-before/);

    await page.locator('.tile', { hasText: 'sunflower' }).focus();
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/umbrella/);
    await page.keyboard.press('k');
    const spot = () => page.evaluate(() => location.hash);
    await expect.poll(spot).toMatch(/marked=2/);
    const before = await spot();
    for (const back of ['Escape', 'Back']) {
      await page.locator('.tile', { hasText: 'sunflower' }).press('Enter');
      await page.getByRole('region', { name: 'Result' }).waitFor();
      await page.locator('[aria-current=true]', { hasText: 'sunflower' }).waitFor();
      expect(await page.getByRole('slider', { name: 'Low share' }).inputValue()).toBe('0.5');
      if (back === 'Escape') await page.keyboard.press('Escape');
      else await page.goBack();
      await expect.poll(spot).toBe(before);
      await page.locator('.tile', { hasText: 'sunflower' }).waitFor();
    }
    await page.reload();
    await expect.poll(() => page.locator('.tile').count()).toBe(2);
    await expect.poll(spot).toBe(before);
    expect(problems).toEqual([]);
  });

  it('shows, exports and copies as a command the same figures', async () => {
    const { page } = await openEvaluate(application);
    await evaluated(page, labelledPhotos());
    const row = page.getByRole('row', { name: /combined 50 % at 4\/2/ });
    const shown = (await row.getByRole('cell').allInnerTexts()).map((text) => text.replaceAll('\u2212', '-'));
    const plans = page.getByRole('region', { name: 'Plans', exact: true });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      plans.getByRole('button', { name: 'JSON' }).click(),
    ]);
    const exported = JSON.parse(readFileSync(await download.path(), 'utf8')) as Record<string, number | string>[];
    const own = exported.find(({ role }) => role === 'plan')!;
    expect(shown[2]).toContain((Number(own['top1']) * 100).toFixed(1));
    expect(shown[3]).toBe((Number(own['saved']) * 100).toFixed(1));

    const line = await page.locator('footer code').innerText();
    const folder = temporaryFolder();
    const script = line.replaceAll('fovea batch', `${process.execPath} ${CLI} batch`);
    const env = { ...process.env, FOVEA_DATA: join(folder, 'data') };
    const printed = JSON.parse(
      execFileSync('/bin/sh', ['-c', `${script} --json --quiet`], { cwd: folder, encoding: 'utf8', env }),
    ) as {
      plans: { top1: number; energy: { accelerator: string; mode: string; savedVs8bit: number }[] }[];
    };
    const index = Number(own['plan']) - 1;
    const stripes = printed.plans[index]!.energy.find(
      ({ accelerator, mode }) => accelerator === 'stripes' && mode === 'lockstep',
    )!;
    expect(printed.plans[index]!.top1).toBe(own['top1']);
    expect(stripes.savedVs8bit).toBe(own['saved']);
    expect(shown[3]).toBe((stripes.savedVs8bit * 100).toFixed(1));
  });

  it('pauses, lives through a reload, and goes on where it stopped', async () => {
    // Evaluations wait, whatever their images; the model opens.
    const held = heldEngines('a');
    const own = await Application.start(held.env);
    onTestFinished(() => own.stop());
    const { page } = await openEvaluate(own);
    await chooseFolder(page, labelledPhotos());
    await check(page).getByText('photos').waitFor();
    await fewPlans(page);
    await page.getByLabel('Workers').fill('1');
    await page.getByLabel('Workers').press('Tab');
    await page.getByRole('button', { name: 'Start' }).click();
    await held.holding(1, own.host);
    const hash = await page.evaluate(() => location.hash);
    await page.reload();
    await page.getByRole('heading', { name: /^Running/ }).waitFor();
    expect(await page.evaluate(() => location.hash)).toBe(hash);
    await page.getByRole('button', { name: 'Pause' }).click();
    const goOn = page.getByRole('button', { name: 'Go on (0 of 4)' });
    await goOn.waitFor();
    held.answer('~');
    await goOn.click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
    await expect.poll(() => page.locator('.tile').count()).toBe(4);
  });

  it('says of bad input what, which and what next, where it happens', async () => {
    const { page } = await openEvaluate(application);
    const empty = temporaryFolder();
    await chooseFolder(page, empty);
    await expect.poll(() => check(page).innerText()).toMatch(/no image files.*Name a folder that holds JPEG/s);
    const strange = labelledPhotos();
    writeFileSync(join(strange, 'labels.csv'), 'file,label\nelsewhere.jpg,pizza\n');
    await chooseFolder(page, strange);
    await expect
      .poll(() => check(page).innerText())
      .toMatch(/labels.csv: none of the files it names.*Write the paths/s);
    await chooseFolder(page, join(empty, 'gone'));
    await expect.poll(() => check(page).innerText()).toContain('gone');
    expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`is accessible, ${colorScheme}, before and with a run`, async () => {
      const { page } = await openEvaluate(application);
      await page.emulateMedia({ colorScheme });
      const violations = async () => (await new AxeBuilder({ page }).analyze()).violations;
      expect(await violations()).toEqual([]);
      await evaluated(page, labelledPhotos());
      expect(await violations()).toEqual([]);
      await page.getByRole('button', { name: 'Add: bits' }).click();
      expect(await violations()).toEqual([]);
    });
});
