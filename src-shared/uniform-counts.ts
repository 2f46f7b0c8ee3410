import type { LayerCounts, LayerGeometry } from './measurement.ts';

/** The counts of a layer that has one width, of whose activations nothing is known. */
export function uniformCounts(geometry: LayerGeometry, bits: number): LayerCounts {
  return {
    ...withoutPass(geometry),
    meanBits: bits,
    lockstepBits: bits,
    compactedBits: bits,
    crossbarBits: bits,
    maxBits: bits,
    wordBits: null,
    lockstepWordBits: null,
    zeroShare: null,
    nonZeroBits: null,
    lockstepNonZeroBits: null,
    compactedNonZeroBits: null,
    groupBits: null,
    palletBits: null,
    compactedPalletBits: null,
    zeroShareAt8: null,
    nonZeroBitsAt8: null,
    lockstepNonZeroBitsAt8: null,
    groupBitsAt8: null,
    palletBitsAt8: null,
    clippedShare: null,
    sqnrDb: null,
    levelMapBits: 0,
    rangeExponents: 0,
    rescaledSums: 0,
    predictorSteps: 0,
  };
}

/** A counted layer is a geometry, too; what was run before it is not. */
function withoutPass(geometry: LayerGeometry & Pick<LayerCounts, 'pass'>): LayerGeometry {
  const { pass, ...own } = geometry;
  return pass ? own : geometry;
}

/**
 * What the pass before a run costs a layer, null where there was none. Its activations are not counted: machines that skip zeros or
 * leading zeros are charged its whole width. Its ranges are of the run's own kind; it has no map of levels.
 */
export function countsOfPass(layer: LayerCounts): LayerCounts | null {
  if (!layer.pass) return null;
  const { bits } = layer.pass;
  return {
    ...uniformCounts(layer, bits),
    zeroShare: 0,
    nonZeroBits: bits,
    lockstepNonZeroBits: bits,
    compactedNonZeroBits: bits,
    groupBits: bits,
    palletBits: bits,
    compactedPalletBits: bits,
    zeroShareAt8: layer.zeroShareAt8,
    rangeExponents: layer.rangeExponents,
    rescaledSums: layer.rescaledSums,
  };
}

/**
 * A counted layer as if it had one width and one range. What its activations would be is known at 8 bits, which were counted
 * beside the plan, and at 0, where there are none.
 */
export function atUniformBits(layer: LayerCounts, bits: number): LayerCounts {
  const counts = uniformCounts(layer, bits);
  if (bits === 0)
    return {
      ...counts,
      zeroShare: layer.zeroShareAt8 === null ? null : 1,
      zeroShareAt8: layer.zeroShareAt8,
      nonZeroBits: 0,
      lockstepNonZeroBits: 0,
      compactedNonZeroBits: 0,
      groupBits: 0,
      palletBits: 0,
      compactedPalletBits: 0,
    };
  if (bits !== 8) return { ...counts, zeroShareAt8: layer.zeroShareAt8 };
  return {
    ...counts,
    zeroShare: layer.zeroShareAt8,
    zeroShareAt8: layer.zeroShareAt8,
    nonZeroBits: layer.nonZeroBitsAt8,
    lockstepNonZeroBits: layer.lockstepNonZeroBitsAt8,
    compactedNonZeroBits: layer.lockstepNonZeroBitsAt8,
    groupBits: layer.groupBitsAt8,
    palletBits: layer.palletBitsAt8,
    compactedPalletBits: layer.palletBitsAt8,
  };
}

/** The same at 8 bits as a plan of its own: what was counted of its activations is known of it, too. */
export function asUniform8(layer: LayerCounts): LayerCounts {
  const { zeroShareAt8, nonZeroBitsAt8, lockstepNonZeroBitsAt8, groupBitsAt8, palletBitsAt8 } = layer;
  return {
    ...atUniformBits(layer, 8),
    zeroShareAt8,
    nonZeroBitsAt8,
    lockstepNonZeroBitsAt8,
    groupBitsAt8,
    palletBitsAt8,
  };
}
