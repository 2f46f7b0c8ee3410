import { csvPath, csvRow, csvText } from '../../src-shared/runs/csv.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import { type FailedImage, type ImageResult, margin, type TopClasses } from '../../src-shared/runs/run-record.ts';
import { countsOf, imageResults, runFailures, runModel, runPlans } from '../store/run-query.ts';
import { runReport } from './run-report.ts';
import type { RunStore } from '../store/run-store.ts';
import type { ExportFormat, ExportRows } from '../../src-shared/runs/export-rows.ts';

type Cell = string | number | boolean | null;
/** Columns in order; every row of an export has the same. */
export type Row = Readonly<Record<string, Cell>>;

/**
 * A run as text, piece by piece, so that memory stays flat. CSV follows RFC 4180 with a header; what a spreadsheet would take for
 * a formula is written so that it does not: paths with `./` before them, other texts with an apostrophe. JSON is an array of
 * objects of the same columns, texts as they are. Plans count from 1.
 */
export function* exportRun(store: RunStore, runId: string, format: ExportFormat, rows: ExportRows): Generator<string> {
  yield* tableText(rowsOf(store, runId, rows), format);
}

/** Rows of the same columns as text, piece by piece. */
export function* tableText(content: Iterable<Row>, format: ExportFormat): Generator<string> {
  let first = true;
  for (const row of content) {
    if (format === 'csv') {
      if (first) yield csvRow(Object.keys(row));
      yield csvRow(Object.entries(row).map(([column, cell]) => safeCell(column, cell)));
    } else yield `${first ? '[' : ','}\n${JSON.stringify(row)}`;
    first = false;
  }
  if (format === 'json') yield first ? '[]\n' : '\n]\n';
}

function safeCell(column: string, cell: Cell): Cell {
  if (typeof cell !== 'string') return cell;
  return column === 'path' ? csvPath(cell) : csvText(cell);
}

function rowsOf(store: RunStore, runId: string, rows: ExportRows): Generator<Row> {
  switch (rows) {
    case 'images':
      return imageRows(store, runId);
    case 'layers':
      return layerRows(store, runId);
    case 'image-layers':
      return imageLayerRows(store, runId);
  }
}

function* imageRows(store: RunStore, runId: string): Generator<Row> {
  const { labels } = runModel(store, runId);
  for (const [plan, { text }] of plansOf(store, runId)) {
    for (const result of imageResults(store, runId, plan))
      yield { plan: plan + 1, plan_text: text, ...imageCells(result, labels), failure: null };
    for (const failure of runFailures(store, runId))
      yield { plan: plan + 1, plan_text: text, ...failedCells(failure), failure: `${failure.code}: ${failure.reason}` };
  }
}

function* layerRows(store: RunStore, runId: string): Generator<Row> {
  for (const [plan, { plan: resolved, layers }] of runReport(store, runId).plans.entries())
    for (const layer of layers) yield { plan: plan + 1, plan_text: planText(resolved), ...layerCells(layer) };
}

function* imageLayerRows(store: RunStore, runId: string): Generator<Row> {
  const { layers } = runModel(store, runId);
  for (const [plan] of plansOf(store, runId))
    for (const result of imageResults(store, runId, plan))
      for (const layer of countsOf(result, layers))
        yield { plan: plan + 1, path: result.path, sha256: result.sha256, ...layerCells(layer) };
}

function plansOf(store: RunStore, runId: string): [number, { readonly text: string }][] {
  return [...runPlans(store, runId).entries()].map(([index, plan]) => [index, { text: planText(plan) }]);
}

export function imageCells(result: ImageResult, labels: readonly string[]): Row {
  const { label, baseline, quantised } = result;
  const name = (index: number | null | undefined) =>
    index === null || index === undefined ? null : (labels[index] ?? null);
  const has = (answer: TopClasses) => (label === null ? null : answer.classes.includes(label));
  const [baselineClass = null] = baseline.classes;
  const [quantisedClass = null] = quantised.classes;
  return {
    path: result.path,
    sha256: result.sha256,
    label,
    label_name: name(label),
    baseline_class: baselineClass,
    baseline_class_name: name(baselineClass),
    baseline_probability: baseline.probabilities[0] ?? null,
    class: quantisedClass,
    class_name: name(quantisedClass),
    probability: quantised.probabilities[0] ?? null,
    margin: margin(quantised),
    top1_correct: label === null ? null : quantisedClass === label,
    top5_correct: has(quantised),
    baseline_top1_correct: label === null ? null : baselineClass === label,
    baseline_top5_correct: has(baseline),
    top1_kept: quantisedClass === baselineClass,
    top5_kept: baselineClass !== null && quantised.classes.includes(baselineClass),
    mac_weighted_bits: result.macWeightedBits,
    mac_weighted_lockstep_bits: result.macWeightedLockstepBits,
  };
}

const NO_RESULT: ImageResult = {
  path: '',
  sha256: '',
  label: null,
  baseline: { classes: [], probabilities: [] },
  quantised: { classes: [], probabilities: [] },
  macWeightedBits: 0,
  macWeightedLockstepBits: 0,
};

/** The columns of an image, all but its path empty. */
export function failedCells({ path }: FailedImage): Row {
  const columns = Object.keys(imageCells(NO_RESULT, []));
  return Object.fromEntries(columns.map((column) => [column, column === 'path' ? path : null]));
}

function layerCells(layer: LayerCounts): Row {
  return {
    layer: layer.name,
    op: layer.op,
    input_shape: layer.inputShape.join('x'),
    macs: layer.macs,
    values: layer.values,
    mean_bits: layer.meanBits,
    lockstep_bits: layer.lockstepBits,
    crossbar_bits: layer.crossbarBits,
    max_bits: layer.maxBits,
    zero_share: layer.zeroShare,
    non_zero_bits: layer.nonZeroBits,
    lockstep_non_zero_bits: layer.lockstepNonZeroBits,
    non_zero_bits_at_8: layer.nonZeroBitsAt8,
    lockstep_non_zero_bits_at_8: layer.lockstepNonZeroBitsAt8,
    clipped_share: layer.clippedShare,
    sqnr_db: layer.sqnrDb,
    group_bits: layer.groupBits,
    pallet_bits: layer.palletBits,
    level_map_bits: layer.levelMapBits,
    range_exponents: layer.rangeExponents,
    rescaled_sums: layer.rescaledSums,
  };
}
