import type { EnergyEstimate, EnergyReport, NotPriced } from '../energy/energy.ts';
import type { LayerCounts } from '../measurement.ts';
import { accuracy, bestFixedPlan, fixedPolicy, type Keeps, KEEPS, type PolicyName, TOLERANCE } from './policies.ts';
import { planText } from '../precision/plan-text.ts';
import { type Interval, mcnemarExact, paretoFront, wilsonInterval } from './statistics.ts';
import { COMPARED_METRICS, type Metric } from '../precision/metrics.ts';
import { COMPARED_SETTINGS, type ReproducePlans } from './reproduce-plans.ts';
import { FULL_BITS, type MeasuredPlan, type RunOutcomes } from './run-outcomes.ts';
import { cascadeReport, fixedReport, oracleReport, policyReport } from './policy-reports.ts';

/**
 * Energy saved per input at original Top-1 and Top-5 accuracy, as printed in the abstract of Taht, Narayanan and
 * Balasubramonian, "A Case for Dynamic Activation Quantization in CNNs" (2018).
 */
export const PAPER_SAVED = { top1: 0.335, top5: 0.42 } as const;

/** One line of the headline table. */
export interface Claim {
  readonly claim: string;
  readonly keeps: Keeps;
  /** Share of MAC-weighted activation bits saved in lock-step against uniform 8 bits. */
  readonly saved: number;
  readonly savedInterval: Interval | null;
  /** The same against the best static profile. */
  readonly savedVsStatic: number;
  /** Of the accuracy it keeps. */
  readonly accuracy: number;
  readonly plainAccuracy: number;
  readonly images: number;
  /** The paper's figure of the same kind, or null. */
  readonly paper: number | null;
  readonly how: string;
}

export interface PlanRow {
  readonly plan: string;
  readonly top1: number;
  readonly top1Interval: Interval;
  readonly top5: number;
  readonly saved: number;
}

