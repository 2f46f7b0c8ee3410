import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskInput } from '../../../src-main/engine/engine-protocol.ts';
import type { Handlers } from '../../../src-main/host/conversation.ts';
import type { HostParts } from '../../../src-main/host/host-parts.ts';
import { KeptImages } from '../../../src-main/store/kept-images.ts';
import { KeptMaps } from '../../../src-main/store/kept-maps.ts';
import { handlersOf } from '../../../src-main/host/service.ts';
import { openUploads, type Uploads } from '../../../src-main/host/uploads.ts';
import { type ImageReader, imageShelf } from '../../../src-main/images/image-shelf.ts';
import { checkMap } from '../../../src-main/images/map-file.ts';
import { forkProcess } from '../../../src-main/engine/process-port.ts';
import { KeptThumbnails } from '../../../src-main/store/kept-thumbnails.ts';
import { runReader } from '../../../src-main/work/run-reader.ts';
import { RunJobs } from '../../../src-main/work/run-jobs.ts';
import type { PlanOptions } from '../../../src-shared/precision/precision-plan.ts';
import type { RunJob } from '../../../src-shared/contract/runs.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { fakeBench, heardWork, usedModel } from '../fake-bench.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { outcomeOf, sha256 } from '../store/stored-runs.ts';

/** For runs of more answers than any test here has. */
const RUN_PROCESS = 'no process';

let folder: string;
let samplesFolder: string;
let photos: string;
let uploads: Uploads;
const analysed: TaskInput<'analyse'>[] = [];
const jobsTold: RunJob[] = [];
/** Held evaluations go on when this resolves. */
let release: () => void;
let held: Promise<void>;

/** Takes every file that says so for an image of 400 x 300. */
const images: ImageReader = {
  async size(path) {
    if (basename(path).startsWith('bad')) throw new FoveaError('image-damaged', `${path}: truncated`);
    return { width: 400, height: 300 };
  },
  async picture(path, maxSide, purpose) {
    if (basename(path).startsWith('late')) throw new FoveaError('image-missing', `${path}: no such file`);
    return { mime: `image/${purpose}`, bytes: Uint8Array.of(1), width: maxSide, height: 1 };
  },
  map: checkMap,
  async levels(_path, _preprocessing, { regions }) {
    const levels = new Uint8Array(regions ** 2);
    return { rows: regions, columns: regions, levels, crop: { left: 0, top: 0, right: 1, bottom: 1 }, aspect: 4 / 3 };
  },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-service-'));
  samplesFolder = join(folder, 'samples');
  photos = join(folder, 'photos');
  mkdirSync(samplesFolder);
  mkdirSync(join(photos, 'inner'), { recursive: true });
  for (const name of ['b.jpg', 'a.webp', 'draw.ts']) writeFileSync(join(samplesFolder, name), name);
  for (const name of ['z.jpg', 'bad.jpg', 'notes.txt', 'inner/y.png', 'bad.onnx'])
    writeFileSync(join(photos, name), '');
  writeModel(photos, 'net.onnx', smallClassifier());
  uploads = await openUploads(folder);
  analysed.length = 0;
  jobsTold.length = 0;
  held = Promise.resolve();
});
afterEach(() => rmSync(folder, { recursive: true }));

