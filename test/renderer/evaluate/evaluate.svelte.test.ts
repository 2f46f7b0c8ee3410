import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { DEFAULT_GRID } from '../../../src-renderer/evaluate/plan-grid.ts';
import { SetUp } from '../../../src-renderer/evaluate/set-up.svelte.ts';
import SetUpForm from '../../../src-renderer/evaluate/SetUpForm.svelte';
import { isolated } from '../../../src-renderer/format.ts';
import { AppState } from '../../../src-renderer/app.svelte.ts';
import type { DeskAnswer } from '../../../src-renderer/evaluate/desk-questions.ts';
import { EvaluateState } from '../../../src-renderer/evaluate/evaluate.svelte.ts';
import { OutcomeDesk } from '../../../src-renderer/evaluate/outcome-desk.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { ModelsState } from '../../../src-renderer/models/models.svelte.ts';
import { FakeHost, MODEL, type Handlers } from '../fake-host.ts';
import { held, settle } from '../held.ts';
import type { FolderCheck, RunJob } from '../../../src-shared/contract/runs.ts';
import type { DeviceState } from '../../../src-shared/device.ts';
import { FoveaError, type FoveaErrorCode } from '../../../src-shared/errors.ts';
import {
  BITS_STEP,
  emptyColumns,
  MARGIN_STEP,
  packedColumns,
  steps,
  unpackedColumns,
} from '../../../src-shared/outcomes/outcome-columns.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { planReport, type RunRecord } from '../../../src-shared/runs/run-record.ts';
import { figuresOf } from '../../../src-shared/work.ts';
import { openApp } from '../set-up.ts';

const IMAGES = 40;
const PLANS = [{ metric: 'uniform', bits: [4] }, { bits: [4, 2] }] as const;

const CHECK: FolderCheck = {
  folder: '/photos',
  images: 250,
  labelled: 250,
  labels: { kind: 'csv', file: '/photos/labels.csv' },
  unlabelledImages: 0,
  skippedFiles: 1,
  maps: null,
  secondsPerAnswer: 0.01,
  measured: false,
  bytesPerAnswer: 200,
  workers: 2,
};

const RUN: RunRecord = {
  id: 'r1',
  name: 'photos',
  note: '',
  status: 'complete',
  createdAt: '2026-11-28T09:00:00.000Z',
  model: {
    id: 'tiny',
    path: '/models/tiny.onnx',
    sha256: 'a'.repeat(64),
    settingsSha256: 'b'.repeat(64),
    device: 'cpu',
  },
  dataset: { path: '/photos', labels: { kind: 'none' } },
  plans: PLANS.length,
  images: IMAGES,
  finished: IMAGES,
  failed: 0,
  detail: 'basic',
  firstSuccess: false,
  seed: 1,
  shard: null,
  version: '0.1.0',
  seconds: 10,
  resultsSha256: null,
};

/** The first `known` images have results; every fourth is changed by the second plan. */
function columnsOf(known: number) {
  const columns = emptyColumns(IMAGES, PLANS.length);
  for (let image = 0; image < known; image++) {
    columns.plain[image] = 1;
    columns.plans.forEach(({ answer, margin, bits }, plan) => {
      answer[image] = plan === 1 && image % 4 === 0 ? 2 : 1;
      margin[image] = steps((IMAGES - image) / IMAGES, MARGIN_STEP);
      bits[image] = steps(4 - plan, BITS_STEP);
    });
  }
  return packedColumns(columns);
}

function reportOf(known: number) {
  return {
    policies: [],
    leftOut: [],
    plans: PLANS.map((plan, index) =>
      planReport(
        resolvePlan({ ...plan, bits: [...plan.bits] }),
        {
          images: known,
          labelled: 0,
          top1: 0,
          top5: 0,
          baselineTop1: 0,
          baselineTop5: 0,
          top1Agreement: known - (index === 1 ? Math.ceil(known / 4) : 0),
          top5Agreement: known,
          macWeightedBits: known * (4 - index),
          macWeightedLockstepBits: known * 4,
          unanswered: 0,
        },
        [4 - index, 4 - index],
        [4, 4],
        [],
        { control: false, claims: null },
      ),
    ),
  };
}

