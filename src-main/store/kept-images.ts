import { existsSync } from 'node:fs';
import { copyFile, link, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, parse, resolve, sep } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../files/make-folder.ts';
import type { KeptImages as KeptImagesRecord } from '../../src-shared/contract/runs.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { csvRow } from '../../src-shared/runs/csv.ts';
import type { DatasetImage } from '../../src-shared/runs/run-record.ts';
import { fileDigest } from '../files/digest.ts';
import { jsonFile } from '../files/json-file.ts';
import { isAlive, PID_SPACE } from '../files/process-alive.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { hasRun, listRuns } from './run-query.ts';
import type { RunDatabase } from './run-database.ts';

const PREVIEW = 'preview.jpg';
/** Says which store a run's folder belongs to (an absolute path), and which process made it. */
const OWNER = 'owner.json';
/** Labels of a run's kept images, in place of the file, folders or names that they were sent with. */
const LABELS = 'labels.csv';
/** Maps of a run's images, called like them: what `--maps` takes. */
const MAPS = 'maps';
const ownerSchema = z.object({ store: z.string(), pid: z.int(), space: z.string() });
const NOBODY = { store: '', pid: 0, space: PID_SPACE };
/** A process of another machine or container, which cannot be looked up, has begun its run by then. */
const BEGUN_MS = 24 * 3_600_000;
/** One name, which begins with no dot. */
const RUN_ID = /^[\w-][\w.-]*$/;

/**
 * Images that pages sent and that runs refer to, in the data folder: `kept/<run>/<digest>/<name>`, and importance maps that were painted or
 * sent: `kept/<run>/maps`. A run owns its folder and all in
 * it, so that letting go of it takes nothing from another run, of this store or of another; the same bytes in two folders are one
 * file under two names where the file system has such.
 */
