import { points } from '../../src-shared/figure-text.ts';
import { resolve } from 'node:path';
import { count } from '../../src-shared/count-text.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { rangeOf } from '../../src-shared/precision/layer-range.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { CALIBRATION_PERCENTILE } from '../models/calibration.ts';
import { type Catalogue, modelCatalogue } from '../models/model-catalogue.ts';
import { type InstalledModel, ModelLibrary } from '../models/model-library.ts';
import { listModels, modelListing } from '../models/model-listing.ts';
import { openRunStoreToRead } from '../store/run-store.ts';
import { bytesText } from '../text/bytes-text.ts';
import { inspectionOutput, listingsText, presetsText } from '../text/models-text.ts';
import { shellWord } from '../text/shell-word.ts';
import { oneLine, textTable } from '../text/text-table.ts';
import { addModel } from '../work/add-model.ts';
import type { Bench } from '../work/bench.ts';
import { calibrateModel } from '../work/calibrate-model.ts';
import { downloadModel } from '../work/download-model.ts';
import { exportNetwork } from '../work/export-network.ts';
import { compareModelPresets, inspectModel, saveBestPreset } from '../work/inspect-model.ts';
import { removeModel } from '../work/remove-model.ts';
import { type CommandContext, type CommandResult, planOptionsOf } from './command-line.ts';
import type {
  AddFlags,
  CalibrateFlags,
  DownloadFlags,
  ExportFlags,
  InspectFlags,
  ListFlags,
} from './models-options.ts';

/** `fovea models list`: no engine is started, no network needed. */
export async function runModelsList(
  _: readonly string[],
  { available }: ListFlags,
  { dataFolder }: CommandContext,
): Promise<CommandResult> {
  if (available) return catalogueList(dataFolder);
  const { models, failed } = await listModels(new ModelLibrary(dataFolder), dataFolder);
  return { text: listingsText(models), json: models, failed };
}

