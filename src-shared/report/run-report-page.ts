import { nameOfDevice } from '../device.ts';
import { count } from '../count-text.ts';
import { builtinAccelerators } from '../energy/accelerators/builtin.ts';
import { DEFAULT_ENERGY_MODE } from '../energy/energy-mode.ts';
import { price, type PriceOrder } from '../energy/price-order.ts';
import { leftOutText } from '../left-out-text.ts';
import { percent, signed } from '../number-text.ts';
import { doubtfulLabels } from '../runs/doubtful-labels.ts';
import { marginText, NO_CLASS, type OutcomeColumns } from '../outcomes/outcome-columns.ts';
import { type PlanRow, planRows } from '../outcomes/plan-rows.ts';
import { verdictOf } from '../outcomes/selection.ts';
import { planText } from '../precision/plan-text.ts';
import { batchLine } from '../runs/batch-line.ts';
import { type ComparedEnergy, HEADLINE_ACCELERATOR, headlineEnergy } from '../runs/compared-energy.ts';
import { interval, points } from '../runs/comparison-words.ts';
import { POLICIES } from '../runs/policies.ts';
import type { FailedImage, PlanReport, RunRecord, RunReport } from '../runs/run-record.ts';
import { wilsonInterval } from '../runs/statistics.ts';
import { constantsSection, wordsSection } from './constants-section.ts';
import { scatterDrawing } from './drawings.ts';
import { html, type HtmlPart } from './html.ts';
import { energySection, intervalWords, layersSection, MODE, photoList, UNIFORM_8 } from './parts.ts';
import {
  type Basis,
  basisText,
  columnsOf,
  facts,
  figure,
  type ReportPage,
  type ReportSection,
  table,
} from './report-page.ts';

/** What a run left, to be told of. */
export interface ReportedRun {
  readonly run: RunRecord;
  readonly report: RunReport;
  readonly columns: OutcomeColumns;
  /** Of the images, in the order of the columns. */
  readonly paths: readonly string[];
  /** Class names by index; empty where the model has none. */
  readonly labels: readonly string[];
  readonly failed: readonly FailedImage[];
  readonly pricing: PriceOrder;
  /** By plan: what is saved, with its interval over the images; empty where it cannot be priced. */
  readonly energy: readonly (readonly ComparedEnergy[])[];
  /** Small pictures by index of the image, as `data:` addresses. */
  readonly pictures: ReadonlyMap<number, string>;
}

/** Images whose answer changed that are shown, and that are listed. */
export const SHOWN_PHOTOS = 24;
const MOST_LISTED = 400;

const machine = builtinAccelerators().find(({ id }) => id === HEADLINE_ACCELERATOR)!;

/** The plans of a run, priced as the headline is. */
export function reportedRows({ report, columns }: Pick<ReportedRun, 'report' | 'columns'>): PlanRow[] {
  return planRows(
    report,
    columns,
    { accelerator: HEADLINE_ACCELERATOR, mode: DEFAULT_ENERGY_MODE, whole: false },
    POLICIES,
  );
}

/** A plan that loses no more than this of what the plain network gets right counts as keeping it. */
const KEEPS_WITHIN = 0.01;

/**
 * The plan that is spoken of: of those that are neither uniform nor a control, the one that saves most and loses at most a point; where
 * none does, the one that loses least. Of a run of uniform widths and controls alone, the same of all.
 */
export function spokenRow(rows: readonly PlanRow[], plain: number | null): PlanRow | null {
  const plans = rows.filter(({ plan, accuracy }) => plan !== null && accuracy !== null);
  const own = plans.filter(({ role }) => role === 'plan' || role === 'static');
  const candidates = own.length > 0 ? own : plans;
  const keeping = candidates.filter(({ accuracy }) => accuracy! >= (plain ?? 1) - KEEPS_WITHIN);
  const most = (of: readonly PlanRow[], value: (row: PlanRow) => number) =>
    of.reduce<PlanRow | null>((best, row) => (best === null || value(row) > value(best) ? row : best), null);
  return most(keeping, ({ saved }) => saved ?? -1) ?? most(candidates, ({ accuracy }) => accuracy!);
}

/** Images whose first answer changed under a plan, ascending. */
export function changedImages(columns: OutcomeColumns, plan: number): number[] {
  const changed = [];
  for (let image = 0; image < columns.images; image++)
    if (columns.plans[plan] && ['lost', 'gained', 'other'].includes(verdictOf(columns, plan, image)))
      changed.push(image);
  return changed;
}

