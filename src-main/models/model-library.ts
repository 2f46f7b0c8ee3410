import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readdirSync, rmSync, statSync, type Dirent } from 'node:fs';
import { mkdtemp, rename } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../files/make-folder.ts';
import { PRIVATE_FOLDER } from '../files/private-folder.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { EngineProgress } from '../engine/inside/task-context.ts';
import { cardPath, readCard, readLabels, writeCard } from './model-card-file.ts';
import { fileDigest } from '../files/digest.ts';
import { systemCode } from '../files/system-error.ts';
import { openModelFile } from '../onnx/model-file.ts';
import { projectFolder, unpacked } from '../files/project-folder.ts';

/** A model Fovea can be asked for by id. */
export interface InstalledModel {
  /** File name without `.onnx`; of a file that is not installed, its path. */
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  /** Comes with Fovea. */
  readonly embedded: boolean;
}

export interface AddOptions {
  /** Default: the file's name without `.onnx`. */
  readonly id?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes copied. */
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
}

export { DEFAULT_MODEL } from '../../src-shared/contract/model-summary.ts';

/** Folders that models are copied into before they are installed; what a killed process left there is removed after a day. */
const UNFINISHED = '.adding-';
const DAY_MS = 24 * 3_600_000;

/** Begins the name of a folder that a removed model waits in, `.removed-<time>-<id>`: it can be brought back for so long at least. */
const REMOVED = '.removed-';
const UNDO_MS = 10 * 60_000;

/**
 * The models that come with Fovea, and those in the user's data folder. There each has a folder of its own, so that files beside it
 * (card, labels, external data) cannot meet those of another; single `.onnx` files that users put there themselves count, too.
 */
export class ModelLibrary {
  readonly folder: string;
  readonly #embeddedFolder: string;

  constructor(dataFolder: string, embeddedFolder = unpacked(join(projectFolder(), 'models'))) {
    this.folder = resolve(dataFolder, 'models');
    this.#embeddedFolder = embeddedFolder;
  }

