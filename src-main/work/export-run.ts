import { FoveaError } from '../../src-shared/errors.ts';
import { layerEnergies } from '../../src-shared/energy/energy.ts';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { csvPath, csvRow, csvText } from '../../src-shared/runs/csv.ts';
import type { ExportRows, TableFormat } from '../../src-shared/runs/export-rows.ts';
import { roleOf } from '../../src-shared/runs/plan-role.ts';
import {
  type FailedImage,
  type ImageResult,
  margin,
  type PlanClaims,
  type TopClasses,
} from '../../src-shared/runs/run-record.ts';
import { type TimeloopProblem, timeloopProblems, zigzagWorkload } from '../../src-shared/runs/workload-export.ts';
import { atUniformBits } from '../../src-shared/uniform-counts.ts';
import { countsOf, imageResults, runFailures, runModel, runPlans } from '../store/run-query.ts';
import type { RunStore } from '../store/run-store.ts';
import { runReport } from './run-report.ts';

type Cell = string | number | boolean | null;
/** Columns in order; every row of an export has the same. */
export type Row = Readonly<Record<string, Cell>>;

/** What a table of a run holds. */
export interface ExportOrder {
  readonly rows: ExportRows;
  /** What energy is priced on. Rows of single images are priced where accelerators were named. */
  readonly pricing: PriceOrder | null;
}

/**
 * A run as text, piece by piece, so that memory stays flat. CSV follows RFC 4180 with a header; what a spreadsheet would take for
 * a formula is written so that it does not: paths with `./` before them, other texts with an apostrophe. JSON is an array of
 * objects of the same columns, texts as they are. Plans count from 1.
 */
export function* exportRun(store: RunStore, runId: string, format: TableFormat, order: ExportOrder): Generator<string> {
  yield* tableText(rowsOf(store, runId, order), format);
}

