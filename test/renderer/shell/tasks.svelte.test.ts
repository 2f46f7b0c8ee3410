import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { page } from 'vitest/browser';
import type { RunJob } from '../../../src-shared/contract/runs.ts';
import type { ImageEntry } from '../../../src-shared/contract/images.ts';
import { figuresOf, type WorkFigures } from '../../../src-shared/work.ts';
import { analysisOf, entry, type FakeHost } from '../fake-host.ts';
import { openApp, openSample, SAMPLES } from '../set-up.ts';

/** Ends what hangs; nothing that is stated depends on it. */
const LIMIT = { timeout: 120_000 };

const evaluating = (known: Partial<Omit<WorkFigures, 'stage'>> = {}) =>
  figuresOf('evaluating', { total: 24, ...known });
const JOB: RunJob = { runId: 'r1', name: 'first try', status: 'running', figures: evaluating(), error: null };

const statusBar = () => page.getByRole('contentinfo');
const started = (host: FakeHost) => host.asked.find(({ procedure }) => procedure === 'runs.start')?.input;

async function save(name: string) {
  await page.getByRole('button', { name: 'Save as run…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
}
const confirm = () => page.getByRole('button', { name: 'Save', exact: true }).click();

describe('a run saved from the window', () => {
  it('is begun by the machine; the status bar shows how it goes, a message how it ended', async () => {
    const { host } = await openSample({ 'runs.start': ({ name }) => ({ ...JOB, name }) });
    await save('first try');
    await expect.element(page.getByText('keep the originals')).not.toBeInTheDocument();
    await confirm();
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
    await expect.element(statusBar()).toMatchTextContent('first try · evaluating · 0 of 24 images');
    expect(started(host)).toEqual({
      name: 'first try',
      images: { imageIds: [SAMPLES[0]!.id] },
      modelId: 'tiny',
      plans: [expect.objectContaining({ bits: [4, 3] })],
      keep: 'originals',
    });
    const figures = evaluating({ done: 12, failed: 2, rate: 4, secondsLeft: 3 });
    host.emit('run.changed', { ...JOB, figures });
    await expect
      .element(statusBar())
      .toMatchTextContent('first try · evaluating · 12 of 24 images · 2 failed · 4.00/s · 3 s left');
    host.emit('run.changed', { ...JOB, status: 'complete', figures: evaluating({ done: 24, failed: 2 }) });
    await expect.element(page.getByText('Run first try is saved: 24 images, of which 2 failed.')).toBeVisible();
    await expect.element(statusBar()).toMatchTextContent('3 images');
  });

  it('that ends before it is answered is told of once', async () => {
    let answer = () => {};
    const { host } = await openSample({
      'runs.start': () => new Promise((resolve) => (answer = () => resolve(JOB))),
    });
    await save('first try');
    await confirm();
    await vi.waitFor(() => expect(started(host)).toBeDefined(), LIMIT);
    host.emit('run.changed', { ...JOB, status: 'complete', figures: evaluating({ done: 24 }) });
    answer();
    await expect.element(page.getByText('Run first try is saved: 24 images.')).toBeVisible();
    await expect.element(statusBar()).not.toMatchTextContent('evaluating');
  });

  it('is stopped by Pause', async () => {
    const { host } = await openApp({ 'runs.jobs': () => [JOB], 'runs.stop': () => null });
    await page.getByRole('button', { name: 'Pause first try' }).click();
    const stopped = () => host.asked.filter(({ procedure }) => procedure === 'runs.stop').map(({ input }) => input);
    await vi.waitFor(() => expect(stopped()).toEqual([{ runId: 'r1' }]), LIMIT);
    host.emit('run.changed', { ...JOB, status: 'cancelled', figures: evaluating({ done: 7 }) });
    await expect.element(page.getByText('Run first try is paused: 7 of 24 images kept.')).toBeVisible();
  });

  it('is stopped and taken out of sight by Cancel, and can be brought back', async () => {
    const { host } = await openApp({
      'runs.jobs': () => [JOB],
      'runs.stop': () => null,
      'runs.delete': () => null,
      'runs.restore': () => null,
    });
    await page.getByRole('button', { name: 'Cancel first try' }).click();
    host.emit('run.changed', { ...JOB, status: 'cancelled' });
    await expect.element(page.getByText('Run first try is cancelled.')).toBeVisible();
    await page.getByRole('button', { name: 'Keep what is done' }).click();
    await vi.waitFor(() => expect(host.countOf('runs.restore')).toBe(1));
    const asked = host.asked.map(({ procedure }) => procedure).filter((name) => /stop|delete|restore/.test(name));
    expect(asked).toEqual(['runs.stop', 'runs.delete', 'runs.restore']);
    await expect.element(page.getByText(/is paused/)).not.toBeInTheDocument();
  });

  it('says why it failed, and what to do', async () => {
    const { host } = await openApp({ 'runs.jobs': () => [JOB] });
    await expect.element(statusBar()).toMatchTextContent('first try');
    const error = { code: 'store-full', message: 'the disk is full', next: 'Make room.' } as const;
    host.emit('run.changed', { ...JOB, status: 'failed', error });
    await expect.element(page.getByText(/Run first try failed: the disk is full\. Make room\./)).toBeVisible();
  });

  it('shows again after a reload; those that ended before are not news', async () => {
    const ended: RunJob = { ...JOB, runId: 'r0', name: 'long ago', status: 'complete' };
    await openApp({ 'runs.jobs': () => [ended, { ...JOB, figures: evaluating({ done: 3 }) }] });
    await expect.element(statusBar()).toMatchTextContent('first try · evaluating · 3 of 24 images');
    await expect.element(page.getByText(/long ago/)).not.toBeInTheDocument();
  });

  it('that ended while there was no connection is told of when it is back', async () => {
    let jobs: readonly RunJob[] = [JOB, { ...JOB, runId: 'r2', name: 'second try', figures: evaluating({ done: 5 }) }];
    const { host } = await openApp({ 'runs.jobs': () => jobs });
    await expect.element(statusBar()).toMatchTextContent('first try');
    host.connection(false);
    jobs = [{ ...JOB, status: 'complete', figures: evaluating({ done: 24 }) }];
    host.connection(true);
    await expect.element(page.getByText('Run first try is saved: 24 images.')).toBeVisible();
    // Nothing is known of the other: it was the work of a machine side that is no more.
    await expect.element(page.getByText(/Run second try was interrupted: 5 of 24 images kept/)).toBeVisible();
    await expect.element(page.getByText(/fovea batch --resume r2/)).toBeVisible();
  });

  it('that ended as the connection came back is told of once', async () => {
    // The message leaves when this test says so, however slow the machine is.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { promise, resolve } = Promise.withResolvers<readonly RunJob[]>();
    let jobs: readonly RunJob[] | Promise<readonly RunJob[]> = [JOB];
    const { host } = await openApp({ 'runs.jobs': () => jobs });
    await expect.element(statusBar()).toMatchTextContent('first try');
    const ended: RunJob = { ...JOB, status: 'complete', figures: evaluating({ done: 24 }) };
    jobs = promise;
    host.connection(false);
    host.connection(true);
    host.emit('run.changed', ended);
    const said = page.getByText('Run first try is saved: 24 images.');
    await expect.element(said).toBeVisible();
    vi.advanceTimersByTime(10_000);
    await expect.element(said).not.toBeInTheDocument();
    resolve([ended]);
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    // At once: to wait for it would let it leave.
    expect(said.elements()).toEqual([]);
  });

  it('keeps the originals of images that the page sent, or previews only, as the user chooses', async () => {
    const sent: ImageEntry = { ...entry('sent.jpg'), path: null };
    const sample: ImageEntry = { ...entry('tern.jpg'), path: null };
    const { host } = await openApp({
      'samples.list': () => [sample],
      'files.open': () => ({ images: [sent], models: [], failed: [], skipped: 0 }),
      'analysis.run': ({ imageId, plan }) => analysisOf(imageId === sent.id ? sent : sample, plan),
      'runs.start': () => JOB,
    });
    await page.getByRole('button', { name: /^tern.jpg/ }).click();
    await save('first try');
    // A sample has no path, but is no file of the page's.
    await expect.element(page.getByRole('group', { name: 'Images sent from this computer' })).not.toBeInTheDocument();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    host.emit('files.opened', { files: [{ path: '/photos' }] });
    await expect.element(page.getByRole('button', { name: /sent.jpg/ })).toHaveAttribute('aria-current', 'true');
    await save('first try');
    await page.getByRole('radio', { name: 'keep previews only' }).click();
    await confirm();
    await vi.waitFor(
      () => expect(started(host)).toMatchObject({ images: { imageIds: [sent.id] }, keep: 'previews' }),
      LIMIT,
    );
  });
});

describe('work of several kinds at once', () => {
  it('is all listed, each with its own end', async () => {
    let cancelled = 0;
    const { host } = await openApp({
      'runs.jobs': () => [JOB],
      'files.open': (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            cancelled++;
            reject(signal.reason as Error);
          }),
        ),
    });
    host.emit('files.opened', { files: [{ path: '/photos' }] });
    await expect.element(statusBar()).toMatchTextContent('opening files');
    await page.getByRole('button', { name: '1 more' }).click();
    const more = page.getByRole('group', { name: 'More work that goes on' });
    await expect.element(more).toMatchTextContent('first try · evaluating · 0 of 24 images');
    await page.getByRole('button', { name: 'Cancel opening files' }).click();
    await expect.element(statusBar()).not.toMatchTextContent('opening files');
    await expect.element(statusBar()).toMatchTextContent('first try');
    expect(cancelled).toBe(1);
  });
});
