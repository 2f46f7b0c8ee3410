import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DatasetOptions, readDataset } from '../../../src-main/datasets/dataset.ts';
import type { ModelClasses } from '../../../src-shared/runs/class-names.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CLASSES: ModelClasses = {
  count: 4,
  labels: ['n01440764 tench, Tinca tinca', 'n02012849 crane', 'n03126707 crane', 'n02981792 tiger cat'],
};

async function labelsOf(files: Readonly<Record<string, string>>, options: DatasetOptions = {}) {
  const root = temporaryFolder(files);
  const { images, labels } = await readDataset(root, CLASSES, options);
  return { kind: labels.kind, images: Object.fromEntries(images.map(({ path, label }) => [path, label])) };
}

describe('a folder per class', () => {
  it('takes names, WordNet ids and any depth', async () => {
    expect(
      await labelsOf({
        'tench/a.jpg': '',
        'Tiger_Cat/b.jpg': '',
        'n03126707/x/y/c.jpg': '',
        'test/tiger-cat/d.jpg': '',
      }),
    ).toEqual({
      kind: 'folders',
      images: { 'tench/a.jpg': 0, 'Tiger_Cat/b.jpg': 3, 'n03126707/x/y/c.jpg': 2, 'test/tiger-cat/d.jpg': 3 },
    });
  });

  it('refuses an ambiguous name, naming the classes it may mean', async () => {
    await expect(labelsOf({ 'crane/a.jpg': '' })).rejects.toThrow(
      /folder "crane": "crane" may be class 1 .* or class 2/,
    );
  });

  it('asks what to do with images outside class folders, and does it', async () => {
    const files = { 'tench/a.jpg': '', 'holidays/b.jpg': '', 'c.jpg': '' };
    await expect(labelsOf(files)).rejects.toThrow(
      /1 of 3 images lie in folders named after a class, but others lie directly in it/,
    );
    expect(await labelsOf(files, { labels: 'folders' })).toEqual({ kind: 'folders', images: { 'tench/a.jpg': 0 } });
    expect(await labelsOf(files, { labels: 'none' })).toEqual({
      kind: 'none',
      images: { 'tench/a.jpg': null, 'holidays/b.jpg': null, 'c.jpg': null },
    });
    const { unlabelledImages } = await readDataset(temporaryFolder(files), CLASSES, { labels: 'folders' });
    expect(unlabelledImages).toBe(2);
  });

  it('takes numbers for indexes only when asked to: they may be months', async () => {
    const files = { '02/a.jpg': '', '03/b.jpg': '' };
    expect(await labelsOf(files)).toEqual({ kind: 'none', images: { '02/a.jpg': null, '03/b.jpg': null } });
    expect(await labelsOf(files, { labels: 'folders' })).toEqual({
      kind: 'folders',
      images: { '02/a.jpg': 2, '03/b.jpg': 3 },
    });
  });
});

describe('no label file, no class folders', () => {
  it('takes WordNet ids at the beginning of all file names, else nothing', async () => {
    const named = { 'n01440764_tench.jpg': '', 'x/n03126707-1.jpg': '' };
    expect(await labelsOf(named)).toEqual({
      kind: 'file-names',
      images: { 'n01440764_tench.jpg': 0, 'x/n03126707-1.jpg': 2 },
    });
    expect((await labelsOf({ ...named, 'other.jpg': '' })).kind).toBe('none');
  });

  it('takes WordNet ids at the end of all file names', async () => {
    expect(await labelsOf({ 'val_00000001_n01440764.JPEG': '', 'val_00000002_n03126707.JPEG': '' })).toEqual({
      kind: 'file-names',
      images: { 'val_00000001_n01440764.JPEG': 0, 'val_00000002_n03126707.JPEG': 2 },
    });
  });

  it('refuses a folder without images', async () => {
    await expect(labelsOf({ 'a.txt': '' })).rejects.toMatchObject({ code: 'dataset-empty' });
    await expect(labelsOf({})).rejects.toMatchObject({ code: 'dataset-empty' });
  });

  it.runIf(process.platform === 'linux')('says of how many files the names are not UTF-8', async () => {
    const root = temporaryFolder();
    writeFileSync(Buffer.from(join(root, '\xFF.jpg'), 'latin1'), '');
    await expect(readDataset(root, CLASSES)).rejects.toThrow(
      'no image files (0 other files, 1 whose names are not UTF-8)',
    );
    writeFileSync(join(root, 'a.jpg'), '');
    expect(await readDataset(root, CLASSES)).toMatchObject({
      images: [{ path: 'a.jpg', label: null }],
      undecodableNames: 1,
    });
  });
});