export class KeptImages {
  readonly folder: string;

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'kept');
  }

  /**
   * Keeps a file that lies in a folder which is emptied, for a run of a store that may not know of it yet.
   * @returns where it lies now
   * @throws FoveaError `output-unwritable`
   */
  async keep(store: string, runId: string, path: string, name: string): Promise<string> {
    try {
      const digest = await fileDigest(path);
      const folder = join(this.#folderOf(runId), digest);
      makeFolder(folder, 0o700);
      await this.#owner(runId).write({ store: resolve(store), pid: process.pid, space: PID_SPACE });
      const [present] = (await readdir(folder)).filter((file) => file !== PREVIEW);
      if (present !== undefined) return join(folder, present);
      const kept = join(folder, name);
      const source = (await this.#original(digest)) ?? path;
      // All lies in the data folder: another name for the same bytes is enough, where the file system has it.
      await link(source, kept).catch(() => copyFile(path, kept));
      return kept;
    } catch (error) {
      throw unkept(name, error);
    }
  }

  /**
   * Keeps the labels of a run's kept images as a file that the command line reads.
   * @param images paths in the run's folder with their class indexes
   * @returns where it lies
   * @throws FoveaError `output-unwritable`
   */
  async keepLabels(runId: string, images: readonly DatasetImage[]): Promise<string> {
    const path = join(this.#folderOf(runId), LABELS);
    const rows = images.flatMap(({ path: image, label }) => (label === null ? [] : [csvRow([image, label])]));
    await writeWholeFile(path, Buffer.from([csvRow(['file', 'label']), ...rows].join('')), { mode: 0o600 });
    return path;
  }

  /**
   * Keeps the importance map of a run's image. What lies in the data folder under its digest is never changed: another name for it is enough.
   * @param image its path in the run's folder, separated by `/`
   * @returns the folder of the run's maps
   * @throws FoveaError `map-invalid` where an image that is called alike has another one, `output-unwritable`
   */
  async keepMap(store: string, runId: string, image: string, map: string): Promise<string> {
    const folder = join(this.#folderOf(runId), MAPS);
    const { dir, name } = parse(image);
    const kept = join(folder, dir, `${name}${extname(map).toLowerCase()}`);
    try {
      makeFolder(dirname(kept), 0o700);
      await this.#owner(runId).write({ store: resolve(store), pid: process.pid, space: PID_SPACE });
      const others = (await readdir(dirname(kept))).filter((file) => parse(file).name === name);
      if (others.length > 0) {
        const [there, own] = await Promise.all([fileDigest(join(dirname(kept), others[0]!)), fileDigest(map)]);
        if (there === own) return folder;
        throw new FoveaError(
          'map-invalid',
          `${image}: another image is called ${name}, too, and has another importance map`,
          'Save them as two runs.',
        );
      }
      const ownPlace = dirname(dirname(map)) === dirname(this.folder);
      await (ownPlace ? link(map, kept).catch(() => copyFile(map, kept)) : copyFile(map, kept));
      return folder;
    } catch (error) {
      throw unkept(basename(map), error);
    }
  }

  holds(path: string): boolean {
    return path.startsWith(this.folder + sep);
  }

  /** The small picture that is kept of an image whose original is gone; null where there is none. */
  async preview(sha256: string): Promise<string | null> {
    for (const runId of await this.#runs()) {
      const path = join(this.#folderOf(runId), sha256, PREVIEW);
      if (existsSync(path)) return path;
    }
    return null;
  }

  /** Puts a small picture in the place of a run's kept original: enough to look at, not to measure again. */
  async reduce(path: string, preview: Uint8Array): Promise<void> {
    await writeWholeFile(join(path, '..', PREVIEW), preview, { mode: 0o600 });
    await rm(path, { force: true });
  }

  /** All that is kept, and for which runs; those of other stores by their id alone. */
  async list(store: RunDatabase): Promise<KeptImagesRecord> {
    const names = new Map(listRuns(store).map(({ id, name }) => [id, name]));
    const all = new Set<string>();
    /** By what tells files apart: two names of one file take room once. */
    const sizes = new Map<string, number>();
    const runs: { runId: string; name: string; images: number; maps: number; bytes: number }[] = [];
    for (const runId of await this.#runs()) {
      const digests = await this.#digests(runId);
      let bytes = 0;
      for (const digest of digests) {
        all.add(digest);
        const folder = join(this.#folderOf(runId), digest);
        for (const file of await readdir(folder)) {
          const { dev, ino, size } = await stat(join(folder, file), { bigint: true });
          sizes.set(`${dev} ${ino}`, Number(size));
          bytes += Number(size);
        }
      }
      const maps = await this.#mapsOf(runId);
      for (const map of maps) {
        const { dev, ino, size } = await stat(map, { bigint: true });
        sizes.set(`${dev} ${ino}`, Number(size));
        bytes += Number(size);
      }
      runs.push({ runId, name: names.get(runId) ?? runId, images: digests.length, maps: maps.length, bytes });
    }
    return { images: all.size, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0), runs };
  }

  /** Lets go of all that is kept for a run. @throws FoveaError `run-unknown` for what is the id of none */
  async remove(runId: string): Promise<void> {
    await rm(this.#folderOf(runId), { recursive: true, force: true });
  }

  /** Removes what is kept for some runs, where it is of this store and the store has them no more, or never had. */
  async forget(store: RunDatabase, runIds: readonly string[]): Promise<void> {
    for (const runId of runIds) {
      const owner = await this.#owner(runId).read();
      if (owner.store === resolve(store.path) && !hasRun(store, runId)) await this.remove(runId);
    }
  }

  /** As {@link forget}, for all runs but those that a living process may be about to begin. */
  async sweep(store: RunDatabase): Promise<void> {
    for (const runId of await this.#runs()) {
      const { pid, space } = await this.#owner(runId).read();
      const isGone = space === PID_SPACE ? !isAlive(pid) : await this.#isOlderThan(runId, BEGUN_MS);
      if (isGone) await this.forget(store, [runId]);
    }
  }

  async #isOlderThan(runId: string, milliseconds: number): Promise<boolean> {
    const made = await stat(this.#folderOf(runId)).catch(() => null);
    return made !== null && Date.now() - made.mtimeMs > milliseconds;
  }

  async #original(digest: string): Promise<string | null> {
    for (const runId of await this.#runs()) {
      const folder = join(this.#folderOf(runId), digest);
      const [file] = (await readdir(folder).catch(() => [])).filter((name) => name !== PREVIEW);
      if (file !== undefined) return join(folder, file);
    }
    return null;
  }

  /**
   * An id comes from a page, or from a store that was merged: it is one name, and leads nowhere else.
   * @throws FoveaError `run-unknown`
   */
  #folderOf(runId: string): string {
    if (!RUN_ID.test(runId))
      throw new FoveaError('run-unknown', `no run "${runId}"`, 'fovea runs list shows all runs.');
    return join(this.folder, runId);
  }

  #owner(runId: string) {
    return jsonFile(join(this.#folderOf(runId), OWNER), ownerSchema, NOBODY);
  }

  async #runs(): Promise<string[]> {
    return (await readdir(this.folder).catch(() => [])).filter((name) => RUN_ID.test(name));
  }

  async #mapsOf(runId: string): Promise<string[]> {
    const folder = join(this.#folderOf(runId), MAPS);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  async #digests(runId: string): Promise<string[]> {
    return (await readdir(this.#folderOf(runId)).catch(() => [])).filter(
      (name) => name !== OWNER && name !== LABELS && name !== MAPS,
    );
  }
}

function unkept(name: string, error: unknown): FoveaError {
  if (error instanceof FoveaError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new FoveaError('output-unwritable', `${name}: cannot be kept: ${reason}`, 'Make room on the disk.', {
    cause: error,
  });
}
