import { type Command, InvalidArgumentError, Option } from 'commander';
import { basename, resolve } from 'node:path';
import { FoveaError } from '../src-shared/errors.ts';
import { type LadderName, LADDERS } from '../src-shared/policies.ts';
import { type PrecisionPlan, resolvePlan } from '../src-shared/precision-plan.ts';
import { POLICIES, type PolicyName, type RunRecord, type Shard } from '../src-shared/run-record.ts';
import { resolveAccelerators } from './accelerator-file.ts';
import {
  type CommandContext,
  type CommandResult,
  declarePlanOptions,
  number,
  planOptionsOf,
  type PlanFlags,
} from './command-line.ts';
import { FolderSession } from './folder-session.ts';
import { DEFAULT_MODEL } from './model-library.ts';
import type { OpenedModel } from './opened-model.ts';
import { checkPlanLayers } from './plan-layers.ts';
import { distinctPlans, readGrid, readPlans } from './plan-file.ts';
import { findRun, runFailures } from './run-query.ts';
import { runReport } from './run-report.ts';
import { openRunStore, type RunStore } from './run-store.ts';
import { runOutput } from './runs-command.ts';
import type { Workbench } from './workbench.ts';

/** Options of every command that evaluates a folder. */
export interface FolderFlags {
  readonly model?: string;
  readonly labels?: string;
  readonly accelerator?: readonly string[];
  readonly workers?: number;
  readonly name?: string;
}

export interface BatchFlags extends FolderFlags, PlanFlags {
  readonly plan?: string;
  readonly grid?: string;
  readonly ladder?: LadderName;
  readonly policy?: readonly PolicyName[];
  readonly counts?: boolean;
  readonly resume?: string;
  readonly shard?: Shard;
}

export function declareFolderOptions(command: Command): Command {
  return command
    .option('--model <id|file>', 'an installed model or an ONNX file (default: the embedded one)')
    .option(
      '--labels <file>',
      'CSV of file,label; none; or folders. Default: labels.csv in the folder, else class folders',
    )
    .option('--accelerator <name|file...>', 'accelerators to price, or JSON files that describe one (default: all)')
    .option('--workers <n>', 'engine processes (default: as cores and memory allow)', positiveInteger)
    .option('--name <text>', 'name of the run (default: that of the folder)');
}

export function declareBatchOptions(command: Command): Command {
  const described = command
    .description('Evaluate a folder of images under plans; everything is kept, and can be resumed')
    .argument('[folder]', 'folder of images: a folder per class, with a labels.csv, or without labels');
  return declarePlanOptions(declareFolderOptions(described))
    .option('--plan <file>', 'JSON: one plan or a list of plans, as plan options or fully resolved')
    .option('--grid <file>', 'JSON: lists of alternatives by plan option; all combinations are evaluated')
    .addOption(
      new Option('--ladder <name>', 'plans that policies choose from, image by image').choices(Object.keys(LADDERS)),
    )
    .addOption(
      new Option('--policy <name...>', 'policies to report (default: all); without plans, over --ladder full').choices(
        POLICIES,
      ),
    )
    .option('--counts', 'also count zeros, one-bits, clipping and noise (slower)')
    .option('--resume <run>', 'go on with a run that was stopped; the folder is needed only if it has moved')
    .option('--shard <i/n>', 'evaluate the images whose digest falls to part i of n; see fovea runs merge', shard);
}

/**
 * `fovea batch`: a folder under one plan, several, or a grid.
 * @throws FoveaError `bad-argument`, `bad-plan`, `cancelled`, and what reading the folder or the model throws
 */
