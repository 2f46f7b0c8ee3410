/** Operators whose input activation is quantised. */
export type LayerOp = 'Conv' | 'Gemm' | 'MatMul';

/** What does not depend on the image or the plan: the geometry of one layer, for one image. */
export interface LayerGeometry {
  /** The node's name, else the name of its output. */
  readonly name: string;
  readonly op: LayerOp;
  /** Channels, height, width of the quantised input activation. */
  readonly inputShape: readonly [number, number, number];
  /** Positions before those of the map that stand for the whole image (the class token of a transformer); absent where there are none. */
  readonly leading?: number;
  readonly outputShape: readonly [number, number, number];
  /** Kernel height and width; 1 x 1 for Gemm and MatMul. */
  readonly kernel: readonly [number, number];
  readonly groups: number;
  /** Multiply-accumulates of one image. */
  readonly macs: number;
  /** Input activations of one image: channels x (height x width + leading). */
  readonly values: number;
  /** Weights, biases not counted. */
  readonly weights: number;
}

/** An operator that multiplies and is no layer: it is neither quantised nor priced. */
export interface LeftOutLayer {
  readonly name: string;
  readonly op: string;
  /** Of one image; null where that cannot be told. */
  readonly macs: number | null;
  /** In words that follow "is not quantised:". */
  readonly why: string;
}

/**
 * What one image under one plan gave at one layer. Bits are per activation value, 0..16.
 *
 * `lockstepBits` charges each pallet (16 adjacent positions in row-major order, all their channels entering 16 at a time)
 * its maximum: Stripes and Pragmatic. `crossbarBits` charges the 128 rows of a crossbar their maximum: ISAAC.
 * Both are never below `meanBits` and equal it for uniform bits.
 */
export interface LayerCounts extends LayerGeometry {
  readonly meanBits: number;
  readonly lockstepBits: number;
  readonly crossbarBits: number;
  /** Bits of the widest value: a machine with one width a tensor (TPU) takes its word size from it. */
  readonly maxBits: number;
  /** Share of quantised values that are zero, or null when not counted. */
  readonly zeroShare: number | null;
  /** Mean number of one-bits of the quantised magnitudes (Pragmatic's essential bits), or null. */
  readonly nonZeroBits: number | null;
  /** Mean steps of a Pragmatic pallet (two-stage shifting, slowest lane decides), or null. */
  readonly lockstepNonZeroBits: number | null;
  /** `nonZeroBits` had the layer been at uniform 8 bits with the same range mode, or null. */
  readonly nonZeroBitsAt8: number | null;
  readonly lockstepNonZeroBitsAt8: number | null;
  /** Share of values beyond the calibrated range, or null. */
  readonly clippedShare: number | null;
  /** Signal-to-quantisation-noise ratio in dB; null when not counted or without noise. */
  readonly sqnrDb: number | null;
  /** Groups of 16 channel-adjacent values that carry a width of their own; 0 when the whole layer has one width. */
  readonly precisionGroups: number;
  /** Positions that carry a range exponent of their own; 0 with one range per layer. */
  readonly rangeExponents: number;
}

/** One class of an answer. */
export interface ClassScore {
  readonly class: number;
  readonly label: string;
  /** 0..1 */
  readonly probability: number;
}

/** MAC-weighted mean bits over layers; NaN without MACs. */
export function macWeightedBits(layers: readonly Pick<LayerCounts, 'macs' | 'meanBits'>[]): number {
  let macs = 0;
  let bits = 0;
  for (const layer of layers) {
    macs += layer.macs;
    bits += layer.macs * layer.meanBits;
  }
  return bits / macs;
}
