import {
  bestFixedPlan,
  cascadePolicy,
  chooseCascade,
  fixedPolicy,
  type FullPrecision,
  type Keeps,
  KEEPS,
  oraclePolicy,
  type PlanOutcomes,
  type PolicyOutcome,
  TOLERANCE,
} from '../src-shared/policies.ts';
import {
  margin,
  planReport,
  type PlanReport,
  type PlanTally,
  type PolicyReport,
  type RunReport,
  type TopClasses,
} from '../src-shared/run-record.ts';
import { bootstrapMeanInterval } from '../src-shared/statistics.ts';
import { LayerCountsMean } from './layer-counts-blob.ts';
import { findRun, imageResults, runModel, runPlans, storedReport } from './run-query.ts';
import { resultsDigest } from './run-digest.ts';
import type { RunStore } from './run-store.ts';

/** MAC-weighted bits of an image at full price. */
const FULL_BITS = 8;
/** A cascade is chosen on at most so many images: more would not change the choice, only take long. */
const MAX_CALIBRATION_IMAGES = 2000;

/**
 * What a run found out, computed from its images. Reads them in the order of their paths, so that the same results give the same
 * report to the last digit, whatever the order of work was.
 */
function makeReport(store: RunStore, runId: string): RunReport {
  const { seed } = findRun(store, runId);
  const { layers } = runModel(store, runId);
  const images = new Images();
  const outcomes: PlanColumns[] = [];
  const plans: PlanReport[] = runPlans(store, runId).map((plan, index) => {
    const columns = new PlanColumns();
    const tally = emptyTally();
    const mean = new LayerCountsMean(layers);
    const bits: number[] = [];
    for (const result of imageResults(store, runId, index)) {
      const { label, baseline, quantised, macWeightedBits } = result;
      const image = images.seen(result.path, result.sha256, label, baseline);
      const right = label ?? baseline.classes[0];
      columns.set(image, quantised, right, macWeightedBits);
      addTo(tally, label, baseline, quantised);
      tally.macWeightedBits += macWeightedBits;
      mean.add(result.counts);
      bits.push(macWeightedBits);
    }
    outcomes.push(columns);
    return planReport(plan, tally, bootstrapMeanInterval(bits, { seed }), bits.length === 0 ? [] : mean.mean());
  });
  return { plans, policies: policyReports(images, outcomes, seed) };
}

/** The report of a run: the one it was completed with, else of what is there so far. */
export function runReport(store: RunStore, runId: string): RunReport {
  return storedReport(store, runId) ?? makeReport(store, runId);
}

/** Gives a run that has all its results its report and its digest. */
export function completeRun(store: RunStore, runId: string): void {
  const report = makeReport(store, runId);
  const digest = resultsDigest(store, runId);
  store.write(() => {
    store.db
      .prepare(
        `UPDATE runs SET status = 'complete', finished_count = image_count - failed_count, results_sha256 = ?
         WHERE id = ?`,
      )
      .run(digest, runId);
    store.db
      .prepare('INSERT OR REPLACE INTO run_summaries (run_id, summary) VALUES (?, ?)')
      .run(runId, JSON.stringify(report));
  });
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
      this.firstHalf.push(Number.parseInt(sha256.slice(-1), 16) < 8);
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
  readonly cost: number[] = [];
  readonly margin: number[] = [];

  set(image: number, answer: TopClasses, right: number | undefined, cost: number): void {
    this.top1[image] = Number(isFirst(answer, right));
    this.top5[image] = Number(isAmongFive(answer, right));
    this.cost[image] = cost;
    this.margin[image] = margin(answer);
  }
}

function policyReports(images: Images, plans: readonly PlanColumns[], seed: number): PolicyReport[] {
  const full: FullPrecision = { top1: images.top1, top5: images.top5, cost: FULL_BITS };
  const complete = [...images.plans.keys()].filter((image) => images.plans[image] === plans.length);
  const labelled = complete.filter((image) => images.labelled[image]);
  const judged = labelled.length > 0 ? labelled : complete;
  if (judged.length === 0) return [];
  const calibration = judged.filter((image) => images.firstHalf[image]).slice(0, MAX_CALIBRATION_IMAGES);
  const rest = judged.filter((image) => !images.firstHalf[image]);

  const report = (
    policy: PolicyReport['policy'],
    keeps: Keeps,
    over: readonly number[],
    outcome: PolicyOutcome,
    used: readonly number[],
    threshold: number | null = null,
  ): PolicyReport => {
    const interval = bootstrapMeanInterval(outcome.costs, { seed });
    return {
      policy,
      keeps,
      images: over.length,
      top1: outcome.top1,
      top5: outcome.top5,
      savedVs8bit: outcome.saved,
      savedInterval: interval && [1 - interval[1] / FULL_BITS, 1 - interval[0] / FULL_BITS],
      plans: [...used],
      threshold,
    };
  };

  return KEEPS.flatMap((keeps) => {
    const reports: PolicyReport[] = [];
    const best = bestFixedPlan(plans, full, keeps, TOLERANCE, judged);
    if (best !== null) reports.push(report('fixed', keeps, judged, fixedPolicy(plans[best]!, full, judged), [best]));
    reports.push(report('oracle', keeps, judged, oraclePolicy(plans, full, keeps, judged), [...plans.keys()]));
    if (calibration.length > 0 && rest.length > 0) {
      const cascade = chooseCascade(plans, full, keeps, TOLERANCE, calibration);
      const outcome = cascadePolicy(plans, full, cascade, rest);
      reports.push(report('cascade', keeps, rest, outcome, cascade.stages, cascade.threshold));
    }
    return reports;
  });
}

function emptyTally(): { -readonly [Key in keyof PlanTally]: PlanTally[Key] } {
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
  };
}

function addTo(
  tally: ReturnType<typeof emptyTally>,
  label: number | null,
  baseline: TopClasses,
  answer: TopClasses,
): void {
  tally.images++;
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
