import { count } from '../../src-shared/count-text.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import type { ComparedRuns } from '../work/compare-runs.ts';
import { intervalText, percent, pValueText } from './figure-text.ts';
import { textTable } from './text-table.ts';

const MAX_LISTED_DISAGREEMENTS = 20;

/** What differs between runs, whether it is more than chance, and the images they disagree on. */
export function comparisonText({ compared, comparison, labels }: ComparedRuns): string {
  const letters = compared.map((_, index) => (index < 26 ? String.fromCharCode(65 + index) : `${index + 1}`));
  const sides = compared.map(({ run, planIndex, plan }, index) => {
    const accuracy = comparison.accuracies?.[index];
    return [
      letters[index]!,
      run.name,
      planIndex + 1,
      planText(plan),
      percent(accuracy?.top1 ?? null),
      intervalText(accuracy?.top1Interval ?? null),
      percent(accuracy?.top5 ?? null),
      accuracy?.macWeightedBits.toFixed(2) ?? null,
      accuracy?.macWeightedLockstepBits.toFixed(2) ?? null,
    ];
  });
  const differences = comparison.differences.map(({ setting, values }) => [
    setting,
    ...values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
  ]);
  const paired = comparison.paired.map((pair, index) => [
    `${letters[0]} and ${letters[index + 1]}`,
    pair.top1OnlyFirst,
    pair.top1OnlyOther,
    pValueText(pair.top1PValue),
    pair.top5OnlyFirst,
    pair.top5OnlyOther,
    pValueText(pair.top5PValue),
    pair.bitsDifference.toFixed(3),
    `${pair.bitsInterval[0].toFixed(3)} to ${pair.bitsInterval[1].toFixed(3)}`,
  ]);
  const name = (index: number | null) => (index === null || index < 0 ? '-' : (labels[index] ?? `class ${index}`));
  const shown = comparison.disagreements.slice(0, MAX_LISTED_DISAGREEMENTS);
  const judge =
    comparison.judgedBy === 'labels' ? 'right by their labels' : 'right where the plain network says the same';
  return [
    textTable(['', 'run', 'plan', 'what it is', 'Top-1', '95 %', 'Top-5', 'bits', 'lock-step'], sides),
    `${count(comparison.images, 'image')} in common, ${comparison.judged} judged, ${judge}\n`,
    differences.length === 0 ? 'Same settings\n' : textTable(['setting', ...letters], differences),
    paired.length === 0
      ? ''
      : textTable(
          [
            'pair',
            'Top-1 only first',
            'only other',
            'p',
            'Top-5 only first',
            'only other',
            'p',
            'lock-step bits difference',
            '95 %',
          ],
          paired,
        ),
    `Disagree on ${count(comparison.disagreements.length, 'image')}\n` +
      (shown.length === 0
        ? ''
        : textTable(
            ['image', 'label', ...letters],
            shown.map(({ path, label, classes }) => [path, name(label), ...classes.map(name)]),
          )) +
      (comparison.disagreements.length > shown.length ? 'and more (--json lists all)\n' : ''),
  ]
    .filter((part) => part !== '')
    .join('\n');
}
