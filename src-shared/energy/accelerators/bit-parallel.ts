import { picojoulesEach, type Derivation, type Machine, type PriceList } from './machine.ts';
import type { ParametersOf } from './parameters.ts';

type Chip = ParametersOf<'bit-parallel'>;

/** Picojoules per 16 x 16-bit MAC of DaDianNao at full use (ISAAC, Table I: powers over multiplications per second). */
export function chipEnergies(chip: Chip) {
  const macsPerCycle = chip.tiles.value * chip.multipliersPerTile.value;
  const clockHertz = chip.clock.value * 1e6;
  const macsPerSecond = macsPerCycle * clockHertz;
  const perMac = (watts: number) => picojoulesEach(watts, macsPerSecond);
  return {
    macsPerCycle,
    clockHertz,
    macsPerSecond,
    compute: perMac(chip.nfuPower.value),
    buffers: perMac(chip.eDramPower.value),
    network: perMac(chip.busPower.value / 1000),
    offChip: perMac(chip.hyperTransportPower.value),
  };
}

/** What no bit width changes: a machine without metadata, packing or memory beyond the chip. */
export const FIXED_PRICES = {
  perMac: {},
  perMacStoredBit: {},
  perWeight: {},
  perInputValue: {},
  perMetadataBit: 0,
  metadataBitsPerGroup: 0,
  metadataBitsPerExponent: 0,
  filtersAtOnce: 1,
} as const satisfies Partial<PriceList>;

export function chipDerivations(chip: Chip): Derivation[] {
  const energy = chipEnergies(chip);
  const over = (power: string) => `${power} / MACs per second`;
  return [
    {
      name: 'MACs per second',
      formula: 'tiles x multipliersPerTile x clock',
      value: energy.macsPerSecond / 1e12,
      unit: 'TMAC/s',
    },
    { name: 'compute (NFU)', formula: over('nfuPower'), value: energy.compute, unit: 'pJ/MAC' },
    { name: 'buffers (eDRAM)', formula: over('eDramPower'), value: energy.buffers, unit: 'pJ/MAC' },
    { name: 'network (global bus)', formula: over('busPower'), value: energy.network, unit: 'pJ/MAC' },
    { name: 'off-chip (HyperTransport)', formula: over('hyperTransportPower'), value: energy.offChip, unit: 'pJ/MAC' },
  ];
}

/** DaDianNao: one step a MAC, whatever its bits. */
export function bitParallel(chip: Chip): Machine {
  const { compute, buffers, network, offChip, macsPerCycle, clockHertz } = chipEnergies(chip);
  const watts = chip.nfuPower.value + chip.eDramPower.value + chip.busPower.value / 1000;
  const source = 'Shafiee et al., ISCA 2016, Table I';
  const printed = { unit: 'W', tolerance: 0.005, source, flag: 'printed' } as const;
  const derived = { unit: 'pJ/MAC', tolerance: 0.003, source: `arithmetic on ${source}`, flag: 'derived' } as const;
  return {
    prices: {
      ...FIXED_PRICES,
      perMacStep: { compute },
      perMac: { buffers, network, offChip },
      cyclesPerMacStep: 1 / macsPerCycle,
      clockHertz,
    },
    steps: () => 1,
    uniformSteps: () => 1,
    derivations: chipDerivations(chip),
    selfChecks: [
      { name: 'Power of 16 tiles', computed: watts, expected: 9.7, ...printed },
      { name: 'Power of the chip', computed: watts + chip.hyperTransportPower.value, expected: 20.1, ...printed },
      { name: 'NFU energy', computed: compute, expected: 1.97, ...derived },
      { name: 'eDRAM energy', computed: buffers, expected: 1.93, ...derived },
      { name: 'HyperTransport energy', computed: offChip, expected: 4.19, ...derived },
      {
        name: 'Energy of the chip',
        computed: compute + buffers + network + offChip,
        expected: 8.1,
        ...derived,
      },
    ],
  };
}
