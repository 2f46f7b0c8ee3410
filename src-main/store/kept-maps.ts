import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { digestOf } from '../files/digest.ts';
import { makeFolder } from '../files/make-folder.ts';
import { writeWholeFile } from '../files/whole-file.ts';

/** A command that was copied names its map: it can be called so long at least. */
const UNUSED_MILLISECONDS = 7 * 24 * 3_600_000;

/**
 * Importance maps that were painted or sent by pages, in the data folder's `maps`, each under its digest: what has been analysed with one can
 * be analysed again. Runs keep those that they took in folders of their own, see `KeptImages`.
 */
export class KeptMaps {
  readonly folder: string;

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'maps');
  }

  /**
   * @param extension of its kind of file, with the dot
   * @returns where it lies, and its digest, hexadecimal
   * @throws FoveaError `output-unwritable`
   */
  async keep(content: Uint8Array, extension: string): Promise<{ readonly path: string; readonly sha256: string }> {
    const sha256 = digestOf(content);
    const path = join(this.folder, `${sha256.slice(0, 16)}${extension}`);
    makeFolder(this.folder, 0o700);
    await writeWholeFile(path, content, { mode: 0o600 });
    return { path, sha256 };
  }

  /** The same of a file. */
  async keepFile(path: string): Promise<{ readonly path: string; readonly sha256: string }> {
    return this.keep(await readFile(path), extname(path).toLowerCase());
  }

  /** Removes those that no image has and that have lain there for a week. @param used paths of those that images have */
  async sweep(used: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const made = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      );
      if (!used.has(path) && made < Date.now() - UNUSED_MILLISECONDS) await rm(path, { force: true });
    }
  }
}
