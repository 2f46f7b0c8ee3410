import { describe, expect, it } from 'vitest';
import {
  acceleratorLabel,
  machineOf,
  parseAccelerator,
  selfChecks,
  UNCONFIRMED,
} from '../../../../src-shared/energy/accelerators/accelerator.ts';
import { ADC_LAWS, adcEnergyShare } from '../../../../src-shared/energy/accelerators/adc-laws.ts';
import { builtinAccelerator, builtinAccelerators } from '../../../../src-shared/energy/accelerators/builtin.ts';
import { ACCESS_CLASSES, type Accelerator } from '../../../../src-shared/energy/accelerators/parameters.ts';
import type { EnergyOptions } from '../../../../src-shared/energy/energy.ts';
import type { EnergyMode } from '../../../../src-shared/energy/energy-mode.ts';
import { layerEnergies } from '../../../../src-shared/energy/energy.ts';
import { FoveaError } from '../../../../src-shared/errors.ts';
import type { LayerCounts, LayerGeometry } from '../../../../src-shared/measurement.ts';
import { countsAtBits } from '../../../../src-shared/precision/precision-profile.ts';

/** 25 windows of 9 taps x 32 channels, 20 filters. */
const CONV: LayerGeometry = {
  name: 'conv',
  op: 'Conv',
  inputShape: [32, 7, 7],
  outputShape: [20, 5, 5],
  kernel: [3, 3],
  groups: 1,
  macs: 25 * 20 * 288,
  values: 1568,
  weights: 20 * 288,
};
const LINEAR: LayerGeometry = {
  name: 'linear',
  op: 'Gemm',
  inputShape: [512, 1, 1],
  outputShape: [1000, 1, 1],
  kernel: [1, 1],
  groups: 1,
  macs: 512_000,
  values: 512,
  weights: 512_000,
};

function at(bits: number, geometry = CONV): LayerCounts {
  return { ...countsAtBits([geometry], [bits])[0]!, nonZeroBits: bits / 2, lockstepNonZeroBits: bits };
}

function costOf(
  id: string | Accelerator,
  layer: LayerCounts,
  mode: EnergyMode = 'lockstep',
  options: EnergyOptions = {},
) {
  const accelerator = typeof id === 'string' ? builtinAccelerator(id) : id;
  return layerEnergies(accelerator, [layer], mode, options)![0]!;
}

function expectParts(components: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  for (const [name, energy] of Object.entries(expected))
    expect(Math.abs(components[name]! - energy), `${name}: ${components[name]} and ${energy}`).toBeLessThanOrEqual(
      1e-9 * energy,
    );
  const sum = Object.values(components).reduce((total, energy) => total + energy, 0);
  const expectedSum = Object.values(expected).reduce((total, energy) => total + energy, 0);
  expect(Math.abs(sum - expectedSum)).toBeLessThanOrEqual(1e-9 * expectedSum);
}

function copyOf(id: string) {
  const copy: unknown = structuredClone(builtinAccelerator(id));
  const set = (field: string, value: unknown) => {
    const keys = field.split('.');
    const last = keys.pop()!;
    let target = copy;
    for (const key of keys) target = Reflect.get(target as object, key);
    if (value === undefined) Reflect.deleteProperty(target as object, last);
    else Reflect.set(target as object, last, value);
  };
  return { copy, set };
}

/** Joules per second over bits or MACs per second of DaDianNao (ISAAC, Table I), in picojoules. */
const NFU = (4.9 / (4096 * 606e6)) * 1e12;
const EDRAM_BIT = (4.8 / (606e6 * 16 * (4096 + 16))) * 1e12;
const BUS_BIT = (0.013 / (606e6 * 256)) * 1e12;
const DRAM_BIT = 1950 / 64;
/** Rows of 16 channels for 9 taps: 18 reads of 16 weights a filter. */
const CONV_INPUTS = 18 * 16;

