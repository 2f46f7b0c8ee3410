import type { EnergyReport, NotPriced } from '../energy/energy.ts';
import type { EnergyMode } from '../energy/energy-mode.ts';
import { type LayerCounts, macWeightedBits, macWeightedGroupBits, macWeightedLockstepBits } from '../measurement.ts';
import { planText } from '../precision/plan-text.ts';
import { type PrecisionPlan, withMetric } from '../precision/precision-plan.ts';
import { metricParts } from '../precision/metrics.ts';
import { agreementFor } from './agreement-floor.ts';
import { againstFrontier, type FrontierTest, type JudgedPoint } from './frontier.ts';
import { type MethodChoices, type MethodKind, type MethodsPlans, UNIFORM_METHOD } from './methods-plans.ts';
import { FEW_IMAGES, ofFamily, pairedCounts, type PairedOutcome, pairedOutcome } from './paired-statistics.ts';
import { numbered } from './plan-claims.ts';
import { cascadePolicy, chooseCascade, oraclePolicy, type PolicyOutcome, TOLERANCE } from './policies.ts';
import { type SavedDifference, savedAtEqualAccuracy } from './equal-accuracy.ts';
import { FULL_BITS, type RunOutcomes } from './run-outcomes.ts';
import { canonicalJson } from './run-record.ts';
import { type Interval, wilsonInterval } from './statistics.ts';

/**
 * What a group pays: sixteen windows in step their widest value; sixteen channels of a position no more than their values need, leading
 * zeros skipped; each value its own.
 */
export const METHOD_MODES = ['lockstep', 'group', 'ideal'] as const;
export type MethodMode = (typeof METHOD_MODES)[number];

/** Share of MAC-weighted activation bits saved against 8. */
export function savedInMode(layers: readonly LayerCounts[], mode: MethodMode): number {
  const bitsOf = { lockstep: macWeightedLockstepBits, group: macWeightedGroupBits, ideal: macWeightedBits }[mode];
  return 1 - bitsOf(layers) / FULL_BITS;
}

/** A method where something is to be saved: told on each half of the images by what it chose on the other. */
export interface MethodRow {
  readonly method: string;
  readonly label: string;
  readonly kind: MethodKind;
  /** Numbers from 1 in the run: chosen on the first half and on the second, or all that is tried. */
  readonly plans: readonly number[];
  readonly how: string;
  /** False where nothing it has keeps the accuracy on the half it is chosen on: then the most accurate stands for it. */
  readonly keeps: boolean;
  /** Share of uniform 8 bits, and of the images. */
  readonly saved: number;
  readonly accuracy: number;
  readonly againstPlain: PairedOutcome;
  /** What it earns over uniform widths that save as much; null of these themselves, and where no two enclose what it saves. */
  readonly atEqualEnergy: FrontierTest | null;
  /** What it saves more than uniform widths of the same accuracy; null of these themselves. */
  readonly atEqualAccuracy: SavedDifference | null;
  /** Against the same plan by another mask; null where the method has none. */
  readonly againstCentre: PairedOutcome | null;
  readonly againstRandom: PairedOutcome | null;
  readonly againstInverse: PairedOutcome | null;
  /** What the same ladder saves with random masks; null of what is no oracle. */
  readonly nullSaved: number | null;
}

export interface MethodTable {
  readonly rows: readonly MethodRow[];
  /** That saves most and loses at most a point of what the plain network gets right; null where none does. Never a bound. */
  readonly winner: string | null;
  /** That earns most over uniform widths at equal energy; null where nothing can be held against them. */
  readonly mostEarned: string | null;
}

export interface MachineMethods {
  readonly accelerator: string;
  readonly mode: EnergyMode;
  readonly compute: MethodTable;
  readonly wholeChip: MethodTable;
}

/** What `fovea methods` finds out. */
export interface MethodsComparison {
  readonly images: number;
  readonly halves: readonly [number, number];
  /** What counts as right: the label, or without labels the plain network's first class. */
  readonly judgedBy: 'labels' | 'agreement';
  /** What plans are chosen by: right answers, or where these are few, agreement with the plain network. */
  readonly chosenBy: 'right answers' | 'agreement';
  readonly plainTop1: number;
  readonly plainTop1Interval: Interval;
  readonly bits: Readonly<Record<MethodMode, MethodTable>>;
  readonly machines: readonly MachineMethods[];
  /** Accelerators and modes that could not be priced, and why. */
  readonly notPriced: readonly NotPriced[];
}

type Half = 0 | 1;

/**
 * Holds every method against uniform widths with a range by position, at equal energy and at equal accuracy, by bits and by energy.
 * @param price energy of layers on the accelerators and in the modes asked for
 * @param outcomes both halves have images; plans that are counted have all counts
 */
