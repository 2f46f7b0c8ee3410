import { AxeBuilder } from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { loadImage } from '../../src-main/images/image-file.ts';
import { openModelFile } from '../../src-main/onnx/model-file.ts';
import { parseCard } from '../../src-shared/model-card.ts';
import { presetPreprocessing, toTensor } from '../../src-shared/preprocessing.ts';
import { chromiumPath } from '../chromium.ts';
import { heldEngines } from '../main/held-engines.ts';
import { answers, colourClassifier, pictures } from '../main/models/coloured-pictures.ts';
import { fileServer, sendingPart, serving } from '../main/models/file-server.ts';
import { longNetwork, smallClassifier, writeModel } from '../main/onnx/onnx-models.ts';
import { smallCard } from '../main/small-card.ts';
import { temporaryFolder } from '../main/temporary-folder.ts';
import { Application, drop, PROJECT } from './application.ts';

const CLI = join(PROJECT, 'out/main/cli.js');

async function openModels(application: Application) {
  const opened = await application.open();
  await opened.page.getByRole('link', { name: 'Models' }).click();
  await opened.page.getByRole('grid').waitFor();
  return opened;
}

const installed = (page: Page) => page.getByRole('region', { name: 'Installed' });
const title = (page: Page) => page.getByRole('region', { name: 'Layers' }).getByRole('heading');

async function addModel(page: Page, file: string, name: string) {
  await drop(page, [file]);
  await expect.poll(() => title(page).innerText()).toBe(name);
  await page.getByRole('img', { name: /as the network sees it/ }).waitFor();
}

async function typePath(page: Page, path: string) {
  await page.getByLabel('File or folder on the computer Fovea runs on').fill(path);
  await page.keyboard.press('Enter');
}

