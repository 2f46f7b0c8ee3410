import { expect } from 'vitest';
import { render } from 'vitest-browser-svelte';
import App from '../../src-renderer/App.svelte';
import '../../src-renderer/theme.css';
import { Client } from '../../src-renderer/link/client.ts';
import type { ImageEntry } from '../../src-shared/contract/images.ts';
import type { OpenedFiles } from '../../src-shared/contract/files.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { analysisOf, entry, FakeHost, MODEL, withoutCounts, type Handlers } from './fake-host.ts';

export const SAMPLES = [entry('harbour.jpg'), entry('tern.jpg'), entry('loupe.jpg')];

const NOTHING: OpenedFiles = { images: [], models: [], failed: [], skipped: 0 };

/** The application over a machine side played in memory; `handlers` replace what it would answer. */
/** @param hash what the address says at the start */
export async function openApp(handlers: Handlers = {}, hash = '') {
  sessionStorage.clear();
  history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
  const picture = await pictureBytes(640, 480);
  const find = (id: string): ImageEntry => {
    const image = [...SAMPLES, entry('dropped.jpg')].find((sample) => sample.id === id);
    if (!image) throw new FoveaError('image-missing', `${id} is not open`);
    return image;
  };
  const host = new FakeHost({
    'app.info': () => ({ version: '0.1.0', host: 'browser', platform: 'linux' }),
    'app.ready': () => ({ files: [] }),
    'app.commands': () => null,
    'runs.jobs': () => [],
    'runs.list': () => [],
    // The default plan, so that figures are those of the command line without options.
    'settings.get': () => ({ modelId: null, plan: {}, accelerator: null }),
    'settings.set': () => null,
    'models.list': () => [MODEL],
    'models.open': () => MODEL,
    'samples.list': () => SAMPLES,
    'files.open': () => ({ ...NOTHING, images: [entry('dropped.jpg')] }),
    'images.thumbnail': () => ({ mime: 'image/png', bytes: picture, width: 640, height: 480 }),
    'images.preview': () => ({
      mime: 'image/png',
      bytes: picture,
      width: 640,
      height: 480,
      crop: { left: 110, top: 30, right: 530, bottom: 450 },
    }),
    'analysis.run': ({ imageId, plan, counts }) => {
      const analysis = analysisOf(find(imageId), plan);
      return counts ? analysis : withoutCounts(analysis);
    },
    'analysis.several': ({ imageId, plans }) => plans.map((plan) => analysisOf(find(imageId), plan)),
    ...handlers,
  });
  const screen = await render(App, { client: new Client(host) });
  host.emit('engine.state', { state: 'ready', error: null });
  return { host, screen };
}

/** The same once the first sample is shown. */
export async function openSample(handlers: Handlers = {}) {
  const { host, screen } = await openApp(handlers);
  await expect.element(screen.getByRole('button', { name: /^harbour.jpg/ })).toHaveAttribute('aria-current', 'true');
  return { host, screen };
}

async function pictureBytes(width: number, height: number): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  for (let x = 0; context && x < width; x += 20) {
    context.fillStyle = `hsl(${x} 60% 50%)`;
    context.fillRect(x, 0, 20, height);
  }
  return new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
}
