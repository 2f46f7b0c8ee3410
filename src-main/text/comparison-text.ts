import { count } from '../../src-shared/count-text.ts';
import { points } from '../../src-shared/figure-text.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import { type EnergyMode, MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import type { ComparedBits } from '../../src-shared/runs/compared-bits.ts';
import {
  compareLayers,
  type ComparedEnergy,
  headlineEnergy,
  type SavedDifference,
} from '../../src-shared/runs/compared-energy.ts';
import { comparisonHeadlines, isClear } from '../../src-shared/runs/comparison-headline.ts';
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
    ...comparisonHeadlines(compared.comparison, compared.energy, pricing.accelerators).map((line) => `${line}\n`),
    sidesText(compared, pricing),
    leftOutLine(compared),
    settingsText(compared),
    tablesText(compared),
    testsText(compared, pricing),
    energyText(compared, pricing),
    layersText(compared, pricing),
    disagreementsText(compared),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Bits in the modes asked for and, as their bound, ideal: the means and the intervals of their differences tell of the same. */
function shownBits({ bits }: ComparedRuns, { shownModes }: PriceOrder): readonly ComparedBits[] {
  const shown: readonly EnergyMode[] = [...new Set<EnergyMode>([...shownModes, 'ideal'])];
  return shown.flatMap((mode) => bits.filter((row) => row.mode === mode));
}

function sidesText(compared: ComparedRuns, pricing: PriceOrder): string {
  const { sides, comparison } = compared;
  const bits = shownBits(compared, pricing);

  const rows = sides.map(({ run, planIndex }, index) => {
    const accuracy = comparison.accuracies?.[index];
    return [
      sideLetter(index),
      short(run.name),
      planIndex + 1,
      run.status === 'complete' ? 'complete' : `${run.status}, ${run.finished} of ${run.images}`,
      percent(accuracy?.top1 ?? null),
      accuracy ? intervalText(accuracy.top1Interval) : null,
      percent(accuracy?.top5 ?? null),
      percent(accuracy?.agreement ?? null),
      ...bits.map((row) => row.sides[index]!.toFixed(2)),
    ];
  });
  const judge =
    comparison.judgedBy === 'labels' ? 'right by their labels' : 'right where the plain network says the same';
  return (
    textTable(
      [
        ...['', 'run', 'plan', 'status', 'Top-1', '95 %', 'Top-5', 'same as plain'],
        ...bits.map(({ mode }) => `bits, ${MODE_NAMES[mode]}`),
      ],
      rows,
    ) +
    sides.map(({ plan }, index) => `${sideLetter(index)}  ${planText(plan)}\n`).join('') +
    `${count(comparison.images, 'image')} in common, ${comparison.judged} judged, ${judge}\n` +
    (comparison.contradicting > 0
      ? `Of ${count(comparison.contradicting, 'image')} the runs have different labels: use the same label file in each\n`
      : '') +
    (comparison.images === 0 ? 'Nothing to compare: evaluate the same images in each run.\n' : '')
  );
}

function leftOutLine({ layers, leftOut }: ComparedRuns): string {
  const text = leftOutText(layers[0] ?? [], leftOut);
  return text === null ? '' : `${oneLine(text)}\n`;
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

/** Every image once, by who gets it right: the 2 x 2 tables, one a line. */
function tablesText({ comparison: { paired } }: ComparedRuns): string {
  if (paired.length === 0) return '';
  const rows = paired.flatMap((pair, index) =>
    KEPT.map((kept) => {
      const { bothRight, onlyFirst, onlyOther, bothWrong } = pair[kept];
      return [againstFirst(index), KEPT_NAMES[kept], bothRight, onlyFirst, onlyOther, bothWrong];
    }),
  );
  const first = sideLetter(0);
  return textTable(['', 'right', 'both right', `only ${first}`, 'only other', 'both wrong'], rows);
}

function againstFirst(index: number): string {
  return `${sideLetter(index + 1)} - ${sideLetter(0)}`;
}

function testsText(compared: ComparedRuns, pricing: PriceOrder): string {
  const { paired } = compared.comparison;
  if (paired.length === 0) return '';
  const family = paired.length > 1;
  const bits = shownBits(compared, pricing);
  const rows = paired.flatMap((pair, index) => [
    ...KEPT.map((kept) => {
      const outcome = pair[kept];
      return [
        againstFirst(index),
        KEPT_NAMES[kept],
        points(outcome.difference),
        intervalText(outcome.interval),
        pValueText(outcome.pValue),
        ...(family ? [pValueText(outcome.familyPValue)] : []),
        outcome.familyPValue < SIGNIFICANT_BELOW ? 'yes' : 'not significant',
        outcome.imagesForAPoint,
      ];
    }),
    ...bits.map(({ mode, differences }) => {
      const { difference, interval } = differences[index]!;
      return [
        againstFirst(index),
        `bits, ${MODE_NAMES[mode]}`,
        difference.toFixed(2),
        interval && `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`,
        null,
        ...(family ? [null] : []),
        isClear(differences[index]!) ? 'yes' : 'not significant',
        null,
      ];
    }),
  ]);
  return (
    textTable(
      [
        '',
        'points or bits',
        'difference',
        '95 %',
        'p',
        ...(family ? ['p, Holm'] : []),
        'differs',
        'images for 1 point',
      ],
      rows,
    ) +
    `p: McNemar, exact. 95 %: Newcombe, paired; of bits and energy: normal, paired. Images needed to see 1 point: power ${POWER}.\n`
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
        ...letters.map((letter) => `${MODE_NAMES.lockstep} ${letter}`),
        ...letters.map((letter) => `${MODE_NAMES.ideal} ${letter}`),
        ...letters.map((letter) => `µJ ${letter}`),
      ],
      compareLayers(accelerator, spoken.mode, layers, switches).map((row) => [
        short(row.layer),
        ...row.lockstepBits.map((bits) => bits.toFixed(2)),
        ...row.meanBits.map((bits) => bits.toFixed(2)),
        ...(row.computePicojoules ?? letters.map(() => null)).map((energy) =>
          energy === null ? null : (energy / 1e6).toPrecision(4),
        ),
      ]),
    ) +
    `Bits of each layer, lock-step and ideal; µJ: compute energy on ${accelerator.name}, ${MODE_NAMES[spoken.mode]}\n`
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
