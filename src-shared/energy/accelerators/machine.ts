import type { EnergyMode } from '../energy.ts';
import type { LayerCounts } from '../../measurement.ts';
import type { Flag } from './parameters.ts';

/** Where energy goes. The first four are compute energy; a machine uses those it has. */
export const COMPONENTS = [
  'compute',
  'adc',
  'dac',
  'array',
  'buffers',
  'registers',
  'network',
  'periphery',
  'offChip',
  'metadata',
] as const;
export type Component = (typeof COMPONENTS)[number];
export const COMPUTE_COMPONENTS: readonly Component[] = ['compute', 'adc', 'dac', 'array'];

/** Energies in picojoules by component; what is absent costs nothing. */
export type Prices = Readonly<Partial<Record<Component, number>>>;

/** What a unit of each count costs. Counts come from the run; an accelerator only prices them. */
export interface PriceList {
  /** Per MAC and serial step: what fewer activation bits save. */
  readonly perMacStep: Prices;
  /** Per MAC whatever the bits. */
  readonly perMac: Prices;
  /** Per MAC and stored activation bit: 16 bits a value, fewer when storage is packed. */
  readonly perMacStoredBit: Prices;
  /** Per weight of a layer. */
  readonly perWeight: Prices;
  /** Per value of the network's input. */
  readonly perInputValue: Prices;
  /** One bit of region precision or position range moved once between buffer and datapath. */
  readonly perMetadataBit: number;
  readonly metadataBitsPerGroup: number;
  readonly metadataBitsPerExponent: number;
  /** Filters that share one read of an activation: with more filters it is read again. */
  readonly filtersAtOnce: number;
  readonly cyclesPerMacStep: number;
  readonly clockHertz: number;
}

/** A figure computed from the parameters, with the way it was computed. */
export interface Derivation {
  readonly name: string;
  readonly formula: string;
  readonly value: number;
  readonly unit: string;
}

/** A published figure that must follow from the parameters. */
export interface SelfCheck {
  readonly name: string;
  readonly computed: number;
  readonly expected: number;
  /** Largest relative difference that printed digits allow. */
  readonly tolerance: number;
  readonly unit: string;
  readonly source: string;
  readonly flag: Flag;
}

/** An accelerator's formulas with its parameters filled in. */
export interface Machine {
  readonly prices: PriceList;
  /** Mean serial steps of a MAC of this layer; null when the counts it needs were not taken. */
  readonly steps: (layer: LayerCounts, mode: EnergyMode) => number | null;
  /** The same had the layer been at `bits` everywhere, 0..16. */
  readonly uniformSteps: (layer: LayerCounts, bits: number, mode: EnergyMode) => number | null;
  readonly derivations: readonly Derivation[];
  readonly selfChecks: readonly SelfCheck[];
}

export function holds(check: SelfCheck): boolean {
  return Math.abs(check.computed - check.expected) <= check.tolerance * Math.abs(check.expected);
}

/** Joules per second over operations per second, in picojoules per operation. */
export function picojoulesEach(watts: number, perSecond: number): number {
  return (watts / perSecond) * 1e12;
}
