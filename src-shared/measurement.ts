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
 * What one image under one plan gave at one layer. Bits are per activation value, 0..16. A count that was not taken is null.
 *
 * A pallet is what enters together in Stripes and its kin: 16 adjacent positions in row-major order, 16 channels at a time.
 * Lock-step counts charge all of it the most that one of its values takes; compacted ones do the same after positions of 0 bits
 * have been left out and the rest packed, or not, where that is no gain.
 */
export interface LayerCounts extends LayerGeometry {
  readonly meanBits: number;
  /** Each pallet at its widest value's bits. Never below `meanBits`, and equal to it for uniform bits. */
  readonly lockstepBits: number;
  /** Between `meanBits` and `lockstepBits`. */
  readonly compactedBits: number | null;
  /** The 128 rows of a crossbar at their widest value's bits (ISAAC). */
  readonly crossbarBits: number;
  /** Bits of the widest value: a machine with one width a tensor (TPU) takes its word size from it. */
  readonly maxBits: number;
  /**
   * Each position's width as a word of 4, 8 or 16 bits, as DRQ's array takes it; then each pallet at its widest. Counted where layers find
   * their own levels, else null.
   */
  readonly wordBits: number | null;
  readonly lockstepWordBits: number | null;
  /** Share of quantised values that are zero. */
  readonly zeroShare: number | null;
  /** Mean number of one-bits of the quantised magnitudes (Pragmatic's essential bits). */
  readonly nonZeroBits: number | null;
  /** Mean steps of a Pragmatic pallet (two-stage shifting, slowest lane decides). */
  readonly lockstepNonZeroBits: number | null;
  readonly compactedNonZeroBits: number | null;
  /** Bits that 16 channels of one position really need, leading zeros left out, the sign with them; nothing is lost. */
  readonly groupBits: number | null;
  /** The same of a pallet. */
  readonly palletBits: number | null;
  readonly compactedPalletBits: number | null;
  /** Had the layer been at uniform 8 bits with the same range mode, from the plain network's activations. */
  readonly zeroShareAt8: number | null;
  readonly nonZeroBitsAt8: number | null;
  readonly lockstepNonZeroBitsAt8: number | null;
  readonly groupBitsAt8: number | null;
  readonly palletBitsAt8: number | null;
  /** Share of values beyond the calibrated range. */
  readonly clippedShare: number | null;
  /** Signal-to-quantisation-noise ratio in dB; null when not counted or without noise. */
  readonly sqnrDb: number | null;
  /**
   * Bits of the map of levels that says which region has which width: cells x log2 levels, or a bit a position where the layer finds its
   * own; 0 when the whole layer has one width.
   */
  readonly levelMapBits: number;
  /** Bytes of the ranges that come with the values: an exponent for each position, or what the scales of blocks take; 0 with one range per layer. */
  readonly rangeExponents: number;
  /** Partial sums that an exact step of their position or block rescales; 0 with one range per layer, and where steps are powers of two. */
  readonly rescaledSums: number;
  /** Additions and comparisons that find the layer's own levels in its input, see `predictorSteps`; 0 where nothing does. */
  readonly predictorSteps: number;
  /** Absent where nothing is run before; all other counts are of the run itself, and what is priced or summed up has both. */
  readonly pass?: PassCounts;
}

/** A pass of the whole network before the one that answers: what it learns, that one is told. Charged beside it. */
export interface PassCounts {
  /** How often there was one for each image: 1, or of a mean over frames the share of those that had it. */
  readonly share: number;
  /** Of this layer, the same at every position. */
  readonly bits: number;
}

/**
 * Sums over the channels of one position that share a range: what the range applies to before all is added up.
 * @param shared channels, from the first on, that have one range at a position; default: all
 */
export function partialSums({ macs, inputShape: [channels], groups }: LayerGeometry, shared = channels): number {
  const channelsOfGroup = channels / groups;
  let sums = 0;
  for (let first = 0; first < channels; first += channelsOfGroup)
    sums += Math.floor((first + channelsOfGroup - 1) / shared) - Math.floor(first / shared) + 1;
  return (macs * sums) / channels;
}

/** One class of an answer. */
export interface ClassScore {
  readonly class: number;
  readonly label: string;
  /** 0..1 */
  readonly probability: number;
}

/** MAC-weighted mean bits over layers, as values pay them ideally, with those of a pass before; NaN without MACs. */
export function macWeightedBits(layers: readonly Pick<LayerCounts, 'macs' | 'meanBits' | 'pass'>[]): number {
  return macWeighted(layers, ({ meanBits }) => meanBits);
}

/** The same in lock-step, as the machines do that are published. */
export function macWeightedLockstepBits(
  layers: readonly Pick<LayerCounts, 'macs' | 'lockstepBits' | 'pass'>[],
): number {
  return macWeighted(layers, ({ lockstepBits }) => lockstepBits);
}

/** The same in groups of 16 channels of one position, which skip leading zeros; NaN where they were not counted. */
export function macWeightedGroupBits(layers: readonly Pick<LayerCounts, 'macs' | 'groupBits' | 'pass'>[]): number {
  return macWeighted(layers, ({ groupBits }) => groupBits ?? NaN);
}

/** What a pass before the run adds to the bits of a layer's activations, which are multiplied once more. */
export function bitsOfPass({ pass }: Pick<LayerCounts, 'pass'>): number {
  return pass ? pass.share * pass.bits : 0;
}

function macWeighted<Layer extends Pick<LayerCounts, 'macs' | 'pass'>>(
  layers: readonly Layer[],
  bitsOf: (layer: Layer) => number,
): number {
  let macs = 0;
  let bits = 0;
  for (const layer of layers) {
    macs += layer.macs;
    bits += layer.macs * (bitsOf(layer) + bitsOfPass(layer));
  }
  return bits / macs;
}
