import { chipDerivations, chipEnergies, FIXED_PRICES } from './bit-parallel.ts';
import type { Derivation, Machine, PriceList } from './machine.ts';
import type { ParametersOf } from './parameters.ts';

/** Steps that DaDianNao's time for the same windows amounts to (Judd et al., MICRO 2016). */
const STEPS_OF_BASELINE = 16;

/**
 * Prices of a bit-serial chip built from DaDianNao's parts. `windowsAtOnce` windows advance together, one step a cycle, so a
 * chip does DaDianNao's work in steps / 16 of its cycles and spends `powerRatio` times its compute power meanwhile.
 */
export function serialPrices(chip: ParametersOf<'stripes'>): PriceList {
  const { compute, buffers, network, offChip, macsPerCycle, clockHertz } = chipEnergies(chip);
  const activationShare = chip.activationShareOfBuffer.value;
  return {
    ...FIXED_PRICES,
    perMacStep: { compute: (chip.powerRatio.value * compute) / STEPS_OF_BASELINE },
    perMac: { buffers: buffers * (1 - activationShare), network, offChip },
    perMacStoredBit: { buffers: (buffers * activationShare) / 16 },
    // A MAC of DaDianNao reads one 16-bit weight; the 16 activations all its tiles share add 0.4 % and are left out.
    perMetadataBit: buffers / 16,
    metadataBitsPerGroup: chip.metadataBitsPerGroup.value,
    metadataBitsPerExponent: chip.metadataBitsPerExponent.value,
    // Each of the 16 lanes of a tile's multipliers belongs to another channel: multipliers / 16 filters a tile.
    filtersAtOnce: (chip.tiles.value * chip.multipliersPerTile.value) / 16,
    cyclesPerMacStep: 1 / (macsPerCycle * chip.windowsAtOnce.value),
    clockHertz,
  };
}

export function serialDerivations(chip: ParametersOf<'stripes'>): Derivation[] {
  const { compute, buffers } = chipEnergies(chip);
  const perStep = (chip.powerRatio.value * compute) / STEPS_OF_BASELINE;
  return [
    ...chipDerivations(chip),
    { name: 'compute, one step', formula: 'powerRatio x compute (NFU) / 16', value: perStep, unit: 'pJ/MAC' },
    { name: 'break-even', formula: '16 / powerRatio', value: 16 / chip.powerRatio.value, unit: 'steps' },
    { name: 'metadata, one bit moved', formula: 'buffers (eDRAM) / 16', value: buffers / 16, unit: 'pJ/bit' },
  ];
}

/**
 * Stripes (Judd et al., MICRO 2016): activations bit-serial, weights bit-parallel. P bits take P steps; in lock-step a pallet
 * (16 windows x 16 channels) takes the steps of its widest value.
 */
export function stripes(chip: ParametersOf<'stripes'>): Machine {
  const prices = serialPrices(chip);
  const baseline = chipEnergies(chip);
  const source = 'Judd et al., MICRO 2016';
  const computeAt = (bits: number) => ((prices.perMacStep.compute ?? 0) * bits) / baseline.compute;
  const speedUpAt = (bits: number) => 1 / baseline.macsPerCycle / (prices.cyclesPerMacStep * bits);
  return {
    prices,
    steps: (layer, mode) => (mode === 'ideal' ? layer.meanBits : layer.lockstepBits),
    uniformSteps: (_layer, bits) => bits,
    derivations: serialDerivations(chip),
    selfChecks: [
      {
        name: 'Speed-up over DaDianNao at 8 bits (16 / P)',
        computed: speedUpAt(8),
        expected: 2,
        tolerance: 1e-9,
        unit: 'x',
        source: "authors' simulator",
        flag: 'secondary',
      },
      {
        name: 'Power over DaDianNao, mean speed-up 1.92 / efficiency 1.57',
        computed: chip.powerRatio.value,
        expected: 1.92 / 1.57,
        tolerance: 0.005,
        unit: 'x',
        source,
        flag: 'derived',
      },
      {
        name: 'Compute energy over DaDianNao at 8 bits (1.22 x 8 / 16)',
        computed: computeAt(8),
        expected: 0.61,
        tolerance: 0.001,
        unit: 'x',
        source,
        flag: 'derived',
      },
      {
        name: 'Break-even with DaDianNao',
        computed: 16 / chip.powerRatio.value,
        expected: 13.1,
        tolerance: 0.005,
        unit: 'bits',
        source,
        flag: 'derived',
      },
    ],
  };
}
