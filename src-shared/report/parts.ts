import { acceleratorLabel } from '../energy/accelerators/accelerator.ts';
import { DEFAULT_ENERGY_MODE, MODE_NAMES } from '../energy/energy-mode.ts';
import type { EnergyReport } from '../energy/energy.ts';
import type { PriceOrder } from '../energy/price-order.ts';
import type { LayerCounts } from '../measurement.ts';
import { energy, percent, signed } from '../number-text.ts';
import type { ComparedEnergy } from '../runs/compared-energy.ts';
import type { Interval } from '../runs/statistics.ts';
import { barDrawings } from './drawings.ts';
import { html, type Html, type HtmlPart } from './html.ts';
import { type Basis, basisText, columnsOf, figure, type ReportSection, table } from './report-page.ts';

/** What reports of one plan have in common: its energy on every machine, its bits layer by layer. */

export const MODE = MODE_NAMES[DEFAULT_ENERGY_MODE];
export const UNIFORM_8 = 'uniform 8 bits on the same machine';

/** `12.0 to 15.3`, in percent. */
export function intervalWords(interval: Interval | null): string | null {
  return interval && `${signed(interval[0] * 100, 1)} to ${signed(interval[1] * 100, 1)}`;
}

/**
 * What is saved on every machine that can be priced.
 * @param spread intervals over the images, of what is saved; null where there is a single image
 */
export function energySection(
  { accelerators }: PriceOrder,
  { estimates, notPriced }: EnergyReport,
  spread: readonly ComparedEnergy[] | null,
  n: string,
): ReportSection {
  const basis: Basis = {
    n,
    interval: spread ? '95 %, of a ratio of means over the images' : 'none over images: it is one',
    baseline: UNIFORM_8,
    machine: 'as named',
    mode: MODE,
  };
  const shown = accelerators.flatMap((accelerator) => {
    const estimate = estimates.find(
      ({ accelerator: id, mode }) => id === accelerator.id && mode === DEFAULT_ENERGY_MODE,
    );
    const own = spread?.find(({ accelerator: id, mode }) => id === accelerator.id && mode === DEFAULT_ENERGY_MODE);
    return estimate
      ? [
          {
            accelerator,
            estimate,
            compute: own?.computeDifferences[0]?.interval ?? null,
            total: own?.totalDifferences[0]?.interval ?? null,
          },
        ]
      : [];
  });
  const missing = notPriced.filter(({ mode }) => mode === DEFAULT_ENERGY_MODE);
  const name = (id: string) => accelerators.find((accelerator) => accelerator.id === id)?.name ?? id;
  return {
    title: 'Energy on every machine',
    body: [
      ...barDrawings(
        shown.map(({ accelerator, estimate, compute, total }) => ({
          label: accelerator.name,
          values: [estimate.savedVs8bit, estimate.totalSavedVs8bit],
          intervals: [compute, total],
          note: `${percent(estimate.savedVs8bit, 1)} and ${percent(estimate.totalSavedVs8bit, 1)}`,
        })),
        ['compute energy', 'whole chip'],
        'Saved on every machine, of compute energy and of the whole chip',
      ).map((drawing) => figure(drawing, 'Saved of compute energy and of the whole chip.', basis)),
      table(
        `Energy of an image. ${basisText(basis)} "Range" is what constants that are printed as ranges make of the share saved of the whole chip.`,
        columnsOf(
          ['Machine'],
          [
            ...['Compute', 'Whole chip', 'Saved, compute', ...(spread ? ['95 %'] : [])],
            ...['Saved, chip', ...(spread ? ['95 %'] : []), 'Range', 'Lanes used'],
          ],
        ),
        shown.map(({ accelerator, estimate, compute, total }): HtmlPart[] => [
          acceleratorLabel(accelerator),
          energy(estimate.computePicojoules),
          energy(estimate.totalPicojoules),
          percent(estimate.savedVs8bit, 1),
          ...(spread ? [intervalWords(compute)] : []),
          percent(estimate.totalSavedVs8bit, 1),
          ...(spread ? [intervalWords(total)] : []),
          intervalWords(estimate.intervals?.totalSavedVs8bit ?? null),
          percent(estimate.utilisation),
        ]),
      ),
      missing.length === 0
        ? null
        : html`<p class="small">
            Not priced: ${missing.map(({ accelerator, reason }) => `${name(accelerator)} (${reason})`).join('; ')}.
          </p> `,
    ],
  };
}

/** Bits layer by layer, as a drawing and in figures. */
export function layersSection(layers: readonly LayerCounts[], n: string): ReportSection {
  const basis: Basis = {
    n,
    interval: 'none: means over all values',
    baseline: 'uniform 8 bits, the dashed line',
    machine: 'any that takes activations bit by bit',
    mode: `ideal, and ${MODE}`,
  };
  const two = (value: number | null) => value?.toFixed(2) ?? null;
  return {
    title: 'Bits layer by layer',
    body: [
      ...barDrawings(
        layers.map(({ name, meanBits, lockstepBits }) => ({
          label: name,
          values: [meanBits, lockstepBits],
          note: `${meanBits.toFixed(2)}, in step ${lockstepBits.toFixed(2)}`,
        })),
        ['each value its own', 'in lock-step'],
        'Mean bits of the activations of each layer',
        { value: 8, words: '8' },
      ).map((drawing) => figure(drawing, 'Mean bits of the activations that enter each layer.', basis)),
      table(
        `The same in figures. ${basisText(basis)}`,
        columnsOf(['Layer', 'Operator', 'Input'], ['Million MACs', 'Bits', MODE, 'Zeros', 'SQNR, dB']),
        layers.map((layer): HtmlPart[] => [
          layer.name,
          layer.op,
          layer.inputShape.join(' × '),
          (layer.macs / 1e6).toFixed(1),
          two(layer.meanBits),
          two(layer.lockstepBits),
          layer.zeroShare === null ? null : percent(layer.zeroShare, 1),
          layer.sqnrDb?.toFixed(1) ?? null,
        ]),
      ),
    ],
  };
}

/** A small picture and what became of it; the picture is null where the file is gone. */
export interface PhotoEntry {
  readonly name: string;
  readonly picture: string | null;
  readonly lines: readonly string[];
}

export function photoList(photos: readonly PhotoEntry[]): Html {
  return html`<ul class="photos">
    ${photos.map(({ name, picture, lines }) => html`<li>${picture === null ? null : html`<img src="${picture}" alt="${name}" />`}${lines.map((one) => html`<span>${one}</span><br />`)}</li> `)}
  </ul> `;
}
