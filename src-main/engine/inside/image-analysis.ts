import type { AnalysisTimings, ImportanceResult } from '../../../src-shared/analysis.ts';
import { importanceMap, inverted, seedOfImage } from '../../../src-shared/importance/importance.ts';
import { cellsOfMap, type ValueMap } from '../../../src-shared/importance/value-map.ts';
import { activationRoom, kernelCounts, kernelCountsAt8Bits } from '../../../src-shared/activation-counts.ts';
import {
  countLayer,
  countLogActivations,
  type ActivationCounts,
  type CountsAt8Bits,
} from '../../../src-shared/layer-counts.ts';
import { logLevelsOf, rangeOf, type LayerRange } from '../../../src-shared/precision/layer-range.ts';
import type { LayerCounts } from '../../../src-shared/measurement.ts';
import { levelMap } from '../../../src-shared/precision/level-map.ts';
import { meanLevels } from '../../../src-shared/precision/bit-map.ts';
import {
  foundLevels,
  planOfPass,
  type PrecisionPlan,
  saliencyPass,
} from '../../../src-shared/precision/precision-plan.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { isPixelMetric, metricParts } from '../../../src-shared/precision/metrics.ts';
import { isOneWidth } from '../../../src-shared/runs/policies.ts';
import { toTensor, visibleRectangle, type Preprocessing } from '../../../src-shared/preprocessing.ts';
import { softmax } from '../../../src-shared/softmax.ts';
import type { Grid, Rectangle } from '../../../src-shared/image.ts';
import type { MapFile } from '../../datasets/map-files.ts';
import type { LoadedImage } from '../../images/image-file.ts';
import { invalid, loadMap, requireShape } from '../../images/map-file.ts';
import type { ActivationRoom } from '../../network/network-calls.ts';
import type { Network } from '../../network/network.ts';
import type { PlannedImage } from '../../network/level-maps.ts';
import { positionsOf } from '../../network/tensor-place.ts';
import { decodedImage } from './decoded-images.ts';
import { type AnsweringModel, answeringModel } from '../answering-model.ts';
import type { OpenedModel } from './opened-model.ts';
import { saliencyKey } from './saliency-key.ts';

/** An image in an engine: decoded, with what has been computed of it so far. */
export interface PreparedImage {
  readonly path: string;
  readonly loaded: LoadedImage;
  /** The network's input. */
  readonly pixels: Float32Array;
  /** Probabilities of the plain network, once computed; null also where its scores are not finite. */
  baseline: Float32Array | null;
  /** Counts at uniform 8 bits, once computed, by {@link EightBits.key}. */
  readonly at8Bits: Map<string, readonly CountsAt8Bits[]>;
  /** The importance that came with it, over what the network sees of it; null where none did. */
  readonly given: GivenImportance | null;
  /** Class-activation maps that have been found for it, and how many passes it took (0 or 1); by `saliencyKey`. */
  readonly saliency: Map<string, { readonly map: ValueMap; readonly passes: number }>;
  /** Scores under plans that it has been run under for the sake of the frame after it, by `saliencyKey`. */
  readonly answers: Map<string, Float32Array>;
  /** By metric, regions and seed. */
  readonly importance: Map<string, Float32Array>;
}

/** One image under one plan, as it leaves the engine. */
export interface ImageMeasurement {
  readonly image: {
    readonly sha256: string;
    readonly width: number;
    readonly height: number;
    readonly remarks: readonly string[];
  };
  /** Probabilities by class. */
  readonly baseline: Float32Array;
  readonly quantised: Float32Array;
  readonly importance: ImportanceResult;
  readonly layers: readonly LayerCounts[];
  /** The model that measured, which may have been changed since it was first opened. */
  readonly model: AnsweringModel;
  readonly timings: AnalysisTimings;
}

/** A map of the whole photo, and where in it lies what the network sees. */
interface GivenImportance {
  readonly map: ValueMap;
  readonly view: Rectangle;
}

/**
 * @param pixels receives the network's input
 * @param map the importance that comes with the image
 */
export async function prepareImage(
  path: string,
  preprocessing: Preprocessing,
  pixels: Float32Array,
  map: MapFile | null = null,
): Promise<PreparedImage> {
  const loaded = await decodedImage(path, preprocessing);
  toTensor(loaded.image, preprocessing, pixels);
  const given = map && (await givenImportance(map, loaded, preprocessing));
  return {
    path,
    loaded,
    pixels,
    baseline: null,
    at8Bits: new Map(),
    given,
    saliency: new Map(),
    answers: new Map(),
    importance: new Map(),
  };
}

