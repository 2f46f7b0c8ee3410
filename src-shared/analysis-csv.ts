import { type Analysis, statedPlan } from './analysis.ts';
import { MODE_NAMES } from './energy/energy-mode.ts';
import { planText } from './precision/plan-text.ts';
import { csvPath, csvTable } from './runs/csv.ts';

const LAYER_FIGURES = [
  'macs',
  'values',
  'meanBits',
  'lockstepBits',
  'compactedBits',
  'crossbarBits',
  'zeroShare',
  'nonZeroBits',
  'groupBits',
  'palletBits',
  'clippedShare',
  'sqnrDb',
] as const;

const ENERGY_FIGURES = [
  'computePicojoules',
  'totalPicojoules',
  'savedVs8bit',
  'totalSavedVs8bit',
  'cycles',
  'utilisation',
] as const;

type Cells = readonly (string | number | null)[];

/**
 * An analysis as a table of one figure a row, `part,subject,figure,value`: image, model and plan; the first five classes before and
 * after; energy by accelerator and mode; the counts of each layer.
 */
export function analysisCsv(analysis: Analysis): string {
  const { image, model, device, layers, energy, baseline, quantised, top1Kept, top5Kept } = analysis;
  const rows: Cells[] = [
    ['image', csvPath(image.path), 'sha256', image.sha256],
    ['model', model.id, 'sha256', model.sha256],
    ['model', model.id, 'device', device],
    ['plan', '', 'text', planText(statedPlan(analysis))],
    ['answer', '', 'top1Kept', String(top1Kept)],
    ['answer', '', 'top5Kept', String(top5Kept)],
  ];
  for (const [when, { top }] of [
    ['before', baseline],
    ['after', quantised],
  ] as const)
    top.forEach(({ class: index, label, probability }, place) => {
      const subject = `${when} ${place + 1}`;
      rows.push(['answer', subject, 'class', index], ['answer', subject, 'label', label]);
      rows.push(['answer', subject, 'probability', probability]);
    });
  for (const estimate of energy)
    for (const figure of ENERGY_FIGURES)
      rows.push(['energy', `${estimate.accelerator} ${MODE_NAMES[estimate.mode]}`, figure, estimate[figure]]);
  for (const layer of layers) {
    rows.push(['layer', layer.name, 'inputShape', layer.inputShape.join(' x ')]);
    for (const figure of LAYER_FIGURES) rows.push(['layer', layer.name, figure, layer[figure]]);
  }
  return csvTable([['part', 'subject', 'figure', 'value'], ...rows]);
}
