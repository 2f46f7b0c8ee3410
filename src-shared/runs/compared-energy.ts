import type { Accelerator } from '../energy/accelerators/parameters.ts';
import { DEFAULT_ENERGY_MODE, type EnergyMode } from '../energy/energy-mode.ts';
import type { Energy, EnergyEstimate } from '../energy/energy-estimate.ts';
import { Pricing } from '../energy/pricing.ts';
import { atUniformBits } from '../uniform-counts.ts';
import { layerEnergies } from '../energy/energy.ts';
import { price, type PriceOrder } from '../energy/price-order.ts';
import { DEFAULT_SWITCHES, type EnergySwitches } from '../energy/energy-switches.ts';
import { leftOutPerMac } from '../left-out.ts';
import type { LayerCounts, LeftOutLayer } from '../measurement.ts';
import { pairedMeanInterval } from './paired-statistics.ts';
import type { Interval } from './statistics.ts';

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
  const means = sides.map(({ layers, leftOut }) => price(pricing, layers, { leftOut }).estimates);
  const accelerators = new Map(
    pricing.accelerators.map((one) => [one.id, new Pricing(one, sides[0]!.layers, pricing.switches)]),
  );
  // Made once: every machine prices them in every mode.
  const samplesAt8 = sides.map(({ sample }) => sample.map((layers) => layers.map((layer) => atUniformBits(layer, 8))));
  return means[0]!.flatMap(({ accelerator, mode }): ComparedEnergy[] => {
    const among = (all: readonly EnergyEstimate[]) =>
      all.find((one) => one.accelerator === accelerator && one.mode === mode);
    const own = means.map(among).filter((estimate) => estimate !== undefined);
    if (own.length < sides.length) return [];
    const singles = sides.map((side, index) =>
      singleEnergies(accelerators.get(accelerator)!, mode, side, samplesAt8[index]!),
    );
    const differences = (energy: keyof Energy, saved: 'savedVs8bit' | 'totalSavedVs8bit') => {
      const deviations = singles.map((sample, side) =>
        sample.map((single) => (single ? deviation(single, own[side]!, energy) : NaN)),
      );
      return own.slice(1).map((other, index): SavedDifference => {
        const difference = other[saved] - own[0]![saved];
        const paired = deviations[index + 1]!.map((value, image) => value - deviations[0]![image]!);
        return { difference, interval: pairedMeanInterval(difference, paired, images) };
      });
    };
    return [
      {
        accelerator,
        mode,
        sides: own.map(({ computePicojoules, totalPicojoules, savedVs8bit, totalSavedVs8bit }) => ({
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
}

/** What an image costs, and what it would at uniform 8 bits on the same machine. */
interface SingleEnergy {
  readonly own: Energy;
  readonly at8: Energy;
}

function singleEnergies(
  pricing: Pricing,
  mode: EnergyMode,
  { sample, layers: mean, leftOut }: ComparedCounts,
  sampleAt8: ComparedCounts['sample'],
): (SingleEnergy | null)[] {
  const more = leftOutPerMac(mean, leftOut) ?? 0;
  const sum = (a: Energy, factor: number, b: Energy): Energy => ({
    computePicojoules: a.computePicojoules + factor * b.computePicojoules,
    totalPicojoules: a.totalPicojoules + factor * b.totalPicojoules,
  });
  return sample.map((layers, image) => {
    const own = pricing.energy(layers, mode);
    const at8 = pricing.energy(sampleAt8[image]!, mode);
    // What is left out costs its 8 bits on both sides.
    return own && at8 && { own: sum(own, more, at8), at8: sum(at8, more, at8) };
  });
}

/** How far one image's saving lies from the mean one, as the ratio of means weighs it. */
function deviation({ own, at8 }: SingleEnergy, mean: EnergyEstimate, energy: keyof Energy): number {
  const meanAt8 = mean.references.uniform8[energy];
  if (meanAt8 === 0) return 0;
  return -(own[energy] - (mean[energy] / meanAt8) * at8[energy]) / meanAt8;
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
