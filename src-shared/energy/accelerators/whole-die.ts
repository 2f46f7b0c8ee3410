import { baseMachine, commonPrices, lanesOf } from './base.ts';
import { picojoulesEach, type Machine } from './machine.ts';
import type { ParametersOf } from './parameters.ts';
import { wordOf } from './steps.ts';

/** What is known of these chips is the power of the whole die, buffers, registers and wires included: only what leaves it comes on top. */
function diePrices(p: ParametersOf<'tpu' | 'unpu'>, macStep: number): Machine['prices'] {
  return { macSteps: { compute: macStep }, idleSteps: { idle: macStep }, ...commonPrices(p, 0) };
}

/** Words of TPU v1; the array works on the narrower at full speed. */
const TPU_WORDS = [8, 16];

/**
 * TPU v1 (Jouppi et al., ISCA 2017): 8-bit words; a 16-bit operand halves the speed, two quarter it, and nothing is gained
 * below 8 bits. One word size a tensor, so a layer's widest value decides.
 */
export function tpu(p: ParametersOf<'tpu'>): Machine {
  const lanes = lanesOf(p.windowsAtOnce.value, p.inputsAtOnce.value, p.filtersAtOnce.value);
  const macsPerSecond = lanes.windows * lanes.inputs * lanes.filters * p.clock.value * 1e6;
  const compute = picojoulesEach(p.busyPower.value, macsPerSecond);
  return {
    ...baseMachine(p),
    lanes: { ...lanes, tapsShareInputs: true },
    steps: { kind: 'words', words: TPU_WORDS, bitsPerStep: 8 },
    weightSteps: wordOf(TPU_WORDS, p.weightBits.value) / 8,
    prices: diePrices(p, compute),
    figures: [
      {
        name: 'peak',
        formula: '2 x windowsAtOnce x inputsAtOnce x filtersAtOnce x clock',
        value: (2 * macsPerSecond) / 1e12,
        unit: 'TOPS',
      },
      {
        name: 'busy energy',
        formula: 'busyPower / (windowsAtOnce x inputsAtOnce x filtersAtOnce x clock)',
        value: compute,
        unit: 'pJ/MAC',
      },
      {
        name: 'dynamic energy',
        formula: '(busyPower - idlePower) / (windowsAtOnce x inputsAtOnce x filtersAtOnce x clock)',
        value: picojoulesEach(p.busyPower.value - p.idlePower.value, macsPerSecond),
        unit: 'pJ/MAC',
      },
    ],
  };
}

/**
 * UNPU (Lee et al., JSSC 2019): weights bit by bit, activations in parallel, so that activation bits change nothing. Energy between
 * the printed ends of 1 and 16 weight bits is taken to be linear.
 */
export function unpu(p: ParametersOf<'unpu'>): Machine {
  const lanes = lanesOf(p.windowsAtOnce.value, p.inputsAtOnce.value, p.filtersAtOnce.value);
  const weightBits = p.weightBits.value;
  /** Two operations a MAC. */
  const picojoules = (topsPerWatt: number) => 2 / topsPerWatt;
  const at1 = picojoules(p.efficiencyAt1Bit.value);
  const at16 = picojoules(p.efficiencyAt16Bits.value);
  const mac = at1 + ((at16 - at1) * (weightBits - 1)) / 15;
  return {
    ...baseMachine(p),
    lanes,
    weightSteps: weightBits,
    prices: diePrices(p, mac / weightBits),
    figures: [
      { name: 'energy at 16-bit weights', formula: '2 / efficiencyAt16Bits', value: at16, unit: 'pJ/MAC' },
      { name: 'energy at 1-bit weights', formula: '2 / efficiencyAt1Bit', value: at1, unit: 'pJ/MAC' },
      { name: 'energy', formula: 'linear between 1 and 16 weight bits', value: mac, unit: 'pJ/MAC' },
      {
        name: 'peak at 16-bit weights',
        formula: '2 x windowsAtOnce x inputsAtOnce x filtersAtOnce x clock / 16',
        value: (2 * lanes.windows * lanes.inputs * lanes.filters * p.clock.value) / 16 / 1e3,
        unit: 'GOPS',
      },
    ],
  };
}
