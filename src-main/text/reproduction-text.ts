import { type EnergyMode, MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { intervalText, percent, pValueText } from './figure-text.ts';
import type { Claim, MetricRow, PlanRow, Reproduction } from '../../src-shared/runs/reproduction.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import type { ReproducedRun } from '../work/reproduce.ts';
import { remarksText } from './run-text.ts';
import { notPricedText } from './energy-table.ts';
import { profileText } from '../../src-shared/precision/profile-search.ts';

/** The findings of `fovea reproduce`, as Markdown. */
export function reproduceMarkdown(
  { run, profile, found, layers, leftOut, remarked }: ReproducedRun,
  { accelerators, shownModes }: PriceOrder,
): string {
  const { plainTop1, plainTop5, plainTop1Interval, plainTop5Interval } = found;
  return [
    '# Dynamic activation quantisation, measured on your images',
    [
      `Model: ${run.model.id} (SHA-256 ${run.model.sha256.slice(0, 16)}). Images: ${run.dataset.path}, ${found.images} judged` +
        `${run.failed > 0 ? `, ${run.failed} failed` : ''}. Run: ${run.id}, Fovea ${run.version}, seed ${run.seed}.`,
      `The plain network: Top-1 ${percent(plainTop1)} (${intervalText(plainTop1Interval)}), ` +
        `Top-5 ${percent(plainTop5)} (${intervalText(plainTop5Interval)}).`,
      run.dataset.labels.kind === 'none'
        ? 'There are no labels: an answer counts as right where it is that of the plain network.'
        : '',
    ]
      .filter((line) => line !== '')
      .join('\n'),
    leftOutText(layers, leftOut) ?? '',
    '## Energy saved at original accuracy',
    'Saved: MAC-weighted activation bits against uniform 8 bits, every group of 16 windows that works in step paying its widest value, ' +
      'which is what bit-serial machines do (energy on accelerators is below). Original accuracy: at most one point lost; an oracle loses nothing. An oracle knows the right answers in advance: it ' +
      'bounds what choosing per input can save. The best fixed plan is chosen on the images it is reported on; what is ' +
      'chosen on one half of the images, the cascade too, is reported on the other. The best static profile is the cheapest that its ' +
      'search on one half came by and that keeps Top-1 on the other: the last one found often does not. Intervals: 95 %, over images.',
    claimTable(found.claims),
    '## Does importance matter?',
    'All masks of a table lower the same share of the area to the same bits. The p-value is that of McNemar’s exact test against ' +
      'the random mask, two-sided.',
    ...found.metrics.flatMap(({ setting, rows }) => [`### ${setting}`, metricTable(rows)]),
    '## Fixed plans',
    planTable(found.presets),
    '## The same bits everywhere',
    planTable(found.uniform),
    '## Plans that no other beats',
    planTable(found.pareto),
    '## Static profile',
    `Layer-wise bits, found on ${profile.images} images in ${profile.plansTried} trials: \`${profileText(profile.bits)}\` ` +
      `(right there: ${profile.right}, the plain network ${profile.plainRight}).`,
    '## Energy saved on accelerators',
    energyTable(found, shownModes),
    notPricedText(accelerators, found.notPriced, shownModes),
    remarksText(remarked),
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

function claimTable(claims: readonly Claim[]): string {
  return table(
    ['', 'keeps', 'saved', '95 %', 'accuracy', 'plain', 'images', 'against best static', 'paper'],
    claims.map((claim) => [
      claim.claim,
      claim.keeps === 'top1' ? 'Top-1' : 'Top-5',
      percent(claim.saved),
      intervalText(claim.savedInterval),
      percent(claim.accuracy),
      percent(claim.plainAccuracy),
      `${claim.images}`,
      percent(claim.savedVsStatic),
      claim.paper === null ? '' : percent(claim.paper),
    ]),
  );
}

function metricTable(rows: readonly MetricRow[]): string {
  return table(
    ['mask', 'Top-1', '95 %', 'Top-5', 'saved', 'right where random is wrong', 'wrong where random is right', 'p'],
    rows.map((row) => [
      row.metric,
      percent(row.top1),
      intervalText(row.top1Interval),
      percent(row.top5),
      percent(row.saved),
      `${row.onlyThis}`,
      `${row.onlyRandom}`,
      row.metric === 'random' ? '' : pValueText(row.pValue),
    ]),
  );
}

function planTable(rows: readonly PlanRow[]): string {
  return table(
    ['plan', 'Top-1', '95 %', 'Top-5', 'saved'],
    rows.map((row) => [
      row.plan,
      percent(row.top1),
      intervalText(row.top1Interval),
      percent(row.top5),
      percent(row.saved),
    ]),
  );
}

function energyTable({ energy }: Reproduction, modes: readonly EnergyMode[]): string {
  return table(
    [
      ...[
        'plan',
        'accelerator',
        'mode',
        'compute against 8 bits',
        'whole chip against 8 bits',
        'compute against 16-bit parallel',
      ],
      ...['compute against best static', 'utilisation'],
    ],
    energy
      .filter(({ mode }) => modes.includes(mode))
      .map((row) => [
        row.plan,
        row.accelerator,
        MODE_NAMES[row.mode],
        percent(row.savedVs8bit),
        percent(row.totalSavedVs8bit),
        row.savedVs16bitParallel === null ? '' : percent(row.savedVs16bitParallel),
        row.savedVsStatic === null ? '' : percent(row.savedVsStatic),
        percent(row.utilisation),
      ]),
  );
}

/** A Markdown table; padded, so that it also reads well as text. */
function table(header: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => (cell ?? '-').replaceAll('|', '\\|')))];
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...body] = cells;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
