import { basename, resolve } from 'node:path';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type {
  CountDetail,
  FailedImage,
  RemarkedImage,
  RunRecord,
  RunReport,
  Shard,
} from '../../src-shared/runs/run-record.ts';
import { isChance } from '../../src-shared/runs/statistics.ts';
import type { Work } from '../../src-shared/work.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { deviceOf, isSecondRounding, readAs } from '../store/run-model.ts';
import { findRun, imageResults, runFailures, runModel, runPlans, runRemarks } from '../store/run-query.ts';
import { openRunStore } from '../store/run-store.ts';
import type { Bench } from './bench.ts';
import { Evaluator, type EvaluatorOptions, type Images } from './evaluator.ts';
import { checkPlans } from './plan-layers.ts';
import { runReport } from './run-report.ts';

/** Images in a folder, with labels that are named or found. */
export interface ImagesOfFolder {
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** See `DatasetOptions.list`. */
  readonly list?: string | undefined;
}

export interface EvaluateOrder extends Omit<EvaluatorOptions, 'model'> {
  /** Where the run was announced before it could be begun. */
  readonly runId?: string;
  readonly model: InstalledModel;
  readonly images: ImagesOfFolder | Images;
  /** Default: that of the folder. */
  readonly name?: string | undefined;
  /** What is to be evaluated may depend on the model: a ladder does. */
  readonly plans: (model: OpenedModel) => readonly PrecisionPlan[];
  readonly detail: CountDetail;
  /** See `RunRecord.firstSuccess`. Default: false. */
  readonly firstSuccess?: boolean;
  readonly seed: number;
  readonly shard?: Shard | null;
  /** See `RunOrder.maps`. */
  readonly maps?: string | undefined;
  /** See `RunOrder.again`. */
  readonly again?: 'unfinished' | 'refused';
}

/** A run and what it found out. */
export interface EvaluatedRun {
  readonly run: RunRecord;
  readonly report: RunReport;
  readonly failed: readonly FailedImage[];
  /** Images whose colours are remarkable. */
  readonly remarked: readonly RemarkedImage[];
}

/**
 * Evaluates images under plans: for the command line, for what a page saves, and for what it evaluates.
 * @throws RunEnded when the run has begun; FoveaError `bad-plan`, and what reading the folder or the model throws
 */
export async function evaluate(bench: Bench, order: EvaluateOrder, work: Work): Promise<EvaluatedRun> {
  using evaluator = await Evaluator.open(order, bench, work);
  const plans = order.plans(evaluator.model);
  checkPlans(plans, evaluator.model);
  const { images, name, ...rest } = order;
  const dataset =
    'folder' in images
      ? await evaluator.readDataset(images.folder, images.labels, { maps: order.maps, list: images.list })
      : images;
  const run = await evaluator.run(dataset, { ...rest, plans, name: name ?? basename(dataset.root) });
  return told(evaluated(evaluator, run), evaluator, work);
}

export interface ResumeOrder extends Omit<EvaluatorOptions, 'model'> {
  /** Id, beginning of an id, or name. */
  readonly run: string;
  /** Default: the file the run began with. */
  readonly model?: InstalledModel | undefined;
  /** Where the images are now; default: where they were. */
  readonly folder?: string | undefined;
  /** Where the maps of metric `given` are now; default: where they were. */
  readonly maps?: string | undefined;
  /** Looks at the plans before anything is done. */
  readonly check?: (plans: readonly PrecisionPlan[], model: OpenedModel) => void;
}

/**
 * Goes on with a run that was cancelled, failed or interrupted.
 * @throws as {@link evaluate}; FoveaError `run-unknown`, `model-unsupported` when the model is another
 */
export async function resume(bench: Bench, order: ResumeOrder, work: Work): Promise<EvaluatedRun> {
  const { run: wanted, ...settings } = begunRun(bench, order.run);
  const model = order.model ?? bench.library.find(wanted.model.path);
  using evaluator = await Evaluator.open({ ...order, model, ...settings }, bench, work);
  order.check?.(runPlans(evaluator.store, wanted.id), evaluator.model);
  const run = await evaluator.resume(wanted, resolve(order.folder ?? wanted.dataset.path), order.maps);
  return told(evaluated(evaluator, run), evaluator, work);
}

/** A run, how it reads photos, how it adds up, and what it runs on. */
function begunRun(bench: Bench, wanted: string) {
  using store = openRunStore(bench.db);
  const run = findRun(store, wanted);
  const { settings } = runModel(store, run.id);
  return { run, pixels: readAs(settings), secondRounding: isSecondRounding(settings), device: deviceOf(settings) };
}

/** @throws FoveaError `run-unknown` */
export function storedRun(bench: Bench, wanted: string): RunRecord {
  using store = openRunStore(bench.db);
  return findRun(store, wanted);
}

/** A run that says nothing of the plans, because labels or preprocessing do not fit the model, says so. */
function told(result: EvaluatedRun, { store, model: { classes } }: Evaluator, { note }: Work): EvaluatedRun {
  const { run, report } = result;
  const [plan] = report.plans;
  if (!plan || plan.baselineTop1 === null) return result;
  const { labelled, baselineTop1 } = plan;
  if (!isChance(Math.round(baselineTop1 * labelled), labelled, classes)) return result;
  let before = 0;
  for (const { label, baseline } of imageResults(store, run.id, 0))
    before += Number(label !== null && baseline.classes[0] === label - 1);
  const fromOne = !isChance(before, labelled, classes);
  if (fromOne || labelled >= FEWEST_TO_JUDGE) note({ note: 'no-better-than-chance', classes, fromOne });
  return result;
}

/** Of fewer images, none right is no surprise. */
const FEWEST_TO_JUDGE = 10;

export function evaluated({ store }: Evaluator, run: RunRecord): EvaluatedRun {
  const { id } = run;
  return { run, report: runReport(store, id), failed: runFailures(store, id), remarked: runRemarks(store, id) };
}