describe('self-checks', () => {
  it.each(builtinAccelerators().map((accelerator) => [accelerator.id, accelerator] as const))(
    '%s is what the rules for files make of it',
    (id, accelerator) => {
      expect(parseAccelerator(accelerator, `${id}.json`)).toEqual(accelerator);
    },
  );

  it('the ends of a range keep to the rules of the value they may stand for', () => {
    const { copy, set } = copyOf('stripes');
    set('parameters.tiles.range', [15.5, 16.5]);
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow(
      'field parameters.tiles.range[0]: expected int, found 15.5',
    );
  });

  it.each(builtinAccelerators().map((accelerator) => [accelerator.id, accelerator] as const))(
    '%s reproduces its published figures, and says how it serves each class of access',
    (_id, accelerator) => {
      expect(selfChecks(accelerator).filter(({ holds }) => !holds)).toEqual([]);
      expect(Object.keys(accelerator.dataflow).sort()).toEqual([...ACCESS_CLASSES].sort());
    },
  );

  it.each([
    ['stripes', 'parameters.tiles.value', 999, 'checks[0]: "NFU" (nfuPower / (tiles x multipliersPerTile x clock))'],
    ['stripes', 'parameters.filtersAtOnce.value', 512, '"lanes per multiplier"'],
    ['dadiannao', 'parameters.eDramPower.value', 9.6, '"eDRAM"'],
    ['isaac', 'parameters.adcPower.value', 20, '"power of a tile"'],
    ['tpu-v1', 'parameters.busyPower.value', 20, '"busy energy"'],
    ['unpu', 'parameters.clock.value', 400, '"peak at 16-bit weights"'],
    ['bit-fusion', 'parameters.macEnergy.value', 4.59, '"power of the MACs"'],
    ['loom', 'parameters.baselineMultipliers.value', 4096, '"lanes per multiplier"'],
    ['laconic', 'checks.0.figure', 'NPU', 'no such figure'],
  ])('%s with %s %s contradicts itself and is refused by file and field', (id, field, value, fault) => {
    const { copy, set } = copyOf(id);
    set(field, value);
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow('accelerator mine.json: field checks[');
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow(fault);
  });

  it('hold over the whole of a range that is published', () => {
    const { copy, set } = copyOf('stripes');
    set('parameters.powerRatio.value', 1.6);
    expect(selfChecks(parseAccelerator(copy, 'mine.json')).every(({ holds }) => holds)).toBe(true);
    set('parameters.powerRatio.value', 1.7);
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow('parameters.powerRatio.range');
  });
});

describe('DaDianNao', () => {
  it('reads its weights for every window and pays 16 bits whatever the width', () => {
    const { components, cycles } = costOf('dadiannao', at(4));
    expect(cycles).toBe(25 * 18);
    expectParts(components, {
      compute: 144_000 * NFU,
      weights: 25 * CONV_INPUTS * 20 * 16 * EDRAM_BIT,
      activations: (25 * 288 + 1568) * 16 * EDRAM_BIT,
      network: 25 * 288 * 16 * BUS_BIT,
    });
    for (const bits of [0, 1, 8, 15]) expect(costOf('dadiannao', at(bits))).toEqual(costOf('dadiannao', at(16)));
  });

  it('spends 1.97, 1.93 and 8.10 pJ a MAC in NFU, eDRAM and chip at full use (ISAAC, Table I)', () => {
    const value = (name: string) =>
      machineOf(builtinAccelerator('dadiannao')).figures.find((figure) => figure.name === name)!.value;
    expect(value('NFU')).toBeCloseTo(1.97, 2);
    expect(value('eDRAM')).toBeCloseTo(1.93, 2);
    expect(value('energy of the chip')).toBeCloseTo(8.1, 2);
    // 16 weight bits a MAC, 16 activation bits for 256 MACs.
    expect(16 * EDRAM_BIT + (16 / 256) * EDRAM_BIT).toBeCloseTo(value('eDRAM'), 9);
  });
});

