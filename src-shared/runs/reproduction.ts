import type { EnergyMode } from '../energy/energy-mode.ts';
import type { EnergyEstimate, EnergyReport, NotPriced } from '../energy/energy.ts';
import type { LayerCounts } from '../measurement.ts';
import { COMPARED_METRICS, type Metric } from '../precision/metrics.ts';
import { planText } from '../precision/plan-text.ts';
import { HEADLINE_ACCELERATOR } from './compared-energy.ts';
import { SHAPE_NAMES } from './controls.ts';
import { againstFrontier, type FrontierTest } from './frontier.ts';
import { ofFamily, pairedCounts, type PairedOutcome, pairedOutcome } from './paired-statistics.ts';
import { bitsSaved, frontiersFor, numbered, numberedClaims, planClaims } from './plan-claims.ts';
import {
  accuracy,
  bestFixedPlan,
  cascadePolicy,
  fixedPolicy,
  type Keeps,
  KEEPS,
  meanOver,
  oraclePolicy,
  plainPolicy,
  type PlanOutcomes,
  type PolicyName,
  type PolicyOutcome,
  TOLERANCE,
} from './policies.ts';
import { cascadeReport, oracleReport, policyReport } from './policy-reports.ts';
import { COMPARED_SETTINGS, type ReproducePlans } from './reproduce-plans.ts';
import { FULL_BITS, type RunOutcomes } from './run-outcomes.ts';
import { canonicalJson, type PlanClaims, type PolicyReport } from './run-record.ts';
import { costInterval, type Interval, paretoFront, wilsonInterval } from './statistics.ts';

/**
 * Energy saved per input at original Top-1 and Top-5 accuracy, as printed in the abstract of Taht, Narayanan and
 * Balasubramonian, "A Case for Dynamic Activation Quantization in CNNs" (2018).
 */
const PAPER_SAVED = { top1: 0.335, top5: 0.42 } as const;

/** Modes in the order of reports. */
export const REPORTED_MODES = ['lockstep', 'compacted', 'ideal'] as const satisfies readonly EnergyMode[];

/** What is saved against uniform 8 bits in one mode; shares. */
export interface SavedInMode {
  /** MAC-weighted activation bits, and their 95 % interval over images; null where every image costs the same. */
  readonly bits: number;
  readonly interval: Interval | null;
  /** Of compute energy and of the whole chip, on the headline accelerator; null where it was not priced. */
  readonly compute: number | null;
  readonly wholeChip: number | null;
}

export type Saved = Readonly<Record<(typeof REPORTED_MODES)[number], SavedInMode>>;

/** One line of the headline table. */
export interface Claim {
  readonly claim: string;
  readonly keeps: Keeps;
  readonly saved: Saved;
  /** In lock-step against the best static plan: uniform widths and layer-wise profiles. */
  readonly savedVsStatic: number;
  /** Of the accuracy it keeps. */
  readonly accuracy: number;
  readonly plainAccuracy: number;
  readonly images: number;
  readonly againstPlain: PairedOutcome;
  /** At equal energy in lock-step, and with windows of 0 bits packed; null where no two widths enclose it. */
  readonly againstUniform: FrontierTest | null;
  readonly againstUniformCompacted: FrontierTest | null;
  /** The same plan around the centre; null where it has no regions, is the centre, or is not one plan. */
  readonly againstCentre: PairedOutcome | null;
  /** What the same ladder saves with random masks; null for what is no oracle. */
  readonly nullSaved: number | null;
  readonly nullInterval: Interval | null;
  /** The paper's figure of the same kind, or null. */
  readonly paper: number | null;
  readonly how: string;
  /** Why it falls below a fixed plan, or is not what it promises. */
  readonly reason: string | null;
}

export interface PlanRow {
  /** From 1, in the run. */
  readonly number: number;
  readonly plan: string;
  readonly top1: number;
  readonly top1Interval: Interval;
  readonly top5: number;
  readonly saved: Saved;
  readonly claims: PlanClaims;
}

export interface MetricRow extends PlanRow {
  readonly metric: Metric;
}

export interface EnergyRow {
  readonly plan: string;
  readonly accelerator: string;
  readonly mode: EnergyEstimate['mode'];
  readonly savedVs8bit: number;
  readonly totalSavedVs8bit: number;
  readonly savedVs16bitParallel: number | null;
  readonly savedVsStatic: number | null;
  readonly utilisation: number;
}

