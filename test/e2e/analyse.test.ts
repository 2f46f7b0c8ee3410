import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Analysis } from '../../src-shared/analysis.ts';
import { firstSynonym, probabilityText } from '../../src-shared/answer-change.ts';
import { bits, count, energy, percent } from '../../src-renderer/format.ts';
import { ENERGY_MODES, MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import { builtinAccelerator } from '../../src-shared/energy/accelerators/builtin.ts';
import { layerEnergies } from '../../src-shared/energy/energy.ts';
import { atUniformBits } from '../../src-shared/uniform-counts.ts';
import { chromiumPath } from '../chromium.ts';
import { heldEngines } from '../main/held-engines.ts';
import { Application, delayMessages, drop, PROJECT, settledResult } from './application.ts';
import { faultless } from './faultless.ts';

const SAMPLES = join(PROJECT, 'resources/samples');
const PHOTOS = join(PROJECT, '../shared/data/imagenet-250/images');
const SQUEEZENET = join(PROJECT, '../shared/models/squeezenet1.1-imagenet.onnx');

it('weighs at most 350 kB, compressed', () => {
  const assets = join(PROJECT, 'out/renderer/assets');
  const loaded = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name));
  const bytes = loaded.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
  expect(loaded.length).toBeGreaterThan(1);
  expect(bytes).toBeLessThanOrEqual(350_000);
});

