import { basename, resolve } from 'node:path';
import { DEFAULT_DEVICE } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { type PrecisionPlan, resolvePlan, withoutIdleMap } from '../../src-shared/precision/precision-plan.ts';
import { distinctPlans, withControls } from '../../src-shared/runs/controls.ts';
import { withNull } from '../../src-shared/runs/oracle-ladders.ts';
import { isStaticProfile, LADDERS, type PolicyName } from '../../src-shared/runs/policies.ts';
import type { RunReport } from '../../src-shared/runs/run-record.ts';
import { readGrid, readPlans } from '../datasets/plan-file.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { policyReasons } from '../text/policies-text.ts';
import { floorText, runOutput } from '../text/run-text.ts';
import type { Bench } from '../work/bench.ts';
import { evaluate, resume } from '../work/evaluate.ts';
import { inputLayers } from '../work/plan-layers.ts';
import { numericalFloor } from '../work/second-rounding.ts';
import { type CommandContext, type CommandResult, planOptionsOf } from './command-line.ts';
import { type BatchFlags, isTolerated } from './folder-options.ts';
import { withNextStep } from './next-step.ts';
import { pricingOf } from './pricing.ts';

/**
 * `fovea batch`: a folder under one plan, several, or a grid.
 * @throws FoveaError `bad-argument`, `bad-plan`, `cancelled`, and what reading the folder or the model throws
 */
export async function runBatch(
  [folder]: readonly string[],
  flags: BatchFlags,
  bench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const { resume: resumed, policy, workers } = flags;
  if (folder === undefined && resumed === undefined)
    throw new FoveaError('bad-argument', 'no folder was named', 'fovea batch FOLDER, or fovea batch --resume RUN.');
  if (resumed !== undefined) checkResumable(flags);
  if (flags.firstSuccess) checkFirstSuccess(flags);
  if (flags.secondRounding && bench.device !== DEFAULT_DEVICE)
    throw new FoveaError(
      'bad-argument',
      `--second-rounding adds up in another order on the CPU; found --device ${bench.device}`,
      'Leave one of them out.',
    );
  const pricing = await pricingOf(flags);
  const named = flags.model === undefined ? undefined : bench.library.find(flags.model);
  const { evaluated, floor } = await withNextStep(context, async () => {
    if (resumed !== undefined) {
      const check = (plans: readonly PrecisionPlan[], model: OpenedModel) => checkPolicies(policy, plans, model);
      const order = { run: resumed, model: named, folder, workers, check, maps: flags.maps };
      return { evaluated: await resume(bench, order, context.work), floor: null };
    }
    const choice = await planChoice(flags);
    const evaluateBy = (secondRounding: boolean) =>
      evaluate(
        bench,
        {
          model: named ?? bench.library.find(DEFAULT_MODEL),
          images: { folder: folder!, labels: flags.labels, list: flags.images },
          name: secondRounding ? `${flags.name ?? basename(resolve(folder!))} (second rounding)` : flags.name,
          secondRounding,
          plans: (model) => {
            const plans = choice(model);
            const controlled = flags.firstSuccess ? withNull(plans) : withControls(plans, model.layers);
            const all = flags.controls === false ? plans : controlled;
            checkPolicies(policy, all, model);
            return all;
          },
          detail: flags.counts ? 'full' : 'basic',
          firstSuccess: flags.firstSuccess ?? false,
          seed: flags.seed ?? 1,
          shard: flags.shard ?? null,
          workers,
          maps: flags.maps,
          again: 'unfinished',
        },
        context.work,
      );
    const first = await evaluateBy(false);
    if (!flags.secondRounding) return { evaluated: first, floor: null };
    const second = await evaluateBy(true);
    return { evaluated: first, floor: numericalFloor(bench, first.run.id, second.run.id) };
  });
  const { run, report, failed, remarked } = evaluated;
  for (const reason of missedPolicies(report, policy)) context.note(reason);
  const { text, json } = runOutput(run, report, failed, remarked, pricing, policy);
  const tolerated = isTolerated(flags.allowFailed, failed.length, run.images);
  if (!floor) return { text, json, failed, tolerated };
  return { text: `${text}\n${floorText(floor)}`, json: { ...json, secondRounding: floor }, failed, tolerated };
}

/** @throws FoveaError `bad-argument` when more is asked of the run than an oracle */
function checkFirstSuccess({ policy, secondRounding }: BatchFlags): void {
  const [found, next] =
    policy?.join() !== 'oracle'
      ? [`--policy ${policy?.join(' ') ?? '(all)'}`, 'Add --policy oracle, or leave --first-success out.']
      : secondRounding
        ? ['--second-rounding', 'Leave one of them out.']
        : [null, ''];
  if (found === null) return;
  throw new FoveaError(
    'bad-argument',
    `--first-success is for an oracle alone, which asks of most images only a few plans; found ${found}`,
    next,
  );
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
    '--policy static reports the best plan with one width a layer, the same in every region, and there is none',
    'Leave out --no-controls; or find one with fovea profile FOLDER --out bits.json, and give it with --layer-bits bits.json.',
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
  'mode',
  'storage',
  'weights',
  'idleLanes',
  'workers',
  'policy',
  'cache',
  'allowFailed',
  'maps',
  'controls',
  'db',
  'json',
  'quiet',
];

function checkResumable(flags: BatchFlags): void {
  const extra = Object.keys(flags).find((flag) => !RESUMABLE.includes(flag));
  if (extra !== undefined)
    throw new FoveaError(
      'bad-argument',
      `--resume goes on with the settings the run began with; --${extra} cannot change them`,
      'Leave it out, or begin a new run: what is known already is not computed again.',
    );
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
      : [withoutIdleMap(resolvePlan(options))];
  return () => plans;
}