export function runReportPage(reported: ReportedRun): ReportPage {
  const { run, report, columns, failed, pricing } = reported;
  const doubtful = doubtfulLabels(report.plans[0]?.baselineTop1 ?? null);
  const leftOut = leftOutText(report.plans[0]?.layers ?? [], report.leftOut ?? []);
  const rows = reportedRows(reported);
  const labelled = report.plans.some((plan) => plan.labelled > 0);
  const plain = labelled ? (report.plans[0]?.baselineTop1 ?? null) : null;
  const spoken = spokenRow(rows, plain);
  const plan = spoken && spoken.plan !== null ? report.plans[spoken.plan] : undefined;
  const spread = spoken && spoken.plan !== null ? (reported.energy[spoken.plan] ?? []) : [];
  const what = labelled ? 'Top-1' : 'Agreement with the plain network';
  const basis: Basis = {
    n: count(spoken?.n ?? 0, 'photo'),
    interval: '95 %, Wilson for shares of photos, of a ratio of means for energy',
    baseline: UNIFORM_8,
    machine: machine.name,
    mode: MODE,
  };
  const savedOf = (row: PlanRow) =>
    row.plan === null
      ? null
      : (headlineEnergy(reported.energy[row.plan] ?? [])?.computeDifferences[0]?.interval ?? null);
  return {
    title: run.name,
    kind: 'An evaluation',
    version: run.version,
    sentence: sentenceOf(spoken, plan, labelled),
    remarks: [
      ...(doubtful === null ? [] : [doubtful]),
      ...(run.status === 'complete'
        ? []
        : [`The run is ${run.status}: ${run.finished} of ${count(run.images, 'photo')} are done.`]),
      ...(rows.filter(({ role }) => role === 'plan').length > 1
        ? ['The plan that is spoken of was chosen among several on the same photos; its figures lean to the good side.']
        : []),
      ...(failed.length > 0
        ? [`${count(failed.length, 'photo')} could not be evaluated and are left out of all figures.`]
        : []),
      ...(leftOut === null ? [] : [leftOut]),
    ],
    figure: figure(
      scatterDrawing(rows, what, `${machine.name} compute energy saved against uniform 8 bits`, spoken),
      `${what} against compute energy saved. The line joins uniform widths; the dashed one is the front.`,
      basis,
    ),
    table: table(
      `${basisText(basis)}${plain === null ? '' : ` The plain network: Top-1 ${percent(plain, 1)} (${intervalWords(plainInterval(report))}).`}`,
      planColumns(labelled),
      firstRows(rows, spoken).map((row): HtmlPart[] => planCells(row, savedOf(row))),
      firstRows(rows, spoken).indexOf(spoken ?? rows[0]!),
    ),
    command: batchLine(
      run,
      report.plans.map((of) => of.plan),
      reported.paths,
    ),
    sections: [
      ...(rows.length > FIRST_ROWS
        ? [
            {
              title: 'All plans and policies',
              body: table(
                basisText(basis),
                planColumns(labelled),
                rows.map((row): HtmlPart[] => planCells(row, savedOf(row))),
              ),
            },
          ]
        : []),
      ...(plan && plan.layers.length > 0
        ? [
            energySection(
              pricing,
              price(pricing, plan.layers, { leftOut: report.leftOut ?? [] }),
              spread,
              count(plan.images, 'photo'),
            ),
            layersSection(plan.layers, count(plan.images, 'photo')),
          ]
        : []),
      ...(spoken && spoken.plan !== null && columns.plans[spoken.plan] ? [changedSection(reported, spoken.plan)] : []),
      ...(failed.length > 0 ? [failedSection(failed)] : []),
      setUpSection(reported),
      wordsSection(),
      constantsSection(pricing.accelerators),
    ],
  };
}

const FIRST_ROWS = 6;

/** As many as stand on the first page: what is spoken of, its controls, uniform widths, policies. */
function firstRows(rows: readonly PlanRow[], spoken: PlanRow | null): readonly PlanRow[] {
  if (rows.length <= FIRST_ROWS) return rows;
  const rank = (row: PlanRow) => {
    if (row === spoken) return 0;
    if (row.front) return 1;
    if (row.plan === null) return 2;
    return row.role === 'uniform' ? 4 : row.role === 'plan' ? 5 : 3;
  };
  const chosen = new Set([...rows].sort((a, b) => rank(a) - rank(b)).slice(0, FIRST_ROWS));
  return rows.filter((row) => chosen.has(row));
}

function planCells(row: PlanRow, savedInterval: readonly [number, number] | null): HtmlPart[] {
  const { name, role, n, accuracy, interval: of, saved, chip, difference } = row;
  const hundredths = (share: number | null) => (share === null ? null : signed(share * 100, 1));
  return [
    role === 'plan' || name.startsWith(role) ? name : `${name} (${role})`,
    n,
    hundredths(accuracy),
    intervalWords(of),
    hundredths(saved),
    intervalWords(savedInterval),
    hundredths(chip),
    difference ? `${points(difference.mean)} (${interval(difference.interval)})` : null,
  ];
}

function plainInterval({ plans: [plan] }: RunReport) {
  if (!plan || plan.baselineTop1 === null) return null;
  return wilsonInterval(Math.round(plan.baselineTop1 * plan.labelled), plan.labelled);
}

/** The columns of {@link planCells}. */
const planColumns = (labelled: boolean) =>
  columnsOf(
    ['Plan'],
    ['n', labelled ? 'Top-1, %' : 'Same, %', '95 %', 'Saved, %', '95 %', 'Whole chip, %', 'Over uniform, points'],
  );