/** Rows of the same columns as text, piece by piece. */
export function* tableText(content: Iterable<Row>, format: TableFormat): Generator<string> {
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

/**
 * The layers of one plan of a run as a ZigZag workload.
 * @param plan index
 * @throws FoveaError `bad-argument` where the run has no such plan, or nothing of it yet
 */
export function exportZigzag(store: RunStore, runId: string, plan: number): string {
  return zigzagWorkload(...workloadOf(store, runId, plan));
}

/** The layers of one plan of a run as Timeloop problems, one file each. @throws as `exportZigzag` */
export function exportTimeloop(store: RunStore, runId: string, plan: number): readonly TimeloopProblem[] {
  return timeloopProblems(...workloadOf(store, runId, plan));
}

function workloadOf(store: RunStore, runId: string, plan: number): Parameters<typeof zigzagWorkload> {
  const report = runReport(store, runId).plans[plan];
  if (!report || report.layers.length === 0)
    throw new FoveaError(
      'bad-argument',
      `run ${runId} has ${report ? 'no results of' : 'no'} plan ${plan + 1}`,
      'fovea runs show RUN lists its plans; RUN:2 means the second.',
    );
  return [`Fovea, run ${runId}, plan ${plan + 1}: ${planText(report.plan)}`, report.layers, report.plan.weightBits];
}

function safeCell(column: string, cell: Cell): Cell {
  if (typeof cell !== 'string') return cell;
  return column === 'path' ? csvPath(cell) : csvText(cell);
}

function rowsOf(store: RunStore, runId: string, { rows, pricing }: ExportOrder): Generator<Row> {
  switch (rows) {
    case 'images':
      return imageRows(store, runId, pricing);
    case 'plans':
      return planRows(store, runId, pricing);
    case 'layers':
      return layerRows(store, runId, pricing);
    case 'image-layers':
      return imageLayerRows(store, runId);
  }
}

function* imageRows(store: RunStore, runId: string, pricing: PriceOrder | null): Generator<Row> {
  const { labels, layers } = runModel(store, runId);
  for (const [plan, resolved] of runPlans(store, runId).entries()) {
    const about = planCells(runId, plan, resolved);
    let columns: Row = {};
    for (const result of imageResults(store, runId, plan)) {
      const energy = pricing ? energyCells(pricing, countsOf(store, result, layers)) : {};
      columns = energy;
      yield { ...about, ...imageCells(result, labels), ...energy, failure: null };
    }
    const noEnergy = Object.fromEntries(Object.keys(columns).map((column) => [column, null]));
    for (const failure of runFailures(store, runId))
      yield { ...about, ...failedCells(failure), ...noEnergy, failure: `${failure.code}: ${failure.reason}` };
  }
}

function* planRows(store: RunStore, runId: string, pricing: PriceOrder | null): Generator<Row> {
  const reports = runReport(store, runId).plans;
  const columns = energyColumns(pricing, reports);
  for (const [index, report] of reports.entries()) {
    const { plan, claims, layers } = report;
    const energy = pricing && layers.length > 0 ? energyCells(pricing, layers) : {};
    yield {
      ...planCells(runId, index, plan),
      control: report.control,
      images: report.images,
      labelled_images: report.labelled,
      top1: report.top1,
      top1_low_95: report.top1Interval?.[0] ?? null,
      top1_high_95: report.top1Interval?.[1] ?? null,
      top5: report.top5,
      top5_low_95: report.top5Interval?.[0] ?? null,
      top5_high_95: report.top5Interval?.[1] ?? null,
      plain_top1: report.baselineTop1,
      plain_top5: report.baselineTop5,
      top1_agreement: report.top1Agreement,
      top5_agreement: report.top5Agreement,
      unanswered_images: report.unanswered,
      ...differenceCells('plain', claims?.againstPlain ?? null),
      images_for_1_point: claims?.againstPlain.imagesForAPoint ?? null,
      ...differenceCells('uniform', claims?.againstUniform ?? null),
      ...differenceCells('uniform_compacted', claims?.againstUniformCompacted ?? null),
      ...differenceCells('static', claims?.againstStatic ?? null),
      ...differenceCells('centre', claims?.againstCentre ?? null),
      ...differenceCells('random', claims?.againstRandom ?? null),
      mac_weighted_bits: report.macWeightedBits,
      mac_weighted_lockstep_bits: report.macWeightedLockstepBits,
      ...columns,
      ...energy,
    };
  }
}

function* layerRows(store: RunStore, runId: string, pricing: PriceOrder | null): Generator<Row> {
  for (const [index, { plan, layers }] of runReport(store, runId).plans.entries()) {
    const about = planCells(runId, index, plan);
    const energies = pricing ? layerEnergyCells(pricing, layers) : null;
    for (const [at, layer] of layers.entries()) yield { ...about, ...layerCells(layer), ...energies?.[at] };
  }
}

function* imageLayerRows(store: RunStore, runId: string): Generator<Row> {
  const { layers } = runModel(store, runId);
  for (const [plan] of runPlans(store, runId).entries())
    for (const result of imageResults(store, runId, plan))
      for (const layer of countsOf(store, result, layers))
        yield { run: runId, plan: plan + 1, path: result.path, sha256: result.sha256, ...layerCells(layer) };
}

/** A plan by its number and by its options, one a column; lists run from the most to the least important level, `4/2`. */
function planCells(run: string, index: number, plan: PrecisionPlan): Row {
  const list = (values: readonly number[] | null) => values && values.toReversed().join('/');
  return {
    run,
    plan: index + 1,
    plan_text: planText(plan),
    role: roleOf(plan),
    metric: plan.metric,
    regions_per_side: plan.regions,
    low_share: plan.shares?.[0] ?? null,
    shares: list(plan.shares),
    thresholds: list(plan.thresholds),
    bits: list(plan.bits),
    layer_bits:
      Object.keys(plan.layerBits).length === 0
        ? null
        : Object.entries(plan.layerBits)
            .map(([layer, bits]) => `${layer}=${list(bits)}`)
            .join(' '),
    input_bits: plan.inputBits,
    range: plan.range,
    power_of_two_steps: plan.powerOfTwo,
    block_channels: plan.block?.channels ?? null,
    block_scale: plan.block?.scale ?? null,
    block_floor: plan.block?.floor ?? null,
    quantiser: plan.quantiser,
    weight_bits: plan.weightBits,
    seed: plan.seed,
  };
}

function differenceCells(
  against: string,
  found: Pick<NonNullable<PlanClaims['againstUniform']>, 'difference' | 'interval' | 'pValue' | 'familyPValue'> | null,
): Row {
  return {
    [`against_${against}`]: found?.difference ?? null,
    [`against_${against}_low_95`]: found?.interval[0] ?? null,
    [`against_${against}_high_95`]: found?.interval[1] ?? null,
    [`against_${against}_p`]: found?.pValue ?? null,
    [`against_${against}_p_holm`]: found?.familyPValue ?? null,
  };
}

/** `stripes_lockstep_compute_picojoules`, ...: energy, and shares saved of uniform 8 bits, by machine and mode. */
function energyCells(pricing: PriceOrder, layers: readonly LayerCounts[]): Row {
  const { estimates } = price(pricing, layers);
  return Object.fromEntries(
    pricing.accelerators.flatMap(({ id }) =>
      pricing.modes.flatMap((mode): [string, Cell][] => {
        const own = estimates.find((estimate) => estimate.accelerator === id && estimate.mode === mode);
        const column = `${id.replaceAll('-', '_')}_${mode}`;
        return [
          [`${column}_compute_picojoules`, own?.computePicojoules ?? null],
          [`${column}_whole_chip_picojoules`, own?.totalPicojoules ?? null],
          [`${column}_compute_saved_vs_8bit`, own?.savedVs8bit ?? null],
          [`${column}_whole_chip_saved_vs_8bit`, own?.totalSavedVs8bit ?? null],
          [`${column}_cycles`, own?.cycles ?? null],
        ];
      }),
    ),
  );
}

/** The columns of energy, all empty: a plan without results has them, too. */
function energyColumns(
  pricing: PriceOrder | null,
  reports: readonly { readonly layers: readonly LayerCounts[] }[],
): Row {
  const layers = reports.find((report) => report.layers.length > 0)?.layers;
  if (!pricing || !layers) return {};
  return Object.fromEntries(Object.keys(energyCells(pricing, layers)).map((column) => [column, null]));
}

/** The same of each layer, with 8 bits in that layer as what is saved of. */
function layerEnergyCells(pricing: PriceOrder, layers: readonly LayerCounts[]): Row[] {
  const at8 = layers.map((layer) => atUniformBits(layer, 8));
  const rows = layers.map((): Record<string, Cell> => ({}));
  for (const accelerator of pricing.accelerators)
    for (const mode of pricing.modes) {
      const own = layerEnergies(accelerator, layers, mode, pricing.switches);
      const reference = layerEnergies(accelerator, at8, mode, pricing.switches);
      const column = `${accelerator.id.replaceAll('-', '_')}_${mode}`;
      rows.forEach((row, at) => {
        const energy = own?.[at];
        const full = reference?.[at];
        row[`${column}_compute_picojoules`] = energy?.computePicojoules ?? null;
        row[`${column}_whole_chip_picojoules`] = energy?.totalPicojoules ?? null;
        row[`${column}_compute_saved_vs_8bit`] =
          energy && full ? savedOf(energy.computePicojoules, full.computePicojoules) : null;
        row[`${column}_whole_chip_saved_vs_8bit`] =
          energy && full ? savedOf(energy.totalPicojoules, full.totalPicojoules) : null;
      });
    }
  return rows;
}

function savedOf(energy: number, reference: number): number {
  return reference === 0 ? 0 : 1 - energy / reference;
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
    predictor_steps: layer.predictorSteps,
  };
}
