import { type BlockRange, scaleCuts } from '../../src-shared/precision/block-range.ts';
import {
  type FoundLevels,
  foundLevels,
  type PrecisionPlan,
  type Quantiser,
  type RangeMode,
} from '../../src-shared/precision/precision-plan.ts';
import type { QuantisedTensor } from './graph-layers.ts';
import type { TensorShape } from './tensor-place.ts';

/** What is built into a rewritten graph; bits, masks and images are its inputs. */
export interface RewriteOptions {
  readonly quantiser: Quantiser;
  readonly range: RangeMode;
  readonly powerOfTwo: boolean;
  /** Of range `block`. */
  readonly block: BlockRange | null;
  /** Left out where levels come as inputs; else the graph finds them where a tensor {@link findsLevels}. */
  readonly found?: FoundLevels;
  /** Weights are clustered to this many bits (quantiser `log`); null leaves them as they are. */
  readonly weightBits: number | null;
  /** Give the quantised tensors, as they were before quantisation, as outputs too: counts and calibration read them. */
  readonly exposeActivations: boolean;
  /**
   * As an exported model has it: all tensors take levels, and tables of what each level means. Left out, the maps of what would be looked up
   * are the inputs, since ONNX Runtime looks up one value after another.
   */
  readonly byLevel?: true;
}

/** What the graph of a plan has built in. */
export function rewriteOptionsOf(plan: PrecisionPlan, exposeActivations: boolean): RewriteOptions {
  const { quantiser, range, powerOfTwo, block = null, weightBits } = plan;
  const found = foundLevels(plan);
  return { quantiser, range, powerOfTwo, block, ...(found ? { found } : {}), weightBits, exposeActivations };
}

/** What lets values pass with the activations among the outputs, where no graph is open that could. */
export const EXPOSING: RewriteOptions = {
  quantiser: 'linear',
  range: 'position',
  powerOfTwo: false,
  block: null,
  weightBits: null,
  exposeActivations: true,
};

/** Names of the inputs a rewritten graph has beside the image. */
export const inputNames = {
  /** int32, index into the table, by position: [N, 1, H, W], or [N, 1, 1, 1] where each image has one width throughout. */
  levels: (tensor: number) => `fovea.levels.${tensor}`,
  levelsPrefix: 'fovea.levels.',
  /** float32, where the graph finds levels: the threshold of each image, and what rounds its sums (metric `sensitivity`); see `windowThreshold`. */
  threshold: (tensor: number) => `fovea.threshold.${tensor}`,
  sumRounding: (tensor: number) => `fovea.sum-rounding.${tensor}`,
  /** float32, in place of levels and a table: what the table has for each position, of the shape of the levels. */
  byPosition: (table: string) => `${inputNames.byPositionPrefix}${table}`,
  byPositionPrefix: 'fovea.by-position/',
  /** float32: steps (range `layer`, quantiser `log`) or shares of the range (ranges `position` and `block`), by image and level. */
  table: (tensor: number) => `fovea.table.${tensor}`,
  /**
   * float32: offsets of the logarithmic levels and their highest level, -1 for zeros only (quantiser `log`); of scales that cut values off
   * (range `block`), the largest integer of each level.
   */
  offsets: (tensor: number) => `fovea.offsets.${tensor}`,
  tops: (tensor: number) => `fovea.tops.${tensor}`,
  /** float32 scalar: largest magnitude that passes (range `layer`). */
  limit: (tensor: number) => `fovea.limit.${tensor}`,
  /** float32 scalar added to every step (ranges `position` and `block`). */
  stepFloor: 'fovea.step-floor',
  /** float32 scalar: the rounding constant, or 0 to let values pass exactly. */
  rounding: 'fovea.rounding',
} as const;

/** The tables of a tensor: what the quantiser looks up by image and level. */
export function tableNames(tensor: number, { quantiser, block }: RewriteOptions): readonly string[] {
  const table = inputNames.table(tensor);
  if (block) return scaleCuts(block) ? [table, inputNames.tops(tensor)] : [table];
  return quantiser === 'linear' ? [table] : [table, inputNames.offsets(tensor), inputNames.tops(tensor)];
}

/** What a tensor's own levels are found by, as inputs: tables of one value an image. */
export function foundInputNames(tensor: number, { metric }: FoundLevels): readonly string[] {
  const threshold = inputNames.threshold(tensor);
  return metric === 'sensitivity' ? [threshold, inputNames.sumRounding(tensor)] : [threshold];
}

/** The output that tells which positions a tensor found sensitive: int32, 0 or 1, [N, 1, H, W]. */
export const sensitiveName = (tensor: number) => `fovea.sensitive.${tensor}`;

/** The quantised tensor. */
export const quantisedName = (tensor: number) => `fovea/${tensor}/quantised`;

/**
 * Whether a tensor has levels of its own where the graph finds them: feature maps behind the image. All else has its highest level
 * throughout: what reads the image, rows without a place, tokens.
 */
export function findsLevels({ readsImage }: Pick<QuantisedTensor, 'readsImage'>, shape: TensorShape): boolean {
  const { dims, channelAxes, height, width, leading, order } = shape;
  if (readsImage || height === 1 || leading > 0 || order || channelAxes.length !== 1) return false;
  const map = String(dims.toSpliced(channelAxes[0]!, 1)) === String([1, height, width]);
  return map && dims.length === 4;
}

/** Whether a tensor takes levels and tables by level, not maps of what would be looked up. */
export function takesLevels(
  tensor: Pick<QuantisedTensor, 'readsImage'>,
  shape: TensorShape,
  { byLevel, found }: RewriteOptions,
): boolean {
  return byLevel === true || (found !== undefined && findsLevels(tensor, shape));
}