function catalogueList(dataFolder: string): CommandResult {
  const { models, source } = modelCatalogue();
  const installed = new Set(new ModelLibrary(dataFolder).list().map((model) => model.id));
  const percent = (share: number | undefined) => (share === undefined ? null : points(share, 2));
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

/** `fovea models add` */
export async function runModelsAdd(
  [file = '']: readonly string[],
  { id }: AddFlags,
  bench: Bench,
  { work, note, dataFolder }: CommandContext,
): Promise<CommandResult> {
  const { model, opened } = await addModel(bench, { file, id }, work);
  if (opened.preset) note(`fovea models inspect ${model.id} --images FOLDER finds the preset that scores best.`);
  return installed(model, dataFolder);
}

async function installed(model: InstalledModel, dataFolder: string): Promise<CommandResult> {
  const listing = await modelListing(model, dataFolder);
  return { text: `${listingsText([listing])}${oneLine(model.path)}\n`, json: listing };
}

/**
 * `fovea models inspect`
 * @throws FoveaError `bad-argument`, and why a model cannot be used
 */
export async function runModelsInspect(
  [reference = '']: readonly string[],
  { images: folder, labels, limit, saveCard }: InspectFlags,
  bench: Bench,
  { work, note }: CommandContext,
): Promise<CommandResult> {
  if (folder === undefined && (labels !== undefined || limit !== undefined || saveCard))
    throw new FoveaError(
      'bad-argument',
      '--labels, --limit and --save-card need --images',
      'Name a folder of labelled images with --images.',
    );
  if (limit !== undefined) checkCount('--limit', limit);
  const model = bench.library.find(reference);
  if (saveCard && model.embedded)
    throw new FoveaError('bad-argument', `${model.id} comes with Fovea: its card stays as it is`);
  const inspected = await inspectModel(bench, model, work);
  const described = inspectionOutput(inspected);
  if (folder === undefined) return described;
  const presets = await compareModelPresets(bench, { model, folder, labels, limit }, work);
  const saved = saveCard ? await saveBestPreset(bench, model, presets, folder, work) : null;
  if (saveCard && saved === null)
    note(
      presets.isChance
        ? 'No card is written: no preset does better than chance'
        : 'The card stays as it is: it scores best',
    );
  const { scores, images, best, failed } = presets;
  return {
    text: [described.text, presetsText(presets, inspected.opened), saved ? `Written: ${oneLine(saved)}\n` : ''].join(
      '\n',
    ),
    json: { ...described.json, presets: scores, images, best: best.preset, saved },
    failed: failed.map(({ path, error }) => ({ path, reason: error.message })),
  };
}

/**
 * `fovea models calibrate`
 * @throws FoveaError
 */
export async function runModelsCalibrate(
  [reference = '', folder = '']: readonly string[],
  { percentile = CALIBRATION_PERCENTILE, limit }: CalibrateFlags,
  bench: Bench,
  { work }: CommandContext,
): Promise<CommandResult> {
  if (!(percentile > 0 && percentile <= 100))
    throw new FoveaError('bad-argument', `--percentile is ${percentile}, expected more than 0 and at most 100`);
  if (limit !== undefined) checkCount('--limit', limit);
  const model = bench.library.find(reference);
  const calibrated = await calibrateModel(bench, { model, folder, percentile, limit }, work);
  const { opened, calibration, replaced, file, found, chosen } = calibrated;
  const failed = calibrated.failed.map(({ path, reason }) => ({ path, reason }));
  const spread = found > chosen ? ` evenly chosen from ${found}` : '';
  return {
    text: [
      textTable(
        ['layer', 'range'],
        Object.entries(calibration.ranges).map(([layer, range]) => [layer, rangeOf(range).toPrecision(5)]),
      ),
      `${model.id}: ranges of ${percentile} % of the activations of ${calibration.images} images${spread}\n`,
      `Stored in ${oneLine(file)}\n`,
      replaced
        ? `They take the place of ranges of ${replaced.percentile} % of the activations of ${replaced.images} images\n`
        : '',
      model.embedded ? `Those that came with ${model.id} count again once that file is removed\n` : '',
    ].join(''),
    json: {
      model: { id: model.id, path: model.path, sha256: opened.sha256 },
      file,
      ...calibration,
      replaced: replaced && { percentile: replaced.percentile, images: replaced.images },
      failed,
    },
    failed,
  };
}

/** @throws FoveaError `bad-argument` */
function checkCount(option: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new FoveaError('bad-argument', `${option} is ${value}, expected a whole number from 1 on`);
}

/** `fovea models export` */
export async function runModelsExport(
  [reference = '']: readonly string[],
  flags: ExportFlags,
  bench: Bench,
  { work }: CommandContext,
): Promise<CommandResult> {
  const plan = resolvePlan(await planOptionsOf(flags));
  const model = bench.library.find(reference);
  const exported = await exportNetwork(bench, { model, plan, out: resolve(flags.out) }, work);
  const { path, bytes, inputsFile } = exported;
  return {
    text: `${oneLine(path)}: ${bytesText(bytes)}, range per ${plan.range}\n${oneLine(inputsFile)}: what to feed it\n`,
    json: exported,
  };
}

/**
 * `fovea models remove`
 * @throws FoveaError `model-unknown`, and as `removeModel` does
 */
export async function runModelsRemove(
  [id = '']: readonly string[],
  _: unknown,
  bench: Bench,
  { db }: CommandContext,
): Promise<CommandResult> {
  const model = bench.library.find(id);
  using store = openRunStoreToRead(db);
  const runs = await removeModel(bench, store, model);
  const kept = runs === 0 ? '' : `; ${count(runs, 'run')} of it ${runs === 1 ? 'keeps its' : 'keep their'} figures`;
  const back = `fovea models restore ${shellWord(model.id)} brings it back, for ten minutes at least`;
  return { text: `${oneLine(model.id)} removed${kept}\n${back}\n`, json: { removed: model.id, runs } };
}

/**
 * `fovea models restore`
 * @throws FoveaError as `ModelLibrary.restore` does
 */
export async function runModelsRestore(
  [id = '']: readonly string[],
  _: unknown,
  { dataFolder }: CommandContext,
): Promise<CommandResult> {
  return installed(await new ModelLibrary(dataFolder).restore(id), dataFolder);
}

/**
 * `fovea models download`: without a name, the catalogue.
 * @throws FoveaError `model-unknown`, `bad-argument`, `download-…`, `output-unwritable`, `cancelled`
 */
export async function runModelsDownload(
  [name]: readonly string[],
  { host, timeout }: DownloadFlags,
  { dataFolder, work, note }: CommandContext,
  catalogue: Catalogue = modelCatalogue(),
): Promise<CommandResult> {
  if (name === undefined) return catalogueList(dataFolder);
  const order = { name, host, timeoutSeconds: timeout, catalogue };
  const { model, isNew } = await downloadModel(new ModelLibrary(dataFolder), order, work);
  if (isNew)
    note(
      `The card follows the zoo's rule for such files and names no classes: fovea models inspect ${name} --images FOLDER ` +
        'tests the preprocessing on labelled images; "labels" in the card may name a file of class names beside it.',
    );
  return installed(model, dataFolder);
}