/** What `fovea reproduce` finds out. */
export interface Reproduction {
  readonly images: number;
  /** What counts as right: the label, or without labels the plain network's first class. */
  readonly judgedBy: 'labels' | 'agreement';
  readonly plainTop1: number;
  readonly plainTop5: number;
  readonly plainTop1Interval: Interval;
  readonly plainTop5Interval: Interval;
  /** Of the lines that show one, the accelerator's id. */
  readonly accelerator: string | null;
  readonly claims: readonly Claim[];
  readonly metrics: readonly { readonly setting: string; readonly rows: readonly MetricRow[] }[];
  readonly uniform: readonly PlanRow[];
  /** Layer-wise bits: shapes that need no search, and what the search went through. */
  readonly layerWise: readonly PlanRow[];
  readonly presets: readonly PlanRow[];
  /** Plans no other beats in both Top-1 and bits, cheapest first. */
  readonly pareto: readonly PlanRow[];
  readonly energy: readonly EnergyRow[];
  /** Accelerators and modes that could not be priced, and why. */
  readonly notPriced: readonly NotPriced[];
}

/**
 * @param price energy of layers on the accelerators asked for, beside the static profile's when its bits are given
 */
export function reproductionOf(
  outcomes: RunOutcomes,
  plans: ReproducePlans,
  seed: number,
  price: (layers: readonly LayerCounts[], staticProfile?: readonly number[]) => EnergyReport,
): Reproduction {
  const { full, judged, calibration, rest } = outcomes;
  const estimates = outcomes.plans.map(({ layers }) => price(layers).estimates);
  const accelerator =
    estimates[0]?.find((estimate) => estimate.accelerator === HEADLINE_ACCELERATOR)?.accelerator ??
    estimates[0]?.[0]?.accelerator ??
    null;
  const shapes = new Map(plans.shapes.map((plan, shape) => [plan, SHAPE_NAMES[shape]!]));
  const nameOf = (index: number) => shapes.get(index) ?? planText(outcomes.plans[index]!.plan);
  // Layer-wise bits were searched for, and uniform widths are their controls: neither is what is claimed.
  const dynamic = [...outcomes.plans.keys()].filter(
    (index) => !outcomes.staticProfiles.includes(index) && !plans.staticWithRegions.includes(index),
  );
  const fixed = [...dynamic, ...plans.uniformPosition, ...plans.presets].filter(
    (index, at, all) => all.indexOf(index) === at,
  );
  const cheapest = (use: readonly number[], keeps: Keeps, images: readonly number[]) => {
    const best = bestFixedPlan(
      use.map((index) => outcomes.plans[index]!),
      full,
      keeps,
      TOLERANCE,
      images,
    );
    return best === null ? null : use[best]!;
  };
  // The baseline gets the benefit of the doubt: the cheapest of widths, shapes and searched profiles that keeps Top-1 where it is reported.
  const statics = [...plans.uniformPosition, ...plans.shapes, ...plans.staticPath];
  const bestStatic = cheapest(statics, 'top1', judged) ?? plans.uniformPosition[0]!;
  const staticCost = meanOver(outcomes.plans[bestStatic]!.cost, judged);

  const savedBy = new Map<PlanOutcomes | null, ReturnType<typeof savedOfPlan>>([[null, PLAIN_SAVES]]);
  outcomes.plans.forEach((plan, index) => savedBy.set(plan, savedOfPlan(plan.layers, estimates[index]!, accelerator)));
  const savedOf = (outcome: PolicyOutcome): Saved =>
    byMode((mode) => {
      const costs = outcome.paid.map((paid) => paid.reduce((sum, plan) => sum + 1 - savedBy.get(plan)![mode].bits, 0));
      // In lock-step images differ in what a plan costs them.
      const own = mode === 'lockstep' ? outcome.costs.map((cost) => cost / FULL_BITS) : Float64Array.from(costs);
      const interval = costInterval(own, { seed });
      const energy = (part: 'compute' | 'wholeChip') => {
        const shares = outcome.paid.map((paid) =>
          paid.reduce((sum, plan) => sum + 1 - (savedBy.get(plan)![mode][part] ?? NaN), 0),
        );
        const mean = meanOf(shares);
        return Number.isFinite(mean) ? 1 - mean : null;
      };
      return {
        bits: 1 - meanOf(own),
        interval: interval && [1 - interval[1], 1 - interval[0]],
        compute: energy('compute'),
        wholeChip: energy('wholeChip'),
      };
    });

  const claims = KEEPS.flatMap((keeps) => {
    const claim = (what: string, report: PolicyReport, images: readonly number[], paper: number | null = null) => {
      const outcome = outcomeOf(outcomes, report, images);
      const saved = savedOf(outcome);
      const right = new Uint8Array(full.top1.length);
      images.forEach((image, at) => (right[image] = outcome.right[keeps][at]!));
      const only = report.plans.length === 1 && !report.endsAtPlain ? outcomes.plans[report.plans[0]!]! : null;
      const frontiers = frontiersFor(outcomes, outcomes.plans[plans.uniformPosition[0]!]!.plan, keeps, images);
      const isWidth = only !== null && plans.uniformPosition.includes(report.plans[0]!);
      const centre =
        only && only.plan.bits.length > 1 && only.plan.metric !== 'centre'
          ? outcomes.plans.find(({ plan }) => sameButMask(plan, only.plan, 'centre'))
          : undefined;
      return {
        claim: what,
        keeps,
        saved,
        savedVsStatic: 1 - ((1 - saved.lockstep.bits) * FULL_BITS) / staticCost,
        accuracy: meanOver(right, images),
        plainAccuracy: accuracy(full, keeps, images),
        images: images.length,
        againstPlain: pairedOutcome(pairedCounts(full[keeps], right, images)),
        againstUniform: isWidth
          ? null
          : againstFrontier({ saved: saved.lockstep.bits, right }, frontiers.uniform, images),
        againstUniformCompacted: isWidth
          ? null
          : againstFrontier({ saved: saved.compacted.bits, right }, frontiers.uniformCompacted, images),
        againstCentre: centre ? pairedOutcome(pairedCounts(centre[keeps], right, images)) : null,
        nullSaved: report.nullSaved,
        nullInterval: report.nullInterval,
        paper,
        how: [...report.plans.map(nameOf), ...(report.endsAtPlain ? ['plain network'] : [])].join('; '),
        reason: report.reason,
      };
    };
    const onImages = (policy: PolicyName, index: number, images: readonly number[]) =>
      policyReport(
        outcomes,
        {
          policy,
          keeps,
          images,
          outcome: fixedPolicy(outcomes.plans[index]!, full, images),
          plans: [index],
          endsAtPlain: false,
        },
        seed,
      );
    const one = (what: string, policy: PolicyName, index: number | null, images: readonly number[]) =>
      index === null ? [] : [claim(what, onImages(policy, index, images), images)];
    const oracle = (what: string, use: readonly number[], paper: number | null = null) =>
      claim(what, oracleReport(outcomes, keeps, use, seed, fixed), judged, paper);
    const cascade = cascadeReport(outcomes, keeps, plans.ladder, seed);
    return [
      oracle('oracle, cropping alone', plans.cropping, PAPER_SAVED[keeps]),
      ...one('best fixed plan', 'fixed', cheapest(fixed, keeps, judged), judged),
      ...one('best plan with regions', 'fixed', cheapest(dynamic, keeps, judged), judged),
      ...one('best static plan', 'static', cheapest(statics, keeps, judged), judged),
      ...one('best static plan with lower regions', 'static', cheapest(plans.staticWithRegions, keeps, judged), judged),
      ...one('static profile as found', 'static', plans.staticProfile, judged),
      ...one('fixed plan chosen on one half', 'fixed', cheapest(fixed, keeps, calibration), rest),
      ...one('static plan chosen on one half', 'static', cheapest(statics, keeps, calibration), rest),
      ...(cascade ? [claim('cascade, full ladder', cascade, rest)] : []),
      oracle('oracle, full ladder', plans.ladder),
    ];
  });

  const allClaims = planClaims(outcomes);
  const row = (index: number): PlanRow => {
    const plan = outcomes.plans[index]!;
    return {
      number: index + 1,
      plan: nameOf(index),
      top1: accuracy(plan, 'top1', judged),
      top1Interval: intervalOf(plan.top1, judged),
      top5: accuracy(plan, 'top5', judged),
      saved: savedOf(fixedPolicy(plan, full, judged)),
      claims: numberedClaims(allClaims[index]!),
    };
  };
  const staticProfile = outcomes.plans[bestStatic]!.layers.map(({ meanBits }) => meanBits);
  const best = cheapest(dynamic, 'top1', judged);
  const priced = [...(best === null ? [] : [best]), bestStatic].map((index) => ({
    plan: index === bestStatic ? 'best static plan' : nameOf(index),
    ...price(outcomes.plans[index]!.layers, staticProfile),
  }));
  return {
    images: judged.length,
    judgedBy: outcomes.labelled ? 'labels' : 'agreement',
    plainTop1: accuracy(full, 'top1', judged),
    plainTop5: accuracy(full, 'top5', judged),
    plainTop1Interval: intervalOf(full.top1, judged),
    plainTop5Interval: intervalOf(full.top5, judged),
    accelerator,
    claims: inFamilies(claims),
    metrics: COMPARED_SETTINGS.map((setting, index) => ({
      setting: `${setting.bits[0]} bits, ${100 * setting.lowShare} % of the area at ${setting.bits[1]}`,
      rows: COMPARED_METRICS.map((metric, at) => ({ metric, ...row(plans.metrics[index]![at]!) })),
    })),
    uniform: [...plans.uniformPosition, ...plans.uniformLayer].map(row),
    layerWise: [...plans.shapes, ...plans.staticPath].map(row),
    presets: plans.presets.map(row),
    pareto: paretoFront(
      fixed.map((index) => ({
        cost: meanOver(outcomes.plans[index]!.cost, judged),
        accuracy: accuracy(outcomes.plans[index]!, 'top1', judged),
      })),
    ).map((position) => row(fixed[position]!)),
    energy: priced.flatMap(({ plan, estimates }) =>
      estimates.map(
        ({ accelerator, mode, savedVs8bit, totalSavedVs8bit, savedVs16bitParallel, savedVsStatic, utilisation }) => ({
          plan,
          ...{ accelerator, mode, savedVs8bit, totalSavedVs8bit, savedVs16bitParallel, savedVsStatic, utilisation },
        }),
      ),
    ),
    notPriced: priced[0]!.notPriced,
  };
}

