import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinAccelerator, builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import {
  ENERGY_MODES,
  estimateAll,
  estimateEnergy,
  layerEnergies,
  type EnergyEstimate,
  type EnergyMode,
} from '../../../src-shared/energy/energy.ts';
import { addEnergy, meanEnergy, scaleEnergy } from '../../../src-shared/energy/energy-sum.ts';
import { macWeightedBits, type LayerCounts } from '../../../src-shared/measurement.ts';
import { describedNetwork } from '../../../src-shared/energy/networks.ts';
import { countsAtBits } from '../../../src-shared/precision/precision-profile.ts';

const vgg16 = describedNetwork('vgg16');
const ALL = builtinAccelerators();

/** Every layer of VGG-16 at its own width, one-bits supposed to be 3/8 of it, 6/8 on a pallet. */
function vggAt(bits: readonly number[]): LayerCounts[] {
  return countsAtBits(vgg16.layers, bits).map((layer) => ({
    ...layer,
    nonZeroBits: (layer.meanBits * 3) / 8,
    lockstepNonZeroBits: (layer.meanBits * 6) / 8,
    nonZeroBitsAt8: 3,
    lockstepNonZeroBitsAt8: 6,
  }));
}
const vggBits = fc.array(fc.integer({ min: 0, max: 16 }), {
  minLength: vgg16.layers.length,
  maxLength: vgg16.layers.length,
});
/** Mixed widths: lock-step figures lie anywhere between the mean and the widest value. */
const mixedLayers = fc
  .array(fc.tuple(fc.double({ min: 0, max: 16, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: vgg16.layers.length,
    maxLength: vgg16.layers.length,
  })
  .map((draws) =>
    vggAt(draws.map(() => 0)).map((layer, k): LayerCounts => {
      const [meanBits, spread] = draws[k]!;
      const lockstepBits = meanBits + spread * (16 - meanBits);
      return {
        ...layer,
        meanBits,
        lockstepBits,
        crossbarBits: meanBits + (spread / 2) * (16 - meanBits),
        maxBits: Math.ceil(lockstepBits),
        nonZeroBits: meanBits / 2,
        lockstepNonZeroBits: lockstepBits / 2,
        precisionGroups: Math.ceil(layer.values / 16),
        rangeExponents: layer.inputShape[1] * layer.inputShape[2],
      };
    }),
  );

function estimateOf(estimates: readonly EnergyEstimate[], accelerator: string, mode: EnergyMode): EnergyEstimate {
  return estimates.find((estimate) => estimate.accelerator === accelerator && estimate.mode === mode)!;
}

describe('estimates', () => {
  it('never rise when bits fall', () => {
    fc.assert(
      fc.property(vggBits, fc.nat({ max: vgg16.layers.length - 1 }), fc.boolean(), (bits, k, packedStorage) => {
        const fewer = bits.map((width, j) => (j === k ? Math.max(0, width - 1) : width));
        const before = estimateAll(ALL, vggAt(bits), { packedStorage }).estimates;
        const after = estimateAll(ALL, vggAt(fewer), { packedStorage }).estimates;
        for (const [i, estimate] of after.entries()) {
          expect(estimate.computePicojoules).toBeLessThanOrEqual(before[i]!.computePicojoules);
          expect(estimate.totalPicojoules).toBeLessThanOrEqual(before[i]!.totalPicojoules);
          expect(estimate.cycles).toBeLessThanOrEqual(before[i]!.cycles);
        }
      }),
    );
  });

  it('cost in lock-step at least what they cost ideally', () => {
    fc.assert(
      fc.property(mixedLayers, (layers) => {
        const { estimates } = estimateAll(ALL, layers);
        for (const { id } of ALL) {
          const ideal = estimateOf(estimates, id, 'ideal');
          const lockstep = estimateOf(estimates, id, 'lockstep');
          expect(lockstep.computePicojoules).toBeGreaterThanOrEqual(ideal.computePicojoules);
          expect(lockstep.totalPicojoules).toBeGreaterThanOrEqual(ideal.totalPicojoules);
          expect(lockstep.cycles).toBeGreaterThanOrEqual(ideal.cycles);
        }
      }),
    );
  });

  it('are the same in both modes for uniform bits', () => {
    for (let bits = 0; bits <= 16; bits++) {
      const { estimates } = estimateAll(ALL, vggAt(vgg16.layers.map(() => bits)));
      for (const id of ['dadiannao', 'stripes', 'isaac', 'tpu-v1'])
        expect({ ...estimateOf(estimates, id, 'lockstep'), mode: 'ideal' }).toEqual(estimateOf(estimates, id, 'ideal'));
    }
  });

  it('sum over components and over layers to the whole', () => {
    fc.assert(
      fc.property(
        mixedLayers,
        fc.constantFrom(...ALL),
        fc.constantFrom(...ENERGY_MODES),
        (layers, accelerator, mode) => {
          const whole = estimateOf(estimateEnergy(accelerator, layers), accelerator.id, mode);
          const sum = (energies: readonly number[]) => energies.reduce((total, energy) => total + energy, 0);
          const near = (value: number, expected: number) =>
            expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * expected);
          near(sum(Object.values(whole.components)), whole.totalPicojoules);
          const parts = layerEnergies(accelerator, layers, mode)!;
          near(sum(parts.map((part) => part.totalPicojoules)), whole.totalPicojoules);
          near(sum(parts.map((part) => part.computePicojoules)), whole.computePicojoules);
          near(sum(parts.map((part) => part.cycles)), whole.cycles);
          for (const [name, energy] of Object.entries(whole.components))
            near(sum(parts.map((part) => part.components[name]!)), energy);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('relate to uniform 8 bits and to the 16-bit baseline', () => {
    const { estimates } = estimateAll(ALL, vggAt(vgg16.layers.map(() => 4)));
    const saved = (id: string) => estimateOf(estimates, id, 'ideal');
    expect(saved('stripes').savedVs8bit).toBeCloseTo(0.5, 12);
    expect(saved('stripes').savedVs16bitParallel).toBeCloseTo(1 - (1.22 * 4) / 16, 12);
    expect(saved('pragmatic').savedVs8bit).toBeCloseTo(0.5, 12);
    expect(saved('isaac').savedVs8bit).toBeCloseTo(0.5, 12);
    expect(saved('dadiannao').savedVs8bit).toBe(0);
    expect(saved('dadiannao').savedVs16bitParallel).toBe(0);
    expect(saved('tpu-v1').savedVs8bit).toBe(0);
    expect(saved('stripes').totalSavedVs8bit).toBeGreaterThan(0);
    expect(saved('stripes').totalSavedVs8bit).toBeLessThan(0.5);
  });

  it('save on Stripes what the MAC-weighted bits say', () => {
    fc.assert(
      fc.property(mixedLayers, (layers) => {
        const [ideal] = estimateEnergy(builtinAccelerator('stripes'), layers);
        expect(ideal!.savedVs8bit).toBeCloseTo(1 - macWeightedBits(layers) / 8, 9);
      }),
    );
  });

  it('lose above 8 bits on a machine of 8-bit words', () => {
    const [ideal] = estimateEnergy(builtinAccelerator('tpu-v1'), vggAt(vgg16.layers.map(() => 16)));
    expect(ideal!.savedVs8bit).toBeCloseTo(-1, 12);
  });

  it('compare with a static profile when there is one', () => {
    const layers = vggAt(vgg16.layers.map(() => 4));
    const staticProfile = vgg16.layers.map(() => 5);
    const { estimates } = estimateAll(ALL, layers, { staticProfile });
    expect(estimateOf(estimates, 'stripes', 'ideal').savedVsStatic).toBeCloseTo(0.2, 12);
    expect(estimateOf(estimates, 'isaac', 'lockstep').savedVsStatic).toBeCloseTo(0.2, 12);
    // One-bits at 5 bits were not counted.
    expect(estimateOf(estimates, 'pragmatic', 'ideal').savedVsStatic).toBeNull();
    expect(estimateOf(estimateAll(ALL, layers).estimates, 'stripes', 'ideal').savedVsStatic).toBeNull();
  });

  it('leave Pragmatic out, with the reason, when one-bits were not counted', () => {
    const layers = countsAtBits(
      vgg16.layers,
      vgg16.layers.map(() => 8),
    );
    const { estimates, leftOut } = estimateAll(ALL, layers);
    expect(estimates.map(({ accelerator }) => accelerator)).not.toContain('pragmatic');
    expect(leftOut).toEqual(
      ENERGY_MODES.map((mode) => ({
        accelerator: 'pragmatic',
        mode,
        reason: expect.stringContaining('one-bits') as string,
      })),
    );
    expect(layerEnergies(builtinAccelerator('pragmatic'), layers, 'ideal')).toBeNull();
  });
});

describe('metadata', () => {
  it('is a component of its own, charged only where widths are of use', () => {
    const plain = vggAt(vgg16.layers.map(() => 4));
    const withMetadata = plain.map((layer) => ({
      ...layer,
      precisionGroups: layer.values / 16,
      rangeExponents: layer.inputShape[1] * layer.inputShape[2],
    }));
    for (const accelerator of ALL) {
      const [without] = estimateEnergy(accelerator, plain);
      const [estimate] = estimateEnergy(accelerator, withMetadata);
      const metadata = estimate!.components['metadata'];
      if (accelerator.id === 'dadiannao' || accelerator.id === 'tpu-v1') expect(metadata).toBeUndefined();
      else expect(metadata).toBeGreaterThan(0);
      expect(estimate!.totalPicojoules - without!.totalPicojoules).toBeCloseTo(metadata ?? 0, -3);
      expect(estimate!.computePicojoules).toBe(without!.computePicojoules);
    }
  });

  it('moves once in and once out for every pass over the filters', () => {
    // 64 values that each take part in 2 MACs with each of 512 filters: two passes of 256 filters, four reads and a write.
    const layer: LayerCounts = {
      ...countsAtBits(
        [
          {
            name: 'a',
            op: 'Conv',
            inputShape: [16, 2, 2],
            outputShape: [512, 2, 4],
            kernel: [1, 1],
            groups: 1,
            macs: 64 * 2 * 512,
            values: 64,
            weights: 1,
          },
        ],
        [8],
      )[0]!,
      precisionGroups: 4,
      rangeExponents: 2,
    };
    const [energy] = layerEnergies(builtinAccelerator('stripes'), [layer], 'ideal')!;
    const perBit = (4.8 / (16 * 256 * 606e6) / 16) * 1e12;
    expect(energy!.components['metadata']).toBeCloseTo((4 * 4 + 2 * 8) * 5 * perBit, 9);
  });
});

describe('packed storage', () => {
  it('moves fewer bits and leaves compute as it is', () => {
    const layers = vggAt(vgg16.layers.map(() => 4));
    const moved = (accelerator: string, packedStorage: boolean) =>
      estimateOf(estimateAll(ALL, layers, { packedStorage }).estimates, accelerator, 'ideal');
    for (const id of ['stripes', 'pragmatic', 'isaac']) {
      expect(moved(id, true).components['buffers']).toBeLessThan(moved(id, false).components['buffers']!);
      expect(moved(id, true).computePicojoules).toBe(moved(id, false).computePicojoules);
    }
    // All that ISAAC's buffer holds are activations: 4 of 16 bits are a quarter.
    expect(moved('isaac', true).components['buffers']! / moved('isaac', false).components['buffers']!).toBeCloseTo(
      0.25,
      12,
    );
    expect(moved('dadiannao', true)).toEqual(moved('dadiannao', false));
  });
});

describe('sums', () => {
  it('of two parts of a network equal the whole', () => {
    fc.assert(
      fc.property(mixedLayers, fc.integer({ min: 1, max: vgg16.layers.length - 1 }), (layers, cut) => {
        // Machines without a price for the network's input: where a network is cut does not matter.
        for (const id of ['dadiannao', 'stripes', 'pragmatic', 'isaac']) {
          const accelerator = builtinAccelerator(id);
          const whole = estimateEnergy(accelerator, layers);
          const head = estimateEnergy(accelerator, layers.slice(0, cut));
          const tail = estimateEnergy(accelerator, layers.slice(cut));
          for (const [k, estimate] of whole.entries()) expectNear(addEnergy(head[k]!, tail[k]!), estimate);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('of images give the mean, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(mixedLayers, { minLength: 2, maxLength: 4 }), (images) => {
        const estimates = images.map((layers) => estimateAll(ALL, layers).estimates);
        const mean = meanEnergy(estimates);
        const reversed = meanEnergy([...estimates].reverse());
        for (const [k, estimate] of mean.entries()) {
          expectNear(reversed[k]!, estimate);
          const total = estimates.reduce((sum, image) => sum + image[k]!.totalPicojoules, 0);
          expect(estimate.totalPicojoules).toBeCloseTo(total / images.length, -4);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('leave out an accelerator that one image lacks', () => {
    const counted = estimateAll(ALL, vggAt(vgg16.layers.map(() => 4))).estimates;
    const uncounted = estimateAll(
      ALL,
      countsAtBits(
        vgg16.layers,
        vgg16.layers.map(() => 4),
      ),
    ).estimates;
    expect(new Set(meanEnergy([counted, uncounted]).map(({ accelerator }) => accelerator))).toEqual(
      new Set(['dadiannao', 'stripes', 'isaac', 'tpu-v1']),
    );
    expect(meanEnergy([])).toEqual([]);
  });

  it('refuse what does not belong together', () => {
    const [ideal, lockstep] = estimateEnergy(builtinAccelerator('stripes'), vggAt(vgg16.layers.map(() => 4)));
    const [other] = estimateEnergy(builtinAccelerator('isaac'), vggAt(vgg16.layers.map(() => 4)));
    expect(() => addEnergy(ideal!, lockstep!)).toThrow(RangeError);
    expect(() => addEnergy(ideal!, other!)).toThrow(RangeError);
    expect(scaleEnergy(ideal!, 2).savedVs8bit).toBe(ideal!.savedVs8bit);
  });
});

describe('a permutation of regions', () => {
  /** Mean over pallets of 16 positions of their widest value, as the counts define it. */
  function lockstepOf(bitMap: readonly number[]): number {
    let sum = 0;
    for (let p = 0; p < bitMap.length; p += 16) {
      const pallet = bitMap.slice(p, p + 16);
      sum += Math.max(...pallet) * pallet.length;
    }
    return sum / bitMap.length;
  }

  it('changes lock-step figures only', () => {
    const geometry = vgg16.layers[8]!;
    const positions = geometry.inputShape[1] * geometry.inputShape[2];
    const map = fc.array(fc.constantFrom(0, 2, 4, 8), { minLength: positions, maxLength: positions });
    const countsOf = (bitMap: readonly number[]): LayerCounts => ({
      ...countsAtBits([geometry], [0])[0]!,
      meanBits: bitMap.reduce((sum, bits) => sum + bits, 0) / positions,
      lockstepBits: lockstepOf(bitMap),
      crossbarBits: lockstepOf(bitMap),
      maxBits: Math.max(...bitMap),
    });
    fc.assert(
      fc.property(map, (bitMap) => {
        const sorted = [...bitMap].sort((a, b) => a - b);
        for (const id of ['stripes', 'isaac', 'tpu-v1', 'dadiannao']) {
          const accelerator = builtinAccelerator(id);
          const [idealBefore, lockstepBefore] = estimateEnergy(accelerator, [countsOf(bitMap)]);
          const [idealAfter, lockstepAfter] = estimateEnergy(accelerator, [countsOf(sorted)]);
          expect(idealAfter).toEqual(idealBefore);
          // Sorting puts equals together: no arrangement has cheaper pallets.
          expect(lockstepAfter!.computePicojoules).toBeLessThanOrEqual(lockstepBefore!.computePicojoules);
        }
      }),
      { numRuns: 30 },
    );
  });
});

function expectNear(estimate: EnergyEstimate, expected: EnergyEstimate): void {
  const numbers = (value: EnergyEstimate) => [
    value.computePicojoules,
    value.totalPicojoules,
    value.cycles,
    value.seconds,
    value.references.uniform8.totalPicojoules,
    value.references.bitParallel16.computePicojoules,
    ...Object.values(value.components),
  ];
  const [actual, wanted] = [numbers(estimate), numbers(expected)];
  for (const [k, value] of wanted.entries()) expect(Math.abs(actual[k]! - value)).toBeLessThanOrEqual(1e-9 * value);
  expect(estimate.savedVs8bit).toBeCloseTo(expected.savedVs8bit, 9);
  expect(estimate.savedVs16bitParallel).toBeCloseTo(expected.savedVs16bitParallel, 9);
}
