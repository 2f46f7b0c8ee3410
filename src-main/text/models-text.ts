import type { DeviceState } from '../../src-shared/device.ts';
import { points } from '../../src-shared/figure-text.ts';
import { rangeOf } from '../../src-shared/precision/layer-range.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import type { Preprocessing } from '../../src-shared/preprocessing.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { cardPath } from '../models/model-card-file.ts';
import type { ModelListing } from '../models/model-listing.ts';
import type { ComparedPresets, InspectedModel } from '../work/inspect-model.ts';
import { bytesText } from './bytes-text.ts';
import { oneLine, textTable } from './text-table.ts';

export function listingsText(models: readonly ModelListing[]): string {
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

/** What is known of a model: as text, and as one JSON document. */
export function inspectionOutput({ model, opened, calibration, devices }: InspectedModel) {
  const {
    leftOut,
    remarks,
    layers,
    signature,
    card,
    preprocessing,
    labels,
    classes,
    outputKind,
    opset,
    bytes,
    sha256,
    preset,
  } = opened;
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
    ['devices', devices.map(deviceText).join('; ')],
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
      ...[leftOutText(layers, leftOut), ...remarks].flatMap((text) => (text === null ? [] : [`${oneLine(text)}\n`])),
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
      devices,
      layers,
      leftOut,
      remarks,
      totals: { layers: layers.length, macs, values, weights },
    },
  };
}

const deviceText = ({ device, missing }: DeviceState) =>
  missing === null ? device : `${device}: not here (${missing})`;

function preprocessingText({
  channels,
  height,
  width,
  resizeShorterSide,
  resize,
  colours,
  decoding,
  range,
  mean,
  std,
  layout,
}: Preprocessing): string {
  const size = resizeShorterSide === null ? 'squashed' : `shorter side ${resizeShorterSide}, centre crop`;
  const pixels = [
    `resized by ${resize.startsWith('sharp-') ? resize : `${resize} as Pillow does`}`,
    colours === 'as-published' ? 'colour profiles ignored (as published)' : 'colour profiles converted (as seen)',
    ...(decoding === 'fast' ? ['shrunk while decoded'] : []),
  ];
  return `${channels} ${layout}, ${size} to ${width} x ${height}, ${pixels.join(', ')}, values ${range.join(' to ')}, mean ${mean.join(' ')}, std ${std.join(' ')}`;
}

/** How the presets scored, and which to take. */
export function presetsText({ scores, images, best, isChance }: ComparedPresets, { card }: OpenedModel): string {
  const table = textTable(
    ['preprocessing', 'Top-1 %', 'Top-5 %', ''],
    scores.map((score) => [
      score.preset === 'card' ? "the card's" : score.preset,
      points(score.top1),
      points(score.top5),
      score === best ? 'best' : '',
    ]),
  );
  const verdict = isChance
    ? 'None does better than chance: do the labels fit the classes of the model?'
    : best.preset === 'card'
      ? 'The card scores best.'
      : `Preset "${best.preset}" scores best; --save-card writes it into ${card ? 'the card' : 'a card'}.`;
  return `${table}${images} labelled images. ${verdict}\n`;
}