  list(): InstalledModel[] {
    const models = new Map<string, InstalledModel>();
    const add = (path: string, embedded: boolean) => {
      const id = idOf(path);
      if (!models.has(id)) models.set(id, { id, path, embedded });
    };
    for (const path of modelFiles(this.#embeddedFolder)) add(path, true);
    for (const path of [...modelFiles(this.folder), ...subfolders(this.folder).flatMap(modelFiles)]) add(path, false);
    return [...models.values()];
  }

  /**
   * An installed model by id, or any model by its file.
   * @throws FoveaError `model-unknown` naming the installed ids
   */
  find(reference: string): InstalledModel {
    const installed = this.list();
    const found = installed.find((model) => model.id === reference);
    if (found) return found;
    const path = resolve(reference);
    const own = installed.find((model) => model.path === path);
    if (own) return own;
    if (!existsSync(path) && extname(reference) !== '.onnx' && !reference.includes('/') && !reference.includes(sep))
      throw new FoveaError(
        'model-unknown',
        `no model is called ${reference}; installed: ${installed.map((model) => model.id).join(', ')}`,
        'Name an installed model or an ONNX file; fovea models add FILE installs one.',
      );
    return { id: reference, path, embedded: false };
  }

  /**
   * Copies a model file, its external data, its card and the card's labels into the user's data folder. The copy is compared with the
   * original and appears as a whole.
   * @throws FoveaError `model-…`, `card-…`, `labels-…`, `bad-argument` for an id that is taken or no file name, `output-unwritable`
   */
  async add(file: string, { id: wanted, signal, onProgress }: AddOptions = {}): Promise<InstalledModel> {
    const source = resolve(file);
    const installed = this.list().find((model) => model.path === source);
    if (installed) return installed;
    const id = wanted ?? idOf(source);
    this.checkFree(id);
    const { externalFiles, source: bytes } = openModelFile(source);
    bytes.close();
    const card = await readCard(source);
    if (card) await readLabels(source, card, null);
    const beside = new Set(externalFiles);
    if (typeof card?.labels === 'string') beside.add(card.labels);
    const copies = [{ from: source, to: `${id}.onnx` }];
    for (const name of beside) copies.push({ from: join(dirname(source), name), to: name });
    const total = copies.reduce((sum, { from }) => sum + statSync(from).size, 0);
    let done = 0;
    const progress = (copied: number) => onProgress?.({ done: (done += copied), total });
    const staging = await this.#unfinishedFolder();
    try {
      for (const { from, to } of copies) await copyCompared(from, join(staging, to), signal, progress);
      if (card)
        await writeCard(join(staging, `${id}.onnx`), card.file === undefined ? card : { ...card, file: `${id}.onnx` });
      return await this.adopt(staging, id);
    } catch (error) {
      rmSync(staging, { recursive: true, force: true });
      if (error instanceof FoveaError) throw error;
      if (signal?.aborted) throw new FoveaError('cancelled', `${source}: cancelled, nothing was installed`);
      throw unwritable(join(this.folder, id), error);
    }
  }

  /**
   * Installs a folder that holds `<id>.onnx` and what belongs to it, by renaming it.
   * @throws FoveaError `output-unwritable`
   */
  async adopt(folder: string, id: string): Promise<InstalledModel> {
    const target = join(this.folder, id);
    try {
      makeFolder(this.folder, PRIVATE_FOLDER);
      await rename(folder, target);
    } catch (error) {
      throw unwritable(target, error);
    }
    return { id, path: join(target, `${id}.onnx`), embedded: false };
  }

  /**
   * Takes a model out of sight: its folder, or where the user put the file there alone, the file and its card.
   * @throws FoveaError `not-allowed` for a model that comes with Fovea or is not installed, `output-unwritable`
   */
  async remove({ id, path, embedded }: InstalledModel): Promise<void> {
    if (embedded || !path.startsWith(this.folder + sep))
      throw new FoveaError(
        'not-allowed',
        `${id} ${embedded ? 'comes with Fovea' : 'is not installed'}: it is not removed`,
      );
    const waiting = join(this.folder, `${REMOVED}${Date.now()}-${id}`);
    try {
      for (const { folder, time } of this.#removed())
        if (Date.now() - time > UNDO_MS) rmSync(folder, { recursive: true });
      if (dirname(path) !== this.folder) await rename(dirname(path), waiting);
      else {
        makeFolder(waiting);
        if (existsSync(cardPath(path))) await rename(cardPath(path), join(waiting, basename(cardPath(path))));
        await rename(path, join(waiting, basename(path)));
      }
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /**
   * Brings back the model of an id that was removed last.
   * @throws FoveaError `model-unknown` where none waits, `bad-argument` where another has its id by now, `output-unwritable`
   */
  async restore(id: string): Promise<InstalledModel> {
    const last = this.#removed()
      .filter((removed) => removed.id === id)
      .reduce<{ folder: string; time: number } | null>(
        (best, one) => (best && best.time > one.time ? best : one),
        null,
      );
    if (!last)
      throw new FoveaError(
        'model-unknown',
        `no removed model is called ${id}`,
        'Nothing is kept under that name: add or download it again.',
      );
    this.checkFree(id);
    return this.adopt(last.folder, id);
  }

  #removed(): { readonly folder: string; readonly id: string; readonly time: number }[] {
    return entriesOf(this.folder).flatMap(({ name }) => {
      const [, time, id] = /^\.removed-(\d+)-(.+)$/.exec(name) ?? [];
      return time === undefined || id === undefined
        ? []
        : [{ folder: join(this.folder, name), id, time: Number(time) }];
    });
  }

  /**
   * @throws FoveaError `bad-argument` when a model has the id already, or it is no file name
   */
  checkFree(id: string): void {
    if (!/^[^./\\:*?"<>|\p{Cc}][^/\\:*?"<>|\p{Cc}]*$/u.test(id))
      throw new FoveaError(
        'bad-argument',
        `${JSON.stringify(id)} cannot be the id of a model, since it cannot be the name of a file everywhere`,
        'Give another one with --id.',
      );
    const taken = this.list().find((model) => model.id === id);
    if (taken)
      throw new FoveaError(
        'bad-argument',
        `a model called ${id} is installed already: ${taken.path}`,
        taken.embedded
          ? 'Give the new one another id with --id.'
          : 'Give the new one another id with --id, or remove that one.',
      );
  }

  async #unfinishedFolder(): Promise<string> {
    try {
      makeFolder(this.folder, PRIVATE_FOLDER);
      for (const name of readdirSync(this.folder)) {
        const path = join(this.folder, name);
        if (name.startsWith(UNFINISHED) && Date.now() - statSync(path).mtimeMs > DAY_MS)
          rmSync(path, { recursive: true });
      }
      return await mkdtemp(join(this.folder, UNFINISHED));
    } catch (error) {
      throw unwritable(this.folder, error);
    }
  }
}

const idOf = (path: string) => basename(path).replace(/\.onnx$/i, '');

function modelFiles(folder: string): string[] {
  return entriesOf(folder)
    .filter(({ name }) => extname(name) === '.onnx')
    .map(({ name }) => join(folder, name))
    .sort();
}

function subfolders(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(folder, name))
    .sort();
}

/** None where there is no such folder. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return [];
    throw new FoveaError('model-unreadable', `${folder}: the folder cannot be read`, 'Check its permissions.', {
      cause: error,
    });
  }
}

async function copyCompared(
  from: string,
  to: string,
  signal: AbortSignal | undefined,
  onCopied: (bytes: number) => void,
): Promise<void> {
  const hash = createHash('sha256');
  makeFolder(dirname(to));
  await pipeline(
    createReadStream(from, { highWaterMark: 1 << 20 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        onCopied(chunk.length);
        yield chunk;
      }
    },
    createWriteStream(to, { flags: 'wx', flush: true }),
    signal ? { signal } : {},
  );
  if ((await fileDigest(to)) !== hash.digest('hex'))
    throw new FoveaError('output-unwritable', `${to}: the copy differs from ${from}`, 'Check the disk.');
}

function unwritable(target: string, error: unknown): FoveaError {
  const reason = error instanceof Error ? error.message : String(error);
  return new FoveaError(
    'output-unwritable',
    `${target}: cannot be written: ${reason}`,
    'Check that the data folder is writable and has room.',
    { cause: error },
  );
}
