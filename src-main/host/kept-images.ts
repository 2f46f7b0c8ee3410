import { copyFile, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { KeptImages as KeptImagesRecord } from '../../src-shared/contract/runs.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { fileDigest } from '../files/digest.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { listRuns, runImages } from '../store/run-query.ts';
import type { RunDatabase } from '../store/run-database.ts';

const PREVIEW = 'preview.jpg';

/** A run that refers to kept images, and the digests it refers to. */
interface Referring {
  readonly runId: string;
  readonly name: string;
  readonly digests: ReadonlySet<string>;
}

/**
 * Images that pages sent and that runs refer to, kept by their digest in the data folder: `kept/<digest>/<name>`. The same image
 * sent twice is kept once, under its first name.
 */
export class KeptImages {
  readonly folder: string;

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'kept');
  }

  /**
   * Keeps a file that lies in a folder which is emptied.
   * @returns where it lies now
   * @throws FoveaError `output-unwritable`
   */
  async keep(path: string, name: string): Promise<string> {
    try {
      const folder = join(this.folder, await fileDigest(path));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [present] = (await readdir(folder)).filter((file) => file !== PREVIEW);
      if (present !== undefined) return join(folder, present);
      const kept = join(folder, name);
      // Both folders lie in the data folder: another name for the same bytes is enough, where the file system has it.
      await link(path, kept).catch(() => copyFile(path, kept));
      return kept;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FoveaError('output-unwritable', `${name}: cannot be kept: ${reason}`, 'Make room on the disk.', {
        cause: error,
      });
    }
  }

  holds(path: string): boolean {
    return path.startsWith(this.folder + sep);
  }

  /** Puts a small picture in the place of a kept original: enough to look at, not to measure again. */
  async reduce(path: string, preview: Uint8Array): Promise<void> {
    await writeWholeFile(join(path, '..', PREVIEW), preview, { mode: 0o600 });
    await rm(path, { force: true });
  }

  /** All that is kept, and for which runs. */
  async list(store: RunDatabase): Promise<KeptImagesRecord> {
    const digests = await this.#digests();
    let bytes = 0;
    for (const digest of digests)
      for (const file of await readdir(join(this.folder, digest)))
        bytes += (await stat(join(this.folder, digest, file))).size;
    const runs = this.#referring(store).map(({ runId, name, digests: own }) => ({ runId, name, images: own.size }));
    return { images: digests.length, bytes, runs };
  }

  /** Removes what only this run refers to, and what no run refers to any more. */
  async remove(store: RunDatabase, runId: string): Promise<void> {
    const others = this.#referring(store).filter((run) => run.runId !== runId);
    for (const digest of await this.#digests())
      if (!others.some((run) => run.digests.has(digest)))
        await rm(join(this.folder, digest), { recursive: true, force: true });
  }

  async #digests(): Promise<string[]> {
    return readdir(this.folder).catch(() => []);
  }

  #referring(store: RunDatabase): Referring[] {
    return listRuns(store).flatMap(({ id, name, dataset: { path: root } }) => {
      // A run of photos elsewhere is not asked for each of them.
      if (!`${root}${sep}`.startsWith(this.folder + sep) && !this.folder.startsWith(root)) return [];
      const kept = runImages(store, id)
        .map((path) => join(root, path))
        .filter((path) => this.holds(path))
        .map((path) => path.slice(this.folder.length + 1).split(sep)[0]!);
      return kept.length === 0 ? [] : [{ runId: id, name, digests: new Set(kept) }];
    });
  }
}
