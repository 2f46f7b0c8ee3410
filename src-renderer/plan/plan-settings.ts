import type { BlockRange } from '../../src-shared/precision/block-range.ts';
import {
  graphMetric,
  METRIC_TABLE,
  metricParts,
  METRICS,
  type BaseMetric,
} from '../../src-shared/precision/metrics.ts';
import { PLAN_OPTIONS, type Window } from '../../src-shared/precision/plan-option-table.ts';
import {
  bitsOfLayer,
  MAX_BITS,
  MAX_LOG_BITS,
  type Quantisation,
  quantisationOptions,
  resolvePlan,
  type PlanOptions,
  type PrecisionPlan,
  type Quantiser,
  type RangeMode,
} from '../../src-shared/precision/precision-plan.ts';

/** The plan as its controls show it. Bits run from the most to the least important level. */
export interface PlanSettings {
  readonly metric: BaseMetric;
  readonly inverse: boolean;
  /** Of metric `combined`: gradient, entropy, interest, centre. */
  readonly weights: readonly number[];
  /** Of metric `saliency`. */
  readonly saliency: NonNullable<PrecisionPlan['saliency']>;
  readonly regions: number;
  /** Of metrics that are found in the graph alone. */
  readonly window: Window;
  readonly lowShare: number;
  /** Ascending; null when the share of area decides. */
  readonly thresholds: readonly number[] | null;
  readonly bits: readonly number[];
  /** Layers with bits of their own, by name. */
  readonly layerBits: Readonly<Record<string, readonly number[]>>;
  /** Null: 8, or the highest bits where they are more. */
  readonly inputBits: number | null;
  readonly range: RangeMode;
  readonly powerOfTwo: boolean;
  /** Of range `block` alone. */
  readonly block: BlockRange;
  readonly quantiser: Quantiser;
  /** Bits that weights are clustered to; of quantiser `log` alone. */
  readonly weightBits: number;
  readonly seed: number;
}

export const DEFAULT_PLAN_SETTINGS: PlanSettings = {
  metric: PLAN_OPTIONS.metric.default,
  inverse: false,
  weights: PLAN_OPTIONS.combinedWeights.default,
  saliency: { bits: PLAN_OPTIONS.saliencyBits.default, from: PLAN_OPTIONS.saliencyFrom.default },
  regions: PLAN_OPTIONS.regions.default,
  window: PLAN_OPTIONS.window.default,
  lowShare: PLAN_OPTIONS.lowShare.default,
  thresholds: null,
  bits: PLAN_OPTIONS.bits.default,
  layerBits: {},
  inputBits: null,
  range: PLAN_OPTIONS.range.default,
  powerOfTwo: PLAN_OPTIONS.powerOfTwo.default,
  block: {
    channels: PLAN_OPTIONS.block.default,
    scale: PLAN_OPTIONS.blockScale.default,
    floor: PLAN_OPTIONS.blockFloor.default,
  },
  quantiser: PLAN_OPTIONS.quantiser.default,
  weightBits: PLAN_OPTIONS.weightBits.default,
  seed: PLAN_OPTIONS.seed.default,
};

/** What the window begins with: the less important half is cropped, so that it shows at once what a map is for. */
export const FIRST_PLAN_SETTINGS: PlanSettings = { ...DEFAULT_PLAN_SETTINGS, lowShare: 0.5, bits: [4, 0] };

/** What a run of the plan is called where nobody names it. */
export function planName({ metric, bits }: PlanSettings): string {
  return `${METRIC_TABLE[metric].label.toLowerCase()}, ${bits.join('/')} bits`;
}

/** The options that state these settings: what a resolved plan and a command line are made of. */
export function planOptions(settings: PlanSettings): PlanOptions {
  return {
    metric: settings.inverse ? `inverse:${settings.metric}` : settings.metric,
    ...(settings.metric === 'combined' ? { combinedWeights: settings.weights } : {}),
    ...(settings.metric === 'saliency'
      ? { saliencyBits: settings.saliency.bits, saliencyFrom: settings.saliency.from }
      : {}),
    regions: settings.regions,
    ...(graphMetric(settings.metric) ? { window: settings.window } : {}),
    ...(settings.thresholds ? { threshold: settings.thresholds } : { lowShare: settings.lowShare }),
    bits: settings.bits,
    layerBits: settings.layerBits,
    ...(settings.inputBits === null ? {} : { inputBits: settings.inputBits }),
    ...quantisationOptions(quantisationOfSettings(settings)),
    seed: settings.seed,
  };
}

/** How the numbers come about: blocks and weights that are not in use are left out. */
function quantisationOfSettings({ block, weightBits, ...settings }: PlanSettings): Quantisation {
  return {
    ...settings,
    ...(settings.range === 'block' ? { block } : {}),
    weightBits: settings.quantiser === 'log' ? weightBits : null,
  };
}

/** The settings that options of an earlier session state; the default plan where they are no longer valid. */
export function settingsOfOptions(options: PlanOptions): PlanSettings {
  const plan = resolvedOrNull(options);
  if (!plan) return DEFAULT_PLAN_SETTINGS;
  const { name, inverse } = metricParts(plan.metric);
  return {
    metric: name,
    inverse,
    weights: plan.combinedWeights ?? DEFAULT_PLAN_SETTINGS.weights,
    saliency: plan.saliency ?? DEFAULT_PLAN_SETTINGS.saliency,
    regions: plan.regions,
    window: plan.window ?? DEFAULT_PLAN_SETTINGS.window,
    lowShare: options.lowShare ?? DEFAULT_PLAN_SETTINGS.lowShare,
    thresholds: plan.thresholds,
    bits: plan.bits.toReversed(),
    layerBits: Object.fromEntries(Object.entries(plan.layerBits).map(([name, own]) => [name, own.toReversed()])),
    inputBits: options.inputBits ?? null,
    range: plan.range,
    powerOfTwo: plan.powerOfTwo,
    block: plan.block ?? DEFAULT_PLAN_SETTINGS.block,
    quantiser: plan.quantiser,
    weightBits: plan.weightBits ?? DEFAULT_PLAN_SETTINGS.weightBits,
    seed: plan.seed,
  };
}

