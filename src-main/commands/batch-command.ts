import { basename, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { LADDERS } from '../../src-shared/runs/policies.ts';
import { type PrecisionPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import { resolveAccelerators } from '../energy/accelerator-file.ts';
import { type CommandContext, type CommandResult, planOptionsOf } from './command-line.ts';
import type { BatchFlags } from './folder-options.ts';
import { FolderSession } from '../runs/folder-session.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import type { OpenedModel } from '../engine/opened-model.ts';
import { checkPlanLayers } from '../runs/plan-layers.ts';
import { distinctPlans, readGrid, readPlans } from '../runs/plan-file.ts';
import { findRun, runFailures } from '../runs/run-query.ts';
import { runReport } from '../runs/run-report.ts';
import { openRunStore, type RunStore } from '../runs/run-store.ts';
import { type Price, runOutput } from './runs-command.ts';
import type { Workbench } from '../workbench.ts';

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
  const accelerators = await resolveAccelerators(flags.accelerator);
  const choice = await planChoice(flags);
  const model = workbench.library.find(flags.model ?? resumed?.model.path ?? DEFAULT_MODEL);
  const session = await FolderSession.open({ model, workers: flags.workers, oneRun: true }, workbench, context);
  try {
    const run = resumed
      ? await session.resume(resumed, resolve(folder ?? resumed.dataset.path))
      : await beginRun(session, folder!, flags, choice(session.model));
    return folderResult(session.store, run, flags, (layers) => workbench.price(accelerators, layers).estimates);
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

/** A run as the command shows it, with the policies asked for. */
function folderResult(
  store: RunStore,
  run: RunRecord,
  { policy }: Pick<BatchFlags, 'policy'>,
  price: Price,
): CommandResult {
  const report = runReport(store, run.id);
  const policies = report.policies.filter((one) => policy?.includes(one.policy) ?? true);
  const failed = runFailures(store, run.id);
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
