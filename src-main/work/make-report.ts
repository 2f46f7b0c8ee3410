import { basename, join } from 'node:path';
import type { EncodedImage } from '../../src-shared/contract/images.ts';
import { DEFAULT_ENERGY_MODE } from '../../src-shared/energy/energy-mode.ts';
import { defaultPricing } from '../../src-shared/energy/price-order.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { unpackedColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import { analysisReportPage } from '../../src-shared/report/analysis-report-page.ts';
import { comparisonReportPage } from '../../src-shared/report/comparison-report-page.ts';
import { reportHtml } from '../../src-shared/report/report-page.ts';
import {
  changedImages,
  reportedRows,
  runReportPage,
  SHOWN_PHOTOS,
  spokenRow,
} from '../../src-shared/report/run-report-page.ts';
import { compareEnergy, type ComparedEnergy, HEADLINE_ACCELERATOR } from '../../src-shared/runs/compared-energy.ts';
import { disagreements } from '../../src-shared/runs/run-comparison.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import { asUniform8 } from '../../src-shared/uniform-counts.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { comparedImages, comparedSeries } from '../store/compared-answers.ts';
import type { RunDatabase } from '../store/run-database.ts';
import { findRun, runFailures, runImages, runModel } from '../store/run-query.ts';
import { analyse } from './analyse.ts';
import type { Bench } from './bench.ts';
import { compareSides, countsOf, type WantedSide } from './compare-runs.ts';
import { keptColumns, readColumns } from './read-columns.ts';
import { runReport } from './run-report.ts';
import { requireWholePlans } from './whole-plans.ts';

/** A report as one file. */
export interface MadeReport {
  /** Suggested file name. */
  readonly name: string;
  readonly html: string;
}

/** What a report needs beside its subject. */
export interface ReportTools {
  readonly bench: Bench;
  /** Reads a picture of a file, its longer side at most so many pixels. */
  readonly picture: (path: string, maxSide: number) => Promise<EncodedImage>;
}

/** Pixels of the longer side of a photo that is looked at, and of those that are only recognised. */
const PHOTO_SIDE = 800;
const SMALL_SIDE = 128;

/**
 * A run: what its plans gave, and what became of which photo.
 * @throws FoveaError `run-unknown`, `store-…`, `cancelled`
 */
export async function reportOfRun(
  tools: ReportTools,
  store: RunDatabase,
  runId: string,
  work: Work,
): Promise<MadeReport> {
  work.progress(figuresOf('reporting'));
  const run = findRun(store, runId);
  requireWholePlans(run);
  const report = runReport(store, run.id);
  const columns = unpackedColumns(keptColumns(store, run.id) ?? readColumns(store, run.id));
  if (!columns) throw new Error('columns that were just packed cannot be unpacked');
  const paths = runImages(store, run.id);
  const pricing = { ...defaultPricing(), modes: [DEFAULT_ENERGY_MODE] };
  const spoken = spokenRow(reportedRows({ report, columns }), report.plans[0]?.baselineTop1 ?? null);
  const changed = spoken?.plan == null ? [] : changedImages(columns, spoken.plan).slice(0, SHOWN_PHOTOS);
  const pictures = new Map<number, string>();
  for (const image of changed) {
    const small = await shown(tools, join(run.dataset.path, paths[image]!), SMALL_SIDE, work);
    if (small !== null) pictures.set(image, small);
  }
  const html = reportHtml(
    runReportPage({
      run,
      report,
      columns,
      paths,
      labels: runModel(store, run.id).labels,
      failed: runFailures(store, run.id),
      pricing,
      energy: report.plans.map((_, plan) => savedOf(store, run, plan, plan === spoken?.plan)),
      pictures,
    }),
  );
  return { name: fileName(run.name), html };
}

/** What a plan saves of uniform 8 bits, with intervals over the images: on every machine, or on the one that is spoken of. */
function savedOf(store: RunDatabase, run: RunRecord, plan: number, everywhere: boolean): readonly ComparedEnergy[] {
  const { accelerators, ...rest } = defaultPricing();
  const pricing = {
    ...rest,
    modes: [DEFAULT_ENERGY_MODE],
    accelerators: accelerators.filter(({ id }) => everywhere || id === HEADLINE_ACCELERATOR),
  };
  const series = comparedSeries(store, run.id, plan);
  const images = comparedImages(store, run.id, series);
  if (images.length === 0) return [];
  const own = countsOf(store, { run, planIndex: plan }, series, images, images.length);
  const uniform = {
    ...own,
    layers: own.layers.map(asUniform8),
    sample: own.sample.map((layers) => layers.map(asUniform8)),
  };
  return compareEnergy(pricing, [uniform, own], images.length);
}

/**
 * Plans of runs side by side.
 * @throws FoveaError as `compareSides`, `cancelled`
 */
export async function reportOfComparison(
  tools: ReportTools,
  store: RunDatabase,
  wanted: readonly WantedSide[],
  work: Work,
): Promise<MadeReport> {
  work.progress(figuresOf('reporting'));
  const pricing = defaultPricing();
  const compared = compareSides(store, wanted, pricing);
  const { path: root } = compared.sides[0]!.run.dataset;
  const pictures = new Map<string, string>();
  for (const { path } of disagreements(compared.paired).slice(0, SHOWN_PHOTOS)) {
    const small = await shown(tools, join(root, path), SMALL_SIDE, work);
    if (small !== null) pictures.set(path, small);
  }
  return {
    name: fileName(compared.sides.map(({ run }) => run.name).join(' and ')),
    html: reportHtml(comparisonReportPage({ ...compared, pricing, pictures, version: tools.bench.version })),
  };
}

export interface AnalysisReportOrder {
  readonly image: string;
  /** What the user knows the photo by; default: its path. */
  readonly shownPath?: string;
  readonly model: InstalledModel;
  readonly plan: PrecisionPlan;
  /** See `AnalyseOrder.maps`. */
  readonly maps?: string | undefined;
}

/**
 * One image under one plan.
 * @throws FoveaError `image-…`, `model-…`, `cancelled`
 */
export async function reportOfAnalysis(
  tools: ReportTools,
  { image, shownPath = image, model, plan, maps }: AnalysisReportOrder,
  work: Work,
): Promise<MadeReport> {
  const { bench } = tools;
  const pricing = defaultPricing();
  const analysis = await analyse(bench, { image, model, plan, pricing, counts: true, maps }, work);
  work.progress(figuresOf('reporting'));
  const name = basename(shownPath);
  const html = reportHtml(
    analysisReportPage({
      analysis: { ...analysis, image: { ...analysis.image, path: shownPath } },
      plan,
      preprocessing: (await bench.known(model, work)).preprocessing,
      pricing,
      name,
      photo: await shown(tools, image, PHOTO_SIDE, work),
    }),
  );
  return { name: fileName(name), html };
}

/** A picture as a `data:` address; null where the file is gone, or is no image any more. */
async function shown(
  { picture }: ReportTools,
  path: string,
  maxSide: number,
  { signal }: Work,
): Promise<string | null> {
  signal.throwIfAborted();
  try {
    const { mime, bytes } = await picture(path, maxSide);
    return `data:${mime};base64,${Buffer.from(bytes).toString('base64')}`;
  } catch {
    return null;
  }
}

function fileName(title: string): string {
  const plain = title
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+|-+$/g, '')
    .slice(0, 100);
  return `${plain || 'report'}.html`;
}