describe('Stripes', () => {
  it('reads a weight once for 16 windows and takes a step a bit: every class by hand', () => {
    // 25 windows are 2 rounds of 16; 9 taps x 32 channels are 18 rounds of 16; 20 filters are one of 256.
    const { components, cycles, utilisation } = costOf('stripes', at(5));
    expect(cycles).toBe(2 * 18 * 5);
    expect(utilisation).toBe(144_000 / (36 * 16 * 16 * 256));
    expectParts(components, {
      compute: (144_000 * 5 * 1.22 * NFU) / 16,
      weights: 2 * CONV_INPUTS * 20 * 16 * EDRAM_BIT,
      activations: (25 * 288 + 1568) * 16 * EDRAM_BIT,
      network: 25 * 288 * 16 * BUS_BIT,
    });
  });

  it('idles 13 of 16 lanes on three channels, 255 of 256 filters depthwise, 15 of 16 windows when fully connected', () => {
    const image = { ...CONV, inputShape: [3, 7, 7], macs: 25 * 20 * 27, weights: 540, values: 147 } as const;
    expect(costOf('stripes', at(8, image)).utilisation).toBe((25 * 20 * 27) / (2 * 9 * 65536));
    const depthwise = { ...CONV, outputShape: [32, 5, 5], groups: 32, macs: 25 * 32 * 9, weights: 288 } as const;
    expect(costOf('stripes', at(8, depthwise)).cycles).toBe(32 * 2 * 9 * 8);
    expect(costOf('stripes', at(8, depthwise)).utilisation).toBe((25 * 32 * 9) / (32 * 2 * 9 * 65536));
    expect(costOf('stripes', at(8, LINEAR)).utilisation).toBe(512_000 / (32 * 4 * 65536));
  });

  it('takes idle lanes at the price of working ones where they are powered', () => {
    const { components, computePicojoules, cycles } = costOf('stripes', at(5), 'lockstep', { idleLanes: 'powered' });
    // Power x time: all lanes at every step.
    expect(computePicojoules).toBeCloseTo((cycles * 65536 * 1.22 * NFU) / 16, 3);
    expect(components['idle']).toBeCloseTo(((36 * 65536 - 144_000) * 5 * 1.22 * NFU) / 16, 3);
  });

  it('stores activations at their word, the bits of their region or the width a group needs', () => {
    const layer = { ...at(5), groupBits: 3, palletBits: 4 };
    const activations = (storage: EnergyOptions['storage'] & string) =>
      costOf('stripes', layer, 'lockstep', { storage }).components['activations']! / ((25 * 288 + 1568) * EDRAM_BIT);
    expect(activations('unpacked')).toBeCloseTo(16, 9);
    expect(activations('packed')).toBeCloseTo(5, 9);
    // 4 bits tell the width of 16 values.
    expect(activations('shapeshifter')).toBeCloseTo(3.25, 9);
    expect(activations('shapeshifter')).toBeLessThan(activations('packed'));
  });

  it('fetches weights once an image where they are in DRAM, and activations that do not fit', () => {
    const dram = costOf('stripes', at(5), 'lockstep', { weights: 'dram' });
    expect(dram.components['dram']).toBeCloseTo(5760 * 16 * DRAM_BIT, 6);
    // 64 x 224 x 224 values in and out are 12.8 MB of 16 bits; 4 MiB hold them at 4 bits, packed.
    const large = { ...CONV, inputShape: [64, 224, 224], outputShape: [64, 224, 224], values: 3_211_264 } as const;
    const spilt = costOf('stripes', at(4, large));
    expect(spilt.components['dram']).toBeCloseTo(2 * 3_211_264 * 16 * DRAM_BIT, 0);
    expect(costOf('stripes', at(4, large), 'lockstep', { storage: 'packed' }).components['dram']).toBe(0);
  });

  it('charges links only where resident weights span chips', () => {
    // 102,760,448 weights of 16 bits are 196 MiB: 7 chips of 32 MiB.
    const fc6 = { ...LINEAR, inputShape: [512, 7, 7], outputShape: [4096, 1, 1], values: 25_088 } as const;
    const layer = at(8, { ...fc6, macs: 102_760_448, weights: 102_760_448 });
    const resident = costOf('stripes', layer, 'lockstep', { weights: 'resident' });
    expect(resident.components['links']).toBeCloseTo(6 * 25_088 * 16 * 50.8, 3);
    expect(resident.components['dram']).toBe(0);
    expect(costOf('stripes', layer).components['links']).toBe(0);
    expect(costOf('stripes', layer).components['dram']).toBeCloseTo(102_760_448 * 16 * DRAM_BIT, 0);
  });

  it('reads the level map once a layer and an exponent as often as its position', () => {
    const layer = { ...at(5), levelMapBits: 196, rangeExponents: 49 };
    // 7,200 reads of 1,568 values.
    const { components } = costOf('stripes', layer);
    expect(components['metadata']).toBeCloseTo((196 + 49 * 8 * (1 + 7200 / 1568)) * EDRAM_BIT, 9);
  });

  it('rescales every partial sum of an exact step and shifts those of a power of two', () => {
    // 25 windows x 20 filters x 9 taps.
    const exact = { ...at(5), rangeExponents: 49, rescaledSums: 4500 };
    expect(costOf('stripes', exact).components['rescaling']).toBeCloseTo(4500 * 1.97, 9);
    expect(costOf('stripes', { ...exact, rescaledSums: 0 }).components['rescaling']).toBeCloseTo(4500 * 0.1, 9);
    // Two blocks of 16 channels at each position: twice as many sums.
    const blocks = { ...exact, rangeExponents: 98, rescaledSums: 0 };
    expect(costOf('stripes', blocks).components['rescaling']).toBeCloseTo(9000 * 0.1, 9);
    expect(costOf('stripes', at(5)).components['rescaling']).toBe(0);
    const extra = costOf('stripes', exact).computePicojoules - costOf('stripes', at(5)).computePicojoules;
    expect(extra).toBeCloseTo(4500 * 1.97, 6);
  });

  it.each([1, 4, 8, 9, 13, 16])(
    'takes 16/%i of the speed-up and 1.22 x P/16 of the compute energy at full use',
    (bits) => {
      const full = { ...CONV, outputShape: [256, 4, 4], macs: 16 * 256 * 288 } as const;
      const baseline = costOf('dadiannao', at(16, full));
      const stripes = costOf('stripes', at(bits, full));
      expect(stripes.utilisation).toBe(1);
      expect(baseline.cycles / stripes.cycles).toBeCloseTo(16 / bits, 9);
      expect(stripes.computePicojoules / baseline.computePicojoules).toBeCloseTo((1.22 * bits) / 16, 9);
    },
  );
});