function service(changes: Partial<HostParts> = {}): Handlers {
  const bench = fakeBench(folder, {
    analyse: (input) => {
      analysed.push(input);
      const outcome = outcomeOf(input.image, 1);
      if ('failure' in outcome) throw new Error('outcomes of tests do not fail');
      const probabilities = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      return {
        image: { sha256: outcome.sha256, width: 400, height: 300, remarks: [] },
        model: usedModel(input.model),
        baseline: probabilities,
        quantised: probabilities,
        importance: { metric: input.plan.metric, grid: [1, 1], values: [0], levels: [0] },
        layers: outcome.results[0]!.layers,
        timings: { decodeMs: 1, importanceMs: 1, inferenceMs: 1, totalMs: 3 },
      };
    },
    evaluate: async ({ images, plans }) => {
      await held;
      return images.map(({ path }) => outcomeOf(path, plans.length));
    },
  });
  return handlersOf({
    bench,
    jobs: new RunJobs(bench, (job) => jobsTold.push(job)),
    shelf: imageShelf(samplesFolder, images),
    images,
    runs: runReader(RUN_PROCESS, forkProcess),
    thumbnails: new KeptThumbnails(bench.dataFolder),
    kept: new KeptImages(bench.dataFolder),
    maps: new KeptMaps(bench.dataFolder),
    shell: null,
    emit: () => undefined,
    uploads,
    ...changes,
  });
}

const context = heardWork();
/** A model that is not installed, named by its file. */
const NET = '/models/tiny.onnx';

describe('opening files', () => {
  test('takes images, the images of folders and models; a bad one is listed with its error and the rest goes on', async () => {
    const handlers = service();
    const opened = await handlers['files.open'](
      {
        files: [
          { path: photos },
          { path: join(photos, 'net.onnx') },
          { path: join(photos, 'bad.onnx') },
          { path: join(photos, 'z.jpg') },
        ],
      },
      context,
    );
    expect(opened.images.map(({ name, path, width, height }) => [name, path, width, height])).toEqual([
      ['y.png', join(photos, 'inner/y.png'), 400, 300],
      ['z.jpg', join(photos, 'z.jpg'), 400, 300],
      ['z.jpg', join(photos, 'z.jpg'), 400, 300],
    ]);
    expect(opened.images[1]!.id).toBe(opened.images[2]!.id);
    expect(opened.models.map(({ id }) => id)).toEqual(['net']);
    expect(opened.failed.map(({ name, error }) => [name, error.code])).toEqual([
      ['bad.jpg', 'image-damaged'],
      ['bad.onnx', 'model-empty'],
    ]);
    expect(opened.skipped).toBe(0);
  });

  test('a folder without images says so', async () => {
    mkdirSync(join(folder, 'empty'));
    const opened = await service()['files.open']({ files: [{ path: join(folder, 'empty') }] }, context);
    expect(opened.failed).toMatchObject([{ name: 'empty', error: { code: 'dataset-empty' } }]);
  });

  test('what was sent by the page is known by its own name, in errors too', async () => {
    const handlers = service();
    for (const name of ['batch/holiday/sea.jpg', 'batch/bad.jpg', 'batch/late.jpg'])
      await uploads.store(name, Readable.from([Buffer.from('x')]));
    const opened = await handlers['files.open'](
      { files: [{ upload: 'batch/holiday/sea.jpg' }, { upload: 'batch/bad.jpg' }, { upload: 'batch/late.jpg' }] },
      context,
    );
    expect(opened.images).toMatchObject([
      { name: 'holiday/sea.jpg', path: null },
      { name: 'late.jpg', path: null },
    ]);
    expect(opened.failed).toEqual([
      { name: 'bad.jpg', error: { code: 'image-damaged', message: 'bad.jpg: truncated', next: '' } },
    ]);
    const late = handlers['images.thumbnail']({ imageId: opened.images[1]!.id, maxSide: 64 }, context);
    await expect(late).rejects.toMatchObject({ message: 'late.jpg: no such file' });
    expect(
      await handlers['analysis.run']({ imageId: opened.images[0]!.id, modelId: NET, plan: {}, counts: false }, context),
    ).toMatchObject({ image: { path: 'holiday/sea.jpg' } });
  });

  test('no upload is taken outside its folder, and none by the desktop', async () => {
    const escape = { files: [{ upload: '../../photos/z.jpg' }] };
    await expect(Promise.resolve().then(() => service()['files.open'](escape, context))).rejects.toMatchObject({
      code: 'not-allowed',
    });
    const desktop = service({ uploads: null });
    await expect(
      Promise.resolve().then(() => desktop['files.open']({ files: [{ upload: 'batch/a.jpg' }] }, context)),
    ).rejects.toMatchObject({ code: 'not-allowed' });
  });

  test('can be cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const opening = service()['files.open'](
      { files: [{ path: join(photos, 'z.jpg') }] },
      { ...context, signal: controller.signal },
    );
    expect(await opening).toMatchObject({ images: [] });
  });
});

