import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type EnergyEstimate, type EnergyOptions, estimateAll } from '../../src-shared/energy/energy.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import { type ComparedRun, compareRuns, type RunComparison } from '../../src-shared/runs/run-comparison.ts';
import { POLICIES, type PolicyName } from '../../src-shared/runs/policies.ts';
import type { FailedImage, PlanReport, RunRecord, RunReport } from '../../src-shared/runs/run-record.ts';
import { resolveAccelerators } from '../files/accelerator-file.ts';
import type { CommandResult } from './command-line.ts';
import { exportRun } from '../work/export-run.ts';
import { count, intervalText, percent, pValueText } from '../text/figure-text.ts';
import { mergeStores } from '../store/run-merge.ts';
import { findRun, imageResults, listRuns, runFailures, runModel, runPlans } from '../store/run-query.ts';
import { runReport } from '../work/run-report.ts';
import { openRunStore, openRunStoreToRead, type RunStore } from '../store/run-store.ts';
import type { ExportFormat, ExportRows, RunsAction, RunsFlags } from './runs-options.ts';
import { policiesText } from '../text/policies-text.ts';
import { oneLine, textTable } from '../text/text-table.ts';

/** What a command says: to a reader, and as one JSON document. */
export interface CommandOutput extends CommandResult {
  readonly text: string;
}

/** Energy of layers on the accelerators that were asked for. */
export type Price = (
  layers: readonly LayerCounts[],
  options: Pick<EnergyOptions, 'staticProfile'>,
) => readonly EnergyEstimate[];

/** What leaves a store as it is. */
const READING: readonly RunsAction[] = ['list', 'show', 'compare', 'export'];
const MAX_LISTED_FAILURES = 10;
const MAX_LISTED_DISAGREEMENTS = 20;

/**
 * `fovea runs`.
 * @param operands runs, files, or a run and a text, as the action takes them
 * @param db the store's file
 */
export async function runRuns(
  action: RunsAction,
  operands: readonly string[],
  flags: RunsFlags,
  db: string,
): Promise<CommandResult> {
  const [first = '', second = ''] = operands;
  if (action === 'export') return runsExport(db, first, flags);
  const accelerators = await resolveAccelerators(flags.accelerator);
  using store = READING.includes(action) ? openRunStoreToRead(db) : openRunStore(db);
  switch (action) {
    case 'list':
      return runsList(store);
    case 'show':
      return runsShow(store, first, (...input) => estimateAll(accelerators, ...input).estimates);
    case 'compare':
      return runsCompare(store, operands, flags.seed ?? 1);
    case 'merge':
      return runsMerge(store, operands);
    case 'delete':
      return runsDelete(store, operands);
    case 'rename':
      return runsRename(store, first, second);
    case 'note':
      return runsNote(store, first, second);
  }
}

/** @throws FoveaError `run-unknown`, `output-unwritable` */
async function runsExport(
  db: string,
  wanted: string,
  { format = 'csv', rows = 'images', out }: RunsFlags,
): Promise<CommandResult> {
  const pieces = exportedPieces(db, wanted, format, rows);
  if (out === undefined) return { text: pieces, json: null };
  await writeWhole(pieces, out);
  return { text: `Written to ${oneLine(out)}\n`, json: { file: out } };
}

/** Opened when the first piece is wanted, and closed behind the last one. */
function* exportedPieces(db: string, wanted: string, format: ExportFormat, rows: ExportRows): Generator<string> {
  using store = openRunStoreToRead(db);
  yield* exportRun(store, findRun(store, wanted).id, format, rows);
}

export function runsList(store: RunStore): CommandOutput {
  const runs = listRuns(store);
  if (runs.length === 0) return { text: `No runs yet in ${store.path}: fovea batch FOLDER makes one.\n`, json: [] };
  const rows = runs.map((run) => [
    run.id,
    run.name,
    statusText(run),
    run.createdAt.slice(0, 16).replace('T', ' '),
    run.model.id,
    run.plans,
    run.images,
    run.failed,
  ]);
  return {
    text: textTable(['id', 'name', 'status', 'begun (UTC)', 'model', 'plans', 'images', 'failed'], rows),
    json: runs,
  };
}

export function runsShow(store: RunStore, wanted: string, price: Price): CommandOutput {
  const run = findRun(store, wanted);
  return runOutput(run, runReport(store, run.id), runFailures(store, run.id), price);
}

/**
 * A run and what it found out, as `fovea batch` and `fovea runs show` print it.
 * @param shown the policies asked for
 */
