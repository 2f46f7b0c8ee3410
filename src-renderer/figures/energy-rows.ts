import { builtinAccelerator, builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { COMPUTE_COMPONENTS } from '../../src-shared/energy/accelerators/machine.ts';
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

/** What a cost is a share of. */
export const BASELINES = [
  { id: 'uniform8', label: 'uniform 8 bits', title: 'The same machine with every activation at 8 bits' },
  { id: 'bitParallel16', label: '16-bit parallel', title: 'DaDianNao, which computes all bits at once' },
] as const;
export type Baseline = (typeof BASELINES)[number]['id'];

/** Parts of a machine's energy, as they are stacked. */
export const PARTS = ['compute', 'buffers', 'off chip', 'map data'] as const;
export type Part = (typeof PARTS)[number];

/** A cost against a baseline. */
export interface RelativeCost {
  /** Shares of the baseline's total, part by part. */
  readonly parts: Readonly<Record<Part, number>>;
  readonly savedCompute: number;
  readonly savedTotal: number;
}

/** Null where the machine does not compare with the baseline. */
export function relativeTo(baseline: Baseline, estimate: EnergyEstimate | null): RelativeCost | null {
  const reference = estimate?.references[baseline];
  if (!estimate || !reference) return null;
  const parts: Record<Part, number> = { compute: 0, buffers: 0, 'off chip': 0, 'map data': 0 };
  for (const [component, picojoules] of Object.entries(estimate.components))
    parts[partOf(component)] += picojoules / reference.totalPicojoules;
  const [savedCompute, savedTotal] =
    baseline === 'uniform8'
      ? [estimate.savedVs8bit, estimate.totalSavedVs8bit]
      : [estimate.savedVs16bitParallel ?? NaN, estimate.totalSavedVs16bitParallel ?? NaN];
  return { parts, savedCompute, savedTotal };
}

function partOf(component: string): Part {
  if (COMPUTE_COMPONENTS.some((own) => own === component)) return 'compute';
  if (component === 'metadata') return 'map data';
  return component === 'dram' || component === 'links' ? 'off chip' : 'buffers';
}

/** Why a machine cannot gain from fewer bits; null where it can. */
export function cannotGain({ id }: Pick<EnergyRow, 'id'>): string | null {
  switch (builtinAccelerator(id).kind) {
    case 'bit-parallel':
      return 'fixed 16 bits, cannot gain';
    case 'tpu':
      return 'fixed 8 bits, cannot gain';
    default:
      return null;
  }
}
