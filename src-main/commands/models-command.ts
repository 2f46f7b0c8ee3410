import { join, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { rangeOf } from '../../src-shared/precision/layer-range.ts';
import { byteProgress, bytesText } from '../text/byte-progress.ts';
import { CALIBRATION_PERCENTILE, evenChoice, storeCalibration } from '../models/calibration.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import type { EngineProgress } from '../engine/engine-protocol.ts';
import { ProgressMeter, progressText } from '../work/folder-progress.ts';
import { walkImages } from '../datasets/image-walk.ts';
import { writeCard } from '../models/model-card-file.ts';
import {
  catalogueCard,
  catalogueModel,
  DEFAULT_MODEL_HOST,
  downloadUrl,
  modelCatalogue,
} from '../models/model-catalogue.ts';
import { downloadFile } from '../models/model-download.ts';
import { openModelFile } from '../onnx/model-file.ts';
import { ModelLibrary, type InstalledModel } from '../models/model-library.ts';
import { listModels, modelListing, type ModelListing } from '../models/model-listing.ts';
import type { AddFlags, CalibrateFlags, DownloadFlags, ListFlags } from './models-options.ts';
import { oneLine, textTable } from '../text/text-table.ts';
import { requestFor, type Bench } from '../work/bench.ts';

/** Images that give stable ranges; more take longer and change little. */
const CALIBRATION_IMAGES = 512;

/** `fovea models list`: no engine is started, no network needed. */
export async function runModelsList({ available }: ListFlags, context: CommandContext): Promise<CommandResult> {
  if (available) return catalogueList(context);
  const { models, failed } = await listModels(new ModelLibrary(context.dataFolder), context.dataFolder);
  return { text: listingsText(models), json: models, failed };
}

function listingsText(models: readonly ModelListing[]): string {
  return textTable(
    ['id', 'name', 'classes', 'input', 'opset', 'size', 'calibrated', 'embedded', 'licence'],
    models.map(({ id, name, classes, inputSize, opset, bytes, calibrated, embedded, licence }) => [
      id,
      name,
      classes,
      inputSize && `${inputSize[0]} x ${inputSize[1]}`,
      opset,
      bytesText(bytes),
      calibrated ? 'yes' : 'no',
      embedded ? 'yes' : 'no',
      licence,
    ]),
  );
}

function catalogueList({ dataFolder }: CommandContext): CommandResult {
  const { models, source } = modelCatalogue();
  const installed = new Set(new ModelLibrary(dataFolder).list().map((model) => model.id));
  const percent = (share: number | undefined) => (share === undefined ? null : (100 * share).toFixed(2));
  return {
    text: `${textTable(
      ['name', 'network', 'opset', 'input', 'size', 'Top-1 %', 'Top-5 %', 'licence', 'installed'],
      models.map(({ name, title, opset, input, bytes, accuracy, licence }) => [
        name,
        title,
        opset,
        input.slice(1).join(' x '),
        bytesText(bytes),
        percent(accuracy?.top1),
        percent(accuracy?.top5),
        licence,
        installed.has(name) ? 'yes' : 'no',
      ]),
    )}${source}\n`,
    json: models.map((model) => ({ ...model, installed: installed.has(model.name) })),
  };
}

/**
 * `fovea models add`: a model that cannot be opened is not installed.
 * @throws FoveaError
 */
export async function runModelsAdd(
  [file = '']: readonly string[],
  { id }: AddFlags,
  workbench: Bench,
  { signal, progress, note, dataFolder }: CommandContext,
): Promise<CommandResult> {
  const { library } = workbench;
  const path = resolve(file);
  const opened = await workbench.open({ id: file, path, embedded: false }, { signal });
  const model = await library.add(path, { id, signal, onProgress: byteProgress(progress) });
  if (model.path === path) note(`${model.id} is installed already`);
  if (opened.preset)
    note(
      `No card lies beside ${file}: preprocessing preset "${opened.preset}" is assumed. ` +
        `fovea models inspect ${model.id} --images FOLDER finds the one that scores best.`,
    );
  return installed(model, dataFolder);
}

async function installed(model: InstalledModel, dataFolder: string): Promise<CommandResult> {
  const listing = await modelListing(model, dataFolder);
  return { text: `${listingsText([listing])}${oneLine(model.path)}\n`, json: listing };
}

/**
 * `fovea models calibrate`: the range of each layer's input, kept with the model.
 * @throws FoveaError
 */
export async function runModelsCalibrate(
  [reference = '', folder = '']: readonly string[],
  { percentile = CALIBRATION_PERCENTILE, limit = CALIBRATION_IMAGES }: CalibrateFlags,
  workbench: Bench,
  { signal, progress, dataFolder }: CommandContext,
): Promise<CommandResult> {
  if (!(percentile > 0 && percentile <= 100))
    throw new FoveaError('bad-argument', `--percentile is ${percentile}, expected more than 0 and at most 100`);
  checkCount('--limit', limit);
  const model = workbench.library.find(reference);
  const opened = await workbench.open(model, { signal });
  const found = await walkImages(resolve(folder), {
    signal,
    onProgress: (images) => progress(`${images} images found`),
  });
  const images = evenChoice(found.files, limit).map((file) => join(resolve(folder), file));
  if (images.length === 0)
    throw new FoveaError('dataset-empty', `${folder}: no image files`, 'Name a folder that holds images.');
  const result = await workbench.engine.run(
    'calibrate',
    { model: requestFor(model.path), images, percentile },
    { signal, onProgress: imageProgress(images.length, (line) => progress(`calibrating: ${line}`)) },
  );
  const failed = result.failed.map(({ path, error }) => ({ path, reason: error.message }));
  if (result.images === 0)
    throw new FoveaError(
      'calibration-missing',
      `none of ${images.length} images could be used; the first: ${failed[0]!.reason}`,
      'Nothing was changed. Name a folder of readable images.',
    );
  const calibration = { percentile, images: result.images, ranges: result.ranges };
  const file = await storeCalibration(dataFolder, opened, calibration, model.embedded);
  workbench.forget(model);
  const spread = found.files.length > images.length ? ` evenly chosen from ${found.files.length}` : '';
  return {
    text: [
      textTable(
        ['layer', 'range'],
        Object.entries(result.ranges).map(([layer, range]) => [layer, rangeOf(range).toPrecision(5)]),
      ),
      `${model.id}: ranges of ${percentile} % of the activations of ${result.images} images${spread}\n`,
      `Stored in ${oneLine(file)}\n`,
    ].join(''),
    json: { model: { id: model.id, path: model.path, sha256: opened.sha256 }, file, ...calibration, failed },
    failed,
  };
}

/** Shows an engine's count of images with rate and time left. */
export function imageProgress(total: number, show: (line: string) => void): (progress: EngineProgress) => void {
  const meter = new ProgressMeter(total, (state) => show(progressText(state)));
  let seen = 0;
  return ({ done }) => {
    meter.advance(done - seen, 0);
    seen = done;
  };
}

/** @throws FoveaError `bad-argument` */
export function checkCount(option: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new FoveaError('bad-argument', `${option} is ${value}, expected a whole number from 1 on`);
}

/** Where a download is kept until it is whole; named after the model, so that the next call finds it. */
const downloadFolder = (library: ModelLibrary, id: string) => join(library.folder, '.downloading', id);

/**
 * `fovea models download`: without a name, the catalogue.
 * @throws FoveaError `model-unknown`, `bad-argument`, `download-…`, `output-unwritable`, `cancelled`
 */
export async function runModelsDownload(
  [name]: readonly string[],
  { host = process.env.FOVEA_MODEL_HOST || DEFAULT_MODEL_HOST, timeout }: DownloadFlags,
  context: CommandContext,
  catalogue = modelCatalogue(),
): Promise<CommandResult> {
  if (name === undefined) return catalogueList(context);
  const { dataFolder, signal, progress, note } = context;
  if (timeout !== undefined && !(timeout > 0))
    throw new FoveaError('bad-argument', `--timeout is ${timeout}, expected seconds above 0`);
  const entry = catalogueModel(catalogue, name);
  const url = downloadUrl(entry, host);
  const library = new ModelLibrary(dataFolder);
  const present = library.list().find((model) => model.id === entry.name);
  if (present) {
    note(`${entry.name} is installed already`);
    return installed(present, dataFolder);
  }
  const folder = downloadFolder(library, entry.name);
  const file = join(folder, `${entry.name}.onnx`);
  await downloadFile(url, file, entry, {
    signal,
    stallMs: timeout === undefined ? undefined : 1000 * timeout,
    onProgress: byteProgress((line) => progress(`${entry.name}: ${line}`)),
    onInterruption: (reason) => note(`${entry.name}: ${reason}; trying again`),
  });
  const opened = openModelFile(file);
  opened.source.close();
  await writeCard(file, catalogueCard(catalogue, entry, opened));
  const model = await library.adopt(folder, entry.name);
  note(
    `The card follows the zoo's rule for such files and names no classes: fovea models inspect ${entry.name} --images FOLDER ` +
      'tests the preprocessing on labelled images; "labels" in the card may name a file of class names beside it.',
  );
  return installed(model, dataFolder);
}