/** Whether a figure lies within the interval of what was found. */
export function isConsistent(figure: number, { interval }: SavedInMode): boolean {
  return interval !== null && interval[0] <= figure && figure <= interval[1];
}

type PlanSaved = Readonly<Record<(typeof REPORTED_MODES)[number], Omit<SavedInMode, 'interval'>>>;

const PLAIN_SAVES: PlanSaved = byMode(() => ({ bits: 0, compute: 0, wholeChip: 0 }));

function byMode<Value>(
  of: (mode: (typeof REPORTED_MODES)[number]) => Value,
): Readonly<Record<(typeof REPORTED_MODES)[number], Value>> {
  return { lockstep: of('lockstep'), compacted: of('compacted'), ideal: of('ideal') };
}

function savedOfPlan(
  layers: readonly LayerCounts[],
  estimates: readonly EnergyEstimate[],
  accelerator: string | null,
): PlanSaved {
  const bits = bitsSaved(layers);
  return byMode((mode) => {
    const own = estimates.find((estimate) => estimate.accelerator === accelerator && estimate.mode === mode);
    return { bits: bits[mode], compute: own?.savedVs8bit ?? null, wholeChip: own?.totalSavedVs8bit ?? null };
  });
}

/** What a reported policy does with each image. */
function outcomeOf(
  { plans, full }: RunOutcomes,
  { policy, keeps, plans: use, endsAtPlain, threshold }: PolicyReport,
  images: readonly number[],
): PolicyOutcome {
  switch (policy) {
    case 'fixed':
    case 'static':
      return use.length === 0 ? plainPolicy(full, images) : fixedPolicy(plans[use[0]!]!, full, images);
    case 'oracle':
      return oraclePolicy(
        use.map((index) => plans[index]!),
        full,
        keeps,
        images,
      );
    case 'cascade': {
      const stages = endsAtPlain ? use : use.slice(0, -1);
      return cascadePolicy(
        plans,
        full,
        { stages, threshold: threshold ?? 0, last: endsAtPlain ? null : use.at(-1)! },
        images,
      );
    }
  }
}

