import { builtinAccelerator } from '../../src-shared/energy/accelerators/builtin.ts';
import type { EnergyMode } from '../../src-shared/energy/energy-mode.ts';
import { layerEnergies } from '../../src-shared/energy/energy.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';
import { atUniformBits } from '../../src-shared/uniform-counts.ts';

/** What is drawn of one layer: a bar, a tick across it, and an outline around what it would have been. */
export interface LayerBar extends Readonly<Record<EnergyMode, number>> {
  readonly name: string;
  readonly uniform8: number;
}

const BASELINE_BITS = 8;

export function bitsBars(layers: readonly LayerCounts[]): LayerBar[] {
  return layers.map(({ name, meanBits, compactedBits, lockstepBits }) => ({
    name,
    ideal: meanBits,
    compacted: compactedBits ?? lockstepBits,
    lockstep: lockstepBits,
    uniform8: BASELINE_BITS,
  }));
}

/** Compute energy in picojoules, layer by layer; null where the accelerator's counts were not taken. */
export function energyBars(layers: readonly LayerCounts[], acceleratorId: string): LayerBar[] | null {
  const accelerator = builtinAccelerator(acceleratorId);
  const ideal = layerEnergies(accelerator, layers, 'ideal');
  const compacted = layerEnergies(accelerator, layers, 'compacted');
  const lockstep = layerEnergies(accelerator, layers, 'lockstep');
  const uniform8 = layerEnergies(
    accelerator,
    layers.map((layer) => atUniformBits(layer, BASELINE_BITS)),
    'lockstep',
  );
  if (!ideal || !compacted || !lockstep || !uniform8) return null;
  return layers.map(({ name }, index) => ({
    name,
    ideal: ideal[index]?.computePicojoules ?? NaN,
    compacted: compacted[index]?.computePicojoules ?? NaN,
    lockstep: lockstep[index]?.computePicojoules ?? NaN,
    uniform8: uniform8[index]?.computePicojoules ?? NaN,
  }));
}
