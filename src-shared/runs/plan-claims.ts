import { bitsOfPass, type LayerCounts } from '../measurement.ts';
import { canonicalJson, type PlanClaims } from './run-record.ts';
import { isFrontierWidth, sameQuantisation } from './controls.ts';
import { quantisationOf } from '../precision/precision-plan.ts';
import { againstFrontier, bestOf, type FrontierDifference, type JudgedPoint } from './frontier.ts';
import { ofFamily, pairedCounts, pairedOutcome } from './paired-statistics.ts';
import { roleOf } from './plan-role.ts';
import type { Keeps } from './policies.ts';
import { FULL_BITS, type MeasuredPlan, type RunOutcomes } from './run-outcomes.ts';

/** Share of MAC-weighted activation bits saved against 8, by who pays: see `EnergyMode`. */
export function bitsSaved(
  layers: readonly LayerCounts[],
): Readonly<Record<'ideal' | 'compacted' | 'lockstep', number>> {
  const saved = (bitsOf: (layer: LayerCounts) => number) => {
    let macs = 0;
    let bits = 0;
    for (const layer of layers) {
      macs += layer.macs;
      bits += layer.macs * (bitsOf(layer) + bitsOfPass(layer));
    }
    return macs === 0 ? 0 : 1 - bits / macs / FULL_BITS;
  };
  return {
    ideal: saved(({ meanBits }) => meanBits),
    compacted: saved(({ compactedBits, lockstepBits }) => compactedBits ?? lockstepBits),
    lockstep: saved(({ lockstepBits }) => lockstepBits),
  };
}

/** The frontiers of a run that a plan is held against: those whose numbers come about as its own do. */
export interface Frontiers {
  readonly uniform: readonly JudgedPoint[];
  /** With windows of 0 bits packed. */
  readonly uniformCompacted: readonly JudgedPoint[];
  /** The best of widths and layer-wise profiles on the judged images. */
  readonly static: readonly JudgedPoint[];
}

/** @param keeps what counts as right */
export function frontiersFor(
  outcomes: RunOutcomes,
  like: MeasuredPlan['plan'],
  keeps: Keeps = 'top1',
  images: readonly number[] = outcomes.judged,
): Frontiers {
  const points = (fits: (plan: MeasuredPlan, index: number) => boolean, mode: 'lockstep' | 'compacted' = 'lockstep') =>
    outcomes.plans.flatMap((own, plan): JudgedPoint[] =>
      sameQuantisation(own.plan, like) && own.layers.length > 0 && fits(own, plan)
        ? [{ plan, saved: bitsSaved(own.layers)[mode], right: own[keeps] }]
        : [],
    );
  const isUniform = ({ plan }: MeasuredPlan) => isFrontierWidth(plan);
  return {
    uniform: points(isUniform),
    uniformCompacted: points(isUniform, 'compacted'),
    static: bestOf(
      points((_, index) => outcomes.staticProfiles.includes(index)),
      images,
    ),
  };
}

/** Every plan of a run against its controls, in the order of the plans; empty where no image could be judged. */
export function planClaims(outcomes: RunOutcomes): PlanClaims[] {
  const { plans, full, judged } = outcomes;
  if (judged.length === 0) return [];
  const against = (own: MeasuredPlan, other: Pick<MeasuredPlan, 'top1'>) =>
    pairedOutcome(pairedCounts(other.top1, own.top1, judged));
  const byMask = new Map(plans.map((plan) => [canonicalJson(plan.plan), plan]));
  const twin = (own: MeasuredPlan, metric: MeasuredPlan['plan']['metric']) => {
    const other = own.plan.bits.length > 1 ? byMask.get(canonicalJson({ ...own.plan, metric })) : undefined;
    return other && other !== own ? against(own, other) : null;
  };
  const known = new Map<string, Frontiers>();
  const frontiersOf = ({ plan }: MeasuredPlan) => {
    const key = canonicalJson(quantisationOf(plan));
    const frontiers = known.get(key) ?? frontiersFor(outcomes, plan);
    known.set(key, frontiers);
    return frontiers;
  };
  const atEqualEnergy = (kind: keyof Frontiers) =>
    plans.map((own, index) => {
      const role = roleOf(own.plan);
      if (kind === 'static' ? outcomes.staticProfiles.includes(index) : role === 'uniform') return null;
      const saved = bitsSaved(own.layers)[kind === 'uniformCompacted' ? 'compacted' : 'lockstep'];
      return againstFrontier({ saved, right: own.top1 }, frontiersOf(own)[kind], judged);
    });
  const againstPlain = ofFamily(plans.map((own) => against(own, full)));
  const againstUniform = ofFamily(atEqualEnergy('uniform'));
  const againstUniformCompacted = ofFamily(atEqualEnergy('uniformCompacted'));
  const againstStatic = ofFamily(atEqualEnergy('static'));
  const againstCentre = ofFamily(plans.map((own) => twin(own, 'centre')));
  const againstRandom = ofFamily(plans.map((own) => twin(own, 'random')));
  return plans.map(({ plan }, index) => ({
    role: roleOf(plan),
    againstPlain: againstPlain[index]!,
    againstUniform: againstUniform[index]!,
    againstUniformCompacted: againstUniformCompacted[index]!,
    againstStatic: againstStatic[index]!,
    againstCentre: againstCentre[index]!,
    againstRandom: againstRandom[index]!,
  }));
}

/** Plans count from 1 for whoever reads them. */
export function numbered<Difference extends Pick<FrontierDifference, 'between'>>(
  found: Difference | null,
): Difference | null {
  return found && { ...found, between: [found.between[0] + 1, found.between[1] + 1] as const };
}

export function numberedClaims(claims: PlanClaims): PlanClaims {
  return {
    ...claims,
    againstUniform: numbered(claims.againstUniform),
    againstUniformCompacted: numbered(claims.againstUniformCompacted),
    againstStatic: numbered(claims.againstStatic),
  };
}
