import { palletMeans, type PalletCounts } from './energy/pallets.ts';
import { activationKernels, type Address } from './kernels.ts';
import {
  activationCounts,
  countActivations,
  countAt8Bits,
  packedShare,
  palletsAt8Bits,
  type ActivationCounts,
  type CountsAt8Bits,
} from './layer-counts.ts';
import { type BlockRange, blocksOf, scaleCuts } from './precision/block-range.ts';
import {
  blockSteps,
  largestInteger,
  layerStep,
  passingLimit,
  type QuantiserInput,
  stepShare,
} from './precision/fake-quantisation.ts';
import { MAX_BITS } from './precision/precision-plan.ts';

/**
 * Room in the kernel's memory: activations that are written to it are counted where they are. It holds until the next is asked for.
 * @param floats its length
 * @param tensors that will be counted
 */
export function activationRoom(
  floats: number,
  tensors: readonly { readonly channels: number; readonly positions: number }[],
): Float32Array {
  const kernels = activationKernels();
  const beside = Math.max(...tensors.map(({ channels, positions }) => bytesBeside(channels, positions)));
  const room = kernels.roomOf(Float32Array.BYTES_PER_ELEMENT * floats, beside);
  return new Float32Array(kernels.memory.buffer, room, floats);
}

/** Bytes that counting a tensor takes at most: integers of two bytes, again without cropped positions, and what a position has. */
function bytesBeside(channels: number, positions: number): number {
  const row = positions + 64;
  // With ranges by block, a step and its inverse for every 16 channels.
  return 5 * channels * row + 32 * row + 2 ** 12;
}

const WIDTHS = Array.from({ length: MAX_BITS + 1 }, (_, bits) => bits);

/** A tensor in the kernel's memory, quantised; it stays until the next one comes. */
interface QuantisedTensor {
  /** Sums over the values: squares of the values and of the errors, clipped. */
  readonly signal: number;
  readonly noise: number;
  readonly clipped: number;
  /** @param kept only of the positions that have bits, moved together */
  readonly pallets: (kept: boolean) => { readonly counts: PalletCounts; readonly positions: number };
}

/**
 * Counts that need the activations, as they were before quantisation: what `countActivations` gives, to the bit, by vectors.
 * @param input see there
 */
export function kernelCounts(input: QuantiserInput): ActivationCounts {
  const tensor = quantised(input, true);
  if (!tensor) return countActivations(input);
  const { counts } = tensor.pallets(false);
  const kept = widthsOf(input.bits).includes(0) ? tensor.pallets(true) : null;
  return activationCounts(
    { ...tensor, values: input.values.length },
    counts,
    kept && packedShare(kept.counts, kept.positions / input.positions),
  );
}

/** The same had the tensor 8 bits throughout: `countAt8Bits`. */
export function kernelCountsAt8Bits(input: QuantiserInput): CountsAt8Bits {
  const tensor = quantised(input, false);
  return tensor ? palletsAt8Bits(tensor.pallets(false).counts) : countAt8Bits(input);
}

/** Tensors of one size and the same bits share a map, which nobody alters: it is looked through once. */
const knownWidths = new WeakMap<Uint8Array, readonly number[]>();

function widthsOf(bits: Uint8Array): readonly number[] {
  let widths = knownWidths.get(bits);
  if (!widths) knownWidths.set(bits, (widths = [...new Set(bits)]));
  return widths;
}

/** @returns null where a value is no number, infinite, or far beyond its range: the kernel's integers hold 16 bits and no more */
export function quantised(input: QuantiserInput, withNoise: boolean): QuantisedTensor | null {
  const { values, channels, positions, bits, unsigned, rangeMode, range, powerOfTwo, block } = input;
  const kernels = activationKernels();
  const isThere = values.buffer === kernels.memory.buffer;
  const activations = kernels.activationsOf(channels, positions, isThere ? values.byteOffset : 0);
  const byPosition = rangeMode === 'position';
  const steps = WIDTHS.map((width) => (byPosition ? stepShare(width, unsigned) : layerStep(width, unsigned, range)));
  if (!isThere) new Float32Array(kernels.memory.buffer, kernels.valuesOf(activations)).set(values);
  new Uint8Array(kernels.memory.buffer, kernels.bitsOf(activations)).set(bits);
  new Float32Array(kernels.memory.buffer, kernels.stepsOf(activations)).set(steps);
  const wide = widthsOf(bits).some((width) => width > 8);
  const largest = wide ? 0xffff : 0xff;
  if (block) giveBlockSteps(activations, input, block);
  if (
    !kernels.quantise(
      activations,
      block !== undefined,
      byPosition,
      powerOfTwo,
      unsigned,
      passingLimit(input),
      largest,
      withNoise,
    )
  )
    return null;
  const sums = () => new Float64Array(kernels.memory.buffer, kernels.sumsOf(activations), 8);
  const [signal, noise, clipped] = sums();
  return {
    signal: signal!,
    noise: noise!,
    clipped: clipped!,
    pallets: (kept) => {
      const counted = kernels.countPallets(activations, wide, kept, unsigned ? 0 : 1);
      const [, , , zeros, ones, steps, groupBits, palletBits] = sums();
      const means = palletMeans([zeros!, ones!, steps!, groupBits!, palletBits!], channels * counted);
      return { counts: means, positions: counted };
    },
  };
}

/** Finds the peaks of all blocks in the kernel, and gives it the steps that the reference makes of them. */
function giveBlockSteps(activations: Address, input: QuantiserInput, block: BlockRange): void {
  const { channels, positions, bits, unsigned } = input;
  const { memory, peaksOf, strideOf, topsOf, wideStepsOf } = activationKernels();
  const blocks = blocksOf(channels, block);
  const cut = scaleCuts(block);
  const at = peaksOf(activations, block.channels, cut);
  const stride = strideOf(activations);
  const inverses = new Float32Array(memory.buffer, at, stride * blocks);
  const wideSteps = new Float64Array(memory.buffer, wideStepsOf(activations), stride * blocks);
  const peaks = new Float32Array(positions * blocks);
  for (let row = 0; row < blocks; row++)
    peaks.set(inverses.subarray(row * stride, row * stride + positions), row * positions);
  // As the reference has it: a single channel has one range for all positions.
  if (channels === 1) peaks.fill(peaks.reduce((most, peak) => Math.max(most, peak), 0));
  const steps = blockSteps(peaks, input, block);
  for (let row = 0; row < blocks; row++)
    for (let position = 0; position < positions; position++) {
      const step = steps[row * positions + position]!;
      inverses[row * stride + position] = 1 / step;
      wideSteps[row * stride + position] = step;
    }
  if (!cut) return;
  const tops = new Float32Array(memory.buffer, topsOf(activations), positions);
  tops.set(Array.from(bits, (width) => largestInteger(width, unsigned)));
}