export function compareMethods(
  outcomes: RunOutcomes,
  { methods, counted }: Pick<MethodsPlans, 'methods' | 'counted'>,
  seed: number,
  price: (layers: readonly LayerCounts[]) => EnergyReport,
): MethodsComparison {
  const { full, judged, calibration, rest, plans } = outcomes;
  const halves = [calibration, rest] as const;
  const uniform = methods.find(({ id }) => id === UNIFORM_METHOD)!.choices[0];
  const byAgreement = outcomes.labelled && judged.length < 2 * FEW_IMAGES;
  const judges = halves.map((images) => judgeOf(outcomes, uniform, images, byAgreement));
  const byPlan = new Map(plans.map(({ plan }, index) => [canonicalJson(plan), index]));
  const indexOf = new Map(plans.map((plan, index) => [plan, index] as const));

  /** The choice on a half that saves most of those that keep the accuracy there, else the most accurate. */
  function chosenOn(half: Half, { choices, searched = false }: MethodChoices, saved: readonly number[]) {
    const { score, floor } = judges[half]!;
    const own = choices[half];
    // The search has judged it on these very images, by more than first answers.
    if (searched) return { plan: own[0]!, keeps: true };
    const keeping = own.filter((plan) => score(plan) >= floor);
    const [use, worth] = keeping.length > 0 ? [keeping, (plan: number) => saved[plan]!] : [own, score];
    return { plan: use.reduce((best, plan) => (worth(plan) > worth(best) ? plan : best)), keeps: keeping.length > 0 };
  }

  /** The plan of a half with another mask in its place. */
  function twin(plan: number, metricOf: (plan: PrecisionPlan) => PrecisionPlan['metric']): number | null {
    const own = plans[plan]!.plan;
    const metric = metricOf(own);
    if (own.bits.length === 1 || metric === own.metric) return null;
    return byPlan.get(canonicalJson(withMetric(own, metric))) ?? null;
  }

  /** Answers to all images, each half under the plan that is chosen on the other. */
  function crossed([onFirst, onSecond]: readonly [number, number]): Uint8Array {
    const right = new Uint8Array(full.top1.length);
    for (const image of rest) right[image] = plans[onFirst]!.top1[image]!;
    for (const image of calibration) right[image] = plans[onSecond]!.top1[image]!;
    return right;
  }

  function ofPolicy(told: readonly (readonly [readonly number[], PolicyOutcome])[], saved: readonly number[]) {
    const right = new Uint8Array(full.top1.length);
    let paid = 0;
    for (const [images, outcome] of told)
      images.forEach((image, at) => {
        right[image] = outcome.right.top1[at]!;
        for (const plan of outcome.paid[at]!)
          paid += plan === null ? 1 : 1 - saved[indexOf.get(plan as (typeof plans)[number])!]!;
      });
    return { right, saved: 1 - paid / judged.length };
  }

  function outcomeOf(method: MethodChoices, saved: readonly number[]) {
    const none = { twins: NO_TWINS, keeps: true, nullSaved: null };
    const use = method.choices[0].map((index) => plans[index]!);
    switch (method.kind) {
      case 'plan': {
        const onFirst = chosenOn(0, method, saved);
        const onSecond = chosenOn(1, method, saved);
        const both = [onFirst.plan, onSecond.plan] as const;
        const other = (metricOf: (plan: PrecisionPlan) => PrecisionPlan['metric']) => {
          const [first, second] = both.map((plan) => twin(plan, metricOf));
          return first == null || second == null ? null : crossed([first, second]);
        };
        return {
          ...none,
          right: crossed(both),
          saved: (rest.length * saved[both[0]]! + calibration.length * saved[both[1]]!) / judged.length,
          plans: both[0] === both[1] ? [both[0]] : [...both],
          keeps: onFirst.keeps && onSecond.keeps,
          twins: {
            centre: other(() => 'centre'),
            random: other(() => 'random'),
            inverse: other(({ metric }) => `inverse:${metricParts(metric).name}`),
          },
        };
      }
      case 'cascade': {
        const told = halves.map((images, half) => {
          const others = halves[1 - half]!;
          const cascade = chooseCascade(use, full, 'top1', TOLERANCE, images.slice(0, MOST_CHOSEN_ON));
          return [others, cascadePolicy(use, full, cascade, others)] as const;
        });
        return { ...none, ...ofPolicy(told, saved), plans: method.choices[0] };
      }
      case 'oracle': {
        const chance = method.choices[0].map((plan) => twin(plan, () => 'random') ?? plan);
        const answer = (ladder: readonly number[]) => {
          const own = ladder.map((index) => plans[index]!);
          return ofPolicy([[judged, oraclePolicy(own, full, 'top1', judged)]], saved);
        };
        return { ...none, ...answer(method.choices[0]), plans: method.choices[0], nullSaved: answer(chance).saved };
      }
    }
  }

  function tableOf(saved: readonly number[], withInterval: boolean): MethodTable {
    const points = uniform.map((plan): JudgedPoint => ({ plan, saved: saved[plan]!, right: plans[plan]!.top1 }));
    const against = (other: ArrayLike<number> | null, right: ArrayLike<number>) =>
      other && pairedOutcome(pairedCounts(other, right, judged));
    const rows = methods.map((method) => {
      const own = outcomeOf(method, saved);
      const isUniform = method.id === UNIFORM_METHOD;
      return {
        method: method.id,
        label: method.label,
        kind: method.kind,
        plans: own.plans.map((plan) => plan + 1),
        how:
          method.kind === 'plan'
            ? own.plans.map((plan) => planText(plans[plan]!.plan)).join('; ')
            : `a ladder of ${own.plans.length} plans`,
        keeps: own.keeps,
        saved: own.saved,
        accuracy: shareOf(own.right, judged),
        nullSaved: own.nullSaved,
        againstPlain: against(full.top1, own.right),
        atEqualEnergy: isUniform ? null : againstFrontier(own, points, judged),
        atEqualAccuracy: isUniform ? null : savedAtEqualAccuracy(own, points, judged, withInterval ? { seed } : null),
        againstCentre: against(own.twins.centre, own.right),
        againstRandom: against(own.twins.random, own.right),
        againstInverse: against(own.twins.inverse, own.right),
      };
    });
    const againstPlain = ofFamily(rows.map((row) => row.againstPlain));
    const atEqualEnergy = ofFamily(rows.map((row) => row.atEqualEnergy));
    const againstCentre = ofFamily(rows.map((row) => row.againstCentre));
    const againstRandom = ofFamily(rows.map((row) => row.againstRandom));
    const againstInverse = ofFamily(rows.map((row) => row.againstInverse));
    const told = rows.map((row, index): MethodRow => ({
      ...row,
      againstPlain: againstPlain[index]!,
      atEqualEnergy: numbered(atEqualEnergy[index]!),
      againstCentre: againstCentre[index]!,
      againstRandom: againstRandom[index]!,
      againstInverse: againstInverse[index]!,
    }));
    const methodsAlone = told.filter(({ kind }) => kind !== 'oracle');
    return {
      rows: told,
      winner: most(
        methodsAlone.filter(({ againstPlain: { difference } }) => difference >= -TOLERANCE - 1e-9),
        (row) => row.saved,
      ),
      mostEarned: most(
        methodsAlone.filter((row) => row.atEqualEnergy),
        (row) => row.atEqualEnergy!.difference,
      ),
    };
  }

  const asked = plans.slice(0, counted);
  const inMode = (mode: MethodMode) =>
    tableOf(
      asked.map(({ layers }) => savedInMode(layers, mode)),
      true,
    );
  const priced = asked.map(({ layers }) => price(layers));
  const [first] = priced;
  return {
    images: judged.length,
    halves: [calibration.length, rest.length],
    judgedBy: outcomes.labelled ? 'labels' : 'agreement',
    chosenBy: byAgreement ? 'agreement' : 'right answers',
    plainTop1: shareOf(full.top1, judged),
    plainTop1Interval: wilsonInterval(
      judged.reduce((sum, image) => sum + full.top1[image]!, 0),
      judged.length,
    )!,
    bits: { lockstep: inMode('lockstep'), group: inMode('group'), ideal: inMode('ideal') },
    machines: first!.estimates.flatMap(({ accelerator, mode }, at): MachineMethods[] => {
      const savedOf = (part: 'savedVs8bit' | 'totalSavedVs8bit') => priced.map(({ estimates }) => estimates[at]![part]);
      return [
        {
          ...{ accelerator, mode },
          compute: tableOf(savedOf('savedVs8bit'), false),
          wholeChip: tableOf(savedOf('totalSavedVs8bit'), false),
        },
      ];
    }),
    notPriced: first!.notPriced,
  };
}

