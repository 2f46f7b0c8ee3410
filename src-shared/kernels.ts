import type { RgbImage } from './image.ts';
import { KERNELS_WASM } from './kernels.wasm.ts';

/** Address in the memory of the kernels. */
export type Address = number;

/**
 * The loops over pixels and activations: WebAssembly, vectors of 128 bits. Their sources in `kernels/`, AssemblyScript, say what each does;
 * `node resources/kernels/compile.ts` compiles them. What they return stays until the next image, or tensor, comes.
 */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  rgbOf(width: number, height: number): Address;
  planesOf(rgb: Address, width: number, height: number): Address;
  lumaOf(planes: Address): Address;
  rowOf(y: number, width: number): number;
  colourGradient(planes: Address): Address;
  harrisResponse(planes: Address): Address;
  corners(planes: Address): Address;
  cellMeans(planes: Address, values: Address, rows: number, columns: number): Address;
  lumaEntropy(planes: Address, rows: number, columns: number): Address;
  roomOf(bytes: number, beside: number): Address;
  activationsOf(channels: number, positions: number, values: Address): Address;
  valuesOf(activations: Address): Address;
  bitsOf(activations: Address): Address;
  stepsOf(activations: Address): Address;
  sumsOf(activations: Address): Address;
  peaksOf(activations: Address, channelsOfRow: number, cut: boolean): Address;
  strideOf(activations: Address): number;
  wideStepsOf(activations: Address): Address;
  topsOf(activations: Address): Address;
  quantise(
    activations: Address,
    byBlock: boolean,
    byPosition: boolean,
    powerOfTwo: boolean,
    unsigned: boolean,
    limit: number,
    largest: number,
    withNoise: boolean,
  ): number;
  countPallets(activations: Address, wide: boolean, kept: boolean, signBits: number): number;
  clearRoom(): void;
  roomFor(bytes: number): Address;
  resampleRows(
    source: Address,
    sourceBytes: number,
    rows: number,
    starts: Address,
    weights: Address,
    taps: number,
    columns: number,
    out: Address,
  ): void;
  resampleColumns(source: Address, bytes: number, weights: Address, taps: number, out: Address): void;
}

let ofPixels: Kernels | undefined;
let ofActivations: Kernels | undefined;

/** Compiled when first asked for. */
export function kernels(): Kernels {
  return (ofPixels ??= instantiate());
}

/** The same with a memory of their own, since images and activations come and go at different times. */
export function activationKernels(): Kernels {
  return (ofActivations ??= instantiate());
}

function instantiate(): Kernels {
  const bytes = Uint8Array.from(atob(KERNELS_WASM), (character) => character.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  // A module says no more of its exports than that they take and give numbers; the tests call each of them.
  return exports as unknown as Kernels;
}

/** Brings an image to the kernels, as planes; it takes the place of the one before and of all that was computed from it. */
export function imagePlanes({ width, height, data }: RgbImage): Address {
  const { memory, planesOf, rgbOf } = kernels();
  const rgb = rgbOf(width, height);
  new Uint8Array(memory.buffer).set(data, rgb);
  return planesOf(rgb, width, height);
}

/**
 * The pixels of a plane, row by row.
 * @param kind of its values
 */
export function planePixels<Values extends Uint8Array | Float32Array>(
  plane: Address,
  { width, height }: RgbImage,
  kind: { new (length: number): Values; new (buffer: ArrayBuffer, byteOffset: number): Values },
): Values {
  const { memory, rowOf } = kernels();
  const values = new kind(memory.buffer, plane);
  const pixels = new kind(width * height);
  for (let y = 0; y < height; y++) pixels.set(values.subarray(rowOf(y, width), rowOf(y, width) + width), y * width);
  return pixels;
}
