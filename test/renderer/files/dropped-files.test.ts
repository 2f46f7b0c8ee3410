import { describe, expect, test } from 'vitest';
import { chosenFile, filesOfTransfer, takenFiles, takenMaps } from '../../../src-renderer/files/dropped-files.ts';

/** A dropped file, or a folder with what is in it, as the browser shows it: a hundred entries at a time. */
type Tree = { readonly [name: string]: Tree | null };

function entryOf(name: string, tree: Tree | null, parent = ''): FileSystemEntry {
  const fullPath = `${parent}/${name}`;
  if (tree === null)
    return {
      isFile: true,
      isDirectory: false,
      name,
      fullPath,
      file: (found: (file: File) => void) => found(new File([fullPath], name)),
    } as unknown as FileSystemEntry;
  return {
    isFile: false,
    isDirectory: true,
    name,
    fullPath,
    createReader: () => {
      const children = Object.entries(tree).map(([child, below]) => entryOf(child, below, fullPath));
      return { readEntries: (found: (some: FileSystemEntry[]) => void) => found(children.splice(0, 100)) };
    },
  } as unknown as FileSystemEntry;
}

const drop = (tree: Tree) => {
  const items = Object.entries(tree).map(([name, below]) => ({ webkitGetAsEntry: () => entryOf(name, below) }));
  return filesOfTransfer({ items } as unknown as DataTransfer);
};
const paths = async (tree: Tree) => (await drop(tree)).map(({ path }) => path);

describe('a drop', () => {
  test('gives every loose file, for its error to be told, and of folders the images with their labels', async () => {
    expect(
      await paths({
        'notes.txt': null,
        'a.jpg': null,
        photos: { 'b.PNG': null, 'labels.csv': null, 'readme.txt': null, inner: { 'c.webp': null } },
      }),
    ).toEqual(['notes.txt', 'a.jpg', 'photos/b.PNG', 'photos/inner/c.webp', 'photos/labels.csv']);
  });

  test('a folder that is chosen keeps its name, and gives what a dropped one gives', () => {
    const chosen = (path: string) => {
      const file = new File([], path.split('/').at(-1)!);
      Object.defineProperty(file, 'webkitRelativePath', { value: path.includes('/') ? path : '' });
      return chosenFile(file);
    };
    const files = ['photos/a.jpg', 'photos/labels.csv', 'photos/.cache/b.jpg', 'photos/notes.txt', 'loose.txt'];
    expect(takenFiles(files.map(chosen)).map(({ path }) => path)).toEqual([
      'photos/a.jpg',
      'photos/labels.csv',
      'loose.txt',
    ]);
  });

  test('of maps are tables and arrays, too; of photos the arrays that lie beside them go along', () => {
    const names = ['maps/a.png', 'maps/b.CSV', 'maps/c.npy', 'maps/.d.png', 'maps/e.jpg', 'loose.txt'];
    const files = names.map((path) => ({ path, open: async () => new Blob() }));
    expect(takenMaps(files).map(({ path }) => path)).toEqual(['maps/a.png', 'maps/b.CSV', 'maps/c.npy', 'loose.txt']);
    const beside = ['photos/a.jpg', 'photos/a.map.npy', 'photos/b.npy'];
    const photos = beside.map((path) => ({ path, open: async () => new Blob() }));
    expect(takenFiles(photos).map(({ path }) => path)).toEqual(['photos/a.jpg', 'photos/a.map.npy']);
  });

  test('with a model brings the card, labels and weights beside it', async () => {
    expect(
      await paths({
        net: { 'net.onnx': null, 'net.json': null, 'labels.txt': null, 'net.onnx_data': null, 'x.py': null },
      }),
    ).toEqual(['net/labels.txt', 'net/net.json', 'net/net.onnx', 'net/net.onnx_data']);
  });

  test('leaves hidden files and folders of folders alone', async () => {
    expect(await paths({ photos: { '.cache': { 'a.jpg': null }, '._b.jpg': null, 'b.jpg': null } })).toEqual([
      'photos/b.jpg',
    ]);
  });

  test('of a folder of many files gives them all, in order', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `${String(index).padStart(3, '0')}.jpg`);
    const tree = Object.fromEntries([...names].reverse().map((name) => [name, null]));
    expect(await paths({ photos: tree })).toEqual(names.map((name) => `photos/${name}`));
  });

  test('opens its files later, by their content', async () => {
    const [file] = await drop({ photos: { 'a.jpg': null } });
    expect(await (await file!.open()).text()).toBe('/photos/a.jpg');
  });
});
