import { statSync } from 'node:fs';
import { join, parse } from 'node:path';
import type { InstalledEntry, MODELS, ModelSummary } from '../../src-shared/contract/models.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { wilsonInterval } from '../../src-shared/runs/statistics.ts';
import { figuresOf } from '../../src-shared/work.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { fileDigest } from '../files/digest.ts';
import { privately } from '../images/image-shelf.ts';
import { type CalibrationHistograms, knownCalibration } from '../models/calibration.ts';
import { modelCatalogue } from '../models/model-catalogue.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { modelListing } from '../models/model-listing.ts';
import type { Bench } from '../work/bench.ts';
import { calibrateModel, choosePercentile } from '../work/calibrate-model.ts';
import { discardDownload, downloadModel, presentBytes } from '../work/download-model.ts';
import { exportNetwork } from '../work/export-network.ts';
import { compareModelPresets, nextBest } from '../work/inspect-model.ts';
import { loadReport } from '../work/load-report.ts';
import { removeModel } from '../work/remove-model.ts';
import { saveCard, saveLabels } from '../work/save-card.ts';
import type { HandlersOf } from './conversation.ts';
import { located } from './located.ts';
import { ModelExports } from './model-exports.ts';
import type { HostParts } from './host-parts.ts';
import { storeOf } from './store-of.ts';

export function modelsHandlers({ bench, shelf, uploads, emit }: HostParts): HandlersOf<typeof MODELS> {
  const { library, dataFolder } = bench;
  const locate = located(uploads);
  const withStore = storeOf(bench);
  const exports = new ModelExports(dataFolder);
  const downloading = new Set<string>();

  return {
    'models.list': async (_, work) => {
      const summaries: ModelSummary[] = [];
      for (const model of library.list())
        try {
          summaries.push(
            (await listed(model, dataFolder)) ?? (await modelSummary(bench, model, await bench.opened(model, work))),
          );
        } catch (error) {
          // A model that cannot be opened must not hide the others; asked for by name, it tells why.
          if (!(error instanceof FoveaError)) throw error;
        }
      return summaries;
    },
    'models.open': async ({ modelId }, work) => {
      const model = library.find(modelId);
      // One that was opened before is shown at once; the engine opens it when something is asked of it.
      const opened = await bench.known(model, work);
      return {
        ...(await modelSummary(bench, model, opened)),
        layers: opened.layers,
        labels: opened.labels,
        leftOut: opened.leftOut,
        remarks: opened.remarks,
      };
    },
    'models.installed': () => Promise.all(library.list().map((model) => installedEntry(model, dataFolder))),
    'models.report': ({ modelId }, work) => loadReport(bench, library.find(modelId), work),

    'models.preview': async ({ modelId, imageId, input, outputKind }, work) => {
      const image = shelf.find(imageId);
      const model = library.find(modelId);
      const order = { model: bench.requestFor(model.path), image: image.path, preprocessing: input, outputKind };
      const engine = await bench.engineWith(model, work);
      const { top, ...seen } = await privately(image, () => engine.run('preview', order, { signal: work.signal }));
      const scores = top?.classes.map((index, rank) => ({ class: index, probability: top.probabilities[rank]! }));
      return { ...seen, top: scores ?? null };
    },
    'models.saveCard': async ({ modelId, ...change }, work) => {
      const model = library.find(modelId);
      await saveCard(bench, model, await bench.opened(model, work), change);
      return null;
    },
    'models.saveLabels': async ({ modelId, file }, work) => {
      const model = library.find(modelId);
      await saveLabels(bench, model, await bench.opened(model, work), locate(file).path);
      return null;
    },
    'models.checkPresets': async ({ modelId, folder, labels }, work) => {
      const { path, name } = locate(folder);
      const order = { model: library.find(modelId), folder: path, labels: labels ?? undefined };
      const compared = await compareModelPresets(bench, order, work);
      return {
        scores: compared.scores.map((score) => ({
          ...score,
          interval: wilsonInterval(Math.round(score.top1 * compared.images), compared.images)!,
        })),
        images: compared.images,
        failed: compared.failed.length,
        best: compared.scores.indexOf(compared.best),
        next: nextBest(compared),
        isChance: compared.isChance,
        dataset: name,
      };
    },
    'models.calibrate': async ({ modelId, folder, percentile }, work) => {
      const onHistograms = (histograms: CalibrationHistograms, counted: number) =>
        emit('model.histograms', { modelId, images: counted, histograms });
      const order = { model: library.find(modelId), folder: locate(folder).path, percentile, onHistograms };
      const { calibration, found, failed } = await calibrateModel(bench, order, work);
      return { images: calibration.images, found, failed: failed.map(({ path, reason }) => ({ path, reason })) };
    },
    'models.choosePercentile': async ({ modelId, percentile }, work) => {
      await choosePercentile(bench, { model: library.find(modelId), percentile }, work);
      return null;
    },

    'models.export': ({ modelId, plan }, work) =>
      exports.make(async (folder) => {
        const model = library.find(modelId);
        const out = join(folder, `${parse(model.path).name}-rewritten.onnx`);
        work.progress(figuresOf('exporting', { subject: modelId }));
        const { path, inputsFile } = await exportNetwork(bench, { model, plan: resolvePlan(plan), out }, work);
        return [path, inputsFile];
      }),
    'models.exportPart': ({ exportId, file, offset }) => exports.piece(exportId, file, offset),
    'models.exportDone': async ({ exportId }) => {
      await exports.done(exportId);
      return null;
    },

    'models.remove': ({ modelId }) =>
      withStore(async (store) => ({ runs: await removeModel(bench, store, library.find(modelId)) })),
    'models.restore': async ({ modelId }) => {
      await library.restore(modelId);
      return null;
    },

    'catalogue.list': () => {
      const { models, source } = modelCatalogue();
      const installed = new Set(library.list().map(({ id }) => id));
      return {
        source,
        models: models.map(({ name, title, opset, bytes, licence, accuracy }) => ({
          name,
          title,
          opset,
          bytes,
          licence,
          top1: accuracy?.top1 ?? null,
          installed: installed.has(name),
          present: presentBytes(library, name),
        })),
      };
    },
    'catalogue.download': async ({ name }, work) => {
      if (downloading.has(name))
        throw new FoveaError('not-allowed', `${name} is being downloaded already`, 'Wait for its end.');
      downloading.add(name);
      try {
        const { model } = await downloadModel(library, { name }, work);
        return await modelSummary(bench, model, await bench.opened(model, work));
      } finally {
        downloading.delete(name);
      }
    },
    'catalogue.discard': async ({ name }) => {
      if (downloading.has(name))
        throw new FoveaError('not-allowed', `${name} is being downloaded`, 'Stop the download first.');
      await discardDownload(library, name);
      return null;
    },
  };
}

