import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../chromium.ts';
import { heldEngines } from '../main/held-engines.ts';
import { Application, PROJECT } from './application.ts';
import { faultless } from './faultless.ts';

const SAMPLES = join(PROJECT, 'resources/samples');
const CLI = join(PROJECT, 'out/main/cli.js');
const NAMES = ['airplane', 'pizza', 'pyramid', 'starfish', 'sunflower', 'umbrella', 'watch'];

describe.skipIf(!chromiumPath())('the Compare place in a browser', () => {
  let application: Application;
  let photos: string;
  let alone: string;

  const fovea = (...words: readonly string[]) =>
    execFileSync(process.execPath, [CLI, ...words], {
      env: { ...process.env, FOVEA_DATA: join(application.folder, 'data') },
      encoding: 'utf8',
    });

  beforeAll(async () => {
    application = await Application.start();
    photos = join(application.folder, 'photos');
    alone = join(application.folder, 'alone');
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
    return { ...opened, page: await choose(opened.page, ...runs) };
  };
  const choose = async (page: Page, ...runs: readonly string[]) => {
    await page.getByRole('link', { name: 'Compare' }).click();
    for (const run of runs) await page.getByRole('button', { name: `Compare ${run}`, exact: true }).click();
    return page;
  };
  const headline = (page: Page) => page.getByRole('region', { name: 'Result', exact: true }).getByRole('heading');
  /** Photo and maps of the image shown are there: the third pane says on how much of the area they differ. */
  const mapsDrawn = async (page: Page) => {
    await page.getByText(/^[+−]\d+ on \d+ %/).waitFor();
    // The photo beneath them may come later.
    await expect.poll(() => page.locator('#compare .world').count()).toBe(3);
  };
  const focused = (page: Page) =>
    page.evaluate(() => {
      const { activeElement: one } = document;
      return one?.getAttribute('aria-label') ?? one?.textContent?.trim() ?? '';
    });

  it('says in the headline and the table what the command line says', async () => {
    const { page, problems } = await openCompare('gradient low', 'combined half');
    const said = fovea('runs', 'compare', 'gradient low', 'combined half');
    await expect.poll(() => headline(page).innerText()).toBe(said.split('\n')[0]);
    const [, both, first, other, wrong] = /B - A +Top-1 +(\d+) +(\d+) +(\d+) +(\d+)/.exec(said)!;
    for (const [words, images] of [
      ['both right', both],
      ['only A right', first],
      ['only B right', other],
      ['both wrong', wrong],
    ])
      await page.getByRole('button', { name: `${images} ${words}` }).waitFor();
    // The line that is copied gives all that is shown, to the last digit.
    const line = await page.locator('footer code').innerText();
    const copied = fovea(...line.split(' ').slice(1));
    expect(copied.split('\n')[0]).toBe(said.split('\n')[0]);
    const words = async (panel: string) =>
      (await page.getByRole('region', { name: panel, exact: true }).innerText())
        .replaceAll('−', '-')
        .replaceAll('+', '')
        .replaceAll(/[\s\u202f]+/g, ' ');
    const [differences, energy, figures] = await Promise.all(
      ['Differences', 'Energy', 'Figures and settings'].map(words),
    );
    const rows = [...copied.matchAll(/^B - A {2}(\S.*?) {2,}(\S+) +(\S+ to \S+) +(\S+) +(yes|not significant)/gm)];
    expect(rows).toHaveLength(6);
    for (const [, figure, difference, interval, p] of rows)
      if (figure!.startsWith('bits')) {
        if (!figure!.includes('compacted')) expect(figures).toContain(`${difference} ${interval}`);
      } else {
        expect(differences).toContain(`${difference} (${interval})`);
        expect(differences).toContain(`p = ${p}`);
      }
    const priced = [
      ...copied.split('whole chip')[0]!.matchAll(/^(stripes|isaac) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+ to \S+)$/gm),
    ];
    expect(priced).toHaveLength(6);
    for (const [, , mode, a, b, difference, interval] of priced)
      expect(energy).toMatch(new RegExp(`(${mode}|any) ${a} ${b} ${difference} ${interval}`));
    for (const share of [.../^[AB] .*$/gm.exec(copied)![0].matchAll(/\d+\.\d %/g)]) expect(figures).toContain(share[0]);
    expect(problems).toEqual([]);
  });

  it('exports figures, images and every panel as they are shown', async () => {
    const { page } = await openCompare('gradient low', 'combined half');
    await headline(page).waitFor();
    await mapsDrawn(page);
    const menu = page.getByRole('combobox', { name: 'Export' });
    await menu.focus();
    await menu.locator('option[value^="png:"]').first().waitFor({ state: 'attached' });
    const exported = async (choice: string) => {
      // A browser lets a page save several files only while somebody is at it.
      await menu.press('Home');
      const [download] = await Promise.all([page.waitForEvent('download'), menu.selectOption(choice)]);
      return readFileSync(await download.path());
    };
    const said = JSON.parse(fovea('runs', 'compare', 'gradient low', 'combined half', '--json')) as {
      readonly disagreements: readonly { readonly path: string }[];
      readonly paired: readonly { readonly top1: { readonly onlyFirst: number } }[];
    };
    const document = JSON.parse((await exported('json:figures')).toString()) as typeof said;
    const named = said.disagreements.map((image) => ({ ...image, sha256: undefined }));
    expect(JSON.parse(JSON.stringify({ ...said, disagreements: named }))).toEqual(document);
    expect((await exported('csv:figures')).toString()).toMatch(/^difference,top1,B combined half,/m);
    const rows = (await exported('csv:images')).toString().trimEnd().split('\r\n');
    expect(rows).toHaveLength(1 + said.paired[0]!.top1.onlyFirst);
    const panels = await menu.locator('optgroup').first().locator('option').allInnerTexts();
    expect(panels).toEqual([
      'Result',
      'Figures and settings',
      'Every image, once',
      'Differences',
      'Images',
      'Energy',
      'Layers',
      'Image by image',
    ]);
    for (const panel of panels) {
      const svg = (await exported(`svg:${panel}`)).toString();
      const parsed = await page.evaluate((text) => {
        const root = new DOMParser().parseFromString(text, 'image/svg+xml');
        return { faults: root.querySelectorAll('parsererror').length, text: root.documentElement.textContent };
      }, svg);
      expect(parsed.faults, panel).toBe(0);
      if (panel === 'Differences') expect(parsed.text).toContain('Compute saved');
      if (panel === 'Images') expect(svg.match(/<image /g)!.length).toBeGreaterThanOrEqual(6);
      if (panel === 'Image by image') expect(svg).toContain('data:image/png');
    }
    expect((await exported('png:Layers')).subarray(1, 4).toString()).toBe('PNG');
  });

  it('has no fault that axe finds in any state', async () => {
    const { page } = await openCompare();
    const list = page.getByRole('group', { name: 'List of runs' });
    await list.locator('.pick').first().waitFor();
    await faultless(page, 'list');
    await page.getByRole('searchbox', { name: 'Search runs' }).fill('none is called so');
    await page.getByText('No run matches.').waitFor();
    await faultless(page, 'no run matches');
    await page.getByRole('searchbox', { name: 'Search runs' }).fill('');
    await choose(page, 'gradient low');
    await page.getByText('A is the baseline. Choose one run more.').waitFor();
    await page.getByRole('button', { name: 'elsewhere cannot be compared: no image in common' }).waitFor();
    await faultless(page, 'one chosen');
    await choose(page, 'combined half');
    await page.getByRole('button', { name: /both right/ }).click();
    await mapsDrawn(page);
    await faultless(page, 'two, images open');
    await choose(page, 'uniform five');
    await page
      .getByRole('button', { name: /^C uniform five/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: /^all \d+/ }).click();
    await faultless(page, 'three, all settings');
    await page.evaluate(() => (location.hash = '#compare/20990101-000000-abcdef'));
    await page.getByRole('button', { name: 'Leave it out' }).waitFor();
    await faultless(page, 'a run that is gone');
    await page.getByRole('button', { name: 'Leave it out' }).press('Enter');
    await page.getByText('Choose two runs or more').waitFor();
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
    await mapsDrawn(page);
    await expect.poll(() => page.url()).toContain('n=1');
    const address = page.url();
    for (const plan of ['with B', 'Analyse with A']) {
      await page.getByRole('button', { name: plan, exact: true }).press('Enter');
      await page.getByRole('region', { name: 'Top-5 before and after' }).waitFor();
      await expect.poll(() => page.url()).toContain('#analyse/');
      await page.keyboard.press('Escape');
      await headline(page).waitFor();
      await expect.poll(() => page.url()).toBe(address);
    }
  });

  it('moves one camera and one cell cursor on all three stages', async () => {
    const { page } = await openCompare('gradient low', 'combined half');
    await page.getByRole('button', { name: /both right/ }).click();
    await mapsDrawn(page);
    const stages = page.getByRole('region', { name: 'Images', exact: true }).getByRole('application');
    await expect.poll(() => stages.count()).toBe(3);
    const told = () => page.getByText(/^row \d+, column \d+: /).allInnerTexts();
    await expect
      .poll(async () => {
        // While the chosen image takes the place of the one before, there are no cells to go to.
        if ((await told()).length === 0) await stages.nth(0).press('Shift+ArrowRight');
        const places = (await told()).map((text) => text.split(':')[0]);
        return [places.length, new Set(places).size];
      })
      .toEqual([3, 1]);
    const worlds = page.locator('#compare .world');
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
    await page
      .getByRole('button', { name: /^B combined half/ })
      .first()
      .waitFor();
    await page
      .getByRole('button', { name: /^C uniform five/ })
      .first()
      .press('Enter');
    await expect.poll(() => headline(page).innerText()).toMatch(/^C saves/);
    await page.getByRole('button', { name: 'elsewhere cannot be compared: no image in common' }).waitFor();
    await page.getByRole('button', { name: 'Make C the baseline' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Compare uniform five' }).innerText()).toBe('A');
    // As many as are compared at once, nine against one: plans of the same run are sides, too.
    const address = (await page.evaluate(() => location.hash)).split('?')[0]!;
    const [, gradient] = address.split(/[/,]/);
    const sides = [2, 3, 4, 5, 6, 7, 8].map((plan) => `${gradient}:${plan}`);
    await page.evaluate((hash) => (location.hash = hash), [address, ...sides].join());
    const rows = page.getByRole('region', { name: 'Differences' }).getByRole('button');
    await expect.poll(() => rows.count()).toBe(2 * 9);
    await faultless(page, 'ten');
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
    const first = 'Compare elsewhere';
    await expect.poll(() => focused(page)).toBe(first);
    await page.keyboard.press('F2');
    await expect.poll(() => focused(page)).toBe('Name of the run');
    await page.keyboard.type('elsewhere else');
    await page.keyboard.press('Enter');
    await list.getByText('elsewhere else', { exact: true }).waitFor();
    await expect.poll(() => focused(page)).toBe(`${first} else`);
    await page.keyboard.press('n');
    await expect.poll(() => focused(page)).toBe('Note of the run');
    await page.keyboard.type('a note');
    await page.keyboard.press('Enter');
    await list.getByText('a note').waitFor();
    await expect.poll(() => focused(page)).toBe(`${first} else`);
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

  it('is used whole by the keyboard, each panel of it', async () => {
    const { page, problems } = await openCompare();
    const tabTo = async (name: RegExp) => {
      for (let presses = 0; !name.test(await focused(page)); presses++) {
        expect(presses, `${name} cannot be reached by Tab`).toBeLessThan(120);
        await page.keyboard.press('Tab');
      }
    };
    await page.locator('.pick').first().waitFor();
    await tabTo(/^Search runs$/);
    await page.keyboard.type('gradient');
    await tabTo(/^Compare gradient low$/);
    await page.keyboard.press('b');
    await page.getByText('A is the baseline. Choose one run more.').waitFor();
    await page.getByRole('searchbox', { name: 'Search runs' }).fill('');
    await page.getByRole('searchbox', { name: 'Search runs' }).focus();
    await tabTo(/^Compare |cannot be compared/);
    while (!/combined half/.test(await focused(page))) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('x');
    await headline(page).waitFor();
    await tabTo(/^Export$/);
    await tabTo(/^Comparison$/);
    await tabTo(/^\d+\s*both right/);
    await page.keyboard.press('Enter');
    await mapsDrawn(page);
    await tabTo(/, difference of the maps/);
    await tabTo(/\.jpg$/);
    const shown = page.getByRole('group', { name: 'Strip of images' }).locator('[aria-pressed=true]');
    const sure = page.getByRole('region', { name: 'Image by image' }).locator('p');
    const told = page.getByRole('region', { name: 'Layers', exact: true }).locator('p.figures');
    await tabTo(/^Bits and energy of each layer/);
    const first = await told.innerText();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => told.innerText()).not.toBe(first);
    await tabTo(/^Margin of each image's answer/);
    // From the least to the most sure answer of A, each image once.
    for (const key of ['ArrowLeft', 'ArrowRight']) {
      const walked: number[] = [];
      for (let before = ''; before !== (await sure.innerText());) {
        before = await sure.innerText();
        walked.push(Number.parseFloat(before));
        await page.keyboard.press(key);
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      expect(walked.toSorted((a, b) => (key === 'ArrowLeft' ? b - a : a - b))).toEqual(walked);
    }
    await expect.poll(() => shown.getAttribute('aria-label')).toContain(/: (.*)$/.exec(await sure.innerText())![1]);
    expect(problems).toEqual([]);
  });

  it('says of an image that is gone that it is gone, and keeps the figures', async () => {
    rmSync(join(photos, 'airplane.jpg'));
    const { page } = await openCompare('gradient low', 'uniform five');
    for (const cell of ['both right', 'only A right', 'only B right', 'both wrong']) {
      await page.getByRole('button', { name: new RegExp(cell) }).click();
      await page.getByRole('button', { name: new RegExp(cell), pressed: true }).waitFor();
      const tile = page.getByRole('button', { name: 'airplane.jpg' });
      if ((await tile.count()) === 0) continue;
      await tile.click();
      break;
    }
    await page.getByText('Put it back to see it').waitFor();
    await headline(page).waitFor();
  });

  it('says of a run that is deleted elsewhere that it is gone, and goes on without it', async () => {
    const { page } = await openCompare('gradient low', 'uniform five');
    await headline(page).waitFor();
    fovea('runs', 'delete', 'uniform five');
    await choose(page, 'combined half');
    await page.getByText(/is not in the store any more/).waitFor();
    await page.getByRole('button', { name: 'Leave it out' }).press('Enter');
    await headline(page).waitFor();
  });

  it('compares what there is of a run that goes on, is interrupted or failed, and leads to where it goes on', async () => {
    const held = heldEngines(3);
    const leaving = join(application.folder, 'leaving');
    cpSync(alone, leaving, { recursive: true });
    for (const name of NAMES) copyFileSync(join(SAMPLES, `${name}.jpg`), join(leaving, `${name}.jpg`));
    // Of plans that no other run had: what the store knows already needs no engine.
    const begun = async (name: string, metric: string) => {
      const words = [
        'batch',
        leaving,
        '--labels',
        'none',
        '--workers',
        '1',
        '--no-controls',
        '--name',
        name,
        '--quiet',
      ];
      const env = { ...held.env, FOVEA_DATA: join(application.folder, 'data') };
      const plan = ['--metric', metric, '--bits', '4,2'];
      const command = spawn(process.execPath, [CLI, ...words, ...plan], { env, stdio: 'ignore' });
      await held.holding(1, command);
      const done = () =>
        (JSON.parse(fovea('runs', 'show', name, '--json')) as { run: { finished: number } }).run.finished;
      await expect.poll(done).toBeGreaterThan(0);
      return {
        kill: () => ended(command, () => command.kill('SIGKILL')),
        rest: (act: () => void) => ended(command, act),
      };
    };
    const ended = async (command: ChildProcess, act: () => void) => {
      const exit = once(command, 'exit');
      act();
      await exit;
    };
    const again = (page: Page) => page.getByRole('button', { name: 'Compare again' }).click();

    const killed = await begun('broken off', 'interest');
    const { page, problems } = await openCompare('gradient low', 'broken off');
    await page.getByText(/^Of what is there so far: broken off is running, [1-7] of 8\./).waitFor();
    await headline(page).waitFor();
    await killed.kill();
    await again(page);
    await page.getByText(/^Of what is there so far: broken off is interrupted, [1-7] of 8\./).waitFor();
    await faultless(page, 'an interrupted run');
    await page.getByRole('link', { name: 'Go on with broken off in Evaluate' }).press('Enter');
    await page.getByRole('heading', { name: 'Interrupted: broken off' }).waitFor();
    await page.getByRole('button', { name: /^Go on \([1-7] of 8\)/ }).click();
    await page.getByRole('heading', { name: 'Complete: broken off' }).waitFor();
    await page.goBack();
    await headline(page).waitFor();
    await again(page);
    await page.getByText(/so far/).waitFor({ state: 'detached' });

    held.answer(3);
    const failing = await begun('without a folder', 'entropy');
    await failing.rest(() => {
      rmSync(leaving, { recursive: true });
      held.answer('~');
    });
    await page.evaluate(() => (location.hash = '#compare'));
    await choose(page, 'gradient low', 'without a folder');
    await page.getByText(/^Of what is there so far: without a folder is failed, [1-7] of 8\./).waitFor();
    await page.getByRole('link', { name: 'Go on with without a folder in Evaluate' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('says of images with other labels that they judge nothing, and of a store that is locked who writes', async () => {
    for (const [name, umbrella] of [
      ['labels one', 'umbrella'],
      ['labels two', 'pizza'],
    ] as const) {
      const labels = join(application.folder, `${name}.csv`);
      writeFileSync(labels, `file,label\npizza.jpg,pizza\nwatch.jpg,watch\numbrella.jpg,${umbrella}\n`);
      fovea('batch', photos, '--labels', labels, '--name', name, '--metric', 'uniform', '--bits', '5', '--quiet');
    }
    const { page } = await openCompare('labels one', 'labels two');
    await page.getByText(/^Of 1 image the runs have different labels, .* use the same label file in each/).waitFor();
    await page.getByText('3 images in common').waitFor();
    const store = new Database(join(application.folder, 'data', 'runs.sqlite'));
    store.exec('BEGIN IMMEDIATE');
    await page.getByRole('button', { name: 'Star labels one' }).click();
    // Told of the star itself: a panel that asks for something meanwhile says the same of itself, while the star still waits its turn.
    await page
      .getByRole('log', { name: 'Messages' })
      .getByText(/another Fovea is writing to the store/)
      .waitFor();
    store.exec('ROLLBACK');
    store.close();
    // What was told may have been told of a panel: then the star has its turn now, and needs no second click.
    const starred = page.getByRole('button', { name: 'Starred 1' });
    await expect
      .poll(async () => {
        if (await starred.isVisible()) return true;
        await page.getByRole('button', { name: 'Star labels one' }).click();
        return false;
      })
      .toBe(true);
  });
});