test('the samples are the pictures beside their drawings, by name, without a path', async () => {
  expect(await service()['samples.list']({}, context)).toMatchObject([
    { name: 'a.webp', path: null },
    { name: 'b.jpg', path: null },
  ]);
});

test('an image nobody opened cannot be asked for, by a path or by a guess', async () => {
  const handlers = service();
  for (const imageId of [join(photos, 'z.jpg'), 'image-1'])
    await expect(
      Promise.resolve().then(() => handlers['images.thumbnail']({ imageId, maxSide: 64 }, context)),
    ).rejects.toMatchObject({ code: 'image-missing' });
});

test('a preview says what the network sees of the photo', async () => {
  const handlers = service();
  const [image] = await handlers['samples.list']({}, context);
  const preview = await handlers['images.preview']({ imageId: image!.id, modelId: NET, maxSide: 512 }, context);
  // 400 x 300 becomes 341 x 256, of which the centre 224 x 224 is seen: 7/8 of the height.
  expect(preview.mime).toBe('image/preview');
  expect(preview.crop.bottom - preview.crop.top).toBeCloseTo(262.5);
  expect(preview.crop.right - preview.crop.left).toBeCloseTo(262.76, 1);
  expect(preview.crop.top).toBeCloseTo(18.75);
});

test('an analysis is asked for with its plan resolved; a wrong plan names the option', async () => {
  const handlers = service();
  const [image] = await handlers['samples.list']({}, context);
  const asked = { imageId: image!.id, modelId: NET, counts: true };
  await handlers['analysis.run']({ ...asked, plan: { bits: [5, 2] }, accelerators: ['stripes'] }, context);
  expect(analysed).toMatchObject([{ image: join(samplesFolder, 'a.webp'), model: { path: NET }, counts: true }]);
  expect(analysed[0]!.plan).toMatchObject({ bits: [2, 5], range: 'position', quantiser: 'linear' });
  await expect(
    Promise.resolve().then(() => handlers['analysis.run']({ ...asked, plan: { bits: [17] } }, context)),
  ).rejects.toMatchObject({ code: 'bad-plan', message: expect.stringContaining('bits') });
});

test('settings are kept from one start to the next', async () => {
  const settings = { modelId: 'net', plan: { bits: [4, 2], regions: 7 }, accelerator: 'isaac' };
  expect(await service()['settings.get']({}, context)).toEqual({ modelId: null, plan: null, accelerator: null });
  await service()['settings.set'](settings, context);
  expect(await service()['settings.get']({}, context)).toEqual(settings);
});

test('each host refuses what only the other can do', async () => {
  const shell = {
    choose: async () => ['/photos'],
    pageReady: () => [],
    setCommands: () => undefined,
    opened: () => undefined,
  };
  const code = async (call: () => unknown) =>
    Promise.resolve()
      .then(call)
      .then(
        () => 'allowed',
        (error: FoveaError) => error.code,
      );
  expect(await code(() => service()['files.choose']({ choice: 'folder' }, context))).toBe('not-allowed');
  expect(await code(() => service({ shell })['files.complete']({ prefix: '/' }, context))).toBe('not-allowed');
  expect(await service({ shell })['files.choose']({ choice: 'folder' }, context)).toEqual([{ path: '/photos' }]);
  expect(await service()['app.info']({}, context)).toMatchObject({ host: 'browser', version: '1.2.3' });
  expect(await service({ shell })['app.info']({}, context)).toMatchObject({ host: 'electron' });
  const elsewhere = Object.assign(fakeBench(folder, {}), { db: '/elsewhere/runs.sqlite' });
  expect(await service({ bench: elsewhere })['app.info']({}, context)).toMatchObject({ db: '/elsewhere/runs.sqlite' });
});