describe('a list of images', () => {
  const FILES = {
    'a.jpg': '',
    'b.jpg': '',
    'with space/c.jpg': '',
    'labels.csv': 'file,label\na.jpg,0\nb.jpg,1\nwith space/c.jpg,3\n',
  };
  const read = (list: string, options: DatasetOptions = {}) => {
    const root = temporaryFolder(FILES);
    return readDataset(root, CLASSES, { ...options, list: join(temporaryFolder({ list }), 'list') });
  };

  it('takes those alone, with their labels, in the order of their paths, missing ones too', async () => {
    expect(await read('with space/c.jpg\r\n\n./a.jpg\na.jpg\n')).toMatchObject({
      labels: { kind: 'csv' },
      chosen: true,
      images: [
        { path: 'a.jpg', label: 0 },
        { path: 'with space/c.jpg', label: 3 },
      ],
      unlabelledImages: 0,
    });
    const { images } = await read('gone.jpg\nb.jpg', { labels: 'none' });
    expect(images).toEqual(['b.jpg', 'gone.jpg'].map((path) => ({ path, label: null })));
  });

  it('names some, all of them in the folder', async () => {
    for (const [list, message] of [
      ['\n', /list: names no image/],
      ['a.jpg\n../b.jpg\n', /list: line 2: "..\/b.jpg" is not in /],
      ['gone.jpg\n', /none of the 1 images/],
    ] as const)
      await expect(read(list)).rejects.toThrow(message);
    await expect(readDataset(temporaryFolder(FILES), CLASSES, { list: '/no/such/list' })).rejects.toThrow(
      /\/no\/such\/list: the list of images cannot be read/,
    );
  });
});