export interface MetricRow extends PlanRow {
  readonly metric: Metric;
  /** Images that only this mask, or only the random mask, gets right at Top-1; McNemar's exact test, two-sided. */
  readonly onlyThis: number;
  readonly onlyRandom: number;
  readonly pValue: number;
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
  readonly claims: readonly Claim[];
  readonly metrics: readonly { readonly setting: string; readonly rows: readonly MetricRow[] }[];
  readonly uniform: readonly PlanRow[];
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
  price: (layers: readonly LayerCounts[], staticProfile: readonly number[]) => EnergyReport,
): Reproduction {
  const { full, judged, calibration, rest } = outcomes;
  // What was found on half of the images is not reported on all of them.
  const chosen = [...plans.staticPath, ...plans.staticWithRegions];
  const dynamic = [...outcomes.plans.keys()].filter((index) => !chosen.includes(index));
  // The baseline gets the benefit of the doubt: the cheapest of its search that keeps the accuracy where it is reported.
  const cheapest = (use: readonly number[], keeps: Keeps, images: readonly number[]) => {
    const plansUsed = use.map((index) => outcomes.plans[index]!);
    const best = bestFixedPlan(plansUsed, full, keeps, TOLERANCE, images);
    return best === null ? null : use[best]!;
  };
  const bestStatic = cheapest(plans.staticPath, 'top1', rest) ?? plans.staticPath[0]!;
  const staticBits = outcomes.plans[bestStatic]!;
  const staticCost = meanOver(staticBits.cost, rest);

  const claims = KEEPS.flatMap((keeps): Claim[] => {
    const claim = (what: string, report: ReturnType<typeof policyReport>, paper: number | null = null): Claim => ({
      claim: what,
      keeps,
      saved: report.savedVs8bit,
      savedInterval: report.savedInterval,
      savedVsStatic: 1 - ((1 - report.savedVs8bit) * FULL_BITS) / staticCost,
      accuracy: report[keeps] ?? report[keeps === 'top1' ? 'top1Agreement' : 'top5Agreement']!,
      plainAccuracy: report[keeps === 'top1' ? 'baselineTop1' : 'baselineTop5'] ?? 1,
      images: report.images,
      paper,
      how:
        report.plans.length === 1 && !report.endsAtPlain
          ? planText(outcomes.plans[report.plans[0]!]!.plan)
          : [...report.plans.map((index) => planText(outcomes.plans[index]!.plan)), 'plain network'].join('; '),
    });
    const fixed = fixedReport(outcomes, keeps, dynamic, seed);
    const onHalf = cheapest(dynamic, keeps, calibration);
    const regions = cheapest(plans.staticWithRegions, keeps, rest);
    const oracle = (use: readonly number[]) => oracleReport(outcomes, keeps, use, seed);
    const cascade = cascadeReport(outcomes, keeps, plans.ladder, seed);
    const onRest = (policy: PolicyName, index: number) =>
      policyReport(
        outcomes,
        {
          policy,
          keeps,
          images: rest,
          outcome: fixedPolicy(outcomes.plans[index]!, full, rest),
          plans: [index],
          endsAtPlain: false,
        },
        seed,
      );
    return [
      claim('oracle, cropping alone', oracle(plans.cropping), PAPER_SAVED[keeps]),
      ...(fixed ? [claim('best fixed plan', fixed)] : []),
      ...(onHalf === null ? [] : [claim('fixed plan chosen on one half', onRest('fixed', onHalf))]),
      claim('best static profile', onRest('static', bestStatic)),
      claim('static profile found on one half', onRest('static', plans.staticProfile)),
      ...(regions === null ? [] : [claim('best static profile with lower regions', onRest('static', regions))]),
      ...(cascade ? [claim('cascade, full ladder', cascade)] : []),
      claim('oracle, full ladder', oracle(plans.ladder)),
      claim('oracle, all plans', oracle(dynamic)),
    ];
  });

  const row = (index: number): PlanRow => planRow(outcomes.plans[index]!, judged);
  const best = fixedReport(outcomes, 'top1', dynamic, seed);
  const staticProfile = staticBits.layers.map(({ meanBits }) => meanBits);
  const priced = [...(best ? [best.plans[0]!] : []), bestStatic].map((index) => ({
    plan: index === bestStatic ? 'best static profile' : planText(outcomes.plans[index]!.plan),
    ...price(outcomes.plans[index]!.layers, staticProfile),
  }));
  return {
    images: judged.length,
    judgedBy: outcomes.labelled ? 'labels' : 'agreement',
    plainTop1: accuracy(full, 'top1', judged),
    plainTop5: accuracy(full, 'top5', judged),
    plainTop1Interval: intervalOf(full.top1, judged),
    plainTop5Interval: intervalOf(full.top5, judged),
    claims,
    metrics: COMPARED_SETTINGS.map((setting, index) => ({
      setting: `${setting.bits[0]} bits, ${100 * setting.lowShare} % of the area at ${setting.bits[1]}`,
      rows: metricRows(outcomes, plans.metrics[index]!),
    })),
    uniform: [...plans.uniformPosition, ...plans.uniformLayer].map(row),
    presets: plans.presets.map(row),
    pareto: paretoFront(
      dynamic.map((index) => ({
        cost: meanOver(outcomes.plans[index]!.cost, judged),
        accuracy: accuracy(outcomes.plans[index]!, 'top1', judged),
      })),
    ).map((position) => row(dynamic[position]!)),
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

function metricRows(outcomes: RunOutcomes, plans: readonly number[]): MetricRow[] {
  const { judged } = outcomes;
  const random = outcomes.plans[plans[COMPARED_METRICS.indexOf('random')]!]!;
  return COMPARED_METRICS.map((metric, index) => {
    const plan = outcomes.plans[plans[index]!]!;
    const onlyThis = judged.filter((image) => plan.top1[image] && !random.top1[image]).length;
    const onlyRandom = judged.filter((image) => !plan.top1[image] && random.top1[image]).length;
    return { metric, ...planRow(plan, judged), onlyThis, onlyRandom, pValue: mcnemarExact(onlyThis, onlyRandom) };
  });
}

function planRow(plan: MeasuredPlan, images: readonly number[]): PlanRow {
  return {
    plan: planText(plan.plan),
    top1: accuracy(plan, 'top1', images),
    top1Interval: intervalOf(plan.top1, images),
    top5: accuracy(plan, 'top5', images),
    saved: 1 - meanOver(plan.cost, images) / FULL_BITS,
  };
}

function intervalOf(right: ArrayLike<number>, images: readonly number[]): Interval {
  return wilsonInterval(
    images.reduce((sum, image) => sum + right[image]!, 0),
    images.length,
  )!;
}

function meanOver(values: ArrayLike<number>, images: readonly number[]): number {
  return images.reduce((sum, image) => sum + values[image]!, 0) / images.length;
}
