import { expect, it } from 'vitest';
import { page } from 'vitest/browser';
import type { LoadReport } from '../../../src-shared/contract/models.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { LAYERS, MODEL, type Handlers } from '../fake-host.ts';
import { openApp } from '../set-up.ts';

const REPORT: LoadReport = {
  path: '/models/tiny.onnx',
  bytes: 1e6,
  opset: 13,
  signature: { inputName: 'data', inputShape: [1, 3, 224, 224], outputName: 'prob', outputShape: [1, 1000] },
  hasCard: true,
  preset: null,
  input: {
    name: 'data',
    layout: 'NCHW',
    channels: 'RGB',
    height: 224,
    width: 224,
    resizeShorterSide: 256,
    crop: 'centre',
    resize: 'bilinear',
    colours: 'as-published',
    decoding: 'full',
    range: [0, 1],
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  },
  outputKind: 'probabilities',
  labelSource: null,
  licence: 'MIT',
  accuracy: null,
  steps: LAYERS.flatMap(({ name }) => [
    { kind: 'layer', name, unsigned: true, operator: 'Conv 3×3' } as const,
    { kind: 'passed', op: 'Relu' } as const,
  ]),
  readsImage: LAYERS.map((_, index) => index === 0),
  tensorOfLayer: LAYERS.map((_, index) => index),
  calibration: { percentile: 99.99, images: 500, ranges: Object.fromEntries(LAYERS.map(({ name }) => [name, 12.345])) },
  histograms: null,
};

const handlers: Handlers = {
  'models.list': () => [{ ...MODEL, name: 'A network whose name is as long as those of catalogues are (opset 13)' }],
  'models.open': () => ({ ...MODEL, name: 'A network whose name is as long as those of catalogues are (opset 13)' }),
  'models.installed': () => [{ ...MODEL, bytes: 1e6, assumed: false, failure: null }],
  'models.report': () => REPORT,
  'models.preview': () => {
    throw new FoveaError('image-missing', 'gone');
  },
  'catalogue.list': () => ({ models: [], source: '' }),
};

/** 1,280 pixels had the card lie over the end of the layers. */
it.each([900, 1260, 1280, 1400, 1440, 1920])('at %i pixels no panel reaches into the next', async (width) => {
  await page.viewport(width, 800);
  const { screen } = await openApp(handlers, '#models');
  await expect.element(screen.getByRole('columnheader', { name: 'Input range' })).toBeVisible();
  await expect.element(screen.getByText('0 … 12.3').last()).toBeInTheDocument();
  const wider = [...document.querySelectorAll<HTMLElement>('.layers, .layers .row, .layers .head, .catalogue')]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ className, scrollWidth, clientWidth }) => `${className}: ${scrollWidth} in ${clientWidth}`);
  expect(wider).toEqual([]);
});

it.each(['a page that begins here', 'a choice that was given up'])('%s misses no file', async (what) => {
  const { screen, host } = await openApp(handlers, '#models');
  await expect.element(screen.getByRole('columnheader', { name: 'Input range' })).toBeVisible();
  await expect.poll(() => host.countOf('app.ready')).toBe(1);
  if (what === 'a choice that was given up') host.emit('files.opened', { files: [] });
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  expect(screen.getByRole('log', { name: 'Messages' }).element().textContent).toBe('');
});

it('says why a model cannot be used, also when it is chosen before the one in use is there', async () => {
  const { promise, resolve } = Promise.withResolvers<LoadReport>();
  const failure = { code: 'card-invalid', message: 'broken.json: field name', next: 'Mend it.' } as const;
  const { screen } = await openApp(
    {
      ...handlers,
      'models.report': () => promise,
      'models.installed': () => [
        { ...MODEL, bytes: 1e6, assumed: false, failure: null },
        { ...MODEL, id: 'broken', name: 'broken', bytes: 1e6, assumed: false, failure },
      ],
    },
    '#models',
  );
  await screen.getByRole('button', { name: /^broken/ }).click();
  await expect.element(screen.getByText(/broken.json: field name/)).toBeVisible();
  resolve(REPORT);
  // The card of the model in use is there.
  await expect.element(screen.getByRole('region', { name: 'Card' })).toBeInTheDocument();
  await expect.element(screen.getByText(/broken.json: field name/)).toBeVisible();
});

it('keeps what a check says that began while a card was being written', async () => {
  const own = { ...MODEL, embedded: false };
  const late = Promise.withResolvers<LoadReport>();
  const reports = [REPORT, late.promise];
  const { resize, colours, decoding, layout, channels, height, width, range, mean, std } = REPORT.input;
  const pixels = { resize, colours, decoding, layout, channels, height, width, resizeShorterSide: 256 };
  const preprocessing = { ...pixels, crop: 'centre', range, mean, std } as const;
  const { screen, host } = await openApp(
    {
      ...handlers,
      'models.list': () => [own],
      'models.open': () => own,
      'models.installed': () => [{ ...own, bytes: 1e6, assumed: false, failure: null }],
      'models.report': () => reports.shift() ?? late.promise,
      'models.saveCard': () => null,
      'files.complete': () => ({ entries: [], more: false }),
      'models.checkPresets': ({ folder }) => {
        if ('path' in folder && folder.path === '/unlabelled')
          throw new FoveaError('bad-argument', '/unlabelled: no labelled images');
        const score = { preset: 'caffe', preprocessing, top1: 1, top5: 1, interval: [0.9, 1] } as const;
        return { scores: [score], images: 24, failed: 0, best: 0, next: null, isChance: false, dataset: 'labelled' };
      },
    },
    '#models',
  );
  const choose = async (folder: string) => {
    await screen.getByRole('button', { name: 'Choose labelled photos' }).click();
    await screen.getByLabelText('File or folder on the computer Fovea runs on').fill(folder);
    await screen.getByRole('button', { name: 'Open', exact: true }).click();
  };
  await choose('/labelled');
  await screen.getByRole('button', { name: 'Use it' }).click();
  await expect.poll(() => host.countOf('models.report')).toBe(2);
  await choose('/unlabelled');
  const refused = screen.getByRole('alert').getByText(/no labelled images/);
  await expect.element(refused).toBeVisible();
  late.resolve({ ...REPORT, licence: 'MIT-0' });
  await expect.element(screen.getByLabelText('Licence')).toHaveValue('MIT-0');
  await expect.element(refused).toBeVisible();
  await expect.element(screen.getByText('Caffe mean, BGR is best')).toBeVisible();
});