describe.skipIf(!chromiumPath())('the Models place in a browser', () => {
  let application: Application;
  let folder: string;

  const fovea = (...words: readonly string[]) =>
    execFileSync(process.execPath, [CLI, ...words], {
      env: { ...process.env, FOVEA_DATA: join(application.folder, 'data') },
      encoding: 'utf8',
    });
  const cardOf = (id: string) => {
    const file = join(application.folder, 'data', 'models', id, `${id}.json`);
    return existsSync(file) ? parseCard(JSON.parse(readFileSync(file, 'utf8')), file) : null;
  };
  const accessible = async (page: Page) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    }
  };

  beforeAll(async () => {
    application = await Application.start();
    folder = join(application.folder, 'given');
    mkdirSync(folder);
  });
  afterAll(() => application?.stop());

  it('adds models by drop: with a card, without one, with a card without labels; a bad one says why and is not there', async () => {
    const { page, problems } = await openModels(application);
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
    await accessible(page);

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

    const before = await installed(page).getByRole('listitem').count();
    const bad = join(folder, 'bad.onnx');
    writeFileSync(bad, 'no model');
    await drop(page, [bad]);
    await page
      .getByRole('log')
      .getByText(/bad\.onnx/)
      .waitFor();
    expect(await installed(page).getByRole('listitem').count()).toBe(before);
    expect(problems).toEqual([]);
  });

  it('lets picture and Top-5 follow mean and deviation, and writes them into the card', async () => {
    const { page } = await openModels(application);
    await addModel(page, writeModel(folder, 'normed.onnx', colourClassifier(4)), 'normed');
    const picture = page.getByRole('img', { name: /as the network sees it/ });
    const top = page.getByRole('list', { name: 'Top-5, %' });
    const seen = async () => [await picture.getAttribute('alt'), await top.innerText()] as const;
    const [first] = await seen();
    await page.getByLabel('Mean').fill('0.1 0.9 0.4');
    await page.getByLabel('Mean').press('Tab');
    await expect.poll(async () => (await seen())[0]).not.toBe(first);
    const [second, answered] = await seen();
    await page.getByLabel('Std dev.').fill('0.05 0.6 0.3');
    await page.getByLabel('Std dev.').press('Tab');
    await expect.poll(async () => (await seen())[0]).not.toBe(second);
    await expect.poll(async () => (await seen())[1]).not.toBe(answered);
    // What is no number changes nothing, and cannot be saved.
    await page.getByLabel('Mean').fill('zero');
    await page.getByLabel('Mean').press('Tab');
    await page.getByText('no such value').waitFor();
    expect(await page.getByRole('button', { name: 'Confirm' }).isDisabled()).toBe(true);
    await page.getByLabel('Mean').fill('0.1 0.9 0.4');
    await page.getByLabel('Mean').press('Tab');
    await page.getByRole('button', { name: 'Confirm' }).press('Enter');
    await page.getByText('The card is written.').waitFor();
    expect(cardOf('normed')!.input).toMatchObject({ mean: [0.1, 0.9, 0.4], std: [0.05, 0.6, 0.3] });
    await page.getByRole('button', { name: 'Save' }).waitFor();
  });

  it('checks presets on labelled photos, and takes over the one that is best', async () => {
    const { page } = await openModels(application);
    const model = writeModel(folder, 'checked.onnx', colourClassifier(3));
    const photos = await pictures(24);
    const labels = await answers(model, photos, 'caffe');
    writeFileSync(join(photos, 'labels.csv'), [...labels].map(([name, label]) => `${name},${label}\n`).join(''));
    await addModel(page, model, 'checked');
    await page.getByRole('button', { name: 'Choose labelled photos' }).press('Enter');
    await typePath(page, photos);
    await page.getByText(/^Caffe mean, BGR is best; next: −\d/).waitFor();
    expect(await page.getByRole('radio', { name: 'Caffe mean, BGR' }).isChecked()).toBe(true);
    await accessible(page);
    await page.getByRole('button', { name: 'Use it' }).press('Enter');
    await page.getByText('The card is written.').waitFor();
    const card = cardOf('checked')!;
    expect(card.input).toMatchObject({ channels: 'BGR', range: [0, 255], mean: [103.94, 116.78, 123.68] });
    expect(card.accuracy).toMatchObject({ images: 24, top1: 1 });
    // A folder without labels says so.
    await page.getByRole('button', { name: 'Choose labelled photos' }).click();
    await typePath(page, await pictures(2));
    await page
      .getByRole('alert')
      .getByText(/no labelled images/)
      .waitFor();
  });

  it('calibrates by a folder dropped on the layers, and gives ranges of another percentile without the photos', async () => {
    const { page, problems } = await openModels(application);
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
    await page.getByRole('radiogroup', { name: 'Percentile' }).getByText('99', { exact: true }).click();
    await expect.poll(() => chart.getAttribute('aria-label')).toContain('clips 1 %');
    const known = z.object({ calibration: z.object({ percentile: z.number(), images: z.number() }) });
    expect(known.parse(JSON.parse(fovea('models', 'inspect', 'ranged', '--json'))).calibration).toEqual(
      expect.objectContaining({ percentile: 99, images: 6 }),
    );
    await accessible(page);
    expect(problems).toEqual([]);
  });

  it('leaves nothing of a calibration that is stopped', async () => {
    const held = heldEngines(1000);
    const own = await Application.start(held.env);
    onTestFinished(() => own.stop());
    const { page } = await openModels(own);
    await addModel(page, writeModel(temporaryFolder(), 'stopped.onnx', smallClassifier(4)), 'stopped');
    held.answer(0);
    await drop(page, [await pictures(6)]);
    await page.getByRole('progressbar', { name: 'Calibration' }).waitFor();
    await page.getByRole('region', { name: 'Calibration' }).getByRole('button', { name: 'Stop' }).press('Enter');
    await page.getByRole('button', { name: 'Choose photos to calibrate on' }).waitFor();
    held.answer(1000);
    await page.getByText('no ranges yet: drop a folder').waitFor();
    expect(existsSync(join(own.folder, 'data', 'calibrations'))).toBe(false);
  });

  it('leads here from a control that needs calibration', async () => {
    const { page } = await openModels(application);
    await addModel(page, writeModel(folder, 'led.onnx', smallClassifier(6)), 'led');
    await page.getByRole('link', { name: 'Analyse' }).click();
    await page.getByRole('link', { name: 'calibrate led' }).press('Enter');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Choose photos to calibrate on');
  });

  it('downloads from a server that stalls and breaks, pauses, resumes, and refuses what is another file', async () => {
    const content = Buffer.from(smallClassifier(7).bytes);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const entry = (name: string, digest: string) => ({
      name,
      title: `Net ${name}`,
      opset: 13,
      bytes: content.length,
      sha256: digest,
      input: [1, 3, 16, 16],
      preprocessing: 'imagenet',
      licence: 'MIT',
    });
    const { preprocessing } = z
      .looseObject({ preprocessing: z.unknown() })
      .parse(JSON.parse(readFileSync(join(PROJECT, 'resources/model-catalogue.json'), 'utf8')));
    const catalogue = join(temporaryFolder(), 'catalogue.json');
    const models = [entry('good-1', sha256), entry('lie-1', 'a'.repeat(64))];
    writeFileSync(catalogue, JSON.stringify({ source: 'a test', preprocessing, models }));
    const half = Math.floor(content.length / 2);
    const server = await fileServer(
      sendingPart(content, half, 'stall'),
      sendingPart(content, 10, 'break'),
      serving(content),
    );
    const own = await Application.start({
      ...process.env,
      FOVEA_MODEL_CATALOGUE: catalogue,
      FOVEA_MODEL_HOST: server.url.origin,
    });
    onTestFinished(() => own.stop());
    const { page } = await openModels(own);
    await page.getByRole('button', { name: 'Download Net good-1, opset 13' }).press('Enter');
    const bar = page.getByRole('progressbar', { name: 'Download of Net good-1, opset 13' });
    await bar.waitFor();
    const part = join(own.folder, 'data/models/.downloading/good-1/good-1.onnx.part');
    await expect.poll(() => statSync(part, { throwIfNoEntry: false })?.size).toBe(half);
    await accessible(page);
    await page.getByRole('button', { name: 'Pause the download of Net good-1, opset 13' }).press('Enter');
    await page.getByText(/stopped at .* kept/).waitFor();
    await page.getByRole('button', { name: 'Resume Net good-1, opset 13' }).press('Enter');
    await expect.poll(() => title(page).innerText()).toMatch(/Net good-1/);
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, `bytes=${half}-`, `bytes=${half + 10}-`]);
    await page.getByRole('button', { name: 'Download Net lie-1, opset 13' }).click();
    await page
      .getByRole('alert')
      .getByText(/the catalogue says/)
      .waitFor();
    expect(readdirSync(join(own.folder, 'data', 'models')).filter((name) => !name.startsWith('.'))).toEqual(['good-1']);
    await accessible(page);
  });

  it('exports the rewritten model, which plain ONNX Runtime runs to the same answer', async () => {
    const { page } = await openModels(application);
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
    const { page } = await openModels(application);
    await addModel(page, writeModel(folder, 'gone.onnx', smallClassifier(9)), 'gone');
    const photos = await pictures(2);
    fovea('batch', photos, '--model', 'gone', '--labels', 'none', '--bits', '4', '--quiet', '--workers', '1');
    await page.getByRole('button', { name: 'Remove' }).press('Enter');
    await page.getByText('gone removed; 1 run of it keeps its figures').waitFor();
    expect(fovea('models', 'list')).not.toMatch(/^gone /m);
    await accessible(page);
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect.poll(() => title(page).innerText()).toBe('gone');
    expect(fovea('models', 'list')).toMatch(/^gone /m);
    // What comes with Fovea stays.
    await installed(page)
      .getByRole('button', { name: /^Fovea VGG/ })
      .press('Enter');
    await expect.poll(() => title(page).innerText()).toMatch(/^Fovea VGG/);
    expect(await page.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
  });

  it('draws of a network of a thousand nodes only what is in sight, and goes through it by keys', async () => {
    const { page } = await openModels(application);
    await addModel(page, writeModel(folder, 'long.onnx', longNetwork(1000)), 'long');
    const grid = page.getByRole('grid');
    expect(Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(500);
    expect(await grid.getByRole('row').count()).toBeLessThan(100);
    const selected = grid.locator('[aria-selected=true]');
    await selected.focus();
    await page.keyboard.press('End');
    await expect.poll(() => selected.innerText()).toContain('Gemm');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => selected.innerText()).toContain('Conv');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-selected'))).toBe('true');
  });

  it('says of a model that cannot be used why, in place of its layers', async () => {
    const models = join(application.folder, 'data', 'models');
    mkdirSync(join(models, 'broken'));
    copyFileSync(writeModel(folder, 'broken.onnx', smallClassifier(2)), join(models, 'broken', 'broken.onnx'));
    writeFileSync(join(models, 'broken', 'broken.json'), '{ "name": 3 }');
    const { page } = await openModels(application);
    await installed(page)
      .getByRole('button', { name: /^broken/ })
      .press('Enter');
    await page
      .getByRole('alert')
      .getByText(/broken\.json: field name/)
      .waitFor();
    await accessible(page);
  });
});
