import { baseMachine, commonPrices, lanesOf } from './base.ts';
import { picojoulesEach, type Figure, type Machine, type Prices } from './machine.ts';
import type { ParametersOf } from './parameters.ts';

type Chip = ParametersOf<'bit-parallel'>;
type SerialChip = ParametersOf<'serial'>;

/** Bits of an operand of DaDianNao. */
const WORD_BITS = 16;

/** What DaDianNao's table of powers (ISAAC, Table I) comes to per action at full use, in picojoules. */
function chipEnergies(chip: Chip) {
  const multipliers = chip.tiles.value * chip.multipliersPerTile.value;
  const clockHertz = chip.clock.value * 1e6;
  const perMac = (watts: number) => picojoulesEach(watts, multipliers * clockHertz);
  // A cycle reads a weight for each multiplier, and an activation for each input lane, which all tiles share.
  const activationBits = chip.inputsAtOnce.value * WORD_BITS;
  return {
    macsPerSecond: multipliers * clockHertz,
    compute: perMac(chip.nfuPower.value),
    eDram: perMac(chip.eDramPower.value),
    eDramBit: picojoulesEach(chip.eDramPower.value, (multipliers * WORD_BITS + activationBits) * clockHertz),
    busBit: picojoulesEach(chip.busPower.value / 1000, activationBits * clockHertz),
    tilesWatts: chip.nfuPower.value + chip.eDramPower.value + chip.busPower.value / 1000,
  };
}

/**
 * Memories and wires of DaDianNao: weights and activations in eDRAM, activations on the bus to all tiles. Partial sums and
 * registers lie within the power of the NFU.
 */
function chipPrices(chip: Chip): Prices {
  const { eDramBit, busBit } = chipEnergies(chip);
  return {
    weightBits: { weights: eDramBit },
    readBits: { activations: eDramBit, network: busBit },
    writtenBits: { activations: eDramBit },
    ...commonPrices(chip, eDramBit),
  };
}

function chipFigures(chip: Chip): Figure[] {
  const { macsPerSecond, compute, eDram, eDramBit, busBit, tilesWatts } = chipEnergies(chip);
  const perSecond = 'tiles x multipliersPerTile x clock';
  const chipWatts = tilesWatts + chip.hyperTransportPower.value;
  return [
    { name: 'MACs per second', formula: perSecond, value: macsPerSecond / 1e12, unit: 'TMAC/s' },
    { name: 'NFU', formula: `nfuPower / (${perSecond})`, value: compute, unit: 'pJ/MAC' },
    { name: 'eDRAM', formula: `eDramPower / (${perSecond})`, value: eDram, unit: 'pJ/MAC' },
    {
      name: 'eDRAM bit',
      formula: 'eDramPower / (clock x 16 x (tiles x multipliersPerTile + inputsAtOnce))',
      value: eDramBit,
      unit: 'pJ/bit',
    },
    { name: 'bus bit', formula: 'busPower / (clock x 16 x inputsAtOnce)', value: busBit, unit: 'pJ/bit' },
    { name: 'power of the tiles', formula: 'nfuPower + eDramPower + busPower', value: tilesWatts, unit: 'W' },
    {
      name: 'power of the chip',
      formula: 'nfuPower + eDramPower + busPower + hyperTransportPower',
      value: chipWatts,
      unit: 'W',
    },
    {
      name: 'energy of the chip',
      formula: `power of the chip / (${perSecond})`,
      value: picojoulesEach(chipWatts, macsPerSecond),
      unit: 'pJ/MAC',
    },
  ];
}

/** DaDianNao (Chen et al., MICRO 2014): one step a MAC, whatever its bits. */
export function bitParallel(chip: Chip): Machine {
  const { compute } = chipEnergies(chip);
  const { windowsAtOnce, inputsAtOnce, filtersAtOnce } = chip;
  return {
    ...baseMachine(chip),
    lanes: lanesOf(windowsAtOnce.value, inputsAtOnce.value, filtersAtOnce.value),
    prices: { macSteps: { compute }, idleSteps: { idle: compute }, ...chipPrices(chip) },
    figures: [...chipFigures(chip), lanesFigure(chip)],
  };
}

/**
 * Machines built from DaDianNao's parts whose operands enter bit by bit: Stripes, Dynamic Stripes, Pragmatic, Loom, Laconic. They
 * spend `powerRatio` times the compute power of the bit-parallel design of `baselineMultipliers`, on as many lanes as they have.
 */
export function serial(chip: SerialChip): Machine {
  const { windowsAtOnce, inputsAtOnce, filtersAtOnce, powerRatio, baselineMultipliers, weightSteps } = chip;
  const lanes = lanesOf(windowsAtOnce.value, inputsAtOnce.value, filtersAtOnce.value);
  const lanesPerMultiplier = (lanes.windows * lanes.inputs * lanes.filters) / baselineMultipliers.value;
  const laneStep = (powerRatio.value * chipEnergies(chip).compute) / lanesPerMultiplier;
  return {
    ...baseMachine(chip),
    lanes,
    steps: { kind: chip.activationsTake.value, words: [], bitsPerStep: 1 },
    weightSteps: weightSteps.value,
    spreadsSingleWindow: chip.singleWindow.value === 'spreads-bits',
    prices: { macSteps: { compute: laneStep }, idleSteps: { idle: laneStep }, ...chipPrices(chip) },
    figures: [
      ...chipFigures(chip),
      lanesFigure(chip),
      {
        name: 'lanes per multiplier',
        formula: 'windowsAtOnce x inputsAtOnce x filtersAtOnce / baselineMultipliers',
        value: lanesPerMultiplier,
        unit: '',
      },
      { name: 'power ratio', formula: 'powerRatio', value: powerRatio.value, unit: 'x' },
      { name: 'lane step', formula: 'powerRatio x NFU / lanes per multiplier', value: laneStep, unit: 'pJ' },
      {
        name: 'break-even',
        formula: 'lanes per multiplier / (powerRatio x weightSteps)',
        value: lanesPerMultiplier / (powerRatio.value * weightSteps.value),
        unit: 'steps of an activation',
      },
    ],
  };
}

function lanesFigure({ windowsAtOnce, inputsAtOnce, filtersAtOnce }: Chip): Figure {
  return {
    name: 'lanes',
    formula: 'windowsAtOnce x inputsAtOnce x filtersAtOnce',
    value: windowsAtOnce.value * inputsAtOnce.value * filtersAtOnce.value,
    unit: '',
  };
}
