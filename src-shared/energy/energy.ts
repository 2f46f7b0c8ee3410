import { machineOf } from './accelerators/accelerator.ts';
import { bitParallelBaseline } from './accelerators/builtin.ts';
import { COMPONENTS, COMPUTE_COMPONENTS, type Component, type Machine } from './accelerators/machine.ts';
import type { Accelerator } from './accelerators/parameters.ts';
import type { LayerCounts } from '../measurement.ts';

/** Whether each value pays its own bits, or each lock-step group its maximum. */
export type EnergyMode = 'ideal' | 'lockstep';
export const ENERGY_MODES: readonly EnergyMode[] = ['ideal', 'lockstep'];

export interface Energy {
  readonly computePicojoules: number;
  readonly totalPicojoules: number;
}

/** What the same layers cost otherwise; the saved shares come from here, so that estimates add. */
export interface EnergyReferences {
  /** Uniform 8 bits on the same machine, without metadata. */
  readonly uniform8: Energy;
  /** The 16-bit bit-parallel baseline. */
  readonly bitParallel16: Energy;
  /** Layer-wise bits found offline, on the same machine; null when there are none or they cannot be priced. */
  readonly staticProfile: Energy | null;
}

/** What one image (or the sum or mean of several) costs on one accelerator. Energies in picojoules. */
export interface EnergyEstimate extends Energy {
  /** The accelerator's id. */
  readonly accelerator: string;
  readonly mode: EnergyMode;
  readonly cycles: number;
  /** Cycles over the machine's clock: machines differ in what a cycle is. */
  readonly seconds: number;
  /** 1 - compute energy / compute energy at uniform 8 bits on the same machine. */
  readonly savedVs8bit: number;
  /** The same of the total energy. */
  readonly totalSavedVs8bit: number;
  /** 1 - compute energy / compute energy of the 16-bit bit-parallel baseline. */
  readonly savedVs16bitParallel: number;
  readonly totalSavedVs16bitParallel: number;
  /** 1 - compute energy / compute energy of the static profile; null without one. */
  readonly savedVsStatic: number | null;
  readonly totalSavedVsStatic: number | null;
  /** Picojoules by component; they sum to `totalPicojoules`. */
  readonly components: Readonly<Record<string, number>>;
  readonly references: EnergyReferences;
}

/** What one layer costs on one accelerator. */
export interface LayerEnergy extends Energy {
  readonly layer: string;
  readonly cycles: number;
  readonly components: Readonly<Record<string, number>>;
}

export interface EnergyOptions {
  /** Values are stored and moved at their own width instead of 16 bits (the Proteus idea). Default: false. */
  readonly packedStorage?: boolean;
  /** Bits of each layer found offline, to compare with. */
  readonly staticProfile?: readonly number[];
  /** Default: DaDianNao. */
  readonly baseline?: Accelerator;
}