describe('Dynamic Stripes', () => {
  it('takes the steps that a pallet needs, ideally those of each group', () => {
    const layer = { ...at(8), groupBits: 5.7, palletBits: 7.07, compactedPalletBits: 7 };
    for (const [mode, steps] of [
      ['ideal', 5.7],
      ['compacted', 7],
      ['lockstep', 7.07],
    ] as const)
      expect(costOf('dynamic-stripes', layer, mode).cycles).toBeCloseTo(36 * steps, 9);
    expect(costOf('dynamic-stripes', layer).computePicojoules).toBeCloseTo((144_000 * 7.07 * 1.22 * NFU) / 16, 3);
  });
});

describe('Bit-Pragmatic', () => {
  it('takes a step for each one-bit, in lock-step for each step of the pallet', () => {
    expect(costOf('pragmatic', at(8), 'ideal').computePicojoules).toBeCloseTo((144_000 * 4 * 2.03 * NFU) / 16, 3);
    expect(costOf('pragmatic', at(8)).computePicojoules).toBeCloseTo((144_000 * 8 * 2.03 * NFU) / 16, 3);
  });
});

describe('Loom', () => {
  it('takes the product of both widths in convolutions', () => {
    // 2 rounds of windows, 18 of inputs, one of 128 filters; 11-bit weights.
    const { components, cycles } = costOf('loom', at(6));
    expect(cycles).toBe(36 * 6 * 11);
    expectParts(components, {
      compute: (144_000 * 6 * 11 * 1.237 * NFU) / 256,
      weights: 2 * CONV_INPUTS * 20 * 11 * EDRAM_BIT,
      activations: (25 * 288 + 1568) * 16 * EDRAM_BIT,
      network: 25 * 288 * 16 * BUS_BIT,
    });
  });

  it('takes the width of the weights alone in fully connected layers', () => {
    // 32 rounds of 16 inputs, 8 of 128 filters: 1,000 of 1,024 filters at work.
    const { cycles, utilisation } = costOf('loom', at(6, LINEAR));
    expect(cycles).toBe(32 * 8 * 11);
    expect(utilisation).toBeCloseTo(1000 / 1024, 12);
    expect(costOf('loom', at(3, LINEAR)).cycles).toBe(cycles);
  });

  it('works off 128 16 x 16-bit MACs a cycle at full use', () => {
    const full = { ...CONV, outputShape: [128, 4, 4], macs: 16 * 128 * 288 } as const;
    const { copy, set } = copyOf('loom');
    set('parameters.weightSteps.value', 16);
    set('parameters.weightBits.value', 16);
    const { cycles } = costOf(parseAccelerator(copy, 'mine.json'), at(16, full));
    expect(full.macs / cycles).toBe(128);
  });
});

