import { basename, join, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { rangeOf } from '../../src-shared/precision/layer-range.ts';
import type { ModelCard } from '../../src-shared/model-card.ts';
import type { Preprocessing } from '../../src-shared/preprocessing.ts';
import { bytesText } from '../text/byte-progress.ts';
import { evenChoice, forgetCalibration, knownCalibration, type Calibration } from '../models/calibration.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import { readDataset } from '../datasets/dataset.ts';
import { cardPath, writeCard } from '../models/model-card-file.ts';
import { modelClasses } from '../models/model-classes.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { checkCount, imageProgress } from './models-command.ts';
import type { InspectFlags } from './models-options.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { PresetComparison, PresetScore } from '../engine/inside/preset-comparison.ts';
import { oneLine, textTable } from '../text/text-table.ts';
import { requestFor, type Bench } from '../work/bench.ts';

/**
 * `fovea models inspect`: a model that cannot be used says why.
 * @throws FoveaError
 */
export async function runModelsInspect(
  [reference = '']: readonly string[],
  flags: InspectFlags,
  workbench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const { images, labels, limit, saveCard } = flags;
  if (images === undefined && (labels !== undefined || limit !== undefined || saveCard))
    throw new FoveaError(
      'bad-argument',
      '--labels, --limit and --save-card need --images',
      'Name a folder of labelled images with --images.',
    );
  if (limit !== undefined) checkCount('--limit', limit);
  const model = workbench.library.find(reference);
  if (saveCard && model.embedded)
    throw new FoveaError('bad-argument', `${model.id} comes with Fovea: its card stays as it is`);
  const opened = await workbench.open(model, { signal: context.signal });
  const calibration = await knownCalibration(context.dataFolder, opened);
  const described = describe(model, opened, calibration);
  if (images === undefined) return described;

  const comparison = await compare(images, flags, model, opened, workbench, context);
  const best = bestOf(comparison);
  const saved = saveCard ? await saveBest(images, model, opened, comparison, best, context) : null;
  if (saved) workbench.forget(model);
  return {
    text: [described.text, comparisonText(comparison, best, opened), saved ? `Written: ${oneLine(saved)}\n` : ''].join(
      '\n',
    ),
    json: { ...described.json, presets: comparison.scores, images: comparison.images, best: best.preset, saved },
    failed: comparison.failed.map(({ path, error }) => ({ path, reason: error.message })),
  };
}

function describe(model: InstalledModel, opened: OpenedModel, calibration: Calibration | null) {
  const { layers, signature, card, preprocessing, labels, classes, outputKind, opset, bytes, sha256, preset } = opened;
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0);
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  const values = layers.reduce((sum, layer) => sum + layer.values, 0);
  const shape = (axes: readonly (number | null)[]) =>
    axes.length === 0 ? '' : ` [${axes.map((n) => n ?? 'N').join(', ')}]`;
  const millions = (n: number) => (n / 1e6).toFixed(2);
  const facts: [string, string][] = [
    ['name', card?.name ?? model.id],
    ['file', `${opened.path}, ${bytesText(bytes)}`],
    ['sha256', sha256],
    ['opset', String(opset)],
    ['input', signature.inputName + shape(signature.inputShape)],
    ['output', `${card?.output.name ?? signature.outputName}: ${outputKind} of ${classes} classes`],
    ['card', card ? cardPath(opened.path) : `none: preprocessing preset "${preset}" is assumed`],
    ['preprocessing', preprocessingText(preprocessing)],
    ['labels', labels.length > 0 ? `${labels.slice(0, 3).join('; ')}; …` : 'none'],
    ['licence', card?.licence ?? 'not stated'],
    [
      'calibration',
      calibration
        ? `${calibration.percentile} % of the activations of ${calibration.images} images`
        : 'none: fovea models calibrate makes one',
    ],
  ];
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const table = textTable(
    [
      'layer',
      'op',
      'input',
      'kernel',
      'groups',
      'output',
      'M MACs',
      'values',
      'weights',
      ...(calibration ? ['range'] : []),
    ],
    layers.map((layer) => [
      layer.name,
      layer.op,
      layer.inputShape.join(' x '),
      layer.kernel.join(' x '),
      layer.groups,
      layer.outputShape.join(' x '),
      millions(layer.macs),
      layer.values,
      layer.weights,
      ...(calibration ? [rangeOf(calibration.ranges[layer.name]!).toPrecision(4)] : []),
    ]),
  );
  return {
    text: [
      ...facts.map(([name, fact]) => `${name.padEnd(width)}${oneLine(fact)}\n`),
      '\n',
      table,
      `${layers.length} layers, ${millions(macs)} M MACs, ${values} input values, ${weights} weights\n`,
    ].join(''),
    json: {
      id: model.id,
      name: card?.name ?? model.id,
      path: opened.path,
      embedded: model.embedded,
      sha256,
      bytes,
      opset,
      signature,
      card,
      preset,
      preprocessing,
      outputKind,
      classes,
      labels,
      calibration,
      layers,
      totals: { layers: layers.length, macs, values, weights },
    },
  };
}

