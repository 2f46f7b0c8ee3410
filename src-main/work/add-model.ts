import { resolve } from 'node:path';
import { statSync } from 'node:fs';
import { fileDigest } from '../files/digest.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { type Bench, noteOnModel } from './bench.ts';

export interface AddModelOrder {
  readonly file: string;
  /** Default: the file's name without `.onnx`. */
  readonly id?: string | undefined;
}

/**
 * Installs a model; one that cannot be opened is not installed.
 * @throws FoveaError `model-…`, `card-…`, `labels-…`, `bad-argument` for an id that is taken, `output-unwritable`, `cancelled`
 */
export async function addModel(
  bench: Bench,
  { file, id }: AddModelOrder,
  work: Work,
): Promise<{ readonly model: InstalledModel; readonly opened: OpenedModel }> {
  const path = resolve(file);
  const stamp = bench.stampOfModel(path);
  const opened = await bench.open({ id: file, path, embedded: false }, work);
  const twin = id === undefined ? await installedTwin(bench, opened) : null;
  if (twin) {
    work.note({ note: 'installed-already', model: twin.id });
    return { model: twin, opened: await bench.opened(twin, work) };
  }
  noteOnModel({ id: file, path, embedded: false }, opened, work);
  let meter: WorkMeter | undefined;
  const model = await bench.library.add(path, {
    id,
    signal: work.signal,
    onProgress: ({ done, total }) =>
      (meter ??= new WorkMeter(work, figuresOf('copying', { total }), () => performance.now())).reach(done),
  });
  if (model.path !== path) await bench.copied(path, stamp, model, opened);
  else work.note({ note: 'installed-already', model: model.id });
  return { model, opened };
}

/** An installed model of the same content: a file that is dropped again is that model, with the card it has by now. */
async function installedTwin({ library }: Bench, { path, sha256 }: OpenedModel): Promise<InstalledModel | null> {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  for (const model of library.list())
    if (statSync(model.path, { throwIfNoEntry: false })?.size === bytes && (await fileDigest(model.path)) === sha256)
      return model;
  return null;
}
