import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../chromium.ts';
import { heldEngines } from '../main/held-engines.ts';
import { longNetwork, writeModel } from '../main/onnx/onnx-models.ts';
import { temporaryFolder } from '../main/temporary-folder.ts';
import { Application, drop, PROJECT } from './application.ts';
import { faultless } from './faultless.ts';

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

/** As many different files: a photo with some bytes behind its end is the same photo. */
function manyPhotos(count: number, folder = temporaryFolder()): string {
  mkdirSync(folder, { recursive: true });
  const photo = readFileSync(join(SAMPLES, 'pizza.jpg'));
  for (let index = 0; index < count; index++)
    writeFileSync(join(folder, `${String(index).padStart(3, '0')}.jpg`), Buffer.concat([photo, Buffer.from([index])]));
  return folder;
}

/** The shortest run: one width, and nothing to compare it with. */
async function oneUniformPlan(page: Page) {
  for (const name of ['centre, random, inverse', 'uniform 8…1', '25 %', '4/3'])
    await page.getByRole('button', { name }).click();
}

const environmentOf = (folder: string) => ({ ...process.env, FOVEA_DATA: join(folder, 'data') });

/** What a line that was copied from the status bar prints, run in a folder that has the data of its own. */
function runLine(line: string, folder: string) {
  const script = line.replace(/fovea (?=batch|runs)/g, `${process.execPath} ${CLI} `);
  const options = { cwd: folder, encoding: 'utf8', env: environmentOf(folder) } as const;
  return JSON.parse(execFileSync('/bin/sh', ['-c', `${script} --json --quiet`], options)) as {
    readonly run: { readonly id: string };
    readonly plans: readonly PlanFigures[];
    readonly controls: readonly PlanFigures[];
    readonly policies: readonly {
      readonly policy: string;
      readonly keeps: string;
      readonly images: number;
      readonly top1: number;
      readonly energy: readonly EnergyFigure[];
    }[];
  };
}

interface PlanFigures {
  readonly images: number;
  readonly top1Agreement: number;
  readonly labelled: number;
  readonly top1: number;
  readonly top1Interval: readonly [number, number];
  readonly macWeightedLockstepBits: number;
  readonly energy: readonly EnergyFigure[];
  readonly claims: {
    readonly againstUniform: { readonly difference: number; readonly interval: readonly [number, number] } | null;
  };
}

/** The figures of a run of one plan without labels, shown and as the copied line prints them with the data of the window. */
async function expectSameAsCommand(page: Page, line: RegExp, folder: string) {
  let copied = '';
  await expect.poll(async () => (copied = await page.locator('footer code').innerText())).toMatch(line);
  const [plan] = runLine(copied, folder).plans;
  const { savedVs8bit } = plan!.energy.find((one) => one.accelerator === 'stripes' && one.mode === 'lockstep')!;
  const shown = async () => {
    const [, n, agrees, saved] = await page.locator('tbody tr').first().getByRole('cell').allInnerTexts();
    return [n, agrees?.split(' ')[0], saved];
  };
  const expected = [
    String(plan!.images),
    ...[plan!.top1Agreement, savedVs8bit].map((share) => (share * 100).toFixed(1)),
  ];
  await expect.poll(shown).toEqual(expected);
}

interface EnergyFigure {
  readonly accelerator: string;
  readonly mode: string;
  readonly savedVs8bit: number;
  readonly totalSavedVs8bit: number;
}

/** A row of the table of plans as it is to be shown, from its figures as they are exported. */
function shownRow(row: Readonly<Record<string, number | string | null>>): string[] {
  const percent = (name: string) =>
    row[name] === null ? '–' : (Number(row[name]) * 100).toFixed(1).replace(/^-0\.0$/, '0.0');
  const [low, high] = [Number(row['against_uniform_low']), Number(row['against_uniform_high'])];
  const points = `${Number(row['against_uniform']) > 0 ? '+' : ''}${percent('against_uniform')}`;
  return [
    `${row['plan'] === null ? 'policy ' : ''}${row['name']}${row['front'] ? ', on the front' : ''}`,
    String(row['n']),
    `${percent('top1')} ${percent('top1_low')}–${percent('top1_high')}`,
    percent('saved'),
    percent('chip_saved'),
    row['against_uniform'] === null ? '–' : `${low > 0 || high < 0 ? '' : 'n.s. '}${points}`,
  ];
}

