import { adcEnergyShare } from './adc-laws.ts';
import { baseMachine, commonPrices, lanesOf } from './base.ts';
import { picojoulesEach, type Figure, type Machine } from './machine.ts';
import type { ParametersOf } from './parameters.ts';

const TILE_POWER =
  'unitsPerTile x (adcPower + dacPower + sampleHoldPower + crossbarPower + unitShiftAddPower + inputRegisterPower + ' +
  'unitOutputRegisterPower) + eDramPower + eDramBusPower + routerPower / tilesPerRouter + sigmoidPower + tileShiftAddPower + ' +
  'maxPoolPower + tileOutputRegisterPower';

/**
 * ISAAC (Shafiee et al., ISCA 2016): weights lie in crossbars, activations enter `dacBits` a cycle. A conversion belongs to a
 * column and a step, whether or not all of its rows are in use; a driven row serves all columns of its crossbar.
 */
export function isaac(p: ParametersOf<'isaac'>): Machine {
  const cellsPerWeight = p.weightBits.value / p.bitsPerCell.value;
  const weightsPerRow = p.crossbarColumns.value / cellsPerWeight;
  const rows = p.crossbarRows.value;
  const fullSteps = p.inputBits.value / p.dacBits.value;
  const crossbars = p.unitsPerTile.value * p.crossbarsPerUnit.value;
  const tileMacsPerSecond = (crossbars * rows * weightsPerRow * p.clock.value * 1e6) / fullSteps;
  const chipMacsPerSecond = tileMacsPerSecond * p.tiles.value;

  /** Picojoules per MAC at full use and full input bits. */
  const ofTile = (milliwatts: number) => picojoulesEach(milliwatts / 1000, tileMacsPerSecond);
  const ofUnits = (milliwatts: number) => ofTile(milliwatts * p.unitsPerTile.value);

  const adc = ofUnits(p.adcPower.value);
  const resolvedAdc = adc * adcEnergyShare(p.adcLaw.value, p.adcResolvedBits.value);
  const dac = ofUnits(p.dacPower.value);
  const array = ofUnits(p.crossbarPower.value);
  const sampleHold = ofUnits(p.sampleHoldPower.value);
  const shiftAdd = ofUnits(p.unitShiftAddPower.value);
  const eDram = ofTile(p.eDramPower.value);
  const bus = ofTile(p.eDramBusPower.value);
  const router = ofTile(p.routerPower.value / p.tilesPerRouter.value);
  const inputRegister = ofUnits(p.inputRegisterPower.value);
  const unitOutputRegister = ofUnits(p.unitOutputRegisterPower.value);
  const tileOutputRegister = ofTile(p.tileOutputRegisterPower.value);
  const periphery = ofTile(p.sigmoidPower.value + p.tileShiftAddPower.value + p.maxPoolPower.value);

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
  /** A bit of an activation that reaches a crossbar serves the weights of one row. */
  const inputBitsPerMac = p.inputBits.value / weightsPerRow;

  const perMac = (name: string, formula: string, value: number): Figure => ({
    name,
    formula: `${formula} / MACs per second of a tile`,
    value,
    unit: 'pJ/MAC',
  });
  return {
    ...baseMachine(p),
    weightStore: 'chip',
    lanes: { ...lanesOf(1, rows, weightsPerRow), tapsShareInputs: true, arrays: crossbars * p.tiles.value },
    steps: { kind: 'crossbar-widths', words: [], bitsPerStep: p.dacBits.value },
    prices: {
      macSteps: { array: array / fullSteps },
      dotSteps: {
        adc: (resolvedAdc * rows) / fullSteps,
        array: (sampleHold * rows) / fullSteps,
        compute: (shiftAdd * rows) / fullSteps,
      },
      driveSteps: { dac: (dac * weightsPerRow) / fullSteps },
      idleSteps: { idle: (dac + array) / fullSteps },
      dots: { partialSums: (unitOutputRegister + tileOutputRegister) * rows, periphery: periphery * rows },
      readBits: {
        activations: eDram / inputBitsPerMac,
        registers: inputRegister / inputBitsPerMac,
        network: (bus + router) / inputBitsPerMac,
      },
      writtenBits: { activations: eDram / inputBitsPerMac },
      ...commonPrices(p, (eDram + bus) / inputBitsPerMac),
    },
    figures: [
      {
        name: 'MACs per second of a tile',
        formula: 'crossbars x rows x weights per row x clock / (inputBits / dacBits)',
        value: tileMacsPerSecond / 1e9,
        unit: 'GMAC/s',
      },
      {
        name: 'conversions per MAC',
        formula: 'weightBits / bitsPerCell x inputBits / dacBits / crossbarRows',
        value: (cellsPerWeight * fullSteps) / rows,
        unit: '',
      },
      perMac('ADC', 'adcPower x unitsPerTile', adc),
      {
        name: 'ADC at adcResolvedBits',
        formula: `ADC x law ${p.adcLaw.value} at ${p.adcResolvedBits.value} of 8 bits`,
        value: resolvedAdc,
        unit: 'pJ/MAC',
      },
      perMac('DAC', 'dacPower x unitsPerTile', dac),
      perMac('array', 'crossbarPower x unitsPerTile', array),
      perMac('shift-add', 'unitShiftAddPower x unitsPerTile', shiftAdd),
      perMac('eDRAM', 'eDramPower', eDram),
      perMac('input register', 'inputRegisterPower x unitsPerTile', inputRegister),
      perMac('bus', 'eDramBusPower', bus),
      perMac('router', 'routerPower / tilesPerRouter', router),
      perMac('unit output register', 'unitOutputRegisterPower x unitsPerTile', unitOutputRegister),
      perMac('tile output register', 'tileOutputRegisterPower', tileOutputRegister),
      { name: 'power of a tile', formula: TILE_POWER, value: tileMilliwatts, unit: 'mW' },
      { name: 'power of the tiles', formula: 'power of a tile x tiles', value: tilesWatts, unit: 'W' },
      {
        name: 'power of the chip',
        formula: 'power of a tile x tiles + hyperTransportPower',
        value: chipWatts,
        unit: 'W',
      },
      {
        name: 'throughput',
        formula: '2 x MACs per second of a tile x tiles',
        value: (2 * chipMacsPerSecond) / 1e12,
        unit: 'TOPS',
      },
      {
        name: 'efficiency',
        formula: 'throughput / power of the chip',
        value: (2 * chipMacsPerSecond) / 1e9 / chipWatts,
        unit: 'GOPS/W',
      },
      perMac('energy of a tile', 'power of a tile', ofTile(tileMilliwatts)),
      {
        name: 'energy of the chip',
        formula: 'power of the chip / (MACs per second of a tile x tiles)',
        value: picojoulesEach(chipWatts, chipMacsPerSecond),
        unit: 'pJ/MAC',
      },
      {
        name: "ADC's share of the tile",
        formula: 'adcPower x unitsPerTile / power of a tile',
        value: (p.adcPower.value * p.unitsPerTile.value) / tileMilliwatts,
        unit: '',
      },
      {
        name: "ADC's share of the chip",
        formula: 'adcPower x unitsPerTile x tiles / power of the chip',
        value: (p.adcPower.value * p.unitsPerTile.value * p.tiles.value) / 1000 / chipWatts,
        unit: '',
      },
    ],
  };
}
