import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../src-shared/analysis.ts';
import { nameOfDevice } from '../../src-shared/device.ts';
import { chromiumPath } from '../chromium.ts';
import { temporaryFolder } from '../main/temporary-folder.ts';
import { Application, drop, PROJECT, settledResult } from './application.ts';
import { faultless } from './faultless.ts';

const SAMPLES = join(PROJECT, 'resources/samples');
const CLI = join(PROJECT, 'out/main/cli.js');

/** Photos with a folder of maps, which lacks that of the last; in each map another quarter is important. */
async function mappedPhotos(names: readonly string[]) {
  const folder = temporaryFolder();
  const [photos, maps] = [join(folder, 'photos'), join(folder, 'maps')];
  for (const made of [photos, maps]) mkdirSync(made);
  for (const [index, name] of names.entries()) {
    copyFileSync(join(SAMPLES, name), join(photos, name));
    if (index < names.length - 1) writeFileSync(join(maps, name.replace('.jpg', '.csv')), await quarter(name, index));
  }
  return { photos, maps };
}

/** A map as CSV, an eighth of the photo's size, in which a quarter is 1. */
async function quarter(name: string, index: number): Promise<string> {
  const { width, height } = await sharp(join(SAMPLES, name)).metadata();
  const [columns, rows] = [Math.round(width / 8), Math.round(height / 8)];
  const isIn = (row: number, column: number) => Number(row < rows / 2) * 2 + Number(column < columns / 2) === index % 4;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => Number(isIn(row, column))).join(),
  ).join('\n');
}