const nothing = async (): Promise<never> => {
  throw new FoveaError('image-missing', 'gone');
};

/** A machine side with one run, of which `known()` images have results. */
const withRun = (known = () => IMAGES, more: Handlers = {}): Handlers => ({
  'runs.list': () => [RUN],
  'runs.report': () => ({ run: RUN, report: reportOf(known()), failed: [] }),
  'runs.columns': () => columnsOf(known()),
  'runs.classes': () => ['cat', 'dog', 'emu'],
  'runs.paths': ({ images }) => images.map((image) => `photo ${image}.jpg`),
  'runs.thumbnail': nothing,
  'runs.levels': nothing,
  'runs.check': () => CHECK,
  ...more,
});

const place = () => page.getByRole('main');
const tiles = () => [...document.querySelectorAll<HTMLElement>('.tile')];
const start = () => page.getByRole('button', { name: 'Start' });

async function chooseFolder(path: string) {
  await page.getByLabelText('Folder of images').fill(path);
  await userEvent.tab();
}

beforeEach(async () => void (await page.viewport(1280, 800)));

describe('the set-up', () => {
  it('says what the folder holds, and orders what is chosen, the uniform widths and the controls with it', async () => {
    const job: RunJob = {
      runId: 'r9',
      name: 'photos',
      status: 'running',
      figures: figuresOf('evaluating'),
      error: null,
    };
    const { host } = await openApp(withRun(undefined, { 'runs.start': () => job }), '#evaluate');
    await chooseFolder('/photos');
    await expect.element(place()).toMatchTextContent(/250 photos.*250 of 250 labelled \(labels\.csv\).*about/);
    // However often it is pressed: the same run goes on once.
    await start().dblClick();
    await expect.poll(() => location.hash).toBe('#evaluate/r9');
    await start().click();
    await expect.element(page.getByText('This run goes on already.')).toBeVisible();
    expect(host.countOf('runs.start')).toBe(1);
    const order = host.asked.find(({ procedure }) => procedure === 'runs.start')!.input as { plans: unknown[] };
    expect(order).toMatchObject({ name: 'photos', images: { folder: { path: '/photos' }, labels: null } });
    expect(order.plans).toHaveLength(24);
  });

  it('orders the run on a GPU once that is chosen, which it can be where there is one', async () => {
    const job: RunJob = {
      runId: 'r9',
      name: 'photos',
      status: 'running',
      figures: figuresOf('evaluating'),
      error: null,
    };
    const missing = 'No supported adapters';
    let devices: readonly DeviceState[] = [
      { device: 'cpu', missing: null },
      { device: 'webgpu', missing },
    ];
    const handlers = withRun(undefined, { 'runs.start': () => job, 'app.devices': () => devices });
    const without = await openApp(handlers, '#evaluate');
    const choice = page.getByLabelText('Run on');
    await expect.element(choice).toHaveAttribute('title', `No GPU: ${missing}`);
    await expect.element(page.getByRole('option', { name: `GPU: ${missing}` })).toBeDisabled();
    await expect.element(choice).toHaveValue('cpu');
    await without.screen.unmount();

    devices = devices.map(({ device }) => ({ device, missing: null }));
    const { host } = await openApp(handlers, '#evaluate');
    await chooseFolder('/photos');
    await expect.element(page.getByRole('option', { name: 'GPU', exact: true })).toBeEnabled();
    await choice.selectOptions('webgpu');
    await start().click();
    await expect.poll(() => host.countOf('runs.start')).toBe(1);
    expect(host.asked.find(({ procedure }) => procedure === 'runs.start')!.input).toMatchObject({ device: 'webgpu' });
  });

  it('refuses a grid of 10,000 plans where it is made, before any is, and says what is typed wrongly', async () => {
    const setUp = new SetUp(new Client(new FakeHost({})));
    setUp.grid = {
      ...DEFAULT_GRID,
      shares: Array.from({ length: 100 }, (_, index) => index / 100),
      bits: Array.from({ length: 100 }, (_, index) => [16, ...Array.from({ length: index % 7 }, () => 4), index % 16]),
      uniform: false,
      controls: false,
    };
    const ignore = () => undefined;
    await render(SetUpForm, {
      setUp,
      models: [],
      modelId: 'tiny',
      complete: null,
      policies: [],
      onChoose: ignore,
      onChooseMaps: ignore,
      onModel: () => Promise.resolve(),
      onPolicies: ignore,
      onStart: ignore,
    });
    await expect.element(page.getByText('a grid of 10000 plans; at most 4096: take chips away')).toBeVisible();
    expect(setUp.plans).toBeNull();
    await expect.element(start()).toBeDisabled();
    await page.getByRole('button', { name: 'Add: bits' }).click();
    await page.getByLabelText(/^Bits,/).fill('4/x');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText('expected high/low, such as 4/2')).toBeVisible();
  });

  it.each<[FoveaErrorCode, string, string]>([
    ['dataset-empty', '/photos: no image files', 'Name a folder that holds JPEG files.'],
    ['labels-unreadable', '/photos/labels.csv: none of the files it names is there', 'Write the paths as they are.'],
    ['model-damaged', '/models/tiny.onnx: cannot be opened', 'Fetch it again.'],
    ['store-locked', '/data/runs.sqlite: another program writes', 'End it, or try again.'],
  ])('of %s says what, which file and what next, and starts nothing', async (code, message, next) => {
    const check = (): never => {
      throw new FoveaError(code, message, next);
    };
    await openApp(withRun(undefined, { 'runs.check': check }), '#evaluate');
    await chooseFolder('/photos');
    await expect.element(page.getByRole('form')).toMatchTextContent(`${message}. ${next}`);
    await expect.element(start()).toBeDisabled();
  });
});