export function runOutput(
  run: RunRecord,
  report: RunReport,
  failed: readonly FailedImage[],
  price: Price,
  shown: readonly PolicyName[] = POLICIES,
): CommandOutput {
  const { images, finished, ...rest } = run;
  const against = staticReference(report);
  const priced = report.plans.map((plan) => ({
    ...plan,
    energy: plan.layers.length > 0 ? price(plan.layers, against) : [],
  }));
  const policies = report.policies.filter(({ policy }) => shown.includes(policy));
  const imagesPerSecond = run.seconds > 0 ? finished / run.seconds : null;
  return {
    text: [
      headerText(run, imagesPerSecond),
      plansText(report.plans),
      ...priced.filter(() => priced.length === 1).map(({ energy }) => energyText(energy)),
      policiesText(policies),
      failuresText(failed),
    ]
      .filter((part) => part !== '')
      .join('\n'),
    json: { run: { ...rest, images, finished, failed, imagesPerSecond }, plans: priced, policies },
  };
}

/** Bits of the best static profile at Top-1, layer by layer, as energies are compared with; nothing where there is none. */
function staticReference({ plans, policies }: RunReport): Pick<EnergyOptions, 'staticProfile'> {
  const best = policies.find(({ policy, keeps }) => policy === 'static' && keeps === 'top1');
  const profile = best && plans[best.plans[0]!];
  return profile ? { staticProfile: profile.layers.map(({ meanBits }) => meanBits) } : {};
}

/**
 * @param wanted runs by id or name; `RUN:2` means the second plan alone, otherwise all plans of a run are compared
 * @throws FoveaError `bad-argument` when fewer than two plans are named, or a plan the run does not have
 */
export function runsCompare(store: RunStore, wanted: readonly string[], seed: number): CommandOutput {
  const compared = wanted.flatMap((name) => comparedRuns(store, name));
  if (compared.length < 2)
    throw new FoveaError(
      'bad-argument',
      'a comparison needs two plans or more',
      'Name two runs, or a run of several plans.',
    );
  const comparison = compareRuns(compared, seed);
  const sides = compared.map(({ run, planIndex, plan }) => ({
    run: run.id,
    name: run.name,
    plan: planIndex + 1,
    resolvedPlan: plan,
  }));
  const { labels } = runModel(store, compared[0]!.run.id);
  return { text: comparisonText(compared, comparison, labels), json: { sides, ...comparison } };
}

export function runsRename(store: RunStore, wanted: string, name: string): CommandOutput {
  const { id } = findRun(store, wanted);
  store.renameRun(id, name);
  return { text: `${id} is now called ${oneLine(name)}\n`, json: { id, name } };
}

export function runsNote(store: RunStore, wanted: string, note: string): CommandOutput {
  const { id } = findRun(store, wanted);
  store.noteRun(id, note);
  return { text: `Noted on ${id}\n`, json: { id, note } };
}

export function runsDelete(store: RunStore, wanted: readonly string[]): CommandOutput {
  // All are looked up before one is deleted: a wrong name deletes nothing.
  const ids = [...new Set(wanted.map((name) => findRun(store, name).id))];
  store.deleteRuns(ids);
  return { text: ids.map((id) => `Deleted ${id}\n`).join(''), json: { deleted: ids } };
}

export function runsMerge(store: RunStore, files: readonly string[]): CommandOutput {
  const result = mergeStores(store, files, existsSync);
  const { added, updated, joined, waiting } = result;
  const changes = [
    ...(added.length > 0 ? [`Added ${count(added.length, 'run')}`] : []),
    ...(updated.length > 0 ? [`Brought ${count(updated.length, 'run')} up to date`] : []),
    ...joined.map((id) => `Joined shards into ${id}`),
  ];
  const lines = [
    ...(changes.length > 0 ? changes : ['Nothing new: all these runs are here already']),
    ...waiting.map(
      ({ name, missing, count: shards }) =>
        `${oneLine(name)}: ${missing.length === 1 ? 'shard' : 'shards'} ${missing.join(', ')} of ${shards} missing or not complete`,
    ),
  ];
  return { text: `${lines.join('\n')}\n`, json: result };
}

/**
 * Writes pieces of text to a file that appears under its name only when it is whole.
 * @throws FoveaError `output-unwritable`
 */
export async function writeWhole(pieces: Iterable<string>, file: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await pipeline(pieces, createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof FoveaError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FoveaError(
      'output-unwritable',
      `${file}: cannot be written: ${reason}`,
      'Check the folder and the room on the disk.',
      {
        cause: error,
      },
    );
  }
}

function comparedRuns(store: RunStore, wanted: string): ComparedRun[] {
  const { run, planIndex } = splitPlan(store, wanted);
  const plans = runPlans(store, run.id);
  if (planIndex !== null && !plans[planIndex])
    throw new FoveaError('bad-argument', `run ${run.id} has plans 1 to ${plans.length}, not ${planIndex + 1}`, '');
  const side = (index: number): ComparedRun => ({
    run,
    planIndex: index,
    plan: plans[index]!,
    results: Array.from(imageResults(store, run.id, index), ({ counts: _, ...result }) => result),
  });
  return planIndex === null ? plans.map((_, index) => side(index)) : [side(planIndex)];
}

