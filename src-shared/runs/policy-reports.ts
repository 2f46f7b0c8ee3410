import {
  accuracy,
  bestFixedPlan,
  bestStaticProfile,
  cascadePolicy,
  chooseCascade,
  fixedPolicy,
  type Keeps,
  oraclePolicy,
  plainPolicy,
  type PolicyName,
  type PolicyOutcome,
  TOLERANCE,
} from './policies.ts';
import { FULL_BITS, type MeasuredPlan, type RunOutcomes } from './run-outcomes.ts';
import { canonicalJson, type PolicyReport } from './run-record.ts';
import { costInterval, type Interval } from './statistics.ts';
import { count } from '../count-text.ts';
import { percent } from '../figure-text.ts';

/** A cascade is chosen on at most so many images: more would not change the choice, only take long. */
const MAX_CALIBRATION_IMAGES = 2000;

/** Every policy over some plans of a run. Where one cannot be had, the plain network stands in, and the report says why. */
export function policyReports(...over: PolicyInput): PolicyReport[] {
  if (over[0].judged.length === 0) return [];
  return [
    fixedReport(...over) ?? plainReport('fixed', `every plan ${lossText(...over)}`, ...over),
    staticReport(...over),
    oracleReport(...over),
    cascadeReport(...over) ??
      plainReport('cascade', 'too few images to choose a cascade on one half and report it on the other', ...over),
  ].filter((report) => report !== null);
}

/** A run, what is to be kept, the indexes of the plans to choose from, and the seed of the interval; null for none. */
type PolicyInput = readonly [outcomes: RunOutcomes, keeps: Keeps, use: readonly number[], seed: number | null];

/** The cheapest plan at original accuracy, chosen and reported on the same images; null where there is none. */
function fixedReport(...[outcomes, keeps, use, seed]: PolicyInput): PolicyReport | null {
  const { full, judged: images } = outcomes;
  const plans = use.map((index) => outcomes.plans[index]!);
  const best = bestFixedPlan(plans, full, keeps, TOLERANCE, images);
  if (best === null) return null;
  const outcome = fixedPolicy(plans[best]!, full, images);
  return policyReport(
    outcomes,
    { policy: 'fixed', keeps, images, outcome, plans: [use[best]!], endsAtPlain: false },
    seed,
  );
}

/** The best static profile of the run, whether it keeps the accuracy or not; null where the run has none. */
function staticReport(...[outcomes, keeps, use, seed]: PolicyInput): PolicyReport | null {
  const { full, judged: images } = outcomes;
  const best = staticReference(outcomes, keeps, images);
  if (!best) return null;
  return policyReport(
    outcomes,
    {
      policy: 'static',
      keeps,
      images,
      outcome: fixedPolicy(outcomes.plans[best.plan]!, full, images),
      plans: [best.plan],
      endsAtPlain: false,
      ...(best.keepsAccuracy ? {} : { reason: `the best static profile ${lossText(outcomes, keeps, use, seed)}` }),
    },
    seed,
  );
}

function plainReport(policy: PolicyName, reason: string, ...[outcomes, keeps, , seed]: PolicyInput): PolicyReport {
  const images = outcomes.judged;
  const outcome = plainPolicy(outcomes.full, images);
  return policyReport(outcomes, { policy, keeps, images, outcome, plans: [], endsAtPlain: true, reason }, seed);
}

function lossText(...[{ labelled }, keeps]: PolicyInput): string {
  const answer = keeps === 'top1' ? 'Top-1' : 'Top-5';
  return `loses more than ${count(100 * TOLERANCE, 'point')} of ${labelled ? answer : `agreement in ${answer}`}`;
}

/** @param fixed indexes of the plans that one for all images may be, which the oracle is held against; default: the ladder's */
export function oracleReport(
  outcomes: RunOutcomes,
  keeps: Keeps,
  use: readonly number[],
  seed: number | null,
  fixed: readonly number[] = use,
): PolicyReport {
  const { full, judged: images } = outcomes;
  const plans = use.map((index) => outcomes.plans[index]!);
  const outcome = oraclePolicy(plans, full, keeps, images);
  const best = fixedReport(outcomes, keeps, fixed, seed);
  const reason = best && best.savedVs8bit > outcome.saved ? belowFixed(outcome, keeps, best.savedVs8bit) : null;
  const report = policyReport(
    outcomes,
    { policy: 'oracle', keeps, images, outcome, plans: use, endsAtPlain: true, ...(reason === null ? {} : { reason }) },
    seed,
  );
  const masks = randomLadder(outcomes, use);
  if (!masks) return report;
  const chance = oraclePolicy(masks, full, keeps, images);
  return { ...report, nullSaved: chance.saved, nullInterval: savedInterval(chance, seed) };
}

