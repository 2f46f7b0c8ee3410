import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { takeUntold } from '../../src-renderer/untold-settings.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { hostGone } from '../../src-renderer/link/carrier.ts';
import { analysisOf, entry, MODEL, type FakeHost, withoutCounts } from './fake-host.ts';
import { openApp, openSample, SAMPLES } from './set-up.ts';

/** Ends what hangs; nothing that is stated depends on it. */
const LIMIT = { timeout: 120_000 };

const result = () => page.getByRole('region', { name: 'Result' });
const slider = (name: string) => page.getByRole('slider', { name });

// What the page does after a while it does when a test says so, however slow the machine is.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());
const LONG_MS = 10_000;
/** Lets what is on its way be taken in and drawn. */
const settled = async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
};

/** What was asked about the first sample: the others are analysed beside it. */
const runs = (host: FakeHost) =>
  host.asked
    .filter(({ procedure }) => procedure === 'analysis.run')
    .map(({ input }) => input as { readonly counts: boolean; readonly imageId: string; readonly plan: unknown })
    .filter(({ imageId }) => imageId === SAMPLES[0]!.id);

/** How often a plan was analysed, the full counts after it aside. */
const quickRuns = (host: FakeHost) => runs(host).filter(({ counts }) => !counts).length;

/** By what the mouse would reach, wherever the list of machines has come to stand. */
async function chooseIsaac() {
  const isaac = page.getByRole('radio', { name: /ISAAC/ });
  await expect.element(isaac).toBeInTheDocument();
  (isaac.element() as HTMLInputElement).click();
  await expect.element(result()).toMatchTextContent('on ISAAC');
}

