import type { Lanes, Machine, Prices, WeightStore } from './machine.ts';
import type { CommonParameters } from './parameters.ts';
import { ONE_STEP } from './steps.ts';

const BITS_PER_KIB = 8 * 1024;
const DRAM_BITS_PER_ACCESS = 64;

/** Lanes as most machines have them: one array, taps after each other, a read for all that enters at once. */
export function lanesOf(windows: number, inputs: number, filters: number): Lanes {
  return {
    windows,
    inputs,
    filters,
    tapsShareInputs: false,
    arrays: 1,
    windowsPerWeightRead: windows,
    filtersPerActivationRead: filters,
  };
}

/** What the parameters that all machines have say of one, as a machine of one step a MAC with its weights in DRAM. */
export function baseMachine(p: CommonParameters): Omit<Machine, 'lanes' | 'prices' | 'figures'> {
  const onChip = 'weightCapacity' in p;
  return {
    steps: ONE_STEP,
    weightSteps: 1,
    spreadsSingleWindow: false,
    gatesZeros: false,
    clockHertz: p.clock.value * 1e6,
    weightBits: p.weightBits.value,
    weightStore: (onChip ? 'either' : 'dram') satisfies WeightStore,
    weightCapacity: onChip ? p.weightCapacity.value * BITS_PER_KIB : 0,
    activationCapacity: p.activationCapacity.value * BITS_PER_KIB,
    bitsPerExponent: p.metadataBitsPerExponent.value,
  };
}

/** The classes that all machines price the same way. */
export function commonPrices(p: CommonParameters, metadataBit: number): Prices {
  return {
    metadataBits: { metadata: metadataBit },
    dramBits: { dram: p.dramAccess.value / DRAM_BITS_PER_ACCESS },
    linkBits: 'linkEnergy' in p ? { links: p.linkEnergy.value } : {},
    rescales: { rescaling: p.rescaleEnergy.value },
    shifts: { rescaling: p.shiftEnergy.value },
    // As wide an addition as a shift is taken for.
    predictions: { predictor: p.shiftEnergy.value },
  };
}