export async function runBatch(
  folder: string | undefined,
  flags: BatchFlags,
  workbench: Workbench,
  context: CommandContext,
): Promise<CommandResult> {
  const resumed = flags.resume === undefined ? null : runToResume(flags, context);
  if (folder === undefined && !resumed)
    throw new FoveaError('bad-argument', 'no folder was named', 'fovea batch FOLDER, or fovea batch --resume RUN.');
  const choice = await planChoice(flags);
  const model = workbench.library.find(flags.model ?? resumed?.model.path ?? DEFAULT_MODEL);
  const session = await FolderSession.open({ model, workers: flags.workers }, workbench, context);
  try {
    const run = resumed
      ? await session.resume(resumed, resolve(folder ?? resumed.dataset.path))
      : await beginRun(session, folder!, flags, choice(session.model));
    return await folderResult(session.store, run, flags, workbench);
  } finally {
    session.close();
  }
}

async function beginRun(
  session: FolderSession,
  folder: string,
  flags: BatchFlags,
  plans: readonly PrecisionPlan[],
): Promise<RunRecord> {
  checkPlanLayers(plans, session.model.layers);
  const dataset = await session.readDataset(folder, flags.labels);
  return session.run(dataset, {
    name: flags.name ?? basename(dataset.root),
    plans,
    detail: flags.counts ? 'full' : 'basic',
    seed: flags.seed ?? 1,
    shard: flags.shard ?? null,
  });
}

/** A run as a command shows it, priced on the accelerators asked for. */
export async function folderResult(
  store: RunStore,
  run: RunRecord,
  { accelerator, policy }: Pick<BatchFlags, 'accelerator' | 'policy'>,
  workbench: Workbench,
): Promise<CommandResult> {
  const accelerators = await resolveAccelerators(accelerator);
  const report = runReport(store, run.id);
  const policies = report.policies.filter((one) => policy?.includes(one.policy) ?? true);
  const failed = runFailures(store, run.id);
  const price = (layers: Parameters<Workbench['price']>[1]) => workbench.price(accelerators, layers).estimates;
  return { ...runOutput(run, { ...report, policies }, failed, price), failed };
}

/** What a resumed run takes from the command line; all else it has from its beginning. */
const RESUMABLE: readonly string[] = ['resume', 'model', 'accelerator', 'workers', 'policy', 'db', 'json', 'quiet'];

function runToResume(flags: BatchFlags, { db }: CommandContext): RunRecord {
  const extra = Object.keys(flags).find((flag) => !RESUMABLE.includes(flag));
  if (extra !== undefined)
    throw new FoveaError(
      'bad-argument',
      `--resume goes on with the settings the run began with; --${extra} cannot change them`,
      'Leave it out, or begin a new run: what is known already is not computed again.',
    );
  using store = openRunStore(db);
  return findRun(store, flags.resume!);
}

/** The plans that were asked for; a ladder depends on the model. Files are read before the model is opened. */
async function planChoice(flags: BatchFlags): Promise<(model: OpenedModel) => readonly PrecisionPlan[]> {
  const options = await planOptionsOf(flags);
  const given = (['plan', 'grid', 'ladder'] as const).filter((flag) => flags[flag] !== undefined);
  if (given.length > 1)
    throw new FoveaError('bad-argument', `--${given[0]} and --${given[1]} exclude each other`, 'Give one of them.');
  const none = given.length === 0 && Object.keys(options).length === 0;
  const ladder = flags.ladder ?? (none && flags.policy ? 'full' : undefined);
  if (ladder !== undefined)
    return (model) =>
      distinctPlans(LADDERS[ladder](inputLayers(model)).map((step) => resolvePlan({ ...options, ...step })));
  const plans = flags.plan
    ? await readPlans(flags.plan, options)
    : flags.grid
      ? await readGrid(flags.grid, options)
      : [resolvePlan(options)];
  return () => plans;
}

/** Names of the layers that read the image itself. */
export function inputLayers({ layers, readsImage }: OpenedModel): string[] {
  return layers.filter((_, index) => readsImage[index]).map(({ name }) => name);
}

function positiveInteger(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(`expected a whole number from 1 on, found "${text}".`);
  return value;
}

function shard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (!index || !count || index > count)
    throw new InvalidArgumentError(`expected I/N with I from 1 to N, such as 2/8, found "${text}".`);
  return { index, count };
}