describe('a label file', () => {
  const PHOTOS = { 'a.jpg': '', 'b, c.jpg': '', 'images/d.jpg': '', 'other/e.jpg': '' };

  it('is found in the folder; takes indexes, names and WordNet ids, paths from the folder or file names below it', async () => {
    const csv = 'file,label\na.jpg,3\n"b, c.jpg","Tench, tinca tinca"\nd.jpg,n03126707\n./other/e.jpg,tiger cat\n';
    expect(await labelsOf({ ...PHOTOS, 'labels.csv': csv })).toEqual({
      kind: 'csv',
      images: { 'a.jpg': 3, 'b, c.jpg': 0, 'images/d.jpg': 2, 'other/e.jpg': 3 },
    });
  });

  it('needs no header, and finds its columns by one', async () => {
    expect((await labelsOf({ ...PHOTOS, 'labels.csv': 'a.jpg,1\n' })).images).toEqual({ 'a.jpg': 1 });
    const csv = 'split,Label,File\ntrain,2,a.jpg\n';
    expect((await labelsOf({ ...PHOTOS, 'labels.csv': csv })).images).toEqual({ 'a.jpg': 2 });
  });

  it('may lie elsewhere', async () => {
    const file = join(temporaryFolder({ 'truth.csv': 'd.jpg,1\n' }), 'truth.csv');
    expect((await labelsOf(PHOTOS, { labels: file })).images).toEqual({ 'images/d.jpg': 1 });
  });

  it('finds a name in another Unicode composition', async () => {
    expect((await labelsOf({ 'cafe\u0301.jpg': '', 'labels.csv': 'caf\u00e9.jpg,1\n' })).images).toEqual({
      'cafe\u0301.jpg': 1,
    });
  });

  it('keeps files that are missing, so that the run can report them, and counts images it does not name', async () => {
    const root = temporaryFolder({ ...PHOTOS, 'labels.csv': 'a.jpg,1\ngone.jpg,2\n' });
    const dataset = await readDataset(root, CLASSES);
    expect(dataset.images).toEqual([
      { path: 'a.jpg', label: 1 },
      { path: 'gone.jpg', label: 2 },
    ]);
    expect(dataset).toMatchObject({ unlabelledImages: 3, skippedFiles: 0 });
  });

  it('may name files that are found in no other way: repeated links, files without the extension of an image', async () => {
    const root = temporaryFolder({ 'all/a.jpg': '', 'labels.csv': 'links/a1.jpg,1\n' });
    mkdirSync(join(root, 'links'));
    symlinkSync('../all/a.jpg', join(root, 'links/a1.jpg'));
    expect((await readDataset(root, CLASSES)).images).toEqual([{ path: 'links/a1.jpg', label: 1 }]);
    mkdirSync(join(root, 'old/links'), { recursive: true });
    writeFileSync(join(root, 'old/links/a1.jpg'), '');
    expect((await readDataset(root, CLASSES)).images).toEqual([{ path: 'links/a1.jpg', label: 1 }]);

    const files = { 'x/abc': '', 'notes.txt': '' };
    expect(await readDataset(temporaryFolder({ ...files, 'labels.csv': 'x/abc,1\n' }), CLASSES)).toMatchObject({
      images: [{ path: 'x/abc', label: 1 }],
      skippedFiles: 1,
    });
    const elsewhere = join(temporaryFolder({ 'truth.csv': 'x/abc,1\n' }), 'truth.csv');
    expect((await labelsOf(files, { labels: elsewhere })).images).toEqual({ 'x/abc': 1 });
    const below = temporaryFolder({ ...files, 'meta/truth.csv': 'x/abc,1\n' });
    expect(await readDataset(below, CLASSES, { labels: join(below, 'meta/truth.csv') })).toMatchObject({
      images: [{ path: 'x/abc', label: 1 }],
      skippedFiles: 1,
    });
  });

  it('may lie elsewhere and name missing files, which keep the names it gives them', async () => {
    const parent = temporaryFolder({
      'truth.csv': 'a.jpg,1\nnope.jpg,2\nphotos/gone.jpg,3\nother/there.jpg,1\n',
      'photos/a.jpg': '',
      'other/there.jpg': '',
    });
    const { images } = await readDataset(join(parent, 'photos'), CLASSES, { labels: join(parent, 'truth.csv') });
    expect(images).toEqual([
      { path: '../other/there.jpg', label: 1 },
      { path: 'a.jpg', label: 1 },
      { path: 'gone.jpg', label: 3 },
      { path: 'nope.jpg', label: 2 },
    ]);
  });

  it('finds the files of a folder that is called by a link', async () => {
    const root = temporaryFolder({ 'x/abc': '', 'truth.csv': 'x/abc,1\n' });
    const link = join(temporaryFolder(), 'link');
    symlinkSync(root, link);
    const { images } = await readDataset(link, CLASSES, { labels: join(root, 'truth.csv') });
    expect(images).toEqual([{ path: 'x/abc', label: 1 }]);
  });

  it('is not of this folder when all it names lies elsewhere', async () => {
    const parent = temporaryFolder({
      'truth.csv': '\nother/a.jpg,1\nother/b.jpg,1\n',
      'other/a.jpg': '',
      'other/b.jpg': '',
      'photos/c.jpg': '',
    });
    await expect(readDataset(join(parent, 'photos'), CLASSES, { labels: join(parent, 'truth.csv') })).rejects.toThrow(
      /none of the files it names is in .*photos, for example "other\/a.jpg" on line 2/,
    );
  });

  it('does not take a folder for a file', async () => {
    await expect(labelsOf({ ...PHOTOS, 'labels.csv': 'images,1\n' })).rejects.toThrow(/none of the files it names/);
  });

  const NUMBERED = { 'val_1.JPEG': '', 'val_2.JPEG': '', 'val_3.JPEG': '' };
  const LABELLED = { 'val_1.JPEG': 0, 'val_2.JPEG': 3, 'val_3.JPEG': 1 };

  it.each([
    ['Caffe', 'val_1.JPEG 0\nval_2.JPEG 3\nval_3.JPEG 1\n'],
    ['tabs', 'val_1.JPEG\t0\nval_2.JPEG\t3\nval_3.JPEG\t1\n'],
    ['semicolons, a byte order mark', '\uFEFFFile;Label\nval_1.JPEG;0\nval_2.JPEG;3\nval_3.JPEG;1\n'],
    ['timm', 'ImageId,Class\nval_1,n01440764\nval_2,n02981792\nval_3,n02012849\n'],
    ['fastai', 'name,target\nval_1.JPEG,n01440764\nval_2.JPEG,n02981792\nval_3.JPEG,n02012849\n'],
    ['a data frame', ',filepaths,labels\n0,val_1.JPEG,tench\n1,val_2.JPEG,tiger cat\n2,val_3.JPEG,n02012849\n'],
    [
      'Kaggle',
      'ImageId,PredictionString\nval_1,n01440764 1 2 3 4 n01440764 5 6 7 8 \nval_2,n02981792 1 2 3 4 \nval_3,n02012849 1 2 3 4\n',
    ],
    ['numbers that a data frame made fractions', 'file,label\nval_1.JPEG,0.0\nval_2.JPEG,3.0\nval_3.JPEG,1.00\n'],
    ['bars', 'file|label\nval_1.JPEG|0\nval_2.JPEG|3\nval_3.JPEG|1\n'],
    ['a commented text', '# my labels: file label\n#\n\nval_1.JPEG 0\nval_2.JPEG 3\nval_3.JPEG 1\n'],
    ['a table with its own numbers', 'id,file_name,category_id\n7,val_1.JPEG,0\n8,val_2.JPEG,3\n9,val_3.JPEG,1\n'],
    ['numbers from 1', 'val_1.JPEG,1\nval_2.JPEG,4\nval_3.JPEG,2\n'],
  ])('is read as it comes from %s', async (_, csv) => {
    expect((await labelsOf({ ...NUMBERED, 'labels.csv': csv })).images).toEqual(LABELLED);
  });

  it('says when it takes numbers to count from 1', async () => {
    const root = temporaryFolder({ ...NUMBERED, 'labels.csv': 'val_1.JPEG,1\nval_2.JPEG,4\n' });
    expect((await readDataset(root, CLASSES)).remarks).toEqual([expect.stringContaining('count from 1')]);
  });

  it('finds a name with spaces before a space and a label', async () => {
    const csv = 'my photo.jpg 2\nother.jpg 1\n';
    expect((await labelsOf({ 'my photo.jpg': '', 'other.jpg': '', 'labels.csv': csv })).images).toEqual({
      'my photo.jpg': 2,
      'other.jpg': 1,
    });
  });

  it('must not contradict the WordNet ids in the names of its files', async () => {
    const files = { 'a_n01440764.jpg': '', 'b_n02012849.jpg': '', 'c.jpg': '' };
    await expect(
      labelsOf({ ...files, 'labels.csv': 'a_n01440764.jpg,0\nb_n02012849.jpg,2\nc.jpg,0\n' }),
    ).rejects.toThrow(/line 2: "b_n02012849.jpg" is labelled "2", class 2, but its name says class 1/);
    await expect(labelsOf({ ...files, 'labels.csv': 'a_n01440764.jpg,1\nb_n02012849.jpg,2\n' })).rejects.toMatchObject({
      next: expect.stringContaining('count from 1') as string,
    });
  });

  it('lists the columns it knows where it knows none of those found', async () => {
    const labels = labelsOf({ ...NUMBERED, 'labels.csv': 'photo,thing\nval_1.JPEG,0\n' });
    await expect(labels).rejects.toMatchObject({ next: expect.stringMatching(/ImageId.*synset/) as string });
  });

  it('cannot be a list of numbers alone', async () => {
    const labels = labelsOf({ ...NUMBERED, 'labels.csv': '21\n45\n' });
    await expect(labels).rejects.toMatchObject({ next: expect.stringContaining('development kit') as string });
  });

  it.each([
    ['a.jpg,4', /line 1: "4" is no class of the model; expected an index from 0 to 3/],
    ['a.jpg,1\n\nimages/d.jpg,sheep', /line 3: "sheep" is no class of the model/],
    ['a.jpg,crane', /line 1: "crane" may be class 1 .* or class 2/],
    ['a.jpg', /line 1: expected a file and a label separated by a comma, found "a.jpg"/],
    ['a.jpg, ', /line 1: expected a file and a label/],
    ['a.jpg,1\nb.jpg,2\na.jpg,3', /line 3: "a.jpg" has another label on line 1/],
    ['x.jpg,1', /none of the files it names is in/],
    ['file,label\n', /no labels/],
    ['', /no labels/],
  ])('%j gets an error that says what is wrong', async (csv, message) => {
    const labels = labelsOf({ ...PHOTOS, 'labels.csv': csv });
    await expect(labels).rejects.toThrow(message);
    await expect(labels).rejects.toMatchObject({ code: 'labels-unreadable' });
  });

  it('must not leave open which of two files is meant', async () => {
    const labels = labelsOf({ 'x/a.jpg': '', 'y/a.jpg': '', 'labels.csv': 'a.jpg,1\n' });
    await expect(labels).rejects.toThrow('line 1: "a.jpg" may be x/a.jpg or y/a.jpg');
  });

  it('must exist and be UTF-8', async () => {
    await expect(labelsOf(PHOTOS, { labels: '/nowhere/labels.csv' })).rejects.toThrow('cannot be read');
    const root = temporaryFolder({ 'a.jpg': '', 'labels.csv': '' });
    writeFileSync(join(root, 'labels.csv'), Buffer.from('caf\xe9.jpg,1', 'latin1'));
    await expect(readDataset(root, CLASSES)).rejects.toMatchObject({
      message: expect.stringContaining('its text is not UTF-8') as string,
      next: 'Save it as UTF-8.',
    });
  });
});