describe('Laconic', () => {
  it('takes a step for each pair of one-bits', () => {
    // 20 filters are 3 rounds of 8; 3 one-bits a weight.
    const { cycles, computePicojoules } = costOf('laconic', at(8), 'ideal');
    expect(cycles).toBe(2 * 18 * 3 * 4 * 3);
    expect(computePicojoules).toBeCloseTo((144_000 * 4 * 3 * 1.08 * NFU) / 16, 3);
  });
});

describe('ISAAC', () => {
  // A tile does 96 crossbars x 128 rows x 16 weights in 16 cycles of 100 ns.
  const tileMacs = (96 * 128 * 16) / 1.6e-6;
  const perMac = (milliwatts: number) => (milliwatts / 1000 / tileMacs) * 1e12;

  it('converts by column and step, drives by row, and moves by access: every class by hand', () => {
    // 288 inputs fill 3 crossbars of 128 rows, 20 filters 2 of 16: 25 windows x 3 x 20 partial dot products.
    const dots = 25 * 3 * 20;
    const { components, cycles, utilisation } = costOf('isaac', at(5));
    expect(cycles).toBeCloseTo((25 * 3 * 2 * 5) / (168 * 96), 9);
    expect(utilisation).toBeCloseTo(144_000 / (25 * 3 * 2 * 128 * 16), 12);
    const reads = 25 * 288 * 2 * 16;
    expectParts(components, {
      adc: dots * 5 * ((perMac(16 * 12) * 128) / 16),
      dac: 25 * 288 * 2 * 5 * ((perMac(4 * 12) * 16) / 16),
      array: (144_000 * 5 * perMac(2.4 * 12)) / 16 + dots * 5 * ((perMac(0.01 * 12) * 128) / 16),
      compute: dots * 5 * ((perMac(0.2 * 12) * 128) / 16),
      partialSums: dots * 128 * (perMac(0.23 * 12) + perMac(1.68)),
      periphery: dots * 128 * perMac(0.52 + 0.05 + 0.4),
      // 16 weights of a row share an input bit: a bit a MAC.
      activations: (reads + 1568 * 16) * perMac(20.7),
      registers: reads * perMac(1.24 * 12),
      network: reads * perMac(7 + 42 / 4),
    });
  });

  it('comes to 1.5625 pJ of conversion and 2.69 pJ of tile a 16-bit MAC where rows and columns are full', () => {
    const full = { ...CONV, inputShape: [128, 5, 5], kernel: [1, 1], outputShape: [16, 5, 5], values: 3200 } as const;
    const macs = 25 * 16 * 128;
    const { components, totalPicojoules } = costOf('isaac', at(16, { ...full, macs, weights: 2048 }));
    expect(components['adc']! / macs).toBeCloseTo(1.5625, 6);
    expect(components['dac']! / macs).toBeCloseTo(0.3906, 4);
    expect(components['array']! / macs).toBeCloseTo(0.2344 + 0.001, 3);
    // All of the tile's 2.684, and each value written once.
    expect((totalPicojoules - 3200 * 16 * perMac(20.7)) / macs).toBeCloseTo(2.684, 3);
  });

  it('scales conversions with activation bits and nothing else', () => {
    const full = costOf('isaac', at(16));
    const quarter = costOf('isaac', at(4));
    for (const name of ['adc', 'dac', 'array', 'compute'])
      expect(quarter.components[name]).toBeCloseTo(full.components[name]! / 4, 9);
    for (const name of ['activations', 'registers', 'network', 'partialSums', 'periphery'])
      expect(quarter.components[name]).toBe(full.components[name]);
  });

  it.each([
    ['linear', 0.5, 0.75],
    ['isaac', 0.473, 0.719],
    ['square', 0.25, 0.5625],
    ['exponential', 0.0625, 0.25],
  ] as const)('prices a conversion by the %s law at 4, 6 and 8 bits', (law, at4, at6) => {
    expect(adcEnergyShare(law, 4)).toBeCloseTo(at4, 3);
    expect(adcEnergyShare(law, 6)).toBeCloseTo(at6, 3);
    expect(adcEnergyShare(law, 8)).toBe(1);
    const { copy, set } = copyOf('isaac');
    set('parameters.adcLaw.value', law);
    set('parameters.adcResolvedBits.value', 6);
    const adc = (accelerator: Accelerator) => costOf(accelerator, at(16)).components['adc']!;
    expect(adc(parseAccelerator(copy, 'copy.json')) / adc(builtinAccelerator('isaac'))).toBeCloseTo(at6, 3);
  });

  it('knows every law', () => expect(ADC_LAWS).toHaveLength(4));
});

