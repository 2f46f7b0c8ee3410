import { statSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { toErrorRecord } from '../../src-shared/errors.ts';
import { classCount, type ModelCard } from '../../src-shared/model-card.ts';
import { isCalibrated } from './calibration.ts';
import { layersOf } from '../network/graph-layers.ts';
import { readCard, readLabels } from './model-card-file.ts';
import { fileDigest } from '../files/digest.ts';
import { openModelFile } from '../onnx/model-file.ts';
import type { InstalledModel, ModelLibrary } from './model-library.ts';

/** What a model's card and the head of its file tell, without opening it in an engine. */
export interface ModelListing {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly embedded: boolean;
  /** Of the model file and its external data. */
  readonly bytes: number;
  readonly opset: number;
  /** Null where neither card nor file tells. */
  readonly classes: number | null;
  /** Width and height in pixels; null where neither card nor file tells. */
  readonly inputSize: readonly [number, number] | null;
  readonly licence: string | null;
  /** Ranges from calibration images are stored: range `layer` can be used. */
  readonly calibrated: boolean;
  /** Whether a card lies beside it. */
  readonly hasCard: boolean;
}

export interface ModelListings {
  readonly models: readonly ModelListing[];
  /** Models whose file or card is bad; they do not hide the others. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

export async function listModels(library: ModelLibrary, dataFolder: string): Promise<ModelListings> {
  const models: ModelListing[] = [];
  const failed: { path: string; reason: string }[] = [];
  for (const model of library.list())
    try {
      models.push(await modelListing(model, dataFolder));
    } catch (error) {
      failed.push({ path: model.path, reason: toErrorRecord(error).message });
    }
  return { models, failed };
}

/**
 * @throws FoveaError `model-…`, `card-…`, `labels-…`
 */
export async function modelListing({ id, path, embedded }: InstalledModel, dataFolder: string): Promise<ModelListing> {
  const card = await readCard(path);
  const file = openModelFile(path);
  try {
    const { signature, model, layout } = file;
    const output = model.outputs.find((value) => value.name === card?.output.name);
    const [, ...sizes] = signature.inputShape;
    const [height = null, width = null] = layout === 'NCHW' ? sizes.slice(1) : sizes;
    const layers = layersOf(file, output?.name).layers.map((layer) => layer.name);
    return {
      id,
      name: card?.name ?? parse(path).name,
      path,
      embedded,
      bytes: file.externalFiles.reduce((sum, name) => sum + statSync(join(dirname(path), name)).size, file.bytes),
      opset: model.opset,
      classes: scoredClasses(classCount(output?.shape ?? signature.outputShape)) ?? (await classesOfCard(path, card)),
      inputSize: card ? [card.input.width, card.input.height] : width && height ? [width, height] : null,
      licence: card?.licence ?? null,
      hasCard: card !== null,
      calibrated: await isCalibrated(dataFolder, card, layers, () => fileDigest(path)),
    };
  } finally {
    file.source.close();
  }
}

/** A single score tells two classes apart. */
const scoredClasses = (scores: number | null) => (scores === 1 ? 2 : scores);

async function classesOfCard(path: string, card: ModelCard | null): Promise<number | null> {
  if (card?.labels !== undefined) return (await readLabels(path, card, null)).length;
  const stated = card?.output.shape?.map((size) => (typeof size === 'number' ? size : null));
  return stated ? classCount(stated) : null;
}
