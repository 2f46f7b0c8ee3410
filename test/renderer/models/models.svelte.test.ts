import { flushSync } from 'svelte';
import { describe, expect, it, onTestFinished } from 'vitest';
import { page } from 'vitest/browser';
import { AppState } from '../../../src-renderer/app.svelte.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { ModelsState } from '../../../src-renderer/models/models.svelte.ts';
import type { ParsedInputOf, ResultOf } from '../../../src-shared/contract/contract.ts';
import type { LoadReport } from '../../../src-shared/contract/models.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { FakeHost, LAYERS, MODEL, type Handlers } from '../fake-host.ts';
import { held, settle } from '../held.ts';
import { openApp } from '../set-up.ts';
import { REPORT } from './report.ts';

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

describe('what goes on', () => {
  const HISTOGRAM = { zeroShare: 0.5, largest: 2, magnitudes: [1, 1, 2], counts: [1, 2, 3] };

  async function inUse(more: Handlers) {
    const host = new FakeHost({ ...handlers, 'models.open': ({ modelId }) => ({ ...MODEL, id: modelId }), ...more });
    const app = new AppState(new Client(host));
    const models = new ModelsState(app);
    app.places = [models];
    onTestFinished($effect.root(() => models.follow()));
    const turnTo = async (modelId: string) => {
      await app.models.open(modelId);
      flushSync();
      await settle();
    };
    await turnTo('a');
    return { host, app, models, turnTo };
  }

  it('with a model leaves alone what is shown of another that is turned to meanwhile', async () => {
    const calibrated = held<object, ResultOf<'models.calibrate'>>();
    const reports = held<{ readonly modelId: string }, LoadReport>();
    let isHeld = false;
    const { host, app, models, turnTo } = await inUse({
      'models.calibrate': calibrated.handler,
      'models.report': (input) => (isHeld ? reports.handler(input) : REPORT),
    });
    void models.calibrate({ path: '/photos' }, app.models.current);
    await settle();
    host.emit('model.histograms', { modelId: 'a', images: 1, histograms: { [LAYERS[0]!.name]: HISTOGRAM } });
    const histogramOf = () => models.rows.flatMap((row) => (row.kind === 'layer' ? [row.histogram] : []))[0];
    expect(histogramOf()).toEqual(HISTOGRAM);
    await turnTo('b');
    expect(histogramOf()).toBeNull();
    isHeld = true;
    await turnTo('c');
    await calibrated.calls[0]!.answer({ images: 1, found: 1, failed: [] });
    expect(reports.calls.map(({ input }) => input.modelId)).toEqual(['c']);
    await reports.calls[0]!.answer(REPORT);
    expect(models.report).toEqual(REPORT);
  });

  it('with a model and goes wrong is told by a message where another is shown by then', async () => {
    const calibrated = held<object, ResultOf<'models.calibrate'>>();
    const { app, models, turnTo } = await inUse({ 'models.calibrate': calibrated.handler });
    void models.calibrate({ path: '/photos' }, app.models.current);
    await turnTo('b');
    await calibrated.calls[0]!.fail(new FoveaError('bad-argument', '/photos: no images'));
    expect(models.calibrationFailure).toBeNull();
    expect(app.messages.list.map(({ text }) => text)).toEqual(['/photos: no images.']);
  });

  it('while a card is written keeps what is typed meanwhile, and takes the card when it is there', async () => {
    const saved = held<ParsedInputOf<'models.saveCard'>, null>();
    let licence = 'MIT';
    const { host, models } = await inUse({
      'models.saveCard': saved.handler,
      'models.report': () => ({ ...REPORT, licence }),
    });
    models.form.licence = 'MIT-0';
    void models.save();
    await settle();
    models.form.licence = 'MIT-0 or later';
    licence = 'MIT-0';
    await saved.calls[0]!.answer(null);
    expect([models.form.licence, models.form.changed]).toEqual(['MIT-0 or later', true]);
    models.form.licence = 'MIT-0';
    expect(models.form.changed).toBe(false);
    expect(host.asked.find(({ procedure }) => procedure === 'models.saveCard')?.input).toMatchObject({ licence });
  });

  it('while a card is written is over once it is there, though the model that changed is looked at once more', async () => {
    const reports = held<object, LoadReport>();
    let isHeld = false;
    const { models, turnTo } = await inUse({
      'models.saveCard': () => null,
      'models.report': (input) => (isHeld ? reports.handler(input) : REPORT),
    });
    isHeld = true;
    models.form.licence = 'MIT-0';
    void models.save();
    await settle();
    // As the machine tells that the model has changed.
    await turnTo('a');
    for (const { answer } of reports.calls) await answer({ ...REPORT, licence: 'MIT-0', accuracy: null });
    expect([reports.calls.length, models.form.changed]).toEqual([2, false]);
  });

  it('with one percentile gives way to another that is chosen', async () => {
    const chosen = held<object, null>();
    const { models } = await inUse({
      'models.report': () => ({ ...REPORT, histograms: {} }),
      'models.choosePercentile': chosen.handler,
    });
    void models.choosePercentile(99.9);
    await settle();
    void models.choosePercentile(100);
    await settle();
    expect(models.percentile).toBe(100);
    await chosen.calls[0]!.fail(new FoveaError('internal', 'no'));
    expect(models.percentile).toBe(100);
  });

  it.each([
    ['had come to its end', 99.9],
    ['was taken back', 99.99],
  ])('with one percentile, which %s, is what another that fails gives way to', async (_, onMachine) => {
    const chosen = held<object, null>();
    let percentile = 99.99;
    const { models } = await inUse({
      'models.report': () => ({ ...REPORT, histograms: {}, calibration: { ...REPORT.calibration!, percentile } }),
      'models.choosePercentile': chosen.handler,
    });
    void models.choosePercentile(99.9);
    await settle();
    void models.choosePercentile(100);
    await settle();
    percentile = onMachine;
    await chosen.calls[1]!.fail(new FoveaError('internal', 'no'));
    expect(models.percentile).toBe(onMachine);
  });

  it('in the list shows as it is now, however late an earlier look is answered', async () => {
    const installed = held<object, ResultOf<'models.installed'>>();
    const { models } = await inUse({ 'models.installed': installed.handler });
    const entry = (id: string) => ({ ...MODEL, id, bytes: 1, assumed: false, failure: null });
    void models.list();
    await settle();
    void models.list();
    await settle();
    await installed.calls[1]!.answer([entry('a')]);
    await installed.calls[0]!.answer([entry('a'), entry('b')]);
    expect(models.installed?.map(({ id }) => id)).toEqual(['a']);
  });
});