describe('TPU v1', () => {
  it('spends 0.87 pJ a MAC when busy, its buffers within, and fetches 8-bit weights', () => {
    // 288 inputs are 2 rounds of 256 rows, 20 filters one of 256 columns; a window a cycle.
    const { components, cycles, utilisation } = costOf('tpu-v1', at(8));
    expect(cycles).toBe(25 * 2);
    expect(utilisation).toBe(144_000 / (50 * 65536));
    expectParts(components, { compute: (144_000 * 40e12) / (65536 * 700e6), dram: 5760 * 8 * DRAM_BIT });
  });

  it('gains nothing below 8 bits; above, runs at half, with 16-bit weights at quarter speed', () => {
    const at8 = costOf('tpu-v1', at(8));
    for (const bits of [0, 2, 7]) expect(costOf('tpu-v1', at(bits))).toEqual(at8);
    for (const bits of [9, 16]) expect(costOf('tpu-v1', at(bits)).cycles).toBe(2 * at8.cycles);
    const { copy, set } = copyOf('tpu-v1');
    set('parameters.weightBits.value', 16);
    expect(costOf(parseAccelerator(copy, 'copy.json'), at(16)).cycles).toBe(4 * at8.cycles);
  });

  it('pays for the widest value of a layer, however few there are', () => {
    expect(costOf('tpu-v1', { ...at(4), maxBits: 16 }).cycles).toBe(2 * costOf('tpu-v1', at(8)).cycles);
  });
});

describe('UNPU', () => {
  it('takes a step a weight bit and nothing less for narrow activations', () => {
    // 25 windows are 2 rounds of 24, 32 channels 2 for each of 9 taps, 20 filters one; 3.08 TOPS/W.
    const { components, cycles } = costOf('unpu', at(2));
    expect(cycles).toBe(2 * 18 * 16);
    expectParts(components, { compute: (144_000 * 2) / 3.08, dram: 5760 * 16 * DRAM_BIT });
    expect(costOf('unpu', at(16))).toEqual(costOf('unpu', at(2)));
  });

  it('falls with weight bits to 50.6 TOPS/W', () => {
    const { copy, set } = copyOf('unpu');
    set('parameters.weightBits.value', 1);
    const one = costOf(parseAccelerator(copy, 'copy.json'), at(8));
    expect(one.components['compute']).toBeCloseTo((144_000 * 2) / 50.6, 6);
    expect(one.cycles).toBe(36);
  });
});

describe('Bit Fusion', () => {
  it('does one 8 x 8-bit MAC, two of 4 x 8 and four of 2 x 8 a unit and cycle; every class by hand', () => {
    // 288 inputs are 18 rounds of 16 rows, 20 filters one of 32 columns.
    const { components, cycles } = costOf('bit-fusion', at(8));
    expect(cycles).toBe(25 * 18);
    const bit = 10 / 64;
    expect(Math.abs(bit - 0.156)).toBeLessThan(0.001);
    expectParts(components, {
      compute: 144_000 * 0.459,
      weights: 25 * CONV_INPUTS * 20 * 8 * 0.156,
      activations: (25 * 288 + 1568) * 8 * 0.156,
      partialSums: 25 * 18 * 20 * 10,
      dram: 5760 * 8 * DRAM_BIT,
    });
    expect(costOf('bit-fusion', at(4)).cycles).toBe(cycles / 2);
    expect(costOf('bit-fusion', at(2)).cycles).toBe(cycles / 4);
    expect(costOf('bit-fusion', at(3))).toEqual(costOf('bit-fusion', at(4)));
  });

  it('does four 4 x 4-bit and sixteen 2 x 2-bit MACs with narrow weights', () => {
    for (const bits of [4, 2]) {
      const { copy, set } = copyOf('bit-fusion');
      set('parameters.weightBits.value', bits);
      const { cycles } = costOf(parseAccelerator(copy, 'copy.json'), at(bits));
      expect(costOf('bit-fusion', at(8)).cycles / cycles).toBe((8 / bits) ** 2);
    }
  });
});

