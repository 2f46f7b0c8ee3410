import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { whyNotInFolder } from '../files/system-error.ts';
import { byPathBytes, isImageName } from '../images/image-names.ts';

export interface ImageWalk {
  /** Paths of the image files below the folder, relative to it, separated by `/`, in the order of their UTF-8 bytes. */
  readonly files: readonly string[];
  /** Paths of the files that are no images by their names, in the same order. */
  readonly otherFiles: readonly string[];
  /** Files, folders and links left out because their names are not UTF-8, so that no text can name them. */
  readonly undecodableNames: number;
  /** Links and files of linked folders that lead to what is there already; a loop is one of them. */
  readonly repeatedLinks: number;
  /** Links that lead nowhere. */
  readonly brokenLinks: number;
}

export interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after every folder with the number of images found so far. */
  readonly onProgress?: ((images: number) => void) | undefined;
  /** A folder of importance maps, which are no photos where it lies among them. */
  readonly maps?: string | undefined;
}

/**
 * Finds the image files of a folder and all folders in it. What is found does not depend on the order in which the file system
 * lists it: real folders come before links, and links are followed in the order of their paths; each file is taken once, under
 * the first path that leads to it. Hidden files and folders (a dot first) are left out without being counted.
 * @throws FoveaError `dataset-unreadable` naming the folder, `cancelled`
 */
export async function walkImages(root: string, options: WalkOptions = {}): Promise<ImageWalk> {
  const files: string[] = [];
  const otherFiles: string[] = [];
  const realFiles = new Set<string>();
  const visitedFolders = new Set<string>();
  const links: string[] = [];
  let undecodableNames = 0;
  let repeatedLinks = 0;
  let brokenLinks = 0;
  const maps = options.maps === undefined ? null : await realpath(options.maps, BYTES).catch(() => null);

  function takeFile(path: string, real: string): void {
    if (realFiles.has(real)) repeatedLinks++;
    else if (isImageName(path)) {
      files.push(path);
      realFiles.add(real);
    } else otherFiles.push(path);
  }

  async function walkFolder(path: string, real: string): Promise<void> {
    const pending = [{ path, real }];
    for (let folder = pending.pop(); folder; folder = pending.pop()) {
      if (visitedFolders.has(folder.real) || folder.real === maps) continue;
      visitedFolders.add(folder.real);
      for (const entry of await entriesOf(join(root, folder.path), folder.real)) {
        const name = entry.name.toString();
        if (name.startsWith('.')) continue;
        if (!isUtf8(entry.name)) {
          undecodableNames++;
          continue;
        }
        const entryPath = folder.path ? `${folder.path}/${name}` : name;
        const entryReal = join(folder.real, entry.name.toString(BYTES));
        if (entry.isSymbolicLink()) links.push(entryPath);
        else if (entry.isDirectory()) pending.push({ path: entryPath, real: entryReal });
        else if (entry.isFile()) takeFile(entryPath, entryReal);
        else otherFiles.push(entryPath);
      }
      options.onProgress?.(files.length);
      if (options.signal?.aborted) throw new FoveaError('cancelled', `reading ${root} was cancelled`);
    }
  }

  async function followLink(path: string): Promise<void> {
    let real: string;
    let target;
    try {
      real = await realpath(join(root, path), BYTES);
      target = await stat(Buffer.from(real, BYTES));
    } catch {
      brokenLinks++;
      return;
    }
    if (target.isFile()) takeFile(path, real);
    else if (!target.isDirectory()) otherFiles.push(path);
    else if (visitedFolders.has(real)) repeatedLinks++;
    else await walkFolder(path, real);
  }

  await walkFolder('', await realFolder(root));
  // A linked folder may bring new links: they make the next round.
  while (links.length > 0) for (const link of byPathBytes(links.splice(0))) await followLink(link);
  const stems = new Set(files.map(stemOf));
  const isNoMap = (path: string) => !isMapBeside(path, stems);
  return {
    files: byPathBytes(files.filter(isNoMap)),
    otherFiles: byPathBytes(otherFiles.filter(isNoMap)),
    undecodableNames,
    repeatedLinks,
    brokenLinks,
  };
}

/** Real paths are one character a byte: a link may lead to where names are not UTF-8, and these can still be joined and compared. */
const BYTES = 'latin1';

async function realFolder(root: string): Promise<string> {
  let real;
  try {
    real = await realpath(root, BYTES);
    if ((await stat(root)).isDirectory()) return real;
  } catch (error) {
    throw unreadable(root, error);
  }
  throw new FoveaError('dataset-unreadable', `${root}: expected a folder, found a file`, 'Name the folder it lies in.');
}

async function entriesOf(folder: string, real: string): Promise<Dirent<Buffer>[]> {
  try {
    return await readdir(Buffer.from(real, BYTES), { encoding: 'buffer', withFileTypes: true });
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function unreadable(folder: string, error: unknown): FoveaError {
  return new FoveaError(
    'dataset-unreadable',
    `${folder}: the folder cannot be read: ${whyNotInFolder(error)}`,
    'Check its name and permissions.',
    { cause: error },
  );
}

/** A map that lies beside its photo has the photo's name, with this before its ending. */
export const MAP_SUFFIX = '.map';

const stemOf = (path: string) => path.replace(/\.[^./]*$/, '');

/** `photo.map.png` where there is a `photo.jpg`: what says how important its regions are is no photo. */
function isMapBeside(path: string, stems: ReadonlySet<string>): boolean {
  const stem = stemOf(path);
  return stem.endsWith(MAP_SUFFIX) && stems.has(stem.slice(0, -MAP_SUFFIX.length));
}

/** Paths without those of maps that lie beside a photo among them. */
export function withoutMaps(paths: readonly string[]): string[] {
  const stems = new Set(paths.filter(isImageName).map(stemOf));
  return paths.filter((path) => !isMapBeside(path, stems));
}

/** Of the names in a folder those of images that a walk would find there. */
export function imagesAmong(names: readonly string[]): string[] {
  return withoutMaps(names.filter((name) => isImageName(name) && !name.startsWith('.')));
}
