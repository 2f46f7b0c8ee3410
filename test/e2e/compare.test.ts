import { AxeBuilder } from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../chromium.ts';
import { Application, PROJECT } from './application.ts';

const SAMPLES = join(PROJECT, 'resources/samples');
const CLI = join(PROJECT, 'out/main/cli.js');
const NAMES = ['airplane', 'pizza', 'pyramid', 'starfish', 'sunflower', 'umbrella', 'watch'];

describe.skipIf(!chromiumPath())('the Compare place in a browser', () => {
  let application: Application;
  let photos: string;

  const fovea = (...words: readonly string[]) =>
    execFileSync(process.execPath, [CLI, ...words], {
      env: { ...process.env, FOVEA_DATA: join(application.folder, 'data') },
      encoding: 'utf8',
    });

  beforeAll(async () => {
    application = await Application.start();
    photos = join(application.folder, 'photos');
    const alone = join(application.folder, 'alone');
    for (const folder of [photos, alone]) mkdirSync(folder);
    for (const name of NAMES) copyFileSync(join(SAMPLES, `${name}.jpg`), join(photos, `${name}.jpg`));
    copyFileSync(join(SAMPLES, 'stop-sign.jpg'), join(alone, 'stop-sign.jpg'));
    const batch = (folder: string, name: string, ...plan: readonly string[]) =>
      fovea('batch', folder, '--labels', 'none', '--name', name, ...plan, '--quiet');
    batch(photos, 'gradient low', '--metric', 'gradient', '--low-share', '0.4', '--bits', '4,2');
    batch(photos, 'combined half', '--metric', 'combined', '--low-share', '0.5', '--bits', '3,1');
    batch(photos, 'uniform five', '--metric', 'uniform', '--bits', '5');
    batch(alone, 'elsewhere', '--metric', 'uniform', '--bits', '5');
  });
  afterAll(() => application?.stop());

  const openCompare = async (...runs: readonly string[]) => {
    const opened = await application.open();
    await opened.page.getByRole('link', { name: 'Compare' }).click();
    for (const run of runs) await opened.page.getByRole('button', { name: `Compare ${run}`, exact: true }).click();
    return opened;
  };
  const headline = (page: Page) => page.getByRole('region', { name: 'Result' }).getByRole('heading');

  it('says in the headline and the table what the command line says', async () => {
    const { page, problems } = await openCompare('gradient low', 'combined half');
    const said = fovea('runs', 'compare', 'gradient low', 'combined half');
    expect(await headline(page).innerText()).toBe(said.split('\n')[0]);
    const [, both, first, other, wrong] = /A and B +(\d+) +(\d+) +(\d+) +(\d+)/.exec(said)!;
    for (const [words, images] of [
      ['both right', both],
      ['only A right', first],
      ['only B right', other],
      ['both wrong', wrong],
    ])
      await page.getByRole('button', { name: `${images} ${words}` }).waitFor();
    // The line that is copied gives the same.
    const line = await page.locator('footer code').innerText();
    expect(fovea(...line.split(' ').slice(1))).toBe(said);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('goes from a cell of the table to its images by keys, to Analyse with either plan, and back by Esc', async () => {
    const { page } = await openCompare('gradient low', 'combined half');
    await page.getByRole('button', { name: /both right/ }).press('Enter');
    const strip = page.getByRole('group', { name: 'Strip of images' });
    const shown = strip.locator('[aria-pressed=true]');
    await shown.focus();
    const before = await shown.getAttribute('aria-label');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => strip.locator('[aria-pressed=true]').getAttribute('aria-label')).not.toBe(before);
    await page.getByText('of the area').waitFor();
    const address = page.url();
    await page.getByRole('button', { name: 'with B', exact: true }).click();
    await page.getByRole('region', { name: 'Top-5 before and after' }).waitFor();
    expect(page.url()).toContain('#analyse/');
    await page.keyboard.press('Escape');
    await headline(page).waitFor();
    expect(page.url()).toBe(address);
  });

  it('moves one camera and one cell cursor on all three stages', async () => {
    const { page } = await openCompare('gradient low', 'combined half');
    await page.getByRole('button', { name: /both right/ }).click();
    await page.getByText('of the area').waitFor();
    const stages = page.getByRole('application');
    expect(await stages.count()).toBe(3);
    await stages.nth(0).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => page.getByText(/^row 8, column 8: /).count()).toBe(3);
    const worlds = page.locator('#compare .world');
    await expect.poll(() => worlds.count()).toBe(3);
    const transforms = () => worlds.evaluateAll((all) => all.map((world) => (world as HTMLElement).style.transform));
    const before = await transforms();
    await stages.nth(1).focus();
    await page.keyboard.press('ArrowRight');
    // A key is answered with the next frame: all three have moved, and to the same place.
    await expect
      .poll(async () => {
        const after = await transforms();
        return after[0] !== before[0] && new Set(after).size === 1;
      })
      .toBe(true);
  });

  it('compares three, changes the baseline, and says why another run cannot be chosen', async () => {
    const { page } = await openCompare('gradient low', 'combined half', 'uniform five');
    await page.getByRole('button', { name: /^combined half/ }).waitFor();
    await page.getByRole('button', { name: /^uniform five/ }).click();
    await expect.poll(() => headline(page).innerText()).toMatch(/^C saves/);
    await page.getByRole('button', { name: 'elsewhere cannot be compared: no image in common' }).waitFor();
    await page.getByRole('button', { name: 'Make C the baseline' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Compare uniform five' }).innerText()).toBe('A');
  });

  it('searches, sorts, stars, renames, notes, archives, deletes and brings back, all by keys', async () => {
    const { page } = await openCompare();
    const list = page.getByRole('group', { name: 'List of runs' });
    const picks = list.locator('.pick');
    await page.getByRole('searchbox', { name: 'Search runs' }).fill('elsewh');
    await expect.poll(() => picks.count()).toBe(1);
    await picks.first().focus();
    await page.keyboard.press('s');
    await page.getByRole('button', { name: 'Starred 1' }).waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('elsewhere else');
    await page.keyboard.press('Enter');
    await list.getByText('elsewhere else', { exact: true }).waitFor();
    await page.keyboard.press('n');
    await page.keyboard.type('a note');
    await page.keyboard.press('Enter');
    await list.getByText('a note').waitFor();
    await page.keyboard.press('Delete');
    await expect.poll(() => picks.count()).toBe(0);
    expect(fovea('runs', 'list')).not.toContain('elsewhere');
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect.poll(() => picks.count()).toBe(1);
    await picks.first().focus();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Archived 1' }).click();
    await expect.poll(() => picks.count()).toBe(1);
    await picks.first().focus();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Archived 0' }).waitFor();
    await page.getByRole('searchbox', { name: 'Search runs' }).fill('');
    await page.getByRole('button', { name: /^All / }).click();
    await page.getByRole('combobox', { name: 'Sort runs' }).selectOption('name');
    await expect
      .poll(() => list.locator('.name').allInnerTexts())
      .toEqual(['combined half', 'elsewhere else', 'gradient low', 'uniform five']);
  });

  it('says of an image that is gone that it is gone, and keeps the figures', async () => {
    rmSync(join(photos, 'airplane.jpg'));
    const { page } = await openCompare('gradient low', 'uniform five');
    for (const cell of ['both right', 'only A right', 'only B right', 'both wrong']) {
      await page.getByRole('button', { name: new RegExp(cell) }).click();
      const tile = page.getByRole('button', { name: 'airplane.jpg' });
      if ((await tile.count()) === 0) continue;
      await tile.click();
      break;
    }
    await page.getByText('Put it back to see it').waitFor();
    await headline(page).waitFor();
  });
});
