import * as ort from 'onnxruntime-node';
import {
  blockShare,
  largestInteger,
  layerStep,
  ROUNDING_CONSTANT,
  STEP_FLOOR,
  stepShare,
} from '../../src-shared/precision/fake-quantisation.ts';
import { logLevelsOf, rangeOf, scoresOf, type LayerRange } from '../../src-shared/precision/layer-range.ts';
import { thresholdOfShare, windowThreshold } from '../../src-shared/precision/found-levels.ts';
import { type Metric, metricParts } from '../../src-shared/precision/metrics.ts';
import { type FoundLevels, foundLevels, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { KnownNetwork } from './known-network.ts';
import { imageIndexes, LevelMaps, type PlannedImage } from './level-maps.ts';
import { foundInputNames, inputNames, type RewriteOptions, tableNames } from './rewrite-options.ts';

/** Nothing is clipped. */
const PASSING_LIMIT = 3.4e38;

/** Plans that begin alike take turns, a call of images each; what one of them feeds takes some hundred kilobytes. */
const MOST_FEEDS = 8;

export type Feeds = Readonly<Record<string, ort.Tensor>>;

/** What lets every value of so many images pass through the quantisers of a variant as it is. */
export function passingFeeds(
  network: KnownNetwork,
  variant: RewriteOptions,
  count: number,
): Record<string, ort.Tensor> {
  const feeds: Record<string, ort.Tensor> = { [inputNames.rounding]: scalar(0) };
  const passesAtZero = variant.range !== 'layer';
  if (passesAtZero) feeds[inputNames.stepFloor] = scalar(1);
  network.tensors.forEach(({ dims }, index) => {
    tableNames(index, variant).forEach((table, which) => {
      const value = which > 0 ? PASSING_LIMIT : passesAtZero ? 0 : 1;
      const one = [count, ...Array<number>(dims.length - 1).fill(1)];
      feeds[inputNames.byPosition(table)] = new ort.Tensor(new Float32Array(count).fill(value), one);
    });
    if (variant.range === 'layer') feeds[inputNames.limit(index)] = scalar(PASSING_LIMIT);
  });
  return feeds;
}

/** What was last fed for one mask throughout, the latest at the end. */
const lastFeeds = new WeakMap<
  KnownNetwork,
  { readonly mask: PlannedImage; readonly key: string; readonly feeds: Feeds }[]
>();

/**
 * What a rewritten graph is fed beside the pixels, by input name. Masks that do not look at the image come call by call: what they feed is
 * found once.
 * @param images share range mode and quantiser; bits, levels and grids are each image's own
 * @param ranges by tensor, the calibrated ranges; used with range `layer`
 */
export function plannedFeeds(
  network: KnownNetwork,
  variant: RewriteOptions,
  images: readonly PlannedImage[],
  ranges: readonly LayerRange[] | null,
): Feeds {
  const [mask] = images;
  if (images.some((image) => image !== mask) || variant.found) return feedsOf(network, variant, images, ranges);
  const last = lastFeeds.get(network) ?? [];
  lastFeeds.set(network, last);
  const key = JSON.stringify([variant, images.length, ranges]);
  let known = last.find((own) => own.mask === mask && own.key === key);
  if (!known) {
    known = { mask: mask!, key, feeds: feedsOf(network, variant, images, ranges) };
    if (last.push(known) > MOST_FEEDS) last.shift();
  }
  return known.feeds;
}

function feedsOf(
  network: KnownNetwork,
  variant: RewriteOptions,
  images: readonly PlannedImage[],
  ranges: readonly LayerRange[] | null,
): Feeds {
  const linear = variant.quantiser === 'linear';
  const feeds: Record<string, ort.Tensor> = linear ? { [inputNames.rounding]: scalar(ROUNDING_CONSTANT) } : {};
  if (linear && variant.range !== 'layer') feeds[inputNames.stepFloor] = scalar(STEP_FLOOR);
  const levelCount = Math.max(...images.map(({ plan }) => plan.bits.length));
  const maps = new LevelMaps(images, levelCount);
  network.tensors.forEach((shape, index) => {
    const found = network.findsLevels(index) ? variant.found : undefined;
    if (found) Object.assign(feeds, foundFeeds(network, index, found, images, ranges?.[index] ?? 0));
    const entries = tableEntries(variant, network.isUnsigned(index), ranges?.[index] ?? 0);
    const tables = entries.map(() => new Float32Array(images.length * levelCount));
    images.forEach((image, at) => {
      const own = network.tensorBits(image.plan)[index]!;
      const widths = found ? entriesOf(image, own) : own;
      tables.forEach((table, which) => table.set(widths.map(entries[which]!), at * levelCount));
    });
    const uniform = images.every(({ plan }) => new Set(network.tensorBits(plan)[index]).size === 1);
    // What finds no levels where others do has its highest throughout.
    const levels = found ? null : maps.tensorFor(shape, uniform || variant.found !== undefined);
    if (levels && variant.byLevel) feeds[inputNames.levels(index)] = levels;
    tableNames(index, variant).forEach((name, which) => {
      const table = tables[which]!;
      if (levels && !variant.byLevel) feeds[inputNames.byPosition(name)] = maps.lookUp(levels, table);
      else feeds[name] = new ort.Tensor(table, [table.length]);
    });
    if (linear && variant.range === 'layer')
      feeds[inputNames.limit(index)] = scalar(rangeOf(ranges?.[index] ?? 0) || PASSING_LIMIT);
  });
  return feeds;
}

/** By table of a tensor: what it holds for a width. */
function tableEntries(variant: RewriteOptions, unsigned: boolean, range: LayerRange): ((bits: number) => number)[] {
  const { block } = variant;
  // The second one is used where scales cut values off.
  if (block) return [(bits) => blockShare(bits, unsigned, block), (bits) => largestInteger(bits, unsigned)];
  if (variant.quantiser === 'linear')
    return [
      (bits) => (variant.range === 'position' ? stepShare(bits, unsigned) : layerStep(bits, unsigned, rangeOf(range))),
    ];
  const levels = (bits: number) => logLevelsOf(range, bits, unsigned);
  return [(bits) => levels(bits).step, (bits) => levels(bits).offset, (bits) => levels(bits).count - 2];
}

/** What a tensor finds its levels by: tables of as many entries as those of widths, an image's all the same. */
function foundFeeds(
  network: KnownNetwork,
  tensor: number,
  found: FoundLevels,
  images: readonly PlannedImage[],
  range: LayerRange,
): Record<string, ort.Tensor> {
  const { channels, dims } = network.tensors[tensor]!;
  const thresholds = images.map(({ plan }) => thresholdOf(plan, found, range));
  const ofSums = thresholds.map((mean) => windowThreshold(mean, channels, found.window));
  const values =
    found.metric === 'sensitivity'
      ? [ofSums.map(({ threshold }) => threshold), ofSums.map(({ rounding }) => rounding)]
      : [thresholds];
  const feeds: Record<string, ort.Tensor> = { [inputNames.levels(tensor)]: imageIndexes(images.length, dims.length) };
  foundInputNames(tensor, found).forEach((name, which) => {
    const table = Float32Array.from(values[which]!.flatMap((value) => [value, value]));
    feeds[name] = new ort.Tensor('float32', table, [table.length]);
  });
  return feeds;
}

/**
 * A plan whose levels the graph finds, as the graph is fed: the sensitive positions get the entry behind that of the others. Its
 * inverse gives them the lowest level.
 */
function entriesOf({ plan }: PlannedImage, widths: readonly number[]): readonly number[] {
  return isInverseFound(plan) ? widths.toReversed() : widths;
}

function isInverseFound(plan: PrecisionPlan): boolean {
  return foundLevels(plan) !== null && metricParts(plan.metric as Metric).inverse;
}

/** The calibrated threshold of a tensor under a plan: the share that is low lies below it, or in the inverse above. */
export function thresholdOf(plan: PrecisionPlan, found: FoundLevels, range: LayerRange): number {
  const low = plan.shares?.[0] ?? 0;
  return thresholdOfShare(scoresOf(range, found), isInverseFound(plan) ? 1 - low : low);
}

/**
 * An image of a call of so many, with the levels that the graph found of it.
 * @param sensitive by tensor, the positions of all images
 */
export function withFound(
  image: PlannedImage,
  at: number,
  count: number,
  sensitive: readonly (Int32Array | null)[],
): PlannedImage {
  const isInverse = isInverseFound(image.plan);
  const found = sensitive.map((all) => {
    if (!all) return null;
    const positions = all.length / count;
    const levels = new Uint8Array(all.subarray(at * positions, (at + 1) * positions));
    if (isInverse) for (let position = 0; position < positions; position++) levels[position] = 1 - levels[position]!;
    return levels;
  });
  return { ...image, found };
}

function scalar(value: number): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.of(value), []);
}

/** Those that a session takes. */
export function fedTo(session: ort.InferenceSession, feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
}
