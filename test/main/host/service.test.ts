import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageReader } from '../../../src-main/images/image-shelf.ts';
import {
  createService,
  type AnalysisRequest,
  type Laboratory,
  type ServiceOptions,
} from '../../../src-main/host/service.ts';
import type { CallContext } from '../../../src-main/host/conversation.ts';
import { openUploads, type Uploads } from '../../../src-main/host/uploads.ts';
import type { Analysis } from '../../../src-shared/analysis.ts';
import type { ModelSummary } from '../../../src-shared/contract/models.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { PREPROCESSING_PRESETS } from '../../../src-shared/preprocessing.ts';

let folder: string;
let samplesFolder: string;
let photos: string;
let uploads: Uploads;
const analysed: AnalysisRequest[] = [];

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
};

const model: ModelSummary = {
  id: 'net',
  name: 'Net',
  sha256: '00',
  classes: 10,
  inputSize: [224, 224],
  licence: null,
  calibrated: false,
  embedded: true,
};
const { channels, range, mean, std } = PREPROCESSING_PRESETS.imagenet;

const laboratory: Laboratory = {
  models: async () => [model],
  openModel: async () => ({
    details: { ...model, layers: [], labels: [] },
    preprocessing: {
      layout: 'NCHW',
      crop: 'centre',
      width: 224,
      height: 224,
      resizeShorterSide: 256,
      channels,
      range,
      mean,
      std,
    },
  }),
  async addModel(path) {
    if (basename(path).startsWith('bad')) throw new FoveaError('model-damaged', `${path}: not ONNX`);
    return { ...model, id: path };
  },
  async analyse(request) {
    analysed.push(request);
    return { image: { path: request.imagePath, sha256: 'ab', width: 400, height: 300 } } as Analysis;
  },
  exportAnalysis: async (_request, kind, layer) => ({
    name: `${kind}-${layer}`,
    mime: 'text/csv',
    bytes: Uint8Array.of(2),
  }),
  runs: async () => [],
  saveRun: async () => {
    throw new FoveaError('store-locked', 'the store is locked');
  },
  onEngineState: () => undefined,
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-service-'));
  samplesFolder = join(folder, 'samples');
  photos = join(folder, 'photos');
  mkdirSync(samplesFolder);
  mkdirSync(join(photos, 'inner'), { recursive: true });
  for (const name of ['b.jpg', 'a.webp', 'draw.ts']) writeFileSync(join(samplesFolder, name), '');
  for (const name of ['z.jpg', 'bad.jpg', 'notes.txt', 'inner/y.png', 'net.onnx'])
    writeFileSync(join(photos, name), '');
  uploads = await openUploads(folder);
  analysed.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function service(options: Partial<ServiceOptions> = {}) {
  return createService({
    version: '1.2.3',
    dataFolder: join(folder, 'data'),
    samplesFolder,
    laboratory,
    images,
    shell: null,
    uploads,
    ...options,
  }).handlers;
}

const context: CallContext = { signal: new AbortController().signal, progress: () => undefined };

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
    expect(opened.models.map(({ id }) => id)).toEqual([join(photos, 'net.onnx')]);
    expect(opened.failed.map(({ name, error }) => [name, error.code])).toEqual([
      ['bad.jpg', 'image-damaged'],
      ['bad.onnx', 'model-damaged'],
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
      await handlers['analysis.run'](
        { imageId: opened.images[0]!.id, modelId: 'net', plan: {}, counts: false },
        context,
      ),
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
  const preview = await handlers['images.preview']({ imageId: image!.id, modelId: 'net', maxSide: 512 }, context);
  // 400 x 300 becomes 341 x 256, of which the centre 224 x 224 is seen: 7/8 of the height.
  expect(preview.mime).toBe('image/preview');
  expect(preview.crop.bottom - preview.crop.top).toBeCloseTo(262.5);
  expect(preview.crop.right - preview.crop.left).toBeCloseTo(262.76, 1);
  expect(preview.crop.top).toBeCloseTo(18.75);
});

test('an analysis is asked for with its plan resolved; a wrong plan names the option', async () => {
  const handlers = service();
  const [image] = await handlers['samples.list']({}, context);
  const asked = { imageId: image!.id, modelId: 'net', counts: true };
  await handlers['analysis.run']({ ...asked, plan: { bits: [5, 2] }, accelerators: ['stripes'] }, context);
  expect(analysed).toMatchObject([
    { imagePath: join(samplesFolder, 'a.webp'), modelId: 'net', counts: true, accelerators: ['stripes'] },
  ]);
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
});