describe('a store that cannot be read', () => {
  it.each<[FoveaErrorCode, string]>([
    ['store-damaged', '/data/runs.sqlite: is no store'],
    ['store-newer', '/data/runs.sqlite: was written by a newer Fovea'],
    ['store-locked', '/data/runs.sqlite: another program writes'],
  ])('of %s says which file and what next', async (code, message) => {
    let mended = false;
    const list = () => {
      if (!mended) throw new FoveaError(code, message, 'Restore a copy.');
      return [RUN];
    };
    await openApp(withRun(undefined, { 'runs.list': list }), '#evaluate');
    const alert = place().getByRole('alert');
    await expect.element(alert).toMatchTextContent(`${message}. Restore a copy.`);
    mended = true;
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect.element(alert).not.toBeInTheDocument();
  });
});

describe('a run', () => {
  const job = (status: RunJob['status'], done: number, error: RunJob['error'] = null): RunJob => ({
    runId: 'r1',
    name: 'photos',
    status,
    figures: figuresOf('evaluating', { done, total: IMAGES }),
    error,
  });

  it('that streams in adds tiles behind those that are there, and moves none', async () => {
    let known = 8;
    const { host } = await openApp(
      withRun(() => known, { 'runs.jobs': () => [job('running', known)] }),
      '#evaluate/r1?sort=margin',
    );
    await expect.poll(() => tiles()).toHaveLength(8);
    /** Within the grid: here the page has no height of its own. */
    const places = () => {
      const grid = document.querySelector('.tiles')!.getBoundingClientRect();
      return tiles().map((tile) => {
        const { x, y } = tile.getBoundingClientRect();
        return [tile.dataset['image'], x - grid.x, y - grid.y];
      });
    };
    const before = places();
    // The margins of later images are smaller: sorted, they would come first.
    known = 12;
    host.emit('run.changed', job('running', known));
    await expect.poll(() => tiles()).toHaveLength(12);
    expect(places().slice(0, 8)).toEqual(before);
    await page.getByRole('button', { name: 'New ones last; put in order' }).click();
    await expect.poll(() => tiles()[0]!.getAttribute('data-image')).toBe('11');
    // Maps take as long as results: they come once the run rests.
    await expect.poll(() => host.countOf('runs.thumbnail')).toBeGreaterThan(0);
    expect(host.countOf('runs.levels')).toBe(0);
    host.emit('run.changed', job('complete', known));
    await expect.poll(() => host.countOf('runs.levels')).toBeGreaterThan(0);
  });

  it.each([
    ['store-full', '/data/runs.sqlite: the disk is full', 'Make room on the disk.'],
    ['dataset-unreadable', '/photos: the folder cannot be read', 'Bring it back, or mount it again.'],
    ['engine-crashed', 'the engine ended (SIGKILL)', 'Use fewer workers.'],
  ] as const)('that ends by %s says so where it is shown, and goes on from there', async (code, message, next) => {
    const run: RunRecord = { ...RUN, status: 'failed', finished: 12 };
    const { host } = await openApp(
      withRun(() => 12, {
        'runs.list': () => [run],
        'runs.jobs': () => [job('failed', 12, { code, message, next })],
        'runs.resume': () => job('running', 12),
      }),
      '#evaluate/r1',
    );
    const card = page.getByRole('complementary', { name: 'Run' });
    await expect.element(card).toMatchTextContent(`Stopped by an error: photos`);
    await expect.element(card).toMatchTextContent(`${message}. ${next}`);
    await page.getByRole('button', { name: `Go on (12 of ${IMAGES})` }).click();
    await expect.poll(() => host.countOf('runs.resume')).toBe(1);
  });

  it('keeps all that can be done with a run that rests within its card, also while another is looked at', async () => {
    await page.viewport(1440, 900);
    const run: RunRecord = { ...RUN, status: 'cancelled', finished: 12 };
    await openApp({ ...withRun(), 'runs.list': () => [run] }, '#evaluate');
    const card = page.getByRole('complementary', { name: 'Run' });
    const choice = card.getByRole('combobox');
    await expect.element(card.getByRole('button', { name: `Go on (12 of ${IMAGES})` })).toBeVisible();
    const rightOf = (element: Element) => element.getBoundingClientRect().right;
    for (const control of [choice, ...card.getByRole('button').all()])
      expect(rightOf(control.element())).toBeLessThanOrEqual(rightOf(card.element()));
  });

  it('is filtered by facets and by typed ends of a brush, which the address keeps', async () => {
    await openApp(withRun(), '#evaluate/r1');
    await page.getByRole('button', { name: /^changed\s*10$/ }).click();
    await expect.element(place()).toMatchTextContent(`10 of ${IMAGES}`);
    await page.getByLabelText('Margin to').fill('0.5');
    await userEvent.tab();
    // Margins fall with the images: of those changed, the images 20, 24, ... 36.
    await expect.element(place()).toMatchTextContent(`5 of ${IMAGES}`);
    await expect.poll(() => decodeURIComponent(location.hash)).toBe('#evaluate/r1?sel=changed;margin=0~0.5');
  });

  it('leads from a figure of the table to the images behind it', async () => {
    await openApp(withRun(), '#evaluate/r1');
    const row = page.getByRole('row', { name: /combined/ });
    await row.getByTitle('Images it changes').first().click();
    await expect.element(place()).toMatchTextContent(`10 of ${IMAGES}`);
    await page.getByTitle('All its images').first().click();
    await expect.element(place()).toMatchTextContent(`${IMAGES} of ${IMAGES}`);
    await expect.poll(() => location.hash).toContain('plan=');
  });

  it('exports the images that are marked, else all that are selected, as the machine writes them', async () => {
    const table = vi.fn(() => ({ name: 'x.csv', mime: 'text/csv', bytes: new Uint8Array() }));
    const { host } = await openApp(withRun(undefined, { 'runs.table': table }), '#evaluate/r1?sel=changed&plan=1');
    const images = page.getByRole('region', { name: 'Images of the run' });
    await expect.element(images).toMatchTextContent(`10 of ${IMAGES}`);
    await images.getByRole('button', { name: 'Export the images' }).click();
    await images.getByRole('button', { name: 'Figures as CSV' }).click();
    await expect.poll(() => table.mock.calls.length).toBe(1);
    const asked = () => host.asked.findLast(({ procedure }) => procedure === 'runs.table')!.input;
    expect(asked()).toEqual({ runId: 'r1', plan: 1, images: [0, 4, 8, 12, 16, 20, 24, 28, 32, 36], format: 'csv' });
    tiles()[1]!.focus();
    await userEvent.keyboard('x');
    await images.getByRole('button', { name: 'Export the images' }).click();
    await images.getByRole('button', { name: 'Figures as JSON' }).click();
    await expect.poll(() => asked()).toMatchObject({ images: [4], format: 'json' });
  });

  it('that is not complete is told by a command that names the store, where it is another than usual', async () => {
    const stopped = { ...RUN, status: 'cancelled' } as const;
    const found = () => ({ run: stopped, report: reportOf(10), failed: [] });
    await openApp(
      withRun(() => 10, { 'runs.report': found }),
      '#evaluate/r1',
    );
    const line = () => [...document.querySelectorAll('footer code')].at(-1)?.textContent;
    await expect.poll(line).toBe('fovea runs show r1');
    const info = { version: '0.1.0', host: 'browser', platform: 'linux', db: '/data/my runs.sqlite' } as const;
    await openApp(
      withRun(() => 10, { 'runs.report': found, 'app.info': () => info }),
      '#evaluate/r1',
    );
    await expect.poll(line).toBe("fovea runs show r1 --db '/data/my runs.sqlite'");
  });

  it.each([900, 1280, 1920])(
    'of a long name leaves all its room to what stands beside it, at %i pixels',
    async (width) => {
      await page.viewport(width, 800);
      const name = 'a name of a run that says every option, as people do; '.repeat(4).trim();
      const older = { ...RUN, id: 'r0', name: 'اختبار' };
      await openApp(withRun(undefined, { 'runs.list': () => [{ ...RUN, name }, older] }), '#evaluate/r1');
      await expect.poll(() => tiles().length).toBeGreaterThan(0);
      const wider = [...document.querySelectorAll<HTMLElement>('main, .card, .brushes')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ className, scrollWidth, clientWidth }) => `${className}: ${scrollWidth} in ${clientWidth}`);
      expect(wider).toEqual([]);
      const card = page.getByRole('complementary', { name: 'Run' });
      await expect.element(card.getByTitle(name)).toBeVisible();
      // The date of a run that is named from right to left stays a date.
      expect(card.getByRole('option').all().at(-1)!.element().textContent).toBe(
        `${isolated('اختبار')}, 40 × 2, 2026-11-28 09:00`,
      );
    },
  );

  it('is among those to look at however many are newer, and what is not listed is said', async () => {
    const runs = Array.from({ length: 260 }, (_, index) => ({ ...RUN, id: `n${index}` }));
    await openApp(withRun(undefined, { 'runs.list': () => [...runs, RUN] }), '#evaluate/r1');
    const list = page.getByLabelText('Run to look at');
    await expect.element(list).toHaveValue('r1');
    await expect.element(list.getByRole('option').last()).toHaveTextContent('60 older ones: in Compare');
  });

  it('that is not in the store is said to be so, and others can be opened', async () => {
    const report = ({ runId }: { runId: string }) => {
      if (runId !== 'r1') throw new FoveaError('run-unknown', `no run ${runId} in the store`, 'Choose another.');
      return { run: RUN, report: reportOf(IMAGES), failed: [] };
    };
    await openApp(withRun(undefined, { 'runs.report': report }), '#evaluate/other');
    await expect.element(place().getByRole('alert')).toMatchTextContent('No run other in the store. Choose another.');
    await page.getByLabelText('Run to look at').selectOptions('r1');
    await expect.poll(() => tiles().length).toBeGreaterThan(0);
  });
});