async function installedEntry(model: InstalledModel, dataFolder: string): Promise<InstalledEntry> {
  const { id, embedded, path } = model;
  try {
    const { name, bytes, classes, inputSize, calibrated, hasCard } = await modelListing(model, dataFolder);
    return { id, name, bytes, classes, inputSize, calibrated, embedded, assumed: !hasCard, failure: null };
  } catch (error) {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const unknown = { classes: null, inputSize: null, calibrated: false, assumed: false };
    return { id, name: id, bytes, embedded, ...unknown, failure: toErrorRecord(error) };
  }
}

export async function modelSummary(
  { dataFolder }: Bench,
  { id, path, embedded }: InstalledModel,
  opened: OpenedModel,
): Promise<ModelSummary> {
  const { card, sha256, classes, preprocessing } = opened;
  return {
    id,
    name: card?.name ?? parse(path).name,
    sha256,
    classes,
    inputSize: [preprocessing.width, preprocessing.height],
    licence: card?.licence ?? null,
    calibrated: (await knownCalibration(dataFolder, opened)) !== null,
    embedded,
  };
}

/** What card and file tell, without opening the model; null where that is not enough. */
async function listed(model: InstalledModel, dataFolder: string): Promise<ModelSummary | null> {
  const { id, name, classes, inputSize, licence, calibrated, embedded, path } = await modelListing(model, dataFolder);
  if (classes === null || inputSize === null) return null;
  return { id, name, sha256: await fileDigest(path), classes, inputSize, licence, calibrated, embedded };
}