describe('importance maps', () => {
  const GIVEN: PlanOptions = { metric: 'given', lowShare: 0.5, bits: [4, 2] };
  const order = (name: string) => ({ name, modelId: NET, plans: [GIVEN], counts: false, keep: 'originals' as const });
  /** A map of the photos' shape, in which one place is important. */
  const rows = (place: number) =>
    Array.from({ length: 3 }, (_, row) => [0, 1, 2, 3].map((column) => Number(row * 4 + column === place)).join()).join(
      '\n',
    );

  async function opened(handlers: Handlers, ...files: ({ path: string } | { upload: string })[]) {
    return (await handlers['files.open']({ files }, context)).images.map(({ id }) => id);
  }
  async function send(name: string, content: string) {
    await uploads.store(name, Readable.from([Buffer.from(content)]));
    return { upload: name };
  }
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    return { path: join(folder, name) };
  };
  async function complete(handlers: Handlers, runId: string) {
    await expect.poll(async () => (await handlers['runs.jobs']({}, context)).at(-1)?.status).toBe('complete');
    return (await handlers['runs.report']({ runId }, context)).run;
  }
  const lastMap = () => analysed.at(-1)?.map;

  test('a file is the map of an image from then on, over a reload too; one that cannot be it says why, and changes nothing', async () => {
    const handlers = service();
    write('photos/z.jpg', 'a photo');
    const [imageId] = await opened(handlers, { path: join(photos, 'z.jpg') });
    const take = async (file: { path: string } | { upload: string }) =>
      handlers['images.map']({ imageId: imageId!, file }, context);
    const good = write('cam.csv', rows(5));
    const map = await take(good);
    expect(map).toEqual({ path: good.path, sha256: sha256(rows(5)), name: 'cam.csv' });
    const bad = [
      [write('wide.csv', '0,1,0,0'), 'map-invalid', 'it is 4 x 1, which is not the shape of the photo, 400 x 300'],
      [write('nan.csv', rows(5).replace('1', 'NaN')), 'map-invalid', 'expected a number, found "NaN"'],
      [write('beyond.csv', rows(5).replace('1', '2')), 'map-invalid', 'expected importances from 0 to 1, found 2'],
      [write('flat.csv', rows(99)), 'map-invalid', 'it is 0 everywhere'],
      [write('no.png', 'no picture'), 'map-invalid', 'it is no PNG'],
      [write('photo.jpg', 'a photo'), 'map-invalid', 'its name ends with ".jpg", expected .png, .csv, .npy'],
      [{ path: join(folder, 'gone.npy') }, 'map-missing', 'no such file'],
      [await send('b/maps/empty.csv', ''), 'map-invalid', 'the file is empty'],
    ] as const;
    for (const [file, code, reason] of bad) {
      const told: unknown = await take(file).catch((error: unknown) => error);
      const name = 'path' in file ? file.path : 'maps/empty.csv';
      expect(told).toMatchObject({ code, message: expect.stringContaining(reason) });
      expect(told).toMatchObject({ message: expect.stringMatching(new RegExp(`^${name}: `)) });
    }
    const images = [{ id: imageId!, name: 'z.jpg' }];
    expect(await handlers['images.again']({ images }, context)).toMatchObject([{ id: imageId, map }]);
    await handlers['analysis.run']({ imageId: imageId!, modelId: NET, plan: GIVEN, counts: false }, context);
    expect(lastMap()).toEqual({ path: good.path, sha256: map.sha256 });
    // What was sent is kept where it outlives the page.
    const sent = await take(await send('b/sent.CSV', rows(6)));
    expect(sent).toMatchObject({ name: 'sent.CSV', sha256: sha256(rows(6)) });
    expect(readFileSync(sent.path, 'utf8')).toBe(rows(6));
    expect(sent.path).toMatch(/maps\/[0-9a-f]{16}\.csv$/);
  });

  test('what was dropped together with its photo lies beside it, and is no photo', async () => {
    const handlers = service();
    const files = [
      await send('b/one.jpg', 'one'),
      await send('b/one.map.csv', rows(1)),
      await send('b/two.map.png', ''),
    ];
    const { images, failed } = await handlers['files.open']({ files }, context);
    expect([images.map(({ name }) => name), failed]).toEqual([['one.jpg', 'two.map.png'], []]);
    await handlers['analysis.run']({ imageId: images[0]!.id, modelId: NET, plan: GIVEN, counts: false }, context);
    expect(lastMap()?.sha256).toBe(sha256(rows(1)));
  });

  test('a run of images that were painted keeps their maps by its own, for as long as it is there, and opens them again', async () => {
    const handlers = service();
    const sent = await send('b/folder/sent.jpg', 'sent');
    await send('b/folder/sent.map.csv', rows(7));
    write('photos/inner/y.png', 'another photo than z');
    write('photos/inner/y.map.csv', rows(2));
    const imageIds = await opened(
      handlers,
      { path: join(photos, 'z.jpg') },
      { path: join(photos, 'inner/y.png') },
      sent,
    );
    const values = Array.from({ length: 4 }, (_, cell) => Number(cell === 1));
    const painted = await handlers['images.paint'](
      { imageId: imageIds[0]!, modelId: NET, columns: 2, values },
      context,
    );
    const { runId } = await handlers['runs.start']({ ...order('painted'), images: { imageIds } }, context);
    const run = await complete(handlers, runId);
    expect(run).toMatchObject({ finished: 3, failed: 0 });
    const kept = (await handlers['kept.list']({}, context)).runs;
    expect(kept).toMatchObject([{ runId, images: 1, maps: 3 }]);
    const files = readdirSync(run.dataset.maps!, { recursive: true, encoding: 'utf8' }).map((name) => basename(name));
    expect(files).toEqual(expect.arrayContaining(['z.png', 'y.csv', 'sent.csv']));
    // A stroke that is given up for a newer one takes nothing over from it.
    const known = () => handlers['images.again']({ images: [{ id: imageIds[1]!, name: 'y.png' }] }, context);
    const before = await known();
    expect(before).toHaveLength(1);
    const { stop, ...work } = heardWork();
    const givenUp = handlers['images.paint'](
      { imageId: imageIds[1]!, modelId: NET, columns: 2, values: [0, 0, 1, 0] },
      work,
    );
    stop.abort();
    await expect(givenUp).rejects.toThrow(/abort/);
    expect(await known()).toEqual(before);
    // Painted over since, the image is opened with the map that the run measured.
    await handlers['images.paint']({ imageId: imageIds[0]!, modelId: NET, columns: 2, values: [1, 0, 0, 0] }, context);
    const paths = await handlers['runs.paths']({ runId, images: [0, 1, 2] }, context);
    const image = paths.findIndex((path) => path.endsWith('z.jpg'));
    expect((await handlers['runs.open']({ runId, image, plan: 0 }, context)).image.map?.sha256).toBe(painted.sha256);
    expect(await handlers['kept.remove']({ runId }, context)).toMatchObject({ images: 0, bytes: 0, runs: [] });
    expect(existsSync(run.dataset.maps!)).toBe(false);
  });

  test('a folder of maps that was sent is kept with the run; how many photos have one is told before', async () => {
    const handlers = service();
    rmSync(join(photos, 'bad.jpg'));
    write('photos/inner/y.png', 'a photo');
    await send('b/maps/z.csv', rows(3));
    const maps = { upload: 'b/maps' };
    const where = { folder: { path: photos }, labels: 'none' };
    expect((await handlers['runs.check']({ ...where, modelId: NET }, context)).maps).toBeNull();
    expect((await handlers['runs.check']({ ...where, modelId: NET, maps: 'beside' }, context)).maps).toMatchObject({
      found: 0,
    });
    expect((await handlers['runs.check']({ ...where, modelId: NET, maps }, context)).maps).toMatchObject({
      found: 1,
      lacking: { path: 'inner/y.png', error: { code: 'map-missing' } },
    });
    const { runId } = await handlers['runs.start']({ ...order('with maps'), images: { ...where, maps } }, context);
    const run = await complete(handlers, runId);
    expect(run).toMatchObject({ images: 2, finished: 1, failed: 1, dataset: { path: photos } });
    expect(readFileSync(join(run.dataset.maps!, 'z.csv'), 'utf8')).toBe(rows(3));
  });

  test('one that no image has is removed a week after it was made; what runs keep stays', async () => {
    const handlers = service();
    const [imageId] = await opened(handlers, { path: join(photos, 'z.jpg') });
    const paint = async (cell: number) => {
      const values = Array.from({ length: 4 }, (_, at) => Number(at === cell));
      return (await handlers['images.paint']({ imageId: imageId!, modelId: NET, columns: 2, values }, context)).path;
    };
    const [forgotten, fresh, used] = [await paint(0), await paint(1), await paint(2)];
    for (const path of [forgotten, used]) utimesSync(path, 0, 0);
    const { runId } = await handlers['runs.start']({ ...order('painted'), images: { imageIds: [imageId!] } }, context);
    await complete(handlers, runId);
    await expect.poll(() => existsSync(forgotten)).toBe(false);
    expect([fresh, used].map((path) => existsSync(path))).toEqual([true, true]);
    await new KeptMaps(join(folder, 'data')).sweep(new Set());
    expect([fresh, used].map((path) => existsSync(path))).toEqual([true, false]);
    expect((await handlers['kept.list']({}, context)).runs).toMatchObject([{ images: 0, maps: 1 }]);
  });
});

