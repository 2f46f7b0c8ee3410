import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-node';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadImage } from '../../src-main/images/image-file.ts';
import { openModelFile } from '../../src-main/onnx/model-file.ts';
import { parseCard } from '../../src-shared/model-card.ts';
import { presetPreprocessing, toTensor } from '../../src-shared/preprocessing.ts';
import { chromiumPath } from '../chromium.ts';
import { heldEngines, type HeldEngines } from '../main/held-engines.ts';
import { answers, colourClassifier, pictures } from '../main/models/coloured-pictures.ts';
import { lastingFileServer, sendingPart, serving } from '../main/models/file-server.ts';
import { longNetwork, ModelBuilder, smallClassifier, writeModel } from '../main/onnx/onnx-models.ts';
import { smallCard } from '../main/small-card.ts';
import { Application, drop, PROJECT } from './application.ts';
import { faultless } from './faultless.ts';

const CLI = join(PROJECT, 'out/main/cli.js');

const installed = (page: Page) => page.getByRole('region', { name: 'Installed' });
const title = (page: Page) => page.getByRole('region', { name: 'Layers' }).getByRole('heading');

async function addModel(page: Page, file: string, name: string) {
  await drop(page, [file]);
  await expect.poll(() => title(page).innerText()).toBe(name);
}

const picture = (page: Page) => page.getByRole('img', { name: /as the network sees it/ });

/** What the catalogue's models are, and how much of it the server sends at first. */
const CATALOGUED = Buffer.from(smallClassifier(7).bytes);
const HALF = Math.floor(CATALOGUED.length / 2);

/** A catalogue of a model that its server has, and of one that it has not: there lies another file. */
function writeCatalogue(folder: string): string {
  const entry = (name: string, sha256: string) => ({
    name,
    title: `Net ${name}`,
    opset: 13,
    bytes: CATALOGUED.length,
    sha256,
    input: [1, 3, 16, 16],
    preprocessing: 'imagenet',
    licence: 'MIT',
  });
  const { preprocessing } = z
    .looseObject({ preprocessing: z.unknown() })
    .parse(JSON.parse(readFileSync(join(PROJECT, 'resources/model-catalogue.json'), 'utf8')));
  const models = [
    entry('good-1', createHash('sha256').update(CATALOGUED).digest('hex')),
    entry('lie-1', 'a'.repeat(64)),
  ];
  const file = join(folder, 'catalogue.json');
  writeFileSync(file, JSON.stringify({ source: 'a test', preprocessing, models }));
  return file;
}

async function typePath(page: Page, path: string) {
  await page.getByLabel('File or folder on the computer Fovea runs on').fill(path);
  await page.keyboard.press('Enter');
}

