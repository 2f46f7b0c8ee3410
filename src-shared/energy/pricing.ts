import type { LayerCounts, LayerGeometry } from '../measurement.ts';
import { cornersOf, machineOf } from './accelerators/accelerator.ts';
import { COMPONENTS, COMPUTE_COMPONENTS, type Action, type Component, type Machine } from './accelerators/machine.ts';
import type { Accelerator } from './accelerators/parameters.ts';
import { countsOfPass } from '../uniform-counts.ts';
import { activationSteps, missingCount, regionWord, wordOf } from './accelerators/steps.ts';
import {
  ACTION_COUNT,
  ACTION_INDEX,
  countActions,
  mapLayer,
  placeWeights,
  utilisationOf,
  type Mapping,
  type Placement,
} from './dataflow.ts';
import type { Energy, EnergyEstimate, RangedEnergy } from './energy-estimate.ts';
import type { EnergyMode } from './energy-mode.ts';
import type { EnergySwitches, Storage } from './energy-switches.ts';

/** Bits of an activation where nothing packs it, but on machines of words. */
export const STORED_BITS = 16;
/** Bits that tell the width of a group of 16 values (Dynamic Stripes and ShapeShifter, authors' simulator). */
const BITS_PER_WIDTH = 4;
const VALUES_PER_WIDTH = 16;

/** What layers cost on a machine. */
export type Priced = Pick<EnergyEstimate, 'cycles' | 'utilisation' | 'components' | 'corners' | keyof Energy>;

export function plainEnergy({ computePicojoules, totalPicojoules }: Energy): Energy {
  return { computePicojoules, totalPicojoules };
}

export function rangedEnergy({ corners, ...whole }: RangedEnergy): RangedEnergy {
  return { ...plainEnergy(whole), corners };
}

/** One machine about one network: layers mapped once, then counted and priced under any bits and mode. */
export class Pricing {
  readonly machine: Machine;
  readonly placement: Placement;
  readonly mappings: readonly Mapping[];
  readonly #corners: readonly Machine[];
  readonly #switches: EnergySwitches;

  constructor(accelerator: Accelerator, layers: readonly LayerGeometry[], switches: EnergySwitches) {
    const machine = machineOf(accelerator);
    this.machine = machine;
    this.placement = placeWeights(machine, layers, switches.weights);
    const { chips } = this.placement;
    this.mappings = layers.map((layer) => mapLayer(machine, layer, chips));
    this.#corners = cornersOf(accelerator);
    this.#switches = switches;
  }

  whole(layers: readonly LayerCounts[], mode: EnergyMode): Priced | string {
    return this.part(layers, mode, 0, layers.length);
  }

  /** Energy alone, at the points of ranged constants; null where a count is missing. What many images are priced by. */
  energy(layers: readonly LayerCounts[], mode: EnergyMode): Energy | null {
    const counted = this.#counted(layers, mode, 0, layers.length);
    return typeof counted === 'string' ? null : energyOf(pricesOf(this.machine).components(counted.counts));
  }

  /** Layers `from` up to `to`; where a count is missing, what it is. */
  part(layers: readonly LayerCounts[], mode: EnergyMode, from: number, to: number): Priced | string {
    const counted = this.#counted(layers, mode, from, to);
    if (typeof counted === 'string') return counted;
    const { counts, cycles, useful } = counted;
    const prices = pricesOf(this.machine);
    const energies = prices.components(counts);
    return {
      ...energyOf(energies),
      cycles,
      utilisation: cycles === 0 ? 0 : useful / cycles,
      components: Object.fromEntries(
        prices.used.flatMap((c) => (c === PREDICTOR && energies[c] === 0 ? [] : [[COMPONENTS[c]!, energies[c]!]])),
      ),
      corners: this.#corners.map((corner) => energyOf(pricesOf(corner).components(counts))),
    };
  }