/** A cascade is chosen on at most so many images: more would not change the choice, only take long. */
const MOST_CHOSEN_ON = 2000;

const NO_TWINS: Readonly<Record<'centre' | 'random' | 'inverse', Uint8Array | null>> = {
  centre: null,
  random: null,
  inverse: null,
};

/** How plans are judged on some images, and what they must reach: see {@link MethodsComparison.chosenBy}. */
function judgeOf(
  { plans, full }: RunOutcomes,
  uniform: readonly number[],
  images: readonly number[],
  byAgreement: boolean,
) {
  const sumOf = (values: ArrayLike<number>) => images.reduce((sum, image) => sum + values[image]!, 0);
  const right = (plan: number) => sumOf(plans[plan]!.top1);
  const agreement = (plan: number) => sumOf(plans[plan]!.sameTop1);
  // As the searches for bits have it: a network that 8 bits harm already is not asked for more than it has.
  const floor = Math.min(sumOf(full.top1), right(uniform[0]!)) - TOLERANCE * images.length - 1e-9;
  if (!byAgreement) return { score: right, floor };
  const widths = uniform.map((plan) => ({ right: right(plan), agreement: agreement(plan) }));
  return { score: agreement, floor: agreementFor(widths, images.length, sumOf(full.top1), floor) };
}

function most(rows: readonly MethodRow[], worth: (row: MethodRow) => number): string | null {
  const [first, ...others] = rows;
  if (!first) return null;
  return others.reduce((best, row) => (worth(row) > worth(best) ? row : best), first).method;
}

function shareOf(right: ArrayLike<number>, images: readonly number[]): number {
  return images.reduce((sum, image) => sum + right[image]!, 0) / images.length;
}
