import { askedPlans } from '../../src-shared/runs/controls.ts';
import { ladderLength } from '../../src-shared/runs/oracle-ladders.ts';
import { isStaticProfile, type PlanOutcomes } from '../../src-shared/runs/policies.ts';
import { FULL_BITS, type MeasuredPlan, type RunOutcomes } from '../../src-shared/runs/run-outcomes.ts';
import {
  type ImageResult,
  inFirstHalf,
  margin,
  type PlanTally,
  type TopClasses,
} from '../../src-shared/runs/run-record.ts';
import { LayerCountsMean } from '../store/layer-counts-blob.ts';
import { findRun, imageResults, runBaselines, runModel, runPlans } from '../store/run-query.ts';
import type { RunDatabase } from '../store/run-database.ts';

/**
 * Reads a run image by image, in the order of the paths: the same results give the same numbers to the last digit, whatever the
 * order of work was.
 */
export function readOutcomes(store: RunDatabase, runId: string): RunOutcomes {
  const { layers } = runModel(store, runId);
  const { firstSuccess } = findRun(store, runId);
  const names = layers.map(({ name }) => name);
  const images = new Images();
  // An image that no plan was needed for has no result of any.
  if (firstSuccess)
    for (const { path, sha256, label, baseline } of runBaselines(store, runId))
      images.seen(path, sha256, label, baseline);
  const plans = runPlans(store, runId).map((plan, index): MeasuredPlan => {
    const columns = new PlanColumns();
    const tally = emptyTally();
    const mean = new LayerCountsMean(layers);
    const bits: number[] = [];
    const lockstepBits: number[] = [];
    for (const result of imageResults(store, runId, index)) {
      const { path, sha256, label, baseline, quantised, macWeightedBits, macWeightedLockstepBits, counts } = result;
      columns.set(images.seen(path, sha256, label, baseline), result);
      addTo(tally, label, baseline, quantised);
      tally.macWeightedBits += macWeightedBits;
      tally.macWeightedLockstepBits += macWeightedLockstepBits;
      mean.add(counts);
      bits.push(macWeightedBits);
      lockstepBits.push(macWeightedLockstepBits);
    }
    return { plan, tally, bits, lockstepBits, layers: bits.length === 0 ? [] : mean.mean(), ...columns };
  });
  const complete = [...images.plans.keys()].filter((image) => firstSuccess || images.plans[image] === plans.length);
  const labelled = complete.filter((image) => images.labelled[image]);
  const judged = labelled.length > 0 ? labelled : complete;
  return {
    plans,
    asked: firstSuccess
      ? ladderLength(plans.map(({ plan }) => plan))
      : askedPlans(
          plans.map(({ plan }) => plan),
          layers,
        ),
    // Of no plan alone is known what it gives on all images.
    staticProfiles: firstSuccess ? [] : [...plans.keys()].filter((index) => isStaticProfile(plans[index]!.plan, names)),
    full: { top1: images.top1, top5: images.top5, cost: FULL_BITS },
    labelled: labelled.length > 0,
    judged,
    calibration: judged.filter((image) => images.firstHalf[image]),
    rest: judged.filter((image) => !images.firstHalf[image]),
  };
}

/** The images of a run as they come up, plan by plan; every plan gives each image at most once. */
class Images {
  readonly indexes = new Map<string, number>();
  /** How many plans have the image. */
  readonly plans: number[] = [];
  readonly labelled: boolean[] = [];
  /** For halving the images at random, yet always alike. */
  readonly firstHalf: boolean[] = [];
  readonly top1: number[] = [];
  readonly top5: number[] = [];

  seen(path: string, sha256: string, label: number | null, baseline: TopClasses): number {
    let index = this.indexes.get(path);
    if (index === undefined) {
      index = this.indexes.size;
      this.indexes.set(path, index);
      this.plans.push(0);
      this.labelled.push(label !== null);
      this.firstHalf.push(inFirstHalf(sha256));
      this.top1.push(Number(label === null || isFirst(baseline, label)));
      this.top5.push(Number(label === null || isAmongFive(baseline, label)));
    }
    this.plans[index]! += 1;
    return index;
  }
}

class PlanColumns implements PlanOutcomes {
  readonly top1: number[] = [];
  readonly top5: number[] = [];
  readonly sameTop1: number[] = [];
  readonly sameTop5: number[] = [];
  readonly cost: number[] = [];
  readonly margin: number[] = [];

  set(image: number, { label, baseline, quantised, macWeightedLockstepBits }: ImageResult): void {
    const [plain] = baseline.classes;
    const right = label ?? plain;
    this.top1[image] = Number(isFirst(quantised, right));
    this.top5[image] = Number(isAmongFive(quantised, right));
    this.sameTop1[image] = Number(isFirst(quantised, plain));
    this.sameTop5[image] = Number(isAmongFive(quantised, plain));
    this.cost[image] = macWeightedLockstepBits;
    this.margin[image] = margin(quantised);
  }
}

/** Of no image. */
export function emptyTally(): { -readonly [Key in keyof PlanTally]: PlanTally[Key] } {
  return {
    images: 0,
    labelled: 0,
    top1: 0,
    top5: 0,
    baselineTop1: 0,
    baselineTop5: 0,
    top1Agreement: 0,
    top5Agreement: 0,
    macWeightedBits: 0,
    macWeightedLockstepBits: 0,
    unanswered: 0,
  };
}

function addTo(
  tally: ReturnType<typeof emptyTally>,
  label: number | null,
  baseline: TopClasses,
  answer: TopClasses,
): void {
  tally.images++;
  tally.unanswered += Number(answer.classes.length === 0);
  tally.top1Agreement += Number(isFirst(answer, baseline.classes[0]));
  tally.top5Agreement += Number(isAmongFive(answer, baseline.classes[0]));
  if (label === null) return;
  tally.labelled++;
  tally.top1 += Number(isFirst(answer, label));
  tally.top5 += Number(isAmongFive(answer, label));
  tally.baselineTop1 += Number(isFirst(baseline, label));
  tally.baselineTop5 += Number(isAmongFive(baseline, label));
}

function isFirst(answer: TopClasses, right: number | undefined): boolean {
  return answer.classes[0] === right;
}

function isAmongFive(answer: TopClasses, right: number | undefined): boolean {
  return right !== undefined && answer.classes.includes(right);
}
