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

/** Where a bar stands, in pixels. */
export interface BarPlace {
  readonly left: number;
  readonly width: number;
}

const LEAST_WIDTH = 3;

/** Bars side by side over `width` pixels, each as wide as its layer's share of the MACs, and none too thin to be pressed. */
export function barPlaces(macs: readonly number[], width: number): BarPlace[] {
  const gap = macs.length > 40 ? 1 : 3;
  const free = Math.max(0, width - gap * (macs.length - 1) - LEAST_WIDTH * macs.length);
  const sum = macs.reduce((total, value) => total + value, 0) || 1;
  let left = 0;
  return macs.map((value) => {
    const place = { left, width: LEAST_WIDTH + (free * value) / sum };
    left += place.width + gap;
    return place;
  });
}

/** Rising values from 0 to a round one that is no less than `highest`: at most four steps. */
export function niceTicks(highest: number): number[] {
  if (!(highest > 0)) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(highest / 2));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size * 4 >= highest) ?? 10 * power;
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, index) => index * step);
}
