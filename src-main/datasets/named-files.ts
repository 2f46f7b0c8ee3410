import { statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Finds the files that the names in a label file mean. Paths are relative to the dataset's folder, separated by `/`. */
export class NamedFiles {
  readonly #root: string;
  readonly #base: string;
  readonly #files: readonly string[];
  readonly #known: ReadonlySet<string>;
  #byName: ReadonlyMap<string, readonly string[]> | null = null;
  #byStem: ReadonlyMap<string, readonly string[]> | null = null;

  /**
   * @param root absolute path of the dataset's folder
   * @param base absolute path of the label file's folder
   * @param files paths of the images found in the dataset's folder
   */
  constructor(root: string, base: string, files: readonly string[]) {
    this.#root = root;
    this.#base = base;
    this.#files = files;
    this.#known = new Set(files);
  }

  /**
   * The files in the dataset's folder that a name may mean: the file of that path from the label file's folder, be it a repeated
   * link or without the extension of an image; else all images whose path ends so (`a.jpg` finds `images/a.jpg`), also when the
   * name differs in its Unicode composition; else the file of that path from the dataset's folder; else images that are called so
   * but for their extension, which lists of ids leave out.
   */
  find(name: string): readonly string[] {
    const direct = this.#fromBase(name);
    if (this.#known.has(direct)) return [direct];
    const images = this.#endingIn(name);
    // Some file systems open a file by another composition of its name: it keeps the one it is listed by.
    const same = images.filter((path) => path.normalize('NFC') === direct.normalize('NFC'));
    if (same.length > 0) return same;
    if (this.#existsInFolder(direct)) return [direct];
    if (images.length > 0) return images;
    const fromRoot = this.#fromRoot(name);
    if (fromRoot !== direct && this.#existsInFolder(fromRoot)) return [fromRoot];
    this.#byStem ??= Map.groupBy(this.#files, (path) => withoutExtension(lastPart(path.normalize('NFC'))));
    return endingIn(this.#byStem, name, withoutExtension);
  }

  /** Where a file lies that is not found: outside of the dataset's folder, or nowhere and would belong into it. */
  place(name: string): string {
    const direct = this.#fromBase(name);
    return isInFolder(direct) || this.#exists(direct) ? direct : this.#fromRoot(name);
  }

  #endingIn(name: string): readonly string[] {
    this.#byName ??= Map.groupBy(this.#files, (path) => lastPart(path.normalize('NFC')));
    return endingIn(this.#byName, name);
  }

  #fromBase(name: string): string {
    return pathFrom(this.#root, resolve(this.#base, name));
  }

  #fromRoot(name: string): string {
    return pathFrom(this.#root, resolve(this.#root, name));
  }

  #existsInFolder(path: string): boolean {
    return isInFolder(path) && this.#exists(path);
  }

  #exists(path: string): boolean {
    try {
      // Label files have many thousand lines: a promise each takes twenty times as long.
      return statSync(resolve(this.#root, path), { throwIfNoEntry: false })?.isFile() ?? false;
    } catch {
      return false;
    }
  }
}

/** Of the files by their last part, those whose path ends in `name`. */
function endingIn(
  files: ReadonlyMap<string, readonly string[]>,
  name: string,
  shown: (path: string) => string = (path) => path,
): readonly string[] {
  const ending = name.normalize('NFC').replaceAll('\\', '/').replace(/^\.\//, '');
  const sameName = files.get(lastPart(ending)) ?? [];
  return sameName.filter((path) => `/${shown(path.normalize('NFC'))}`.endsWith(`/${ending}`));
}

function withoutExtension(path: string): string {
  return path.replace(/\.[^./]*$/, '');
}

export function pathFrom(root: string, path: string): string {
  const inside = relative(root, path);
  return isAbsolute(inside) ? inside : inside.split(sep).join('/');
}

export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function isInFolder(path: string): boolean {
  return !isAbsolute(path) && path !== '..' && !path.startsWith('../');
}
