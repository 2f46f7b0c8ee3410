import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { acceleratorLabel } from '../../src-shared/energy/accelerators/accelerator.ts';
import type { EnergyMode } from '../../src-shared/energy/energy-mode.ts';
import type { EnergyEstimate } from '../../src-shared/energy/energy.ts';

/** One accelerator's cost, with the ways of counting side by side. */
export interface EnergyRow extends Readonly<Record<EnergyMode, EnergyEstimate | null>> {
  readonly id: string;
  readonly name: string;
  /** The name, with a warning where a figure is not confirmed. */
  readonly label: string;
  /** The estimates are those of an earlier plan, shown until the counts they need are taken anew. */
  readonly pending: boolean;
}

/** The accelerator shown first: bit-serial, and the simplest. */
export const FIRST_ACCELERATOR = 'stripes';

/**
 * A row for each accelerator, also for one whose counts were not taken, so that rows never move.
 * @param earlier estimates of the same image and network, for accelerators that `estimates` leaves out
 */
export function energyRows(estimates: readonly EnergyEstimate[], earlier: readonly EnergyEstimate[] = []): EnergyRow[] {
  return builtinAccelerators().map((accelerator) => {
    const isOwn = (estimate: EnergyEstimate) => estimate.accelerator === accelerator.id;
    const pending = !estimates.some(isOwn) && earlier.some(isOwn);
    const own = (pending ? earlier : estimates).filter(isOwn);
    const estimateIn = (wanted: EnergyMode) => own.find(({ mode }) => mode === wanted) ?? null;
    return {
      id: accelerator.id,
      name: accelerator.name,
      label: acceleratorLabel(accelerator),
      ...{ ideal: estimateIn('ideal'), compacted: estimateIn('compacted'), lockstep: estimateIn('lockstep') },
      pending,
    };
  });
}

/** Compute energy as a share of the 16-bit bit-parallel baseline; NaN without an estimate. */
export function parallelShare(estimate: EnergyEstimate | null): number {
  return 1 - (estimate?.savedVs16bitParallel ?? NaN);
}

/** Compute energy of the same machine at uniform 8 bits, as a share of the 16-bit bit-parallel baseline. */
export function uniform8Share(row: EnergyRow): number {
  const references = (row.lockstep ?? row.ideal)?.references;
  return references?.bitParallel16
    ? references.uniform8.computePicojoules / references.bitParallel16.computePicojoules
    : NaN;
}
