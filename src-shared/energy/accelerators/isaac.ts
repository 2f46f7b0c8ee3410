import { adcEnergyShare } from './adc-laws.ts';
import { FIXED_PRICES } from './bit-parallel.ts';
import { picojoulesEach, type Machine } from './machine.ts';
import type { ParametersOf } from './parameters.ts';

/**
 * ISAAC (Shafiee et al., ISCA 2016): weights lie in crossbars, activations enter `dacBits` a cycle. Analog cycles and
 * conversions scale with activation bits; values moved only when storage is packed; the rest is constant.
 */
export function isaac(p: ParametersOf<'isaac'>): Machine {
  const cellsPerWeight = p.weightBits.value / p.bitsPerCell.value;
  const weightsPerRow = p.crossbarColumns.value / cellsPerWeight;
  const fullSteps = p.inputBits.value / p.dacBits.value;
  const crossbars = p.unitsPerTile.value * p.crossbarsPerUnit.value;
  const macsPerPass = crossbars * p.crossbarRows.value * weightsPerRow;
  const tileMacsPerSecond = macsPerPass / (fullSteps * p.cycleTime.value * 1e-9);
  const chipMacsPerSecond = tileMacsPerSecond * p.tiles.value;

  /** Picojoules per MAC at full input bits. */
  const ofTile = (milliwatts: number) => picojoulesEach(milliwatts / 1000, tileMacsPerSecond);
  const ofUnits = (milliwatts: number) => ofTile(milliwatts * p.unitsPerTile.value);

  const adcShare = adcEnergyShare(p.adcLaw.value, p.adcResolvedBits.value);
  const adc = ofUnits(p.adcPower.value);
  const dac = ofUnits(p.dacPower.value);
  const array = ofUnits(p.crossbarPower.value);
  const eDram = ofTile(p.eDramPower.value);
  const bus = ofTile(p.eDramBusPower.value);
  const router = ofTile(p.routerPower.value / p.tilesPerRouter.value);
  const inputRegister = ofUnits(p.inputRegisterPower.value);
  const unitOutputRegister = ofUnits(p.unitOutputRegisterPower.value);
  const tileOutputRegister = ofTile(p.tileOutputRegisterPower.value);
  const shiftAdd = ofUnits(p.unitShiftAddPower.value);
  const offChip = picojoulesEach(p.hyperTransportPower.value, chipMacsPerSecond);

  const unitMilliwatts =
    p.adcPower.value +
    p.dacPower.value +
    p.sampleHoldPower.value +
    p.crossbarPower.value +
    p.unitShiftAddPower.value +
    p.inputRegisterPower.value +
    p.unitOutputRegisterPower.value;
  const tileMilliwatts =
    unitMilliwatts * p.unitsPerTile.value +
    p.eDramPower.value +
    p.eDramBusPower.value +
    p.routerPower.value / p.tilesPerRouter.value +
    p.sigmoidPower.value +
    p.tileShiftAddPower.value +
    p.maxPoolPower.value +
    p.tileOutputRegisterPower.value;
  const tilesWatts = (tileMilliwatts / 1000) * p.tiles.value;
  const chipWatts = tilesWatts + p.hyperTransportPower.value;
  /** One conversion a column and step serves `crossbarRows` products of one cell. */
  const conversionsPerMac = (cellsPerWeight * fullSteps) / p.crossbarRows.value;
  /** Bits of input a MAC takes from the tile's buffer when every crossbar gets rows of its own. */
  const inputBitsPerMac = p.inputBits.value / weightsPerRow;

  const source = 'Shafiee et al., ISCA 2016';
  const printed = { tolerance: 0.001, source: `${source}, Table I`, flag: 'printed' } as const;
  const derived = { tolerance: 0.001, source: `arithmetic on ${source}, Table I`, flag: 'derived' } as const;
  return {
    prices: {
      ...FIXED_PRICES,
      perMacStep: {
        adc: (adc * adcShare) / fullSteps,
        dac: dac / fullSteps,
        array: (array + ofUnits(p.sampleHoldPower.value)) / fullSteps,
        compute: shiftAdd / fullSteps,
      },
      perMac: {
        registers: unitOutputRegister + tileOutputRegister,
        periphery: ofTile(p.sigmoidPower.value + p.tileShiftAddPower.value + p.maxPoolPower.value),
        offChip,
      },
      perMacStoredBit: {
        buffers: eDram / p.inputBits.value,
        registers: inputRegister / p.inputBits.value,
        network: (bus + router) / p.inputBits.value,
      },
      perMetadataBit: (eDram + bus) / inputBitsPerMac,
      metadataBitsPerGroup: p.metadataBitsPerGroup.value,
      metadataBitsPerExponent: p.metadataBitsPerExponent.value,
      filtersAtOnce: weightsPerRow,
      cyclesPerMacStep: 1 / (macsPerPass * p.tiles.value),
      clockHertz: 1e9 / p.cycleTime.value,
    },
    steps: (layer, mode) => (mode === 'ideal' ? layer.meanBits : layer.crossbarBits) / p.dacBits.value,
    uniformSteps: (_layer, bits) => bits / p.dacBits.value,
    derivations: [
      {
        name: 'MACs per second of a tile',
        formula: 'crossbars x rows x weights per row / (inputBits / dacBits x cycleTime)',
        value: tileMacsPerSecond / 1e9,
        unit: 'GMAC/s',
      },
      {
        name: 'conversions per MAC',
        formula: 'weightBits / bitsPerCell x inputBits / dacBits / crossbarRows',
        value: conversionsPerMac,
        unit: '',
      },
      { name: 'ADC', formula: 'adcPower x units / MACs per second', value: adc, unit: 'pJ/MAC' },
      {
        name: 'ADC at adcResolvedBits',
        formula: `ADC x law ${p.adcLaw.value} at ${p.adcResolvedBits.value} of 8 bits`,
        value: adc * adcShare,
        unit: 'pJ/MAC',
      },
      { name: 'DAC', formula: 'dacPower x units / MACs per second', value: dac, unit: 'pJ/MAC' },
      { name: 'array', formula: 'crossbarPower x units / MACs per second', value: array, unit: 'pJ/MAC' },
      { name: 'eDRAM', formula: 'eDramPower / MACs per second', value: eDram, unit: 'pJ/MAC' },
      {
        name: 'input register',
        formula: 'inputRegisterPower x units / MACs per second',
        value: inputRegister,
        unit: 'pJ/MAC',
      },
      {
        name: 'router',
        formula: 'routerPower / tilesPerRouter / MACs per second',
        value: router,
        unit: 'pJ/MAC',
      },
      { name: 'bus', formula: 'eDramBusPower / MACs per second', value: bus, unit: 'pJ/MAC' },
      {
        name: 'unit output register',
        formula: 'unitOutputRegisterPower x units / MACs per second',
        value: unitOutputRegister,
        unit: 'pJ/MAC',
      },
      { name: 'shift-add', formula: 'unitShiftAddPower x units / MACs per second', value: shiftAdd, unit: 'pJ/MAC' },
      {
        name: 'tile output register',
        formula: 'tileOutputRegisterPower / MACs per second',
        value: tileOutputRegister,
        unit: 'pJ/MAC',
      },
      {
        name: 'off-chip (HyperTransport)',
        formula: 'hyperTransportPower / (tiles x MACs per second)',
        value: offChip,
        unit: 'pJ/MAC',
      },
      {
        name: 'metadata, one bit moved',
        formula: '(eDRAM + bus) / input bits per MAC',
        value: (eDram + bus) / inputBitsPerMac,
        unit: 'pJ/bit',
      },
    ],
    selfChecks: [
      { name: 'Power of a tile', computed: tileMilliwatts, expected: 330, unit: 'mW', ...printed },
      { name: 'Power of the tiles', computed: tilesWatts, expected: 55.4, unit: 'W', ...printed },
      { name: 'Power of the chip', computed: chipWatts, expected: 65.8, unit: 'W', ...printed },
      { name: 'Throughput', computed: (2 * chipMacsPerSecond) / 1e12, expected: 41.29, unit: 'TOPS', ...printed },
      {
        name: 'Efficiency',
        computed: (2 * chipMacsPerSecond) / 1e9 / chipWatts,
        expected: 627.5,
        unit: 'GOPS/W',
        ...printed,
        source: `${source}, Table IV`,
      },
      { name: 'Energy of a tile', computed: ofTile(tileMilliwatts), expected: 2.686, unit: 'pJ/MAC', ...derived },
      {
        name: 'Energy of the chip',
        computed: picojoulesEach(chipWatts, chipMacsPerSecond),
        expected: 3.187,
        unit: 'pJ/MAC',
        ...derived,
      },
      { name: 'Conversions per 16 x 16-bit MAC', computed: conversionsPerMac, expected: 1, unit: '', ...derived },
      {
        name: "ADC's share of the tile's power",
        computed: (p.adcPower.value * p.unitsPerTile.value) / tileMilliwatts,
        expected: 0.58,
        unit: '',
        ...printed,
        tolerance: 0.01,
      },
      {
        name: "ADC's share of the chip's power",
        computed: (p.adcPower.value * p.unitsPerTile.value * p.tiles.value) / 1000 / chipWatts,
        expected: 0.49,
        unit: '',
        ...printed,
        tolerance: 0.01,
      },
    ],
  };
}
