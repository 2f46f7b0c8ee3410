import type { LayerCounts } from '../measurement.ts';
import type { Accelerator } from './accelerators/parameters.ts';
import { builtinAccelerators } from './accelerators/builtin.ts';
import { DEFAULT_ENERGY_MODE, ENERGY_MODES, type EnergyMode } from './energy-mode.ts';
import { DEFAULT_SWITCHES, type EnergySwitches } from './energy-switches.ts';
import { estimateAll, type EnergyOptions, type EnergyReport } from './energy.ts';

/** What is to be priced, and how: the same for every command and for the window. */
export interface PriceOrder {
  readonly accelerators: readonly Accelerator[];
  readonly modes: readonly EnergyMode[];
  /** Those of tables for people. */
  readonly shownModes: readonly EnergyMode[];
  readonly switches: EnergySwitches;
}

/** All accelerators in all modes, lock-step shown. */
export function defaultPricing(accelerators: readonly Accelerator[] = builtinAccelerators()): PriceOrder {
  return { accelerators, modes: ENERGY_MODES, shownModes: [DEFAULT_ENERGY_MODE], switches: DEFAULT_SWITCHES };
}

export function price(
  { accelerators, modes, switches }: PriceOrder,
  layers: readonly LayerCounts[],
  options: Pick<EnergyOptions, 'staticProfile' | 'leftOut'> = {},
): EnergyReport {
  return estimateAll(accelerators, layers, { ...switches, ...options, modes });
}
