import { basename, join, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { ModelCard } from '../../src-shared/model-card.ts';
import { isChance } from '../../src-shared/runs/statistics.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import { readDataset } from '../datasets/dataset.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { PresetComparison, PresetScore } from '../engine/inside/preset-comparison.ts';
import { type Calibration, evenChoice, forgetCalibration, knownCalibration } from '../models/calibration.ts';
import { cardPath, writeCard } from '../models/model-card-file.ts';
import { modelClasses } from '../models/model-classes.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { Bench } from './bench.ts';

export interface InspectedModel {
  readonly model: InstalledModel;
  readonly opened: OpenedModel;
  readonly calibration: Calibration | null;
}

/** What is known of a model. @throws FoveaError where it cannot be used, saying why */
export async function inspectModel(bench: Bench, model: InstalledModel, work: Work): Promise<InspectedModel> {
  const opened = await bench.open(model, work);
  return { model, opened, calibration: await knownCalibration(bench.dataFolder, opened) };
}

export interface ComparePresetsOrder {
  readonly model: InstalledModel;
  /** Of labelled images. */
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** Use so many of the images, evenly chosen. */
  readonly limit?: number | undefined;
}

export interface ComparedPresets extends PresetComparison {
  /** The first of the best by Top-1, then Top-5: a card that ties stays. */
  readonly best: PresetScore;
  /** No better than naming classes by chance: labels and classes do not fit, and no preset can be told from another. */
  readonly isChance: boolean;
}

/**
 * Which preprocessing scores best on labelled images.
 * @throws FoveaError `dataset-…`, `labels-…`, `cancelled`
 */
export async function compareModelPresets(
  bench: Bench,
  { model, folder, labels, limit }: ComparePresetsOrder,
  work: Work,
): Promise<ComparedPresets> {
  const opened = await bench.opened(model, work);
  const root = resolve(folder);
  const dataset = await readDataset(root, await modelClasses(opened), {
    labels,
    signal: work.signal,
    onProgress: (images) => work.progress(figuresOf('finding-images', { done: images })),
  });
  const labelled = dataset.images.flatMap(({ path, label }) =>
    label === null ? [] : [{ path: join(root, path), label }],
  );
  if (labelled.length === 0)
    throw new FoveaError(
      'dataset-empty',
      `${root}: no labelled images`,
      'Give a CSV of file and class with --labels, or one folder a class.',
    );
  const images = limit === undefined ? labelled : evenChoice(labelled, limit);
  const meter = new WorkMeter(work, figuresOf('comparing', { total: images.length }), () => performance.now());
  const comparison = await bench.engine.run(
    'comparePresets',
    { model: bench.requestFor(model.path), images },
    { signal: work.signal, onProgress: ({ done }) => meter.reach(done) },
  );
  if (comparison.images === 0)
    throw new FoveaError(
      'dataset-empty',
      `${root}: none of ${images.length} labelled images could be read; the first: ${comparison.failed[0]!.error.message}`,
      'Name a folder of readable images.',
    );
  const best = comparison.scores.reduce((best, score) =>
    score.top1 > best.top1 || (score.top1 === best.top1 && score.top5 > best.top5) ? score : best,
  );
  return { ...comparison, best, isChance: isChance(best.top1 * comparison.images, comparison.images, opened.classes) };
}

/**
 * Writes a card with the preset that scored best, where that is not the card's own and better than chance.
 * @param folder of the images it was found on
 * @returns the card's path, or null where the card stays as it is
 */
export async function saveBestPreset(
  bench: Bench,
  { model, opened }: InspectedModel,
  { best, images, isChance }: ComparedPresets,
  folder: string,
): Promise<string | null> {
  if (isChance || best.preset === 'card') return null;
  const { card, signature, outputKind, path } = opened;
  const input = { name: signature.inputName, ...best.preprocessing };
  const written: ModelCard = {
    ...(card ?? {
      name: model.id,
      file: basename(path),
      output: { name: signature.outputName, kind: outputKind },
    }),
    input: {
      ...card?.input,
      ...input,
      range: [...input.range],
      mean: [...input.mean],
      std: [...input.std],
    },
    accuracy: { dataset: basename(resolve(folder)), images, top1: best.top1, top5: best.top5 },
  };
  // Ranges belong to the preprocessing they were found with.
  delete written.calibration;
  await writeCard(path, written);
  await forgetCalibration(bench.dataFolder, opened);
  bench.forget(model);
  return cardPath(path);
}
