import type { RunsComparison } from '../../src-shared/contract/comparison.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { compareBits } from '../../src-shared/runs/compared-bits.ts';
import { compareEnergy, type ComparedCounts } from '../../src-shared/runs/compared-energy.ts';
import { askedPlans } from '../../src-shared/runs/controls.ts';
import {
  type ComparedRun,
  type ComparedSide,
  compareRuns,
  MAX_COMPARED,
  pairImages,
  type PairedImages,
} from '../../src-shared/runs/run-comparison.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import {
  comparedAnswers,
  type ComparedSeries,
  comparedSeries,
  meanCounts,
  singleCounts,
} from '../store/compared-answers.ts';
import type { RunDatabase } from '../store/run-database.ts';
import { findRun, runModel, runPlans, storedReport } from '../store/run-query.ts';
import { requireWholePlans } from './whole-plans.ts';

export interface ComparedRuns extends Omit<RunsComparison, 'columns' | 'planNames'> {
  readonly paired: PairedImages;
}

/** A plan of a run: what `RUN:2` means. */
export interface WantedSide {
  readonly runId: string;
  /** Index of the plan. */
  readonly plan: number;
}

/** Single images whose counts are read for the intervals of energy: their spread is known to 5 % from so many. */
const SAMPLED_IMAGES = 200;

/**
 * @param wanted runs by id or name; `RUN:2` means the second plan alone, otherwise all plans of a run are compared
 * @throws FoveaError as {@link compareSides} does
 */
export function compareStoredRuns(store: RunDatabase, wanted: readonly string[], pricing: PriceOrder): ComparedRuns {
  return compareSides(
    store,
    wanted.flatMap((name) => wantedSides(store, name)),
    pricing,
  );
}

/**
 * Puts plans of runs side by side over the images that all of them have so far; the first is the baseline.
 * @throws FoveaError `bad-argument` when fewer than two or more than {@link MAX_COMPARED} are named, one the run does not
 * have, or runs of several models; `run-unknown`
 */
export function compareSides(store: RunDatabase, wanted: readonly WantedSide[], pricing: PriceOrder): ComparedRuns {
  if (wanted.length < 2)
    throw new FoveaError(
      'bad-argument',
      'a comparison needs two plans or more',
      'Name two runs, or a run of several plans.',
    );
  if (wanted.length > MAX_COMPARED)
    throw new FoveaError(
      'bad-argument',
      `${wanted.length} plans are too many to compare`,
      `Name at most ${MAX_COMPARED}; RUN:2 means the second plan of a run alone.`,
    );
  const sides = wanted.map((side) => comparedSide(store, side));
  requireOneModel(sides);
  const series = sides.map(({ run, planIndex }) => comparedSeries(store, run.id, planIndex));
  const compared = sides.map((side, index): ComparedRun => ({
    ...side,
    results: comparedAnswers(store, side.run.id, series[index]!),
  }));
  const paired = pairImages(compared);
  const model = runModel(store, sides[0]!.run.id);
  const judged = paired.judged.map((row) => row[0]!.image);
  const counts = compared.map((side, index) => countsOf(store, side, series[index]!, judged, side.results.length));
  const images = judged.length;
  return {
    sides,
    comparison: compareRuns(compared, paired),
    bits: images === 0 ? [] : compareBits(pricing.modes, counts, images),
    energy: images === 0 ? [] : compareEnergy(pricing, counts, images),
    layers: images === 0 ? [] : counts.map(({ layers }) => layers),
    leftOut: model.leftOut ?? [],
    labels: model.labels,
    paired,
  };
}

function comparedSide(store: RunDatabase, { runId, plan }: WantedSide): ComparedSide {
  const run = findRun(store, runId);
  requireWholePlans(run);
  const plans = runPlans(store, run.id);
  if (!plans[plan])
    throw new FoveaError('bad-argument', `run ${run.id} has plans 1 to ${plans.length}, not ${plan + 1}`, '');
  return { run, planIndex: plan, plan: plans[plan] };
}

/** Layers of other models are other layers, and classes other classes. */
function requireOneModel(sides: readonly ComparedSide[]): void {
  const { model } = sides[0]!.run;
  const other = sides.find(({ run }) => run.model.sha256 !== model.sha256)?.run;
  if (other)
    throw new FoveaError(
      'bad-argument',
      `run ${other.id} is of another model: ${other.model.id}, not ${model.id} (${model.sha256.slice(0, 12)})`,
      'Compare runs of one model.',
    );
}

/**
 * Counts of a plan over some images. A run that has all its images and nothing else has its means in its report.
 * @param images their numbers in the store
 * @param results how many images have a result under the plan
 */
export function countsOf(
  store: RunDatabase,
  { run, planIndex }: Pick<ComparedSide, 'run' | 'planIndex'>,
  series: ComparedSeries,
  images: readonly number[],
  results: number,
): ComparedCounts {
  const { layers, leftOut } = runModel(store, run.id);
  const stored = images.length === results ? storedReport(store, run.id)?.plans[planIndex] : undefined;
  const count = Math.min(SAMPLED_IMAGES, images.length);
  const sampled = Array.from({ length: count }, (_, k) => images[Math.floor((k * images.length) / count)]!);
  return {
    layers: stored?.images === images.length ? stored.layers : meanCounts(store, series, layers, images),
    sample: singleCounts(store, series, layers, sampled),
    leftOut: leftOut ?? [],
  };
}

/** What `RUN:2` and `RUN` mean: a plan of a run, or all of them. @throws FoveaError `run-unknown` */
export function wantedSides(store: RunDatabase, wanted: string): WantedSide[] {
  const { run, plan } = splitPlan(store, wanted);
  if (plan !== null) return [{ runId: run.id, plan }];
  const plans = runPlans(store, run.id);
  const asked = askedPlans(plans, runModel(store, run.id).layers);
  return plans.slice(0, asked).map((_, index) => ({ runId: run.id, plan: index }));
}

/** A name may end in a colon and a number itself: the whole goes before the part. */
export function splitPlan(
  store: RunDatabase,
  wanted: string,
): { readonly run: RunRecord; readonly plan: number | null } {
  const [, name, plan] = /^(.+):(\d+)$/.exec(wanted) ?? [];
  try {
    return { run: findRun(store, wanted), plan: null };
  } catch (error) {
    if (name === undefined) throw error;
    return { run: findRun(store, name), plan: Number(plan) - 1 };
  }
}