describe.skipIf(!chromiumPath())('the Analyse place in a browser', () => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.start();
  });
  afterAll(() => application?.stop());

  /** One of a test alone: what it remembers is no other's, and its engines may be held. */
  const startOwn = async (env?: NodeJS.ProcessEnv) => {
    const own = await Application.start(env);
    onTestFinished(() => own.stop());
    return own;
  };

  const openSample = async (name: string, opener = application) => {
    const opened = await opener.open();
    await opened.page.getByRole('button', { name }).click();
    await settledResult(opened.page);
    return opened;
  };

  it('paints which regions are important, by pointer and by keys, and gives the map to the command line', async () => {
    const own = await startOwn();
    const { page, problems } = await openSample('starfish.jpg', own);
    const paint = page.getByRole('button', { name: 'Paint' });
    await paint.click();
    const view = page.getByRole('application');
    const box = (await view.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x - 40, y);
    await page.mouse.down();
    await page.mouse.move(x + 40, y, { steps: 20 });
    await page.mouse.up();
    await page.locator('footer code', { hasText: '--maps ' }).waitFor();
    await settledResult(page);
    await expect.poll(() => page.getByRole('combobox', { name: 'Metric' }).inputValue()).toBe('given');
    const analysed = async () =>
      JSON.parse(readFileSync(await exported(page, 'Export analysis as JSON', /starfish\.json/), 'utf8')) as Analysis;
    const painted = ({ importance }: Analysis) => importance.values.filter((value) => value > 0.5).length;
    const stroke = await analysed();
    expect(painted(stroke)).toBeGreaterThan(2);
    // The cursor begins in the middle, which is painted, and goes down from there. Every map has a name of its own.
    await view.focus();
    for (let step = 0; step < 4; step++) await page.keyboard.press('Shift+ArrowDown');
    const space = async () => {
      const before = await page.locator('footer code').innerText();
      await page.keyboard.press('Space');
      await expect.poll(() => page.locator('footer code').innerText()).not.toBe(before);
      await settledResult(page);
    };
    await space();
    expect(painted(await analysed())).toBe(painted(stroke) + 1);
    // A stroke that begins on a painted cell erases.
    await view.focus();
    await space();
    const { importance, quantised } = await analysed();
    expect(importance.values).toEqual(stroke.importance.values);
    const map = await exported(page, 'Export importance as map', /starfish\.map\.png/);
    const line = await page.locator('footer code').innerText();
    const kept = /--maps (\S+)/.exec(line)![1]!;
    expect(readFileSync(map).equals(readFileSync(kept))).toBe(true);
    const words = [
      'analyze',
      'sample:starfish',
      '--metric',
      'given',
      '--low-share',
      '0.5',
      '--bits',
      '4,0',
      '--maps',
      kept,
    ];
    expect(line).toBe(`fovea analyze sample:starfish --metric given --low-share 0.5 --bits 4,0 --maps ${kept}`);
    const env = { ...process.env, FOVEA_DATA: join(own.folder, 'command line') };
    const cli = [join(PROJECT, 'out/main/cli.js'), ...words, '--json'];
    const told = JSON.parse(execFileSync(process.execPath, cli, { encoding: 'utf8', stdio: 'pipe', env })) as Analysis;
    expect(told.importance.values).toEqual(importance.values);
    expect(told.quantised).toEqual(quantised);
    expect(problems).toEqual([]);
  });

  it('analyses a dropped photo: Top-5, map over the image, savings', async () => {
    const { page, problems } = await application.open();
    await drop(page, [join(SAMPLES, 'starfish.jpg')]);
    // The first sample's may still be there.
    await expect
      .poll(() => settledResult(page))
      .toMatch(/Same answer \(starfish\) with \d\d\.\d % less compute energy than plain 8 bits, on Stripes, lock-step/);
    const top = page.getByRole('region', { name: 'Top-5 before and after' }).getByRole('row');
    await expect.poll(() => top.count()).toBe(6);
    await expect.poll(() => top.nth(1).innerText()).toContain('starfish');
    // The photo, and with it the map, may come after the result.
    await page.keyboard.press('2');
    await expect.poll(() => coloursOfMap(page)).toBeGreaterThan(20);
    const machines = /DaDianNao|Stripes|Pragmatic|ISAAC|TPU|Loom|Laconic|Bit Fusion|UNPU|Eyeriss|DRQ/;
    await expect.poll(() => page.getByRole('radio', { name: machines }).count()).toBe(12);
    expect(problems).toEqual([]);
  });

  it('follows the sliders, and undoes and redoes by keys', async () => {
    const { page } = await openSample('pizza.jpg');
    const before = await settledResult(page);
    const low = page.getByRole('slider', { name: 'Low share' });
    await low.focus();
    for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => settledResult(page)).not.toBe(before);
    const after = await settledResult(page);
    expect(savingIn(after)).toBeGreaterThan(savingIn(before));
    await expect.poll(() => low.inputValue()).toBe('0.7');
    for (let press = 0; press < 20; press++) await page.keyboard.press('Control+z');
    await expect.poll(() => low.inputValue()).toBe('0.5');
    await expect.poll(() => settledResult(page)).toBe(before);
    await page.keyboard.press('Control+Shift+Z');
    await expect.poll(() => low.inputValue()).toBe('0.51');
  });

  it('shows picture and figures of one image, however late messages come, and nothing moves while sliders are dragged', async () => {
    let delay = 0;
    const { page, problems } = await application.open(undefined, (opening) => delayMessages(opening, () => delay));
    await settledResult(page);
    await page.evaluate(watchOneImage);
    // Every sample once at rest: what its picture and its answer are.
    const samples = await page.getByRole('navigation', { name: 'Images' }).getByRole('listitem').count();
    expect(samples).toBe(10);
    // The first one's picture, too, may come after its answer.
    for (let sample = 0; sample < samples; sample++) {
      if (sample > 0) await page.keyboard.press('PageDown');
      await page.waitForFunction(
        (index) => window.watched.wholeOf() === index && window.watched.learnt() > index,
        sample,
      );
    }
    delay = 500;
    await page.getByRole('button', { name: /^Strong/ }).click();
    // Half of the switches at once one after the other, half as soon as something of the next is there.
    for (let at = 0; at < 50; at++) {
      await page.keyboard.press(at % 18 < 9 ? 'PageUp' : 'PageDown');
      if (at % 2 === 0) await page.waitForFunction(() => window.watched.hasPicture());
    }
    await settledResult(page);
    const { frames, wrong } = await page.evaluate(() => window.watched.result());
    expect(frames).toBeGreaterThan(50);
    expect(wrong).toEqual([]);

    // What stands on the page stays where it is, whatever the figures.
    const places = () => page.evaluate(boxesOf);
    const before = await places();
    for (const name of ['Low share', 'High bits', 'Low bits']) {
      const slider = page.getByRole('slider', { name });
      const moved = await slider.evaluate(dragThroughAll);
      expect([name, moved]).toEqual([name, []]);
    }
    await settledResult(page);
    expect(movedBetween(before, await places())).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('shows the bits of each layer at its own resolution', async () => {
    const { page } = await openSample('pizza.jpg');
    await page.keyboard.press('4');
    await expect.poll(() => coloursOfMap(page)).toBeGreaterThanOrEqual(2);
    await page.keyboard.press(']');
    // The first layer reads the image at one width everywhere.
    await expect.poll(() => coloursOfMap(page)).toBe(1);
    await page.keyboard.press(']');
    await expect.poll(() => coloursOfMap(page)).toBeGreaterThanOrEqual(2);
    await page.keyboard.press('2');
    await expect.poll(() => coloursOfMap(page)).toBeGreaterThan(20);
  });

  it('exports figure, charts, map, CSV and JSON that say what is on screen', async () => {
    const { page } = await openSample('sunflower.jpg');
    await page.getByRole('button', { name: /^Crop half/ }).click();
    const shown = await settledResult(page);
    const json = JSON.parse(
      readFileSync(await exported(page, 'Export analysis as JSON', /\.json$/), 'utf8'),
    ) as Analysis;
    const stripes = json.energy.find(({ accelerator, mode }) => accelerator === 'stripes' && mode === 'lockstep')!;
    expect(savingIn(shown)).toBeCloseTo(stripes.savedVs8bit * 100, 1);
    expect(shown).toContain(`${json.top1Kept ? 'Same' : 'Other'} answer`);
    const csv = readFileSync(await exported(page, 'Export figures as CSV', /\.csv$/), 'utf8');
    for (const { name, meanBits } of json.layers) expect(csv).toContain(`layer,${name},meanBits,${meanBits}\r\n`);
    expect(csv).toContain(`energy,stripes lock-step,savedVs8bit,${stripes.savedVs8bit}\r\n`);
    expect(csv).toContain(`answer,after 1,label,${json.quantised.top[0]!.label}\r\n`);
    expect(csv).toContain('plan,,text,"combined 14x14, 50 % at 4, 50 % at 0 bits');
    // No path of the host: a sample is known by its name.
    for (const text of [csv, JSON.stringify(json)]) expect(text).not.toContain(PROJECT);
    const figure = readFileSync(await exported(page, 'Export figure as SVG', /\.svg$/), 'utf8');
    for (const said of [
      'data:image/jpeg;base64,',
      'bits: 4 on 50',
      'less compute energy than plain 8 bits, on Stripes',
    ])
      expect(figure).toContain(said);
    expect(figure.replaceAll(/<[^>]*>/g, ' ')).toContain('fovea analyze sample:sunflower --low-share 0.5 --bits 4,0');
    expect(await sharp(await exported(page, 'Export figure as PNG', /\.png$/)).metadata()).toMatchObject({
      format: 'png',
      width: 1920,
    });
    const charts = readFileSync(await exported(page, 'Export charts as SVG', /\.svg$/), 'utf8');
    expect((await sharp(Buffer.from(charts)).metadata()).format).toBe('svg');
    const png = await sharp(await exported(page, 'Export map as PNG', /\.png$/)).metadata();
    expect(png).toMatchObject({ format: 'png' });
    expect(png.width).toBeGreaterThanOrEqual(128);
  });

  it('copies a command line that gives every figure on screen, of a sample and of a path of the host', async () => {
    const { page } = await application.open();
    await page.getByRole('button', { name: /^Crop half/ }).click();
    await settledResult(page);
    const asCommand = async () => {
      const [command, ...parameters] = (await page.locator('footer code').innerText()).split(' ');
      expect(command).toBe('fovea');
      // In another folder than the project's: the line runs anywhere.
      const options = { encoding: 'utf8', stdio: 'pipe', cwd: application.folder } as const;
      const env = { ...process.env, FOVEA_DATA: join(application.folder, 'command line') };
      const cli = [join(PROJECT, 'out/main/cli.js'), ...parameters, '--json'];
      return JSON.parse(execFileSync(process.execPath, cli, { ...options, env })) as Analysis;
    };
    await expect
      .poll(() => page.locator('footer code').innerText())
      .toBe('fovea analyze sample:airplane --low-share 0.5 --bits 4,0');
    const sample = await asCommand();
    // The counts that take longer come after the answer.
    await page.locator('.cells .kept, .cells .changed').nth(3).waitFor();
    const text = async (locator: Locator) => (await locator.innerText()).replaceAll(/[\u202f\u00a0]/g, ' ');
    const rows = page.getByRole('region', { name: 'Top-5 before and after' }).getByRole('row');
    for (const [place, { label, probability }] of sample.quantised.top.entries()) {
      const row = await text(rows.nth(place + 1));
      expect(row).toContain(firstSynonym(label));
      expect(row).toMatch(new RegExp(`${probabilityText(probability)}$`));
    }
    const modes = page.getByRole('radiogroup', { name: 'Energy counted' });
    for (const shownMode of ENERGY_MODES) {
      await modes.getByText(MODE_NAMES[shownMode], { exact: true }).click();
      for (const { accelerator, mode, savedVs8bit, totalSavedVs8bit } of sample.energy) {
        const machine = builtinAccelerator(accelerator);
        if (mode !== shownMode || ['bit-parallel', 'tpu'].includes(machine.kind)) continue;
        const row = await text(page.locator('label', { has: page.getByRole('radio', { name: machine.name }) }).first());
        for (const saved of [savedVs8bit, totalSavedVs8bit]) expect(row).toContain(percentSaved(saved));
      }
    }
    await page.getByRole('radiogroup', { name: 'Shown of the layers' }).getByText('Table', { exact: true }).click();
    const table = page.getByRole('region', { name: 'Table of layers' }).getByRole('row');
    const stripesOf = builtinAccelerator('stripes');
    const eightBits = sample.layers.map((layer) => atUniformBits(layer, 8));
    const costs = (['ideal', 'lockstep'] as const).map((mode) => {
      const own = layerEnergies(stripesOf, sample.layers, mode)!.map(({ computePicojoules }) => computePicojoules);
      // What the layers cost together is what the command says of the network.
      const whole = sample.energy.find((one) => one.accelerator === 'stripes' && one.mode === mode)!;
      expect(own.reduce((sum, one) => sum + one) / whole.computePicojoules).toBeCloseTo(1, 9);
      return own;
    });
    costs.push(layerEnergies(stripesOf, eightBits, 'lockstep')!.map(({ computePicojoules }) => computePicojoules));
    const priced = JSON.parse(
      execFileSync(
        process.execPath,
        [join(PROJECT, 'out/main/cli.js'), 'energy', '--model', 'fovea-caltech101', '--json'],
        {
          encoding: 'utf8',
          env: { ...process.env, FOVEA_DATA: join(application.folder, 'command line') },
        },
      ),
    ) as { readonly layers: readonly { readonly utilisation: Readonly<Record<string, number>> }[] };
    for (const [index, layer] of sample.layers.entries()) {
      const cells = await table
        .nth(index + 1)
        .getByRole('cell')
        .allInnerTexts();
      const { macs, meanBits, lockstepBits, groupBits, palletBits, zeroShare, sqnrDb } = layer;
      const counted = [meanBits, lockstepBits, groupBits, palletBits].map((own) => (own === null ? '–' : bits(own)));
      const last = [percent(zeroShare!), sqnrDb === null ? '–' : `${sqnrDb.toFixed(1)} dB`];
      const cost = [
        ...costs.map((own) => energy(own[index]!)),
        percent(priced.layers[index]!.utilisation['stripes']!, 1),
      ];
      expect(cells).toEqual([layer.inputShape.join(' × '), count(macs), ...counted, ...last, ...cost]);
    }
    await page.keyboard.press('Control+o');
    await page.getByRole('combobox', { name: /File or folder on the computer/ }).fill(join(SAMPLES, 'umbrella.jpg'));
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await expect.poll(() => page.locator('footer code').innerText()).toContain('umbrella');
    const shown = await settledResult(page);
    const printed = await asCommand();
    const stripes = printed.energy.find(({ accelerator, mode }) => accelerator === 'stripes' && mode === 'lockstep')!;
    expect(savingIn(shown)).toBeCloseTo(stripes.savedVs8bit * 100, 1);
  });

  it('lists files that cannot be read with their reasons, and opens the others', async () => {
    const folder = join(application.folder, 'mixed');
    mkdirSync(join(folder, 'inner'), { recursive: true });
    writeFileSync(join(folder, 'empty.jpg'), '');
    writeFileSync(join(folder, 'text.png'), 'not a picture');
    writeFileSync(join(folder, 'cut.jpg'), readFileSync(join(SAMPLES, 'watch.jpg')).subarray(0, 4000));
    cpSync(join(SAMPLES, 'watch.jpg'), join(folder, 'inner', 'fine.jpg'));
    const { page } = await application.open();
    // A test before may have left another model, which knows no starfish.
    await page.getByRole('combobox', { name: 'Model' }).selectOption({ label: 'Fovea VGG (Caltech-101)' });
    await drop(page, [folder]);
    const rail = page.getByRole('navigation', { name: 'Images' });
    await rail.getByText('the file is empty').waitFor();
    await rail.getByText('not an image of a known format').waitFor();
    // Its beginning is that of a picture: what is missing shows when it is decoded.
    await rail.getByRole('button', { name: /cut\.jpg/ }).click();
    await page
      .getByRole('alert')
      .getByText(/cut\.jpg: the image is damaged or truncated/)
      .waitFor();
    await rail.getByRole('button', { name: /fine\.jpg/ }).click();
    await settledResult(page);
    expect(await page.getByRole('alert').count()).toBe(0);
    // What was told may have been the photo; its analysis is looked at again beside that of the others.
    await expect.poll(() => rail.getByRole('button', { name: /cut\.jpg/ }).innerText()).toContain('✗ failed');
  });

  it('says that the engine was lost in mid-analysis, and recovers', async () => {
    const held = heldEngines(Infinity);
    const own = await startOwn(held.env);
    const { page } = await openSample('soccer-ball.jpg', own);
    // Nothing else is asked of the engine then: one that does not let go of what is cancelled would be replaced.
    await page.getByText(/^\d+\/10 kept$/).waitFor();
    held.answer(0);
    const high = page.getByRole('slider', { name: 'High bits' });
    const before = await high.inputValue();
    await high.press('ArrowRight');
    await expect.poll(() => high.inputValue()).not.toBe(before);
    const [engine] = await held.holding(1, own.host);
    await page.getByText('analysing…').waitFor();
    process.kill(engine!, 'SIGKILL');
    // The next engine holds as well: until it answers, that is what is told.
    await page.getByText('engine stopped, starting a new one…').first().waitFor({ state: 'attached' });
    const [next] = await held.holding(1, own.host);
    expect(next).not.toBe(engine);
    held.answer(Infinity);
    await expect.poll(() => settledResult(page)).toMatch(/answer/);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('saves a run', async () => {
    const { page } = await openSample('pizza.jpg');
    await page.getByRole('button', { name: 'Save as run…' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('from the window');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Run from the window is saved: 1 image.').waitFor();
  });

  it('remembers plan and accelerator for the next start', async () => {
    const own = await startOwn();
    const { page } = await openSample('pizza.jpg', own);
    await page.getByRole('slider', { name: 'Low share' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('ISAAC', { exact: true }).click();
    // Kept a moment later; whoever starts after that finds it, and one who starts before remembers what was before.
    const settings = join(own.folder, 'data', 'settings.json');
    await expect.poll(() => existsSync(settings) && readFileSync(settings, 'utf8')).toMatch(/isaac/);
    const remembered = async () => {
      const { page: next } = await own.open();
      const share = await next.getByRole('slider', { name: 'Low share' }).inputValue();
      const chosen = await next.getByRole('radio', { name: /^ISAAC/ }).isChecked();
      await next.close();
      return [share, chosen];
    };
    await expect.poll(remembered).toEqual(['0.51', true]);
  });

  it.skipIf(!existsSync(PHOTOS) || !existsSync(SQUEEZENET))('takes a dropped model and a real photo', async () => {
    const { page } = await application.open();
    const [photo] = readdirSync(PHOTOS);
    await drop(page, [SQUEEZENET, join(PHOTOS, photo!)]);
    const report = page.getByRole('region', { name: 'Load report' });
    await report.getByText(/26 layers quantised/).waitFor();
    // No card came with it: what stands in its place is an assumption until somebody confirms it.
    await report.getByText('Preprocessing assumed').waitFor();
    await report.getByRole('img', { name: 'The image as the network would see it' }).waitFor();
    await faultless(page, 'load report');
    await report.getByRole('combobox').selectOption({ label: '0 … 1, no mean' });
    await report.getByRole('combobox').selectOption({ label: 'ImageNet, RGB' });
    await report.getByRole('button', { name: 'Confirm' }).click();
    await report.getByText('Preprocessing assumed').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Close the load report' }).click();
    // The same file again is the same model.
    await drop(page, [SQUEEZENET]);
    await report.waitFor();
    await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).getByRole('option').count()).toBe(2);
    await expect.poll(() => settledResult(page)).toMatch(/\d\d\.\d % less/);
    await page.getByRole('radiogroup', { name: 'Shown of the layers' }).getByText('Table').click();
    await expect.poll(() => page.getByRole('region', { name: 'Table of layers' }).getByRole('row').count()).toBe(27);
  });

  it('takes a drop on what was drawn under the pointer a moment before', async () => {
    const { page } = await application.open();
    await drop(page, [join(PHOTOS, readdirSync(PHOTOS)[0]!)], () =>
      page.evaluate(() => {
        const drawn = document.createElement('div');
        drawn.style.cssText = 'position: fixed; inset: 0; z-index: 100';
        document.body.append(drawn);
      }),
    );
    await page.getByRole('navigation', { name: 'Images' }).locator('.name').nth(1).waitFor({ state: 'detached' });
  });

  it('keeps a folder with its labels over a reload, undoes a removal, and says that an address is no longer valid', async () => {
    const folder = join(application.folder, 'labelled');
    mkdirSync(folder);
    for (const name of ['pizza.jpg', 'starfish.jpg', 'watch.jpg']) cpSync(join(SAMPLES, name), join(folder, name));
    writeFileSync(join(folder, 'labels.csv'), 'file,label\npizza.jpg,pizza\nstarfish.jpg,starfish\nwatch.jpg,watch\n');
    const { page } = await application.open();
    // A test before may have left another model, which knows no starfish.
    await page.getByRole('combobox', { name: 'Model' }).selectOption({ label: 'Fovea VGG (Caltech-101)' });
    await drop(page, [folder]);
    const rail = page.getByRole('navigation', { name: 'Images' });
    const names = async () => (await rail.locator('.name').allInnerTexts()).join();
    await expect.poll(names).toBe('pizza.jpg,starfish.jpg,watch.jpg');
    await rail.getByText('Labels: labels.csv, 3 of 3 images.').waitFor();
    await page.locator('tr', { hasText: '● true' }).getByText('pizza').waitFor();
    await rail.getByRole('button', { name: /pizza\.jpg/ }).click();
    await page.keyboard.press('Delete');
    await expect.poll(names).toBe('starfish.jpg,watch.jpg');
    // The keyboard goes on in the list, at what is shown now.
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('starfish.jpg');
    await page.keyboard.press('Control+z');
    await expect.poll(names).toBe('pizza.jpg,starfish.jpg,watch.jpg');
    await rail.getByRole('button', { name: /watch\.jpg/ }).click();
    await page.getByRole('button', { name: /^Strong/ }).click();
    await page.reload();
    await expect.poll(names).toBe('pizza.jpg,starfish.jpg,watch.jpg');
    await expect.poll(() => settledResult(page)).toContain('answer (watch');
    await page.locator('button[aria-pressed=true]', { hasText: 'Strong' }).waitFor();

    const [origin] = page.url().split('#');
    await page.evaluate(() => sessionStorage.clear());
    await page.goto('about:blank');
    await page.goto(`${origin}#token=of-another-start`);
    await page
      .getByRole('log', { name: 'Messages' })
      .getByText(/address of this page is no longer valid/)
      .waitFor();
    await page.locator('footer').getByText('this address is no longer valid').last().waitFor();
  });

  it('shows the plan as it is to who comes back from another page, whatever the browser knows of the controls', async () => {
    const { page } = await (await startOwn()).open();
    const shown = () =>
      page
        .getByRole('slider')
        .evaluateAll((sliders: HTMLInputElement[]) => sliders.map((one) => [one.labels?.[0]?.innerText, one.value]));
    // Each has other controls than the plan that the window begins with.
    for (const preset of [/^Uniform/, /^Gentle/]) {
      await page.getByRole('button', { name: preset }).click();
      await settledResult(page);
      const before = await shown();
      expect(before.length).toBeGreaterThan(3);
      await page.goto('about:blank');
      await page.goBack();
      await settledResult(page);
      await expect.poll(() => shown()).toEqual(before);
    }
  });

  it('has no accessibility violations, light and dark, in any state', async () => {
    const { page } = await application.open();
    await settledResult(page);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const dialog = async (key: string, name: string) => {
      await press(key);
      await page.getByRole('dialog', { name }).waitFor();
      return 'dialog[open]';
    };
    /** How each state is reached, and what of it is new where that is not the whole page. */
    const states: Record<string, () => Promise<string | undefined>> = {
      'first view': async () => undefined,
      'export menu': async () => {
        await page.getByRole('button', { name: 'Export' }).click();
        return undefined;
      },
      'keyboard shortcuts': async () => {
        await press('Escape');
        return dialog('?', 'Keyboard shortcuts');
      },
      'save as a run': async () => {
        await press('Escape');
        return dialog('Control+s', 'Save as a run');
      },
      open: async () => {
        await press('Escape');
        return dialog('Control+o', 'Open');
      },
      'advanced plan on its head, before and after, bits of a layer': async () => {
        await press('Escape');
        await page.getByText('Advanced').click();
        await page.getByRole('slider', { name: 'Low bits' }).focus();
        await press('End', 'c', '4', ']');
        await page.getByText('▲ Low > high').waitFor();
      },
      tables: async () => {
        await page.getByRole('radiogroup', { name: 'Shown of the layers' }).getByText('Table').click();
        await page.getByRole('region', { name: 'Energy' }).getByRole('button', { name: 'Table' }).click();
      },
      'failed file': async () => {
        const broken = join(application.folder, 'broken.jpg');
        writeFileSync(broken, 'x');
        await drop(page, [broken]);
        await page.getByRole('button', { name: 'Remove broken.jpg from the list' }).waitFor();
      },
    };
    for (const [name, reach] of Object.entries(states)) {
      await faultless(page, name, await reach());
    }
  });

  it('is whole at 900 x 600: nothing is cut off, everything can be reached', async () => {
    const { page } = await application.open({ width: 900, height: 600 });
    await page.getByRole('button', { name: 'pizza.jpg' }).click();
    await settledResult(page);
    const overflowing = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(overflowing).toBe(false);
    for (const name of ['Before / after', 'Fit', 'Save as run…', 'Copy as command'])
      await expect.poll(() => page.getByRole('button', { name }).isVisible()).toBe(true);
    const image = await page.getByRole('application').boundingBox();
    expect(image!.width).toBeGreaterThan(400);
    expect(image!.height).toBeGreaterThan(250);
  });
});

/** Distinct colours of the map that lies over the photo; 0 while it is hidden. */
async function coloursOfMap(page: Page): Promise<number> {
  return page.locator('canvas.map.now').evaluate((canvas: HTMLCanvasElement) => {
    if (Number(getComputedStyle(canvas).opacity) === 0) return 0;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
}

/** Percent saved, from the text of the headline. */
function savingIn(text: string): number {
  return Number(/(\d+\.\d) % less/.exec(text)?.[1]);
}

/** As the list of machines has it: `−43.4`. */
function percentSaved(share: number): string {
  const points = (Math.abs(share) * 100).toFixed(1);
  return points === '0.0' ? '0.0' : `${share > 0 ? '−' : '+'}${points}`;
}

async function exported(page: Page, item: string, name: RegExp): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: item }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(name);
  return download.path();
}

declare global {
  interface Window {
    watched: {
      /** Index in the list of the image that is whole, picture and figures; -1 while none is. */
      wholeOf(): number;
      hasPicture(): boolean;
      learnt(): number;
      result(): { readonly frames: number; readonly wrong: readonly string[] };
    };
  }
}

/**
 * Looks at every frame of the page: picture, caption, first answer and headline are of one image, or are not there. What belongs together
 * is learnt the first time that an image is whole, which is when nothing of another was asked for.
 */
function watchOneImage(): void {
  const known = new Map<string, { readonly picture: string; readonly answer: string }>();
  const wrong = new Set<string>();
  let frames = 0;
  const small = document.createElement('canvas');
  small.width = small.height = 4;
  const context = small.getContext('2d', { willReadFrequently: true })!;
  const pictureOf = () => {
    const photo = document.querySelector<HTMLCanvasElement>('.world canvas');
    if (!photo || photo.width === 0) return null;
    context.drawImage(photo, 0, 0, 4, 4);
    return [...context.getImageData(0, 0, 4, 4).data].join();
  };
  const text = (selector: string) => document.querySelector(selector)?.textContent?.trim() ?? '';
  const state = () => ({
    name: text('.caption').split(' · ')[0]!,
    picture: pictureOf(),
    // `Same answer (pizza)`, `Other answer (pizza → tray)`: what the plain network says.
    answer: /\((.*?)( →|\))/.exec(text('.answer'))?.[1] ?? null,
    listed: [...document.querySelectorAll('nav.rail li button')].findIndex(
      (button) => button.getAttribute('aria-current') === 'true',
    ),
  });
  const look = () => {
    const { name, picture, answer } = state();
    frames++;
    const own = known.get(name);
    if (!own && picture !== null && answer !== null) known.set(name, { picture, answer });
    if (own && picture !== null && picture !== own.picture) wrong.add(`${name} under another picture`);
    if (own && answer !== null && answer !== own.answer) wrong.add(`${name} with the answer ${answer}`);
    if (answer !== null && picture === null) wrong.add(`${name}: figures without a picture`);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.watched = {
    wholeOf: () => {
      const { picture, answer, listed } = state();
      return picture === null || answer === null ? -1 : listed;
    },
    hasPicture: () => state().picture !== null,
    learnt: () => new Set([...known.values()].map(({ picture }) => picture)).size,
    result: () => ({ frames, wrong: [...wrong] }),
  };
}

type Boxes = Record<string, readonly [x: number, y: number, width: number, height: number]>;

/** Where the parts of the page and its controls are. */
function boxesOf(): Boxes {
  const parts = document.querySelectorAll(
    'main > *, main section, main h2, main h3, aside .row, aside input, aside output, aside select, table, .cells > button, .charts svg, [role=radiogroup], .legend, .tools button, footer > *',
  );
  return Object.fromEntries(
    [...parts].map((part, index) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      const label = part.getAttribute('aria-label') ?? part.textContent?.trim().slice(0, 16) ?? '';
      return [`${index} ${part.tagName} ${label}`, [x, y, width, height]] as const;
    }),
  );
}

/** Drags a slider through all its values, a frame and a task for each, and says what moved by more than a pixel. */
async function dragThroughAll(element: HTMLElement | SVGElement): Promise<readonly string[]> {
  if (!(element instanceof HTMLInputElement)) throw new Error('no slider');
  const parts = [
    ...document.querySelectorAll(
      'main > *, main section, main h2, aside .row, aside input, aside select, .cells > button, [role=radiogroup], .legend, .tools button',
    ),
  ];
  const boxes = () => parts.map((part) => part.getBoundingClientRect());
  const before = boxes();
  const moved = new Set<string>();
  const { min, max, step, value } = element;
  const values = [];
  for (let at = Number(min); at <= Number(max) + 1e-9; at += Number(step || 1) * (step === '0.01' ? 5 : 1))
    values.push(at);
  for (const at of [...values, Number(value)]) {
    element.valueAsNumber = at;
    element.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    for (const [index, box] of boxes().entries()) {
      const old = before[index]!;
      const far = Math.max(
        Math.abs(box.x - old.x),
        Math.abs(box.y - old.y),
        Math.abs(box.width - old.width),
        Math.abs(box.height - old.height),
      );
      const part = parts[index]!;
      if (far > 1 && part.isConnected)
        moved.add(
          `${part.tagName} ${part.getAttribute('aria-label') ?? part.textContent?.trim().slice(0, 20)} by ${far}`,
        );
      if (!part.isConnected) moved.add(`${part.tagName} ${part.className} is gone`);
    }
  }
  element.dispatchEvent(new Event('change', { bubbles: true }));
  return [...moved];
}

function movedBetween(before: Boxes, after: Boxes): readonly string[] {
  return Object.keys(before).filter((key) => {
    const [old, now] = [before[key]!, after[key]];
    return now !== undefined && old.some((value, index) => Math.abs(value - now[index]!) > 1);
  });
}
