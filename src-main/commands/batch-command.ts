import { basename, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { isStaticProfile, LADDERS, type PolicyName } from '../../src-shared/runs/policies.ts';
import { type PrecisionPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import type { RunRecord, RunReport } from '../../src-shared/runs/run-record.ts';
import { resolveAccelerators } from '../files/accelerator-file.ts';
import { type CommandContext, type CommandResult, planOptionsOf } from './command-line.ts';
import type { BatchFlags } from './folder-options.ts';
import { FolderSession } from '../work/folder-session.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { checkPlanLayers } from '../work/plan-layers.ts';
import { distinctPlans, readGrid, readPlans } from '../datasets/plan-file.ts';
import { findRun, runFailures, runPlans } from '../store/run-query.ts';
import { runReport } from '../work/run-report.ts';
import { openRunStore } from '../store/run-store.ts';
import { policyReasons } from '../text/policies-text.ts';
import { type Price, runOutput } from './runs-command.ts';
import type { Bench } from '../work/bench.ts';

/**
 * `fovea batch`: a folder under one plan, several, or a grid.
 * @throws FoveaError `bad-argument`, `bad-plan`, `cancelled`, and what reading the folder or the model throws
 */
export async function runBatch(
  folder: string | undefined,
  flags: BatchFlags,
  workbench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const resumed = flags.resume === undefined ? null : runToResume(flags, context);
  if (folder === undefined && !resumed)
    throw new FoveaError('bad-argument', 'no folder was named', 'fovea batch FOLDER, or fovea batch --resume RUN.');
  const accelerators = await resolveAccelerators(flags.accelerator);
  const choice = await planChoice(flags);
  const model = workbench.library.find(flags.model ?? resumed?.model.path ?? DEFAULT_MODEL);
  const session = await FolderSession.open(
    { model, workers: flags.workers, oneRun: true, cache: flags.cache },
    workbench,
    context,
  );
  try {
    const run = resumed
      ? await resumeRun(session, resumed, folder, flags)
      : await beginRun(session, folder!, flags, choice(session.model));
    const report = runReport(session.store, run.id);
    for (const reason of missedPolicies(report, flags.policy)) context.note(reason);
    const failed = runFailures(session.store, run.id);
    const price: Price = (...input) => workbench.price(accelerators, ...input).estimates;
    return { ...runOutput(run, report, failed, price, flags.policy), failed };
  } finally {
    session.close();
  }
}

function resumeRun(
  session: FolderSession,
  run: RunRecord,
  folder: string | undefined,
  { policy }: BatchFlags,
): Promise<RunRecord> {
  checkPolicies(policy, runPlans(session.store, run.id), session.model);
  return session.resume(run, resolve(folder ?? run.dataset.path));
}

async function beginRun(
  session: FolderSession,
  folder: string,
  flags: BatchFlags,
  plans: readonly PrecisionPlan[],
): Promise<RunRecord> {
  checkPlanLayers(plans, session.model.layers);
  checkPolicies(flags.policy, plans, session.model);
  const dataset = await session.readDataset(folder, flags.labels);
  return session.run(dataset, {
    name: flags.name ?? basename(dataset.root),
    plans,
    detail: flags.counts ? 'full' : 'basic',
    seed: flags.seed ?? 1,
    shard: flags.shard ?? null,
  });
}

/** @throws FoveaError `bad-argument` when the static profile is asked for, and no plan is one */
function checkPolicies(
  policies: readonly PolicyName[] = [],
  plans: readonly PrecisionPlan[],
  { layers }: OpenedModel,
): void {
  const names = layers.map(({ name }) => name);
  if (!policies.includes('static') || plans.some((plan) => isStaticProfile(plan, names))) return;
  throw new FoveaError(
    'bad-argument',
    '--policy static reports the best plan with bits layer by layer, the same in every region, and there is none',
    'Find one with fovea profile FOLDER --out bits.json, and give it with --layer-bits bits.json.',
  );
}

/** What the policies asked for do not give, and why, one a line. */
function missedPolicies({ policies }: RunReport, asked: readonly PolicyName[] = []): string[] {
  if (asked.length > 0 && policies.length === 0) return ['no image has all results: there are no policies to report'];
  return policyReasons(policies.filter(({ policy }) => asked.includes(policy)));
}

/** What a resumed run takes from the command line; all else it has from its beginning. */
const RESUMABLE: readonly string[] = [
  'resume',
  'model',
  'accelerator',
  'workers',
  'policy',
  'cache',
  'db',
  'json',
  'quiet',
];

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

/**
 * The plans that were asked for; a ladder depends on the model, and bits of single layers are a static profile beside it. Files
 * are read before the model is opened.
 */
async function planChoice(flags: BatchFlags): Promise<(model: OpenedModel) => readonly PrecisionPlan[]> {
  const options = await planOptionsOf(flags);
  const given = (['plan', 'grid', 'ladder'] as const).filter((flag) => flags[flag] !== undefined);
  if (given.length > 1)
    throw new FoveaError('bad-argument', `--${given[0]} and --${given[1]} exclude each other`, 'Give one of them.');
  const none = given.length === 0 && Object.keys(options).length === 0;
  const ladder = flags.ladder ?? (none && flags.policy ? 'full' : undefined);
  const { layerBits, ...others } = options;
  if (ladder !== undefined)
    return (model) =>
      distinctPlans([
        ...LADDERS[ladder](inputLayers(model)).map((step) => resolvePlan({ ...others, ...step })),
        ...(layerBits ? [resolvePlan({ ...others, metric: 'uniform', bits: [8], layerBits })] : []),
      ]);
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
