import { count } from '../../src-shared/count-text.ts';
import { acceleratorLabel } from '../../src-shared/energy/accelerators/accelerator.ts';
import { MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { points } from '../../src-shared/figure-text.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import { METRIC_TABLE } from '../../src-shared/precision/metrics.ts';
import { profileText } from '../../src-shared/precision/profile-search.ts';
import { wordsSection } from '../../src-shared/report/constants-section.ts';
import { barDrawings } from '../../src-shared/report/drawings.ts';
import { html } from '../../src-shared/report/html.ts';
import { figure, reportHtml, table } from '../../src-shared/report/report-page.ts';
import type { SavedDifference } from '../../src-shared/runs/equal-accuracy.ts';
import {
  METHOD_MODES,
  type MethodMode,
  type MethodRow,
  type MethodTable,
} from '../../src-shared/runs/methods-comparison.ts';
import { METHODS, UNIFORM_METHOD } from '../../src-shared/runs/methods-plans.ts';
import { quoted } from '../../src-shared/shell-word.ts';
import type { ComparedMethods } from '../work/methods.ts';
import { notPricedText, regionWordsText } from './energy-table.ts';
import {
  DIFFERENCES,
  differenceText,
  doubtfulLabelsText,
  fewImagesText,
  intervalText,
  percent,
} from './figure-text.ts';
import { markdownOf, markdownTable } from './markdown.ts';
import { remarksText } from './run-text.ts';

/** What both the Markdown and the page are made of. */
interface Part {
  readonly title: string;
  readonly before: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Indexes of columns of words that are not to be broken. */
  readonly short?: readonly number[];
  /** Index of the row that is spoken of. */
  readonly marked: number | null;
}

const MODE_WORDS: Readonly<Record<MethodMode, string>> = {
  lockstep: 'in lock-step',
  group: 'in groups of channels',
  ideal: 'ideally',
};
const MODE_MEANT: Readonly<Record<MethodMode, string>> = {
  lockstep: 'Sixteen windows that work in step pay the widest of their values.',
  group:
    'Sixteen channels of a position pay no more bits than their values need: leading zeros are skipped, and nothing is lost.',
  ideal: 'Each value pays its own bits: a bound.',
};

const TITLE = 'Methods of dynamic precision, side by side on your images';

const EXPLAINED =
  'Every method chooses its plan on one half of the images, the cheapest there that loses at most one point, and is told by the other ' +
  'half; both ways, so that each image is told of once. Saved: MAC-weighted activation bits, or energy on a machine, against uniform 8 ' +
  'bits; what scales and level maps cost is in the energy. At equal energy: Top-1 less that of two uniform widths (range by position) in ' +
  'turn that save as much. At equal accuracy: saved less what the frontier of uniform widths saves at the Top-1 that the method has; above ' +
  'all of the frontier its most accurate width is taken (beyond). A winner saves most and loses at most a point on the images it is told ' +
  'of; it is the best of many, which leans to the good side. An oracle knows the right answers: a bound, and never a winner; its null is ' +
  'the same ladder with random masks.';

/** The findings of `fovea methods`, as Markdown. */
export function methodsMarkdown(compared: ComparedMethods, pricing: PriceOrder): string {
  const { found, layers, leftOut, remarked } = compared;
  return markdownOf([
    `# ${TITLE}`,
    basisLines(compared).join('\n'),
    fewImagesText(found.images).trimEnd(),
    doubtfulLabelsText(found.plainTop1).trimEnd(),
    leftOutText(layers, leftOut) ?? '',
    sentenceOf(compared),
    EXPLAINED,
    DIFFERENCES,
    ...partsOf(compared, pricing).flatMap(({ title, before, header, rows }) => [
      `## ${title}`,
      before,
      markdownTable(header, rows),
    ]),
    notPricedText(pricing.accelerators, found.notPriced, pricing.shownModes),
    remarksText(remarked),
  ]);
}

/** The same as a page that needs nothing else. */
export function methodsHtml(compared: ComparedMethods, pricing: PriceOrder): string {
  const { run, found, layers, leftOut } = compared;
  const [first, ...others] = partsOf(compared, pricing);
  const drawn = (part: Part) =>
    table(
      `${part.title}. ${part.before}`,
      part.header.map((title, column) => ({
        title,
        short: part.short?.includes(column) ?? false,
        number: column > 0 && part.rows.every((row) => isFigure(row[column])),
      })),
      part.rows,
      part.marked,
    );
  const byMethod = found.bits.lockstep.rows.map(({ method, saved }) => {
    const values = [saved, rowOf(found.bits.group, method)!.saved];
    return { label: method, values, note: values.map((value) => percent(value)).join(' and ') };
  });
  return reportHtml({
    title: TITLE,
    kind: 'A comparison of methods',
    version: run.version,
    sentence: sentenceOf(compared),
    remarks: [
      ...basisLines(compared).map((line) => line.replaceAll('`', '')),
      fewImagesText(found.images).trimEnd(),
      doubtfulLabelsText(found.plainTop1).trimEnd(),
      leftOutText(layers, leftOut) ?? '',
      notPricedText(pricing.accelerators, found.notPriced, pricing.shownModes).trimEnd(),
    ].filter((remark) => remark !== ''),
    figure: html`${barDrawings(byMethod, ['in lock-step', 'in groups of channels'], 'Saved by every method').map(
      (drawing) =>
        figure(
          drawing,
          'Saved of the activation bits at the accuracy of the plain network, as each method chose on the other half.',
          {
            n: count(found.images, 'photo'),
            interval: 'in the tables',
            baseline: 'uniform 8 bits',
            machine: 'none, MAC-weighted bits',
            mode: 'lock-step, and groups of 16 channels',
          },
        ),
    )}`,
    table: drawn(first!),
    command: ['fovea methods', quoted(run.dataset.path), `--model ${quoted(run.model.id)}`].join(' '),
    sections: [
      {
        title: 'How they are compared',
        body: html`<p>${EXPLAINED}</p>
          <p>${DIFFERENCES}</p>`,
      },
      ...others.map((part) => ({ title: part.title, body: drawn(part) })),
      wordsSection(),
    ],
  });
}

function isFigure(cell: string | null | undefined): boolean {
  return cell == null || /^[-\d.]+( %)?$/.test(cell);
}

function basisLines({ run, found, searched, absent }: ComparedMethods): string[] {
  return [
    `Model: ${run.model.id} (SHA-256 ${run.model.sha256.slice(0, 16)}). Images: ${run.dataset.path}, ${found.images} judged ` +
      `(halves of ${found.halves.join(' and ')})${run.failed > 0 ? `, ${run.failed} failed` : ''}. Run: ${run.id}, Fovea ` +
      `${run.version}, seed ${run.seed}.`,
    `The plain network: Top-1 ${percent(found.plainTop1)} (${intervalText(found.plainTop1Interval)}).` +
      (run.dataset.labels.kind === 'none'
        ? ' There are no labels: an answer counts as right where it is that of the plain network.'
        : found.chosenBy === 'agreement'
          ? ' Labels being few, plans are chosen by agreement with it.'
          : ''),
    `Searched for on each half: bits by layer (${searched.map(({ layerWise }) => `\`${profileText(layerWise.bits)}\``).join(' and ')}), ` +
      `by layer and region (${searched.map(({ joint }) => `\`${profileText(joint.bits)}\``).join(' and ')}), in ` +
      `${searched.map(({ layerWise, joint }) => layerWise.plansTried + joint.plansTried).join(' and ')} trials.`,
    ...absent.map(({ metric, why }) => `Not compared: regions by ${METRIC_TABLE[metric].label.toLowerCase()}: ${why}.`),
  ];
}

/** What wins, in one sentence. */
function sentenceOf({ found }: ComparedMethods): string {
  const told = METHOD_MODES.map((mode) => {
    const row = rowOf(found.bits[mode], found.bits[mode].winner);
    if (!row) return `${MODE_WORDS[mode]} no method keeps the accuracy`;
    return `${MODE_WORDS[mode]} ${row.method} saves ${percent(row.saved)!} at ${percent(row.accuracy)!}`;
  });
  return `Of ${found.bits.group.rows.length} methods, ${told.join('; ')} (plain: ${percent(found.plainTop1)!}).`;
}

function rowOf({ rows }: MethodTable, id: string | null): MethodRow | null {
  return rows.find(({ method }) => method === id) ?? null;
}

function partsOf({ found }: ComparedMethods, { accelerators }: PriceOrder): Part[] {
  return [
    {
      title: 'The winner on every machine',
      before:
        `Compute, then whole chip; each method chooses anew by what is to be saved. ${regionWordsText(accelerators)}`.trimEnd(),
      short: [1, 2, 3],
      header: [
        ...['machine', 'mode', 'of', 'winner', 'saved', 'against plain', 'saved more at equal accuracy'],
        ...['at equal energy', 'uniform saves', 'earns most at equal energy'],
      ],
      marked: null,
      rows: found.machines.flatMap(({ accelerator, mode, compute, wholeChip }) =>
        (
          [
            ['compute', compute],
            ['chip', wholeChip],
          ] as const
        ).map(([of, own]) => {
          const winner = rowOf(own, own.winner);
          const earned = rowOf(own, own.mostEarned);
          const machine = accelerators.find(({ id }) => id === accelerator);
          return [
            ...[machine ? acceleratorLabel(machine) : accelerator, MODE_NAMES[mode], of, own.winner],
            percent(winner?.saved ?? null),
            winner && differenceText(winner.againstPlain),
            winner && equalAccuracyText(winner.atEqualAccuracy),
            winner && differenceText(winner.atEqualEnergy),
            percent(rowOf(own, UNIFORM_METHOD)!.saved),
            earned && `${earned.method}: ${differenceText(earned.atEqualEnergy)!}`,
          ];
        }),
      ),
    },
    ...METHOD_MODES.map((mode): Part => {
      const own = found.bits[mode];
      return {
        title: `Activation bits ${MODE_WORDS[mode]}`,
        before: MODE_MEANT[mode],
        header: [
          ...['method', 'saved', 'Top-1', 'against plain', 'at equal energy', 'saved more at equal accuracy'],
          ...['against centre', 'against random', 'against inverse', 'its null', 'plans'],
        ],
        marked: own.winner === null ? null : own.rows.findIndex(({ method }) => method === own.winner),
        rows: own.rows.map((row) => [
          `${row.method}${row.method === own.winner ? ' (winner)' : ''}`,
          percent(row.saved),
          percent(row.accuracy),
          differenceText(row.againstPlain),
          differenceText(row.atEqualEnergy),
          equalAccuracyText(row.atEqualAccuracy),
          differenceText(row.againstCentre),
          differenceText(row.againstRandom),
          differenceText(row.againstInverse),
          percent(row.nullSaved),
          `${row.kind === 'plan' ? row.plans.join(' and ') : `${row.plans.length} plans`}${row.keeps ? '' : ', none keeps it'}`,
        ]),
      };
    }),
    {
      title: 'The methods, and what each chose in groups of channels',
      before: 'On the first half and on the second.',
      header: ['method', 'what it is', 'source', 'chosen'],
      marked: null,
      rows: METHODS.flatMap(({ id, label, source }) => {
        const row = rowOf(found.bits.group, id);
        return row ? [[id, label, source, row.how]] : [];
      }),
    },
  ];
}

/** `3.2 (-0.5 to 7.1), beyond`: points of what is saved. */
function equalAccuracyText(found: SavedDifference | null): string | null {
  if (!found) return null;
  const interval = found.interval ? ` (${intervalText(found.interval)!})` : '';
  return `${points(found.difference)}${interval}${found.isBeyond ? ', beyond' : ''}`;
}