describe('runs', () => {
  const RUN = {
    name: 'a run',
    modelId: NET,
    plans: [{ bits: [4, 3] }],
    counts: false,
    keep: 'originals' as 'originals' | 'previews',
  };

  /** Waits until a job is told to be over. */
  async function over(handlers: Handlers, runId: string): Promise<RunJob> {
    for (;;) {
      const job = (await handlers['runs.jobs']({}, context)).find((own) => own.runId === runId);
      if (job && job.status !== 'running') return job;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function sent(handlers: Handlers, names: readonly string[]): Promise<string[]> {
    for (const name of names) await uploads.store(`batch/${name}`, Readable.from([Buffer.from(name)]));
    const files = names.map((name) => ({ upload: `batch/${name}` }));
    return (await handlers['files.open']({ files }, context)).images.map(({ id }) => id);
  }

  test('a run answers with its id at once, can be asked for while it goes, and is complete without its page', async () => {
    const handlers = service();
    held = new Promise((resolve) => (release = resolve));
    const job = await handlers['runs.start']({ ...RUN, images: { folder: { path: photos }, labels: 'none' } }, context);
    expect(job).toMatchObject({ name: 'a run', status: 'running', error: null });
    await expect.poll(() => handlers['runs.list']({}, context)).toHaveLength(1);
    expect(await handlers['runs.report']({ runId: job.runId }, context)).toMatchObject({
      run: { id: job.runId, status: 'running', images: 3, finished: 0 },
    });
    release();
    expect(await over(handlers, job.runId)).toMatchObject({ status: 'complete', error: null });
    expect(await handlers['runs.report']({ runId: job.runId }, context)).toMatchObject({
      run: { status: 'complete', finished: 3 },
      report: { plans: [{ images: 3 }] },
    });
    expect(jobsTold.map(({ figures }) => figures.done)).toContain(3);
  });

  test('a stopped run is cancelled and keeps what is done; it is gone on with under its id', async () => {
    const handlers = service();
    held = new Promise((resolve) => (release = resolve));
    const job = await handlers['runs.start']({ ...RUN, images: { folder: { path: photos }, labels: 'none' } }, context);
    await expect.poll(() => handlers['runs.list']({}, context)).toHaveLength(1);
    const stopped = handlers['runs.stop']({ runId: job.runId }, context);
    release();
    await stopped;
    expect(await over(handlers, job.runId)).toMatchObject({ status: 'cancelled', error: null });
    await expect(
      Promise.resolve().then(() => handlers['runs.stop']({ runId: job.runId }, context)),
    ).rejects.toMatchObject({ code: 'run-unknown' });
    await handlers['runs.resume']({ runId: job.runId }, context);
    expect(await over(handlers, job.runId)).toMatchObject({ status: 'complete' });
    expect(await handlers['runs.list']({}, context)).toHaveLength(1);
  });

  test('what keeps a run from beginning is told as its error', async () => {
    const handlers = service();
    const job = await handlers['runs.start'](
      { ...RUN, images: { folder: { path: join(folder, 'nowhere') }, labels: null } },
      context,
    );
    expect(await over(handlers, job.runId)).toMatchObject({ status: 'failed', error: { code: 'dataset-unreadable' } });
  });

  test('images a page sent are kept with the run by digest, counted, listed, and removable', async () => {
    const handlers = service();
    const imageIds = await sent(handlers, ['one.jpg', 'two.jpg']);
    const job = await handlers['runs.start']({ ...RUN, images: { imageIds } }, context);
    expect(await over(handlers, job.runId)).toMatchObject({ status: 'complete' });
    const [run] = await handlers['runs.list']({}, context);
    await uploads.remove();
    for (const { images: kept } of [(await handlers['kept.list']({}, context)).runs[0]!]) expect(kept).toBe(2);
    expect(readdirSync(run!.dataset.path).filter((name) => /^[0-9a-f]{64}$/.test(name))).toHaveLength(2);
    expect(await handlers['kept.list']({}, context)).toMatchObject({
      images: 2,
      bytes: 'one.jpg'.length + 'two.jpg'.length,
      runs: [{ runId: job.runId, name: 'a run', images: 2 }],
    });
    expect(await handlers['kept.remove']({ runId: job.runId }, context)).toMatchObject({ images: 0, bytes: 0 });
    expect(await handlers['runs.list']({}, context)).toHaveLength(1);
  });

  test('what two runs refer to is kept until the last of them lets go', async () => {
    const handlers = service();
    const [one, two] = await sent(handlers, ['one.jpg', 'two.jpg']);
    const first = await handlers['runs.start']({ ...RUN, images: { imageIds: [one!, two!] } }, context);
    const second = await handlers['runs.start']({ ...RUN, name: 'other', images: { imageIds: [two!] } }, context);
    for (const { runId } of [first, second]) await over(handlers, runId);
    expect(await handlers['kept.remove']({ runId: first.runId }, context)).toMatchObject({ images: 1 });
    expect(await handlers['kept.remove']({ runId: second.runId }, context)).toMatchObject({ images: 0 });
  });

  test('where previews are wanted, they take the place of the originals once the run is complete', async () => {
    const handlers = service();
    const imageIds = await sent(handlers, ['one.jpg']);
    const job = await handlers['runs.start']({ ...RUN, keep: 'previews', images: { imageIds } }, context);
    await over(handlers, job.runId);
    const [run] = await handlers['runs.list']({}, context);
    await expect.poll(() => readdirSync(run!.dataset.path)).toEqual(['preview.jpg']);
    expect(existsSync(join(run!.dataset.path, 'one.jpg'))).toBe(false);
  });
});
