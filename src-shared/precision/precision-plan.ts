import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import { invalidField } from '../invalid-field.ts';
import { blockRangeSchema } from './block-range.ts';
import { COMBINED_PARTS, type GraphMetric, graphMetric, isMetric, metricParts, METRICS, usesMaps } from './metrics.ts';
import {
  MAX_BITS,
  MAX_LEVELS,
  MAX_LOG_BITS,
  MAX_REGIONS,
  PLAN_OPTIONS,
  type PlanOptions,
  type Quantiser,
  QUANTISERS,
  RANGE_MODES,
  type RangeMode,
  SALIENCY_SOURCES,
  type Window,
  WINDOWS,
} from './plan-option-table.ts';
import { PARSED_ONCE } from '../parsed-once.ts';

export { MAX_BITS, MAX_LEVELS, MAX_LOG_BITS, MAX_REGIONS };
export type { PlanOptions, Quantiser, RangeMode, Window };

const wholeNumber = (low: number, high: number) => {
  const error = `expected a whole number from ${low} to ${high}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
};
const unitRange = { error: 'expected a number from 0 to 1' };
const share = z.number(unitRange).min(0, unitRange).max(1, unitRange);
const weightRange = { error: 'expected a weight of 0 or more' };
const bits = wholeNumber(0, MAX_BITS);
const metric = z.string().refine(isMetric, { message: `expected one of ${METRICS.join(', ')}, or inverse:<metric>` });

/**
 * A plan with every option resolved: the whole cause of a quantised result beside model and image.
 * Levels count from 0, the least important; `bits[k]` and `shares[k]` belong to level k.
 */
export const precisionPlanSchema = z
  .strictObject({
    metric,
    /** Of metric `combined`, in the order of `COMBINED_PARTS`; left out where they are the default. */
    combinedWeights: z
      .array(z.number(weightRange).min(0, weightRange).max(1e6, weightRange))
      .length(COMBINED_PARTS.length, {
        error: `expected ${COMBINED_PARTS.length} weights: ${COMBINED_PARTS.join(', ')}`,
      })
      .refine((all) => all.some((weight) => weight > 0), { error: 'expected a weight above 0' })
      .exactOptional(),
    /** Of metric `saliency` alone. */
    saliency: z
      .strictObject({
        /** Of the pass, the same everywhere; the layers that read the image keep their own. */
        bits: wholeNumber(1, MAX_BITS),
        from: z.enum(SALIENCY_SOURCES, { error: `expected one of ${SALIENCY_SOURCES.join(', ')}` }),
      })
      .exactOptional(),
    /** Cells along each side of the grid. */
    regions: wholeNumber(1, MAX_REGIONS),
    /** Side of the mean filter (`sensitivity`) or the patch (`outliers`): of metrics that are found in the graph alone. */
    window: z.literal(WINDOWS, { error: `expected one of ${WINDOWS.join(', ')}` }).exactOptional(),
    /** Seed of the `random` metric. */
    seed: wholeNumber(0, 0xffffffff),
    /** Share of the area at each level, summing to 1; null when thresholds decide. */
    shares: z.array(share).min(1).max(MAX_LEVELS).nullable(),
    /** Ascending importances that separate the levels (one fewer than levels); null when shares decide. */
    thresholds: z
      .array(share)
      .max(MAX_LEVELS - 1)
      .nullable(),
    bits: z.array(bits).min(1).max(MAX_LEVELS),
    /** Bits by level of single layers, by layer name; layers not named use `bits`. */
    layerBits: z.record(z.string(), z.array(bits).min(1).max(MAX_LEVELS)),
    /** Bits of the layers that read the image itself, unless `layerBits` names them. Pixels have 8 bits: below, the input suffers. */
    inputBits: bits,
    range: z.enum(RANGE_MODES),
    /** Round quantisation steps up to powers of two (range per position). */
    powerOfTwo: z.boolean(),
    /** Of range `block` alone. */
    block: blockRangeSchema.exactOptional(),
    quantiser: z.enum(QUANTISERS),
    /** Bits that weights are clustered to (quantiser `log`, weighted entropy); null leaves them as they are. */
    weightBits: wholeNumber(1, MAX_LOG_BITS).nullable(),
  })
  .superRefine((plan, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const levels = plan.bits.length;
    if (plan.combinedWeights && metricParts(plan.metric)?.name !== 'combined')
      issue('combinedWeights', 'only metric combined sums parts by weights');
    if ((metricParts(plan.metric)?.name === 'saliency') !== (plan.saliency !== undefined))
      issue('saliency', 'metric saliency, and no other, has a pass');
    if (plan.quantiser === 'log' && (plan.saliency?.bits ?? 0) > MAX_LOG_BITS)
      issue('saliency', `quantiser log takes at most ${MAX_LOG_BITS} bits, found ${plan.saliency?.bits}`);
    if ((plan.shares === null) === (plan.thresholds === null))
      issue('shares', 'exactly one of shares and thresholds must be given');
    if (plan.shares && plan.shares.length !== levels) issue('shares', `expected ${levels} shares, one a level`);
    if (plan.shares && Math.abs(plan.shares.reduce((sum, share) => sum + share, 0) - 1) > 1e-9)
      issue('shares', 'shares must sum to 1');
    if (plan.thresholds && plan.thresholds.length !== levels - 1)
      issue('thresholds', `expected ${levels - 1} thresholds`);
    if (plan.thresholds?.some((t, k, all) => k > 0 && t < all[k - 1]!)) issue('thresholds', 'thresholds must ascend');
    for (const [layer, layerBits] of Object.entries(plan.layerBits))
      if (layerBits.length !== levels) issue('layerBits', `layer ${layer}: expected ${levels} bit widths, one a level`);
    const found = graphMetric(plan.metric);
    if ((found === null) !== (plan.window === undefined))
      issue('window', 'metrics sensitivity and outliers, and no others, have a window');
    if (found && plan.thresholds)
      issue('thresholds', `metric ${found} finds its thresholds by calibration: give a share`);
    if (found && levels > 2) issue('bits', `metric ${found} tells two levels apart, found ${levels}`);
    if (plan.quantiser === 'log') {
      const widest = Math.max(plan.inputBits, ...plan.bits, ...Object.values(plan.layerBits).flat());
      if (widest > MAX_LOG_BITS) issue('bits', `quantiser log takes at most ${MAX_LOG_BITS} bits, found ${widest}`);
      if (plan.range !== 'layer') issue('range', 'quantiser log has calibrated levels per layer: expected range layer');
    } else if (plan.weightBits !== null) issue('weightBits', 'only quantiser log clusters weights');
    if (plan.powerOfTwo && plan.range !== 'position') issue('powerOfTwo', 'power-of-two steps need range position');
    if ((plan.range === 'block') !== (plan.block !== undefined))
      issue('block', 'range block, and no other, has blocks');
  });

export type PrecisionPlan = z.infer<typeof precisionPlanSchema>;

/**
 * Completes and validates a plan.
 * @throws FoveaError `bad-plan` naming the option, what was expected and what was found
 */
export function resolvePlan(options: PlanOptions): PrecisionPlan {
  const logarithmic = options.quantiser === 'log';
  const { bits: fromHigh = PLAN_OPTIONS.bits.default, lowShare = PLAN_OPTIONS.lowShare.default, threshold } = options;
  const levels = fromHigh.length;
  if (levels < 1 || levels > MAX_LEVELS)
    throw new FoveaError(
      'bad-plan',
      `bits: expected 1 to ${MAX_LEVELS} widths, one a level, found ${levels}`,
      'Give the bits of each level, from the most to the least important.',
    );
  const metric = options.metric ?? PLAN_OPTIONS.metric.default;
  const ofLevels = levelsOfMetric(metric, levels);
  const bitsByLevel = ofLevels([...fromHigh].reverse());
  const given = threshold === undefined ? null : [threshold].flat();
  const thresholds = bitsByLevel.length === levels ? given : null;
  if (given && options.lowShare !== undefined)
    throw new FoveaError(
      'bad-plan',
      'both a low share and a threshold were given',
      'Give one of --low-share and --threshold.',
    );
  if (!(lowShare >= 0 && lowShare <= 1))
    throw new FoveaError(
      'bad-plan',
      `low share: expected a share from 0 to 1, found ${lowShare}`,
      'Give the share of the area at the lowest level.',
    );
  const { combinedWeights } = options;
  const isDefault = combinedWeights?.join() === PLAN_OPTIONS.combinedWeights.default.join();
  const plan = {
    metric,
    ...(combinedWeights === undefined || isDefault ? {} : { combinedWeights: [...combinedWeights] }),
    ...saliencyIn(metric, options),
    regions: options.regions ?? PLAN_OPTIONS.regions.default,
    ...windowOf(metric, options),
    seed: options.seed ?? PLAN_OPTIONS.seed.default,
    shares: thresholds ? null : sharesOf(lowShare, bitsByLevel.length),
    thresholds,
    bits: bitsByLevel,
    layerBits: Object.fromEntries(
      Object.entries(options.layerBits ?? {}).map(([name, value]) => [
        name,
        typeof value === 'number' ? bitsByLevel.map(() => value) : ofLevels([...value].reverse()),
      ]),
    ),
    inputBits: options.inputBits ?? Math.max(8, ...fromHigh.filter((b) => b <= MAX_BITS)),
    range: options.range ?? (logarithmic ? 'layer' : PLAN_OPTIONS.range.default),
    powerOfTwo: options.powerOfTwo ?? PLAN_OPTIONS.powerOfTwo.default,
    ...blockOf(options),
    quantiser: options.quantiser ?? PLAN_OPTIONS.quantiser.default,
    weightBits: options.weightBits ?? (logarithmic ? PLAN_OPTIONS.weightBits.default : null),
  };
  return parsePlan(plan);
}

/** The pass of metric `saliency`; none where nothing speaks of it. */
function saliencyIn(metric: string, { saliencyBits, saliencyFrom }: PlanOptions) {
  if (metricParts(metric)?.name !== 'saliency' && saliencyBits === undefined && saliencyFrom === undefined) return {};
  const { saliencyBits: bits, saliencyFrom: from } = PLAN_OPTIONS;
  return { saliency: { bits: saliencyBits ?? bits.default, from: saliencyFrom ?? from.default } };
}

/** The same plan by another metric, for example a control: what is of the first alone is left out. */
export function withMetric(plan: PrecisionPlan, metric: PrecisionPlan['metric']): PrecisionPlan {
  const { combinedWeights, saliency, window, ...others } = plan;
  const { name } = metricParts(metric);
  return {
    ...others,
    metric,
    ...(name === 'combined' && combinedWeights ? { combinedWeights } : {}),
    ...(name === 'saliency' && saliency ? { saliency } : {}),
    ...(graphMetric(metric) && window ? { window } : {}),
  };
}

/**
 * The plan as metric `uniform` states it where it has one level: no map decides anything then, and plans that do the same are one.
 * Under metric `given` it stays, for maps were asked for.
 */
export function withoutIdleMap(plan: PrecisionPlan): PrecisionPlan {
  if (plan.bits.length > 1 || usesMaps(plan)) return plan;
  const { regions, seed } = PLAN_OPTIONS;
  return { ...withMetric(plan, 'uniform'), regions: regions.default, seed: seed.default };
}

/** What metric `saliency` has run before an image is; null under other metrics, and where there is one level alone. */
export function saliencyPass(plan: PrecisionPlan): NonNullable<PrecisionPlan['saliency']> | null {
  return plan.bits.length > 1 ? (plan.saliency ?? null) : null;
}

/** The plan of that pass: one width, the same numbers otherwise. */
export function planOfPass(plan: PrecisionPlan, bits: number): PrecisionPlan {
  return { ...withMetric(plan, 'uniform'), shares: [1], thresholds: null, bits: [bits], layerBits: {} };
}

function windowOf(metric: string, { window }: PlanOptions) {
  return graphMetric(metric) || window !== undefined ? { window: window ?? PLAN_OPTIONS.window.default } : {};
}

/** The blocks that options state; none where nothing speaks of them. */
function blockOf({ range, block, blockScale, blockFloor }: PlanOptions) {
  if (range !== 'block' && block === undefined && blockScale === undefined && blockFloor === undefined) return {};
  return {
    block: {
      channels: block ?? PLAN_OPTIONS.block.default,
      scale: blockScale ?? PLAN_OPTIONS.blockScale.default,
      floor: blockFloor ?? PLAN_OPTIONS.blockFloor.default,
    },
  };
}

/** How the numbers of a plan come about, whatever its bits are. */
export type Quantisation = Pick<PrecisionPlan, 'range' | 'powerOfTwo' | 'block' | 'quantiser' | 'weightBits'>;

/** The part of a plan that {@link Quantisation} names: as text the same for the same numbers. */
export function quantisationOf({ range, powerOfTwo, block, quantiser, weightBits }: Quantisation): Quantisation {
  return { range, powerOfTwo, ...(block ? { block } : {}), quantiser, weightBits };
}

/** The options that state a quantisation. */
export function quantisationOptions({ range, powerOfTwo, block, quantiser, weightBits }: Quantisation): PlanOptions {
  return {
    range,
    powerOfTwo,
    ...(block ? { block: block.channels, blockScale: block.scale, blockFloor: block.floor } : {}),
    quantiser,
    ...(weightBits === null ? {} : { weightBits }),
  };
}

/** What a metric leaves of the widths of all levels, least important first: `uniform` has one level, its inverse the lowest. */
function levelsOfMetric(metric: string, levels: number): (widths: readonly number[]) => number[] {
  const { name, inverse } = metricParts(metric) ?? {};
  // Lists of another length are judged with the plan.
  return (widths) =>
    name === 'uniform' && widths.length === levels ? [widths[inverse ? 0 : levels - 1]!] : [...widths];
}

/** Options that state a plan: {@link resolvePlan} gives it back where the levels above the lowest divide the area evenly. */
export function optionsOfPlan(plan: PrecisionPlan): PlanOptions {
  const { metric, regions, seed, shares, thresholds, inputBits } = plan;
  return {
    metric,
    ...(plan.combinedWeights ? { combinedWeights: plan.combinedWeights } : {}),
    ...(plan.saliency ? { saliencyBits: plan.saliency.bits, saliencyFrom: plan.saliency.from } : {}),
    regions,
    ...(plan.window ? { window: plan.window } : {}),
    ...(thresholds ? { threshold: thresholds } : { lowShare: shares?.[0] ?? 0 }),
    bits: plan.bits.toReversed(),
    layerBits: Object.fromEntries(Object.entries(plan.layerBits).map(([name, own]) => [name, own.toReversed()])),
    inputBits,
    ...quantisationOptions(plan),
    seed,
  };
}

/**
 * Validates a resolved plan, for example one read from a file.
 * @throws FoveaError `bad-plan`
 */
export function parsePlan(value: unknown): PrecisionPlan {
  const parsed = precisionPlanSchema.safeParse(value, PARSED_ONCE);
  if (parsed.success) return parsed.data;
  throw new FoveaError(
    'bad-plan',
    `plan ${invalidField(parsed.error, value)}`,
    'See fovea analyze --help for the ranges of the plan options.',
  );
}

/** The lowest level gets `lowShare` of the area, the levels above divide the rest evenly. */
function sharesOf(lowShare: number, levels: number): number[] {
  if (levels === 1) return [1];
  const rest = (1 - lowShare) / (levels - 1);
  return Array.from({ length: levels }, (_, level) => (level === 0 ? lowShare : rest));
}

/** Bits by level (index 0 the least important) of one layer under a plan. */
export function bitsOfLayer(plan: PrecisionPlan, layer: string, readsImage: boolean): readonly number[] {
  return plan.layerBits[layer] ?? (readsImage ? plan.bits.map(() => plan.inputBits) : plan.bits);
}

/** How the rewritten graph finds the levels of a layer in the layer's input; the plan's share becomes a calibrated threshold. */
export interface FoundLevels {
  readonly metric: GraphMetric;
  readonly window: Window;
}

/** Null where levels come from a map of the image, or there is one level alone. */
export function foundLevels({
  metric,
  window,
  bits,
}: Pick<PrecisionPlan, 'metric' | 'window' | 'bits'>): FoundLevels | null {
  const found = graphMetric(metric);
  return found && window && bits.length > 1 ? { metric: found, window } : null;
}

/** Whether a plan needs what calibration found: ranges, or thresholds of levels. */
export function needsCalibration(plan: Pick<PrecisionPlan, 'range' | 'metric' | 'window' | 'bits'>): boolean {
  return plan.range === 'layer' || foundLevels(plan) !== null;
}

/** What is known of a network's layers without its graph. */
export interface PlannedLayers {
  readonly layers: readonly { readonly name: string }[];
  /** By layer: whether it reads the image itself. */
  readonly readsImage: readonly boolean[];
  /** By layer: which quantised tensor it reads. */
  readonly tensorOfLayer: readonly number[];
}

/** Bits by level of every quantised tensor: layers that read the same one get the most bits any of them asks for. */
export function bitsOfTensors(plan: PrecisionPlan, { layers, readsImage, tensorOfLayer }: PlannedLayers): number[][] {
  const bits: number[][] = [];
  layers.forEach(({ name }, index) => {
    const tensor = tensorOfLayer[index]!;
    const wanted = bitsOfLayer(plan, name, readsImage[index]!);
    bits[tensor] = wanted.map((width, level) => Math.max(width, bits[tensor]?.[level] ?? 0));
  });
  return bits;
}

/** Bits by level of every layer by name, as they are run. */
export function bitsOfLayers(plan: PrecisionPlan, network: PlannedLayers): Record<string, number[]> {
  const bits = bitsOfTensors(plan, network);
  return Object.fromEntries(network.layers.map(({ name }, index) => [name, [...bits[network.tensorOfLayer[index]!]!]]));
}