const SHARED = resolve(import.meta.dirname, '../../../../shared');
describe.skipIf(!existsSync(SHARED))('the shared photos', () => {
  const imagenet: ModelClasses = {
    count: 1000,
    labels: existsSync(SHARED)
      ? readFileSync(join(SHARED, 'models/imagenet-classes.txt'), 'utf8').trim().split('\n')
      : [],
  };

  it('have the same labels by file, by file name, and in the photos’ own folder', async () => {
    const byFile = await readDataset(join(SHARED, 'data/imagenet-250'), imagenet);
    const byName = await readDataset(join(SHARED, 'data/imagenet-250/images'), imagenet);
    expect([byFile.labels.kind, byName.labels.kind, byFile.images.length]).toEqual(['csv', 'file-names', 250]);
    expect(byFile.images.map(({ label }) => label)).toEqual(byName.images.map(({ label }) => label));
    expect(byFile.images[0]).toEqual({ path: 'images/n01440764_tench.JPEG', label: 0 });
  });

  it('of Caltech-101 lie in 100 class folders', async () => {
    const folders = [
      ...new Set(
        (await readDataset(join(SHARED, 'data/caltech101/test'), { count: 0, labels: [] })).images.map(
          ({ path }) => path.split('/')[0]!,
        ),
      ),
    ];
    const dataset = await readDataset(join(SHARED, 'data/caltech101/test'), { count: 100, labels: [], folders });
    expect([
      dataset.labels.kind,
      dataset.images.length,
      new Set(dataset.images.map(({ label }) => label)).size,
    ]).toEqual(['folders', 2748, 100]);
  });
});
