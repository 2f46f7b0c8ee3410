import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { SAMPLE_PREFIX } from '../../src-shared/sample-name.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { isImageName } from '../images/image-names.ts';
import { picture } from '../images/picture.ts';
import { located } from '../images/samples.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { findRun } from '../store/run-query.ts';
import { openRunStoreToRead, type RunStore } from '../store/run-store.ts';
import { bytesText } from '../text/bytes-text.ts';
import { oneLine } from '../text/text-table.ts';
import type { Bench } from '../work/bench.ts';
import { wantedSides } from '../work/compare-runs.ts';
import {
  type MadeReport,
  reportOfAnalysis,
  reportOfComparison,
  reportOfRun,
  type ReportTools,
} from '../work/make-report.ts';
import { type CommandContext, type CommandResult, planOptionsOf } from './command-line.ts';
import type { ReportFlags } from './report-options.ts';

/**
 * `fovea report`: of a run, of several, or of an image.
 * @throws FoveaError what the subject cannot be read for
 */
export async function runReportCommand(
  operands: readonly string[],
  flags: ReportFlags,
  bench: Bench,
  { work, db }: CommandContext,
): Promise<CommandResult> {
  const out = resolve(flags.out);
  const made = await madeOf({ bench, picture }, operands, flags, db, work);
  const bytes = await writeWholeFile(out, made.html);
  return { text: `${oneLine(out)}: ${bytesText(bytes)}\n`, json: { file: out, bytes } };
}

async function madeOf(
  tools: ReportTools,
  operands: readonly string[],
  flags: ReportFlags,
  db: string,
  work: CommandContext['work'],
): Promise<MadeReport> {
  const [first = ''] = operands;
  using store = openRunStoreToRead(db);
  const isImage = first.startsWith(SAMPLE_PREFIX) || existsSync(first) || isImageName(first);
  if (operands.length === 1 && !isRun(store, first) && isImage) {
    const model = tools.bench.library.find(flags.model ?? DEFAULT_MODEL);
    const plan = resolvePlan(await planOptionsOf(flags));
    return await reportOfAnalysis(tools, { image: located(first), model, plan }, work);
  }
  if (operands.length === 1) return await reportOfRun(tools, store, findRun(store, first).id, work);
  return await reportOfComparison(
    tools,
    store,
    operands.flatMap((operand) => wantedSides(store, operand)),
    work,
  );
}

function isRun(store: RunStore, name: string): boolean {
  try {
    findRun(store, name);
    return true;
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'run-unknown') return false;
    throw error;
  }
}