function preprocessingText({
  channels,
  height,
  width,
  resizeShorterSide,
  range,
  mean,
  std,
  layout,
}: Preprocessing): string {
  const resize = resizeShorterSide === null ? 'squashed' : `shorter side ${resizeShorterSide}, centre crop`;
  return `${channels} ${layout}, ${resize} to ${width} x ${height}, values ${range.join(' to ')}, mean ${mean.join(' ')}, std ${std.join(' ')}`;
}

async function compare(
  folder: string,
  { labels, limit }: InspectFlags,
  model: InstalledModel,
  opened: OpenedModel,
  { engine }: Bench,
  { signal, progress }: CommandContext,
): Promise<PresetComparison> {
  const root = resolve(folder);
  const dataset = await readDataset(root, await modelClasses(opened), {
    labels,
    signal,
    onProgress: (images) => progress(`${images} images found`),
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
  const comparison = await engine.run(
    'comparePresets',
    { model: requestFor(model.path), images },
    { signal, onProgress: imageProgress(images.length, (line) => progress(`comparing presets: ${line}`)) },
  );
  if (comparison.images === 0)
    throw new FoveaError(
      'dataset-empty',
      `${root}: none of ${images.length} labelled images could be read; the first: ${comparison.failed[0]!.error.message}`,
      'Name a folder of readable images.',
    );
  return comparison;
}

/** The first of the best by Top-1, then Top-5: a card that ties stays. */
function bestOf({ scores }: PresetComparison): PresetScore {
  return scores.reduce((best, score) =>
    score.top1 > best.top1 || (score.top1 === best.top1 && score.top5 > best.top5) ? score : best,
  );
}

/** No better than naming classes by chance: then labels and classes do not fit, and no preset can be told from another. */
function isChance(best: PresetScore, { images }: PresetComparison, classes: number): boolean {
  return best.top1 * images <= Math.max(1, (3 * images) / classes);
}

function comparisonText(comparison: PresetComparison, best: PresetScore, { classes, card }: OpenedModel): string {
  const table = textTable(
    ['preprocessing', 'Top-1 %', 'Top-5 %', ''],
    comparison.scores.map((score) => [
      score.preset === 'card' ? "the card's" : score.preset,
      (100 * score.top1).toFixed(1),
      (100 * score.top5).toFixed(1),
      score === best ? 'best' : '',
    ]),
  );
  const verdict = isChance(best, comparison, classes)
    ? 'None does better than chance: do the labels fit the classes of the model?'
    : best.preset === 'card'
      ? 'The card scores best.'
      : `Preset "${best.preset}" scores best; --save-card writes it into ${card ? 'the card' : 'a card'}.`;
  return `${table}${comparison.images} labelled images. ${verdict}\n`;
}

/** @returns the card's path, or null where the card is the best already */
async function saveBest(
  folder: string,
  model: InstalledModel,
  opened: OpenedModel,
  comparison: PresetComparison,
  best: PresetScore,
  { note, dataFolder }: CommandContext,
): Promise<string | null> {
  const { card, signature, outputKind, path, classes } = opened;
  if (isChance(best, comparison, classes)) {
    note('No card is written: no preset does better than chance');
    return null;
  }
  if (best.preset === 'card') {
    note('The card stays as it is: it scores best');
    return null;
  }
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
    accuracy: { dataset: basename(resolve(folder)), images: comparison.images, top1: best.top1, top5: best.top5 },
  };
  // Ranges belong to the preprocessing they were found with.
  delete written.calibration;
  await writeCard(path, written);
  await forgetCalibration(dataFolder, opened);
  return cardPath(path);
}