function resolvedOrNull(options: PlanOptions): PrecisionPlan | null {
  try {
    return resolvePlan(options);
  } catch {
    return null;
  }
}

export function sameSettings(a: PlanSettings, b: PlanSettings): boolean {
  return JSON.stringify(planOptions(a)) === JSON.stringify(planOptions(b));
}

/** Bits of one more or one fewer level: the ends stay, the middle is spread between them. */
export function withLevels(settings: PlanSettings, levels: number): PlanSettings {
  const spread = (from: readonly number[]) => respread(from, levels);
  return {
    ...settings,
    bits: spread(settings.bits),
    layerBits: Object.fromEntries(Object.entries(settings.layerBits).map(([name, own]) => [name, spread(own)])),
    thresholds: settings.thresholds && evenThresholds(levels),
  };
}

/** Thresholds that cut 0..1 into equal parts. */
export function evenThresholds(levels: number): number[] {
  return Array.from({ length: levels - 1 }, (_, index) => (index + 1) / levels);
}

export function withBits(settings: PlanSettings, index: number, value: number): PlanSettings {
  return { ...settings, bits: settings.bits.with(index, value) };
}

/** Moves one threshold; its neighbours give way so that all still ascend. */
export function withThreshold(settings: PlanSettings, index: number, value: number): PlanSettings {
  if (!settings.thresholds) return settings;
  return {
    ...settings,
    thresholds: settings.thresholds.map((threshold, at) =>
      at < index ? Math.min(threshold, value) : at > index ? Math.max(threshold, value) : value,
    ),
  };
}

/** One weight is another; the others keep their shares of the rest, in whole percents. */
export function withWeight(settings: PlanSettings, index: number, value: number): PlanSettings {
  const rest = settings.weights.reduce((sum, weight, at) => (at === index ? sum : sum + weight), 0);
  const others = settings.weights.length - 1;
  const weights = settings.weights.map((weight, at) =>
    at === index ? value : Math.round((1 - value) * (rest > 0 ? weight / rest : 1 / others) * 1000) / 1000,
  );
  return { ...settings, weights };
}

/**
 * What is found in the graph tells two levels apart, by a share: no thresholds, and no third level. Who leaves uniform bits for a map gets
 * two levels, which it can tell apart.
 */
export function withMetric(settings: PlanSettings, name: string): PlanSettings {
  const metric = METRICS.find((candidate) => candidate === name);
  if (!metric) return settings;
  const leaves = settings.metric === 'uniform' && metric !== 'uniform' && settings.bits.length === 1;
  const levelled = leaves ? withLevels(settings, 2) : settings;
  return { ...(graphMetric(metric) ? withShares(levelled, 2) : levelled), metric };
}

function withShares(settings: PlanSettings, mostLevels: number): PlanSettings {
  const own = { ...settings, thresholds: null };
  return own.bits.length > mostLevels ? withLevels(own, mostLevels) : own;
}

/** Power-of-two steps exist at range `position` alone. */
export function withRange(settings: PlanSettings, range: RangeMode): PlanSettings {
  return { ...settings, range, powerOfTwo: settings.powerOfTwo && range === 'position' };
}

/** Logarithmic levels are calibrated layer by layer, and few. */
export function withQuantiser(settings: PlanSettings, quantiser: Quantiser): PlanSettings {
  if (quantiser === 'linear') return { ...settings, quantiser };
  const limited = (widths: readonly number[]) => widths.map((width) => Math.min(width, MAX_LOG_BITS));
  return {
    ...withRange(settings, 'layer'),
    quantiser,
    bits: limited(settings.bits),
    layerBits: Object.fromEntries(Object.entries(settings.layerBits).map(([name, own]) => [name, limited(own)])),
    inputBits: settings.inputBits === null ? null : Math.min(settings.inputBits, MAX_LOG_BITS),
  };
}

/** The widest that the quantiser allows. */
export function maxBits({ quantiser }: PlanSettings): number {
  return quantiser === 'log' ? MAX_LOG_BITS : MAX_BITS;
}

/** Bits of a layer from the most to the least important level. */
export function bitsOfLayerIn(settings: PlanSettings, layer: string, readsImage: boolean): readonly number[] {
  return bitsOfLayer(resolvePlan(planOptions(settings)), layer, readsImage).toReversed();
}

/** Gives a layer bits of its own, or with null takes them back. */
export function withLayerBits(settings: PlanSettings, layer: string, own: readonly number[] | null): PlanSettings {
  const others = Object.entries(settings.layerBits).filter(([name]) => name !== layer);
  return { ...settings, layerBits: Object.fromEntries(own ? [...others, [layer, own]] : others) };
}

/** What a level is called between the most important (index 0) and the least. */
export function levelName(index: number, levels: number): string {
  if (levels === 1) return 'Bits';
  if (index === 0) return 'High bits';
  if (index === levels - 1) return 'Low bits';
  return levels === 3 ? 'Middle bits' : `Level ${levels - 1 - index} bits`;
}

function respread(from: readonly number[], levels: number): number[] {
  const first = from[0] ?? 8;
  const last = from.at(-1) ?? first;
  if (levels === 1) return [first];
  return Array.from({ length: levels }, (_, index) => Math.round(first + ((last - first) * index) / (levels - 1)));
}
