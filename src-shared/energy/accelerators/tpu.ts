import { FIXED_PRICES } from './bit-parallel.ts';
import { picojoulesEach, type Machine } from './machine.ts';
import type { ParametersOf } from './parameters.ts';

/**
 * TPU v1 (Jouppi et al., ISCA 2017): 8-bit words; a 16-bit operand halves the speed, two quarter it, and nothing is gained
 * below 8 bits. One word size a tensor, so a layer's widest value decides.
 */
export function tpu(p: ParametersOf<'tpu'>): Machine {
  const macsPerCycle = p.arrayRows.value * p.arrayColumns.value;
  const clockHertz = p.clock.value * 1e6;
  const macsPerSecond = macsPerCycle * clockHertz;
  const compute = picojoulesEach(p.busyPower.value, macsPerSecond);
  const dynamic = picojoulesEach(p.busyPower.value - p.idlePower.value, macsPerSecond);
  const dramPerBit = p.dramAccess.value / 64;
  const wordBits = (bits: number) => (bits > 8 ? 16 : 8);
  const passes = (bits: number) => (wordBits(bits) / 8) * (wordBits(p.weightBits.value) / 8);
  const source = 'Jouppi et al., ISCA 2017';
  return {
    prices: {
      ...FIXED_PRICES,
      perMacStep: { compute },
      perWeight: { offChip: (dramPerBit * wordBits(p.weightBits.value)) / p.imagesPerWeightFetch.value },
      perInputValue: { offChip: dramPerBit * 8 },
      cyclesPerMacStep: 1 / macsPerCycle,
      clockHertz,
    },
    steps: (layer) => passes(layer.maxBits),
    uniformSteps: (_layer, bits) => passes(bits),
    derivations: [
      {
        name: 'peak',
        formula: '2 x arrayRows x arrayColumns x clock',
        value: (2 * macsPerSecond) / 1e12,
        unit: 'TOPS',
      },
      { name: 'compute', formula: 'busyPower / MACs per second at peak', value: compute, unit: 'pJ/MAC' },
      { name: 'dynamic part', formula: '(busyPower - idlePower) / MACs per second', value: dynamic, unit: 'pJ/MAC' },
      { name: 'DRAM', formula: 'dramAccess / 64', value: dramPerBit, unit: 'pJ/bit' },
    ],
    selfChecks: [
      {
        name: 'Peak',
        computed: (2 * macsPerSecond) / 1e12,
        expected: 92,
        tolerance: 0.005,
        unit: 'TOPS',
        source,
        flag: 'printed',
      },
      {
        name: 'Busy energy at peak',
        computed: compute,
        expected: 0.87,
        tolerance: 0.005,
        unit: 'pJ/MAC',
        source: `arithmetic on ${source}`,
        flag: 'derived',
      },
      {
        name: 'Dynamic energy at peak',
        computed: dynamic,
        expected: 0.26,
        tolerance: 0.01,
        unit: 'pJ/MAC',
        source: `arithmetic on ${source}`,
        flag: 'derived',
      },
    ],
  };
}
