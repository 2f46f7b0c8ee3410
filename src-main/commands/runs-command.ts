import { join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { disagreements } from '../../src-shared/runs/run-comparison.ts';
import { comparisonDocument } from '../../src-shared/runs/comparison-document.ts';
import { imageDigests } from '../store/compared-answers.ts';
import { count } from '../../src-shared/count-text.ts';
import { defaultPricing, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import { KeptImages } from '../store/kept-images.ts';
import { makeFolder } from '../files/make-folder.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { findRun, listRuns, runFailures, runRemarks } from '../store/run-query.ts';
import { openRunStore, openRunStoreToRead, type RunStore } from '../store/run-store.ts';
import { comparisonText } from '../text/comparison-text.ts';
import { runOutput, runsText } from '../text/run-text.ts';
import { bytesText } from '../text/bytes-text.ts';
import { oneLine, textTable } from '../text/text-table.ts';
import { compareStoredRuns, splitPlan } from '../work/compare-runs.ts';
import { exportRun, exportTimeloop, exportZigzag } from '../work/export-run.ts';
import { releaseKeptImages } from '../work/release-kept-images.ts';
import { mergeInto } from '../work/merge-runs.ts';
import { runReport } from '../work/run-report.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import { pricingOf } from './pricing.ts';
import type { RunsAction, RunsFlags } from './runs-options.ts';

/** What a command says: to a reader, and as one JSON document. */
interface CommandOutput extends CommandResult {
  readonly text: string;
}

/** What leaves a store as it is. */
const READING: readonly RunsAction[] = ['list', 'show', 'compare', 'export'];

/**
 * `fovea runs`.
 * @param operands runs, files, or a run and a text, as the action takes them
 */
export async function runRuns(
  action: RunsAction,
  operands: readonly string[],
  flags: RunsFlags,
  { db, dataFolder }: Pick<CommandContext, 'db' | 'dataFolder'>,
): Promise<CommandResult> {
  const [first = '', second = ''] = operands;
  if (action === 'export') return runsExport(db, first, flags);
  const pricing = await pricingOf(flags);
  // What waits is awaited here: the store closes with this function.
  using store = READING.includes(action) ? openRunStoreToRead(db) : openRunStore(db);
  switch (action) {
    case 'list':
      return runsList(store);
    case 'show':
      return runsShow(store, first, pricing);
    case 'compare':
      return runsCompare(store, operands, pricing);
    case 'merge':
      return runsMerge(store, operands);
    case 'delete':
      return await runsDelete(store, operands, new KeptImages(dataFolder));
    case 'kept':
      return await runsKept(store, new KeptImages(dataFolder), flags.release);
    case 'rename':
      return runsRename(store, first, second);
    case 'note':
      return runsNote(store, first, second);
  }
}

/** @throws FoveaError `run-unknown`, `output-unwritable` */
async function runsExport(db: string, wanted: string, flags: RunsFlags): Promise<CommandResult> {
  const { rows = 'images', out, json = false } = flags;
  // With a file, the document on stdout only says where it is.
  const { format = json && out === undefined ? 'json' : 'csv' } = flags;
  const all = await pricingOf(flags);
  const pricing = rows === 'images' && flags.accelerator === undefined ? null : all;
  /** Opened when the first piece is wanted, and closed behind the last one. */
  function* pieces(): Generator<string> {
    using store = openRunStoreToRead(db);
    if (format === 'csv' || format === 'json')
      yield* exportRun(store, findRun(store, wanted).id, format, { rows, pricing });
    else {
      const { run, plan } = splitPlan(store, wanted);
      yield exportZigzag(store, run.id, plan ?? 0);
    }
  }
  if (out === undefined) {
    if (format !== 'timeloop') return { text: pieces(), json: null };
    throw new FoveaError(
      'bad-argument',
      'Timeloop has one problem a call, and gets a file a layer',
      'Name a folder for them: --out FOLDER.',
    );
  }
  if (format === 'timeloop') await writeProblems(db, wanted, out);
  else await writeWholeFile(out, pieces());
  return { text: `Written to ${oneLine(out)}\n`, json: { file: out } };
}

/** Writes a plan's Timeloop problems into a folder, made where there is none. @throws FoveaError `run-unknown`, `output-unwritable` */
async function writeProblems(db: string, wanted: string, folder: string): Promise<void> {
  using store = openRunStoreToRead(db);
  const { run, plan } = splitPlan(store, wanted);
  const problems = exportTimeloop(store, run.id, plan ?? 0);
  makeFolder(folder);
  for (const { fileName, text } of problems) await writeWholeFile(join(folder, fileName), text);
}

export function runsList(store: RunStore): CommandOutput {
  const runs = listRuns(store);
  if (runs.length === 0) return { text: `No runs yet in ${store.path}: fovea batch FOLDER makes one.\n`, json: [] };
  return { text: runsText(runs), json: runs };
}

export function runsShow(store: RunStore, wanted: string, pricing: PriceOrder): CommandOutput {
  const run = findRun(store, wanted);
  return runOutput(run, runReport(store, run.id), runFailures(store, run.id), runRemarks(store, run.id), pricing);
}

export function runsCompare(
  store: RunStore,
  wanted: readonly string[],
  pricing: PriceOrder = defaultPricing(),
): CommandOutput {
  const compared = compareStoredRuns(store, wanted, pricing);
  const differing = disagreements(compared.paired);
  const digests = imageDigests(
    store,
    differing.map(({ image }) => image),
  );
  return {
    text: comparisonText(compared, pricing),
    json: comparisonDocument(
      compared,
      differing.map(({ path, label, classes }, index) => ({ path, sha256: digests[index]!, label, classes })),
      pricing.accelerators,
    ),
  };
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

export async function runsDelete(store: RunStore, wanted: readonly string[], kept: KeptImages): Promise<CommandOutput> {
  // All are looked up before one is deleted: a wrong name deletes nothing, nor does a run that is at work.
  const ids = [...new Set(wanted.map((name) => findRun(store, name).id))];
  store.deleteRuns(ids);
  await kept.forget(store, ids);
  return { text: ids.map((id) => `Deleted ${id}\n`).join(''), json: { deleted: ids } };
}

/** Images that pages sent and that runs keep; with `release`, after one run has let go of its own. */
export async function runsKept(store: RunStore, kept: KeptImages, release?: string): Promise<CommandOutput> {
  const record =
    release === undefined ? await kept.list(store) : await releaseKeptImages(store, kept, findRun(store, release).id);
  const total = `${count(record.images, 'image')}, ${bytesText(record.bytes)}, in ${oneLine(kept.folder)}\n`;
  const rows = record.runs.map(({ runId, name, images, maps }) => [runId, name, images, maps]);
  return {
    text: rows.length === 0 ? total : `${textTable(['run', 'name', 'images', 'maps'], rows)}${total}`,
    json: record,
  };
}

export function runsMerge(store: RunStore, files: readonly string[]): CommandOutput {
  const result = mergeInto(store, files);
  const { added, updated, joined, waiting, differing } = result;
  const changes = [
    ...(added.length > 0 ? [`Added ${count(added.length, 'run')}`] : []),
    ...(updated.length > 0 ? [`Brought ${count(updated.length, 'run')} up to date`] : []),
    ...joined.map((id) => `Joined shards into ${id}`),
  ];
  const text = changes.length > 0 ? changes : ['Nothing new: all these runs are here already'];
  const failed = [
    ...result.failed,
    ...differing.map(({ name, count: of, shards, others, differs }) => ({
      path: name,
      reason: `${shardsText(shards)} of ${of} cannot be joined with ${shardsText(others)}: other ${differs.join(', other ')}`,
    })),
    ...waiting.map(({ name, count: of, missing }) => ({
      path: name,
      reason: `${shardsText(missing)} of ${of} missing or not complete`,
    })),
  ];
  return { text: `${text.join('\n')}\n`, json: result, failed };
}

const shardsText = (shards: readonly number[]) => `${shards.length === 1 ? 'shard' : 'shards'} ${shards.join(', ')}`;
