import { expect, it } from 'vitest';
import { AnalyseState } from '../../../src-renderer/analyse/analyse.svelte.ts';
import { AppState } from '../../../src-renderer/app.svelte.ts';
import type { SentFiles } from '../../../src-renderer/link/carrier.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { ModelsState } from '../../../src-renderer/models/models.svelte.ts';
import type { ParsedInputOf } from '../../../src-shared/contract/contract.ts';
import type { FileReference, OpenedFiles } from '../../../src-shared/contract/files.ts';
import type { ImageEntry, OwnMap } from '../../../src-shared/contract/images.ts';
import { entry, FakeHost, MODEL, type Handlers } from '../fake-host.ts';
import { held, settle } from '../held.ts';

const IMAGES = [entry('a.jpg'), entry('b.jpg')];
const [A, B] = ['id-a.jpg', 'id-b.jpg'];

const opened = (images: readonly ImageEntry[]): OpenedFiles => ({ images, models: [], failed: [], skipped: 0 });

async function window(handlers: Handlers) {
  sessionStorage.clear();
  const host = new FakeHost({
    'models.open': ({ modelId }) => ({ ...MODEL, id: modelId, name: modelId }),
    'samples.list': () => [],
    ...handlers,
  });
  const app = new AppState(new Client(host));
  const analyse = new AnalyseState(app);
  const models = new ModelsState(app);
  app.places = [analyse, models];
  const goTo = (place: 'analyse' | 'models') => app.address.go({ place, runs: [], chosen: {} });
  goTo('analyse');
  await app.models.open('tiny');
  analyse.images.add({ images: IMAGES, failed: [] });
  return { host, app, analyse, models, goTo };
}

/** Files whose sending ends when a test says so. */
function sending() {
  const { promise, resolve } = Promise.withResolvers<SentFiles>();
  return {
    work: () => promise,
    sent: (...files: readonly FileReference[]) => (resolve({ files, failed: [] }), settle()),
  };
}

it('files that were dropped belong to the place they were dropped in, wherever one goes while they are sent', async () => {
  const { app, analyse, goTo, host } = await window({ 'files.open': () => opened([entry('dropped.jpg')]) });
  const { work, sent } = sending();
  void app.openSent(work);
  goTo('models');
  await sent({ path: '/photos' });
  expect(host.countOf('files.open')).toBe(1);
  expect(analyse.images.selected?.id).toBe('id-dropped.jpg');
});

it('a map is of the image that it was dropped on, whichever is shown by the time that it is sent', async () => {
  const maps = held<ParsedInputOf<'images.map'>, OwnMap>();
  const { app, analyse } = await window({ 'images.map': maps.handler });
  analyse.images.select(A);
  const [asMap, asFile] = [sending(), sending()];
  void app.openMaps(asMap.work);
  void app.openSent(asFile.work);
  analyse.images.select(B);
  await asMap.sent({ path: '/maps/a.png' });
  await asFile.sent({ path: '/maps/a.npy' });
  expect(maps.calls.map(({ input }) => input.imageId)).toEqual([A, A]);
  const before = analyse.plan.current;
  await maps.calls[1]!.answer({ path: '/maps/a.npy', sha256: 'c'.repeat(64), name: 'a.npy' });
  await maps.calls[0]!.answer({ path: '/maps/a.png', sha256: 'd'.repeat(64), name: 'a.png' });
  // The newer stands, and what is shown of another image stays as it was.
  expect(analyse.brush.maps.get(A)?.name).toBe('a.npy');
  expect([analyse.plan.current, analyse.view.overlay]).toEqual([before, 'bits']);
});

it('what was painted last stands, and leaves the plan alone once another image is shown', async () => {
  const paints = held<ParsedInputOf<'images.paint'>, OwnMap>();
  const { analyse } = await window({ 'images.paint': paints.handler });
  analyse.images.select(A);
  const canvas = { imageId: A, grid: { rows: 2, columns: 2 }, values: null };
  for (const row of [0, 1]) {
    analyse.brush.paint(canvas, { row, column: 0 }, true);
    void analyse.brush.end(canvas);
    await settle();
  }
  analyse.images.select(B);
  const before = analyse.plan.current;
  await paints.calls[1]!.answer({ path: '/maps/2.png', sha256: '2'.repeat(64), name: null });
  await paints.calls[0]!.answer({ path: '/maps/1.png', sha256: '1'.repeat(64), name: null });
  expect(analyse.brush.maps.get(A)?.path).toBe('/maps/2.png');
  expect(analyse.plan.current).toBe(before);
});

it('labels are looked for in the folder that images came from, whatever is opened meanwhile', async () => {
  const opening = held<ParsedInputOf<'files.open'>, OpenedFiles>();
  const { app, analyse } = await window({ 'files.open': opening.handler });
  const folders: (FileReference | null)[] = [];
  analyse.truths.opens = (folder) => void folders.push(folder);
  void app.openReferences([{ path: '/photos' }]);
  void app.openReferences([{ path: '/a.jpg' }, { path: '/b.jpg' }]);
  await settle();
  await opening.calls[1]!.answer(opened(IMAGES));
  await opening.calls[0]!.answer(opened(IMAGES));
  expect(folders).toEqual([null, { path: '/photos' }]);
});

it('a folder is for what it was dropped on, and for the model that was in use', async () => {
  const { app, models, goTo, host } = await window({
    'models.calibrate': () => ({ images: 1, found: 1, failed: [] }),
    'models.checkPresets': () => Promise.reject(new Error('not to be asked')),
  });
  goTo('models');
  models.aim = 'calibrate';
  const { work, sent } = sending();
  void app.openSent(work);
  models.aim = 'check';
  await app.models.open('other');
  await sent({ path: '/photos' });
  expect(host.countOf('models.checkPresets')).toBe(0);
  expect(host.asked.findLast(({ procedure }) => procedure === 'models.calibrate')?.input).toMatchObject({
    modelId: 'tiny',
    folder: { path: '/photos' },
  });
});

it('an outcome is shown with its own model, also while another is being opened', async () => {
  const models = held<{ readonly modelId: string }, typeof MODEL>();
  let first = true;
  const { app, analyse } = await window({
    'models.open': (input) => (first ? ((first = false), MODEL) : models.handler(input)),
    'runs.open': () => ({ image: entry('outcome.jpg'), modelId: 'tiny', plan: {} }),
  });
  void app.models.open('other');
  analyse.arrives({ place: 'analyse', runs: ['r1'], chosen: { image: '1', plan: '0' } });
  await settle();
  expect(models.calls.map(({ input }) => input.modelId)).toEqual(['other', 'tiny']);
});

it('the model of an address is opened once, and not again when one comes by after choosing another', async () => {
  const { app, models, host } = await window({
    'models.installed': () => [],
    'catalogue.list': () => ({ models: [], source: '' }),
  });
  const arrive = async () => {
    models.arrives(app.address.spot!);
    await settle();
  };
  app.address.go({ place: 'models', runs: [], chosen: { model: 'other' } });
  await arrive();
  expect(app.models.current?.id).toBe('other');
  await app.models.open('tiny');
  models.show('conv1');
  await arrive();
  expect(app.models.current?.id).toBe('tiny');
  expect(host.countOf('models.open')).toBe(3);
});