/** The map goes through the photo's own resize and crop: cells see the same places in both. */
async function givenImportance(
  { path, sha256 }: MapFile,
  { width, height }: LoadedImage,
  preprocessing: Preprocessing,
): Promise<GivenImportance> {
  const map = await loadMap(path);
  if (map.sha256 !== sha256) throw invalid(path, 'it was changed after the work had begun');
  requireShape(path, map, { width, height });
  const { left, right, top, bottom } = visibleRectangle(width, height, preprocessing);
  const [across, down] = [map.width / width, map.height / height];
  return { map, view: { left: left * across, right: right * across, top: top * down, bottom: bottom * down } };
}

/**
 * The plan's grid over the image, and the importance of each cell, computed once per metric, grid and seed.
 */
export function planImage(image: PreparedImage, plan: PrecisionPlan): PlannedImage {
  const grid = { rows: plan.regions, columns: plan.regions };
  const seed = seedOfImage(plan, image.loaded.sha256);
  const saliency = saliencyPass(plan) ? saliencyKey(plan) : '';
  const key = `${plan.metric} ${plan.combinedWeights?.join() ?? ''} ${plan.regions} ${seed} ${saliency}`;
  let values = image.importance.get(key);
  if (!values) {
    values = importanceOfCells(image, plan, grid, seed);
    image.importance.set(key, values);
  }
  return { plan, grid, values };
}

function importanceOfCells(image: PreparedImage, plan: PrecisionPlan, grid: Grid, seed: number): Float32Array {
  const { name, inverse } = metricParts(plan.metric);
  if (isPixelMetric(name)) return importanceMap(image.loaded.image, grid, plan.metric, seed, plan.combinedWeights);
  const cells = name === 'given' ? givenCells(image, grid) : saliencyCells(image, plan, grid);
  return inverse ? inverted(cells) : cells;
}

function givenCells({ given, path }: PreparedImage, grid: Grid): Float32Array {
  if (given) return cellsOfMap(given.map, grid, given.view);
  throw new FoveaError('map-missing', `${path}: metric given needs an importance map`, 'Name one with --maps.');
}

/** The map covers what the network sees. A single level needs none. */
function saliencyCells({ saliency }: PreparedImage, plan: PrecisionPlan, grid: Grid): Float32Array {
  if (!saliencyPass(plan)) return new Float32Array(grid.rows * grid.columns);
  return cellsOfMap(saliency.get(saliencyKey(plan))!.map, grid);
}

/**
 * An image alone goes in twice: ONNX Runtime multiplies a single row by a matrix in another order than several rows, and a result
 * must not depend on how many images happened to share its call.
 */
export function inCompany<Item>(items: readonly Item[]): readonly Item[] {
  return items.length === 1 ? [items[0]!, items[0]!] : items;
}

/** All that decides the steps of uniform 8 bits, which a plan's counts are held against. */
export interface EightBits {
  readonly plan: Pick<PrecisionPlan, 'range' | 'powerOfTwo' | 'block'>;
  /** By tensor. */
  readonly ranges: readonly LayerRange[] | null;
  readonly key: string;
}

/** @returns null where a plan's values are no integers */
export function eightBitsOf(plan: PrecisionPlan, ranges: readonly LayerRange[] | null): EightBits | null {
  const { quantiser, range, powerOfTwo, block } = plan;
  if (quantiser !== 'linear') return null;
  const own = { range, powerOfTwo, ...(block ? { block } : {}) };
  // Ranges that only thresholds come from do not change them.
  const used = range === 'layer' ? ranges : null;
  return { plan: own, ranges: used, key: JSON.stringify([own, used]) };
}

/**
 * Runs the plain network where that has not been done, all images in one batch; an image may be in it twice.
 * @param eightBits counts that are wanted of its activations, too
 */
