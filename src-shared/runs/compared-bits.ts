import type { EnergyMode } from '../energy/energy-mode.ts';
import { bitsOfNetwork } from '../left-out.ts';
import { type LayerCounts, type LeftOutLayer, macWeightedBits, macWeightedLockstepBits } from '../measurement.ts';
import type { ComparedCounts } from './compared-energy.ts';
import { pairedMeanInterval } from './paired-statistics.ts';
import type { Interval } from './statistics.ts';

/** Bits of the other less those of the first, with the 95 % interval of {@link pairedMeanInterval}. */
export interface BitsDifference {
  readonly difference: number;
  readonly interval: Interval | null;
}

/** MAC-weighted mean bits of activations as one mode charges them, side by side. */
export interface ComparedBits {
  readonly mode: EnergyMode;
  /** One a compared run. */
  readonly sides: readonly number[];
  /** One for each run after the first. */
  readonly differences: readonly BitsDifference[];
}

/** Bits of one image or the mean of several, what is left out of the layers included; null where a mode's were not counted. */
function bitsIn(mode: EnergyMode, layers: readonly LayerCounts[], leftOut: readonly LeftOutLayer[]): number | null {
  const bits = bitsOfLayers(mode, layers);
  return bits === null ? null : bitsOfNetwork(bits, layers, leftOut);
}

function bitsOfLayers(mode: EnergyMode, layers: readonly LayerCounts[]): number | null {
  if (mode === 'ideal') return macWeightedBits(layers);
  if (mode === 'lockstep') return macWeightedLockstepBits(layers);
  const counted = layers.flatMap((layer) =>
    layer.compactedBits === null ? [] : { ...layer, meanBits: layer.compactedBits },
  );
  return counted.length < layers.length ? null : macWeightedBits(counted);
}

/**
 * Bits of runs over the images they share, in each mode that was counted for all of them.
 * @param images that the means are over
 */
export function compareBits(
  modes: readonly EnergyMode[],
  sides: readonly ComparedCounts[],
  images: number,
): ComparedBits[] {
  if (sides.some(({ layers }) => layers.length === 0)) return [];
  return modes.flatMap((mode): ComparedBits[] => {
    const means = sides.map(({ layers, leftOut }) => bitsIn(mode, layers, leftOut)).filter((bits) => bits !== null);
    if (means.length < sides.length) return [];
    const singles = sides.map(({ sample, leftOut }) => sample.map((layers) => bitsIn(mode, layers, leftOut) ?? NaN));
    const differences = means.slice(1).map((bits, index): BitsDifference => {
      const difference = bits - means[0]!;
      const paired = singles[index + 1]!.map((value, image) => value - singles[0]![image]!);
      return { difference, interval: pairedMeanInterval(difference, paired, images) };
    });
    return [{ mode, sides: means, differences }];
  });
}
