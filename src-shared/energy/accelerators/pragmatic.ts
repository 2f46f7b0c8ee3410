import type { Machine } from './machine.ts';
import type { ParametersOf } from './parameters.ts';
import { serialDerivations, serialPrices } from './stripes.ts';

/**
 * Bit-Pragmatic (Albericio et al., MICRO 2017): only one-bits take a step. The counts must come from real activations; at a
 * uniform width they are known only for the 8 bits the run counted beside its plan.
 */
export function pragmatic(chip: ParametersOf<'pragmatic'>): Machine {
  const source = 'Albericio et al., MICRO 2017';
  return {
    prices: serialPrices(chip),
    steps: (layer, mode) => (mode === 'ideal' ? layer.nonZeroBits : layer.lockstepNonZeroBits),
    uniformSteps: (layer, bits, mode) => {
      if (bits === 0) return 0;
      if (bits !== 8) return null;
      return mode === 'ideal' ? layer.nonZeroBitsAt8 : layer.lockstepNonZeroBitsAt8;
    },
    derivations: serialDerivations(chip),
    selfChecks: [
      {
        name: 'Power over DaDianNao, speed-up 2.6 / efficiency 1.28',
        computed: chip.powerRatio.value,
        expected: 2.6 / 1.28,
        tolerance: 0.005,
        unit: 'x',
        source,
        flag: 'derived',
      },
      {
        name: 'Mean steps that the speed-up of 2.6 implies, against break-even',
        computed: 16 / chip.powerRatio.value / (16 / 2.6),
        expected: 1.28,
        tolerance: 0.005,
        unit: 'x',
        source,
        flag: 'printed',
      },
    ],
  };
}
