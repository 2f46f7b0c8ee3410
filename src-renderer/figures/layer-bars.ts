import { builtinAccelerator } from '../../src-shared/energy/accelerators/builtin.ts';
import { layerEnergies } from '../../src-shared/energy/energy.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';

/** What is drawn of one layer: a bar, a tick across it, and an outline around what it would have been. */
export interface LayerBar {
  readonly name: string;
  readonly ideal: number;
  readonly lockstep: number;
  readonly uniform8: number;
}

const BASELINE_BITS = 8;

export function bitsBars(layers: readonly LayerCounts[]): LayerBar[] {
  return layers.map(({ name, meanBits, lockstepBits }) => ({
    name,
    ideal: meanBits,
    lockstep: lockstepBits,
    uniform8: BASELINE_BITS,
  }));
}

/** Compute energy in picojoules, layer by layer; null where the accelerator's counts were not taken. */
export function energyBars(layers: readonly LayerCounts[], acceleratorId: string): LayerBar[] | null {
  const accelerator = builtinAccelerator(acceleratorId);
  const ideal = layerEnergies(accelerator, layers, 'ideal');
  const lockstep = layerEnergies(accelerator, layers, 'lockstep');
  const uniform8 = layerEnergies(accelerator, layers.map(atUniform8), 'lockstep');
  if (!ideal || !lockstep || !uniform8) return null;
  return layers.map(({ name }, index) => ({
    name,
    ideal: ideal[index]?.computePicojoules ?? NaN,
    lockstep: lockstep[index]?.computePicojoules ?? NaN,
    uniform8: uniform8[index]?.computePicojoules ?? NaN,
  }));
}

/** The counts of the same layer at 8 bits everywhere, which needs no widths or exponents beside the values. */
function atUniform8(layer: LayerCounts): LayerCounts {
  return {
    ...layer,
    meanBits: BASELINE_BITS,
    lockstepBits: BASELINE_BITS,
    crossbarBits: BASELINE_BITS,
    maxBits: BASELINE_BITS,
    nonZeroBits: layer.nonZeroBitsAt8,
    lockstepNonZeroBits: layer.lockstepNonZeroBitsAt8,
    precisionGroups: 0,
    rangeExponents: 0,
  };
}
