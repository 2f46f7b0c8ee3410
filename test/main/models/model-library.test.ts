import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelLibrary } from '../../../src-main/models/model-library.ts';
import { listModels } from '../../../src-main/models/model-listing.ts';
import { ModelBuilder, smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { smallCard } from '../small-card.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CARD = {
  ...smallCard('scores', { mean: [0.5, 0.5, 0.5] }),
  name: 'A small one',
  file: 'net.onnx',
  labels: 'names.txt',
  licence: 'CC0-1.0',
  invented: { kept: true },
};

/** A model with card, labels and external data in a folder of its own. */
function completeModel(): string {
  const folder = temporaryFolder({
    'net.json': JSON.stringify(CARD),
    'names.txt': 'a\nb\nc\nd\ne\nf\ng\nh\n',
    'stranger.txt': "not the model's",
  });
  return writeModel(folder, 'net.onnx', smallClassifier(1, { weights: 'external' }));
}

function emptyLibrary() {
  const dataFolder = temporaryFolder();
  return { dataFolder, library: new ModelLibrary(dataFolder, join(dataFolder, 'embedded')) };
}

const filesOf = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

describe('the model library', () => {
  it('lists the embedded models first, then those of the user', () => {
    const embedded = temporaryFolder();
    writeModel(embedded, 'own.onnx', smallClassifier());
    const dataFolder = temporaryFolder();
    const library = new ModelLibrary(dataFolder, embedded);
    mkdirSync(join(library.folder, 'beta'), { recursive: true });
    mkdirSync(join(library.folder, '.adding-x'));
    writeModel(join(library.folder, 'beta'), 'beta.onnx', smallClassifier());
    writeModel(join(library.folder, '.adding-x'), 'half.onnx', smallClassifier());
    writeModel(library.folder, 'alpha.onnx', smallClassifier());
    writeModel(library.folder, 'own.onnx', smallClassifier());
    expect(library.list().map(({ id, embedded: own }) => [id, own])).toEqual([
      ['own', true],
      ['alpha', false],
      ['beta', false],
    ]);
    expect(library.find('beta').path).toBe(join(library.folder, 'beta', 'beta.onnx'));
    expect(library.find(join(library.folder, 'alpha.onnx')).id).toBe('alpha');
    expect(() => library.find('gamma')).toThrow(/no model is called gamma; installed: own, alpha, beta/);
  });

  it('copies a model with all that belongs to it, and nothing else', async () => {
    const { library } = emptyLibrary();
    const source = completeModel();
    const progress: number[] = [];
    const added = await library.add(source, { onProgress: ({ done, total }) => progress.push(done / total) });
    expect(added).toEqual({ id: 'net', path: join(library.folder, 'net', 'net.onnx'), embedded: false });
    expect(filesOf(library.folder)).toEqual([
      'net',
      'net/names.txt',
      'net/net.json',
      'net/net.onnx',
      'net/weights.bin',
    ]);
    for (const name of ['net.onnx', 'weights.bin', 'names.txt'])
      expect(readFileSync(join(dirname(added.path), name)).equals(readFileSync(join(dirname(source), name)))).toBe(
        true,
      );
    expect(JSON.parse(readFileSync(join(dirname(added.path), 'net.json'), 'utf8'))).toEqual(CARD);
    expect(progress.at(-1)).toBe(1);
    expect(await library.add(added.path)).toEqual(added);
  });

  it('takes another id where two files have the same name', async () => {
    const { library } = emptyLibrary();
    await library.add(completeModel());
    const twin = completeModel();
    await expect(library.add(twin)).rejects.toMatchObject({
      code: 'bad-argument',
      message: /net is installed already/,
    });
    const added = await library.add(twin, { id: 'net-2' });
    expect(basename(added.path)).toBe('net-2.onnx');
    expect(JSON.parse(readFileSync(join(dirname(added.path), 'net-2.json'), 'utf8'))).toMatchObject({
      file: 'net-2.onnx',
      invented: { kept: true },
    });
    for (const id of ['', '.hidden', '../out', 'a/b', 'a\\b', 'c:d', 'line\nbreak'])
      await expect(library.add(twin, { id })).rejects.toMatchObject({ code: 'bad-argument' });
    expect(library.list().map(({ id }) => id)).toEqual(['net', 'net-2']);
  });

  it.each([
    ['a broken model', 'model-damaged', (folder: string) => writeFileSync(join(folder, 'net.onnx'), 'no model')],
    [
      'missing labels',
      'labels-unreadable',
      (folder: string) => renameSync(join(folder, 'names.txt'), join(folder, 'n')),
    ],
    ['a broken card', 'card-invalid', (folder: string) => writeFileSync(join(folder, 'net.json'), '{')],
    [
      'missing external data',
      'model-external-data-missing',
      (folder: string) => renameSync(join(folder, 'weights.bin'), join(folder, 'w')),
    ],
  ])('installs nothing of %s', async (_, code, spoil) => {
    const { library } = emptyLibrary();
    const source = completeModel();
    spoil(dirname(source));
    await expect(library.add(source)).rejects.toMatchObject({ code });
    expect(existsSync(library.folder) ? filesOf(library.folder) : []).toEqual([]);
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const { library } = emptyLibrary();
    const stop = new AbortController();
    const adding = library.add(completeModel(), { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(adding).rejects.toMatchObject({ code: 'cancelled' });
    expect(filesOf(library.folder)).toEqual([]);
  });

  it('removes what a killed process left, once it is a day old', async () => {
    const { library } = emptyLibrary();
    const [old, recent] = ['old', 'new'].map((name) => join(library.folder, `.adding-${name}`));
    mkdirSync(old!, { recursive: true });
    mkdirSync(recent!);
    utimesSync(old!, 0, 0);
    await library.add(completeModel());
    expect(readdirSync(library.folder).sort()).toEqual(['.adding-new', 'net']);
  });

  it('says when the data folder cannot be written', async () => {
    const folder = temporaryFolder({ models: 'a file in the place of the folder' });
    const library = new ModelLibrary(folder, join(folder, 'none'));
    await expect(library.add(completeModel())).rejects.toMatchObject({ code: 'output-unwritable' });
  });
});

describe('the listing', () => {
  it('tells of each model what card and file head tell, and of a bad one why', async () => {
    const { dataFolder, library } = emptyLibrary();
    await library.add(completeModel());
    const bare = new ModelBuilder(1, { batch: 1, layout: 'NHWC' });
    const image = bare.image(3, 12, 20);
    writeModel(library.folder, 'bare.onnx', bare.finish(bare.gemm(bare.flatten(image), 5, image)));
    writeFileSync(join(library.folder, 'broken.onnx'), 'no model');
    const { models, failed } = await listModels(library, dataFolder);
    const folder = join(library.folder, 'net');
    expect(models).toEqual([
      expect.objectContaining({ id: 'bare', name: 'bare', classes: 5, inputSize: [20, 12], licence: null, opset: 13 }),
      {
        id: 'net',
        hasCard: true,
        name: 'A small one',
        path: join(folder, 'net.onnx'),
        embedded: false,
        bytes: readFileSync(join(folder, 'net.onnx')).length + readFileSync(join(folder, 'weights.bin')).length,
        opset: 13,
        classes: 8,
        inputSize: [16, 16],
        licence: 'CC0-1.0',
        calibrated: false,
      },
    ]);
    expect(failed).toEqual([
      { path: join(library.folder, 'broken.onnx'), reason: expect.stringMatching(/not a complete ONNX model/) },
    ]);
  });
});

describe('removal', () => {
  it('takes a model out of sight whole, and brings it back whole', async () => {
    const { library } = emptyLibrary();
    const model = await library.add(completeModel());
    const before = filesOf(library.folder);
    await library.remove(model);
    expect(library.list()).toEqual([]);
    expect(await library.restore('net')).toEqual(model);
    expect(filesOf(library.folder)).toEqual(before);
    await expect(library.restore('net')).rejects.toMatchObject({ code: 'model-unknown' });
  });

  it('brings nothing back over another model, and leaves what is not its own', async () => {
    const { library } = emptyLibrary();
    const model = await library.add(completeModel());
    await library.remove(model);
    await library.add(completeModel());
    await expect(library.restore('net')).rejects.toMatchObject({ code: 'bad-argument' });
    const elsewhere = completeModel();
    await expect(library.remove({ id: elsewhere, path: elsewhere, embedded: false })).rejects.toMatchObject({
      code: 'not-allowed',
    });
    expect(existsSync(elsewhere)).toBe(true);
  });
});