/** A name may end in a colon and a number itself: the whole goes before the part. */
function splitPlan(store: RunStore, wanted: string): { readonly run: RunRecord; readonly planIndex: number | null } {
  const [, name, plan] = /^(.+):(\d+)$/.exec(wanted) ?? [];
  try {
    return { run: findRun(store, wanted), planIndex: null };
  } catch (error) {
    if (name === undefined) throw error;
    return { run: findRun(store, name), planIndex: Number(plan) - 1 };
  }
}

function headerText(run: RunRecord, imagesPerSecond: number | null): string {
  const lines = [
    ['Run', `${run.id}  ${run.name}`],
    ['Status', statusText(run)],
    ['Begun', `${run.createdAt.slice(0, 19).replace('T', ' ')} UTC, Fovea ${run.version}`],
    ['Model', `${run.model.id} (SHA-256 ${run.model.sha256.slice(0, 12)})`],
    ['Images', `${run.dataset.path}, labels: ${labelsText(run)}`],
    ['Done', `${run.finished} of ${run.images}, ${run.failed} failed`],
  ];
  if (imagesPerSecond !== null)
    lines.push(['Time', `${run.seconds.toFixed(1)} s, ${imagesPerSecond.toFixed(1)} images a second`]);
  if (run.note) lines.push(['Note', run.note]);
  if (run.resultsSha256) lines.push(['Results', `SHA-256 ${run.resultsSha256}`]);
  return lines.map(([name, value]) => `${name!.padEnd(9)}${oneLine(value!)}\n`).join('');
}

function labelsText({ dataset: { labels } }: RunRecord): string {
  switch (labels.kind) {
    case 'none':
      return 'none (agreement with the plain network counts instead)';
    case 'folders':
      return 'folders';
    case 'file-names':
      return 'WordNet ids in the file names';
    case 'csv':
      return labels.file;
  }
}

function statusText({ status, shard }: RunRecord): string {
  return shard ? `${status}, shard ${shard.index}/${shard.count}` : status;
}

function plansText(plans: readonly PlanReport[]): string {
  const labelled = plans.some((plan) => plan.labelled > 0);
  const rows = plans.map((plan, index) => [
    index + 1,
    planText(plan.plan),
    ...(labelled
      ? [
          percent(plan.top1),
          intervalText(plan.top1Interval),
          percent(plan.top5),
          percent(plan.baselineTop1),
          percent(plan.baselineTop5),
        ]
      : []),
    percent(plan.top1Agreement),
    plan.macWeightedBits?.toFixed(2) ?? null,
    percent(plan.macWeightedBits === null ? null : 1 - plan.macWeightedBits / 8),
  ]);
  const accuracy = labelled ? ['Top-1', '95 %', 'Top-5', 'plain Top-1', 'plain Top-5'] : [];
  return textTable(['#', 'plan', ...accuracy, 'same Top-1', 'bits', 'saved against 8'], rows);
}

function energyText(energy: readonly EnergyEstimate[]): string {
  if (energy.length === 0) return '';
  const withStatic = energy.some(({ savedVsStatic }) => savedVsStatic !== null);
  return textTable(
    [
      ...['accelerator', 'mode', 'compute uJ', 'total uJ', 'saved against 8 bits', 'against 16-bit parallel'],
      ...(withStatic ? ['against best static'] : []),
    ],
    energy.map((estimate) => [
      estimate.accelerator,
      estimate.mode,
      (estimate.computePicojoules / 1e6).toPrecision(4),
      (estimate.totalPicojoules / 1e6).toPrecision(4),
      percent(estimate.savedVs8bit),
      percent(estimate.savedVs16bitParallel),
      ...(withStatic ? [percent(estimate.savedVsStatic)] : []),
    ]),
  );
}

function failuresText(failed: readonly FailedImage[]): string {
  if (failed.length === 0) return '';
  const shown = failed
    .slice(0, MAX_LISTED_FAILURES)
    .map(({ path, reason }) => `  ${oneLine(path)}: ${oneLine(reason)}\n`);
  const more = failed.length > shown.length ? `  and ${failed.length - shown.length} more (--json lists all)\n` : '';
  return `Failed: ${count(failed.length, 'image')}\n${shown.join('')}${more}`;
}

function comparisonText(
  compared: readonly ComparedRun[],
  comparison: RunComparison,
  labels: readonly string[],
): string {
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
    textTable(['', 'run', 'plan', 'what it is', 'Top-1', '95 %', 'Top-5', 'bits'], sides),
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
            'bits difference',
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
