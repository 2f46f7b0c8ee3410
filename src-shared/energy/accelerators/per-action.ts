import { baseMachine, commonPrices, lanesOf } from './base.ts';
import type { Machine } from './machine.ts';
import type { ParametersOf } from './parameters.ts';
import { ONE_STEP, REGION_WORDS, type StepRule, wordOf } from './steps.ts';

/** Widths that bricks of 2 bits fuse to (Sharma et al., ISCA 2018). */
const FUSED_WORDS = [2, 4, 8, 16];
/** The word whose MAC is one step. */
const FULL_WORD = 8;

const STEPS: Readonly<Record<ParametersOf<'per-action'>['activationsTake']['value'], StepRule>> = {
  constant: ONE_STEP,
  words: { kind: 'words', words: FUSED_WORDS, bitsPerStep: FULL_WORD },
  'region-words': { kind: 'region-words', words: REGION_WORDS, bitsPerStep: FULL_WORD },
};

/** Machines whose energies are known action by action: Bit Fusion, DRQ and Eyeriss. */
export function perAction(p: ParametersOf<'per-action'>): Machine {
  const lanes = lanesOf(p.windowsAtOnce.value, p.inputsAtOnce.value, p.filtersAtOnce.value);
  const fuses = p.activationsTake.value !== 'constant';
  const perSecond = lanes.windows * lanes.inputs * lanes.filters * p.clock.value * 1e6;
  return {
    ...baseMachine(p),
    lanes: {
      ...lanes,
      tapsShareInputs: p.taps.value === 'share-inputs',
      windowsPerWeightRead: p.windowsPerWeightRead.value,
      filtersPerActivationRead: p.filtersPerActivationRead.value,
    },
    steps: STEPS[p.activationsTake.value],
    weightSteps: fuses ? wordOf(FUSED_WORDS, p.weightBits.value) / FULL_WORD : 1,
    gatesZeros: p.zeros.value === 'gated',
    prices: {
      macSteps: { compute: p.macEnergy.value, registers: p.gatedRegisterEnergy.value },
      idleSteps: { idle: p.macEnergy.value },
      macs: { registers: p.registerEnergy.value },
      dots: { partialSums: p.partialSumEnergy.value },
      weightBits: { weights: p.weightReadEnergy.value },
      readBits: { activations: p.activationEnergy.value, network: p.networkEnergy.value },
      writtenBits: { activations: p.activationEnergy.value },
      ...commonPrices(p, p.activationEnergy.value),
    },
    figures: [
      {
        name: 'lanes',
        formula: 'windowsAtOnce x inputsAtOnce x filtersAtOnce',
        value: lanes.windows * lanes.inputs * lanes.filters,
        unit: '',
      },
      {
        name: 'peak',
        formula: '2 x windowsAtOnce x inputsAtOnce x filtersAtOnce x clock',
        value: (2 * perSecond) / 1e9,
        unit: 'GOPS',
      },
      {
        name: 'power of the MACs',
        formula: 'macEnergy x windowsAtOnce x inputsAtOnce x filtersAtOnce x clock',
        value: (p.macEnergy.value * perSecond) / 1e9,
        unit: 'mW',
      },
      {
        name: 'energy of a MAC and its registers',
        formula: 'macEnergy + gatedRegisterEnergy + registerEnergy',
        value: p.macEnergy.value + p.gatedRegisterEnergy.value + p.registerEnergy.value,
        unit: 'pJ/MAC',
      },
    ],
  };
}