function sentenceOf(row: PlanRow | null, plan: PlanReport | undefined, labelled: boolean): string {
  if (!row || !plan || row.accuracy === null) return 'No photo of this run has its result yet.';
  const name = row.name.charAt(0).toUpperCase() + row.name.slice(1);
  const answers =
    labelled && plan.baselineTop1 !== null
      ? `${percent(row.accuracy, 1)} of ${count(row.n, 'photo')} right (95 % ${intervalWords(row.interval)}), the plain network ${percent(plan.baselineTop1, 1)}`
      : `the plain network’s answer on ${percent(row.accuracy, 1)} of ${count(row.n, 'photo')} (95 % ${intervalWords(row.interval)})`;
  const costs =
    row.saved === null
      ? ''
      : `, with ${percent(Math.abs(row.saved), 1)} ${row.saved < 0 ? 'more' : 'less'} compute energy than uniform 8 bits on ${machine.name}, ${MODE}${row.chip === null ? '' : ` (whole chip: ${percent(row.chip, 1)} saved)`}`;
  const earns = row.difference
    ? `; over uniform widths that save as much: ${points(row.difference.mean)} points (${interval(row.difference.interval)})`
    : '';
  return `${name}: ${answers}${costs}${earns}.`;
}

function changedSection({ columns, paths, labels, pictures, run }: ReportedRun, plan: number): ReportSection {
  const changed = changedImages(columns, plan);
  const className = (index: number) => (index === NO_CLASS ? '–' : (labels[index] ?? `class ${index}`));
  const linesOf = (image: number) => ({
    path: paths[image]!,
    verdict: verdictOf(columns, plan, image),
    label: className(columns.label[image]!),
    before: className(columns.plain[image]!),
    after: className(columns.plans[plan]!.answer[image]!),
    margin: marginText(columns, plan, image),
  });
  const listed = changed.slice(0, MOST_LISTED);
  const photos = changed.filter((image) => pictures.has(image)).slice(0, SHOWN_PHOTOS);
  return {
    title: `Photos whose answer changed: ${changed.length} of ${columns.images}`,
    body: [
      photoList(
        photos.map((image) => {
          const { path, verdict, before, after } = linesOf(image);
          return {
            name: `${path}: ${verdict}`,
            picture: pictures.get(image) ?? null,
            lines: [`${verdict}: ${before} → ${after}`],
          };
        }),
      ),
      table(
        `Answers of the plan that is spoken of. Margin: probability of the first answer less that of the second.`,
        [
          { title: 'Photo' },
          { title: '', short: true },
          { title: 'Label' },
          { title: 'Plain network' },
          { title: 'Plan' },
          { title: 'Margin', number: true },
        ],
        listed
          .map(linesOf)
          .map(({ path, verdict, label, before, after, margin }) => [path, verdict, label, before, after, margin]),
      ),
      listed.length < changed.length
        ? html`<p class="small">
            The other ${changed.length - listed.length} are in <code>fovea runs export ${run.id}</code>.
          </p> `
        : null,
    ],
  };
}

function failedSection(failed: readonly FailedImage[]): ReportSection {
  const listed = failed.slice(0, MOST_LISTED);
  return {
    title: `Photos that could not be evaluated: ${failed.length}`,
    body: [
      table(
        'Left out of all figures.',
        columnsOf(['Photo', 'Why'], []),
        listed.map(({ path, reason }) => [path, reason]),
      ),
      listed.length < failed.length ? html`<p class="small">And ${failed.length - listed.length} more.</p> ` : null,
    ],
  };
}

function setUpSection({ run, report }: ReportedRun): ReportSection {
  const { dataset, model } = run;
  const labels = { none: 'none', folders: 'class folders', 'file-names': 'WordNet ids in the file names', csv: '' }[
    dataset.labels.kind
  ];
  return {
    title: 'What was measured, and how',
    body: [
      facts([
        ['Run', run.id],
        ['Begun', `${run.createdAt.slice(0, 19).replace('T', ' ')} UTC, Fovea ${run.version}`],
        ['Photos', `${dataset.path}: ${run.images}, of which ${run.failed} failed`],
        ...(dataset.maps === undefined ? [] : [['Importance maps', dataset.maps] as const]),
        ['Labels', dataset.labels.kind === 'csv' ? dataset.labels.file : labels],
        ['Model', `${model.id}, ${model.path}`],
        ['SHA-256 of the model', model.sha256],
        ['SHA-256 of its settings', model.settingsSha256],
        ['Run on', nameOfDevice(model.device)],
        ['Seed', String(run.seed)],
        ['Time', `${run.seconds.toFixed(1)} s`],
        ['SHA-256 of all results', run.resultsSha256 ?? 'the run is not over'],
        ...(run.note ? [['Note', run.note] as const] : []),
      ]),
      table(
        'The plans, in the order of the run.',
        columnsOf(['Plan', 'Settings'], []),
        report.plans.map(({ plan }, index) => [index + 1, planText(plan)]),
      ),
    ],
  };
}
