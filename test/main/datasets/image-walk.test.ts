import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { walkImages } from '../../../src-main/datasets/image-walk.ts';
import { byPathBytes } from '../../../src-main/images/image-names.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const images = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, '']));

describe('walkImages', () => {
  it('finds images in all folders, in the order of the bytes of their paths', async () => {
    const root = temporaryFolder(
      images(
        'b.JPG',
        'a/z.png',
        'a b.jpeg',
        'a.tif',
        'é.webp',
        'new\nline.gif',
        'a/deep/er/x.avif',
        '\u{1F41F}.jpg',
        '\uFF21.jpg',
      ),
    );
    const walk = await walkImages(root);
    expect(walk.files).toEqual([
      'a b.jpeg',
      'a.tif',
      'a/deep/er/x.avif',
      'a/z.png',
      'b.JPG',
      'new\nline.gif',
      'é.webp',
      // U+FF21 comes before U+1F41F, unlike in the order of UTF-16 code units.
      '\uFF21.jpg',
      '\u{1F41F}.jpg',
    ]);
  });

  it('names other files and leaves hidden ones out', async () => {
    const root = temporaryFolder(images('a.jpg', 'notes.txt', 'a/readme', '._a.jpg', '.cache/b.jpg', 'photo.jpg.part'));
    expect(await walkImages(root)).toMatchObject({
      files: ['a.jpg'],
      otherFiles: ['a/readme', 'notes.txt', 'photo.jpg.part'],
    });
  });

  it('follows links, each target once, whichever name comes first', async () => {
    const elsewhere = temporaryFolder(images('x.jpg', 'y.jpg', 'more/z.jpg'));
    const root = temporaryFolder(images('photos/a.jpg'));
    symlinkSync(elsewhere, join(root, 'b-link'));
    symlinkSync(elsewhere, join(root, 'a-link'));
    symlinkSync(join(elsewhere, 'more'), join(root, 'more-link'));
    symlinkSync(join(root, 'photos/a.jpg'), join(root, '0.jpg'));
    symlinkSync('nowhere', join(root, 'broken.jpg'));
    expect(await walkImages(root)).toEqual({
      files: ['a-link/more/z.jpg', 'a-link/x.jpg', 'a-link/y.jpg', 'photos/a.jpg'],
      otherFiles: [],
      undecodableNames: 0,
      repeatedLinks: 3,
      brokenLinks: 1,
    });
  });

  it.each([
    ['before', 'a.jpg', ['a.jpg', 'b/more/z.jpg']],
    ['after', 'c.jpg', ['b/more/z.jpg', 'b/o.jpg']],
  ])('takes a file once when a link to it comes %s a link to its folder', async (_order, link, files) => {
    const elsewhere = temporaryFolder(images('o.jpg', 'more/z.jpg'));
    const root = temporaryFolder();
    symlinkSync(join(elsewhere, 'o.jpg'), join(root, link));
    symlinkSync(elsewhere, join(root, 'b'));
    expect(await walkImages(root)).toMatchObject({ files, repeatedLinks: 1 });
  });

  it('takes a file once when only a later round of links leads to its folder', async () => {
    const elsewhere = temporaryFolder(images('o.jpg'));
    const between = temporaryFolder();
    const root = temporaryFolder();
    symlinkSync(elsewhere, join(between, 'a'));
    symlinkSync(between, join(root, 'b'));
    symlinkSync(join(elsewhere, 'o.jpg'), join(root, 'c.jpg'));
    expect(await walkImages(root)).toMatchObject({ files: ['c.jpg'], repeatedLinks: 1 });
  });

  it('ends in spite of loops', async () => {
    const root = temporaryFolder(images('a/b/c.jpg'));
    symlinkSync('..', join(root, 'a/b/up'));
    symlinkSync(realpathSync(root), join(root, 'a/root'));
    symlinkSync('self', join(root, 'self'));
    const walk = await walkImages(root);
    expect(walk).toMatchObject({ files: ['a/b/c.jpg'], repeatedLinks: 2, brokenLinks: 1 });
  });

  // Only Linux keeps names that are no text.
  describe.runIf(process.platform === 'linux')('names that are not UTF-8', () => {
    const bytes = (folder: string, name: string) => Buffer.from(join(folder, name), 'latin1');

    it('are counted, files and folders; the others are found', async () => {
      const root = temporaryFolder(images('good.jpg', '\uFFFD.jpg', 'é/a.jpg'));
      writeFileSync(bytes(root, '\xFF.jpg'), '');
      writeFileSync(bytes(root, '\xFE.jpg'), '');
      mkdirSync(bytes(root, '\xFF'));
      writeFileSync(bytes(root, '\xFF/b.jpg'), '');
      writeFileSync(bytes(root, '.\xFF.jpg'), '');
      expect(await walkImages(root)).toMatchObject({
        files: ['good.jpg', 'é/a.jpg', '\uFFFD.jpg'],
        undecodableNames: 3,
      });
    });

    it('do not matter where a link or the folder itself leads to them', async () => {
      const elsewhere = temporaryFolder();
      mkdirSync(bytes(elsewhere, '\xFF'));
      writeFileSync(bytes(elsewhere, '\xFF/a.jpg'), '');
      writeFileSync(bytes(elsewhere, '\xFE.jpg'), '');
      const root = temporaryFolder();
      symlinkSync(bytes(elsewhere, '\xFF'), join(root, 'folder'));
      symlinkSync(bytes(elsewhere, '\xFE.jpg'), join(root, 'b.jpg'));
      expect(await walkImages(root)).toMatchObject({ files: ['b.jpg', 'folder/a.jpg'], brokenLinks: 0 });
      expect(await walkImages(join(root, 'folder'))).toMatchObject({ files: ['a.jpg'] });
    });
  });

  it('says which folder it cannot read', async () => {
    const root = temporaryFolder(images('a.jpg'));
    await expect(walkImages(join(root, 'missing'))).rejects.toMatchObject({ code: 'dataset-unreadable' });
    await expect(walkImages(join(root, 'a.jpg'))).rejects.toThrow('expected a folder, found a file');
  });

  it('stops when cancelled', async () => {
    const root = temporaryFolder(images('a.jpg'));
    mkdirSync(join(root, 'b'));
    await expect(walkImages(root, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

it('byPathBytes sorts like the bytes of UTF-8', () => {
  expect(byPathBytes(['b', 'a/b', 'a-b', 'a b', 'B', 'ä', ''])).toEqual(['', 'B', 'a b', 'a-b', 'a/b', 'b', 'ä']);
});
