import { parse } from 'node:path';
import type { MODELS, ModelSummary } from '../../src-shared/contract/models.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { fileDigest } from '../files/digest.ts';
import { knownCalibration } from '../models/calibration.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { modelListing } from '../models/model-listing.ts';
import type { Bench } from '../work/bench.ts';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';

export function modelsHandlers({ bench }: HostParts): HandlersOf<typeof MODELS> {
  return {
    'models.list': async (_, work) => {
      const summaries: ModelSummary[] = [];
      for (const model of bench.library.list())
        try {
          summaries.push(
            (await listed(model, bench.dataFolder)) ??
              (await modelSummary(bench, model, await bench.opened(model, work))),
          );
        } catch (error) {
          // A model that cannot be opened must not hide the others; asked for by name, it tells why.
          if (!(error instanceof FoveaError)) throw error;
        }
      return summaries;
    },
    'models.open': async ({ modelId }, work) => {
      const model = bench.library.find(modelId);
      const opened = await bench.opened(model, work);
      return {
        ...(await modelSummary(bench, model, opened)),
        layers: opened.layers,
        labels: opened.labels,
        leftOut: opened.leftOut,
        remarks: opened.remarks,
      };
    },
  };
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