export async function runBaseline(
  network: Network,
  model: OpenedModel,
  images: readonly PreparedImage[],
  eightBits: readonly EightBits[] = [],
): Promise<void> {
  const missing = images.filter(({ baseline, at8Bits }) => !baseline || eightBits.some(({ key }) => !at8Bits.has(key)));
  if (missing.length === 0) return;
  const pixels = batch(missing.map((image) => image.pixels));
  const wanted = eightBits.length > 0 && roomIn(network);
  const { scores, activations } = await network.plain(pixels, missing.length, wanted);
  const activationsOf = activations.map((values) => split(values, missing.length));
  for (const [index, own] of split(scores, missing.length).entries()) {
    const image = missing[index]!;
    image.baseline ??= probabilities(own, model);
    for (const reference of eightBits)
      if (!image.at8Bits.has(reference.key))
        image.at8Bits.set(
          reference.key,
          countsAt8Bits(
            network,
            activationsOf.map((values) => values[index]!),
            reference,
          ),
        );
  }
}

/** Has a network write its activations where they are counted. */
export function roomIn(network: Network): ActivationRoom {
  const tensors = network.tensors.map((shape) => ({ channels: shape.channels, positions: positionsOf(shape) }));
  return (floats) => activationRoom(floats, tensors);
}

/** Inputs of one length, one after another: as they are where they follow each other in memory already. */
export function batch(pixels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = pixels;
  const { length, byteLength, byteOffset } = first;
  const follow = pixels.every(
    (own, index) => own.buffer === first.buffer && own.byteOffset === byteOffset + index * byteLength,
  );
  if (follow) return new Float32Array(first.buffer, byteOffset, length * pixels.length);
  const joined = new Float32Array(length * pixels.length);
  pixels.forEach((own, index) => joined.set(own, index * length));
  return joined;
}

/** The parts of a batch, as they lie. */
export function split(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, index) => values.subarray(index * length, (index + 1) * length));
}

/**
 * Probabilities by class. A network of a single score tells two classes apart: the score is the second one's.
 * @returns null where a score is not finite: then there is no answer
 */
export function probabilities(
  scores: Float32Array,
  { outputKind }: Pick<OpenedModel, 'outputKind'>,
): Float32Array | null {
  if (!scores.every(Number.isFinite)) return null;
  if (scores.length === 1) {
    const second = outputKind === 'logits' ? 1 / (1 + Math.exp(-scores[0]!)) : scores[0]!;
    return Float32Array.of(1 - second, second);
  }
  return outputKind === 'logits' ? softmax(scores) : scores;
}

export function notFinite(path: string, network: string): FoveaError {
  return new FoveaError(
    'scores-not-finite',
    `${path}: ${network} gives scores that are not finite numbers, which is no answer`,
    network === PLAIN ? 'Check the preprocessing of the model, and its weights.' : 'Give the plan more bits.',
  );
}

export const PLAIN = 'the plain network';

/**
 * One image under one plan against the plain network.
 * @param ranges by tensor, calibrated; needed for range `layer`
 * @param withCounts count zeros, one-bits, clipping and noise too
 */
export async function analyseImage(
  network: Network,
  model: OpenedModel,
  image: PreparedImage,
  plan: PrecisionPlan,
  ranges: readonly LayerRange[] | null,
  withCounts: boolean,
  decodeMs: number,
): Promise<ImageMeasurement> {
  const start = performance.now();
  const mask = planImage(image, plan);
  const importanceMs = performance.now() - start;
  // What is kept has to be what a folder run would have found; what follows a slider, without all counts, is shown and forgotten.
  const multipliesRows = network.layers.some(({ op }) => op !== 'Conv');
  const eightBits = withCounts ? eightBitsOf(plan, ranges) : null;
  await runBaseline(network, model, multipliesRows ? inCompany([image]) : [image], eightBits ? [eightBits] : []);
  if (!image.baseline) throw notFinite(image.path, PLAIN);
  const calls = multipliesRows && withCounts ? inCompany([mask]) : [mask];
  const room = withCounts && roomIn(network);
  const output = await network.quantised(batch(calls.map(() => image.pixels)), calls, ranges, room);
  const [planned] = output.planned as readonly [PlannedImage];
  const scores = split(output.scores, calls.length)[0]!;
  const activations = output.activations.map((values) => split(values, calls.length)[0]!);
  const inferenceMs = performance.now() - start - importanceMs;
  const quantised = probabilities(scores, model);
  if (!quantised) throw notFinite(image.path, 'the network under this plan');
  const at8Bits = eightBits && image.at8Bits.get(eightBits.key)!;
  const layers = layerCounts(network, planned, ranges, withCounts ? activations : null, at8Bits, passesOf(image, plan));
  const { sha256, width, height, remarks } = image.loaded;
  return {
    image: { sha256, width, height, remarks },
    baseline: image.baseline,
    quantised,
    importance: importanceOf(network, planned),
    layers,
    model: answeringModel(model),
    timings: { decodeMs, importanceMs, inferenceMs, totalMs: decodeMs + performance.now() - start },
  };
}

