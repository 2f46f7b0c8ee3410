import { LEFT_OUT_BITS, leftOutPerMac } from '../left-out.ts';
import type { LayerCounts, LayerGeometry, LeftOutLayer } from '../measurement.ts';
import { atUniformBits } from '../uniform-counts.ts';
import { machineOf } from './accelerators/accelerator.ts';
import { bitParallelBaseline } from './accelerators/builtin.ts';
import type { Accelerator } from './accelerators/parameters.ts';
import { mapLayer, placeWeights, utilisationOf } from './dataflow.ts';
import { relate, type EnergyEstimate, type LayerEnergy } from './energy-estimate.ts';
import { ENERGY_MODES, type EnergyMode } from './energy-mode.ts';
import { addEnergy, scaleEnergy } from './energy-sum.ts';
import { DEFAULT_SWITCHES, type EnergySwitches } from './energy-switches.ts';
import { plainEnergy, type Priced, Pricing, rangedEnergy, STORED_BITS } from './pricing.ts';

export type { EnergyEstimate, LayerEnergy } from './energy-estimate.ts';

export interface EnergyOptions extends Partial<EnergySwitches> {
  /** Default: all. */
  readonly modes?: readonly EnergyMode[];
  /** Bits of each layer found offline, to compare with. */
  readonly staticProfile?: readonly number[];
  /** Default: DaDianNao. */
  readonly baseline?: Accelerator;
  /**
   * What of the network is no layer. Where its MACs are known, it costs what the layers' own MACs cost at 8 bits, under the plan as in
   * all that it is compared with: estimates are then of the whole network.
   */
  readonly leftOut?: readonly LeftOutLayer[];
}

export interface EnergyReport {
  readonly estimates: readonly EnergyEstimate[];
  /** Accelerators and modes that could not be priced, with the reason. */
  readonly notPriced: readonly NotPriced[];
}

export interface NotPriced {
  readonly accelerator: string;
  readonly mode: EnergyMode;
  readonly reason: string;
}

/** The width compared with. */
const BASELINE_BITS = LEFT_OUT_BITS;

/**
 * The cost of an image's layers, in order of execution, in every mode whose counts were taken.
 * @param layers at least one
 */
export function estimateEnergy(
  accelerator: Accelerator,
  layers: readonly LayerCounts[],
  options: EnergyOptions = {},
): EnergyEstimate[] {
  return [...estimateAll([accelerator], layers, options).estimates];
}

/** The cost on every accelerator, with what could not be priced and why. */
export function estimateAll(
  accelerators: readonly Accelerator[],
  layers: readonly LayerCounts[],
  options: EnergyOptions = {},
): EnergyReport {
  const { modes = ENERGY_MODES } = options;
  const switches: EnergySwitches = { ...DEFAULT_SWITCHES, ...options };
  const at = (bits: number | readonly number[]) =>
    layers.map((layer, k) => atUniformBits(layer, typeof bits === 'number' ? bits : bits[k]!));
  const uniform8 = at(BASELINE_BITS);
  // A static profile is run with the same kind of ranges, whose steps it pays for as well.
  const staticProfile =
    options.staticProfile &&
    at(options.staticProfile).map((layer, k): LayerCounts => {
      const { rangeExponents, rescaledSums } = layers[k]!;
      return { ...layer, rangeExponents, rescaledSums };
    });
  const more = leftOutPerMac(layers, options.leftOut ?? []) ?? 0;
  const baseline = new Pricing(options.baseline ?? bitParallelBaseline(), layers, { ...switches, storage: 'unpacked' });
  const bitParallel16 = baseline.whole(at(STORED_BITS), 'ideal');
  const estimates: EnergyEstimate[] = [];
  const notPriced: NotPriced[] = [];
  for (const accelerator of accelerators) {
    const pricing = new Pricing(accelerator, layers, switches);
    for (const mode of modes) {
      const own = pricing.whole(layers, mode);
      const reference = typeof own === 'string' ? own : pricing.whole(uniform8, mode);
      if (typeof own === 'string' || typeof reference === 'string') {
        const reason = typeof own === 'string' ? own : `at uniform 8 bits, ${String(reference)}`;
        notPriced.push({ accelerator: accelerator.id, mode, reason });
        continue;
      }
      const offline = staticProfile && pricing.whole(staticProfile, mode);
      const estimateOf = (priced: Priced, profile: Priced | null): EnergyEstimate =>
        relate({
          accelerator: accelerator.id,
          mode,
          ...priced,
          seconds: priced.cycles / pricing.machine.clockHertz,
          ...pricing.placement,
          references: {
            uniform8: rangedEnergy(reference),
            bitParallel16:
              accelerator.scope === 'die' || typeof bitParallel16 === 'string' ? null : plainEnergy(bitParallel16),
            staticProfile: profile && plainEnergy(profile),
          },
        });
      const known = offline !== undefined && typeof offline !== 'string';
      const estimate = estimateOf(own, known ? offline : null);
      estimates.push(
        more === 0 ? estimate : addEnergy(estimate, scaleEnergy(estimateOf(reference, known ? reference : null), more)),
      );
    }
  }
  return { estimates, notPriced };
}

/** The cost layer by layer, in the order given; their sum is the image's estimate without what is left out. Null when a count is missing. */
export function layerEnergies(
  accelerator: Accelerator,
  layers: readonly LayerCounts[],
  mode: EnergyMode,
  options: EnergyOptions = {},
): LayerEnergy[] | null {
  const pricing = new Pricing(accelerator, layers, { ...DEFAULT_SWITCHES, ...options });
  const energies: LayerEnergy[] = [];
  for (const [k, layer] of layers.entries()) {
    const own = pricing.part(layers, mode, k, k + 1);
    if (typeof own === 'string') return null;
    const { computePicojoules, totalPicojoules, cycles, components } = own;
    const utilisation = utilisationOf(layer, pricing.mappings[k]!);
    energies.push({ layer: layer.name, computePicojoules, totalPicojoules, cycles, utilisation, components });
  }
  return energies;
}

/** How much of an accelerator's lanes each layer fills, 0..1: a matter of geometry alone. */
export function layerUtilisations(accelerator: Accelerator, layers: readonly LayerGeometry[]): number[] {
  const machine = machineOf(accelerator);
  const { chips } = placeWeights(machine, layers, DEFAULT_SWITCHES.weights);
  return layers.map((layer) => utilisationOf(layer, mapLayer(machine, layer, chips)));
}