describe.skipIf(!chromiumPath())('the Models place in a browser', () => {
  let application: Application;
  let folder: string;
  let held: HeldEngines;
  let server: Awaited<ReturnType<typeof lastingFileServer>>;
  /** One for all tests: each goes on where the last one left it. */
  let page: Page;
  let problems: readonly string[];
  const atEnd: (() => unknown)[] = [];
  /** The name of a file: while it is there, the host's disk is full. */
  const fullDisk = () => join(folder, 'full');

  const fovea = (...words: readonly string[]) =>
    execFileSync(process.execPath, [CLI, ...words], {
      env: { ...process.env, FOVEA_DATA: join(application.folder, 'data') },
      encoding: 'utf8',
    });
  const cardOf = (id: string) => {
    const file = join(application.folder, 'data', 'models', id, `${id}.json`);
    return existsSync(file) ? parseCard(JSON.parse(readFileSync(file, 'utf8')), file) : null;
  };
  const installedFiles = () => readdirSync(join(application.folder, 'data', 'models')).sort();
  /** What the window says of something that was wanted. */
  const told = (message: RegExp) => expect.poll(() => page.getByRole('log').innerText()).toMatch(message);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fovea-models-'));
    atEnd.push(() => rmSync(folder, { recursive: true }));
    held = heldEngines(Infinity, (end) => atEnd.push(end));
    server = await lastingFileServer(
      sendingPart(CATALOGUED, HALF, 'stall'),
      serving(CATALOGUED),
      sendingPart(CATALOGUED, 10, 'break'),
      serving(CATALOGUED),
    );
    atEnd.push(() => server.close());
    application = await Application.start({
      ...held.env,
      NODE_OPTIONS: `${held.env.NODE_OPTIONS} --import ${pathToFileURL(join(PROJECT, 'test/main/full-disk-of-files.mjs')).href}`,
      FOVEA_FULL_DISK: fullDisk(),
      FOVEA_MODEL_CATALOGUE: writeCatalogue(folder),
      FOVEA_MODEL_HOST: server.url.origin,
    });
    atEnd.unshift(() => application.stop());
    ({ page, problems } = await application.open(undefined, undefined, () => undefined));
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('grid').waitFor();
  });
  afterEach(() => expect(problems).toEqual([]));
  afterAll(async () => {
    for (const end of atEnd) await end();
  });

  it('adds models by drop: with a card, without one, with a card without labels; a bad one says why and is not there', async () => {
    const built = smallClassifier();
    const carded = writeModel(folder, 'carded.onnx', built);
    const opened = openModelFile(carded);
    opened.source.close();
    const output = opened.signature.outputName;
    const labels = Array.from({ length: 8 }, (_, index) => `kind ${index}`);
    writeFileSync(join(folder, 'carded.json'), JSON.stringify({ ...smallCard(output), name: 'Carded', labels }));
    await drop(page, [carded, join(folder, 'carded.json')]);
    await expect.poll(() => title(page).innerText()).toBe('Carded');
    await page
      .getByText(/^kind \d$/)
      .first()
      .waitFor();

    const bare = writeModel(folder, 'bare.onnx', smallClassifier(3));
    await addModel(page, bare, 'bare');
    await page.getByText('no card came with the file').waitFor();
    await faultless(page, 'a model without a card');

    const unnamed = writeModel(folder, 'unnamed.onnx', smallClassifier(11));
    writeFileSync(join(folder, 'unnamed.json'), JSON.stringify({ ...smallCard(output), name: 'Unnamed' }));
    await drop(page, [unnamed, join(folder, 'unnamed.json')]);
    await expect.poll(() => title(page).innerText()).toBe('Unnamed');
    await page.getByText('none, of 8 classes').waitFor();
    // Class names that do not fit change nothing; those that do are taken.
    const names = join(folder, 'names.txt');
    writeFileSync(names, labels.slice(1).join('\n'));
    await drop(page, [names]);
    await page.getByText(/7 labels for a model of 8 classes/).waitFor();
    expect(cardOf('unnamed')!.labels).toBeUndefined();
    writeFileSync(names, labels.join('\n'));
    await drop(page, [names]);
    await page
      .getByText(/^kind \d$/)
      .first()
      .waitFor();
    expect(cardOf('unnamed')!.labels).toBe('unnamed-classes.txt');
  });

  it('says of a model that cannot be used why, and has not taken it', async () => {
    const files = installedFiles();
    const listed = () => installed(page).getByRole('listitem').count();
    // What the test before has added may be listed a moment after it is shown.
    await installed(page)
      .getByRole('button', { name: /^Unnamed/ })
      .waitFor();
    const before = await listed();
    const contradicting = writeModel(folder, 'contradicting.onnx', smallClassifier(12));
    const opened = openModelFile(contradicting);
    opened.source.close();
    const card = smallCard(opened.signature.outputName);
    writeFileSync(
      join(folder, 'contradicting.json'),
      JSON.stringify({ ...card, input: { ...card.input, height: 17, resizeShorterSide: 20 } }),
    );
    const mislabelled = writeModel(folder, 'mislabelled.onnx', smallClassifier(13));
    writeFileSync(join(folder, 'mislabelled.json'), JSON.stringify({ ...card, labels: ['one', 'two'] }));
    const huge = new ModelBuilder(1);
    const pooled = huge.globalPool(huge.conv(huge.image(3, 6000, 6000), { out: 4, kernel: [1, 1] }));
    const bad = join(folder, 'bad.onnx');
    writeFileSync(bad, 'no model');
    for (const [dropped, message] of [
      [[bad], /bad\.onnx/],
      [[contradicting, join(folder, 'contradicting.json')], /field input\.height says 17, the model has 16/],
      [[mislabelled, join(folder, 'mislabelled.json')], /2 labels for a model of 8 classes/],
      [
        [writeModel(folder, 'huge.onnx', huge.finish(huge.gemm(huge.flatten(pooled), 6, pooled)))],
        /its input of 6000 x 6000 pixels is larger than Fovea takes/,
      ],
    ] as const) {
      await drop(page, dropped);
      await told(message);
    }
    // One that takes its time is given up, and what is in use stays.
    held.answer(0);
    await drop(page, [writeModel(folder, 'slow.onnx', smallClassifier(14))]);
    await page.getByRole('button', { name: /^Cancel opening/ }).press('Enter');
    await page.getByRole('progressbar', { name: /opening/ }).waitFor({ state: 'detached' });
    held.answer(Infinity);
    expect(await listed()).toBe(before);
    expect(installedFiles()).toEqual(files);
    await picture(page).waitFor();
    await faultless(page, 'an opening that was cancelled');
  });

  it('says of a full disk what could not be written, and leaves all as it was', async () => {
    await addModel(page, writeModel(folder, 'kept.onnx', smallClassifier(15)), 'kept');
    const photos = await pictures(4);
    const files = installedFiles();
    const names = join(folder, 'eight.txt');
    writeFileSync(names, Array.from({ length: 8 }, (_, index) => `kind ${index}`).join('\n'));
    writeFileSync(fullDisk(), '');
    await installed(page).getByRole('button', { name: 'Open…' }).click();
    await typePath(page, writeModel(folder, 'more.onnx', smallClassifier(16)));
    await told(/models\/more: cannot be written: ENOSPC/);
    await page.getByRole('button', { name: 'Choose photos to calibrate on' }).click();
    await typePath(page, photos);
    const calibration = page.getByRole('region', { name: 'Calibration' });
    await calibration
      .getByRole('alert')
      .getByText(/cannot be written: ENOSPC/)
      .waitFor();
    await page.getByText('no ranges yet: drop a folder').waitFor();
    await page.getByRole('button', { name: 'Confirm' }).press('Enter');
    await told(/kept\.json: cannot be written: ENOSPC/);
    await page.getByRole('button', { name: 'Choose…', exact: true }).click();
    await typePath(page, names);
    await told(/kept-classes\.txt: cannot be written: ENOSPC/);
    rmSync(fullDisk());
    expect(installedFiles()).toEqual(files);
    expect(readdirSync(join(application.folder, 'data', 'models', 'kept'))).toEqual(['kept.onnx']);
    expect(readdirSync(join(application.folder, 'data', 'calibrations'))).toEqual([]);
  });

  it('lets picture and Top-5 follow mean and deviation, and writes them into the card', async () => {
    await addModel(page, writeModel(folder, 'normed.onnx', colourClassifier(4)), 'normed');
    const top = page.getByRole('list', { name: 'Top-5, %' });
    const seen = async () => [await picture(page).getAttribute('alt'), await top.innerText()] as const;
    const [first] = await seen();
    await page.getByLabel('Mean').fill('0.1 0.9 0.4');
    await page.getByLabel('Mean').press('Tab');
    await expect.poll(async () => (await seen())[0]).not.toBe(first);
    const [second, answered] = await seen();
    await page.getByLabel('Std dev.').fill('0.05 0.6 0.3');
    await page.getByLabel('Std dev.').press('Tab');
    await expect.poll(async () => (await seen())[0]).not.toBe(second);
    await expect.poll(async () => (await seen())[1]).not.toBe(answered);
    await page.getByLabel('Kernel').selectOption('sharp-nearest');
    await page.getByLabel('Profile').selectOption('as-seen');
    await page.getByLabel('Decoding').selectOption('fast');
    // What is no number changes nothing, and cannot be saved.
    await page.getByLabel('Mean').fill('zero');
    await page.getByLabel('Mean').press('Tab');
    await page.getByText('no such value').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Confirm' }).isDisabled()).toBe(true);
    await page.getByLabel('Mean').fill('0.1 0.9 0.4');
    await page.getByLabel('Mean').press('Tab');
    await page.getByRole('button', { name: 'Confirm' }).press('Enter');
    await page.getByText('The card is written.').waitFor();
    await expect
      .poll(() => cardOf('normed')?.input)
      .toMatchObject({
        ...{ mean: [0.1, 0.9, 0.4], std: [0.05, 0.6, 0.3] },
        ...{ resize: 'sharp-nearest', colours: 'as-seen', decoding: 'fast' },
      });
    await page.getByRole('button', { name: 'Save' }).waitFor();
  });

  it('checks presets on labelled photos, and takes over the one that is best', async () => {
    const model = writeModel(folder, 'checked.onnx', colourClassifier(3));
    const photos = await pictures(24);
    const labels = await answers(model, photos, 'caffe');
    writeFileSync(join(photos, 'labels.csv'), [...labels].map(([name, label]) => `${name},${label}\n`).join(''));
    await addModel(page, model, 'checked');
    await page.getByRole('button', { name: 'Choose labelled photos' }).press('Enter');
    await typePath(page, photos);
    await page.getByText(/^Caffe mean, BGR is best; next: −\d/).waitFor();
    await expect.poll(() => page.getByRole('radio', { name: 'Caffe mean, BGR' }).isChecked()).toBe(true);
    await faultless(page, 'presets checked');
    await page.getByRole('button', { name: 'Use it' }).press('Enter');
    // The message may still be that of another card.
    await expect
      .poll(() => cardOf('checked'))
      .toMatchObject({
        input: { channels: 'BGR', range: [0, 255], mean: [103.94, 116.78, 123.68] },
        accuracy: { images: 24, top1: 1 },
      });
    // A folder without labels says so.
    await page.getByRole('button', { name: 'Choose labelled photos' }).click();
    await typePath(page, await pictures(2));
    await page
      .getByRole('alert')
      .getByText(/no labelled images/)
      .waitFor();
  });

  it('checks presets in the load report of Analyse, too, and writes how many were right into the card', async () => {
    const model = writeModel(folder, 'reported.onnx', colourClassifier(9));
    const photos = await pictures(24);
    const labels = await answers(model, photos, 'caffe');
    writeFileSync(join(photos, 'labels.csv'), [...labels].map(([name, label]) => `${name},${label}\n`).join(''));
    await page.keyboard.press('Control+1');
    await drop(page, [model]);
    const report = page.getByRole('region', { name: 'Load report' });
    await report.getByText('reported').waitFor();
    await report.getByRole('button', { name: 'Check on labelled photos' }).press('Enter');
    await drop(page, [photos]);
    await report.getByText(/^Caffe mean, BGR is best/).waitFor();
    await faultless(page, 'presets checked in the load report');
    await report.getByRole('button', { name: 'Use it' }).press('Enter');
    await expect.poll(() => cardOf('reported')?.accuracy).toMatchObject({ images: 24, top1: 1 });
    expect(cardOf('reported')!.input).toMatchObject({ channels: 'BGR', mean: [103.94, 116.78, 123.68] });
    await page.keyboard.press('Control+4');
  });

  it('calibrates by a folder dropped on the layers, and gives ranges of another percentile without the photos', async () => {
    await addModel(page, writeModel(folder, 'ranged.onnx', smallClassifier(4)), 'ranged');
    await page.getByText('no ranges yet: drop a folder').waitFor();
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'note.md'), 'no photo');
    await page.getByRole('button', { name: 'Choose photos to calibrate on' }).press('Enter');
    await typePath(page, empty);
    await page
      .getByRole('alert')
      .getByText(/no image files/)
      .waitFor();

    const photos = join(folder, 'photos');
    mkdirSync(photos);
    cpSync(await pictures(6), photos, { recursive: true });
    await drop(page, [photos]);
    await page.getByText('Calibrated on 6 photos.').waitFor();
    const chart = page.getByRole('img', { name: /^Histogram of the magnitudes that enter/ });
    const widest = await chart.getAttribute('aria-label');
    expect(widest).toContain('clips 0.01 %');
    await installed(page)
      .getByRole('button', { name: /^ranged .*✓ ranges/ })
      .waitFor();
    // Nothing is chosen while it goes on, nor before the page has what was counted.
    await page.getByText('99.99 % of 6 photos').waitFor();
    await page.getByRole('button', { name: 'Choose photos to calibrate on' }).waitFor();
    await page.getByRole('radiogroup', { name: 'Percentile' }).getByText('99', { exact: true }).click();
    await expect.poll(() => chart.getAttribute('aria-label')).toContain('clips 1 %');
    const known = z.object({ calibration: z.object({ percentile: z.number(), images: z.number() }) });
    expect(known.parse(JSON.parse(fovea('models', 'inspect', 'ranged', '--json'))).calibration).toEqual(
      expect.objectContaining({ percentile: 99, images: 6 }),
    );
    await faultless(page, 'ranges calibrated');
  });

  it('leaves nothing of a calibration that is stopped', async () => {
    await addModel(page, writeModel(folder, 'stopped.onnx', smallClassifier(10)), 'stopped');
    await picture(page).waitFor();
    const before = readdirSync(join(application.folder, 'data', 'calibrations'));
    held.answer(0);
    await drop(page, [await pictures(6)]);
    await page.getByRole('progressbar', { name: 'Calibration' }).waitFor();
    await page.getByRole('region', { name: 'Calibration' }).getByRole('button', { name: 'Stop' }).press('Enter');
    await page.getByRole('button', { name: 'Choose photos to calibrate on' }).waitFor();
    held.answer(Infinity);
    await page.getByText('no ranges yet: drop a folder').waitFor();
    expect(readdirSync(join(application.folder, 'data', 'calibrations'))).toEqual(before);
  });

  it('leads here from a control that needs calibration', async () => {
    await addModel(page, writeModel(folder, 'led.onnx', smallClassifier(6)), 'led');
    await page.getByRole('link', { name: 'Analyse' }).click();
    await page.getByRole('link', { name: 'calibrate led' }).press('Enter');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Choose photos to calibrate on');
    await expect.poll(() => title(page).innerText()).toBe('led');
  });

  it('downloads from a server that stalls and breaks, pauses, resumes, and refuses what is another file', async () => {
    await page.getByRole('button', { name: 'Download Net good-1, opset 13' }).press('Enter');
    const bar = page.getByRole('progressbar', { name: 'Download of Net good-1, opset 13' });
    await bar.waitFor();
    const part = join(application.folder, 'data/models/.downloading/good-1/good-1.onnx.part');
    await expect.poll(() => statSync(part, { throwIfNoEntry: false })?.size).toBe(HALF);
    await faultless(page, 'a download that stands still');
    await page.getByRole('button', { name: 'Pause the download of Net good-1, opset 13' }).press('Enter');
    await page.getByText(/stopped at .* kept/).waitFor();
    writeFileSync(fullDisk(), '');
    await page.getByRole('button', { name: 'Resume Net good-1, opset 13' }).press('Enter');
    const failure = page.getByRole('region', { name: 'Catalogue' }).getByRole('alert');
    await failure.getByText(/cannot be written: ENOSPC/).waitFor();
    rmSync(fullDisk());
    expect(statSync(part).size).toBe(HALF);
    await page.getByRole('button', { name: 'Resume Net good-1, opset 13' }).press('Enter');
    await expect.poll(() => title(page).innerText()).toMatch(/Net good-1/);
    // Of the ten bytes before the break as many are gone on with as have come to be read.
    const again = `bytes=${HALF}-`;
    const onward = expect.stringMatching(new RegExp(`^bytes=(${HALF}|${HALF + 10})-$`));
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, again, again, onward]);
    await page.getByRole('button', { name: 'Download Net lie-1, opset 13' }).click();
    await failure.getByText(/the catalogue says/).waitFor();
    expect(installedFiles()).toContain('good-1');
    expect(installedFiles()).not.toContain('lie-1');
    await faultless(page, 'a download that was refused');
  });

  it('exports the rewritten model, which plain ONNX Runtime runs to the same answer', async () => {
    const photos = await pictures(1);
    await addModel(page, writeModel(folder, 'exported.onnx', smallClassifier(8)), 'exported');
    const files = new Map<string, string>();
    page.on(
      'download',
      (download) => void download.path().then((path) => files.set(download.suggestedFilename(), path)),
    );
    await page.getByRole('button', { name: 'Export rewritten' }).press('Enter');
    await expect.poll(() => files.size).toBe(2);
    const feeding = z
      .object({
        image: z.object({ name: z.string() }),
        output: z.object({ name: z.string() }),
        constants: z.record(z.string(), z.number()),
        tensors: z.array(
          z.object({
            levels: z.object({ name: z.string(), shape: z.array(z.union([z.string(), z.number()])) }),
            tables: z.record(z.string(), z.array(z.number())),
            bits: z.array(z.number()),
          }),
        ),
      })
      .parse(JSON.parse(readFileSync(files.get('exported-rewritten.inputs.json')!, 'utf8')));
    const preprocessing = presetPreprocessing('imagenet', { layout: 'NCHW', height: 16, width: 16, channelCount: 3 });
    const image = join(photos, '0.png');
    const pixels = new Float32Array(3 * 16 * 16);
    toTensor((await loadImage(image, preprocessing)).image, preprocessing, pixels);
    const feeds: Record<string, ort.Tensor> = {
      [feeding.image.name]: new ort.Tensor('float32', pixels, [1, 3, 16, 16]),
    };
    for (const [input, value] of Object.entries(feeding.constants))
      feeds[input] = new ort.Tensor('float32', Float32Array.of(value), []);
    for (const { levels, tables } of feeding.tensors) {
      const map = levels.shape.slice(1).map(Number);
      const positions = map.reduce((product, size) => product * size, 1);
      // Every position at the highest level: what uniform bits give.
      feeds[levels.name] = new ort.Tensor('int32', new Int32Array(positions).fill(1), [1, ...map]);
      for (const [input, values] of Object.entries(tables))
        feeds[input] = new ort.Tensor('float32', Float32Array.from(values), [values.length]);
    }
    const session = await ort.InferenceSession.create(files.get('exported-rewritten.onnx')!);
    const scores = Array.from((await session.run(feeds))[feeding.output.name]!.data as Float32Array);
    await session.release();
    const high = feeding.tensors.at(-1)!.bits[1]!;
    const said = fovea(
      'analyze',
      image,
      '--model',
      'exported',
      '--metric',
      'uniform',
      '--bits',
      String(high),
      '--json',
    );
    const { quantised } = z
      .object({ quantised: z.object({ top: z.array(z.object({ class: z.number(), probability: z.number() })) }) })
      .parse(JSON.parse(said));
    for (const { class: index, probability } of quantised.top) expect(scores[index]).toBeCloseTo(probability, 5);
  });

  it('removes a model that runs were measured with, tells of them, and brings it back', async () => {
    await addModel(page, writeModel(folder, 'gone.onnx', smallClassifier(9)), 'gone');
    const photos = await pictures(2);
    fovea('batch', photos, '--model', 'gone', '--labels', 'none', '--bits', '4', '--quiet', '--workers', '1');
    await page.getByRole('button', { name: 'Remove' }).press('Enter');
    await page.getByText('gone removed; 1 run of it keeps its figures').waitFor();
    expect(installedFiles()).not.toContain('gone');
    await faultless(page, 'a model removed');
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect.poll(() => title(page).innerText()).toBe('gone');
    expect(installedFiles()).toContain('gone');
    // What comes with Fovea stays.
    await installed(page)
      .getByRole('button', { name: /^Fovea VGG/ })
      .press('Enter');
    await expect.poll(() => title(page).innerText()).toMatch(/^Fovea VGG/);
    await expect.poll(() => page.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
  });

  it('draws of a long network only what is in sight, and goes through it by keys', async () => {
    await addModel(page, writeModel(folder, 'long.onnx', longNetwork(300)), 'long');
    const grid = page.getByRole('grid');
    expect(Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(140);
    expect(await grid.getByRole('row').count()).toBeLessThan(100);
    const selected = grid.locator('[aria-selected=true]');
    await selected.focus();
    await page.keyboard.press('End');
    await expect.poll(() => selected.innerText()).toContain('Gemm');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => selected.innerText()).toContain('Conv');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-selected'))).toBe('true');
  });

  it('says of an installed model that cannot be used why, in place of its layers', async () => {
    const models = join(application.folder, 'data', 'models');
    mkdirSync(join(models, 'broken'));
    copyFileSync(writeModel(folder, 'broken.onnx', smallClassifier(2)), join(models, 'broken', 'broken.onnx'));
    writeFileSync(join(models, 'broken', 'broken.json'), '{ "name": 3 }');
    await page.getByRole('link', { name: 'Analyse' }).click();
    await page.getByRole('link', { name: 'Models' }).click();
    await installed(page)
      .getByRole('button', { name: /^broken/ })
      .press('Enter');
    await page
      .getByRole('alert')
      .getByText(/broken\.json: field name/)
      .waitFor();
    await faultless(page, 'a model that is broken');
  });
});
