import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { FoveaError } from '../src-shared/errors.ts';
import { cardPath, readCard } from './model-card-file.ts';
import { projectFolder, unpacked } from './project-folder.ts';

/** A model Fovea can be asked for by id. */
export interface InstalledModel {
  /** File name without `.onnx`; of a file that is not installed, its path. */
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  /** Comes with Fovea. */
  readonly embedded: boolean;
}

/** What commands and views use unless told otherwise. */
export const DEFAULT_MODEL = 'fovea-caltech101';

/** The models that come with Fovea, and those in the user's data folder. */
export class ModelLibrary {
  readonly folder: string;
  readonly #embeddedFolder: string;

  constructor(dataFolder: string, embeddedFolder = unpacked(join(projectFolder(), 'models'))) {
    this.folder = join(dataFolder, 'models');
    this.#embeddedFolder = embeddedFolder;
  }

  list(): InstalledModel[] {
    const embedded = modelFiles(this.#embeddedFolder).map((path) => ({ id: idOf(path), path, embedded: true }));
    const taken = new Set(embedded.map((model) => model.id));
    const own = modelFiles(this.folder).map((path) => ({ id: idOf(path), path, embedded: false }));
    return [...embedded, ...own.filter((model) => !taken.has(model.id))];
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
   * Copies a model file, its card and the card's labels into the user's data folder.
   * @throws FoveaError `model-…`, `card-…`, `output-unwritable`
   */
  async add(file: string): Promise<InstalledModel> {
    const source = resolve(file);
    const id = idOf(source);
    const target = join(this.folder, basename(source));
    if (dirname(source) === this.folder) return { id, path: source, embedded: false };
    if (this.list().some((model) => model.id === id))
      throw new FoveaError(
        'output-unwritable',
        `a model called ${id} is installed already`,
        `Rename the file, or remove ${target} first.`,
      );
    const card = await readCard(source);
    try {
      mkdirSync(this.folder, { recursive: true });
      if (typeof card?.labels === 'string' && existsSync(join(dirname(source), card.labels)))
        copyFileSync(join(dirname(source), card.labels), join(this.folder, basename(card.labels)));
      if (card) copyFileSync(cardPath(source), cardPath(target));
      // The model comes last and whole: what is listed can be used.
      copyFileSync(source, `${target}.part`);
      renameSync(`${target}.part`, target);
    } catch (error) {
      rmSync(`${target}.part`, { force: true });
      throw new FoveaError(
        'output-unwritable',
        `${target}: cannot be written`,
        'Check that the data folder is writable and has room.',
        {
          cause: error,
        },
      );
    }
    return { id, path: target, embedded: false };
  }
}

const idOf = (path: string) => basename(path, '.onnx');

function modelFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => extname(name) === '.onnx')
    .sort()
    .map((name) => join(folder, name));
}