export interface EnergyReport {
  readonly estimates: readonly EnergyEstimate[];
  /** Accelerators whose counts were not taken, and modes of them, with the reason. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly accelerator: string;
  readonly mode: EnergyMode;
  readonly reason: string;
}

/** The counts of a layer that decide what it costs, whatever the machine. */
interface Load {
  readonly layer: LayerCounts;
  readonly steps: number;
  /** Bits a stored activation takes, 0..16. */
  readonly storedBits: number;
  readonly metadataBits: number;
  readonly readsInput: boolean;
}

/** Bits of an activation where nothing packs it. */
const STORED_BITS = 16;

/**
 * The cost of an image's layers, in order of execution, in both modes. A mode whose counts were not taken is left out.
 * @param layers at least one; the first reads the image
 */
export function estimateEnergy(
  accelerator: Accelerator,
  layers: readonly LayerCounts[],
  options: EnergyOptions = {},
): EnergyEstimate[] {
  const machine = machineOf(accelerator);
  const baseline = uniformEnergy(machineOf(options.baseline ?? bitParallelBaseline()), layers, 'ideal', 16, {});
  return ENERGY_MODES.flatMap((mode) => {
    const sum = new Sum(machine);
    for (let k = 0; k < layers.length; k++) {
      const load = planLoad(machine, layers[k]!, mode, k === 0, options);
      if (!load) return [];
      sum.add(load);
    }
    const uniform8 = uniformEnergy(machine, layers, mode, 8, options);
    if (!uniform8 || !baseline) return [];
    const staticProfile = options.staticProfile
      ? uniformEnergy(machine, layers, mode, options.staticProfile, options)
      : null;
    return [
      relate({
        accelerator: accelerator.id,
        mode,
        ...sum.energy(),
        cycles: sum.cycles,
        seconds: sum.cycles / machine.prices.clockHertz,
        components: sum.components(),
        references: { uniform8, bitParallel16: baseline, staticProfile },
      }),
    ];
  });
}

/** The cost on every accelerator, with what had to be left out and why. */
export function estimateAll(
  accelerators: readonly Accelerator[],
  layers: readonly LayerCounts[],
  options: EnergyOptions = {},
): EnergyReport {
  const estimates: EnergyEstimate[] = [];
  const leftOut: LeftOut[] = [];
  for (const accelerator of accelerators) {
    const priced = estimateEnergy(accelerator, layers, options);
    estimates.push(...priced);
    for (const mode of ENERGY_MODES)
      if (!priced.some((estimate) => estimate.mode === mode))
        leftOut.push({ accelerator: accelerator.id, mode, reason: 'one-bits of the activations were not counted' });
  }
  return { estimates, leftOut };
}

/** The cost layer by layer, in the order given; their sum is the image's estimate. Null when a count is missing. */
export function layerEnergies(
  accelerator: Accelerator,
  layers: readonly LayerCounts[],
  mode: EnergyMode,
  options: EnergyOptions = {},
): LayerEnergy[] | null {
  const machine = machineOf(accelerator);
  const energies: LayerEnergy[] = [];
  for (const [k, layer] of layers.entries()) {
    const load = planLoad(machine, layer, mode, k === 0, options);
    if (!load) return null;
    const sum = new Sum(machine);
    sum.add(load);
    energies.push({ layer: layer.name, ...sum.energy(), cycles: sum.cycles, components: sum.components() });
  }
  return energies;
}

/** Fills in the saved shares of an estimate from its references. */
export function relate(
  estimate: Omit<EnergyEstimate, `${'saved' | 'totalSaved'}Vs${'8bit' | '16bitParallel' | 'Static'}`>,
): EnergyEstimate {
  const { uniform8, bitParallel16, staticProfile } = estimate.references;
  const saved = (reference: Energy) => savedShare(estimate.computePicojoules, reference.computePicojoules);
  const totalSaved = (reference: Energy) => savedShare(estimate.totalPicojoules, reference.totalPicojoules);
  return {
    ...estimate,
    savedVs8bit: saved(uniform8),
    totalSavedVs8bit: totalSaved(uniform8),
    savedVs16bitParallel: saved(bitParallel16),
    totalSavedVs16bitParallel: totalSaved(bitParallel16),
    savedVsStatic: staticProfile && saved(staticProfile),
    totalSavedVsStatic: staticProfile && totalSaved(staticProfile),
  };
}

function savedShare(energy: number, reference: number): number {
  return reference === 0 ? 0 : 1 - energy / reference;
}

function planLoad(
  machine: Machine,
  layer: LayerCounts,
  mode: EnergyMode,
  readsInput: boolean,
  options: EnergyOptions,
): Load | null {
  const steps = machine.steps(layer, mode);
  if (steps === null) return null;
  const { metadataBitsPerGroup, metadataBitsPerExponent } = machine.prices;
  return {
    layer,
    steps,
    storedBits: options.packedStorage ? layer.meanBits : STORED_BITS,
    metadataBits: layer.precisionGroups * metadataBitsPerGroup + layer.rangeExponents * metadataBitsPerExponent,
    readsInput,
  };
}

/** The same layers at one width a layer, which needs no metadata. Null when the machine's counts were not taken. */
function uniformEnergy(
  machine: Machine,
  layers: readonly LayerCounts[],
  mode: EnergyMode,
  bits: number | readonly number[],
  options: EnergyOptions,
): Energy | null {
  const sum = new Sum(machine);
  for (let k = 0; k < layers.length; k++) {
    const layer = layers[k]!;
    const layerBits = typeof bits === 'number' ? bits : bits[k]!;
    const steps = machine.uniformSteps(layer, layerBits, mode);
    if (steps === null) return null;
    const storedBits = options.packedStorage ? layerBits : STORED_BITS;
    sum.add({ layer, steps, storedBits, metadataBits: 0, readsInput: k === 0 });
  }
  return sum.energy();
}

/**
 * How often an activation moves between buffer and datapath: written once, then read for every MAC it takes part in, the
 * filters that work at once sharing a read.
 */
function moves(layer: LayerCounts, filtersAtOnce: number): number {
  const filters = layer.outputShape[0] / layer.groups;
  const macsPerRead = filters / Math.ceil(filters / filtersAtOnce);
  return 1 + layer.macs / layer.values / macsPerRead;
}

/** Adds up loads on one machine. Numeric loops: a folder run prices thousands of images. */
class Sum {
  readonly #machine: Machine;
  readonly #table: PriceTable;
  readonly #energies = new Float64Array(COMPONENTS.length);
  cycles = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#table = priceTable(machine);
  }