/** The map that a plan's levels come from; where the graph found them, each layer's own, and what they have in common. */
function importanceOf(network: Network, { found, ...planned }: PlannedImage): ImportanceResult {
  const { plan, grid } = planned;
  const levelMaps = found && foundMaps(network, found);
  const values = levelMaps ? meanLevels(network.layers, levelMaps, grid) : planned.values;
  return {
    metric: plan.metric,
    grid: [grid.rows, grid.columns],
    values: Array.from(values),
    levels: Array.from(levelMap({ ...planned, values })),
    ...(levelMaps ? { levelMaps } : {}),
  };
}

function foundMaps({ layers, tensorOfLayer }: Network, found: readonly (Uint8Array | null)[]): Record<string, string> {
  return Object.fromEntries(
    layers.flatMap(({ name }, index) => {
      const own = found[tensorOfLayer[index]!];
      return own ? [[name, own.join('')]] : [];
    }),
  );
}

/** Passes that an image took before its run under a plan; null where the plan has none run. */
export function passesOf({ saliency }: PreparedImage, plan: PrecisionPlan): number | null {
  return saliencyPass(plan) ? saliency.get(saliencyKey(plan))!.passes : null;
}

/**
 * The counts of all layers; those of the activations only where `activations` are given.
 * @param passes see {@link passesOf}
 */
export function layerCounts(
  network: Network,
  planned: PlannedImage,
  ranges: readonly LayerRange[] | null,
  activations: readonly Float32Array[] | null,
  at8Bits: readonly CountsAt8Bits[] | null,
  passes: number | null = null,
): LayerCounts[] {
  const { plan } = planned;
  const bitsOfPass = passes ? network.tensorBits(planOfPass(plan, plan.saliency!.bits)) : null;
  const maps = network.tensors.map((_, tensor) => network.bitsOf(tensor, planned));
  const counted = maps.map((bits, tensor): ActivationCounts | null => {
    if (!activations) return null;
    const input = quantiserInput(network, tensor, activations[tensor]!, bits, plan, ranges);
    if (plan.quantiser === 'linear') return kernelCounts(input);
    const range = ranges?.[tensor] ?? 0;
    const byWidth = new Map([...new Set(bits)].map((width) => [width, logLevelsOf(range, width, input.unsigned)]));
    return countLogActivations(input, (position) => byWidth.get(bits[position]!)!);
  });
  const found = foundLevels(plan);
  return network.layers.map((layer, index) => {
    const tensor = network.tensorOfLayer[index]!;
    const pass = passes === null ? null : { share: passes, bits: bitsOfPass?.[tensor]![0] ?? 0 };
    const finds = found && network.findsLevels(tensor) && !isOneWidth(network.tensorBits(plan)[tensor]!);
    const own = finds ? { ...found, first: network.tensorOfLayer.indexOf(tensor) === index } : null;
    return countLayer(layer, maps[tensor]!, plan, counted[tensor] ?? null, at8Bits?.[tensor] ?? null, {
      found: own,
      pass,
    });
  });
}

/** Counts had every layer 8 bits. @param activations the plain network's, by tensor */
function countsAt8Bits(
  network: Network,
  activations: readonly Float32Array[],
  { plan, ranges }: EightBits,
): CountsAt8Bits[] {
  return activations.map((values, tensor) =>
    kernelCountsAt8Bits(quantiserInput(network, tensor, values, network.uniformBits(tensor, 8), plan, ranges)),
  );
}

function quantiserInput(
  network: Network,
  tensor: number,
  values: Float32Array,
  bits: Uint8Array,
  plan: EightBits['plan'],
  ranges: readonly LayerRange[] | null,
) {
  const { channels } = network.tensors[tensor]!;
  return {
    values,
    channels,
    positions: positionsOf(network.tensors[tensor]!),
    bits,
    unsigned: network.isUnsigned(tensor),
    rangeMode: plan.range,
    range: rangeOf(ranges?.[tensor] ?? 0),
    powerOfTwo: plan.powerOfTwo,
    block: plan.block,
  };
}
