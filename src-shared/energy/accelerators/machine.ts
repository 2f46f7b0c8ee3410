import type { StepRule } from './steps.ts';

/** Where compute energy goes. */
export const COMPUTE_COMPONENTS = ['compute', 'adc', 'dac', 'array', 'rescaling', 'idle', 'predictor'] as const;

/** Where energy goes; a machine uses those it has. */
export const COMPONENTS = [
  ...COMPUTE_COMPONENTS,
  'weights',
  'activations',
  'partialSums',
  'registers',
  'network',
  'periphery',
  'metadata',
  'dram',
  'links',
] as const;
export type Component = (typeof COMPONENTS)[number];

/** What is counted of a layer on a machine; the counts are priced last. Bits are single bits moved once. */
export const ACTIONS = {
  macSteps: 'pJ per MAC and serial step',
  macs: 'pJ per MAC, whatever the bits',
  dotSteps: 'pJ per partial dot product over the inputs at once, and serial step',
  driveSteps: 'pJ per value driven into the array, and serial step',
  dots: 'pJ per partial dot product over the inputs at once',
  weightBits: 'pJ per weight bit read on the chip',
  readBits: 'pJ per activation bit read',
  writtenBits: 'pJ per activation bit written',
  metadataBits: 'pJ per bit of region levels or position exponents moved',
  dramBits: 'pJ per bit to or from DRAM',
  linkBits: 'pJ per activation bit from chip to chip',
  rescales: 'pJ per partial sum rescaled by a step of its own',
  shifts: 'pJ per partial sum shifted by a power-of-two step',
  predictions: "pJ per addition or comparison that finds levels in a layer's input",
  idleSteps: 'pJ per idle lane and serial step, where lanes are powered',
} as const;
export type Action = keyof typeof ACTIONS;

/** What a unit of each action costs in picojoules, by component; what is absent costs nothing, or is contained in another. */
export type Prices = Readonly<Partial<Record<Action, Readonly<Partial<Record<Component, number>>>>>>;

/** What enters the hardware together in one step, and which reads serve how many of it. */
export interface Lanes {
  /** Output positions. */
  readonly windows: number;
  /** Inputs of a window: channels of one kernel tap, or any of the window where taps share the lanes. */
  readonly inputs: number;
  readonly filters: number;
  readonly tapsShareInputs: boolean;
  /** Arrays of these lanes that work independently. */
  readonly arrays: number;
  /** Windows that one read of a weight serves. */
  readonly windowsPerWeightRead: number;
  /** Filters that one read of an activation serves. */
  readonly filtersPerActivationRead: number;
}

/** Where a machine can keep weights: on the chip (several chips if need be), in DRAM, or either. */
export type WeightStore = 'chip' | 'dram' | 'either';

/** A figure computed from the parameters, with the way it was computed. */
export interface Figure {
  readonly name: string;
  readonly formula: string;
  readonly value: number;
  readonly unit: string;
}

/** An accelerator's formulas with its parameters filled in. */
export interface Machine {
  readonly lanes: Lanes;
  readonly steps: StepRule;
  /** Steps that the weight's side multiplies by: its bits where weights are serial too. */
  readonly weightSteps: number;
  /** The lanes of other windows take over the bits of a fully connected layer's activations (Loom). */
  readonly spreadsSingleWindow: boolean;
  /** Multiplications by zero are not carried out, though they take their time. */
  readonly gatesZeros: boolean;
  readonly clockHertz: number;
  readonly weightBits: number;
  readonly weightStore: WeightStore;
  /** Bits; of no meaning where weights are always in DRAM. */
  readonly weightCapacity: number;
  readonly activationCapacity: number;
  readonly bitsPerExponent: number;
  readonly prices: Prices;
  /** What the prices follow from; published figures are checked against these. */
  readonly figures: readonly Figure[];
}

/** Joules per second over operations per second, in picojoules per operation. */
export function picojoulesEach(watts: number, perSecond: number): number {
  return (watts / perSecond) * 1e12;
}