describe('Eyeriss', () => {
  it('gates the multiplications by zero, their registers and no time; every class by hand', () => {
    // 25 windows are 2 rounds of 14, 288 inputs 24 of 12; filters take turns, 16 of them on one activation.
    const { components, cycles } = costOf('eyeriss', { ...at(8), zeroShare: 0.5, zeroShareAt8: 0.25 });
    expect(cycles).toBe(2 * 24 * 20);
    const bit = (6 * 1.9) / 16;
    expectParts(components, {
      compute: 144_000 * 0.5 * 1.9,
      registers: 144_000 * 0.5 * 3 * 1.9 + 144_000 * 1.9,
      weights: 2 * 288 * 20 * 16 * bit,
      activations: (25 * 288 * 2 + 1568) * 16 * bit,
      network: (25 * 288 * 2 * 16 * 2 * 1.9) / 16,
      partialSums: 25 * 24 * 20 * 2 * 1.9,
      dram: 5760 * 16 * DRAM_BIT,
    });
  });

  it('gates nothing where zeros were not counted, and gains nothing from narrow bits', () => {
    expect(costOf('eyeriss', at(2))).toEqual(costOf('eyeriss', at(16)));
  });
});

describe('parseAccelerator', () => {
  it.each([
    ['a text for a number', 'parameters.tiles.value', 'sixteen', 'expected number, found "sixteen"'],
    ['a number below 0', 'parameters.nfuPower.value', -1, 'Too small: expected number to be >0, found -1'],
    ['an absurd number', 'parameters.nfuPower.value', 4.9e6, 'Too big: expected number to be <=10000'],
    ['a capacity of 0', 'parameters.weightCapacity.value', 0, 'Too small: expected number to be >0, found 0'],
    ['no price of DRAM', 'parameters.dramAccess', undefined, 'expected object, found nothing'],
    ['a missing class of access', 'dataflow.partialSums', undefined, 'expected object, found nothing'],
    ['another unit', 'parameters.busPower.unit', 'W', 'expected "mW", found "W"'],
    ['no source', 'parameters.clock.source', undefined, 'expected string, found nothing'],
    ['a range beside its value', 'parameters.powerRatio.range', [1.3, 1.6], 'expected its ends around the value'],
    ['a missing parameter', 'parameters.powerRatio', undefined, 'expected object, found nothing'],
    ['no published figures', 'checks', [], 'Too small: expected array to have >=1 items'],
    ['an id with spaces', 'id', 'my chip', 'expected lower-case letters'],
    ['an unknown kind', 'kind', 'quantum', 'found "quantum"'],
  ])('names file and field of %s', (_what, field, value, fault) => {
    const { copy, set } = copyOf('stripes');
    set(field, value);
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow(`accelerator mine.json: field ${field}: `);
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow(fault);
  });

  it('names a field too many', () => {
    const { copy, set } = copyOf('stripes');
    set('parameters.nfuEnergy', {});
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow('parameters has "nfuEnergy", which is not a field here');
  });

  it.each([null, 3, [], {}])('refuses %j', (value) => {
    expect(() => parseAccelerator(value, 'mine.json')).toThrow(FoveaError);
  });

  it('labels what rests on an unconfirmed figure', () => {
    expect(acceleratorLabel(builtinAccelerator('stripes'))).toBe('Stripes');
    const unconfirmed = builtinAccelerators().filter((one) => acceleratorLabel(one).includes(UNCONFIRMED));
    expect(unconfirmed.map(({ id }) => id)).toEqual([
      'dynamic-stripes',
      'pragmatic',
      'loom',
      'laconic',
      'bit-fusion',
      'drq',
      'unpu',
      'eyeriss',
    ]);
  });
});

describe('builtinAccelerator', () => {
  it('takes an id or a name in any case and lists the valid ones otherwise', () => {
    expect(builtinAccelerator('Bit-Pragmatic').id).toBe('pragmatic');
    expect(builtinAccelerator('STRIPES').id).toBe('stripes');
    expect(() => builtinAccelerator('quantum')).toThrow(FoveaError);
  });
});
