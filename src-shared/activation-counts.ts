import { palletMeans, type PalletCounts } from './energy/pallets.ts';
import { activationKernels } from './kernels.ts';
import {
  activationCounts,
  countActivations,
  countAt8Bits,
  packedShare,
  palletsAt8Bits,
  type ActivationCounts,
  type CountsAt8Bits,
} from './layer-counts.ts';
import { layerStep, passingLimit, stepShare, type QuantiserInput } from './precision/fake-quantisation.ts';
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
  return 4 * channels * row + 16 * row + 2 ** 12;
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
  const kept = input.bits.includes(0) ? tensor.pallets(true) : null;
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

/** @returns null where a value is no number, infinite, or far beyond its range: the kernel's integers hold 16 bits and no more */
export function quantised(input: QuantiserInput, withNoise: boolean): QuantisedTensor | null {
  const { values, channels, positions, bits, unsigned, rangeMode, range, powerOfTwo } = input;
  const kernels = activationKernels();
  const isThere = values.buffer === kernels.memory.buffer;
  const activations = kernels.activationsOf(channels, positions, isThere ? values.byteOffset : 0);
  const byPosition = rangeMode === 'position';
  const steps = WIDTHS.map((width) => (byPosition ? stepShare(width, unsigned) : layerStep(width, unsigned, range)));
  if (!isThere) new Float32Array(kernels.memory.buffer, kernels.valuesOf(activations)).set(values);
  new Uint8Array(kernels.memory.buffer, kernels.bitsOf(activations)).set(bits);
  new Float32Array(kernels.memory.buffer, kernels.stepsOf(activations)).set(steps);
  const wide = bits.some((width) => width > 8);
  const largest = wide ? 0xffff : 0xff;
  if (!kernels.quantise(activations, byPosition, powerOfTwo, unsigned, passingLimit(input), largest, withNoise))
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
