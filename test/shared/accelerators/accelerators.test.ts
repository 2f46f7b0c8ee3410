import { describe, expect, it } from 'vitest';
import {
  acceleratorLabel,
  machineOf,
  parseAccelerator,
  UNCONFIRMED,
} from '../../../src-shared/energy/accelerators/accelerator.ts';
import { ADC_LAWS, adcEnergyShare } from '../../../src-shared/energy/accelerators/adc-laws.ts';
import { chipEnergies } from '../../../src-shared/energy/accelerators/bit-parallel.ts';
import { builtinAccelerator, builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { holds } from '../../../src-shared/energy/accelerators/machine.ts';
import type { Accelerator, ParametersOf } from '../../../src-shared/energy/accelerators/parameters.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { layerEnergies, type EnergyMode } from '../../../src-shared/energy/energy.ts';
import type { LayerCounts } from '../../../src-shared/measurement.ts';
import { countsAtBits } from '../../../src-shared/precision/precision-profile.ts';

/** A layer of a million MACs and a weight. */
function layerAt(bits: number): LayerCounts {
  const geometry = {
    name: 'a',
    op: 'Conv',
    inputShape: [16, 8, 8],
    outputShape: [16, 8, 8],
    kernel: [3, 3],
    groups: 1,
    macs: 1e6,
    values: 1024,
    weights: 1,
  } as const;
  return { ...countsAtBits([geometry], [bits])[0]!, nonZeroBits: bits / 2, lockstepNonZeroBits: bits };
}

function priceOf(accelerator: Accelerator, bits: number, mode: EnergyMode = 'ideal') {
  const energy = layerEnergies(accelerator, [layerAt(bits)], mode)![0]!;
  return {
    compute: energy.computePicojoules / 1e6,
    total: energy.totalPicojoules / 1e6,
    cycles: energy.cycles,
    parts: Object.fromEntries(Object.entries(energy.components).map(([name, pj]) => [name, pj / 1e6])),
  };
}

function copyOf(id: string): { parameters: Record<string, { value: unknown }> } {
  return structuredClone(builtinAccelerator(id));
}

function setField(target: unknown, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (typeof target !== 'object' || target === null || key === undefined) throw new Error('no such field');
  if (rest.length > 0) setField(Reflect.get(target, key), rest, value);
  else if (value === undefined) Reflect.deleteProperty(target, key);
  else Reflect.set(target, key, value);
}

describe('self-checks', () => {
  it.each(builtinAccelerators().map((accelerator) => [accelerator.id, accelerator] as const))(
    '%s reproduces its published figures',
    (_id, accelerator) => {
      const { selfChecks } = machineOf(accelerator);
      expect(selfChecks.length).toBeGreaterThan(1);
      expect(selfChecks.filter((check) => !holds(check))).toEqual([]);
    },
  );

  it('fail when a parameter is changed', () => {
    const copy = copyOf('isaac');
    copy.parameters['adcPower']!.value = 20;
    const { selfChecks } = machineOf(parseAccelerator(copy, 'copy.json'));
    expect(selfChecks.some((check) => !holds(check))).toBe(true);
  });
});

describe('DaDianNao', () => {
  it('spends 1.97, 1.93, 4.19 and 8.10 pJ a MAC (ISAAC, Table I)', () => {
    const { total, parts } = priceOf(builtinAccelerator('dadiannao'), 16);
    expect(parts['compute']).toBeCloseTo(1.97, 2);
    expect(parts['buffers']).toBeCloseTo(1.93, 2);
    expect(parts['offChip']).toBeCloseTo(4.19, 2);
    expect(total).toBeCloseTo(8.1, 2);
  });

  it('costs the same at every width', () => {
    for (const bits of [0, 1, 8, 15])
      expect(priceOf(builtinAccelerator('dadiannao'), bits)).toEqual(priceOf(builtinAccelerator('dadiannao'), 16));
  });
});

describe('Stripes', () => {
  const baseline = priceOf(builtinAccelerator('dadiannao'), 16);

  it.each([1, 4, 8, 9, 13, 16])('takes 16/%i of the speed-up and 1.22 x P/16 of the compute energy', (bits) => {
    const stripes = priceOf(builtinAccelerator('stripes'), bits);
    expect(baseline.cycles / stripes.cycles).toBeCloseTo(16 / bits, 9);
    expect(stripes.compute / baseline.compute).toBeCloseTo((1.22 * bits) / 16, 9);
  });

  it.each([
    [1.22, 13.1],
    [1.6, 10.0],
  ])('with a power ratio of %f breaks even at %f bits', (ratio, bits) => {
    const copy = copyOf('stripes');
    copy.parameters['powerRatio']!.value = ratio;
    const accelerator = parseAccelerator(copy, 'copy.json');
    const machine = machineOf(accelerator);
    const breakEven = machine.derivations.find(({ name }) => name === 'break-even')!.value;
    expect(breakEven).toBeCloseTo(bits, 1);
    expect(priceOf(accelerator, breakEven).compute).toBeCloseTo(baseline.compute, 9);
  });

  it('keeps buffers, network and off-chip energy of the baseline when nothing is packed', () => {
    const { parts } = priceOf(builtinAccelerator('stripes'), 4);
    for (const name of ['buffers', 'network', 'offChip']) expect(parts[name]).toBeCloseTo(baseline.parts[name]!, 9);
  });
});

describe('Bit-Pragmatic', () => {
  it('takes a step for each one-bit, in lock-step for each step of the pallet', () => {
    const { compute } = chipEnergies(builtinAccelerator('pragmatic').parameters as ParametersOf<'pragmatic'>);
    expect(priceOf(builtinAccelerator('pragmatic'), 8).compute).toBeCloseTo((2.03 * compute * 4) / 16, 9);
    expect(priceOf(builtinAccelerator('pragmatic'), 8, 'lockstep').compute).toBeCloseTo((2.03 * compute * 8) / 16, 9);
  });
});

describe('ISAAC', () => {
  it('spends 2.686 pJ in the tile and 3.187 pJ in the chip for a 16-bit MAC, by parts as published', () => {
    const { total, parts } = priceOf(builtinAccelerator('isaac'), 16);
    // The tile's printed 330 mW are rounded from 329.8.
    expect(Math.abs(total - parts['offChip']! - 2.686)).toBeLessThan(0.002);
    expect(Math.abs(total - 3.187)).toBeLessThan(0.002);
    expect(parts['adc']).toBeCloseTo(1.5625, 6);
    expect(parts['dac']).toBeCloseTo(0.3906, 4);
    expect(parts['array']).toBeCloseTo(0.2344 + 0.001, 3);
    expect(parts['buffers']).toBeCloseTo(0.1685, 4);
    expect(parts['registers']).toBeCloseTo(0.1211 + 0.0225 + 0.0137, 3);
    expect(parts['network']).toBeCloseTo(0.057 + 0.0854, 3);
    expect(parts['compute']).toBeCloseTo(0.0195, 4);
  });

  it('scales conversions with activation bits and nothing else', () => {
    const full = priceOf(builtinAccelerator('isaac'), 16);
    const quarter = priceOf(builtinAccelerator('isaac'), 4);
    for (const name of ['adc', 'dac', 'array', 'compute'])
      expect(quarter.parts[name]).toBeCloseTo(full.parts[name]! / 4, 12);
    for (const name of ['buffers', 'registers', 'network', 'periphery', 'offChip'])
      expect(quarter.parts[name]).toBe(full.parts[name]);
    expect(quarter.cycles).toBeCloseTo(full.cycles / 4, 12);
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
    const copy = copyOf('isaac');
    copy.parameters['adcLaw']!.value = law;
    copy.parameters['adcResolvedBits']!.value = 6;
    expect(priceOf(parseAccelerator(copy, 'copy.json'), 16).parts['adc']).toBeCloseTo(1.5625 * at6, 3);
  });

  it('knows every law', () => expect(ADC_LAWS).toHaveLength(4));
});

describe('TPU v1', () => {
  it('peaks at 91.75 TOPS and spends 0.87 pJ a MAC when busy', () => {
    const machine = machineOf(builtinAccelerator('tpu-v1'));
    expect(machine.derivations.find(({ name }) => name === 'peak')!.value).toBeCloseTo(91.75, 2);
    expect(priceOf(builtinAccelerator('tpu-v1'), 8).compute).toBeCloseTo(0.87, 2);
  });

  it('gains nothing below 8 bits; above, runs at half, with 16-bit weights at quarter speed', () => {
    const tpu = builtinAccelerator('tpu-v1');
    const at8 = priceOf(tpu, 8);
    for (const bits of [0, 2, 7]) expect(priceOf(tpu, bits)).toEqual(at8);
    for (const bits of [9, 16]) {
      expect(priceOf(tpu, bits).cycles).toBe(2 * at8.cycles);
      expect(priceOf(tpu, bits).compute).toBe(2 * at8.compute);
    }
    const copy = copyOf('tpu-v1');
    copy.parameters['weightBits']!.value = 16;
    expect(priceOf(parseAccelerator(copy, 'copy.json'), 16).cycles).toBe(4 * at8.cycles);
  });

  it('pays for the widest value of a layer, however few there are', () => {
    const layer = { ...layerAt(4), maxBits: 16 };
    const [energy] = layerEnergies(builtinAccelerator('tpu-v1'), [layer], 'ideal')!;
    expect(energy!.cycles).toBe(2 * priceOf(builtinAccelerator('tpu-v1'), 8).cycles);
  });
});

describe('parseAccelerator', () => {
  it.each([
    ['a text for a number', 'parameters.tiles.value', 'sixteen', 'expected number, found "sixteen"'],
    ['a number out of range', 'parameters.nfuPower.value', -1, 'Too small: expected number to be >0, found -1'],
    ['another unit', 'parameters.busPower.unit', 'W', 'expected "mW", found "W"'],
    ['no source', 'parameters.clock.source', undefined, 'expected string, found nothing'],
    ['a missing parameter', 'parameters.powerRatio', undefined, 'expected object, found nothing'],
    ['an id with spaces', 'id', 'my chip', 'expected lower-case letters'],
    ['an unknown kind', 'kind', 'loom', 'found "loom"'],
  ])('names the field of %s', (_what, field, value, fault) => {
    const copy: unknown = structuredClone(builtinAccelerator('stripes'));
    setField(copy, field.split('.'), value);
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow(`accelerator mine.json: field ${field}: `);
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow(fault);
  });

  it('names a field too many', () => {
    const copy: unknown = structuredClone(builtinAccelerator('stripes'));
    setField(copy, ['parameters', 'nfuEnergy'], {});
    expect(() => parseAccelerator(copy, 'mine.json')).toThrow('parameters has "nfuEnergy", which is not a field here');
  });

  it.each([null, 3, [], {}])('refuses %j', (value) => {
    expect(() => parseAccelerator(value, 'mine.json')).toThrow(FoveaError);
  });

  it('labels what rests on an unconfirmed figure', () => {
    const copy = copyOf('stripes');
    Object.assign(copy.parameters['powerRatio']!, { flag: 'unconfirmed' });
    expect(acceleratorLabel(parseAccelerator(copy, 'copy.json'))).toContain(UNCONFIRMED);
    expect(acceleratorLabel(builtinAccelerator('stripes'))).toBe('Stripes');
    // Its first-stage shifters of 2 bits are widely quoted only.
    expect(acceleratorLabel(builtinAccelerator('pragmatic'))).toContain(UNCONFIRMED);
  });
});

describe('builtinAccelerator', () => {
  it('takes an id or a name in any case and lists the valid ones otherwise', () => {
    expect(builtinAccelerator('Bit-Pragmatic').id).toBe('pragmatic');
    expect(builtinAccelerator('STRIPES').id).toBe('stripes');
    expect(() => builtinAccelerator('loom')).toThrow(FoveaError);
  });
});