describe('what comes late', () => {
  async function state(more: Handlers) {
    const host = new FakeHost({ ...withRun(), 'models.open': () => MODEL, ...more });
    const app = new AppState(new Client(host));
    const evaluate = new EvaluateState(app);
    app.places = [evaluate, new ModelsState(app)];
    app.address.go({ place: 'evaluate', runs: [], chosen: {} });
    await app.models.open('tiny');
    return { app, evaluate };
  }

  it('of the list of runs gives way to what was asked after it', async () => {
    const listed = held<object, readonly RunRecord[]>();
    const { evaluate } = await state({ 'runs.list': listed.handler });
    void evaluate.list();
    await settle();
    void evaluate.list();
    await settle();
    await listed.calls[1]!.answer([RUN]);
    await listed.calls[0]!.answer([]);
    expect(evaluate.runs).toEqual([RUN]);
  });

  it('of a run that is gone on with calls nobody back who has gone to another place', async () => {
    const resumed = held<object, RunJob>();
    const { app, evaluate } = await state({ 'runs.resume': resumed.handler });
    void evaluate.goOn('r1');
    await settle();
    app.address.go({ place: 'models', runs: [], chosen: {} });
    await resumed.calls[0]!.answer({
      runId: 'r1',
      name: 'photos',
      status: 'running',
      figures: figuresOf('evaluating'),
      error: null,
    });
    expect(app.address.spot?.place).toBe('models');
  });

  it('of the outcomes of one run is not shown with another', async () => {
    const told: ((answer: DeskAnswer, id: number) => void)[] = [];
    class HeldWorker {
      onmessage: ((event: { readonly data: { readonly id: number; readonly answer: DeskAnswer } }) => void) | null =
        null;
      constructor() {
        told.push((answer, id) => this.onmessage?.({ data: { id, answer } }));
      }
      postMessage(): void {}
      terminate(): void {}
    }
    vi.stubGlobal('Worker', HeldWorker);
    onTestFinished(() => void vi.unstubAllGlobals());
    const answers: DeskAnswer[] = [];
    const desk = new OutcomeDesk((answer) => answers.push(answer));
    const columns = unpackedColumns(columnsOf(IMAGES))!;
    const asked = {
      kind: 'rows',
      report: reportOf(IMAGES),
      currency: { accelerator: '', mode: 'lockstep', whole: false },
      policies: [],
    } as const;
    desk.take(columns);
    desk.ask(asked);
    desk.forget();
    told[0]!({ kind: 'rows', rows: [] }, 1);
    expect(answers).toEqual([]);
    desk.ask(asked);
    told[0]!({ kind: 'rows', rows: [] }, 2);
    expect(answers).toHaveLength(1);
  });

  it('of a model that was chosen before the last one leaves the choice as it is', async () => {
    const opened = held<string, undefined>();
    const setUp = new SetUp(new Client(new FakeHost({})));
    const models = ['a', 'b', 'c'].map((id) => ({ ...MODEL, id, name: id }));
    const ignore = () => undefined;
    const screen = await render(SetUpForm, {
      setUp,
      models,
      modelId: 'a',
      complete: null,
      policies: [],
      onChoose: ignore,
      onChooseMaps: ignore,
      onModel: opened.handler,
      onPolicies: ignore,
      onStart: ignore,
    });
    const select = screen.getByLabelText('Model to evaluate');
    await select.selectOptions('b');
    await select.selectOptions('c');
    await opened.calls[0]!.answer(undefined);
    await expect.element(select).toHaveValue('c');
    await opened.calls[1]!.answer(undefined);
    await expect.element(select).toHaveValue('a');
  });
});