/** Moves a slider as a drag does: many inputs, then one change. */
function drag(name: string, values: readonly number[]) {
  const input = slider(name).element() as HTMLInputElement;
  for (const value of values) {
    input.valueAsNumber = value;
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

describe('the first view', () => {
  it('analyses the first sample, under a plan that shows something where none is remembered', async () => {
    const { host } = await openApp({ 'settings.get': () => ({ modelId: null, plan: null, accelerator: null }) });
    await expect.poll(() => quickRuns(host)).toBe(1);
    expect(runs(host)[0]!.plan).toMatchObject({ lowShare: 0.5, bits: [4, 0] });
    await expect.element(page.getByRole('button', { name: /^Crop half/ })).toHaveAttribute('aria-pressed', 'true');
  });

  it('lists the samples; a click analyses another', async () => {
    await openApp();
    await page.getByRole('button', { name: /^tern.jpg/ }).click();
    await expect.element(page.getByText(/^tern.jpg · /)).toBeInTheDocument();
    await expect.element(result()).toMatchTextContent('34.5');
    await expect.element(result()).toMatchTextContent('less compute energy than plain 8 bits, on Stripes, lock-step');
    await expect.element(result()).toMatchTextContent('✓ Same answer');
    await expect.element(page.getByRole('cell', { name: 'schooner' })).toBeVisible();
  });

  it('says what to do when no model is installed', async () => {
    await openApp({ 'models.list': () => [] });
    await expect.element(page.getByText(/No model is installed/)).toBeVisible();
  });

  it('opens the files the shell was started with', async () => {
    await openApp({ 'app.ready': () => ({ files: [{ path: '/photos/dropped.jpg' }] }) });
    await expect.element(page.getByRole('button', { name: /dropped.jpg/ })).toHaveAttribute('aria-current', 'true');
  });
});

describe('a change of the plan', () => {
  it('asks once for many movements within a frame, and shows the last', async () => {
    const { host } = await openSample();
    await expect.element(result()).toMatchTextContent('34.5');
    const before = quickRuns(host);
    drag('Low bits', [4, 3, 2, 1, 0]);
    await expect.element(result()).toMatchTextContent('✗ Other answer');
    expect(quickRuns(host)).toBe(before + 1);
    expect(runs(host).at(-1)).toMatchObject({
      plan: { bits: [4, 0] },
    });
    await expect.element(page.getByRole('region', { name: 'Plan', exact: true })).toMatchTextContent('0 crop');
  });

  it('is undone and redone by keys, a drag as one step, without asking again', async () => {
    const { host } = await openSample();
    await expect.element(result()).toMatchTextContent('34.5');
    drag('High bits', [5, 6, 7]);
    await expect.element(slider('High bits')).toHaveValue('7');
    await expect.element(result()).not.toMatchTextContent('34.5');
    const asked = quickRuns(host);
    await userEvent.keyboard('{Control>}z{/Control}');
    await expect.element(slider('High bits')).toHaveValue('4');
    await expect.element(result()).toMatchTextContent('34.5');
    await expect.element(page.getByRole('button', { name: 'Undo' })).toHaveAttribute('aria-disabled', 'true');
    await userEvent.keyboard('{Control>}{Shift>}Z{/Shift}{/Control}');
    await expect.element(slider('High bits')).toHaveValue('7');
    expect(quickRuns(host)).toBe(asked);
  });

  it('is counted in full once it has come to rest; meanwhile the last full count stands', async () => {
    const { host } = await openSample();
    const pragmatic = page.getByRole('radio', { name: /Pragmatic/ });
    const row = () => pragmatic.element().closest('label')!;
    const text = () => {
      vi.advanceTimersByTime(LONG_MS);
      return row().textContent;
    };
    await expect.poll(text).toMatch(/\d+\.\d/);
    const first = row().textContent;
    drag('High bits', [5]);
    await expect.element(result()).not.toMatchTextContent('34.5');
    expect(row().textContent).toBe(first);
    expect(row().classList).toContain('pending');
    await settled();
    expect(row().classList).toContain('pending');
    vi.advanceTimersByTime(LONG_MS);
    await expect.poll(() => [...row().classList]).not.toContain('pending');
    expect(row().textContent).not.toBe(first);
    expect(runs(host).map(({ counts }) => counts)).toEqual([false, true, false, true]);
  });

  it('never shows the answer of another image', async () => {
    const answers: (() => void)[] = [];
    const { host } = await openApp({
      'analysis.run': ({ imageId, plan }) =>
        new Promise((resolve) => {
          const image = SAMPLES.find(({ id }) => id === imageId)!;
          answers.push(() => resolve(analysisOf(image, image.name === 'harbour.jpg' ? { bits: [16, 16] } : plan)));
        }),
    });
    await expect.poll(() => answers).toHaveLength(1);
    await page.getByRole('button', { name: /^tern.jpg/ }).click();
    await expect.poll(() => answers).toHaveLength(2);
    expect(host.cancelled.length).toBeGreaterThan(0);
    answers[1]!();
    await expect.element(result()).toMatchTextContent('34.5');
    answers[0]!();
    await settled();
    expect(result().element().textContent).toContain('34.5');
  });

  it('moves nothing on the page when its result comes in', async () => {
    const places = () =>
      ['Result', 'Plan', 'Top-5 before and after', 'Energy', 'Layers', 'Image and map'].map((name) => {
        const { x, y, width, height } = page
          .getByRole('region', { name, exact: true })
          .element()
          .getBoundingClientRect();
        return [name, x, y, width, height];
      });
    let answer: (() => void) | null = null;
    await openSample({
      'analysis.run': ({ plan }) => new Promise((resolve) => (answer = () => resolve(analysisOf(SAMPLES[0]!, plan)))),
    });
    await expect.poll(() => answer).not.toBeNull();
    await expect.element(page.getByRole('application')).toBeVisible();
    const before = places();
    answer!();
    await expect.element(result()).toMatchTextContent('34.5');
    expect(places()).toEqual(before);
  });
});

describe('looking', () => {
  it('switches overlays and layers by keys', async () => {
    await openSample();
    await expect.element(result()).toMatchTextContent('34.5');
    await expect.element(page.getByText(/^bits: 4 on /)).toBeVisible();
    await userEvent.keyboard('2');
    await expect.element(page.getByText('importance, combined')).toBeVisible();
    await userEvent.keyboard('4');
    await expect.element(page.getByText(/^bits: 4 on /)).toBeVisible();
    await userEvent.keyboard(']');
    await expect.element(page.getByText(/^bits of conv1/)).toBeVisible();
    await userEvent.keyboard(']');
    await expect.element(page.getByText(/^bits of fire2\/squeeze/)).toBeVisible();
    await userEvent.keyboard('[[');
    await expect.element(page.getByText(/^bits of conv1/)).toBeVisible();
    await userEvent.keyboard('1');
    await expect.element(page.getByRole('radio', { name: 'Photo' })).toBeChecked();
  });

  it('hides the map for as long as H is held', async () => {
    const { screen } = await openSample();
    await expect.element(result()).toMatchTextContent('34.5');
    // The photo may come after the result.
    const opacity = () => Number(screen.container.querySelector<HTMLElement>('canvas.map.now')?.style.opacity);
    await expect.poll(opacity).toBeGreaterThan(0);
    await userEvent.keyboard('{h>}');
    await expect.poll(opacity).toBe(0);
    await userEvent.keyboard('{/h}');
    await expect.poll(opacity).toBeGreaterThan(0);
  });

  it('tells the values of the cell under the keyboard cursor, also to screen readers', async () => {
    await openSample();
    await expect.element(result()).toMatchTextContent('34.5');
    // Away from the image: the cursor of the keyboard begins in the middle, not at the pointer.
    await page.getByRole('button', { name: 'Fit' }).hover();
    (page.getByRole('application').element() as HTMLElement).focus();
    await userEvent.keyboard('{Shift>}{ArrowRight}{ArrowRight}{/Shift}');
    const readout = page.getByText(/^row 8, column 9: 0\.\d\d · level 1 · 4 bits$/).last();
    await expect.element(readout).toBeInTheDocument();
    expect(readout.element().getAttribute('aria-live')).toBe('polite');
  });

  it('zooms at the pointer and fits again', async () => {
    const { screen } = await openSample();
    await expect.element(result()).toMatchTextContent('34.5');
    // The photo may come after the result.
    const placement = () => screen.container.querySelector<HTMLElement>('.world')?.style.transform;
    await expect.poll(placement).toContain('scale');
    const fitted = placement();
    const view = page.getByRole('application').element();
    view.dispatchEvent(
      new WheelEvent('wheel', { deltaY: -400, clientX: 500, clientY: 300, bubbles: true, cancelable: true }),
    );
    await expect.poll(placement).not.toBe(fitted);
    await userEvent.keyboard('0');
    await expect.poll(placement).toBe(fitted);
  });

  it('has a table behind the charts, whose rows pick layers', async () => {
    await openSample();
    await page.getByRole('radiogroup', { name: 'Shown of the layers' }).getByText('Table').click();
    const row = page.getByRole('row', { name: /fire2\/squeeze/ });
    await expect.element(row).toMatchTextContent('3.75');
    await row.getByRole('button').click();
    await expect.element(page.getByText(/^bits of fire2\/squeeze/)).toBeVisible();
  });
});

describe('errors', () => {
  it('of an analysis say what and what next, and can be tried again', async () => {
    let broken = true;
    await openSample({
      'analysis.run': ({ plan }) => {
        if (broken) throw new FoveaError('image-damaged', 'harbour.jpg ends in mid-picture', 'Save it again.');
        return analysisOf(SAMPLES[0]!, plan);
      },
    });
    const card = page.getByRole('alert');
    await expect.element(card).toMatchTextContent('harbour.jpg ends in mid-picture. Save it again.');
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.element(result()).toMatchTextContent('34.5');
    await expect.element(card).not.toBeInTheDocument();
  });

  it('of the engine are told, and the analysis is repeated once by itself', async () => {
    let crashes = 1;
    const { host } = await openSample({
      'analysis.run': ({ plan }) => {
        if (crashes-- > 0) throw new FoveaError('engine-crashed', 'the engine stopped while analysing harbour.jpg');
        return analysisOf(SAMPLES[0]!, plan);
      },
    });
    await expect.element(page.getByRole('alert')).toMatchTextContent('The engine stopped while analysing');
    host.emit('engine.state', { state: 'crashed', error: null });
    // The new one starts at once, faster than anybody reads.
    host.emit('engine.state', { state: 'starting', error: null });
    await expect.element(page.getByText('engine stopped, starting a new one…').first()).toBeInTheDocument();
    vi.advanceTimersByTime(LONG_MS);
    await expect.element(result()).toMatchTextContent('34.5');
    await expect.element(page.getByText('A new engine was started, and the analysis repeated.')).toBeVisible();
    expect(quickRuns(host)).toBe(2);
  });

  it('of an engine that ends again on the same input are left to the user', async () => {
    const { host } = await openSample({
      'analysis.run': () => {
        throw new FoveaError('engine-crashed', 'the engine stopped while analysing harbour.jpg');
      },
    });
    await expect.element(page.getByRole('button', { name: 'Try again' })).toBeVisible();
    for (let later = 0; later < 3; later++) {
      vi.advanceTimersByTime(LONG_MS);
      await settled();
    }
    expect(quickRuns(host)).toBe(2);
    await expect.element(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  });

  it('of files are listed with their reasons, and can be dismissed', async () => {
    const { host } = await openApp({
      'files.open': () => ({
        images: [entry('dropped.jpg')],
        models: [],
        failed: [{ name: 'notes.jpg', error: { code: 'image-unsupported', message: 'notes.jpg is text', next: '' } }],
        skipped: 3,
      }),
    });
    host.emit('files.opened', { files: [{ path: '/photos' }] });
    await expect.element(page.getByText('notes.jpg is text')).toBeVisible();
    await expect.element(page.getByText(/3 images were left out/)).toBeVisible();
    await page.getByRole('button', { name: 'Remove notes.jpg from the list' }).click();
    await expect.element(page.getByText('notes.jpg is text')).not.toBeInTheDocument();
  });

  it('of a connection that was gone for long are gone with its return, and what was asked meanwhile is answered then', async () => {
    let gone = false;
    const { host } = await openSample({
      'analysis.run': ({ imageId, plan, counts }) => {
        if (gone) throw hostGone();
        const analysis = analysisOf(
          SAMPLES.find(({ id }) => id === imageId)!,
          plan,
        );
        return counts ? analysis : withoutCounts(analysis);
      },
      'models.open': () => {
        if (gone) throw hostGone();
        return MODEL;
      },
    });
    await expect.element(result()).toMatchTextContent('Same answer');
    gone = true;
    host.connection(false);
    drag('Low bits', [2]);
    await expect.element(page.getByText('The analysis failed.')).toBeVisible();
    await page.getByLabelText('Model').selectOptions(MODEL.id);
    const passes = async () => {
      for (let second = 0; second < 10; second++) {
        await vi.advanceTimersByTimeAsync(1000);
        await settled();
      }
    };
    await passes();
    gone = false;
    host.connection(true);
    await expect.element(page.getByText('The analysis failed.')).not.toBeInTheDocument();
    await expect.element(page.getByText('The connection to Fovea is lost.')).not.toBeInTheDocument();
    // The other samples are looked at as well.
    await passes();
    await expect.element(page.getByRole('button', { name: /^tern.jpg ✗ → yawl/ })).toBeVisible();
  });

  it('of the connection are shown until it is back', async () => {
    const { host } = await openApp();
    host.connection(false);
    await expect.element(page.getByText('connection lost, connecting again…').first()).toBeInTheDocument();
    host.connection(true);
    await expect.element(page.getByText('ready')).toBeVisible();
    host.connection(false, true);
    await expect.element(page.getByText('this address is no longer valid').first()).toBeInTheDocument();
  });
});

describe('commands', () => {
  it('are listed with their keys', async () => {
    await openSample();
    await userEvent.keyboard('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect.element(sheet).toMatchTextContent('Undo Ctrl+Z');
    await expect.element(sheet).toMatchTextContent('Models');
    await userEvent.keyboard('{Escape}');
    await expect.element(sheet).not.toBeInTheDocument();
  });

  it('of the native menu do the same as their keys', async () => {
    const { host } = await openSample();
    host.emit('command', { command: 'overlay.levels' });
    await expect.element(page.getByText(/level, from least to most important/)).toBeVisible();
  });

  it('that are possible are told to the native menu, and only when others are', async () => {
    const { host } = await openSample();
    await expect.element(result()).toMatchTextContent('34.5');
    const enabled = () => {
      const told = host.asked.filter(({ procedure }) => procedure === 'app.commands').map(({ input }) => input);
      return (told as { enabled: readonly string[] }[]).map((input) => input.enabled);
    };
    await vi.waitFor(() => expect(enabled().at(-1)).toContain('export.csv'), LIMIT);
    expect(enabled()[0]).toEqual(expect.arrayContaining(['files.open', 'help.shortcuts']));
    expect(enabled()[0]).not.toContain('export.csv');
    // Not those that are not possible now.
    expect(enabled().at(-1)).not.toContain('plan.undo');
    drag('Low bits', [2]);
    await vi.waitFor(() => expect(enabled().at(-1)).toContain('plan.undo'), LIMIT);
    const told = enabled().length;
    drag('Low bits', [1]);
    await expect.element(result()).toMatchTextContent('✗ Other answer');
    expect(enabled()).toHaveLength(told);
  });

  it('remember model, plan and accelerator', async () => {
    const { host } = await openSample();
    await chooseIsaac();
    vi.advanceTimersByTime(LONG_MS);
    expect(host.asked.findLast(({ procedure }) => procedure === 'settings.set')?.input).toMatchObject({
      modelId: 'tiny',
      accelerator: 'isaac',
      plan: { metric: 'combined' },
    });
  });

  it('lose nothing in a page that is left at once: it is told, and kept for the page after it', async () => {
    const { host } = await openSample();
    await chooseIsaac();
    window.dispatchEvent(new PageTransitionEvent('pagehide'));
    const told = host.asked.findLast(({ procedure }) => procedure === 'settings.set')?.input;
    expect(told).toMatchObject({ modelId: 'tiny', accelerator: 'isaac', plan: { metric: 'combined' } });
    expect(takeUntold(sessionStorage)).toEqual(told);
    expect(takeUntold(sessionStorage)).toBeNull();
    window.dispatchEvent(new PageTransitionEvent('pagehide'));
    expect(takeUntold(sessionStorage)).toBeNull();
  });
});

describe('a model whose card is edited beside the window', () => {
  it('is asked for again, with all that follows from it', async () => {
    let inputSide = 224;
    const { host } = await openSample({
      'models.list': () => [{ ...MODEL, name: inputSide === 224 ? 'Tiny' : 'Tiny, enlarged' }],
      'models.open': () => ({ ...MODEL, inputSize: [inputSide, inputSide] }),
    });
    await expect.element(result()).toMatchTextContent('34.5');
    const before = quickRuns(host);
    const previews = host.countOf('images.preview');
    host.emit('model.changed', { modelId: 'another' });
    inputSide = 299;
    host.emit('model.changed', { modelId: 'tiny' });
    await vi.waitFor(() => expect(quickRuns(host)).toBe(before + 1), LIMIT);
    await vi.waitFor(() => expect(host.countOf('images.preview')).toBeGreaterThan(previews), LIMIT);
    await expect.element(page.getByRole('combobox', { name: 'Model' })).toMatchTextContent('Tiny, enlarged');
    // The map is painted at two pixels to one of the network's input.
    await vi.waitFor(() => expect(document.querySelector<HTMLCanvasElement>('canvas.map.now')?.width).toBe(598), LIMIT);
    expect(host.countOf('models.open')).toBe(2);
  });
});
