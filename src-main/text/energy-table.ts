import { acceleratorLabel, machineOf } from '../../src-shared/energy/accelerators/accelerator.ts';
import { COMPONENTS } from '../../src-shared/energy/accelerators/machine.ts';
import type { Accelerator } from '../../src-shared/energy/accelerators/parameters.ts';
import type { Range } from '../../src-shared/energy/energy-estimate.ts';
import { DEFAULT_ENERGY_MODE, MODE_NAMES, type EnergyMode } from '../../src-shared/energy/energy-mode.ts';
import type { EnergyReport, NotPriced } from '../../src-shared/energy/energy.ts';
import { intervalText, percent } from './figure-text.ts';
import { textTable } from './text-table.ts';

const UNITS = [
  ['J', 1e12],
  ['mJ', 1e9],
  ['µJ', 1e6],
  ['nJ', 1e3],
  ['pJ', 1],
] as const;

/**
 * Estimates as two tables: energy, time, use and savings, then energy by component; below them what could not be priced, and why.
 * Accelerators come in the order given.
 * @param modes those shown
 */
export function energyTables(
  accelerators: readonly Accelerator[],
  { estimates, notPriced }: EnergyReport,
  modes: readonly EnergyMode[] = [DEFAULT_ENERGY_MODE],
): string {
  const shown = accelerators.flatMap((accelerator) =>
    estimates
      .filter(({ accelerator: id, mode }) => id === accelerator.id && modes.includes(mode))
      .map((estimate) => ({ label: acceleratorLabel(accelerator), mode: MODE_NAMES[estimate.mode], estimate })),
  );
  const missing = notPricedText(accelerators, notPriced, modes);
  if (shown.length === 0) return ['No accelerator can be priced.', missing].join('\n').trimEnd();
  const ofCompute = shown.map(({ estimate }) => estimate.computePicojoules);
  // What crops everything computes nothing: then the whole chip tells the size.
  const told = ofCompute.some((energy) => energy > 0)
    ? ofCompute
    : shown.map(({ estimate }) => estimate.totalPicojoules);
  const least = Math.min(...told.filter((energy) => energy > 0));
  const [unit, picojoules] = UNITS.find(([, size]) => least >= size) ?? UNITS[UNITS.length - 1]!;
  const energy = (value: number) => (value / picojoules).toFixed(2);
  const used = COMPONENTS.filter((component) => shown.some(({ estimate }) => estimate.components[component]));
  const withStatic = shown.some(({ estimate }) => estimate.savedVsStatic !== null);

  const summary = textTable(
    [
      'accelerator',
      'mode',
      `compute ${unit}`,
      `total ${unit}`,
      'weights',
      'cycles',
      'time ms',
      'utilisation',
      'saved vs 8 bits',
      'total saved',
      'range',
      'saved vs 16-bit parallel',
      ...(withStatic ? ['saved vs static profile'] : []),
    ],
    shown.map(({ label, mode, estimate }) => [
      label,
      mode,
      energy(estimate.computePicojoules),
      energy(estimate.totalPicojoules),
      estimate.chips > 1 ? `on ${estimate.chips} chips` : estimate.weightsFrom === 'dram' ? 'DRAM' : 'resident',
      Math.round(estimate.cycles).toLocaleString('en-GB'),
      (estimate.seconds * 1e3).toFixed(3),
      percent(estimate.utilisation),
      percent(estimate.savedVs8bit),
      percent(estimate.totalSavedVs8bit),
      rangeText(estimate.intervals?.totalSavedVs8bit ?? null),
      estimate.savedVs16bitParallel === null ? '' : percent(estimate.savedVs16bitParallel),
      ...(withStatic ? [estimate.savedVsStatic === null ? '' : percent(estimate.savedVsStatic)] : []),
    ]),
  );
  const parts = textTable(
    [`by component, ${unit}`, 'mode', ...used],
    shown.map(({ label, mode, estimate }) => [
      label,
      mode,
      ...used.map((component) => {
        const value = estimate.components[component];
        return value === undefined ? '' : energy(value);
      }),
    ]),
  );
  const footnotes =
    FOOTNOTE +
    regionWordsText(accelerators.filter(({ id }) => shown.some(({ estimate }) => estimate.accelerator === id)));
  return [summary, parts, footnotes, missing].join('\n').trimEnd();
}

const FOOTNOTE =
  'Saved shares are of compute energy; "total saved" is the share of total energy saved against 8 bits, "range" what constants that are ' +
  'printed as ranges make of it. Machines of which only the power of the whole die is known are not compared with 16-bit parallel.\n';

/** What figures of machines mean that take a word for each position; nothing where none of them does. */
export function regionWordsText(accelerators: readonly Accelerator[]): string {
  const labels = accelerators
    .filter((accelerator) => machineOf(accelerator).steps.kind === 'region-words')
    .map(acceleratorLabel);
  return labels.length === 0
    ? ''
    : `${labels.join(', ')}: positions have their own words where layers find the levels themselves (metrics sensitivity and outliers); ` +
        'under maps of the image all of a layer is priced at its widest value, and regions save nothing there.\n';
}

/** One line a machine and reason; nothing where all could be priced. */
export function notPricedText(
  accelerators: readonly Accelerator[],
  notPriced: readonly NotPriced[],
  modes: readonly EnergyMode[],
): string {
  return accelerators
    .flatMap((accelerator) => {
      const own = notPriced.filter(({ accelerator: id, mode }) => id === accelerator.id && modes.includes(mode));
      return [...Map.groupBy(own, ({ reason }) => reason)].map(([reason, left]) => {
        const which = left.length === modes.length ? '' : `, ${left.map(({ mode }) => MODE_NAMES[mode]).join(', ')}`;
        return `Not priced: ${acceleratorLabel(accelerator)}${which}: ${reason}\n`;
      });
    })
    .join('');
}

function rangeText(range: Range | null): string {
  return range && range[0] < range[1] ? `${intervalText(range)} %` : '';
}
