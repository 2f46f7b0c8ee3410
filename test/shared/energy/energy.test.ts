import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinAccelerator, builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import type { EnergyEstimate } from '../../../src-shared/energy/energy-estimate.ts';
import { ENERGY_MODES, type EnergyMode } from '../../../src-shared/energy/energy-mode.ts';
import { addEnergy, scaleEnergy } from '../../../src-shared/energy/energy-sum.ts';
import { IDLE_LANES, STORAGES } from '../../../src-shared/energy/energy-switches.ts';
import {
  estimateAll,
  estimateEnergy,
  layerEnergies,
  layerUtilisations,
  type EnergyOptions,
} from '../../../src-shared/energy/energy.ts';
import { describedNetwork } from '../../../src-shared/energy/networks.ts';
import { macWeightedBits, type LayerCounts } from '../../../src-shared/measurement.ts';
import { bitsSaved } from '../../../src-shared/runs/plan-claims.ts';
import { countsAtBits } from '../../../src-shared/precision/precision-profile.ts';

const vgg16 = describedNetwork('vgg16');
const ALL = builtinAccelerators();
const IDS = ALL.map(({ id }) => id);

/** Every layer of VGG-16 at its own width, one-bits supposed to be 3/8 of it in every mode; groups need all bits. */
function vggAt(bits: readonly number[]): LayerCounts[] {
  return countsAtBits(vgg16.layers, bits).map((layer) => ({
    ...layer,
    zeroShare: 1 - layer.meanBits / 16,
    zeroShareAt8: 0.5,
    nonZeroBits: (layer.meanBits * 3) / 8,
    lockstepNonZeroBits: (layer.meanBits * 3) / 8,
    compactedNonZeroBits: (layer.meanBits * 3) / 8,
    nonZeroBitsAt8: 3,
    lockstepNonZeroBitsAt8: 3,
  }));
}
const uniformly = (bits: number) => vggAt(vgg16.layers.map(() => bits));
const vggBits = fc.array(fc.integer({ min: 0, max: 16 }), {
  minLength: vgg16.layers.length,
  maxLength: vgg16.layers.length,
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Mixed widths: from the mean up lie the groups, the packed pallets, the pallets and the widest value. */
const mixedLayers = fc
  .array(fc.tuple(fc.double({ min: 0, max: 16, noNaN: true }), share, share, share), {
    minLength: vgg16.layers.length,
    maxLength: vgg16.layers.length,
  })
  .map((draws) =>
    uniformly(0).map((layer, k): LayerCounts => {
      const [meanBits, spread, packing, need] = draws[k]!;
      const lockstepBits = meanBits + spread * (16 - meanBits);
      const compactedBits = meanBits + packing * (lockstepBits - meanBits);
      return {
        ...layer,
        meanBits,
        lockstepBits,
        compactedBits,
        crossbarBits: meanBits + (spread / 2) * (16 - meanBits),
        maxBits: Math.ceil(lockstepBits),
        zeroShare: need,
        nonZeroBits: meanBits / 2,
        compactedNonZeroBits: compactedBits / 2,
        lockstepNonZeroBits: lockstepBits / 2,
        groupBits: need * meanBits,
        compactedPalletBits: need * compactedBits,
        palletBits: need * lockstepBits,
        levelMapBits: 196,
        rangeExponents: layer.inputShape[1] * layer.inputShape[2],
        rescaledSums: layer.macs / layer.inputShape[0],
      };
    }),
  );
const switches: fc.Arbitrary<EnergyOptions> = fc.record({
  storage: fc.constantFrom(...STORAGES),
  weights: fc.constantFrom('resident' as const, 'dram' as const),
  idleLanes: fc.constantFrom(...IDLE_LANES),
});

function estimateOf(estimates: readonly EnergyEstimate[], accelerator: string, mode: EnergyMode): EnergyEstimate {
  return estimates.find((estimate) => estimate.accelerator === accelerator && estimate.mode === mode)!;
}

describe('estimates', () => {
  it('never rise when bits fall', () => {
    fc.assert(
      fc.property(vggBits, fc.nat({ max: vgg16.layers.length - 1 }), switches, (bits, k, options) => {
        const fewer = bits.map((width, j) => (j === k ? Math.max(0, width - 1) : width));
        const before = estimateAll(ALL, vggAt(bits), options).estimates;
        const after = estimateAll(ALL, vggAt(fewer), options).estimates;
        for (const [i, estimate] of after.entries()) {
          expectAtMost(estimate.computePicojoules, before[i]!.computePicojoules);
          expectAtMost(estimate.totalPicojoules, before[i]!.totalPicojoules);
          expectAtMost(estimate.cycles, before[i]!.cycles);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('cost ideally at most what they cost compacted, and that at most what they cost in lock-step', () => {
    fc.assert(
      fc.property(mixedLayers, switches, (layers, options) => {
        const { estimates } = estimateAll(ALL, layers, options);
        for (const id of IDS) {
          const [ideal, compacted, lockstep] = ENERGY_MODES.map((mode) => estimateOf(estimates, id, mode));
          for (const figure of ['computePicojoules', 'totalPicojoules', 'cycles'] as const) {
            expectAtMost(ideal![figure], compacted![figure]);
            expectAtMost(compacted![figure], lockstep![figure]);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are the same in all modes for uniform bits', () => {
    for (let bits = 0; bits <= 16; bits++) {
      const { estimates } = estimateAll(ALL, uniformly(bits));
      for (const id of IDS)
        for (const mode of ENERGY_MODES)
          expect({ ...estimateOf(estimates, id, mode), mode: 'ideal' }).toEqual(estimateOf(estimates, id, 'ideal'));
    }
  });

  it('sum over components and over layers to the whole', () => {
    fc.assert(
      fc.property(
        mixedLayers,
        fc.constantFrom(...ALL),
        fc.constantFrom(...ENERGY_MODES),
        switches,
        (layers, accelerator, mode, options) => {
          const whole = estimateOf(estimateEnergy(accelerator, layers, options), accelerator.id, mode);
          const sum = (energies: readonly number[]) => energies.reduce((total, energy) => total + energy, 0);
          const near = (value: number, expected: number) =>
            expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * expected);
          near(sum(Object.values(whole.components)), whole.totalPicojoules);
          const parts = layerEnergies(accelerator, layers, mode, options)!;
          near(sum(parts.map((part) => part.totalPicojoules)), whole.totalPicojoules);
          near(sum(parts.map((part) => part.computePicojoules)), whole.computePicojoules);
          near(sum(parts.map((part) => part.cycles)), whole.cycles);
          near(sum(parts.map((part) => part.cycles * part.utilisation)), whole.cycles * whole.utilisation);
          for (const [name, energy] of Object.entries(whole.components))
            near(sum(parts.map((part) => part.components[name]!)), energy);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('relate to uniform 8 bits and to the 16-bit baseline', () => {
    const { estimates } = estimateAll(ALL, uniformly(4));
    const saved = (id: string) => estimateOf(estimates, id, 'lockstep');
    for (const id of ['stripes', 'dynamic-stripes', 'pragmatic', 'laconic', 'bit-fusion', 'isaac'])
      expect(saved(id).savedVs8bit, id).toBeCloseTo(0.5, 9);
    expect(saved('stripes').savedVs16bitParallel).toBeCloseTo(1 - (1.22 * 4) / 16, 12);
    for (const id of ['dadiannao', 'tpu-v1', 'unpu']) expect(saved(id).savedVs8bit, id).toBe(0);
    expect(saved('dadiannao').savedVs16bitParallel).toBe(0);
    expect(saved('stripes').totalSavedVs8bit).toBeGreaterThan(0);
    expect(saved('stripes').totalSavedVs8bit).toBeLessThan(0.5);
    // Three quarters of the values are zero, and half at 8 bits.
    expect(saved('eyeriss').savedVs8bit).toBeCloseTo(0.5, 9);
  });

  it('never compare the power of a whole die with that of a core', () => {
    for (const { accelerator, savedVs16bitParallel, totalSavedVs16bitParallel, references } of estimateAll(
      ALL,
      uniformly(4),
    ).estimates) {
      const isDie = accelerator === 'tpu-v1' || accelerator === 'unpu';
      for (const figure of [savedVs16bitParallel, totalSavedVs16bitParallel, references.bitParallel16])
        expect(figure === null, accelerator).toBe(isDie);
    }
  });

  it('save ideally on Stripes what the MAC-weighted bits say, but for rescaling', () => {
    fc.assert(
      fc.property(mixedLayers, (layers) => {
        const estimate = estimateOf(estimateEnergy(builtinAccelerator('stripes'), layers), 'stripes', 'ideal');
        const steps = estimate.components['compute']! / estimate.references.uniform8.computePicojoules;
        expect(steps).toBeCloseTo(macWeightedBits(layers) / 8, 9);
      }),
    );
  });

  it('compare with a static profile when there is one', () => {
    const layers = uniformly(4);
    const staticProfile = vgg16.layers.map(() => 5);
    const { estimates } = estimateAll(ALL, layers, { staticProfile });
    expect(estimateOf(estimates, 'stripes', 'ideal').savedVsStatic).toBeCloseTo(0.2, 12);
    expect(estimateOf(estimates, 'isaac', 'lockstep').savedVsStatic).toBeCloseTo(0.2, 12);
    // Ranges by position cost a static profile as much as the plan.
    const byPosition = layers.map((layer) => ({ ...layer, rangeExponents: 64, rescaledSums: layer.macs / 64 }));
    const same = estimateAll(ALL, byPosition, { staticProfile: vgg16.layers.map(() => 4) }).estimates;
    expect(estimateOf(same, 'stripes', 'lockstep').savedVsStatic).toBe(0);
    expect(estimateOf(same, 'stripes', 'lockstep').totalSavedVsStatic).toBe(0);
    // One-bits, widths of groups and zeros at 5 bits were not counted.
    for (const id of ['pragmatic', 'dynamic-stripes', 'eyeriss'])
      expect(estimateOf(estimates, id, 'ideal').savedVsStatic, id).toBeNull();
    expect(estimateOf(estimateAll(ALL, layers).estimates, 'stripes', 'ideal').savedVsStatic).toBeNull();
  });

  it('tell what could not be priced, and why', () => {
    const layers = countsAtBits(
      vgg16.layers,
      vgg16.layers.map(() => 8),
    ).map((layer) => ({ ...layer, compactedBits: null, groupBits: null, palletBits: null, compactedPalletBits: null }));
    const { estimates, notPriced } = estimateAll(ALL, layers);
    for (const mode of ENERGY_MODES) {
      const reasonOf = (id: string) => notPriced.find((left) => left.accelerator === id && left.mode === mode)?.reason;
      expect(reasonOf('pragmatic')).toContain('one-bits');
      expect(reasonOf('dynamic-stripes')).toContain('widths that groups');
      expect(reasonOf('stripes')).toBe(mode === 'compacted' ? 'packed windows were not counted' : undefined);
    }
    // Nothing falls away in silence.
    expect(estimates.length + notPriced.length).toBe(ALL.length * ENERGY_MODES.length);
    expect(layerEnergies(builtinAccelerator('pragmatic'), layers, 'ideal')).toBeNull();
    const shapeshifter = estimateAll([builtinAccelerator('stripes')], layers, { storage: 'shapeshifter' });
    expect(shapeshifter.notPriced.map(({ reason }) => reason)).toContain(
      'the widths that groups of activations need were not counted',
    );
  });
});

describe('switches', () => {
  it('store packed at most what they store unpacked, whatever the machine', () => {
    fc.assert(
      fc.property(mixedLayers, switches, (layers, options) => {
        const { estimates: unpacked } = estimateAll(ALL, layers, { ...options, storage: 'unpacked' });
        for (const storage of ['packed', 'shapeshifter'] as const) {
          const { estimates } = estimateAll(ALL, layers, { ...options, storage });
          for (const [k, estimate] of estimates.entries()) {
            expectAtMost(estimate.totalPicojoules, unpacked[k]!.totalPicojoules);
            expect(estimate.computePicojoules).toBe(unpacked[k]!.computePicojoules);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('place weights by capacity unless told, as far as the machine has the choice', () => {
    const squeezenet = describedNetwork('squeezenet1.1').layers;
    const placed = (layers: LayerCounts[], weights: 'auto' | 'resident' | 'dram', id: string) => {
      const [{ weightsFrom, chips }] = estimateEnergy(builtinAccelerator(id), layers, { weights }) as [EnergyEstimate];
      return `${weightsFrom} ${chips}`;
    };
    const small = countsAtBits(
      squeezenet,
      squeezenet.map(() => 8),
    );
    const large = uniformly(8);
    expect(placed(small, 'auto', 'stripes')).toBe('resident 1');
    expect(placed(small, 'dram', 'stripes')).toBe('dram 1');
    // 276.7 MB of weights of 16 bits: 9 chips of 32 MiB, 5 of 63 MiB of cells.
    expect(placed(large, 'auto', 'stripes')).toBe('dram 1');
    expect(placed(large, 'resident', 'stripes')).toBe('resident 9');
    for (const weights of ['auto', 'resident', 'dram'] as const) {
      expect(placed(large, weights, 'isaac')).toBe('resident 5');
      expect(placed(small, weights, 'tpu-v1')).toBe('dram 1');
    }
  });
});

describe('published networks', () => {
  const at = (network: string, bits: number, firstBits = bits, options: EnergyOptions = {}) => {
    const { layers } = describedNetwork(network);
    const counts = countsAtBits(
      layers,
      layers.map((_, k) => (k === 0 ? firstBits : bits)),
    );
    return estimateOf(estimateEnergy(builtinAccelerator('stripes'), counts, options), 'stripes', 'lockstep');
  };

  // Worked out by an independent program from ceilings of windows / 16, channels / 16 and filters / 256.
  it.each([
    ['squeezenet1.1', 8, 3.75],
    ['squeezenet1.1', 4, 4.76],
    ['resnet18', 8, 3.4],
    ['vgg16', 8, 1.78],
    ['mobilenetv2', 8, 297.2],
  ])('%s takes at %i bits, the first layer at 8, %f times the cycles of full use', (network, bits, ratio) => {
    expect(1 / at(network, bits, 8).utilisation).toBeCloseTo(ratio, ratio > 100 ? 0 : 1);
  });

  it('use 0.27 of Stripes on SqueezeNet 1.1, 3 of 16 lanes in its first layer', () => {
    expect(at('squeezenet1.1', 8).utilisation).toBeCloseTo(0.267, 3);
    const [first] = layerUtilisations(builtinAccelerator('stripes'), describedNetwork('squeezenet1.1').layers);
    expect(first).toBeCloseTo((3 / 16) * (64 / 256) * (12321 / 12336), 9);
  });

  it('save on SqueezeNet 1.1 at 4 bits 43 % of the chip with weights resident and 19 % from DRAM', () => {
    const resident = at('squeezenet1.1', 4, 4, { weights: 'resident' });
    expect(resident.weightsFrom).toBe('resident');
    expect(resident.totalSavedVs8bit).toBeGreaterThan(0.42);
    expect(resident.totalSavedVs8bit).toBeLessThan(0.43);
    const dram = at('squeezenet1.1', 4, 4, { weights: 'dram' });
    expect(dram.weightsFrom).toBe('dram');
    expect(dram.totalSavedVs8bit).toBeGreaterThan(0.19);
    expect(dram.totalSavedVs8bit).toBeLessThan(0.2);
    expect(at('squeezenet1.1', 4).totalSavedVs8bit).toBe(resident.totalSavedVs8bit);
  });

  it.each([
    ['squeezenet1.1', 0.326],
    ['resnet18', 0.3],
    ['vgg16', 0.464],
  ])('save on %s by power x time %f where the first layer keeps 8 bits', (network, saved) => {
    expect(at(network, 4, 8, { idleLanes: 'powered' }).savedVs8bit).toBeCloseTo(saved, 1);
    expect(at(network, 4, 8).savedVs8bit).toBeGreaterThan(at(network, 4, 8, { idleLanes: 'powered' }).savedVs8bit);
  });

  it('pay about an eighth of their compute for exact steps by position on SqueezeNet 1.1', () => {
    const { layers } = describedNetwork('squeezenet1.1');
    const counts = countsAtBits(
      layers,
      layers.map((_, k) => (k === 0 ? 8 : 4)),
    ).map((layer) => ({
      ...layer,
      rangeExponents: layer.inputShape[1] * layer.inputShape[2],
      rescaledSums: layer.macs / layer.inputShape[0],
    }));
    const { components, savedVs8bit } = estimateOf(
      estimateEnergy(builtinAccelerator('stripes'), counts),
      'stripes',
      'lockstep',
    );
    expect(components['rescaling']! / components['compute']!).toBeCloseTo(0.13, 2);
    expect(savedVs8bit).toBeCloseTo(0.4, 1);
  });
});

describe('intervals', () => {
  it('contain their point, and come from constants printed as ranges', () => {
    fc.assert(
      fc.property(mixedLayers, switches, (layers, options) => {
        for (const estimate of estimateAll(ALL, layers, options).estimates) {
          for (const figure of ['computePicojoules', 'totalPicojoules', 'savedVs8bit', 'totalSavedVs8bit'] as const) {
            const [low, high] = estimate.intervals![figure];
            expect(low).toBeLessThanOrEqual(estimate[figure]);
            expect(high).toBeGreaterThanOrEqual(estimate[figure]);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('run on Stripes from a power ratio of 1.22 to one of 1.60', () => {
    const estimate = estimateOf(estimateEnergy(builtinAccelerator('stripes'), uniformly(8)), 'stripes', 'lockstep');
    const [low, high] = estimate.intervals!.computePicojoules;
    expect(low).toBe(estimate.computePicojoules);
    expect(high / low).toBeCloseTo(1.6 / 1.22, 12);
    expect(estimate.intervals!.savedVs8bit).toEqual([0, 0]);
  });

  it('are those of the sum and the mean, too', () => {
    const [estimate] = estimateEnergy(builtinAccelerator('stripes'), uniformly(4));
    const mean = scaleEnergy(addEnergy(estimate!, estimate!), 0.5);
    for (const [name, [low, high]] of Object.entries(estimate!.intervals!)) {
      const own = mean.intervals![name as 'savedVs8bit'];
      expect(own[0]).toBeCloseTo(low, 6);
      expect(own[1]).toBeCloseTo(high, 6);
    }
  });
});

describe('sums', () => {
  it('of two parts of a network equal the whole', () => {
    fc.assert(
      fc.property(mixedLayers, fc.integer({ min: 1, max: vgg16.layers.length - 1 }), (layers, cut) => {
        // Where weights lie is decided for a network as a whole: here none are kept on a chip.
        for (const accelerator of ALL.filter(({ id }) => id !== 'isaac')) {
          const whole = estimateEnergy(accelerator, layers, { weights: 'dram' });
          const head = estimateEnergy(accelerator, layers.slice(0, cut), { weights: 'dram' });
          const tail = estimateEnergy(accelerator, layers.slice(cut), { weights: 'dram' });
          for (const [k, estimate] of whole.entries()) expectNear(addEnergy(head[k]!, tail[k]!), estimate);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuse what does not belong together', () => {
    const [ideal, compacted] = estimateEnergy(builtinAccelerator('stripes'), uniformly(4));
    const [other] = estimateEnergy(builtinAccelerator('isaac'), uniformly(4));
    const [spanning] = estimateEnergy(builtinAccelerator('stripes'), uniformly(4), { weights: 'resident' });
    for (const wrong of [compacted, other, spanning]) expect(() => addEnergy(ideal!, wrong!)).toThrow(RangeError);
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
      compactedBits: null,
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
    value.references.bitParallel16?.computePicojoules ?? 0,
    value.utilisation,
    ...Object.values(value.components),
  ];
  const [actual, wanted] = [numbers(estimate), numbers(expected)];
  for (const [k, value] of wanted.entries()) expect(Math.abs(actual[k]! - value)).toBeLessThanOrEqual(1e-9 * value);
  expect(estimate.savedVs8bit).toBeCloseTo(expected.savedVs8bit, 9);
  expect(estimate.savedVs16bitParallel ?? 0).toBeCloseTo(expected.savedVs16bitParallel ?? 0, 9);
}

/** But for the rounding of sums. */
function expectAtMost(value: number, bound: number): void {
  expect(value).toBeLessThanOrEqual(bound * (1 + 1e-12));
}

describe('a pass before the run', () => {
  const PASS = { share: 1, bits: 4 };
  const after = (layers: readonly LayerCounts[], pass = PASS) => layers.map((layer) => ({ ...layer, pass }));

  it.each(ENERGY_MODES)('costs what a run at its bits costs, on every machine, with ranges of its own: %s', (mode) => {
    const layers = uniformly(6).map((layer) => ({
      ...layer,
      rangeExponents: layer.values,
      rescaledSums: layer.macs / 9,
    }));
    // Nothing of it is skipped: no zeros, and no leading ones.
    const alone = uniformly(4).map((layer, k) => ({
      ...layer,
      zeroShare: 0,
      nonZeroBits: 4,
      lockstepNonZeroBits: 4,
      compactedNonZeroBits: 4,
      groupBits: 4,
      palletBits: 4,
      compactedPalletBits: 4,
      rangeExponents: layers[k]!.rangeExponents,
      rescaledSums: layers[k]!.rescaledSums,
    }));
    for (const accelerator of ALL) {
      const priced = (counts: readonly LayerCounts[]) => estimateEnergy(accelerator, counts, { modes: [mode] })[0]!;
      const [both, own, pass] = [priced(after(layers)), priced(layers), priced(alone)];
      for (const part of ['computePicojoules', 'totalPicojoules', 'cycles'] as const)
        expect(both[part] / (own[part] + pass[part])).toBeCloseTo(1, 9);
      // What it is held against has no pass.
      expect(both.references).toEqual(own.references);
      // Where one frame in four had a pass.
      const quarter = priced(after(layers, { share: 0.25, bits: 4 }));
      expect(quarter.totalPicojoules / (own.totalPicojoules + pass.totalPicojoules / 4)).toBeCloseTo(1, 9);
    }
  });

  it('adds its bits to those of the run, layer by layer, and to the shares that are saved', () => {
    const layers = uniformly(3);
    expect(macWeightedBits(after(layers))).toBe(7);
    expect(macWeightedBits(after(layers, { share: 0.25, bits: 4 }))).toBe(4);
    expect(bitsSaved(after(layers))).toEqual({ ideal: 1 / 8, compacted: 1 / 8, lockstep: 1 / 8 });
  });
});