describe.skipIf(!chromiumPath())('importance maps from files, in a browser', () => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.start();
  });
  afterAll(() => application?.stop());

  const copied = (page: Page) => page.locator('footer code').innerText();
  /** What a copied line prints, with the data of the window. */
  const printed = (line: string): unknown => {
    const script = line.replace(/fovea (?=analyze|batch)/, `${process.execPath} ${CLI} `);
    const env = { ...process.env, FOVEA_DATA: join(application.folder, 'data') };
    const options = { cwd: temporaryFolder(), encoding: 'utf8', env } as const;
    // An image without a map is told by the exit code.
    return JSON.parse(spawnSync('/bin/sh', ['-c', `${script} --json --quiet`], options).stdout);
  };
  const metric = (page: Page) => page.getByRole('combobox', { name: 'Metric' });

  it('are dropped where the window says so or wherever they can be nothing else, or chosen; what cannot be one says why', async () => {
    const { page, problems } = await application.open();
    await page.getByRole('button', { name: 'starfish.jpg' }).click();
    await settledResult(page);
    const folder = temporaryFolder();
    const csv = await quarter('starfish.jpg', 0);
    const files = { csv: join(folder, 'eyes.csv'), png: join(folder, 'cam.png'), wide: join(folder, 'wide.csv') };
    writeFileSync(files.csv, csv);
    writeFileSync(files.wide, '0,1,0,1,0');
    const rows = csv.split('\n').map((row) => row.split(',').map((value) => 255 - 255 * Number(value)));
    const raw = { width: rows[0]!.length, height: rows.length, channels: 1 } as const;
    await sharp(Uint8Array.from(rows.flat()), { raw }).toColourspace('b-w').png().toFile(files.png);

    // A picture goes to where the window takes it for a map; anywhere else it is a photo.
    await drop(
      page,
      [files.png],
      undefined,
      page.getByText('Importance map of starfish.jpg (grey PNG, CSV or NPY): drop here'),
    );
    await page.getByText('map: cam.png').waitFor();
    await settledResult(page);
    await expect.poll(() => metric(page).inputValue()).toBe('given');
    await faultless(page, 'a map of a file');
    // What is no picture is a map wherever it is dropped.
    await drop(page, [files.csv]);
    await page.getByText('map: eyes.csv').waitFor();
    await settledResult(page);
    const line = await copied(page);
    expect(line).toMatch(/^fovea analyze sample:starfish --metric given .*--maps \S+\.csv$/);
    const { importance } = printed(line) as Analysis;
    expect(readFileSync(importance.map!.path, 'utf8')).toBe(csv);
    const answer = await settledResult(page);

    await drop(page, [files.wide]);
    const told = page.getByText(
      'wide.csv: the importance map cannot be used: it is 5 x 1, which is not the shape of the photo',
      { exact: false },
    );
    await told.waitFor();
    await expect.poll(() => copied(page)).toBe(line);
    await expect.poll(() => settledResult(page)).toBe(answer);

    // By keys alone, from a path on the host; a reload keeps what the image has.
    const choose = page.getByRole('button', { name: 'Choose an importance map…' });
    await choose.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: /Importance map of starfish.jpg/ });
    await dialog.waitFor();
    await faultless(page, 'choosing a map');
    await dialog.getByLabel('File on the computer Fovea runs on').fill(files.png);
    await page.keyboard.press('Enter');
    await page.getByText('map: cam.png').waitFor();
    await settledResult(page);
    await expect.poll(() => copied(page)).toContain(`--maps ${files.png}`);
    await page.reload();
    await page.getByText('map: cam.png').waitFor();
    expect(problems).toEqual([]);
  });

  it('of a folder are found before a run begins, and the copied line gives the same figures', async () => {
    const { photos, maps } = await mappedPhotos(['pizza.jpg', 'starfish.jpg', 'umbrella.jpg']);
    const { page, problems } = await application.open();
    await page.getByRole('link', { name: 'Evaluate' }).click();
    await page.getByLabel('Folder of images').fill(photos);
    await page.getByLabel('Folder of images').press('Tab');
    for (const name of ['combined', 'centre, random, inverse', 'uniform 8…1', '25 %', '4/3'])
      await page.getByRole('button', { name }).click();
    await expect.poll(() => page.getByRole('combobox', { name: 'Folder of importance maps' }).count()).toBe(0);
    const metrics = page.getByRole('group', { name: 'Metric', exact: true });
    await metrics.getByRole('button', { name: 'Add: metric' }).click();
    await metrics.getByRole('button', { name: 'given' }).click();
    const found = page.getByRole('status', { name: 'Importance maps' });
    // Beside the photos there are none: there is nothing to begin.
    await expect
      .poll(() => found.innerText())
      .toMatch(/0 of 3 maps found: none for pizza.jpg; maps are called like their photos/);
    const start = page.getByRole('button', { name: 'Start' });
    await expect.poll(() => start.isDisabled()).toBe(true);
    await faultless(page, 'maps that are missing');
    await drop(page, [maps], undefined, page.getByText('Folder of importance maps, called like the photos: drop here'));
    await expect.poll(() => found.innerText()).toMatch(/2 of 3 maps found: none for umbrella.jpg/);
    await expect
      .poll(() => page.getByRole('combobox', { name: 'Folder of importance maps' }).inputValue())
      .toBe('maps');
    await expect.poll(() => page.getByLabel('Folder of images').inputValue()).toBe(photos);
    await faultless(page, 'a folder of maps');
    await start.click();
    await page.getByRole('heading', { name: /^Complete/ }).waitFor();
    // What was sent is kept with the run; until its last figures are there, the line is the one that shows a run that goes on.
    let line = '';
    await expect.poll(async () => (line = await copied(page))).toMatch(/--maps \S+\/kept\/\S+\/maps /);
    const { run, plans } = printed(line) as {
      readonly run: { readonly failed: readonly { readonly path: string; readonly reason: string }[] };
      readonly plans: readonly { readonly images: number; readonly top1Agreement: number }[];
    };
    expect(run.failed).toMatchObject([{ path: 'umbrella.jpg', reason: expect.stringContaining('no importance map') }]);
    const [, images, agreement] = await page.locator('tbody tr').first().getByRole('cell').allInnerTexts();
    expect([images, agreement?.split(' ')[0]]).toEqual([
      String(plans[0]!.images),
      (100 * plans[0]!.top1Agreement).toFixed(1),
    ]);

    // As a run that was made on a GPU elsewhere tells of it.
    const store = new Database(join(application.folder, 'data', 'runs.sqlite'));
    store.prepare(`UPDATE models SET settings = json_set(settings, '$.device', 'webgpu')`).run();
    store.close();
    await page.reload();
    await page
      .getByRole('complementary', { name: 'Run' })
      .getByText(`on ${nameOfDevice('webgpu')}`)
      .waitFor();
    await expect.poll(() => copied(page)).toContain(' --device webgpu ');
    await faultless(page, 'a run on a GPU');
    expect(problems).toEqual([]);
  });

  it('what networks run on is told alike by the window and the command line, with or without a GPU', async () => {
    const { page, problems } = await application.open();
    await page.getByRole('link', { name: 'Evaluate' }).click();
    const chooser = page.getByRole('combobox', { name: 'Run on' });
    await expect.poll(() => chooser.getByRole('option').count()).toBe(2);
    const [cpu, gpu] = await chooser.getByRole('option').allInnerTexts();
    expect([cpu, await chooser.inputValue()]).toEqual(['CPU', 'cpu']);
    const env = { ...process.env, FOVEA_DATA: join(application.folder, 'data') };
    const told = execFileSync(process.execPath, [CLI, 'models', 'inspect', 'fovea-caltech101'], {
      encoding: 'utf8',
      env,
    });
    const [, missing] = /devices +cpu; webgpu(?:: not here \((.+)\))?$/m.exec(told)!;
    expect(gpu).toBe(missing === undefined ? 'GPU' : `GPU: ${missing}`);
    await expect.poll(() => chooser.getByRole('option').nth(1).isDisabled()).toBe(missing !== undefined);
    await faultless(page, 'what to run on');
    expect(problems).toEqual([]);
  });
});
