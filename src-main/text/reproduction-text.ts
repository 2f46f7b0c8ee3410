import { onDevice } from '../../src-shared/device.ts';
import { type EnergyMode, MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { profileText } from '../../src-shared/precision/profile-search.ts';
import { KEPT_NAMES } from '../../src-shared/runs/comparison-words.ts';
import {
  type Claim,
  isConsistent,
  type PlanRow,
  REPORTED_MODES,
  type Reproduction,
  type SavedInMode,
} from '../../src-shared/runs/reproduction.ts';
import type { PlanClaims } from '../../src-shared/runs/run-record.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import type { ReproducedRun } from '../work/reproduce.ts';
import { markdownOf, markdownTable } from './markdown.ts';
import { remarksText } from './run-text.ts';
import { notPricedText, regionWordsText } from './energy-table.ts';
import {
  DIFFERENCES,
  differenceText,
  doubtfulLabelsText,
  fewImagesText,
  intervalText,
  percent,
} from './figure-text.ts';

/** The findings of `fovea reproduce`, as Markdown. */
export function reproduceMarkdown(
  { run, profile, found, layers, leftOut, remarked }: ReproducedRun,
  { accelerators, shownModes }: PriceOrder,
): string {
  const { plainTop1, plainTop5, plainTop1Interval, plainTop5Interval } = found;
  return markdownOf([
    '# Dynamic activation quantisation, measured on your images',
    [
      `Model: ${run.model.id} (SHA-256 ${run.model.sha256.slice(0, 16)})${onDevice(run.model.device)}. Images: ${run.dataset.path}, ${found.images} judged` +
        `${run.failed > 0 ? `, ${run.failed} failed` : ''}. Run: ${run.id}, Fovea ${run.version}, seed ${run.seed}.`,
      `The plain network: Top-1 ${percent(plainTop1)} (${intervalText(plainTop1Interval)}), ` +
        `Top-5 ${percent(plainTop5)} (${intervalText(plainTop5Interval)}).`,
      run.dataset.labels.kind === 'none'
        ? 'There are no labels: an answer counts as right where it is that of the plain network.'
        : '',
    ]
      .filter((line) => line !== '')
      .join('\n'),
    fewImagesText(found.images).trimEnd(),
    doubtfulLabelsText(plainTop1).trimEnd(),
    leftOutText(layers, leftOut) ?? '',
    '## Energy saved at original accuracy',
    'Saved: MAC-weighted activation bits against uniform 8 bits. Lock-step, the default: every group of 16 windows that works in step pays ' +
      'its widest value, which is what bit-serial machines do; compacted: windows of 0 bits are left out and the rest packed; ideal: each ' +
      'value pays its own bits, a bound. Original accuracy: at most one point lost. The best plans, static ones too (widths everywhere, ' +
      'shapes, searched profiles), are chosen on the images they are reported on; what is chosen on one half, the cascade too, is reported ' +
      'on the other. An oracle knows the right answers in advance and loses none: a bound on choosing per input, no method, and part of ' +
      'what it saves is luck with many tries, as its null shows: the same ladder with random masks. Intervals: 95 %, over images; none ' +
      'where every image costs the same.',
    claimTable(found.claims),
    DIFFERENCES,
    claimNotes(found.claims),
    '### The same on an accelerator, and against the paper',
    `Energy on ${acceleratorName(found, accelerators)}: compute / whole chip, saved against uniform 8 bits on the same machine.`,
    savedTable(found.claims),
    paperText(found.claims),
    '## Does importance matter?',
    'All masks of a table lower the same share of the area to the same bits.',
    ...found.metrics.flatMap(({ setting, rows }) => [`### ${setting}`, planTable(rows, (row) => row.metric, 'mask')]),
    '## Fixed plans',
    planTable(found.presets),
    '## The same bits everywhere',
    planTable(found.uniform),
    '## Layer-wise bits',
    `Shapes that need no search, then what the search went through. ${searchText(profile)}`,
    planTable(found.layerWise),
    '## Plans that no other beats',
    planTable(found.pareto),
    '## Energy saved on accelerators',
    energyTable(found, shownModes),
    regionWordsText(accelerators),
    notPricedText(accelerators, found.notPriced, shownModes),
    remarksText(remarked),
  ]);
}

function searchText({ bits, images, plansTried, right, plainRight, byAgreement }: ReproducedRun['profile']): string {
  return (
    `Found on ${images} images in ${plansTried} trials${byAgreement ? ', by agreement with the plain network, labels being few' : ''}: ` +
    `\`${profileText(bits)}\` (right there: ${right}, the plain network ${plainRight}).`
  );
}

function acceleratorName({ accelerator }: Reproduction, accelerators: PriceOrder['accelerators']): string {
  return accelerators.find(({ id }) => id === accelerator)?.name ?? 'no accelerator';
}

function claimTable(claims: readonly Claim[]): string {
  return markdownTable(
    [
      ...[
        '',
        'keeps',
        'accuracy',
        'plain',
        'images',
        'saved',
        '95 %',
        'compacted',
        'ideal',
        'against best static',
        'its null',
      ],
      ...['against plain', 'against uniform at equal energy', 'the same, compacted', 'against centre'],
    ],
    claims.map((claim) => [
      claim.claim,
      KEPT_NAMES[claim.keeps],
      percent(claim.accuracy),
      percent(claim.plainAccuracy),
      `${claim.images}`,
      percent(claim.saved.lockstep.bits),
      intervalText(claim.saved.lockstep.interval),
      percent(claim.saved.compacted.bits),
      percent(claim.saved.ideal.bits),
      percent(claim.savedVsStatic),
      claim.nullSaved === null
        ? ''
        : `${percent(claim.nullSaved)}${claim.nullInterval ? ` (${intervalText(claim.nullInterval)})` : ''}`,
      differenceText(claim.againstPlain),
      differenceText(claim.againstUniform),
      differenceText(claim.againstUniformCompacted),
      differenceText(claim.againstCentre),
    ]),
  );
}

/** What the lines are, and why some fall below others. */
function claimNotes(claims: readonly Claim[]): string {
  const notes = claims.flatMap((claim) => [
    ...(claim.reason === null ? [] : [`- ${claim.claim}, ${KEPT_NAMES[claim.keeps]}: ${claim.reason}.`]),
    ...(claim.how.includes(';') ? [] : [`- ${claim.claim}, ${KEPT_NAMES[claim.keeps]}: ${claim.how}.`]),
  ]);
  return notes.join('\n');
}

function savedTable(claims: readonly Claim[]): string {
  return markdownTable(
    ['', 'keeps', ...REPORTED_MODES.map((mode) => MODE_NAMES[mode])],
    claims.map((claim) => [
      claim.claim,
      KEPT_NAMES[claim.keeps],
      ...REPORTED_MODES.map((mode) => energyCell(claim.saved[mode])),
    ]),
  );
}

function energyCell({ compute, wholeChip }: SavedInMode): string | null {
  return compute === null ? null : `${percent(compute)} / ${percent(wholeChip)}`;
}

/** The paper's figures beside those of the same kind: consistent where they lie in the interval. */
function paperText(claims: readonly Claim[]): string {
  const lines = claims.flatMap((claim) => {
    const { paper } = claim;
    if (paper === null) return [];
    const modes = REPORTED_MODES.map((mode) => {
      const saved = claim.saved[mode];
      const word = isConsistent(paper, saved) ? 'consistent with it' : 'not consistent with it';
      return `${MODE_NAMES[mode]} ${percent(saved.bits)}${saved.interval ? ` (${intervalText(saved.interval)})` : ''}, ${word}`;
    });
    return [
      `- The paper saves ${percent(paper)} per input at original ${KEPT_NAMES[claim.keeps]}; ${claim.claim}: ${modes.join('; ')}.`,
    ];
  });
  return lines.length === 0
    ? ''
    : [...lines, 'Consistent: the paper’s figure lies in the 95 % interval over these images.'].join('\n');
}

function planTable<Row extends PlanRow>(
  rows: readonly Row[],
  nameOf: (row: Row) => string = ({ plan }) => plan,
  title = 'plan',
): string {
  const wanted = [
    ['against plain', ({ againstPlain }: PlanClaims) => againstPlain],
    ['against uniform at equal energy', ({ againstUniform }: PlanClaims) => againstUniform],
    ['the same, compacted', ({ againstUniformCompacted }: PlanClaims) => againstUniformCompacted],
    ['against best static', ({ againstStatic }: PlanClaims) => againstStatic],
    ['against centre', ({ againstCentre }: PlanClaims) => againstCentre],
    ['against random', ({ againstRandom }: PlanClaims) => againstRandom],
  ] as const;
  const shown = wanted.filter(([, of]) => rows.some(({ claims }) => of(claims)));
  return markdownTable(
    [
      ...['#', title, 'Top-1', '95 %', 'Top-5', 'saved', 'compacted', 'ideal'],
      ...REPORTED_MODES.map((mode) => `energy, ${MODE_NAMES[mode]}`),
      ...shown.map(([header]) => header),
      'images for 1 point',
    ],
    rows.map((row) => [
      `${row.number}`,
      nameOf(row),
      percent(row.top1),
      intervalText(row.top1Interval),
      percent(row.top5),
      ...REPORTED_MODES.map((mode) => percent(row.saved[mode].bits)),
      ...REPORTED_MODES.map((mode) => energyCell(row.saved[mode])),
      ...shown.map(([, of]) => differenceText(of(row.claims))),
      `${row.claims.againstPlain.imagesForAPoint}`,
    ]),
  );
}

function energyTable({ energy }: Reproduction, modes: readonly EnergyMode[]): string {
  return markdownTable(
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
