import { count } from '../../src-shared/count-text.ts';
import { points } from '../../src-shared/figure-text.ts';
import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import { macWeightedLockstepBits } from '../../src-shared/measurement.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import {
  compareLayers,
  type ComparedEnergy,
  headlineEnergy,
  type SavedDifference,
} from '../../src-shared/runs/compared-energy.ts';
import { comparisonHeadline } from '../../src-shared/runs/comparison-headline.ts';
import { POWER, SIGNIFICANT_BELOW } from '../../src-shared/runs/paired-statistics.ts';
import { disagreements, KEPT, type Kept, sideLetter } from '../../src-shared/runs/run-comparison.ts';
import type { ComparedRuns } from '../work/compare-runs.ts';
import { intervalText, percent, pValueText } from './figure-text.ts';
import { oneLine, textTable } from './text-table.ts';

const MAX_LISTED_DISAGREEMENTS = 20;
const CELL_LENGTH = 28;

const KEPT_NAMES: Readonly<Record<Kept, string>> = { top1: 'Top-1', top5: 'Top-5', agreement: 'same as plain' };

/** What runs are to each other: one sentence, what differs, the 2 x 2 tables and their tests, energy, layers, images. */
export function comparisonText(compared: ComparedRuns, pricing: PriceOrder): string {
  return [
    headlines(compared),
    sidesText(compared),
    settingsText(compared),
    tablesText(compared),
    testsText(compared),
    energyText(compared, pricing),
    layersText(compared, pricing),
    disagreementsText(compared),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function headlines({ comparison: { paired, judgedBy }, energy }: ComparedRuns): string {
  const spoken = headlineEnergy(energy) ?? headlineEnergy(energy, energy[0]?.accelerator);
  const name = builtinAccelerators().find(({ id }) => id === spoken?.accelerator)?.name ?? spoken?.accelerator ?? '';
  return paired.map((pair, index) => `${comparisonHeadline(index + 1, pair, judgedBy, name, spoken)}\n`).join('');
}

function sidesText({ sides, comparison, layers }: ComparedRuns): string {
  const rows = sides.map(({ run, planIndex }, index) => {
    const accuracy = comparison.accuracies?.[index];
    return [
      sideLetter(index),
      short(run.name),
      planIndex + 1,
      run.status === 'complete' ? 'complete' : `${run.status}, ${run.finished} of ${run.images}`,
      percent(accuracy?.top1 ?? null),
      intervalText(accuracy?.top1Interval ?? null),
      percent(accuracy?.top5 ?? null),
      percent(accuracy?.agreement ?? null),
      accuracy?.macWeightedBits.toFixed(2) ?? null,
      layers[index] ? macWeightedLockstepBits(layers[index]).toFixed(2) : null,
    ];
  });
  const judge =
    comparison.judgedBy === 'labels' ? 'right by their labels' : 'right where the plain network says the same';
  return (
    textTable(['', 'run', 'plan', 'status', 'Top-1', '95 %', 'Top-5', 'same as plain', 'bits', 'in step'], rows) +
    sides.map(({ plan }, index) => `${sideLetter(index)}  ${planText(plan)}\n`).join('') +
    `${count(comparison.images, 'image')} in common, ${comparison.judged} judged, ${judge}\n` +
    (comparison.images === 0 ? 'Nothing to compare: evaluate the same images in each run.\n' : '')
  );
}

function settingsText({ sides, comparison: { settings } }: ComparedRuns): string {
  const differing = settings.filter(({ differs }) => differs);
  const equal = settings.length - differing.length;
  if (differing.length === 0) return 'Same settings\n';
  return (
    textTable(
      ['setting', ...sides.map((_, index) => sideLetter(index))],
      differing.map(({ setting, values }) => [setting, ...values.map(settingCell)]),
    ) + `The other ${equal} settings are equal (--json lists all)\n`
  );
}

function settingCell(value: unknown): string {
  return short(typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'));
}

function tablesText({ comparison: { paired } }: ComparedRuns): string {
  return textTable(
    ['Top-1', 'both right', 'only first', 'only other', 'both wrong'],
    paired.map(({ top1 }, index) => [
      `${sideLetter(0)} and ${sideLetter(index + 1)}`,
      top1.bothRight,
      top1.onlyFirst,
      top1.onlyOther,
      top1.bothWrong,
    ]),
  ).repeat(Math.min(1, paired.length));
}

function testsText({ comparison: { paired } }: ComparedRuns): string {
  if (paired.length === 0) return '';
  const family = paired.length > 1;
  const rows = paired.flatMap((pair, index) => [
    ...KEPT.map((kept) => {
      const outcome = pair[kept];
      return [
        `${sideLetter(index + 1)} - ${sideLetter(0)}`,
        KEPT_NAMES[kept],
        points(outcome.difference),
        intervalText(outcome.interval),
        pValueText(outcome.pValue),
        ...(family ? [pValueText(outcome.familyPValue)] : []),
        outcome.familyPValue < SIGNIFICANT_BELOW ? 'yes' : 'not significant',
        outcome.imagesForAPoint,
      ];
    }),
    [
      `${sideLetter(index + 1)} - ${sideLetter(0)}`,
      'bits',
      pair.bitsDifference.toFixed(3),
      `${pair.bitsInterval[0].toFixed(3)} to ${pair.bitsInterval[1].toFixed(3)}`,
      null,
      ...(family ? [null] : []),
      pair.bitsInterval[0] * pair.bitsInterval[1] > 0 ? 'yes' : 'not significant',
      null,
    ],
  ]);
  return (
    textTable(
      ['', 'points', 'difference', '95 %', 'p', ...(family ? ['p, Holm'] : []), 'differs', 'images for 1 point'],
      rows,
    ) + `p: McNemar, exact. 95 %: Newcombe, paired; of bits: bootstrap. Images needed to see 1 point: power ${POWER}.\n`
  );
}

function energyText({ sides, energy }: ComparedRuns, { shownModes }: PriceOrder): string {
  const shown = energy.filter(({ mode }) => shownModes.includes(mode));
  if (shown.length === 0) return '';
  const letters = sides.map((_, index) => sideLetter(index));
  const table = (
    title: string,
    saved: (side: ComparedEnergy['sides'][number]) => number,
    differences: (row: ComparedEnergy) => readonly SavedDifference[],
  ) =>
    textTable(
      [
        title,
        'mode',
        ...letters.map((letter) => `${letter} %`),
        ...letters.slice(1).flatMap((letter) => [`${letter} - ${letters[0]}`, '95 %']),
      ],
      shown.map((row) => [
        row.accelerator,
        MODE_NAMES[row.mode],
        ...row.sides.map((side) => points(saved(side))),
        ...differences(row).flatMap(({ difference, interval }) => [points(difference), intervalText(interval)]),
      ]),
    );
  return `${table(
    'compute saved of 8 bits',
    ({ savedVs8bit }) => savedVs8bit,
    ({ computeDifferences }) => computeDifferences,
  )}\n${table(
    'whole chip saved of 8 bits',
    ({ totalSavedVs8bit }) => totalSavedVs8bit,
    ({ totalDifferences }) => totalDifferences,
  )}`;
}

function layersText({ sides, layers, energy }: ComparedRuns, { accelerators, switches }: PriceOrder): string {
  const spoken = headlineEnergy(energy) ?? energy[0];
  const accelerator = accelerators.find(({ id }) => id === spoken?.accelerator);
  if (!spoken || !accelerator) return '';
  const letters = sides.map((_, index) => sideLetter(index));
  return (
    textTable(
      [
        'layer',
        ...letters.map((letter) => `bits ${letter}`),
        ...letters.map((letter) => `in step ${letter}`),
        ...letters.map((letter) => `uJ ${letter}`),
      ],
      compareLayers(accelerator, spoken.mode, layers, switches).map((row) => [
        short(row.layer),
        ...row.meanBits.map((bits) => bits.toFixed(2)),
        ...row.lockstepBits.map((bits) => bits.toFixed(2)),
        ...(row.computePicojoules ?? letters.map(() => null)).map((energy) =>
          energy === null ? null : (energy / 1e6).toPrecision(4),
        ),
      ]),
    ) + `uJ: compute energy on ${accelerator.name}, ${MODE_NAMES[spoken.mode]}\n`
  );
}

function disagreementsText({ sides, labels, paired }: ComparedRuns): string {
  const all = disagreements(paired);
  const name = (index: number | null) => (index === null || index < 0 ? '-' : short(labels[index] ?? `class ${index}`));
  const shown = all.slice(0, MAX_LISTED_DISAGREEMENTS);
  return (
    `Disagree on ${count(all.length, 'image')}\n` +
    (shown.length === 0
      ? ''
      : textTable(
          ['image', 'label', ...sides.map((_, index) => sideLetter(index))],
          shown.map(({ path, label, classes }) => [shortPath(path), name(label), ...classes.map(name)]),
        )) +
    (all.length > shown.length ? 'and more (--json lists all)\n' : '')
  );
}

function short(text: string): string {
  const line = oneLine(text);
  return line.length > CELL_LENGTH ? `${line.slice(0, CELL_LENGTH - 1)}…` : line;
}

/** The end of a path tells more than its beginning. */
function shortPath(path: string): string {
  const line = oneLine(path);
  return line.length > 2 * CELL_LENGTH ? `…${line.slice(1 - 2 * CELL_LENGTH)}` : line;
}