  add({ layer, steps, storedBits, metadataBits, readsInput }: Load): void {
    const { prices } = this.#machine;
    const { perMacStep, perMac, perMacStoredBit, perWeight, perInputValue } = this.#table;
    const inputValues = readsInput ? layer.values : 0;
    for (let c = 0; c < COMPONENTS.length; c++)
      this.#energies[c]! +=
        layer.macs * (perMac[c]! + steps * perMacStep[c]! + storedBits * perMacStoredBit[c]!) +
        layer.weights * perWeight[c]! +
        inputValues * perInputValue[c]!;
    if (metadataBits > 0 && prices.perMetadataBit > 0)
      this.#energies[METADATA]! += metadataBits * moves(layer, prices.filtersAtOnce) * prices.perMetadataBit;
    this.cycles += layer.macs * steps * prices.cyclesPerMacStep;
  }

  energy(): Energy {
    let computePicojoules = 0;
    let totalPicojoules = 0;
    for (let c = 0; c < COMPONENTS.length; c++) {
      totalPicojoules += this.#energies[c]!;
      if (IS_COMPUTE[c]) computePicojoules += this.#energies[c]!;
    }
    return { computePicojoules, totalPicojoules };
  }

  components(): Record<string, number> {
    const components: Partial<Record<Component, number>> = {};
    for (const c of this.#table.used) components[COMPONENTS[c]!] = this.#energies[c]!;
    return components;
  }
}

const METADATA = COMPONENTS.indexOf('metadata');
const IS_COMPUTE = COMPONENTS.map((component) => COMPUTE_COMPONENTS.includes(component));
const PRICED_COUNTS = ['perMacStep', 'perMac', 'perMacStoredBit', 'perWeight', 'perInputValue'] as const;
type PriceTable = Readonly<Record<(typeof PRICED_COUNTS)[number], Float64Array>> & {
  /** Indices of the components the machine has. */
  readonly used: readonly number[];
};
const tables = new WeakMap<Machine, PriceTable>();

function priceTable(machine: Machine): PriceTable {
  let table = tables.get(machine);
  if (!table) {
    const { prices } = machine;
    const row = (count: (typeof PRICED_COUNTS)[number]) => Float64Array.from(COMPONENTS, (c) => prices[count][c] ?? 0);
    const rows = {
      perMacStep: row('perMacStep'),
      perMac: row('perMac'),
      perMacStoredBit: row('perMacStoredBit'),
      perWeight: row('perWeight'),
      perInputValue: row('perInputValue'),
    };
    const used = [...COMPONENTS.keys()].filter(
      (c) => PRICED_COUNTS.some((count) => rows[count][c]! > 0) || (c === METADATA && prices.perMetadataBit > 0),
    );
    tables.set(machine, (table = { ...rows, used }));
  }
  return table;
}
