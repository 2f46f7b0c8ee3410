import type { Accelerator } from '../energy/accelerators/parameters.ts';
import { DEFAULT_ENERGY_MODE, type EnergyMode } from '../energy/energy-mode.ts';
import type { EnergyEstimate } from '../energy/energy-estimate.ts';
import { layerEnergies } from '../energy/energy.ts';
import { price, type PriceOrder } from '../energy/price-order.ts';
import { DEFAULT_SWITCHES, type EnergySwitches } from '../energy/energy-switches.ts';
import type { LayerCounts, LeftOutLayer } from '../measurement.ts';
import { type Interval, Z_95 } from './statistics.ts';

/** Counts of one compared run over the common images. */
export interface ComparedCounts {
  /** Averaged over all of them: what energy is priced from. */
  readonly layers: readonly LayerCounts[];
  /** Of some single images, the same ones in every compared run: what intervals are made of. */
  readonly sample: readonly (readonly LayerCounts[])[];
  /** What of the network is no layer, and priced beside them. */
  readonly leftOut: readonly LeftOutLayer[];
}

/** Share saved of plain 8 bits on the same machine: the other's less the first's, with its 95 % interval. */
export interface SavedDifference {
  readonly difference: number;
  /** Null where single images were not counted. */
  readonly interval: Interval | null;
}

/** Energy on one accelerator in one mode, side by side. */
export interface ComparedEnergy {
  readonly accelerator: string;
  readonly mode: EnergyMode;
  /** One a compared run. */
  readonly sides: readonly ComparedEnergySide[];
  /** One for each run after the first. */
  readonly computeDifferences: readonly SavedDifference[];
  readonly totalDifferences: readonly SavedDifference[];
}

export interface ComparedEnergySide {
  readonly computePicojoules: number;
  readonly totalPicojoules: number;
  readonly savedVs8bit: number;
  readonly totalSavedVs8bit: number;
}

/**
 * Energy of runs over the images they share, on every accelerator and in every mode asked for that can be priced for all of them.
 * The interval is the normal one of a ratio of means (W. G. Cochran, "Sampling Techniques", 3rd ed. (1977), section 6.4): savings
 * are energy over energy at 8 bits, both over the same images, and so are paired.
 * @param images that the means are over
 */
export function compareEnergy(pricing: PriceOrder, sides: readonly ComparedCounts[], images: number): ComparedEnergy[] {
  if (sides.some(({ layers }) => layers.length === 0)) return [];
  return pricing.accelerators.flatMap((accelerator) => {
    const estimatesOf = (layers: readonly LayerCounts[], { leftOut }: ComparedCounts) =>
      price({ ...pricing, accelerators: [accelerator] }, layers, { leftOut }).estimates;
    const means = sides.map((side) => estimatesOf(side.layers, side));
    const samples = sides.map((side) => side.sample.map((layers) => estimatesOf(layers, side)));
    return means[0]!.flatMap(({ mode }): ComparedEnergy[] => {
      const own = means.map((estimates) => estimates.find((estimate) => estimate.mode === mode));
      if (own.includes(undefined)) return [];
      const estimates = own.filter((estimate) => estimate !== undefined);
      const singles = samples.map((sample) => sample.map((of) => of.find((estimate) => estimate.mode === mode)));
      const differences = (
        energy: 'computePicojoules' | 'totalPicojoules',
        saved: 'savedVs8bit' | 'totalSavedVs8bit',
      ) =>
        estimates.slice(1).map((other, index): SavedDifference => {
          const difference = other[saved] - estimates[0]![saved];
          const deviations = [0, index + 1].map((side) =>
            singles[side]!.map((single) => single && deviation(single, estimates[side]!, energy)),
          );
          return { difference, interval: intervalOf(difference, deviations[0]!, deviations[1]!, images) };
        });
      return [
        {
          accelerator: accelerator.id,
          mode,
          sides: estimates.map(({ computePicojoules, totalPicojoules, savedVs8bit, totalSavedVs8bit }) => ({
            computePicojoules,
            totalPicojoules,
            savedVs8bit,
            totalSavedVs8bit,
          })),
          computeDifferences: differences('computePicojoules', 'savedVs8bit'),
          totalDifferences: differences('totalPicojoules', 'totalSavedVs8bit'),
        },
      ];
    });
  });
}

/** How far one image's saving lies from the mean one, as the ratio of means weighs it. */
function deviation(
  single: EnergyEstimate,
  mean: EnergyEstimate,
  energy: 'computePicojoules' | 'totalPicojoules',
): number {
  const at8 = mean.references.uniform8[energy];
  if (at8 === 0) return 0;
  return -(single[energy] - (mean[energy] / at8) * single.references.uniform8[energy]) / at8;
}

function intervalOf(
  difference: number,
  first: readonly (number | undefined)[],
  other: readonly (number | undefined)[],
  images: number,
): Interval | null {
  const paired = other.map((value, index) => (value ?? NaN) - (first[index] ?? NaN));
  if (paired.length < 2 || paired.some(Number.isNaN)) return null;
  const mean = paired.reduce((sum, value) => sum + value, 0) / paired.length;
  const variance = paired.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (paired.length - 1);
  const half = Z_95 * Math.sqrt(variance / images);
  return [difference - half, difference + half];
}

/** One layer, side by side. */
export interface ComparedLayer {
  readonly layer: string;
  readonly macs: number;
  /** One a compared run: mean bits, each value its own. */
  readonly meanBits: readonly number[];
  /** Mean bits where each group that works in step pays its widest. */
  readonly lockstepBits: readonly number[];
  /** On the accelerator and in the mode asked for; null where it cannot be priced. */
  readonly computePicojoules: readonly number[] | null;
}

/** @param sides of one model: the same layers in the same order */
export function compareLayers(
  accelerator: Accelerator,
  mode: EnergyMode,
  sides: readonly (readonly LayerCounts[])[],
  switches: EnergySwitches = DEFAULT_SWITCHES,
): ComparedLayer[] {
  const energies = sides.map((layers) => layerEnergies(accelerator, layers, mode, switches));
  return sides[0]!.map(({ name, macs }, index) => ({
    layer: name,
    macs,
    meanBits: sides.map((layers) => layers[index]!.meanBits),
    lockstepBits: sides.map((layers) => layers[index]!.lockstepBits),
    computePicojoules: energies.includes(null) ? null : energies.map((own) => own![index]!.computePicojoules),
  }));
}

/** The accelerator that is spoken of first: bit-serial, and the simplest. */
export const HEADLINE_ACCELERATOR = 'stripes';

/** What a headline speaks of: one accelerator in the mode of every claim, where that can be priced. */
export function headlineEnergy(
  energy: readonly ComparedEnergy[],
  accelerator = HEADLINE_ACCELERATOR,
): ComparedEnergy | null {
  const own = energy.filter((one) => one.accelerator === accelerator);
  return own.find(({ mode }) => mode === DEFAULT_ENERGY_MODE) ?? own[0] ?? null;
}
