import { builtinAccelerators } from '../../src-shared/accelerators/builtin.ts';
import { acceleratorLabel } from '../../src-shared/accelerators/accelerator.ts';
import type { EnergyEstimate } from '../../src-shared/energy.ts';

/** One accelerator's cost, with both ways of counting side by side. */
export interface EnergyRow {
  readonly id: string;
  readonly name: string;
  /** The name, with a warning where a figure is not confirmed. */
  readonly label: string;
  readonly ideal: EnergyEstimate | null;
  readonly lockstep: EnergyEstimate | null;
}

/** The accelerator shown first: bit-serial, and the simplest. */
export const FIRST_ACCELERATOR = 'stripes';

/** A row for each accelerator, also for one whose counts were not taken, so that rows never move. */
export function energyRows(estimates: readonly EnergyEstimate[]): EnergyRow[] {
  return builtinAccelerators().map((accelerator) => {
    const of = (mode: EnergyEstimate['mode']) =>
      estimates.find((estimate) => estimate.accelerator === accelerator.id && estimate.mode === mode) ?? null;
    return {
      id: accelerator.id,
      name: accelerator.name,
      label: acceleratorLabel(accelerator),
      ideal: of('ideal'),
      lockstep: of('lockstep'),
    };
  });
}

/** Compute energy as a share of the 16-bit bit-parallel baseline; NaN without an estimate. */
export function parallelShare(estimate: EnergyEstimate | null): number {
  return estimate ? 1 - estimate.savedVs16bitParallel : NaN;
}

/** Compute energy of the same machine at uniform 8 bits, as a share of the 16-bit bit-parallel baseline. */
export function uniform8Share(row: EnergyRow): number {
  const references = (row.lockstep ?? row.ideal)?.references;
  return references ? references.uniform8.computePicojoules / references.bitParallel16.computePicojoules : NaN;
}
