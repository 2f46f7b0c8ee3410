import type { LayerCounts } from '../measurement.ts';
import type { PrecisionPlan } from '../precision/precision-plan.ts';
import type { FullPrecision, PlanOutcomes } from './policies.ts';
import type { PlanTally } from './run-record.ts';

/** MAC-weighted bits of an image at full price, in lock-step as ideally. */
export const FULL_BITS = 8;

/** All that a run's accuracies and policies are computed from, image by image. */
export interface RunOutcomes {
  /** By plan: costs are MAC-weighted bits in lock-step. */
  readonly plans: readonly MeasuredPlan[];
  /** So many of the plans, from the first, were asked for; the others are their controls. */
  readonly asked: number;
  /** Indexes of the plans with one width a layer. */
  readonly staticProfiles: readonly number[];
  readonly full: FullPrecision;
  /** Whether the judged images have labels; without them an answer is right where it is the plain network's. */
  readonly labelled: boolean;
  /** Images that all plans have and that can be judged: the labelled ones, or without labels all. */
  readonly judged: readonly number[];
  /** Halves of them, by digest: what is chosen on one is reported on the other. */
  readonly calibration: readonly number[];
  readonly rest: readonly number[];
}

export interface MeasuredPlan extends PlanOutcomes {
  readonly plan: PrecisionPlan;
  readonly tally: PlanTally;
  /** MAC-weighted bits of each image, ideally and in lock-step. */
  readonly bits: readonly number[];
  readonly lockstepBits: readonly number[];
  /** Counts averaged over the images; empty without images. */
  readonly layers: readonly LayerCounts[];
}
