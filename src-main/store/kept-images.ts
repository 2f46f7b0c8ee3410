import { copyFile, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { KeptImages as KeptImagesRecord } from '../../src-shared/contract/runs.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { fileDigest } from '../files/digest.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { listRuns, runImages } from './run-query.ts';
import type { RunDatabase } from './run-database.ts';

const PREVIEW = 'preview.jpg';
/** Begins the name of an empty file beside an image that says which run has let go of it. */
const RELEASED = '.released-';

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
  /** How many runs that began here have not ended, by digest: the store may not know of them yet. */
  readonly #inUse = new Map<string, number>();

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'kept');
  }

  /**
   * Keeps a file that lies in a folder which is emptied; nothing takes it away before {@link done}.
   * @returns where it lies now
   * @throws FoveaError `output-unwritable`
   */
  async keep(path: string, name: string): Promise<string> {
    try {
      const digest = await fileDigest(path);
      this.#inUse.set(digest, (this.#inUse.get(digest) ?? 0) + 1);
      const folder = join(this.folder, digest);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [present] = (await readdir(folder)).filter((file) => file !== PREVIEW && !file.startsWith(RELEASED));
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

  /** The small picture that is kept of an image whose original is gone; null where there is none. */
  async preview(sha256: string): Promise<string | null> {
    const path = join(this.folder, sha256, PREVIEW);
    return stat(path).then(
      () => path,
      () => null,
    );
  }

  /** The run that a file was kept for has ended. */
  done(path: string): void {
    const digest = this.#digestOf(path);
    this.#inUse.set(digest, (this.#inUse.get(digest) ?? 0) - 1);
  }

  /**
   * Puts a small picture in the place of a run's kept original: enough to look at, not to measure again. One that another run refers
   * to stays.
   */
  async reduce(store: RunDatabase, runId: string, path: string, preview: Uint8Array): Promise<void> {
    const digest = this.#digestOf(path);
    const others = (await this.#referring(store)).filter((run) => run.runId !== runId && run.digests.has(digest));
    if (others.length > 0 || this.#isInUse(digest)) return;
    await writeWholeFile(join(path, '..', PREVIEW), preview, { mode: 0o600 });
    await rm(path, { force: true });
  }

  /** All that is kept, and for which runs. */
  async list(store: RunDatabase): Promise<KeptImagesRecord> {
    const digests = await this.#digests();
    const bytesOf = new Map<string, number>();
    for (const digest of digests) {
      let bytes = 0;
      for (const file of await readdir(join(this.folder, digest)))
        bytes += (await stat(join(this.folder, digest, file))).size;
      bytesOf.set(digest, bytes);
    }
    const sum = (of: Iterable<string>) => [...of].reduce((bytes, digest) => bytes + (bytesOf.get(digest) ?? 0), 0);
    const runs = (await this.#referring(store)).map(({ runId, name, digests: own }) => ({
      runId,
      name,
      images: own.size,
      bytes: sum(own),
    }));
    return { images: digests.length, bytes: sum(digests), runs };
  }

  /**
   * Lets go of what a run refers to: what no other run refers to is removed, the rest when its last run lets go. What no run of this
   * store has stays: it may be of another store, or of a run that just begins.
   */
  async remove(store: RunDatabase, runId: string): Promise<void> {
    const referring = await this.#referring(store);
    for (const digest of await this.#digests()) {
      const folder = join(this.folder, digest);
      const of = referring.filter((run) => run.digests.has(digest)).map((run) => run.runId);
      if (of.some((id) => id !== runId) || this.#isInUse(digest)) {
        if (of.includes(runId)) await writeWholeFile(join(folder, RELEASED + runId), '');
      } else if (of.includes(runId)) await rm(folder, { recursive: true, force: true });
    }
  }

  #digestOf(path: string): string {
    return path.slice(this.folder.length + 1).split(sep)[0]!;
  }

  #isInUse(digest: string): boolean {
    return (this.#inUse.get(digest) ?? 0) > 0;
  }

  async #digests(): Promise<string[]> {
    return readdir(this.folder).catch(() => []);
  }

  async #referring(store: RunDatabase): Promise<Referring[]> {
    const digests = await this.#digests();
    const present = new Set(digests);
    const released = new Set((await Promise.all(digests.map((digest) => this.#releasedFrom(digest)))).flat());
    return listRuns(store).flatMap(({ id, name, dataset: { path: root } }) => {
      // A run of photos elsewhere is not asked for each of them.
      if (!`${root}${sep}`.startsWith(this.folder + sep) && !this.folder.startsWith(root)) return [];
      const kept = runImages(store, id)
        .map((path) => join(root, path))
        .filter((path) => this.holds(path))
        .map((path) => this.#digestOf(path))
        .filter((digest) => present.has(digest) && !released.has(`${digest} ${id}`));
      return kept.length === 0 ? [] : [{ runId: id, name, digests: new Set(kept) }];
    });
  }

  /** `digest run` for each run that has let go of an image. */
  async #releasedFrom(digest: string): Promise<string[]> {
    return (await readdir(join(this.folder, digest)))
      .filter((file) => file.startsWith(RELEASED))
      .map((file) => `${digest} ${file.slice(RELEASED.length)}`);
  }
}
