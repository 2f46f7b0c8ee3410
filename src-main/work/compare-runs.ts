import type { RunsComparison } from '../../src-shared/contract/comparison.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { compareEnergy, type ComparedCounts } from '../../src-shared/runs/compared-energy.ts';
import { askedPlans } from '../../src-shared/runs/controls.ts';
import {
  type ComparedAnswer,
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
  ComparedCountsReader,
  type ComparedSeries,
  comparedSeries,
} from '../store/compared-answers.ts';
import type { RunDatabase } from '../store/run-database.ts';
import { findRun, runModel, runPlans, storedReport } from '../store/run-query.ts';

export interface ComparedRuns extends Omit<RunsComparison, 'columns'> {
  readonly paired: PairedImages;
}

export interface CompareOptions {
  /** Of the bootstrap. */
  readonly seed: number;
  readonly pricing: PriceOrder;
}

/** A plan of a run: what `RUN:2` means. */
export interface WantedSide {
  readonly runId: string;
  /** Index of the plan. */
  readonly plan: number;
}

/** Single images whose counts are read for the intervals of energy: their spread is known to 4 % from so many. */
const SAMPLED_IMAGES = 400;

/**
 * @param wanted runs by id or name; `RUN:2` means the second plan alone, otherwise all plans of a run are compared
 * @throws FoveaError as {@link compareSides} does
 */
export function compareStoredRuns(
  store: RunDatabase,
  wanted: readonly string[],
  options: CompareOptions,
): ComparedRuns {
  return compareSides(
    store,
    wanted.flatMap((name) => wantedSides(store, name)),
    options,
  );
}

/**
 * Puts plans of runs side by side over the images that all of them have so far; the first is the baseline.
 * @throws FoveaError `bad-argument` when fewer than two or more than {@link MAX_COMPARED} are named, one the run does not
 * have, or runs of several models; `run-unknown`
 */
export function compareSides(
  store: RunDatabase,
  wanted: readonly WantedSide[],
  { seed, pricing }: CompareOptions,
): ComparedRuns {
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
  const counts = compared.map((side, index) => countsOf(store, side, series[index]!, paired.judged));
  return {
    sides,
    comparison: compareRuns(compared, seed, paired),
    energy: paired.judged.length === 0 ? [] : compareEnergy(pricing, counts, paired.judged.length),
    layers: paired.judged.length === 0 ? [] : counts.map(({ layers }) => layers),
    labels: model.labels,
    paired,
  };
}

function comparedSide(store: RunDatabase, { runId, plan }: WantedSide): ComparedSide {
  const run = findRun(store, runId);
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

/** A run that has all its images and nothing else has its means in its report. */
function countsOf(
  store: RunDatabase,
  { run, planIndex, results }: ComparedRun,
  series: ComparedSeries,
  judged: readonly (readonly ComparedAnswer[])[],
): ComparedCounts {
  const { layers } = runModel(store, run.id);
  const images = judged.map((row) => row[0]!.image);
  const reader = new ComparedCountsReader(store, series, layers);
  const stored = images.length === results.length ? storedReport(store, run.id)?.plans[planIndex] : undefined;
  const count = Math.min(SAMPLED_IMAGES, images.length);
  return {
    layers: stored?.images === images.length ? stored.layers : reader.mean(images),
    sample: reader.of(Array.from({ length: count }, (_, k) => images[Math.floor((k * images.length) / count)]!)),
  };
}

function wantedSides(store: RunDatabase, wanted: string): WantedSide[] {
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