/** The plans of a ladder with random masks in place of their own; null where the run lacks one, or the ladder has none. */
function randomLadder({ plans }: RunOutcomes, use: readonly number[]): readonly MeasuredPlan[] | null {
  const byMask = new Map(plans.map((plan) => [canonicalJson(plan.plan), plan]));
  const masked = use.filter((index) => plans[index]!.plan.bits.length > 1);
  if (masked.length === 0) return null;
  const ladder = use.map((index) => {
    const { plan } = plans[index]!;
    return plan.bits.length > 1 ? byMask.get(canonicalJson({ ...plan, metric: 'random' })) : plans[index]!;
  });
  return ladder.every((plan) => plan !== undefined) ? ladder : null;
}

/** Why an oracle saves less than one plan for all: it never gives up an answer, a fixed plan gives up some and gains others. */
function belowFixed(oracle: PolicyOutcome, keeps: Keeps, saved: number): string {
  const images = oracle.paid.length;
  const full = oracle.paid.filter(([plan]) => plan === null).length;
  const wrong = images - oracle.right[keeps].reduce((sum, own) => sum + own, 0);
  return (
    `it saves less than one fixed plan for all images (${percent(saved)}), which pays its own price everywhere; here ` +
    `${count(full, 'image')} of ${images} pay the full price: ${wrong} that the plain network gets wrong, and ${full - wrong} that ` +
    'no plan of the ladder keeps'
  );
}

/** Chosen on one half of the images, reported on the other; null where a half is empty. */
export function cascadeReport(...[outcomes, keeps, use, seed]: PolicyInput): PolicyReport | null {
  const { full, rest: images } = outcomes;
  const calibration = outcomes.calibration.slice(0, MAX_CALIBRATION_IMAGES);
  if (calibration.length === 0 || images.length === 0) return null;
  const plans = use.map((index) => outcomes.plans[index]!);
  const cascade = chooseCascade(plans, full, keeps, TOLERANCE, calibration);
  const { stages, last, threshold } = cascade;
  const tried = [...stages, ...(last === null ? [] : [last])].map((index) => use[index]!);
  const outcome = cascadePolicy(plans, full, cascade, images);
  const endsAtPlain = last === null;
  return policyReport(
    outcomes,
    { policy: 'cascade', keeps, images, outcome, plans: tried, endsAtPlain, threshold },
    seed,
  );
}

export interface PolicyUse {
  readonly policy: PolicyName;
  readonly keeps: Keeps;
  /** Indexes of the images the outcome is over. */
  readonly images: readonly number[];
  readonly outcome: PolicyOutcome;
  /** Indexes of the plans it uses. */
  readonly plans: readonly number[];
  readonly endsAtPlain: boolean;
  /** Margin a cascade accepts. */
  readonly threshold?: number;
  readonly reason?: string;
}

export function policyReport(outcomes: RunOutcomes, use: PolicyUse, seed: number | null): PolicyReport {
  const { full, labelled } = outcomes;
  const { policy, keeps, images, outcome, plans, endsAtPlain, threshold = null, reason = null } = use;
  const reference = staticReference(outcomes, keeps, images);
  const ifLabelled = (share: number) => (labelled ? share : null);
  return {
    policy,
    keeps,
    images: images.length,
    top1: ifLabelled(outcome.top1),
    top5: ifLabelled(outcome.top5),
    baselineTop1: ifLabelled(accuracy(full, 'top1', images)),
    baselineTop5: ifLabelled(accuracy(full, 'top5', images)),
    top1Agreement: outcome.top1Agreement,
    top5Agreement: outcome.top5Agreement,
    savedVs8bit: outcome.saved,
    savedInterval: savedInterval(outcome, seed),
    savedVsStatic: reference && savedShare(outcome.cost, reference.cost),
    plans: [...plans],
    endsAtPlain,
    paid: paidShares(outcomes, plans, outcome),
    nullSaved: null,
    nullInterval: null,
    threshold,
    reason,
  };
}

function paidShares(run: RunOutcomes, plans: readonly number[], { paid }: PolicyOutcome): PolicyReport['paid'] {
  const times = new Map<unknown, number>();
  for (const own of paid) for (const plan of own) times.set(plan, (times.get(plan) ?? 0) + 1);
  const share = (plan: unknown) => (times.get(plan) ?? 0) / paid.length;
  return { plans: plans.map((index) => share(run.plans[index])), plain: share(null) };
}

function savedInterval({ costs }: PolicyOutcome, seed: number | null): Interval | null {
  const interval = seed === null ? null : costInterval(costs, { seed });
  return interval && [1 - interval[1] / FULL_BITS, 1 - interval[0] / FULL_BITS];
}

/** The best static profile of a run on some of its images; null where the run has none. */
function staticReference(
  { plans, staticProfiles, full }: RunOutcomes,
  keeps: Keeps,
  images: readonly number[],
): { readonly plan: number; readonly cost: number; readonly keepsAccuracy: boolean } | null {
  const profiles = staticProfiles.map((index) => plans[index]!);
  const best = bestStaticProfile(profiles, full, keeps, TOLERANCE, images);
  if (!best) return null;
  const { index, keepsAccuracy } = best;
  return { plan: staticProfiles[index]!, cost: fixedPolicy(profiles[index]!, full, images).cost, keepsAccuracy };
}

function savedShare(cost: number, reference: number): number {
  return reference === 0 ? 0 : 1 - cost / reference;
}
