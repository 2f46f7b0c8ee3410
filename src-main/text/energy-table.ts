import { acceleratorLabel } from '../../src-shared/energy/accelerators/accelerator.ts';
import { COMPONENTS } from '../../src-shared/energy/accelerators/machine.ts';
import type { Accelerator } from '../../src-shared/energy/accelerators/parameters.ts';
import type { EnergyEstimate, EnergyReport } from '../../src-shared/energy/energy.ts';
import { textTable } from './text-table.ts';

const UNITS = [
  ['J', 1e12],
  ['mJ', 1e9],
  ['µJ', 1e6],
  ['nJ', 1e3],
  ['pJ', 1],
] as const;

/**
 * Estimates as two tables: energy, time and savings, then energy by component. Accelerators come in the order given; the two
 * modes share a row where they do not differ.
 */
export function energyTables(accelerators: readonly Accelerator[], { estimates }: EnergyReport): string {
  const rows = accelerators.flatMap((accelerator) => rowsOf(accelerator, estimates));
  if (rows.length === 0) return 'No accelerator can be priced.';
  const least = Math.min(...rows.map(({ estimate }) => estimate.computePicojoules).filter((energy) => energy > 0));
  const [unit, picojoules] = UNITS.find(([, size]) => least >= size) ?? UNITS[UNITS.length - 1]!;
  const energy = (value: number) => (value / picojoules).toFixed(2);
  const percent = (share: number) => `${(100 * share).toFixed(1).replace(/^-0\.0$/, '0.0')} %`;
  const used = COMPONENTS.filter((component) => rows.some(({ estimate }) => estimate.components[component]));
  const withStatic = rows.some(({ estimate }) => estimate.savedVsStatic !== null);

  const summary = textTable(
    [
      'accelerator',
      'mode',
      `compute ${unit}`,
      `total ${unit}`,
      'cycles',
      'time ms',
      'saved vs 8 bits',
      'total saved',
      'saved vs 16-bit parallel',
      ...(withStatic ? ['saved vs static profile'] : []),
    ],
    rows.map(({ label, mode, estimate }) => [
      label,
      mode,
      energy(estimate.computePicojoules),
      energy(estimate.totalPicojoules),
      Math.round(estimate.cycles).toLocaleString('en-GB'),
      (estimate.seconds * 1e3).toFixed(3),
      percent(estimate.savedVs8bit),
      percent(estimate.totalSavedVs8bit),
      percent(estimate.savedVs16bitParallel),
      ...(withStatic ? [estimate.savedVsStatic === null ? '' : percent(estimate.savedVsStatic)] : []),
    ]),
  );
  const parts = textTable(
    [`by component, ${unit}`, 'mode', ...used],
    rows.map(({ label, mode, estimate }) => [
      label,
      mode,
      ...used.map((component) => {
        const value = estimate.components[component];
        return value === undefined ? '' : energy(value);
      }),
    ]),
  );
  return `${summary}\n${parts}\nSaved shares are of compute energy; "total saved" is the share of total energy saved against 8 bits.`;
}

interface Row {
  readonly label: string;
  readonly mode: string;
  readonly estimate: EnergyEstimate;
}

function rowsOf(accelerator: Accelerator, estimates: readonly EnergyEstimate[]): Row[] {
  const label = acceleratorLabel(accelerator);
  const own = estimates.filter((estimate) => estimate.accelerator === accelerator.id);
  const [ideal, lockstep] = own;
  if (ideal && lockstep && ideal.totalPicojoules === lockstep.totalPicojoules && ideal.cycles === lockstep.cycles)
    return [{ label, mode: 'both', estimate: ideal }];
  return own.map((estimate) => ({ label, mode: estimate.mode === 'ideal' ? 'ideal' : 'lock-step', estimate }));
}