type Untested<Test> = Test extends null ? null : Omit<Test, 'familyPValue'>;
type UntestedClaim = Omit<Claim, TestedField> & { readonly [Field in TestedField]: Untested<Claim[Field]> };
type TestedField = 'againstPlain' | 'againstUniform' | 'againstUniformCompacted' | 'againstCentre';

/** Tests of one column make a family. */
function inFamilies(claims: readonly UntestedClaim[]): Claim[] {
  const againstPlain = ofFamily(claims.map((claim) => claim.againstPlain));
  const againstUniform = ofFamily(claims.map((claim) => claim.againstUniform));
  const againstUniformCompacted = ofFamily(claims.map((claim) => claim.againstUniformCompacted));
  const againstCentre = ofFamily(claims.map((claim) => claim.againstCentre));
  return claims.map((claim, index) => ({
    ...claim,
    againstPlain: againstPlain[index]!,
    againstUniform: numbered(againstUniform[index]!),
    againstUniformCompacted: numbered(againstUniformCompacted[index]!),
    againstCentre: againstCentre[index]!,
  }));
}

function sameButMask(
  a: RunOutcomes['plans'][number]['plan'],
  b: RunOutcomes['plans'][number]['plan'],
  metric: Metric,
): boolean {
  return a.metric === metric && canonicalJson(a) === canonicalJson({ ...b, metric });
}

function intervalOf(right: ArrayLike<number>, images: readonly number[]): Interval {
  return wilsonInterval(
    images.reduce((sum, image) => sum + right[image]!, 0),
    images.length,
  )!;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}