async function evaluated(page: Page, folder: string, { controls = false } = {}) {
  await chooseFolder(page, folder);
  await check(page).getByText('photos').waitFor();
  await fewPlans(page);
  if (controls) await page.getByRole('button', { name: 'centre, random, inverse' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('heading', { name: /^Complete/ }).waitFor();
  await page
    .getByRole('row', { name: /combined 50 % at 4\/2 4 / })
    .first()
    .waitFor();
  await lastFigures(page);
}

/** A run may be over before the last of its figures is there: until then the line is one that shows a run that goes on. */
async function lastFigures(page: Page): Promise<string> {
  const line = page.locator('footer code', { hasText: 'fovea batch' });
  await line.waitFor();
  return line.innerText();
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
    await expect.poll(() => page.locator('output').first().innerText()).toBe('1 + 8 + 0 = 9 plans');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
    await expect.poll(() => page.locator('.tile').count()).toBe(4);
    await expect.poll(() => page.locator('.tile canvas').count()).toBe(4);
    await faultless(page, 'complete');
    // Two labels are wrong on purpose.
    await page.getByRole('button', { name: 'wrong before 2' }).click();
    await expect.poll(() => page.locator('.tile').count()).toBe(2);
    expect(page.url()).toMatch(/#evaluate\/\S+\?sel=wrong-before/);

    // A brush leaves what lies in it; taken away, all is back.
    const margins = page.locator('.histogram', { hasText: 'Margin' }).locator('svg');
    const box = (await margins.boundingBox())!;
    const at = (share: number) => [box.x + share * box.width, box.y + box.height / 2] as const;
    await page.mouse.move(...at(0.995));
    await page.mouse.down();
    await page.mouse.move(...at(0.5));
    await page.mouse.up();
    await expect.poll(() => page.url()).toMatch(/margin(=|%3D)0\.5(~|%7E)1/);
    const within = async () =>
      (await page.locator('.tile .mono').allInnerTexts()).every((margin) => Number(margin) >= 0.5);
    await expect.poll(within).toBe(true);
    await margins.click();
    await expect.poll(() => page.locator('.tile').count()).toBe(2);

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
      await expect.poll(() => page.getByRole('slider', { name: 'Low share' }).inputValue()).toBe('0.5');
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
    await evaluated(page, labelledPhotos(), { controls: true });
    const saved = async (subject: string, format: string) => {
      await page.getByRole('button', { name: `Export ${subject}` }).click();
      const choices = page.getByRole('group', { name: `Export ${subject}` });
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        choices.getByRole('button', { name: format }).click(),
      ]);
      return readFileSync(await file.path());
    };
    const plans = page.getByRole('region', { name: 'Plans', exact: true });
    const exportedTable = async () =>
      JSON.parse((await saved('the plans', 'JSON')).toString()) as readonly Record<string, number | string | null>[];
    /** Every figure of the table as it is shown, and as it is exported. */
    const sameInTable = async () => {
      const exported = await exportedTable();
      const shown = (await plans.locator('tbody tr').allInnerTexts()).map((text) =>
        text
          .replaceAll('\u2212', '-')
          .replace(/\s*, on the/, ', on the')
          .split(/\s*[\n\t]\s*/)
          .filter(Boolean),
      );
      expect(shown).toEqual(exported.map(shownRow));
      return exported;
    };
    const exported = await sameInTable();
    const own = exported.find(({ role }) => role === 'plan')!;
    const table = (await saved('the images', 'CSV')).toString().trim().split('\r\n');
    const rowsOfImages = JSON.parse((await saved('the images', 'JSON')).toString()) as Record<
      string,
      number | string
    >[];
    expect(table).toHaveLength(5);
    expect(table[0]!.split(',')).toEqual(Object.keys(rowsOfImages[0]!));
    for (const [index, tile] of (await page.locator('.tile').all()).entries()) {
      const { path, verdict, margin } = rowsOfImages[index]!;
      const text = (await tile.textContent()) ?? '';
      for (const part of [String(path), String(verdict), Number(margin).toFixed(2)]) expect(text).toContain(part);
    }
    // Histograms: each bar as many images as their outcomes have, those of the brush apart.
    const margins = rowsOfImages.map(({ margin }) => Number(margin));
    await page.getByLabel('Margin from').fill('0.9');
    await page.getByLabel('Margin from').press('Tab');
    const kept = margins.filter((margin) => margin >= 0.9);
    await expect.poll(() => page.locator('.tile').count()).toBe(kept.length);
    const bars = JSON.parse((await saved('the histograms', 'JSON')).toString()) as Record<string, number | string>[];
    for (const { from, to, images: all, selected } of bars.filter(({ of }) => of === 'margin')) {
      const within = (one: number) => one >= Number(from) && (one < Number(to) || to === 1);
      expect([all, selected]).toEqual([margins.filter(within).length, kept.filter(within).length]);
    }
    const facets = bars.filter(({ of }) => of === 'verdict').map(({ facet, images: n }) => [facet, n]);
    expect(facets).toContainEqual(['wrong-before', 2]);
    // Every picture stands alone, and says what is shown.
    for (const [subject, text] of [
      ['the chart', 'saved against uniform 8 bits'],
      ['the plans', 'combined 50 % at 4/2'],
      ['the images', 'wrong before'],
      ['the histograms', 'Bits saved, %'],
    ] as const) {
      const svg = (await saved(subject, 'SVG')).toString();
      expect(svg, subject).toMatch(/^<svg[^>]+viewBox/);
      expect(svg, subject).toContain(text);
      const png = await saved(subject, 'PNG');
      expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    }
    const drawn = (await saved('the histograms', 'SVG')).toString();
    expect(drawn).toMatch(/0\.9<\/text>/);
    // The brush, through which its bars are seen.
    expect(drawn).toMatch(/<rect[^>]+fill-opacity="0\.07"/);

    const folder = temporaryFolder();
    const printed = runLine(await page.locator('footer code').innerText(), folder);
    const all = [...printed.plans, ...printed.controls];
    const stripesOf = (energy: readonly EnergyFigure[]) =>
      energy.find(({ accelerator, mode }) => accelerator === 'stripes' && mode === 'lockstep')!;
    for (const [index, plan] of all.entries()) {
      const { savedVs8bit, totalSavedVs8bit } = stripesOf(plan.energy);
      expect(exported.find((row) => row['plan'] === index + 1)).toMatchObject({
        n: plan.labelled,
        top1: plan.top1,
        ...{ top1_low: plan.top1Interval[0], top1_high: plan.top1Interval[1] },
        ...{ saved: savedVs8bit, compute_saved: savedVs8bit, chip_saved: totalSavedVs8bit },
      });
    }
    const policies = exported.filter(({ plan }) => plan === null);
    expect(policies.map(({ role }) => role)).toEqual(['static', 'oracle', 'cascade']);
    for (const row of policies) {
      const policy = printed.policies.find((one) => one.policy === row['role'] && one.keeps === 'top1')!;
      const { savedVs8bit, totalSavedVs8bit } = stripesOf(policy.energy);
      expect(row).toMatchObject({
        n: policy.images,
        top1: policy.top1,
        saved: savedVs8bit,
        chip_saved: totalSavedVs8bit,
      });
    }
    // Counted in bits, what plans earn over uniform widths is what the command claims of them.
    await page.getByLabel('Counted in').selectOption('');
    await expect.poll(async () => (await exportedTable())[0]!['compute_saved']).toBeNull();
    const inBits = await sameInTable();
    for (const [index, { claims, macWeightedLockstepBits }] of all.entries()) {
      const row = inBits.find(({ plan }) => plan === index + 1)!;
      expect(row['saved']).toBe(1 - macWeightedLockstepBits / 8);
      const { difference, interval } = claims.againstUniform ?? { difference: null, interval: [null, null] };
      expect([row['against_uniform'], row['against_uniform_low'], row['against_uniform_high']]).toEqual([
        difference,
        ...interval,
      ]);
    }
    // The images as the window has them, and as the command line exports the same run of its own.
    const found = execFileSync(
      process.execPath,
      [CLI, 'runs', 'export', printed.run.id, '--rows', 'images', '--format', 'json'],
      { cwd: folder, encoding: 'utf8', env: environmentOf(folder) },
    );
    const rowsOfCommand = JSON.parse(found) as Record<string, number | string>[];
    for (const { verdict, ...figures } of rowsOfImages)
      expect(rowsOfCommand, String(verdict)).toContainEqual(
        expect.objectContaining({ plan: Number(own['plan']), ...figures }),
      );
  });

  it('copies of a run of single images, saved in Analyse, a line of those images and no others', async () => {
    const { page } = await application.open();
    const photos = labelledPhotos();
    for (const name of ['pizza.jpg', 'umbrella.jpg']) {
      await page.keyboard.press('Control+o');
      await page.getByLabel(/^File or folder on/).fill(join(photos, name));
      await page.getByLabel(/^File or folder on/).press('Enter');
      await page.locator('[aria-current=true]', { hasText: name }).waitFor();
    }
    await page.getByRole('button', { name: 'Save as run…' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('two of four');
    await page.getByRole('checkbox', { name: 'all 2 images of the list' }).check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Run two of four is saved: 2 images.').waitFor();
    await page.getByRole('link', { name: 'Evaluate' }).click();
    const value = await page.getByRole('option', { name: /two of four/ }).getAttribute('value');
    await page.getByLabel('Run to look at').selectOption(value);
    await page.getByRole('heading', { name: 'Complete: two of four' }).waitFor();
    await expectSameAsCommand(page, /^printf .*pizza\.jpg umbrella\.jpg > images\.txt/, temporaryFolder());
  });

  it('takes a folder that is dropped, with its label file, and keeps its photos with the run', async () => {
    const { page, problems } = await openEvaluate(application);
    await drop(page, [labelledPhotos()]);
    await expect.poll(() => check(page).innerText()).toMatch(/4 photos · 4 of 4 labelled \(labels.csv\)/);
    await oneUniformPlan(page);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
    await page.locator('.tile', { hasText: 'pizza.jpg' }).waitFor();
    // What was sent is gone; the line names what is kept with the run, its labels among it.
    const printed = runLine(await lastFigures(page), application.folder);
    const plans = page.getByRole('region', { name: 'Plans', exact: true });
    const own = plans.getByRole('row').nth(1);
    await expect.poll(() => own.innerText()).toContain((printed.plans[0]!.top1 * 100).toFixed(1));
    await page.getByRole('button', { name: 'Kept files…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^4 images, /).waitFor();
    await dialog.getByRole('button', { name: /^Keep those of/ }).click();
    await dialog.getByText(/^4 thumbnails of 128 pixels/).waitFor();
    await faultless(page, 'kept files');
    await dialog.getByRole('button', { name: /^Remove the images of/ }).click();
    await dialog.getByRole('button', { name: 'Yes, remove' }).click();
    await dialog.getByText(/^None. Images that are dropped/).waitFor();
    await page.keyboard.press('Escape');
    // The photos are gone; the thumbnails that were kept are there.
    await page.reload();
    await expect.poll(() => page.locator('.tile img').count()).toBe(4);
    expect(problems).toEqual([]);
  });

  it('merges the shards of a cluster that are dropped', async () => {
    const { page } = await openEvaluate(application);
    const photos = labelledPhotos();
    const cluster = temporaryFolder();
    const shards = [1, 2].map((shard) => {
      const db = join(cluster, `shard ${shard}.sqlite`);
      const words = [
        'batch',
        photos,
        '--bits',
        '4',
        '--metric',
        'uniform',
        '--no-controls',
        '--name',
        'from the cluster',
        '--quiet',
      ];
      execFileSync(process.execPath, [CLI, ...words, '--shard', `${shard}/2`, '--db', db], {
        env: { ...process.env, FOVEA_DATA: join(cluster, 'data') },
      });
      return db;
    });
    await drop(page, [shards[0]!]);
    await page.getByText(/waits for shard 2 of 2/).waitFor();
    await drop(page, [shards[1]!]);
    await page.getByRole('heading', { name: 'Complete: from the cluster' }).waitFor();
    await expect.poll(() => page.locator('.tile').count()).toBe(4);
  });

  it('a host that is killed in mid-run loses nothing: the run goes on where it stopped', async () => {
    const held = heldEngines(2);
    const first = await Application.start(held.env);
    const { page } = await openEvaluate(first);
    await chooseFolder(page, manyPhotos(24));
    await check(page).getByText('24 photos').waitFor();
    await oneUniformPlan(page);
    await page.getByLabel('Workers').fill('1');
    await page.getByLabel('Workers').press('Tab');
    await page.getByRole('button', { name: 'Start' }).click();
    await held.holding(1, first.host);
    // An engine may hold before what it answered earlier is in the store.
    await page.locator('.tile').first().waitFor();
    await first.kill();
    const second = await Application.start(process.env, first.folder);
    onTestFinished(() => second.stop());
    const later = await openEvaluate(second);
    await later.page.getByRole('heading', { name: /^Interrupted/ }).waitFor();
    await later.page.getByRole('button', { name: /^Go on \([1-9]\d* of 24\)/ }).click();
    await later.page.getByRole('heading', { name: /^Complete/ }).waitFor();
    await later.page.getByText('24 of 24', { exact: true }).first().waitFor();
  });

  it('moves nothing while results stream in, lives through a reload, pauses, goes on, and cancels with a way back', async () => {
    const held = heldEngines(3);
    const own = await Application.start(held.env);
    onTestFinished(() => own.stop());
    const { page } = await openEvaluate(own);
    await chooseFolder(page, manyPhotos(40));
    await check(page).getByText('40 photos').waitFor();
    await oneUniformPlan(page);
    await page.getByLabel('Workers').fill('1');
    await page.getByLabel('Workers').press('Tab');
    await page.getByRole('button', { name: 'Start' }).click();
    await held.holding(1, own.host);
    await page.locator('.tile').first().waitFor();
    const shown = page.locator('.images output');
    const before = await shown.innerText();
    // In whole pixels: layout is finer than any eye.
    const places = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('.tile, .facets .chip, tbody tr')].map((one) => {
          const { x, y, width, height } = one.getBoundingClientRect();
          return [one.className.split(' ')[0], ...[x, y, width, height].map(Math.round)].join(' ');
        }),
      );
    const first = await places();
    held.answer(6);
    await expect.poll(() => shown.innerText()).not.toBe(before);
    // More tiles come behind those that are there.
    expect(await places()).toEqual(expect.arrayContaining(first));
    await faultless(page, 'running');

    const hash = await page.evaluate(() => location.hash);
    await page.reload();
    await page.getByRole('heading', { name: /^Running/ }).waitFor();
    await expect.poll(() => page.evaluate(() => location.hash)).toBe(hash);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const goOn = page.getByRole('button', { name: /^Go on \([1-9]\d* of 40\)/ });
    await goOn.waitFor();
    await expect.poll(() => page.locator('footer code').innerText()).toMatch(/^fovea runs show/);
    await expectSameAsCommand(page, /^fovea runs show/, own.folder);
    await goOn.click();
    await page.getByRole('heading', { name: /^Running/ }).waitFor();
    await page
      .locator('footer')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await page
      .getByText(/ is cancelled/)
      .first()
      .waitFor();
    await page.getByText('Runs are kept here').waitFor();
    await page.getByRole('button', { name: 'Keep what is done' }).click();
    await page.getByRole('button', { name: /^Go on \(\d+ of 40\)/ }).waitFor();
  });

  it('is used whole by the keyboard', async () => {
    const { page } = await openEvaluate(application);
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: one } = document;
        return one?.getAttribute('aria-label') ?? one?.textContent?.trim() ?? '';
      });
    const tabTo = async (name: RegExp) => {
      for (let presses = 0; !name.test(await focused()); presses++) {
        expect(presses, `${name} cannot be reached by Tab`).toBeLessThan(120);
        await page.keyboard.press('Tab');
      }
    };
    await tabTo(/^Folder of images$/);
    await page.keyboard.type(labelledPhotos());
    await tabTo(/^✓?\s*4\/3$/);
    await check(page).getByText('4 photos').waitFor();
    await page.keyboard.press('Enter');
    await tabTo(/^✓?\s*centre, random, inverse$/);
    await page.keyboard.press('Space');
    // Enter in the form starts.
    await page.getByLabel('Folder of images').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
    await page.locator('.tile').first().waitFor();
    await tabTo(/^combined 50 % at 4\/2$/);
    await page.keyboard.press('Enter');
    await tabTo(/^wrong before/);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.tile').count()).toBe(2);
    await tabTo(/sunflower/);
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await expect.poll(focused).toMatch(/umbrella/);
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Result' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).toMatch(/marked=\d/);
  });

  it('says of a store that is damaged, newer or locked which file it is and what to do, and leaves it as it is', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'data', 'runs.sqlite');
    mkdirSync(join(folder, 'data'));
    writeFileSync(file, 'this is no store');
    const own = await Application.start(process.env, folder);
    onTestFinished(() => own.stop());
    const { page } = await openEvaluate(own);
    const alert = page.locator('main').getByRole('alert');
    await alert.getByText(file).waitFor();
    await expect.poll(() => alert.innerText()).toMatch(/found something else[^\n]*\n+.*restore this one/);
    await page.getByRole('link', { name: 'Compare' }).click();
    await alert.getByText(file).waitFor();
    expect(readFileSync(file, 'utf8')).toBe('this is no store');

    rmSync(file);
    const again = page.getByRole('button', { name: 'Try again' });
    await again.click();
    await page.getByText('No runs yet').waitFor();
    const store = new Database(file);
    const version = Number(store.pragma('user_version', { simple: true }));
    store.pragma(`user_version = ${version + 1}`);
    await page.reload();
    await alert.getByText(/newer Fovea/).waitFor();
    await page.getByRole('link', { name: 'Evaluate' }).click();
    await alert.getByText(/newer Fovea/).waitFor();
    await expect.poll(() => alert.innerText()).toContain(file);

    // Another process that writes for longer than anybody waits.
    store.pragma(`user_version = ${version}`);
    await page.reload();
    await chooseFolder(page, labelledPhotos());
    await check(page).getByText('4 photos').waitFor();
    store.exec('BEGIN IMMEDIATE');
    await page.getByRole('button', { name: 'Start' }).click();
    await page
      .getByText(/another Fovea is writing to the store/)
      .first()
      .waitFor();
    store.exec('ROLLBACK');
    store.close();
    await oneUniformPlan(page);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
  });

  it('says of bad input what, which and what next, where it happens', async () => {
    const { page } = await openEvaluate(application);
    await faultless(page, 'nothing chosen');
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
    const start = page.getByRole('button', { name: 'Start' });
    await expect.poll(() => start.isDisabled()).toBe(true);
    await faultless(page, 'a folder that is not there');

    // More plans than a run may have are counted, and none is made.
    const add = async (what: string, texts: readonly string[]) => {
      for (const text of texts) {
        await page.getByRole('button', { name: `Add: ${what}` }).click();
        await page
          .getByRole('group', { name: `Add: ${what}` })
          .getByRole('textbox')
          .fill(text);
        await page.keyboard.press('Enter');
      }
    };
    await page.getByRole('button', { name: 'gradient' }).click();
    await page.getByRole('button', { name: 'layer', exact: true }).click();
    await add(
      'share',
      Array.from({ length: 23 }, (_, index) => `${index + 1} %`),
    );
    await add(
      'bits',
      Array.from({ length: 23 }, (_, index) => `${7 - (index % 3)}/${1 + (index % 4)}/${index % 2}/${index >> 2}`),
    );
    await page.getByText(/^a grid of 10016 plans; at most 4096: take chips away$/).waitFor();
    await chooseFolder(page, strange);
    await expect.poll(() => start.isDisabled()).toBe(true);
  });

  it('says of a model that cannot be opened which file it is, and evaluates none in its place', async () => {
    const models = temporaryFolder();
    const file = join(models, 'broken.onnx');
    writeModel(models, 'broken.onnx', longNetwork(3, 1));
    execFileSync(process.execPath, [CLI, 'models', 'add', file], {
      env: environmentOf(application.folder),
      stdio: 'ignore',
    });
    const { page } = await openEvaluate(application);
    const photos = labelledPhotos();
    await chooseFolder(page, photos);
    await check(page).getByText('4 photos').waitFor();
    const model = page.getByRole('combobox', { name: 'Model to evaluate' });
    const before = await model.inputValue();
    writeFileSync(join(application.folder, 'data/models/broken/broken.onnx'), 'no model at all');
    // Damaged beside an open window, and from the beginning.
    for (const label of ['broken', 'broken: cannot be opened']) {
      await model.selectOption({ label });
      await page.getByText(/broken\.onnx: not a complete ONNX model/).waitFor();
      await page.getByText('Download or export the model again').waitFor();
      await expect.poll(() => model.inputValue()).toBe(before);
      await expect.poll(() => page.getByRole('button', { name: 'Start' }).isEnabled()).toBe(true);
      await page.reload();
      await chooseFolder(page, photos);
    }
  });

  it('keeps what is done when the disk fills in mid-run, an engine dies or the folder goes away, and goes on', async () => {
    const held = heldEngines(2);
    const full = join(temporaryFolder(), 'full');
    const preload = pathToFileURL(join(PROJECT, 'test/main/full-disk.mjs')).href;
    const env = { ...held.env, NODE_OPTIONS: `${held.env.NODE_OPTIONS} --import ${preload}`, FOVEA_FULL_DISK: full };
    const own = await Application.start(env);
    onTestFinished(() => own.stop());
    const { page } = await openEvaluate(own);
    const photos = manyPhotos(24);
    await chooseFolder(page, photos);
    await check(page).getByText('24 photos').waitFor();
    await oneUniformPlan(page);
    await page.getByLabel('Workers').fill('1');
    await page.getByLabel('Workers').press('Tab');
    await page.getByRole('button', { name: 'Start' }).click();
    const [engine] = await held.holding(1, own.host);
    const card = page.locator('.card');
    const goOn = page.getByRole('button', { name: /^Go on \(\d+ of 24\)/ });

    // An engine that dies takes one image with it, or none: another one goes on.
    held.answer(6);
    process.kill(engine!, 'SIGKILL');
    await held.holding(1, own.host);
    rmSync(photos, { recursive: true });
    held.answer('~');
    await page.getByRole('heading', { name: /^Stopped by an error/ }).waitFor();
    await card
      .getByText(photos)
      .getByText(/Bring it back/)
      .waitFor();
    await faultless(page, 'stopped');

    manyPhotos(24, photos);
    writeFileSync(full, '');
    await goOn.click();
    await card.getByText(/no room left on the disk.*Make room/s).waitFor();
    rmSync(full);
    await goOn.click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
    await expect.poll(() => page.locator('.images output').innerText()).toMatch(/^24 of 24/);
    await expectSameAsCommand(page, /fovea batch/, own.folder);
  });
});
