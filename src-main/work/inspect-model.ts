import { basename, join, resolve } from 'node:path';
import type { DeviceState } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { PresetCheck } from '../../src-shared/contract/models.ts';
import { canonicalJson } from '../../src-shared/runs/run-record.ts';
import { isChance, mcnemarExact } from '../../src-shared/runs/statistics.ts';
import { figuresOf, type Work, WorkMeter } from '../../src-shared/work.ts';
import { readDataset } from '../datasets/dataset.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { PresetComparison, PresetScore } from '../engine/inside/preset-comparison.ts';
import { type Calibration, evenChoice, knownCalibration } from '../models/calibration.ts';
import { cardPath } from '../models/model-card-file.ts';
import { modelClasses } from '../models/model-classes.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { Bench } from './bench.ts';
import { saveCard } from './save-card.ts';

export interface InspectedModel {
  readonly model: InstalledModel;
  readonly opened: OpenedModel;
  readonly calibration: Calibration | null;
  /** What networks can run on here, and why not. */
  readonly devices: readonly DeviceState[];
}

/** What is known of a model. @throws FoveaError where it cannot be used, saying why */
export async function inspectModel(bench: Bench, model: InstalledModel, work: Work): Promise<InspectedModel> {
  const opened = await bench.open(model, work);
  const [calibration, devices] = await Promise.all([knownCalibration(bench.dataFolder, opened), bench.devices(work)]);
  return { model, opened, calibration, devices };
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
 * The best of those that prepare images otherwise than the best one, held against it photo by photo: McNemar's exact test.
 * @returns null where all prepare them alike
 */
export function nextBest({ scores, right, best }: ComparedPresets): PresetCheck['next'] {
  const first = scores.indexOf(best);
  const others = scores.flatMap((score, index) =>
    canonicalJson(score.preprocessing) === canonicalJson(best.preprocessing) ? [] : [{ score, index }],
  );
  const next = others.reduce<(typeof others)[number] | null>(
    (most, other) => (most === null || other.score.top1 > most.score.top1 ? other : most),
    null,
  );
  if (!next) return null;
  const only = (own: number, other: number) =>
    right[own]!.filter((isRight, image) => isRight && !right[other]![image]).length;
  return {
    index: next.index,
    difference: next.score.top1 - best.top1,
    pValue: mcnemarExact(only(first, next.index), only(next.index, first)),
  };
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
  const comparison = await bench
    .engineFor(model.path)
    .run(
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
  model: InstalledModel,
  { best, images, isChance }: ComparedPresets,
  folder: string,
  work: Work,
): Promise<string | null> {
  if (isChance || best.preset === 'card') return null;
  // The comparison took a while: what was changed of the card meanwhile stays.
  const opened = await bench.opened(model, work);
  const { signature, outputKind, path } = opened;
  const { top1, top5 } = best;
  await saveCard(bench, model, opened, {
    input: { name: signature.inputName, ...best.preprocessing },
    outputKind: opened.card?.output.kind ?? outputKind,
    accuracy: { dataset: basename(resolve(folder)), images, top1, top5 },
  });
  return cardPath(path);
}