  #counted(layers: readonly LayerCounts[], mode: EnergyMode, from: number, to: number) {
    const { machine } = this;
    const counts = new Float64Array(ACTION_COUNT);
    let cycles = 0;
    let useful = 0;
    for (let k = from; k < to; k++) {
      const layer = layers[k]!;
      const mapping = this.mappings[k]!;
      const steps = activationSteps(machine.steps, layer, mode);
      if (steps === null) return missingCount(machine.steps, mode);
      if (machine.gatesZeros && layer.zeroShareAt8 !== null && layer.zeroShare === null)
        return 'zeros were not counted';
      const storedBits = storedBitsOf(machine, layer, this.#switches.storage);
      if (storedBits === null) return missingCount({ ...machine.steps, kind: 'group-widths' }, mode);
      countActions(counts, machine, layer, mapping, this.placement, steps, storedBits, this.#switches);
      const own = this.#cyclesOf(mapping, steps) + this.#addPass(counts, layer, mapping, mode);
      cycles += own;
      useful += own * utilisationOf(layer, mapping);
    }
    return { counts, cycles, useful };
  }

  #cyclesOf({ rounds, spreadSteps }: Mapping, steps: number): number {
    return rounds * (spreadSteps ?? steps) * this.machine.weightSteps;
  }

  /** Adds what a pass before the run has the machine do, weights read once more and all. @returns its cycles */
  #addPass(counts: Float64Array, layer: LayerCounts, mapping: Mapping, mode: EnergyMode): number {
    const { machine } = this;
    const pass = countsOfPass(layer);
    if (!pass) return 0;
    const steps = activationSteps(machine.steps, pass, mode);
    const storedBits = storedBitsOf(machine, pass, this.#switches.storage);
    // Nothing of a pass is without its count.
    if (steps === null || storedBits === null) return 0;
    const { share } = layer.pass!;
    const own = new Float64Array(ACTION_COUNT);
    countActions(own, machine, pass, mapping, this.placement, steps, storedBits, this.#switches);
    own.forEach((count, action) => (counts[action]! += share * count));
    return share * this.#cyclesOf(mapping, steps);
  }
}

/** Bits an activation takes in memory; null when the widths of groups were not counted. */
function storedBitsOf({ steps }: Machine, layer: LayerCounts, storage: Storage): number | null {
  const plain =
    steps.kind === 'words'
      ? wordOf(steps.words, layer.maxBits)
      : steps.kind === 'region-words'
        ? regionWord(steps.words, layer, 'ideal')
        : STORED_BITS;
  if (storage === 'unpacked') return plain;
  if (storage === 'packed') return Math.min(plain, layer.meanBits);
  // Where it would not pay, values are stored as they are.
  return layer.groupBits === null ? null : Math.min(plain, layer.groupBits + BITS_PER_WIDTH / VALUES_PER_WIDTH);
}

/** No machine has one of its own: it is told where a plan needs it. */
const PREDICTOR = COMPONENTS.indexOf('predictor');

const IS_COMPUTE = COMPONENTS.map((component) => COMPUTE_COMPONENTS.some((own) => own === component));

function energyOf(energies: Float64Array): Energy {
  let computePicojoules = 0;
  let totalPicojoules = 0;
  for (let c = 0; c < energies.length; c++) {
    totalPicojoules += energies[c]!;
    if (IS_COMPUTE[c]) computePicojoules += energies[c]!;
  }
  return { computePicojoules, totalPicojoules };
}

/** The prices of a machine as a list to multiply counts with. */
class PriceList {
  readonly #actions: number[] = [];
  readonly #components: number[] = [];
  readonly #picojoules: number[] = [];
  /** Indices of the components the machine has. */
  readonly used: readonly number[];

  constructor({ prices }: Machine) {
    for (const [action, parts] of Object.entries(prices) as [Action, Partial<Record<Component, number>>][])
      for (const [component, picojoules] of Object.entries(parts) as [Component, number][]) {
        if (picojoules === 0) continue;
        this.#actions.push(ACTION_INDEX[action]);
        this.#components.push(COMPONENTS.indexOf(component));
        this.#picojoules.push(picojoules);
      }
    this.used = [...COMPONENTS.keys()].filter((c) => this.#components.includes(c));
  }

  components(counts: Float64Array): Float64Array {
    const energies = new Float64Array(COMPONENTS.length);
    for (let i = 0; i < this.#actions.length; i++)
      energies[this.#components[i]!]! += counts[this.#actions[i]!]! * this.#picojoules[i]!;
    return energies;
  }
}

const priceLists = new WeakMap<Machine, PriceList>();

function pricesOf(machine: Machine): PriceList {
  let list = priceLists.get(machine);
  if (!list) priceLists.set(machine, (list = new PriceList(machine)));
  return list;
}
