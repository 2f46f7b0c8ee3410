import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportedModel } from '../../src-shared/contract/models.ts';
import { FoveaError } from '../../src-shared/errors.ts';

/** Bytes of a piece: a model of any size crosses without being held at once. */
const PIECE_BYTES = 4 * 2 ** 20;
const DAY_MS = 24 * 3_600_000;

/** Files made for a page, which fetches them piece by piece. They lie in the data folder until they are fetched. */
export class ModelExports {
  readonly #folder: string;
  readonly #files = new Map<string, readonly string[]>();

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'exports');
  }

  /**
   * @param make writes files into a folder, and gives their paths
   * @throws FoveaError what making them throws; nothing is left then
   */
  async make(make: (folder: string) => Promise<readonly string[]>): Promise<ExportedModel> {
    await this.#sweep();
    const exportId = randomUUID();
    const folder = join(this.#folder, exportId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      const paths = await make(folder);
      this.#files.set(exportId, paths);
      const sizes = await Promise.all(paths.map((path) => stat(path)));
      return {
        exportId,
        files: paths.map((path, index) => ({ name: path.slice(folder.length + 1), bytes: sizes[index]!.size })),
      };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** @throws FoveaError `bad-argument` for a file that does not wait */
  async piece(exportId: string, file: number, offset: number): Promise<Uint8Array> {
    const path = this.#files.get(exportId)?.[file];
    if (path === undefined)
      throw new FoveaError('bad-argument', 'these files do not wait any more', 'Export them again.');
    const source = await open(path);
    try {
      const { bytesRead, buffer } = await source.read(new Uint8Array(PIECE_BYTES), 0, PIECE_BYTES, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await source.close();
    }
  }

  async done(exportId: string): Promise<void> {
    if (this.#files.delete(exportId)) await rm(join(this.#folder, exportId), { recursive: true, force: true });
  }

  /** What pages left that are gone, of this process and of others. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const found = await stat(join(this.#folder, name)).catch(() => null);
      if (found && Date.now() - found.mtimeMs > DAY_MS)
        await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }
}
