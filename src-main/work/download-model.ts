import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import { writeCard } from '../models/model-card-file.ts';
import {
  type Catalogue,
  catalogueCard,
  catalogueModel,
  DEFAULT_MODEL_HOST,
  downloadUrl,
  modelCatalogue,
} from '../models/model-catalogue.ts';
import { downloadFile, partPath } from '../models/model-download.ts';
import { type InstalledModel, ModelLibrary } from '../models/model-library.ts';
import { openModelFile } from '../onnx/model-file.ts';

export interface DownloadModelOrder {
  readonly name: string;
  /** Default: `FOVEA_MODEL_HOST`, else the zoo's. */
  readonly host?: string | undefined;
  /** Try again after so long without data. */
  readonly timeoutSeconds?: number | undefined;
  readonly catalogue?: Catalogue | undefined;
}

/** Where a download is kept until it is whole; named after the model, so that the next call finds it. */
const downloadFolder = (library: ModelLibrary, id: string) => join(library.folder, '.downloading', id);

/** Bytes that an earlier download of a model left. */
export function presentBytes(library: ModelLibrary, name: string): number {
  const part = partPath(join(downloadFolder(library, name), `${name}.onnx`));
  return statSync(part, { throwIfNoEntry: false })?.size ?? 0;
}

/** Gives up what an earlier download of a model left. */
export async function discardDownload(library: ModelLibrary, name: string): Promise<void> {
  await rm(downloadFolder(library, catalogueModel(modelCatalogue(), name).name), { recursive: true, force: true });
}

/**
 * Downloads a model of the catalogue and installs it; a part that is there is gone on with. Needs no engine.
 * @throws FoveaError `model-unknown`, `bad-argument`, `download-…`, `output-unwritable`, `cancelled`
 */
export async function downloadModel(
  library: ModelLibrary,
  order: DownloadModelOrder,
  work: Work,
): Promise<{ readonly model: InstalledModel; readonly isNew: boolean }> {
  const { timeoutSeconds: timeout, catalogue = modelCatalogue() } = order;
  if (timeout !== undefined && !(timeout > 0))
    throw new FoveaError('bad-argument', `--timeout is ${timeout}, expected seconds above 0`);
  const entry = catalogueModel(catalogue, order.name);
  const url = downloadUrl(entry, order.host ?? (process.env.FOVEA_MODEL_HOST || DEFAULT_MODEL_HOST));
  const installed = () => {
    const model = library.list().find(({ id }) => id === entry.name);
    if (!model) return null;
    work.note({ note: 'installed-already', model: entry.name });
    return { model, isNew: false };
  };
  const before = installed();
  if (before) return before;
  const folder = downloadFolder(library, entry.name);
  const file = join(folder, `${entry.name}.onnx`);
  const begun = figuresOf('downloading', { subject: entry.name, total: entry.bytes });
  const meter = new WorkMeter(work, begun, () => performance.now());
  try {
    await downloadFile(url, file, entry, {
      signal: work.signal,
      stallMs: timeout === undefined ? undefined : 1000 * timeout,
      onProgress: ({ done }) => meter.reach(done),
      onInterruption: (reason) => work.note({ note: 'download-interrupted', model: entry.name, reason }),
    });
    const opened = openModelFile(file);
    opened.source.close();
    await writeCard(file, catalogueCard(catalogue, entry, opened));
    return { model: await library.adopt(folder, entry.name), isNew: true };
  } catch (error) {
    // Another process that was at the same has taken the file away to where it is installed.
    const meanwhile = work.signal.aborted ? null : installed();
    if (meanwhile) return meanwhile;
    throw error;
  }
}
